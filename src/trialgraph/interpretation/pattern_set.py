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

from trialgraph.interpretation.held_literals import HELD, bits_of
from trialgraph.interpretation.required_literals import required_conditions, shortest, split_alternatives

_Found = tuple[int, int, re.Match[str]]
"""Where a match begins, the number of its pattern, and it."""


_MOST: Final = 56
"""Different literals of all alternatives of a pattern beyond which they are searched for as one."""
_MOST_REMEMBERED: Final = 1 << 12


class GuardedPattern:
    r"""One pattern that is tried only on texts that may match; searches are those of `re`.

    >>> pattern = GuardedPattern(r"(?P<n>\d+) ?(?:mg|g)\b")
    >>> pattern.search("5 mg")["n"], pattern.search("5 ml"), [match["n"] for match in pattern.finditer("5 mg, 6 g")]
    ('5', None, ['5', '6'])
    """

    __slots__ = ("_bits", "_conditions", "_finditer", "_ignores_case", "_match", "_search")

    def __init__(self, pattern: str, *, ignore_case: bool = False) -> None:
        compiled = re.compile(pattern, re.IGNORECASE if ignore_case else 0)
        self._search: Final = compiled.search
        self._match: Final = compiled.match
        self._finditer: Final = compiled.finditer
        self._ignores_case: Final = ignore_case
        conditions = _conditions(pattern, ignore_case=ignore_case)
        self._bits: Final = bits_of(conditions)
        self._conditions: Final = tuple(conditions[:1])

    def search(self, text: str, start: int = 0, end: int = sys.maxsize) -> re.Match[str] | None:
        """Return the first match between two positions."""
        return self._search(text, start, end) if self._may_match(text, start, end) else None

    def match(self, text: str, start: int = 0, end: int = sys.maxsize) -> re.Match[str] | None:
        """Return the match that begins at a position."""
        return self._match(text, start, end) if self._may_match(text, start, end) else None

    def finditer(self, text: str, start: int = 0, end: int = sys.maxsize) -> Iterator[re.Match[str]]:
        """Return the matches between two positions, in order."""
        return self._finditer(text, start, end) if self._may_match(text, start, end) else iter(())

    def _may_match(self, text: str, start: int, end: int) -> bool:
        bits = self._bits
        if self._ignores_case:
            return not text.isascii() or HELD[text.lower()] & bits == bits
        if HELD[text] & bits != bits:
            return False
        if not start and end == sys.maxsize:
            return True
        # Between the positions only: the whole text, searched for each of its doses, takes the square of its length.
        return all(any(text.find(one, start, end) >= 0 for one in literals) for literals in self._conditions)


def _conditions(pattern: str, *, ignore_case: bool) -> list[tuple[str, ...]]:
    """Return the required literals of a pattern, in small letters where it ignores case."""
    found = required_conditions(pattern)
    return [tuple(map(str.lower, literals)) for literals in found] if ignore_case else found


class PatternSet:
    """Patterns in their order, without references to groups; where case is ignored, it is in literals too."""

    __slots__ = ("_all", "_ignores_case", "_literals", "_numbers", "_searches")

    def __init__(self, patterns: Iterable[str], *, ignore_case: bool = False) -> None:
        given = list(patterns)
        self._ignores_case: Final = ignore_case
        self._searches: Final = [re.compile(each, re.IGNORECASE if ignore_case else 0).search for each in given]
        conditions = [_conditions(each, ignore_case=ignore_case) for each in given]
        self._literals: Final = frozenset(literal for each in conditions for literal in (each[0] if each else ("",)))
        self._numbers: Final = _Numbers([bits_of(each) for each in conditions])
        self._all: Final = self._numbers.bits

    @classmethod
    def of_pattern(cls, pattern: str, *, ignore_case: bool = False) -> "PatternSet":
        """Return the alternatives of a pattern as a set, or the pattern alone where they have too many literals.

        >>> [match.group() for match, _ in PatternSet.of_pattern("lyse[sd]|stop", ignore_case=True).finditer("STOP")]
        ['STOP']
        """
        apart = cls(split_alternatives(pattern), ignore_case=ignore_case)
        return apart if len(shortest(apart._literals)) <= _MOST else cls([pattern], ignore_case=ignore_case)

    def search(self, text: str, position: int = 0) -> re.Match[str] | None:
        """Return the first match in a text from a position on."""
        best = None
        for number in self._possible(text):
            match = self._searches[number](text, position)
            if match is not None and (best is None or match.start() < best.start()):
                best = match
        return best

    def matches(self, text: str) -> bool:
        """Return whether any of the patterns matches somewhere in a text."""
        return any(self._searches[number](text) for number in self._possible(text))

    def finditer(self, text: str, start: int = 0, end: int = sys.maxsize) -> Iterator[tuple[re.Match[str], int]]:
        """Yield the matches in a text in their order, none within another, each with the number of its pattern.

        As for a pattern, `start` and `end` bound where matches lie, and a look behind `start` sees what is there.
        """
        numbers = self._possible(text[start:end])
        found = [one for number in numbers if (one := self._next(text, number, start, end)) is not None]
        while found:
            begin, number, match = min(found, key=_place)
            yield match, number
            after = max(match.end(), begin + 1)
            following = (one if one[0] >= after else self._next(text, one[1], after, end) for one in found)
            found = [one for one in following if one is not None]

    def _possible(self, text: str) -> Sequence[int]:
        """Return the numbers of the patterns that may match, in their order."""
        if self._ignores_case:
            if not text.isascii():  # beyond ASCII a letter may have several others
                return range(len(self._searches))
            text = text.lower()
        return self._numbers[HELD[text] & self._all]

    def _next(self, text: str, number: int, start: int, end: int) -> _Found | None:
        match = self._searches[number](text, start, end)
        return None if match is None else (match.start(), number, match)


class _Numbers(dict[int, Sequence[int]]):
    """Numbers of the patterns that may match a text, by the bits of theirs that the text has."""

    def __init__(self, required: Sequence[int]) -> None:
        super().__init__()
        self._required: Final = required
        self.bits: Final = reduce(or_, required, 0)

    def __missing__(self, held: int) -> Sequence[int]:
        numbers = tuple(number for number, bits in enumerate(self._required) if held & bits == bits)
        if len(self) < _MOST_REMEMBERED:
            self[held] = numbers
        return numbers


def _place(found: _Found) -> tuple[int, int]:
    return found[:2]
