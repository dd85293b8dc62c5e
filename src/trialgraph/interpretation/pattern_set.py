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
from typing import Final

from trialgraph.interpretation.required_literals import required_conditions, split_alternatives

_Found = tuple[int, int, re.Match[str]]
"""Where a match begins, the number of its pattern, and it."""


_Root = tuple[str, tuple[int, ...], tuple[tuple[str, int], ...]]
"""A literal, the patterns it is of, and longer literals that hold it, each with its pattern."""
_MOST: Final = 56
"""Different literals of all alternatives of a pattern beyond which looking for each costs more than one search."""
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
        conditions = required_conditions(pattern)
        self._conditions: Final = (*map(tuple, conditions[:1]), *_further(conditions))

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
        # Between the positions only: the whole text, asked for each of its doses, takes the square of its length.
        for literals in self._conditions:
            for literal in literals:
                if text.find(literal, start, end) >= 0:
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

    __slots__ = ("_further", "_ignores_case", "_literals", "_roots", "_searches")

    def __init__(self, patterns: Iterable[str], *, ignore_case: bool = False) -> None:
        given = list(patterns)
        self._ignores_case: Final = ignore_case
        self._searches: Final = [re.compile(each, re.IGNORECASE if ignore_case else 0).search for each in given]
        conditions = [
            [tuple(map(str.lower, literals)) if ignore_case else literals for literals in required_conditions(each)]
            for each in given
        ]
        # What holds no literal for sure may match any text, as any text holds the empty one.
        self._literals: Final = [
            (literal, number) for number, each in enumerate(conditions) for literal in (each[0] if each else ("",))
        ]
        self._roots: Final = _rooted(self._literals)
        self._further: Final = [_further(each) for each in conditions]

    @classmethod
    def of_pattern(cls, pattern: str, *, ignore_case: bool = False) -> "PatternSet":
        """Return the alternatives of a pattern as a set, or the pattern alone where they have too many literals.

        >>> [match.group() for match, _ in PatternSet.of_pattern("lyse[sd]|stop", ignore_case=True).finditer("STOP")]
        ['STOP']
        """
        apart = cls(split_alternatives(pattern), ignore_case=ignore_case)
        return apart if len(apart._roots) <= _MOST else cls([pattern], ignore_case=ignore_case)

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

    def _possible(self, text: str) -> list[int]:
        """Return the numbers of the patterns that may match, in their order."""
        if self._ignores_case:
            if not text.isascii():  # beyond ASCII a letter may have several others
                return list(range(len(self._searches)))
            text = text.lower()
        roots = [root for root in self._roots if root[0] in text]
        if not roots:
            return []
        numbers = {number for root in roots for number in root[1]}
        numbers.update(number for root in roots for literal, number in root[2] if literal in text)
        further = self._further
        return [number for number in sorted(numbers) if not further[number] or self._may_be(number, text)]

    def _may_be(self, number: int, text: str) -> bool:
        """Return whether a text holds a literal of each further condition of a pattern."""
        return all(any(literal in text for literal in literals) for literals in self._further[number])

    def _next(self, text: str, number: int, start: int, end: int) -> _Found | None:
        match = self._searches[number](text, start, end)
        return None if match is None else (match.start(), number, match)


def _rooted(literals: Sequence[tuple[str, int]]) -> list[_Root]:
    """Return literals with the numbers that they stand for, each with the longer ones that hold it."""
    numbers: dict[str, list[int]] = {}
    for literal, number in literals:
        numbers.setdefault(literal, []).append(number)
    roots: dict[str, list[tuple[str, int]]] = {}
    for literal in sorted(numbers, key=len):
        within = [root for root in roots if root in literal]
        if within:
            roots[within[-1]] += [(literal, number) for number in numbers[literal]]
        else:
            roots[literal] = []
    return [(root, tuple(numbers[root]), tuple(longer)) for root, longer in roots.items()]


def _place(found: _Found) -> tuple[int, int]:
    return found[:2]
