r"""A text as the registry stores it, and the plain text that readers match, with offsets both ways.

The registry stores CommonMark with backslash escapes (`mg/m\^2`, `\>= 18`), typed on keyboards of many
languages. Readers match the plain text: escapes undone, digits and signs of other alphabets as ASCII.

>>> text = StoredText("５０ mg/m\\^2（or ≥ 3 ㎎）")
>>> text.plain
'50 mg/m^2(or ≥ 3 mg)'
>>> text.span(0, 9)
(0, 10, '５０ mg/m\\^2')
"""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from functools import cache, cached_property, lru_cache
from typing import Final

from trialgraph.interpretation.value_class import value_class

_SPECIAL: Final = re.compile(r"\\[!-/:-@\[-`{-~]|&(?:lt|gt|amp|nbsp|quot|#39|le|ge|micro);|[⁰¹²³⁴-⁹⁺⁻]+|[^\x00-\x7f]")
_SIGNS: Final = str.maketrans(
    {
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\u2043", "-"),
        **dict.fromkeys(
            "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f", " "
        ),
        **dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f", ""),
        **dict.fromkeys("×✕✖⨯╳", "x"),
        **dict.fromkeys("µμ", "u"),
        **dict.fromkeys("≦⩽", "≤"),
        **dict.fromkeys("≧⩾", "≥"),
        **dict.fromkeys("‘’‛′ʼ", "'"),
        **dict.fromkeys("“”„″", '"'),
        **dict.fromkeys("∼˜〜～", "~"),
        **dict.fromkeys("【〔", "["),
        **dict.fromkeys("】〕", "]"),
        **dict.fromkeys("∗＊", "*"),
        "。": ".",
        "、": ",",
        "⁄": "/",
        "∕": "/",
        "½": ".5",
        "¼": ".25",
        "¾": ".75",
        "㎡": "m^2",
        "㎥": "m^3",
        "㎍": "ug",
        "㏄": "cc",
        "…": "...",
    }
)
_ENTITIES: Final = {
    "&lt;": "<",
    "&gt;": ">",
    "&amp;": "&",
    "&nbsp;": " ",
    "&quot;": '"',
    "&#39;": "'",
    "&le;": "≤",
    "&ge;": "≥",
    "&micro;": "u",
}
_MARKS: Final = "™℠"
"""Signs of brands, which are no letters of the name."""
_SUPERSCRIPTS: Final = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")
_ASCII_LOWER: Final = {code: code + 32 for code in range(65, 91)}


@cache
def _letter(letter: str) -> str:
    """Return one character beyond ASCII as readers see it."""
    mapped = letter.translate(_SIGNS)
    if mapped != letter or letter in _MARKS:
        return mapped
    digit = unicodedata.decimal(letter, None)
    if digit is not None:
        return str(digit)
    compatible = unicodedata.normalize("NFKC", letter)
    # Letters with accents stay; only forms for layout (full-width, ligatures, unit signs) become ASCII.
    return compatible.translate(_SIGNS) if compatible.isascii() or "μ" in compatible else letter


@lru_cache(maxsize=4096)
def _plain(piece: str) -> str:
    """Return what one special piece of a stored text stands for."""
    if piece[0] == "\\":
        return piece[1]
    if piece in _ENTITIES:
        return _ENTITIES[piece]
    superscript = piece.translate(_SUPERSCRIPTS)
    return "^" + superscript if superscript.isascii() else _letter(piece)


class StoredText:
    """A stored string, its plain form and the offsets between them; linear in the length of the string."""

    __slots__ = ("__dict__", "_plain_at", "_stored_at", "folded", "plain", "stored")

    def __init__(self, stored: str) -> None:
        self.stored: Final = stored
        self._plain_at = [0]
        self._stored_at = [0]
        self.plain: Final = (
            stored if stored.isascii() and "\\" not in stored and "&" not in stored else self._convert()
        )
        lower = self.plain.lower()
        self.folded: Final = lower if len(lower) == len(self.plain) else self.plain.translate(_ASCII_LOWER)
        """The plain text in small letters, of the same length."""

    def _convert(self) -> str:
        parts: list[str] = []
        length = last = 0
        for match in _SPECIAL.finditer(self.stored):
            start, end = match.span()
            plain = _plain(match.group())
            parts += self.stored[last:start], plain
            length += start - last
            if len(plain) != end - start:
                self._plain_at += length, length + len(plain)
                self._stored_at += start, end
            length += len(plain)
            last = end
        parts.append(self.stored[last:])
        return "".join(parts)

    def stored_start(self, position: int) -> int:
        """Return where in the stored string a piece begins that begins here in the plain text."""
        if len(self._plain_at) == 1:
            return position
        index = bisect_right(self._plain_at, position) - 1
        stored = self._stored_at[index] + position - self._plain_at[index]
        return min(stored, self._stored_at[index + 1]) if index + 1 < len(self._stored_at) else stored

    def stored_end(self, position: int) -> int:
        """Return where in the stored string a piece ends that ends here in the plain text."""
        if len(self._plain_at) == 1:
            return position
        index = bisect_left(self._plain_at, position)
        if index == len(self._plain_at) or self._plain_at[index] != position:
            index -= 1
        stored = self._stored_at[index] + position - self._plain_at[index]
        return min(stored, self._stored_at[index + 1]) if index + 1 < len(self._stored_at) else stored

    def plain_position(self, stored: int) -> int:
        """Return the position in the plain text of a position in the stored string."""
        if len(self._plain_at) == 1:
            return stored
        index = bisect_right(self._stored_at, stored) - 1
        plain = self._plain_at[index] + stored - self._stored_at[index]
        return min(plain, self._plain_at[index + 1]) if index + 1 < len(self._plain_at) else plain

    def span(self, start: int, end: int) -> tuple[int, int, str]:
        """Return start, end and exact words in the stored string of a piece of the plain text."""
        first, last = self.stored_start(start), self.stored_end(end)
        last = max(first, last)
        return first, last, self.stored[first:last]

    @cached_property
    def lines(self) -> "tuple[Line, ...]":
        """The lines that hold something, with their bullets."""
        plain = self.plain
        if "~" in plain and "\n" not in plain and len(_TILDE.findall(plain)) > _FEW_TILDES:
            plain = _TILDE.sub(lambda match: "\n" * len(match[0]), plain)
        return tuple(_lines(plain))


