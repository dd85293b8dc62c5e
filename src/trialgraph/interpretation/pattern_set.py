r"""Patterns searched for together: only those are tried of which a text holds a required literal.

What is found is what one pattern of all of them, apart by `|`, would find: the first in the text, and at one place
the first in their order.

>>> patterns = PatternSet([r"\brelaps\w+", r"\bno\b", r"\bnot eligible\b"])
>>> patterns.search("not relapsed").group(), patterns.search("progressed") is None
('relapsed', True)
>>> [(match.group(), number) for match, number in patterns.finditer("no, not eligible")]
[('no', 1), ('not eligible', 2)]
"""

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from operator import or_
from typing import Final

from trialgraph.interpretation.literal_index import condition, conditions_of
from trialgraph.interpretation.required_literals import required_conditions, split_alternatives

_Found = tuple[int, int, re.Match[str]]
"""Where a match begins, the number of its pattern, and it."""


_MOST_KNOWN: Final = 4096
"""Sets of conditions, of which it is remembered which patterns they allow."""
_SHORT: Final = 512
"""Characters of a text of which all words are looked up, once for all sets and all its parts."""
_MOST_FURTHER, _SHORTEST_FURTHER, _FURTHER = 12, 2, 2
"""Literals of each further condition and their letters, and how many are asked before a pattern is tried."""


class GuardedPattern:
    r"""One pattern, compiled without flags, that is tried only on texts that may match; searches are those of `re`.

    >>> pattern = GuardedPattern(r"(?P<n>\d+) ?(?:mg|g)\b")
    >>> pattern.search("5 mg")["n"], pattern.search("5 ml"), [match["n"] for match in pattern.finditer("5 mg, 6 g")]
    ('5', None, ['5', '6'])
    """

    __slots__ = ("_conditions", "_finditer", "_match", "_search")

    def __init__(self, pattern: str) -> None:
        compiled = re.compile(pattern)
        self._search: Final = compiled.search
        self._match: Final = compiled.match
        self._finditer: Final = compiled.finditer
        self._conditions: Final = _conditions(pattern)

    def search(self, text: str, start: int = 0, end: int = sys.maxsize) -> re.Match[str] | None:
        """Return the first match between two positions."""
        return self._search(text, start, end) if self._may_match(text) else None

    def match(self, text: str, start: int = 0, end: int = sys.maxsize) -> re.Match[str] | None:
        """Return the match that begins at a position."""
        return self._match(text, start, end) if self._may_match(text) else None

    def finditer(self, text: str, start: int = 0, end: int = sys.maxsize) -> Iterator[re.Match[str]]:
        """Return the matches between two positions, in order."""
        return self._finditer(text, start, end) if self._may_match(text) else iter(())

    def _may_match(self, text: str) -> bool:
        for literals in self._conditions:
            for literal in literals:
                if literal in text:
                    break
            else:
                return False
        return True


