r"""Literals of which each match of a pattern holds one: a text with none of them need not be searched.

Most patterns are tried on most texts in vain, and a search for a plain string is some hundred times as fast as one
for a pattern. What the literals are is read from the pattern, so that a new spelling needs nothing but itself.

>>> required_literals(r"\b(?:relaps|recur)\w*"), required_literals(r"\d+ ?mg"), required_literals(r"\d|mg")
(('recur', 'relaps'), ('mg',), None)
"""

import re
from itertools import pairwise
from typing import Final

_MOST: Final = 48
"""Literals beyond which looking for each costs what the search costs."""
_SURE: Final = 3
"""Letters of a literal from which on fewer literals are better than longer ones."""
_CLASSES: Final = frozenset("dDwWsS")
_ZERO_WIDTH: Final = frozenset("bBAZ")
_GROUP: Final = re.compile(r"\?(?:(?P<plain>:|P<\w+>)|(?P<around><?[=!]))")
_REPEAT: Final = re.compile(r"(?:[?*+]|\{(?P<least>\d*)(?:,\d*)?\})[?+]?")
_SET: Final = re.compile(r"\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
_FEW_LETTERS: Final = re.compile(r"\[((?:[^\\^\]-]|\\[^\w\s]){1,6})\]")
"""A set of a few letters or signs, without ranges or classes."""

_Literals = frozenset[str]
_Conditions = tuple[_Literals, ...]
"""Sets of literals; a match holds one literal of each."""


def required_literals(pattern: str) -> tuple[str, ...] | None:
    """Return strings of which each match of a pattern holds one, None where none are sure, or there are too many.

    The pattern is one of `re` that is compiled without flags.
    """
    return next(iter(required_conditions(pattern)), None)


def required_conditions(pattern: str) -> list[tuple[str, ...]]:
    r"""Return sets of strings; each match of a pattern holds one of each. Those that fewest texts hold are first.

    >>> required_conditions(r"\b(?:patient|parent)s?\s(?:fill|rate)\w*\s(?:in )?it")
    [('parent', 'patient'), ('fill', 'rate'), ('it',)]
    """
    try:
        found = _Reader(pattern).alternatives()
    except _NotReadError:
        return []
    few = [fewest for literals in found if len(fewest := shortest(literals)) <= _MOST]
    return [tuple(sorted(literals)) for literals in sorted(few, key=_rarity, reverse=True)]


def split_alternatives(pattern: str) -> list[str]:
    r"""Return the alternatives of a pattern, in their order; the whole where it has a construct not read here.

    >>> split_alternatives(r"a(?:b|c)|\||[|]")
    ['a(?:b|c)', '\\|', '[|]']
    """
    reader = _Reader(pattern)
    try:
        reader.alternatives()
    except _NotReadError:
        return [pattern]
    bounds = [-1, *reader.bars, len(pattern)]
    return [pattern[start + 1 : end] for start, end in pairwise(bounds)]


class _NotReadError(Exception):
    """The pattern has a construct that is not read here."""


class _Reader:
    """Reads a pattern from left to right."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0
        self.depth = 0
        self.bars: list[int] = []
        """Where the alternatives of the whole pattern are parted."""

    def alternatives(self) -> _Conditions:
        """Read up to the bracket that closes; return what must be met, of several alternatives the best of each."""
        found = [self._sequence()]
        while self._take("|"):
            if not self.depth:
                self.bars.append(self.at - 1)
            found.append(self._sequence())
        if not self.depth and self.at < len(self.pattern):
            raise _NotReadError
        if len(found) == 1:
            return found[0]
        best = [max(conditions, key=_rarity) for conditions in found if conditions]
        return (_Literals().union(*best),) if len(best) == len(found) else ()

    def _take(self, sign: str) -> bool:
        taken = self.pattern.startswith(sign, self.at)
        self.at += len(sign) if taken else 0
        return taken

    def _sequence(self) -> _Conditions:
        """Read one alternative; return what stands in it: its runs of letters, what its groups hold."""
        found: list[_Literals] = []
        run = ""
        while self.at < len(self.pattern) and self.pattern[self.at] not in "|)":
            item = self._item()
            if item == _EMPTY:
                continue
            repeat = _REPEAT.match(self.pattern, self.at)
            self.at = repeat.end() if repeat else self.at
            least = 1 if repeat is None or repeat.group()[0] == "+" else int(repeat["least"] or 0)
            letter = item if isinstance(item, str) and least else ""
            run += letter
            if letter and repeat is None:
                continue
            found += _run(run)
            if least and not isinstance(item, str):
                found += item
            run = letter
        return (*found, *_run(run))

    def _item(self) -> str | _Conditions:
        """Read one item; return a letter, what a group holds, nothing where none is sure, "" for no width."""
        sign = self.pattern[self.at]
        self.at += 1
        if sign in "^$":
            return _EMPTY
        if sign == ".":
            return ()
        if sign == "[":
            inside = _SET.match(self.pattern, self.at - 1)
            if inside is None:
                raise _NotReadError
            self.at = inside.end()
            letters = _FEW_LETTERS.fullmatch(inside.group())
            return (_Literals(letters[1].replace("\\", "")),) if letters else ()
        if sign == "(":
            return self._group()
        if sign in "*+?{}":
            raise _NotReadError
        return self._escaped() if sign == "\\" else sign

    def _escaped(self) -> str | _Conditions:
        sign = self.pattern[self.at : self.at + 1]
        self.at += 1
        if sign in _ZERO_WIDTH:
            return _EMPTY
        if sign in _CLASSES:
            return ()
        if sign.isalnum():
            raise _NotReadError
        return sign

    def _group(self) -> str | _Conditions:
        kind = _GROUP.match(self.pattern, self.at)
        if kind is None and self.pattern.startswith("?", self.at):
            raise _NotReadError
        self.at = kind.end() if kind else self.at
        self.depth += 1
        found = self.alternatives()
        self.depth -= 1
        if not self._take(")"):
            raise _NotReadError
        return _EMPTY if kind and kind["around"] else found


_EMPTY: Final = ""
"""An item that takes no place in a text: a boundary, a look around."""


def _run(letters: str) -> _Conditions:
    return (_Literals((letters,)),) if letters else ()


def _rarity(found: _Literals) -> tuple[int, int, int]:
    """Return how much better literals are than others: fewer texts hold them, or they are looked for sooner."""
    return min(_SURE, *map(len, found)), -len(found), min(map(len, found))


def shortest(literals: _Literals) -> _Literals:
    """Return the literals without those that hold another, whose texts hold that one too."""
    return _Literals(one for one in literals if not any(other in one for other in literals if other != one))
