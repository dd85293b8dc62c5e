"""The criteria of an eligibility text: items with side, parent and the headings they stand under.

An item is a bullet, a numbered point, or a line of its own; headings give the side (`Inclusion Criteria:`,
`must not`, `DISEASE CHARACTERISTICS:`), numbers inside a line that go on with the list begin new items.

>>> text = StoredText("Inclusion Criteria:\\n\\n* Age 18 or older\\n\\nExclusion Criteria: 1. Pregnancy 2. HIV")
>>> [(item.side, text.plain[item.start:item.end]) for item in split(text)]
[('inclusion', 'Age 18 or older'), ('exclusion', 'Pregnancy'), ('exclusion', 'HIV')]
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from trialgraph.interpretation.criteria_headings import (
    CONNECTION,
    INCLUSION,
    MID_TITLE,
    NOT_BEFORE_TITLE,
    NOTE,
    NOTHING,
    OLD_FORM,
    section,
)
from trialgraph.interpretation.stored_text import StoredText


@dataclass(frozen=True, slots=True)
class Item:
    """One criterion: `start` and `end` are positions in the plain text."""

    start: int
    end: int
    side: str | None
    parent: int | None
    """Index of the point that this one stands under."""
    depth: int
    heading: str
    """Words of the sub-heading that this item stands under, empty where there is none."""
    lead: bool
    """Whether it ends in a colon and leads to the points under it."""


@dataclass(slots=True)
class _Piece:
    """A part of a line: what stands between markers."""

    start: int
    end: int
    indent: int
    marker: str
    first: bool
    inline: bool = False


_SPEAKS_OF_SIDES: Final = re.compile(r"clusion|xclude|ligib|ncluded", re.IGNORECASE)
_OF_THE_STUDY: Final = re.compile(
    r"\b(?:(?:will be|are|is|be|to be) excluded|(?:ineligible|not (?:be )?eligible) (?:for"
    r"|to (?:participate|enter|enrol\w*)|if)"
    r"|eligible for (?:inclusion|the study|this study)|eligible to be included|inclusion criteria|exclusion criteria"
    r"|included in (?:the|this) (?:study|trial))\b",
    re.IGNORECASE,
)
"""A point that speaks of who takes part, not of a treatment that somebody is eligible for."""
_CIRCLED: Final = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_MORE_MARKERS: Final = re.compile(
    r"(?:[*+•·●○◦▪■□►➢✓✔⁃‣∙–—◆❖¤§]+|-+(?=[\s\w(])|o(?=\s)|#(?=\d)|\(?\d{1,2}[.)](?=\s"
    r"|[A-Za-z])(?!\d)|\(?[a-zA-Z][.)](?=\s)|\(?[ivx]{1,4}[.)](?=\s)"
    r"|[IE]?\d{1,2}[.):](?=\s)|[IE]-?\d{1,2}[.):]?(?=\s+[A-Z])|[①-⑳])[ \t]*"
)
_NUMBER: Final = re.compile(
    r"(?:(?<=\s)|(?<=[;.:,)])|^)(?:[(（]?(?P<number>\d{1,2})(?:\)|[.](?!\d)|）)|(?P<circle>[①-⑳]))(?=\s*\S)\s*"
)
_DIGITS: Final = re.compile(r"\d+")
_SIDE_HINT: Final = re.compile(r"clusion|CLUSION")
_NOT_A_MARK: Final = frozenset(
    "or and to than least grade grades class stage type types phase score scores of cohort "
    "day days part version group arm visit week weeks "
    "cycle level up below above over under maximum minimum = < > ≤ ≥ <= >= - / , gleason "
    "ecog kps nyha asa t n m in from until "
    "between is was were no by criterion criteria number item step appendix section table "
    "figure within only ps status for with".split()
)

# -------------------------------------------------------------------------------------------------- pieces


def _pieces(text: StoredText) -> Iterator[_Piece]:
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
        piece = _Piece(start, line.end, line.indent, marker, line.first)
        for part in _at_titles(plain, piece):
            cuts = list(_at_numbers(plain, part, number, own is not None and not part.inline))
            for cut, value in cuts:
                if value:
                    number = value
                yield cut


def _at_titles(plain: str, piece: _Piece) -> Iterator[_Piece]:
    """Cut a line where a title of a side stands in its middle."""
    start, inline = piece.start, False
    if not _SIDE_HINT.search(plain, piece.start, piece.end):
        yield piece
        return
    for match in MID_TITLE.finditer(plain, piece.start, piece.end):
        at = match.start("title")
        if at <= start or (
            match.end() >= piece.end and not match["colon"] and at - start > 0 and plain[match.end() - 1] == "."
        ):
            continue
        before = plain[max(start, at - 24) : at]
        if NOT_BEFORE_TITLE.search(before):
            continue
        following = plain[match.end() : match.end() + 3]
        if not match["colon"] and not (
            following[:1].isupper() or following[:1].isdigit() or following[:1] in "-•*(" or match.end() >= piece.end
        ):
            continue
        end = len(plain[start:at].rstrip()) + start
        words = plain[start:end]
        if len(words.split()) <= 3 and words[-1:] not in (".", ";", ":", ",", ")"):
            continue
        if end > start:
            yield replace_piece(piece, start, end, inline)
        start, inline = at, True
    yield replace_piece(piece, start, piece.end, inline)


def replace_piece(piece: _Piece, start: int, end: int, inline: bool) -> _Piece:
    """Return a part of a piece; parts after the first have no marker of their own."""
    return _Piece(start, end, piece.indent, "" if inline else piece.marker, piece.first, inline or piece.inline)


def _at_numbers(plain: str, piece: _Piece, number: int, numbered: bool) -> Iterator[tuple[_Piece, int | None]]:
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
        yield _Piece(start, end, piece.indent, piece.marker, piece.first, piece.inline), None
    for index, (_, after, value) in enumerate(chain):
        stop = chain[index + 1][0] if index + 1 < len(chain) else piece.end
        stop = len(plain[after:stop].rstrip()) + after
        if stop > after:
            yield _Piece(after, stop, piece.indent, f"{value}.", piece.first, True), value


def _chain(
    plain: str, piece: _Piece, marks: list[tuple[int, int, int]], own: int | None, before: int
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


def _begins_item(plain: str, piece: _Piece, mark: tuple[int, int, int]) -> bool:  # noqa: PLR0911
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
        or (following.islower() and plain[start] in "(（")
    )


# -------------------------------------------------------------------------------------------------- items


class _Splitter:
    """Walks the pieces with the side and the points that are open."""

    def __init__(self, text: StoredText) -> None:
        self.plain = text.plain
        self.pieces = [piece for piece in _pieces(text) if piece.end > piece.start]
        self.items: list[Item] = []
        self.open: list[tuple[int, int, str | None]] = []
        """Indent and index of the points above, innermost last, and the side that their points have."""
        self.side: str | None = None
        self.sided = False
        self.old = False
        self.heading = ""
        self.bullets = sum(bool(piece.marker) for piece in self.pieces)
        self.previous: _Piece | None = None
        self.limit: int | None = None
        """Indent of a bulleted heading whose side holds only for what is deeper, with the side before."""
        self.saved: str | None = None
        self.marked: list[bool] = []
        """Whether each item has a bullet or number."""
        self.opened = 0
        """How many items stand before the first heading of a side."""

    def run(self) -> list[Item]:
        """Return the items with the side that the text as a whole gives."""
        for index, piece in enumerate(self.pieces):
            self._piece(index, piece)
        return self._sided()

    def _sided(self) -> list[Item]:
        if self.sided:
            return [self._opening(index, item) for index, item in enumerate(self.items)]
        bare = len(self.pieces) == 1 and not self.pieces[0].marker
        if bare:
            return self.items
        return [
            replace(item, side=INCLUSION)
            if item.side is None and not NOTE.match(self.plain[item.start : item.end])
            else item
            for item in self.items
        ]

    def _opening(self, index: int, item: Item) -> Item:
        """Return an item that stands before the first heading: a point there is a condition to be met."""
        note = NOTE.match(self.plain[item.start : item.end])
        if index >= self.opened or note or not (self.marked[index] or not self.bullets):
            return item
        return replace(item, side=INCLUSION)

    def _piece(self, index: int, piece: _Piece) -> None:
        words = self.plain[piece.start : piece.end]
        if CONNECTION.match(words) or NOTHING.match(words):
            return
        if self.limit is not None and piece.indent <= self.limit and not piece.inline:
            self.side, self.limit = self.saved, None
        if self._heading(index, piece, words):
            return
        if self._goes_on(piece, words):
            last = self.items[-1]
            self.items[-1] = replace(last, end=piece.end, lead=words.endswith(":"))
            return
        self._item(index, piece, words)

    def _heading(self, index: int, piece: _Piece, words: str) -> bool:  # noqa: PLR0911
        """Take a heading; what follows it in the same line is an item."""
        if piece.marker and not self._may_head(index, piece, words):
            return False
        if OLD_FORM.match(words):
            self.side, self.sided, self.old, self.heading = INCLUSION, True, True, ""
            self.open.clear()
            return True
        opened = section(words)
        if opened is not None and opened[0] is None and piece.indent:
            return True
        if opened is not None and not (opened[0] is None and piece.marker):
            self._enter(piece, index, opened[0])
            rest = self.plain[piece.start + opened[1] : piece.end]
            start = piece.start + opened[1] + len(rest) - len(rest.lstrip(" -–—:*•·\t.,"))
            if opened[1] < len(words) and start < piece.end and any(letter.isalnum() for letter in rest):
                if re.match(r"^\W*(?:the\s+)?following\W*$", rest, re.IGNORECASE):
                    return True
                for part, _ in _at_numbers(
                    self.plain, _Piece(start, piece.end, piece.indent, "", True, True), 0, False
                ):
                    self._item(index, part, self.plain[part.start : part.end])
            return True
        if piece.marker:
            return False
        if self._is_title(index, words):
            self.heading = words
            self.open.clear()
            if not piece.indent or not self.items:
                self.previous = None
            return True
        return False

    def _may_head(self, index: int, piece: _Piece, words: str) -> bool:
        """Return whether a point with a bullet may be a heading: a title, or a sentence about who is excluded."""
        if len(words) > 200 or not _SPEAKS_OF_SIDES.search(words):
            return False
        if re.match(
            r"^[\W_]*(?:[\w/'’-]+\s+){0,5}?(?:non-?)?(?:inclusion|exclusion)s?(?:\s+criteri\w+)?\b[^.]{0,60}:?\s*$",
            words,
            re.IGNORECASE,
        ):
            if re.search(
                r"\b(?:may apply|apply|see|per protocol|meet|met|fulfil\w*|not|no|none|any|than)\b",
                words,
                re.IGNORECASE,
            ):
                return bool(re.search(r"following[^:]{0,40}:$|MUST\b.{0,8}:$", words))
            return True
        if re.match(r"^[\W_]*(?:inclusion|exclusion)\s+criteria\s*[:\-–]", words, re.IGNORECASE):
            return True
        deeper = index + 1 < len(self.pieces) and self.pieces[index + 1].indent > piece.indent
        about = re.search(r"\b(?:following|any of|all of|these)\b", words, re.IGNORECASE) and words.rstrip().endswith(
            ":"
        )
        sided = _OF_THE_STUDY.search(words)
        excepted = re.search(r"\b(?:except|unless)\b", words, re.IGNORECASE)
        return bool(about and sided and not excepted and (piece.indent == 0 or deeper))

    def _enter(self, piece: _Piece, index: int, side: str | None) -> None:
        deeper = index + 1 < len(self.pieces) and self.pieces[index + 1].indent > piece.indent
        if piece.marker and deeper:
            if self.limit is None:
                self.saved = self.side
            self.limit = piece.indent
        else:
            self.limit = None
        if not self.sided:
            self.opened = len(self.items)
        self.side, self.sided = side, True
        self.heading = ""
        self.open.clear()
        self.previous = None

    def _is_title(self, index: int, words: str) -> bool:
        """Return whether a line without bullet is a sub-heading: it ends in a colon, or is short and over points."""
        following = self.pieces[index + 1] if index + 1 < len(self.pieces) else None
        if following is None or (following.inline and not words.endswith(":")):
            return False
        if words.rstrip().endswith((":", "：")):
            if re.match(r"^[^.]{0,200}:$", words.strip()) is None:
                return False
            after = self.plain[following.start : following.end].rstrip()
            deeper = bool(following.marker) or self.bullets == 0 or (after.endswith(":") and len(after) < 60)
            states = re.search(
                r"\b(?:defined as|definition|diagnosed|history|disease|evidence|at least|documented"
                r"|confirmed|intractable|failure)\b",
                words,
                re.IGNORECASE,
            )
            return deeper and not (states and len(words.split()) > 6)
        if (
            words[0].islower()
            or not self.bullets
            or not following.marker
            or len(words.split()) > 7
            or words.rstrip().endswith((".", ";", ",", " of", " in", " with", " to"))
        ):
            return False
        return not re.search(
            r"\d|[<>≥≤]|\b(?:no|not|is|are|was|were|has|have|had|able|willing|signed|must|should"
            r"|will|can|who|active|class)\b",
            words,
            re.IGNORECASE,
        )

    def _goes_on(self, piece: _Piece, words: str) -> bool:
        """Return whether a line only goes on with the sentence of the line before."""
        if piece.marker or piece.inline or self.previous is None or not self.items:
            return False
        before = self.plain[max(self.items[-1].start, self.items[-1].end - 30) : self.items[-1].end].rstrip()
        if before.endswith((".", ";", ":", "!", "?")):
            return False
        if words[0].islower() and not (self.bullets == 0 and piece.first):
            return True
        if not piece.first and before.endswith((",", "-", "(", "/")):
            return True
        return before.endswith((" and", " or", " of", " for", " the", " with", " to", " in", ",")) and (
            not piece.first or words[0] in "≥≤<>0123456789("
        )

    def _item(self, index: int, piece: _Piece, words: str) -> None:
        """Add an item."""
        stripped = words.rstrip()
        following = self.pieces[index + 1] if index + 1 < len(self.pieces) else None
        if not any(letter.isalnum() for letter in stripped):
            return
        while self.open and (self.open[-1][0] >= piece.indent):
            self.open.pop()
        side = self.side
        if not piece.marker and not piece.inline and NOTE.match(words):
            side = None
        parent = self.open[-1][1] if self.open else None
        lead = stripped.endswith((":", "：")) or bool(
            following and following.marker and following.indent > piece.indent and not following.inline
        )
        self.marked.append(bool(piece.marker))
        self.items.append(Item(piece.start, piece.end, side, parent, len(self.open), self.heading, lead))
        if piece.marker and not piece.inline:
            self.open.append((piece.indent, len(self.items) - 1, side))
        self.previous = piece


def split(text: StoredText) -> list[Item]:
    """Return the items of an eligibility text in their order."""
    return _Splitter(text).run()