def _further(conditions: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Return the conditions behind the first that are worth asking."""
    few = [one for one in conditions[1:] if len(one) <= _MOST_FURTHER and len(min(one, key=len)) >= _SHORTEST_FURTHER]
    return few[:_FURTHER]


class PatternSet:
    """Patterns in their order, without references to groups; where case is ignored, it is in literals too."""

    __slots__ = ("_all", "_conditions", "_ignores_case", "_known", "_needs", "_numbers", "_searches")

    def __init__(self, patterns: Iterable[str], *, ignore_case: bool = False) -> None:
        given = list(patterns)
        self._ignores_case: Final = ignore_case
        self._searches: Final = [re.compile(each, re.IGNORECASE if ignore_case else 0).search for each in given]
        self._conditions: Final = [_conditions(each, ignore_case=ignore_case) for each in given]
        self._needs: Final = [sum({condition(literals) for literals in each}) for each in self._conditions]
        self._numbers: Final = range(len(given))
        self._all: Final = reduce(or_, self._needs, 0)
        self._known: Final[dict[int, tuple[int, ...]]] = {}
        """The numbers of the patterns that may match where a text meets some of the conditions."""

    @classmethod
    def of_pattern(cls, pattern: str, *, ignore_case: bool = False) -> "PatternSet":
        """Return the alternatives of a pattern as a set, or the pattern alone where they have too many literals.

        >>> [match.group() for match, _ in PatternSet.of_pattern("lyse[sd]|stop", ignore_case=True).finditer("STOP")]
        ['STOP']
        """
        return cls(split_alternatives(pattern), ignore_case=ignore_case)

    def search(self, text: str, start: int = 0, end: int = sys.maxsize) -> re.Match[str] | None:
        """Return the first match in a text between two positions."""
        best = None
        for number in self._possible(text):
            if self._may_be(number, text):
                match = self._searches[number](text, start, end)
                if match is not None and (best is None or match.start() < best.start()):
                    best = match
        return best

    def matches(self, text: str) -> bool:
        """Return whether any of the patterns matches somewhere in a text."""
        numbers = self._possible(text)
        return bool(numbers) and any(
            self._may_be(number, text) and self._searches[number](text) for number in numbers
        )

    def finditer(self, text: str, start: int = 0, end: int = sys.maxsize) -> Iterator[tuple[re.Match[str], int]]:
        """Yield the matches in a text in their order, none within another, each with the number of its pattern.

        As for a pattern, `start` and `end` bound where matches lie, and a look behind `start` sees what is there.
        """
        # What a short text may hold is known from other searches; a part of it need not be looked through by itself.
        within = text[start:end]
        numbers = self._possible(text if len(text) <= _SHORT else within)
        if not numbers:
            return
        may = [number for number in numbers if self._may_be(number, within)]
        found = [one for number in may if (one := self._next(text, number, start, end)) is not None]
        while found:
            begin, number, match = min(found, key=_place)
            yield match, number
            after = max(match.end(), begin + 1)
            following = (one if one[0] >= after else self._next(text, one[1], after, end) for one in found)
            found = [one for one in following if one is not None]

    def _possible(self, text: str) -> Sequence[int]:
        """Return the numbers of the patterns that may match by the words of a text, in their order."""
        if self._ignores_case:
            return self._without_case(text)
        if len(text) > _SHORT:  # to look for literals takes less than to look up so many words
            return self._numbers
        met = conditions_of(text) & self._all
        numbers = self._known.get(met)
        return self._allowed(met) if numbers is None else numbers

    def _without_case(self, text: str) -> Sequence[int]:
        """Return the same where case is ignored: such texts are met once, and not by their words."""
        if not text.isascii():  # beyond ASCII a letter may have several others
            return self._numbers
        lower = text.lower()
        return [
            number
            for number, each in enumerate(self._conditions)
            if all(any(literal in lower for literal in literals) for literals in each)
        ]

    def _allowed(self, met: int) -> tuple[int, ...]:
        """Return the numbers of the patterns whose conditions are met, and remember them."""
        numbers = tuple(number for number, needs in enumerate(self._needs) if needs & met == needs)
        if len(self._known) < _MOST_KNOWN:
            self._known[met] = numbers
        return numbers

    def _may_be(self, number: int, text: str) -> bool:
        """Return whether a text holds a literal of each condition of a pattern, letter by letter."""
        if self._ignores_case:
            return True  # it was asked before
        for literals in self._conditions[number]:
            for literal in literals:
                if literal in text:
                    break
            else:
                return False
        return True

    def _next(self, text: str, number: int, start: int, end: int) -> _Found | None:
        match = self._searches[number](text, start, end)
        return None if match is None else (match.start(), number, match)


def _conditions(pattern: str, *, ignore_case: bool = False) -> tuple[tuple[str, ...], ...]:
    """Return the conditions of a pattern that are worth asking: the first, and a few behind it."""
    found = required_conditions(pattern)
    if ignore_case:
        found = [tuple(map(str.lower, literals)) for literals in found]
    return (*found[:1], *_further(found))


def _place(found: _Found) -> tuple[int, int]:
    return found[:2]
