"""Tokens of one criterion, and the phrases of lexicons found among them.

A token is a number, a word (letters and the digits that follow them), a sign of comparison or one other sign.
Phrases are looked up token by token in a trie, so that time grows with the text alone, whatever it says.

>>> [token.text for token in tokens("HbA1c >= 7.5 % (18years)")]
['hba1c', '>=', '7.5', '%', '(', '18', 'years', ')']
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from typing import Any, Final, Generic, NamedTuple, TypeVar

Value = TypeVar("Value")

TOKEN: Final = re.compile(
    r"(?P<number>\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+[.,·]\d+|\d+|(?<![\w.])\.\d+)"
    r"|(?P<word>(?:[Aa][Gg][Ee][SsDd]?|ASA|NYHA|BMI|ECOG|KPS|INR|SBP|DBP|[Ff]?e?males?"
    r"|[Ww]?o?men|weight|[Hh]b|GCS|MMSE|VAS|class|to|and|or|than|of|least|over|under|above"
    r"|below|between|from|is)(?=\d)"
    r"|[^\W\d_]+(?:\d+[^\W\d_]*){0,4})"
    r"|(?P<sign>[<>≤≥][ ]?/?[ ]?=|=[ ]?/?[ ]?[<>](?![ ]?=)|[<>][ ]?/[ ]?(?=\d)|[<>≤≥])"
    r"|(?P<other>[^\s\w]|_)"
)
"""Groups: number, word, sign of comparison, any other sign."""


class Token(NamedTuple):
    """A token: its text in small letters, its kind (the group of `TOKEN`), and where it stands in the plain text."""

    text: str
    kind: str
    start: int
    end: int


@lru_cache(maxsize=4096)
def tokens(plain: str) -> tuple[Token, ...]:
    """Return the tokens of plain text; the readers of one criterion share them."""
    # The constructor of a named tuple is a function in Python; this makes the same at half the price.
    make = tuple.__new__
    return tuple(
        [
            make(Token, (match[0].lower(), match.lastgroup or "other", *match.span()))
            for match in TOKEN.finditer(plain)
        ]
    )


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
        node = self._root
        size = len(found)
        while index < size:
            text = found[index].text
            step = node.get(text)
            if step is None:
                if text == "-" and node is not self._root:
                    index += 1
                    continue
                if text[-1] == "s" and len(text) > 3:
                    step = node.get(text[:-1])
                if step is None:
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
        """The first words of the phrases."""
        return frozenset(self._root)

    def all(self, found: Sequence[Token]) -> Iterator[tuple[int, int, Value]]:
        """Yield start, end and value of the longest phrase at each place, none overlapping another."""
        index, size = 0, len(found)
        root = self._root
        while index < size:
            text = found[index].text
            if text in root or (text[-1] == "s" and text[:-1] in root):
                hit = self.longest(found, index)
                if hit is not None:
                    yield index, hit[0], hit[1]
                    index = hit[0]
                    continue
            index += 1