@value_class(frozen=True, slots=True)
class Line:
    """A line of a plain text: `start` and `end` without indentation, marker and blanks at the end."""

    start: int
    end: int
    indent: int
    """Blanks before the marker; a tab counts as four."""
    marker: str
    """The bullet or number as written (`*`, `2.`, `(a)`, `ii)`), empty where there is none."""
    first: bool
    """Whether it begins the text or stands after an empty line."""


_MARKER: Final = re.compile(
    r"(?:[*+•·●○◦▪■□►➢✓⁃‣∙]|-(?=[\s\w(])|o(?=\s)"
    r"|\(?(?:\d{1,2}(?:\.\d{1,2}){0,3}|[a-z]|[ivx]{1,5})\)(?!\s*(?:[-/]|mg|ml|days?|weeks?))"
    r"|\d{1,2}(?:\.\d{1,2}){0,3}\.(?!\d)|\d{1,2}(?:\.\d{1,2}){1,3}(?=\s)|[a-z]\.(?=\s))[ \t]*",
    re.IGNORECASE,
)


_TILDE: Final = re.compile(r"(?<![\d\s~])~+(?=\D|\d{1,2}[.)]\s)|~+(?=\d{1,2}[.)]\s[A-Z])|^~+")
"""Stands for the end of a line in copies of the registry; between numbers it is a range."""
_FEW_TILDES: Final = 2


def _lines(plain: str) -> Iterator[Line]:
    position, first = 0, True
    for raw in plain.splitlines(keepends=True):
        body = raw.strip()
        if not body:
            first = True
        else:
            start = position + len(raw) - len(raw.lstrip())
            marker = _MARKER.match(plain, start, position + len(raw.rstrip()))
            indent = sum(4 if blank == "\t" else 1 for blank in plain[position:start])
            begin = marker.end() if marker else start
            end = position + len(raw.rstrip())
            yield Line(min(begin, end), end, indent, marker.group().strip() if marker else "", first)
            first = False
        position += len(raw)


_ABBREVIATION: Final = re.compile(r"\(([A-Za-z][\w/+-]{1,9})(?:\)|[;,] )")


def abbreviations(plain: str) -> dict[str, str]:
    """Return the short forms that a text explains in brackets, with their long forms (Schwartz and Hearst, 2003).

    >>> abbreviations("progression-free survival (PFS) and overall survival (OS); given twice (BID)")
    {'PFS': 'progression-free survival', 'OS': 'overall survival'}
    """
    found: dict[str, str] = {}
    for match in _ABBREVIATION.finditer(plain):
        short = match.group(1)
        if sum(letter.isupper() for letter in short) < 2:
            continue
        words = plain[max(0, match.start() - 120) : match.start()].rstrip()
        words = re.split(r"[.;:()\n]", words)[-1]
        long = _long_form(short, words)
        if long:
            found.setdefault(short, long)
    return found


def _long_form(short: str, words: str) -> str | None:
    """Return the shortest end of the words that has the letters of the short form in their order."""
    letters = [letter.lower() for letter in short if letter.isalnum()]
    folded = words.lower()
    position = len(folded)
    for number in range(len(letters) - 1, -1, -1):
        position -= 1
        while position >= 0 and (
            folded[position] != letters[number] or (number == 0 and position > 0 and folded[position - 1].isalnum())
        ):
            position -= 1
        if position < 0:
            return None
    long = words[position:].strip()
    enough = len(long) > len(short) and len(long.split()) <= min(len(letters) + 5, len(letters) * 2)
    return long if enough else None
