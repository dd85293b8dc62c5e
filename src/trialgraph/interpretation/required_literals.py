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

_Literals = frozenset[str]


def required_literals(pattern: str) -> tuple[str, ...] | None:
    """Return strings of which each match of a pattern holds one, None where none are sure, or there are too many.

    The pattern is one of `re` that is compiled without flags.
    """
    reader = _Reader(pattern)
    try:
        found = reader.alternatives()
    except _NotReadError:
        return None
    return tuple(sorted(found)) if found is not None and len(found) <= _MOST else None


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

    def alternatives(self) -> _Literals | None:
        """Read up to the bracket that closes; return the literals of all alternatives, None where one has none."""
        found = [self._sequence()]
        while self._take("|"):
            if not self.depth:
                self.bars.append(self.at - 1)
            found.append(self._sequence())
        if not self.depth and self.at < len(self.pattern):
            raise _NotReadError
        known = [one for one in found if one is not None]
        return _Literals().union(*known) if len(known) == len(found) else None

    def _take(self, sign: str) -> bool:
        taken = self.pattern.startswith(sign, self.at)
        self.at += len(sign) if taken else 0
        return taken

    def _sequence(self) -> _Literals | None:
        """Read one alternative; return the best of what stands in it: its runs of letters, its groups."""
        best: _Literals | None = None
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
            best = _better(best, _run(run))
            if least and not isinstance(item, str):
                best = _better(best, item)
            run = letter
        return _better(best, _run(run))

    def _item(self) -> str | _Literals | None:
        """Read one item; return a letter, the literals of a group, None where it has none, "" for no width."""
        sign = self.pattern[self.at]
        self.at += 1
        if sign in "^$":
            return _EMPTY
        if sign == ".":
            return None
        if sign == "[":
            inside = _SET.match(self.pattern, self.at - 1)
            if inside is None:
                raise _NotReadError
            self.at = inside.end()
            return None
        if sign == "(":
            return self._group()
        if sign in "*+?{}":
            raise _NotReadError
        return self._escaped() if sign == "\\" else sign

    def _escaped(self) -> str | None:
        sign = self.pattern[self.at : self.at + 1]
        self.at += 1
        if sign in _ZERO_WIDTH:
            return _EMPTY
        if sign in _CLASSES:
            return None
        if sign.isalnum():
            raise _NotReadError
        return sign

    def _group(self) -> str | _Literals | None:
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


def _run(letters: str) -> _Literals | None:
    return _Literals((letters,)) if letters else None


def _better(one: _Literals | None, other: _Literals | None) -> _Literals | None:
    """Return the literals that fewer texts hold, or that are looked for sooner."""
    if one is None or other is None:
        return one or other
    return max(one, other, key=lambda found: (min(_SURE, *map(len, found)), -len(found), min(map(len, found))))
