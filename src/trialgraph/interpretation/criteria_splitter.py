"""The criteria of an eligibility text: items with side, parent and the headings they stand under.

An item is a bullet, a numbered point, or a line of its own; headings give the side (`Inclusion Criteria:`,
`must not`, `DISEASE CHARACTERISTICS:`), numbers inside a line that go on with the list begin new items.

>>> text = StoredText("Inclusion Criteria:\\n\\n* Age 18 or older\\n\\nExclusion Criteria: 1. Pregnancy 2. HIV")
>>> [(item.side, text.plain[item.start:item.end]) for item in split(text)]
[('inclusion', 'Age 18 or older'), ('exclusion', 'Pregnancy'), ('exclusion', 'HIV')]
"""

import re
from dataclasses import replace
from typing import Final

from trialgraph.interpretation.criteria_headings import (
    CONNECTION,
    NOTE,
    NOTHING,
    OLD_FORM,
    OLD_FORM_OPENED,
    section,
)
from trialgraph.interpretation.criteria_pieces import Piece, at_numbers, at_signs, pieces
from trialgraph.interpretation.criteria_titles import INCLUSION
from trialgraph.interpretation.criterion_scope import group_in_title, group_of
from trialgraph.interpretation.pattern_set import PatternSet
from trialgraph.interpretation.stored_text import StoredText
from trialgraph.interpretation.value_class import value_class


@value_class(frozen=True, slots=True)
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
    group: str = ""
    """Group of participants that it is for, as the text names it (`Cohort A`), empty where it names none."""


_SPEAKS_OF_SIDES: Final = PatternSet.of_pattern(r"clusion|xclude|ligib|ncluded", ignore_case=True)
_OF_THE_STUDY: Final = re.compile(
    r"\b(?:(?:will be|are|is|be|to be) excluded|(?:ineligible|not (?:be )?eligible) (?:for"
    r"|to (?:participate|enter|enrol\w*)|if)"
    r"|eligible for (?:inclusion|the study|this study)|eligible to be included|inclusion criteria|exclusion criteria"
    r"|included in (?:the|this) (?:study|trial))\b",
    re.IGNORECASE,
)
"""A point that speaks of who takes part, not of a treatment that somebody is eligible for."""


class _Splitter:
    """Walks the pieces with the side and the points that are open."""

    def __init__(self, text: StoredText) -> None:
        self.plain = text.plain
        self.pieces = [piece for piece in pieces(text) if piece.end > piece.start]
        self.items: list[Item] = []
        self.open: list[tuple[int, int, str | None]] = []
        """Indent and index of the points above, innermost last, and the side that their points have."""
        self.side: str | None = None
        self.sided = False
        self.old = False
        self.heading = ""
        self.group = ""
        """Group of participants that the title of the side names."""
        self.bullets = sum(bool(piece.marker) for piece in self.pieces)
        self.previous: Piece | None = None
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

    def _piece(self, index: int, piece: Piece) -> None:
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

    def _heading(self, index: int, piece: Piece, words: str) -> bool:
        """Take a heading; what follows it in the same line is an item."""
        if piece.marker and not self._may_head(index, piece, words):
            return False
        opened_form = OLD_FORM_OPENED.match(words)
        if opened_form or OLD_FORM.match(words):
            self.side, self.sided, self.old, self.heading = INCLUSION, True, True, ""
            self.open.clear()
            if opened_form:
                self._rest(index, piece, opened_form.end())
            return True
        opened = section(words)
        if opened is not None and opened[0] is None and piece.indent:
            return True
        if opened is not None and not (opened[0] is None and piece.marker):
            self._enter(piece, index, opened[0])
            self.group = group_in_title(words[: opened[1]])
            self._rest(index, piece, opened[1])
            return True
        if piece.marker or not self._is_title(index, words):
            return False
        self.heading = words
        self.open.clear()
        if not piece.indent or not self.items:
            self.previous = None
        return True

    def _rest(self, index: int, piece: Piece, after: int) -> None:
        """Add the items that stand behind a heading in its line, from `after` in its words."""
        rest = self.plain[piece.start + after : piece.end]
        start = piece.start + after + len(rest) - len(rest.lstrip(" -–—:*•·\t.,"))
        if start >= piece.end or not any(letter.isalnum() for letter in rest):
            return
        if re.match(r"^\W*(?:the\s+)?following\W*$", rest, re.IGNORECASE):
            return
        points = list(at_signs(self.plain, piece.start + after, piece.end))
        if len(points) > 1:
            for first, last in points:
                stop = len(self.plain[first:last].rstrip()) + first
                self._item(index, Piece(first, stop, piece.indent, "-", True, True), self.plain[first:stop])
            return
        for part, _ in at_numbers(self.plain, Piece(start, piece.end, piece.indent, "", True, True), 0, False):
            self._item(index, part, self.plain[part.start : part.end])

    def _may_head(self, index: int, piece: Piece, words: str) -> bool:
        """Return whether a point with a bullet may be a heading: a title, or a sentence about who is excluded."""
        if len(words) > 200 or not _SPEAKS_OF_SIDES.matches(words):
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

    def _enter(self, piece: Piece, index: int, side: str | None) -> None:
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

    def _goes_on(self, piece: Piece, words: str) -> bool:
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

    def _item(self, index: int, piece: Piece, words: str) -> None:
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
        group = group_of(words) or (self.items[parent].group if parent is not None else "") or self._group()
        self.items.append(Item(piece.start, piece.end, side, parent, len(self.open), self.heading, lead, group))
        if piece.marker and not piece.inline:
            self.open.append((piece.indent, len(self.items) - 1, side))
        self.previous = piece

    def _group(self) -> str:
        """Return the group that the heading above names, or the title of the side."""
        return (group_in_title(self.heading) if self.heading else "") or self.group


def split(text: StoredText) -> list[Item]:
    """Return the items of an eligibility text in their order."""
    return _Splitter(text).run()
