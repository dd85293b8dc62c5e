"""Parts of the lines of eligibility texts: cut at titles, and at numbers that go on with the list.

>>> text = StoredText("1. Adults 2. Consent Exclusion Criteria: 1. Pregnancy")
>>> [text.plain[each.start:each.end] for each in pieces(text)]
['Adults', 'Consent', 'Exclusion Criteria: 1. Pregnancy']
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from trialgraph.interpretation.criteria_titles import MID_TITLE, NOT_BEFORE_TITLE
from trialgraph.interpretation.stored_text import StoredText

__all__ = ["Piece", "StoredText", "at_numbers", "at_signs", "pieces"]


@dataclass(slots=True)
class Piece:
    """A part of a line: what stands between markers."""

    start: int
    end: int
    indent: int
    marker: str
    first: bool
    inline: bool = False


_CIRCLED: Final = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_MORE_MARKERS: Final = re.compile(
    r"(?:[*+•·●○◦▪■□►➢✓✔⁃‣∙–—◆❖¤§]+|-+(?=[\s\w(])|o(?=\s)|#(?=\d)|\(?\d{1,2}[.)](?=\s"
    r"|[A-Za-z])(?!\d)|\(?\d{1,2}[a-z][.)](?=\s)|\d{1,2},(?=[A-Za-z])|\(?[a-zA-Z][.)](?=\s)|\(?[ivx]{1,4}[.)](?=\s)"
    r"|[IE]?\d{1,2}[.):](?=\s)|[IE]-?\d{1,2}[.):]?(?=\s+[A-Z])|[①-⑳])[ \t]*"
)
_NUMBER: Final = re.compile(
    r"(?:(?<=\s)|(?<=[;.:,)])|^)(?:[(（]?(?P<number>\d{1,2})(?:\)|[.](?!\d)|）)|(?P<circle>[①-⑳]))(?=\s*\S)\s*"
)
_DIGITS: Final = re.compile(r"\d+")
_TITLE_HINT: Final = re.compile(r"clusion|CLUSION|CHARACTERISTICS|CONCURRENT")
_NOT_A_MARK: Final = frozenset(
    "or and to than least grade grades class stage type types phase score scores of cohort "
    "day days part version group arm visit week weeks "
    "cycle level up below above over under maximum minimum = < > ≤ ≥ <= >= - / , gleason "
    "ecog kps nyha asa t n m in from until "
    "between is was were no by criterion criteria number item step appendix section table "
    "figure within only ps status for with".split()
)


def pieces(text: StoredText) -> Iterator[Piece]:
    """Yield the parts of the lines: without markers, cut at titles and at numbers that go on with the list."""
    plain = text.plain
    number = 0
    for line in text.lines:
        start, marker = line.start, line.marker
        for _ in range(3):
            more = _MORE_MARKERS.match(plain, start, line.end)
            if not more or more.end() >= line.end:
                break
            marker += more.group().strip()
            start = more.end()
        digits = _DIGITS.search(marker) if marker else None
        own = (
            int(digits.group())
            if digits
            else (_CIRCLED.index(marker[-1]) + 1 if marker and marker[-1] in _CIRCLED else None)
        )
        if own is not None and len(marker) <= 8:
            number = own
        piece = Piece(start, line.end, line.indent, marker, line.first)
        for part in _at_titles(plain, piece):
            cuts = list(at_numbers(plain, part, number, own is not None and not part.inline))
            for cut, value in cuts:
                if value:
                    number = value
                yield cut


def _at_titles(plain: str, piece: Piece) -> Iterator[Piece]:
    """Cut a line where a title of a side stands in its middle."""
    start, inline = piece.start, False
    if not _TITLE_HINT.search(plain, piece.start, piece.end):
        yield piece
        return
    for match in MID_TITLE.finditer(plain, piece.start, piece.end):
        at = match.start("title")
        end = len(plain[start:at].rstrip()) + start
        if at <= start or not _cuts(plain, piece, match, plain[start:end]):
            continue
        if end > start:
            yield _part(piece, start, end, inline)
        start, inline = at, True
    yield _part(piece, start, piece.end, inline)


_LABEL: Final = re.compile(
    r"(?:parts?|cohorts?|groups?|arms?|phase|stage|step|stud(?:y|ies)|main|key|general|specific|major|additional|other"
    r"|all|the|for|patients?|subjects?|participants?|controls?|healthy)\b",
    re.IGNORECASE,
)
"""Words that a title begins with, so that what stands before `Exclusion Criteria` is no point of its own."""


def _cuts(plain: str, piece: Piece, match: re.Match[str], words: str) -> bool:
    """Return whether a title cuts a line; `words` are those before it, which must be more than its own."""
    before = plain[max(piece.start, match.start("title") - 24) : match.start("title")]
    last = match.end() >= piece.end
    colon = any(match[name] for name in ("colon", "bare", "old", "older"))
    if NOT_BEFORE_TITLE.search(before) or (last and not colon and plain[match.end() - 1] == "."):
        return False
    following = plain[match.end() : match.end() + 1]
    if not (colon or last or following.isupper() or following.isdigit() or following in "-•*("):
        return False
    few = 0 if piece.marker and not words.isupper() and not _LABEL.match(words) else 3
    return len(words.split()) > few or words[-1:] in (".", ";", ":", ",", ")")


def _part(piece: Piece, start: int, end: int, inline: bool) -> Piece:
    """Return a part of a piece; parts after the first have no marker of their own."""
    return Piece(start, end, piece.indent, "" if inline else piece.marker, piece.first, inline or piece.inline)


_SIGN: Final = re.compile(r"[\s:]*(?P<sign>[-–—*•·])\s")


def at_signs(plain: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the parts of a line that begins with a bullet and has more of it inside (`- Adults - Consent`).

    >>> words = "- Adults - Consent, in writing - within a week"
    >>> [words[first:last] for first, last in at_signs(words, 0, len(words))]
    ['Adults', 'Consent, in writing - within a week']
    """
    opened = _SIGN.match(plain, start, end)
    if opened is None:
        return
    begin = opened.end()
    for match in re.compile(rf"\s{re.escape(opened['sign'])}\s+(?=[A-Z0-9≥≤<>])").finditer(plain, begin, end):
        yield begin, match.start()
        begin = match.end()
    yield begin, end


