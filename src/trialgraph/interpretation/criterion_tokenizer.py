"""Tokens of one criterion, and the phrases of lexicons found among them.

A token is a number, a word (letters and the digits that follow them), a sign of comparison or one other sign.
Phrases are looked up token by token in a trie, so that time grows with the text alone, whatever it says.

>>> [token.text for token in tokens("HbA1c >= 7.5 % (18years)")]
['hba1c', '>=', '7.5', '%', '(', '18', 'years', ')']
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from itertools import accumulate, repeat
from typing import Any, Final, Generic, NamedTuple, TypeVar

Value = TypeVar("Value")

TOKEN: Final = re.compile(
    r"([a-zA-Z]++(?![^\W_])"
    r"|\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+[.,·]\d+|\d+|(?<![\w.])\.\d+"
    r"|(?:[Aa][Gg][Ee][SsDd]?|ASA|NYHA|BMI|ECOG|KPS|INR|SBP|DBP|[Ff]?e?males?"
    r"|[Ww]?o?men|weight|[Hh]b|GCS|MMSE|VAS|class|to|and|or|than|of|least|over|under|above"
    r"|below|between|from|is)(?=\d)"
    r"|[^\W\d_]+(?:\d+[^\W\d_]*){0,4}"
    r"|[<>≤≥][ ]?/?[ ]?=|=[ ]?/?[ ]?[<>](?![ ]?=)|[<>][ ]?/[ ]?(?=\d)|[<>≤≥]"
    r"|[^\s\w]|_)"
)
"""A word (most are of ASCII letters alone), a number, any other word, a sign of comparison, any other sign."""
_BEHIND_BLANK: Final = re.compile(rf"( ?){TOKEN.pattern}")
"""A token and the blank before it, at which all kinds of tokens would be tried in vain."""
_MOST_WORDS: Final = 50_000


class Token(NamedTuple):
    """A token: its text in small letters, its kind (number, word, sign, other), and where it stands in the text."""

    text: str
    kind: str
    start: int
    end: int


class _Kinds(dict[str, tuple[str, str]]):
    """Text in small letters and kind of each token that was met, up to a bound."""

    def __missing__(self, written: str) -> tuple[str, str]:
        first = written[0]
        if first.isdecimal() or (first == "." and len(written) > 1):
            kind = "number"
        elif first.isalnum():
            kind = "word"
        else:
            kind = "sign" if first in "<>≤≥" or len(written) > 1 else "other"
        found = written.lower(), kind
        if len(self) < _MOST_WORDS:
            self[written] = found
        return found


_KINDS: Final = _Kinds()


@lru_cache(maxsize=4096)
def tokens(plain: str) -> tuple[Token, ...]:
    """Return the tokens of plain text; the readers of one criterion share them."""
    # A match object for each token, or a loop in Python, takes twice as long.
    pieces = _BEHIND_BLANK.split(plain)
    if len(pieces) == 1:
        return ()
    texts, kinds = zip(*map(_KINDS.__getitem__, pieces[2::3]), strict=True)
    ends = list(accumulate(map(len, pieces)))
    return tuple(map(tuple.__new__, repeat(Token), zip(texts, kinds, ends[1::3], ends[2::3], strict=True)))


class PhraseTrie(Generic[Value]):
    """Phrases of tokens, each with a value; the longest that begins at a token is found.

    Hyphens between words are optional, and a word matches with a plural `s`.

    >>> trie = PhraseTrie([("platelet count", "platelets"), ("body mass index", "bmi")])
    >>> trie.longest(tokens("Body-mass index of"), 0)
    (4, 'bmi')
    >>> trie.longest(tokens("platelet counts"), 0), trie.longest(tokens("count"), 0)
    ((2, 'platelets'), None)
    """

    def __init__(self, phrases: Iterable[tuple[str, Value]]) -> None:
        self._root: dict[str, Any] = {}
        for phrase, value in phrases:
            words = [token.text for token in tokens(phrase) if token.text != "-"]
            if not words:
                continue
            node = self._root
            for word in words[:-1]:
                node = node.setdefault(word, ({}, []))[0]
            node.setdefault(words[-1], ({}, []))[1].append(value)

    def longest(self, found: Sequence[Token], index: int) -> tuple[int, Value] | None:
        """Return the index after the longest phrase that begins here, and its value."""
        best = None
        node = root = self._root
        size = len(found)
        while index < size:
            text = found[index][0]
            if text in node:
                step = node[text]
            elif text == "-" and node is not root:
                index += 1
                continue
            elif text[-1] == "s" and len(text) > 3 and text[:-1] in node:
                step = node[text[:-1]]
            else:
                break
            index += 1
            node, values = step
            if values:
                best = index, values[0]
            if not node:
                break
        return best

    @cached_property
    def openings(self) -> frozenset[str]:
        """The words that a phrase may begin with: its first, and the plural of that."""
        return frozenset(self._root) | {f"{word}s" for word in self._root if len(word) > 2}

    def all(self, found: Sequence[Token]) -> Iterator[tuple[int, int, Value]]:
        """Yield start, end and value of the longest phrase at each place, none overlapping another."""
        openings, after = self.openings, 0
        for index, token in enumerate(found):
            if token[0] in openings and index >= after:
                hit = self.longest(found, index)
                if hit is not None:
                    after = hit[0]
                    yield index, after, hit[1]
