"""Conditions on literals that a text may meet: its words are looked up once for all patterns.

A text is searched for hundreds of patterns, nearly all in vain. Each word that was met is remembered with the
conditions that it meets, so that a text costs one look-up a word, and a pattern one comparison of numbers. A new word
is looked through once, letter by letter, by an automaton of all literals (Aho and Corasick 1975), made as it is used.

>>> either, both = condition(("relaps", "recur")), condition(("prior to",))
>>> [bool(conditions_of("recurrent or prior") & one) for one in (either, both)], conditions_of("none") & either
([True, True], 0)
"""

from functools import lru_cache
from typing import Final

_UNTELLING: Final = 2
"""Letters of a piece that nearly any text holds somewhere (`of`, `in`)."""
_LONGEST_WORD: Final = 200
"""Letters beyond which a word is not looked through, but may hold anything (texts without blanks)."""
_MOST_WORDS: Final = 1 << 17
"""Distinct words whose conditions are remembered."""
_ANY: Final = -1
"""What meets every condition."""

_by_condition: Final[dict[tuple[str, ...], int]] = {}
_pieces: Final[dict[str, int]] = {}
"""A part of a literal without blanks, and the conditions that it meets."""
_beginnings: Final[set[str]] = {""}
_letters: Final[set[str]] = set()


def condition(literals: tuple[str, ...]) -> int:
    """Return the bit of a condition: that a text holds one of some literals; 0 where nearly any text does."""
    if literals in _by_condition:
        return _by_condition[literals]
    pieces = [max(literal.split(), key=len, default="") for literal in literals]
    telling = all(len(piece) > _UNTELLING or (piece and not piece.isalpha()) for piece in pieces)
    bit = _by_condition[literals] = 1 << len(_by_condition) if telling else 0
    for piece in pieces if telling else ():
        _pieces[piece] = _pieces.get(piece, 0) | bit
        _beginnings.update(piece[:size] for size in range(len(piece) + 1))
        _letters.update(piece)
    _STATES.clear()
    _WORDS.clear()
    conditions_of.cache_clear()
    return bit


@lru_cache(maxsize=1024)
def conditions_of(text: str) -> int:
    """Return the bits of the conditions that a text may meet: of no other it holds a literal.

    Of a literal of several words the longest is asked for.
    """
    met = 0
    words = _WORDS
    for word in text.split():
        bits = words[word]
        if bits:  # most words meet nothing, and the number is a long one
            met |= bits
    return met


class _Words(dict[str, int]):
    """The conditions that words meet, by word; filled as words are met, up to a bound."""

    def __missing__(self, word: str) -> int:
        if len(word) > _LONGEST_WORD:
            return _ANY
        met = 0
        state = _state("")
        for letter in word:
            state = state[letter]
            met |= state.met
        if len(self) < _MOST_WORDS:
            self[word] = met
        return met


class _State(dict[str, "_State"]):
    """A state of the automaton: the longest beginning of a piece that was just read, and where a letter leads."""

    def __init__(self, read: str) -> None:
        super().__init__()
        self.read: Final = read
        self.met = 0
        for start in range(len(read)):
            self.met |= _pieces.get(read[start:], 0)

    def __missing__(self, letter: str) -> "_State":
        if letter not in _letters:
            return _state("")
        read = self.read + letter
        while read not in _beginnings:
            read = read[1:]
        following = self[letter] = _state(read)
        return following


def _state(read: str) -> _State:
    if read not in _STATES:
        _STATES[read] = _State(read)
    return _STATES[read]


_STATES: Final[dict[str, _State]] = {}
_WORDS: Final = _Words()