def at_numbers(plain: str, piece: Piece, number: int, numbered: bool) -> Iterator[tuple[Piece, int | None]]:
    """Cut a piece at the numbers that go on with the list; yields each part with the number it begins with."""
    bulleted = bool(piece.marker) and not numbered
    marks = []
    if not bulleted:
        for match in _NUMBER.finditer(plain, piece.start, piece.end):
            value = int(match["number"]) if match["number"] else _CIRCLED.index(match["circle"]) + 1
            marks.append((match.start(), match.end(), value))
    chain = _chain(plain, piece, marks, number if numbered else None, number)
    if not chain:
        yield piece, None
        return
    start, end = piece.start, len(plain[piece.start : chain[0][0]].rstrip()) + piece.start
    if end > start:
        yield Piece(start, end, piece.indent, piece.marker, piece.first, piece.inline), None
    for index, (_, after, value) in enumerate(chain):
        stop = chain[index + 1][0] if index + 1 < len(chain) else piece.end
        stop = len(plain[after:stop].rstrip()) + after
        if stop > after:
            yield Piece(after, stop, piece.indent, f"{value}.", piece.first, True), value


def _chain(
    plain: str, piece: Piece, marks: list[tuple[int, int, int]], own: int | None, before: int
) -> list[tuple[int, int, int]]:
    """Return the marks that count on: from the number of the line itself, from one, or from the list before."""
    starts = [own + 1] if own is not None else sorted({1, 2, before + 1, before + 2})
    best: list[tuple[int, int, int]] = []
    for first in starts:
        if first == 2 and own is None and before not in (0, 1):
            continue
        chain: list[tuple[int, int, int]] = []
        expected = first
        for mark in marks:
            if mark[2] == expected and _begins_item(plain, piece, mark):
                chain.append(mark)
                expected += 1
        at_start = bool(chain) and chain[0][0] <= piece.start + 1
        if (
            own is None
            and len(chain) < 2
            and not (at_start or (first == before + 1 and before > 0) or (first == before + 2 and before > 1))
        ):
            continue
        if len(chain) > len(best):
            best = chain
    return best


def _begins_item(plain: str, piece: Piece, mark: tuple[int, int, int]) -> bool:  # noqa: PLR0911
    """Return whether a number in a line begins a point, and is not the end of `grade 2.` or `ECOG 0 or 1)`."""
    start, after, _ = mark
    if start <= piece.start + 1:
        return True
    before = plain[max(piece.start, start - 30) : start].rstrip()
    if not before:
        return True
    opened = plain.count("(", piece.start, start) - plain.count(")", piece.start, start)
    if plain[start] not in "(（" and opened > 0 and plain[after - 1 : after] != "." and ")" in plain[start:after]:
        return False
    if before[-1] in ".;:])":
        return True
    word = re.split(r"[\s(]", before)[-1].lower().rstrip(",")
    if before[-1] in "-/<>≤≥=,+–~" and before[-1] != ",":
        return False
    if word in _NOT_A_MARK or (word.replace(".", "").isdigit() and before[-1] == ","):
        return False
    following = plain[after : after + 1]
    return (
        following.isupper()
        or following.isdigit()
        or following in "<>≥≤\"'(["
        or before[-1] == ","
        or (following.islower() and (plain[start] in "(（" or (before[-1].isdigit() and plain[after - 2] == ".")))
    )
