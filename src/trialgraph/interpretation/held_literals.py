r"""Which required literals a text holds: found once a text, for all patterns that are tried on it.

A pattern is tried only on texts that hold its required literals, and some hundred patterns are tried on each text.
Each set of literals of which a match holds one has a bit; the bits of a text are those of its pieces between blanks,
and the bits of a piece are remembered, as most pieces are words of the language.

>>> bits = bits_of([("relaps", "recur"), ("within ",)])
>>> HELD["not relapsed within 4 weeks"] & bits == bits, HELD["relapsed"] & bits == bits
(True, False)
"""

from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Final

_MOST_TEXTS, _MOST_LETTERS = 1 << 10, 1 << 22
"""Texts whose bits are remembered, those of some records, and how long they are together."""
_MOST_PIECES = 1 << 17
_LONGEST_PIECE = 40
"""Letters of a piece whose bits are remembered; longer ones are addresses and texts without blanks."""


class _Node:
    """What follows some letters in literals, and the bits of those that end here."""

    __slots__ = ("bits", "following")

    def __init__(self) -> None:
        self.bits = 0
        self.following: dict[str, _Node] = {}


class _Pieces(dict[str, int]):
    """Bits by piece of a text, filled as pieces are met; literals stand in a trie of their letters."""

    def __init__(self) -> None:
        super().__init__()
        self._root = _Node()

    def add(self, literal: str, bits: int) -> None:
        """Let pieces that hold a literal have its bits."""
        node = self._root
        for letter in literal:
            node = node.following.setdefault(letter, _Node())
        node.bits |= bits
        self.clear()

    def __missing__(self, piece: str) -> int:
        padded, root, bits = f" {piece} ", self._root, 0
        size = len(padded)
        for start in range(size):
            node, at = root.following.get(padded[start]), start + 1
            while node is not None:
                bits |= node.bits
                node, at = node.following.get(padded[at]) if at < size else None, at + 1
        if len(piece) <= _LONGEST_PIECE and len(self) < _MOST_PIECES:
            self[piece] = bits
        return bits


class _Texts(dict[str, int]):
    """Bits by text."""

    def __init__(self) -> None:
        super().__init__()
        self._letters = 0

    def __missing__(self, text: str) -> int:
        bits = reduce(or_, map(_PIECES.__getitem__, text.split()), 0)
        self._letters += len(text)
        if len(self) >= _MOST_TEXTS or self._letters > _MOST_LETTERS:
            self.clear()
            self._letters = len(text)
        self[text] = bits
        return bits


_PIECES: Final = _Pieces()
_BITS: Final[dict[frozenset[str], int]] = {}
HELD: Final = _Texts()
"""The bits of each text that is asked for."""


def bits_of(conditions: Iterable[Iterable[str]]) -> int:
    """Return the bits that a text has for sure which holds a literal of each condition.

    A literal with blanks is known by its longest piece between them; one of nothing else may stand in any text.
    """
    bits = 0
    for condition in conditions:
        pieces = frozenset(map(_piece, condition))
        if "" in pieces:
            continue
        if pieces not in _BITS:
            _BITS[pieces] = 1 << len(_BITS)
            for piece in pieces:
                _PIECES.add(piece, _BITS[pieces])
            HELD.clear()
        bits |= _BITS[pieces]
    return bits


def _piece(literal: str) -> str:
    """Return the longest piece of a literal with the blanks beside it: `within ` of `within a`."""
    pieces = literal.split()
    if not pieces:
        return ""
    first, last = not literal[0].isspace(), not literal[-1].isspace()
    marked = [
        ("" if first and not number else " ") + piece + ("" if last and number == len(pieces) - 1 else " ")
        for number, piece in enumerate(pieces)
    ]
    return max(marked, key=len)
