"""Spellings one typing error away from a word."""

from collections.abc import Iterator
from typing import Final

SHORTEST: Final = 7
"""Letters of the shortest word that is taken for misspelt; shorter ones have too many neighbours."""

LONGEST: Final = 24
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"


def neighbours(word: str) -> Iterator[str]:
    """Yield the words one letter more, less, other or swapped away; the first letter stays. None for a short word.

    >>> "dapagliflozin" in set(neighbours("dapaglifliozin")), "nesiritide" in set(neighbours("nesritide"))
    (True, True)
    >>> list(neighbours("ion"))
    []
    """
    if not SHORTEST <= len(word) <= LONGEST or not word.isascii() or not word.isalpha():
        return
    for at in range(1, len(word)):
        head, tail = word[:at], word[at:]
        yield head + tail[1:]
        if len(tail) > 1:
            yield head + tail[1] + tail[0] + tail[2:]
        for letter in _LETTERS:
            if letter != tail[0]:
                yield head + letter + tail[1:]
            yield head + letter + tail
    for letter in _LETTERS:
        yield word + letter
