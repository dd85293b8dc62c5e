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
from collections.abc import Iterable, Iterator
from typing import Final

from trialgraph.interpretation.required_literals import required_literals, split_alternatives

_Found = tuple[int, int, re.Match[str]]
"""Where a match begins, the number of its pattern, and it."""


_MOST: Final = 40
"""Literals of all alternatives of a pattern beyond which looking for each costs more than one search."""


class PatternSet:
    """Patterns in their order, without references to groups; where case is ignored, it is in literals too."""

    __slots__ = ("_ignores_case", "_literals", "_searches")

    def __init__(self, patterns: Iterable[str], *, ignore_case: bool = False) -> None:
        given = list(patterns)
        self._ignores_case: Final = ignore_case
        self._searches: Final = [re.compile(each, re.IGNORECASE if ignore_case else 0).search for each in given]
        # What holds no literal for sure may match any text, as any text holds the empty one.
        self._literals: Final = [
            (literal.lower() if ignore_case else literal, number)
            for number, pattern in enumerate(given)
            for literal in required_literals(pattern) or ("",)
        ]

    @classmethod
    def of_pattern(cls, pattern: str, *, ignore_case: bool = False) -> "PatternSet":
        """Return the alternatives of a pattern as a set, or the pattern alone where they have too many literals.

        >>> [match.group() for match, _ in PatternSet.of_pattern("lyse[sd]|stop", ignore_case=True).finditer("STOP")]
        ['STOP']
        """
        apart = cls(split_alternatives(pattern), ignore_case=ignore_case)
        return apart if len(apart._literals) <= _MOST else cls([pattern], ignore_case=ignore_case)

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
        numbers = [number for literal, number in self._literals if literal in text]
        return list(dict.fromkeys(numbers)) if len(numbers) > 1 else numbers

    def _next(self, text: str, number: int, start: int, end: int) -> _Found | None:
        match = self._searches[number](text, start, end)
        return None if match is None else (match.start(), number, match)


def _place(found: _Found) -> tuple[int, int]:
    return found[:2]
