"""Eligibility criteria: items with side, type, comparisons and windows, each with its words.

>>> [criterion] = read_criteria("* Platelets \\\\>= 100,000/mm3 within 7 days of randomization")
>>> criterion.type, criterion.comparisons[0].as_json()["op"], criterion.windows[0].as_json()["anchor"]
('lab', '>=', 'randomisation')
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, Final

from trialgraph.interpretation.comparison import Reader
from trialgraph.interpretation.comparison_atoms import atoms
from trialgraph.interpretation.criteria_splitter import Item, split
from trialgraph.interpretation.criterion_negation import negated
from trialgraph.interpretation.criterion_scope import combination
from trialgraph.interpretation.criterion_tokenizer import Token, tokens
from trialgraph.interpretation.criterion_type import criterion_type
from trialgraph.interpretation.finding import Finding
from trialgraph.interpretation.measurement_terms import named
from trialgraph.interpretation.stored_text import StoredText
from trialgraph.interpretation.time_window import Span, spans, windows
from trialgraph.interpretation.value_class import value_class

_DIGIT: Final = re.compile(r"\d")
FIELD: Final = "eligibilityCriteria"
"""Where the text stands, below its module."""


@value_class(frozen=True, slots=True, kw_only=True)
class MeasuredBound(Finding):
    """A measurement compared with a value, as written."""

    what: str
    op: str
    low: float | None
    high: float | None
    unit: str | None

    def as_json(self) -> dict[str, Any]:
        """Return the entry with the keys of `trialgraph interpret`."""
        return {
            "what": self.what, "code": self.what, "op": self.op, "low": self.low, "high": self.high,
            "unit": self.unit,
            "quote": self.exact, "start": self.start, "end": self.end, "rule": self.rule,
        }  # fmt: skip


@value_class(frozen=True, slots=True, kw_only=True)
class CriterionWindow(Finding):
    """A length of time that ties an event to a moment, or says how long a state lasts."""

    op: str
    value: float
    unit: str
    anchor: str | None
    direction: str | None = None
    """`before` or `after` its anchor (now, without one); None where the text does not say."""

    def as_json(self) -> dict[str, Any]:
        """Return the entry with the keys of `trialgraph interpret`."""
        return {
            "value": self.value, "unit": self.unit, "op": self.op, "anchor": self.anchor,
            "direction": self.direction,
            "quote": self.exact, "start": self.start, "end": self.end, "rule": self.rule,
        }  # fmt: skip


@value_class(frozen=True, slots=True, kw_only=True)
class Criterion(Finding):
    """One criterion; `parent` is the index of the point that it stands under."""

    side: str | None
    type: str
    negated: bool
    parent: int | None
    heading: str
    lead: bool
    group: str
    """Group of participants that it is for, as the text names it, empty where it names none."""
    combination: str | None
    """Whether `any` or `all` of its comparisons must hold, None where the text does not tell surely."""
    comparisons: tuple[MeasuredBound, ...]
    windows: tuple[CriterionWindow, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the item with the keys of `trialgraph interpret`."""
        return {
            "quote": self.exact, "start": self.start, "end": self.end, "side": self.side, "type": self.type,
            "negated": self.negated, "parent": self.parent, "rule": self.rule,
            "group": self.group or None, "combination": self.combination,
            "comparisons": [each.as_json() for each in self.comparisons],
            "windows": [each.as_json() for each in self.windows],
        }  # fmt: skip


@lru_cache(maxsize=64)
def read_criteria(stored: str) -> tuple[Criterion, ...]:
    """Return the criteria of an eligibility text, or of one bare criterion, in their order."""
    text = StoredText(stored)
    items = split(text)
    lengths = spans(text)
    contexts: list[tuple[str, ...]] = []
    found: list[Criterion] = []
    for item in items:
        parent = found[item.parent] if item.parent is not None else None
        criterion, names = _criterion(text, item, lengths, contexts, parent)
        contexts.append(names)
        found.append(criterion)
    return tuple(found)


def _criterion(
    text: StoredText, item: Item, lengths: list[Span], contexts: list[tuple[str, ...]], parent: Criterion | None
) -> tuple[Criterion, tuple[str, ...]]:
    """Return a criterion, and the measurements that it names for the points under it."""
    words = text.plain[item.start : item.end]
    sequence = tokens(words)
    context: tuple[str, ...] = ()
    if item.parent is not None:
        context = contexts[item.parent]
    if not context and item.heading:
        context = tuple(dict.fromkeys(named(item.heading)))
    bounds, taken = _bounds(text, item, sequence, context)
    names: tuple[str, ...] = ()
    if item.lead and len(words) < 90:
        names = tuple(dict.fromkeys(named(words)))
    start, end, exact = text.span(item.start, item.end)
    kind = _handed_down(parent) or criterion_type(
        words, item.side, [bound.what for bound in bounds], item.heading, sequence,
        denied=parent is not None and parent.negated and parent.lead,
    )  # fmt: skip
    places = [
        (text.plain_position(each.start) - item.start, text.plain_position(each.end) - item.start) for each in bounds
    ]
    criterion = Criterion(
        path=FIELD, start=start, end=end, exact=exact, rule="criterion/item", side=item.side, type=kind,
        negated=negated(words, item.side), parent=item.parent, heading=item.heading, lead=item.lead, group=item.group,
        combination=combination(words, places, item.side), comparisons=tuple(bounds),
        windows=tuple(_ties(text, item, lengths, taken)),
    )  # fmt: skip
    return criterion, names


_HANDED_DOWN: Final = ("allergy-contraindication", "prior-therapy", "concomitant-therapy")
_OPEN_END: Final = re.compile(
    r"\b(?:to|of|with|for)\s*(?:(?:any|one|either|all|one or more) of )?(?:the |these )?"
    r"(?:following)?(?:\s(?:drugs?|medications?|medicines?|agents?|treatments?|therapies|substances|products))?\s*:?\s*$",
    re.IGNORECASE,
)


def _handed_down(parent: Criterion | None) -> str | None:
    """Return the type that a point gives to those under it: `Known contraindication to:` and then only names."""
    if parent is None or not parent.lead or parent.type not in _HANDED_DOWN:
        return None
    return parent.type if _OPEN_END.search(parent.exact[-60:]) else None


def _bounds(
    text: StoredText, item: Item, sequence: Sequence[Token], context: tuple[str, ...]
) -> tuple[list[MeasuredBound], list[tuple[int, int]]]:
    """Return the comparisons of an item, and where in the plain text values are that were read."""
    folded = text.folded[item.start : item.end]
    if not (_DIGIT.search(folded) or _may_compare(folded)):
        return [], []
    words = text.plain[item.start : item.end]
    reader = Reader(words, atoms(words, folded, sequence), context)
    reader.read()
    bounds = []
    for entry in reader.result:
        start, end, exact = text.span(entry.start + item.start, entry.end + item.start)
        bounds.append(
            MeasuredBound(
                path=FIELD, start=start, end=end, exact=exact, rule=f"comparison/{entry.rule}", what=entry.what,
                op=entry.op, low=entry.low, high=entry.high, unit=entry.unit,
            )
        )  # fmt: skip
    return bounds, [(first + item.start, last + item.start) for first, last in reader.taken]


def _ties(
    text: StoredText, item: Item, lengths: list[Span], taken: Sequence[tuple[int, int]]
) -> Iterator[CriterionWindow]:
    """Yield the windows of an item."""
    for window in windows(text, lengths, item.start, item.end, taken):
        start, end, exact = text.span(window.start, window.end)
        yield CriterionWindow(
            path=FIELD, start=start, end=end, exact=exact, rule=f"window/{window.rule}", op=window.op,
            value=window.value, unit=window.unit, anchor=window.anchor,
            direction=window.direction,
        )  # fmt: skip


def _may_compare(folded: str) -> bool:
    """Return whether a text without digits may compare (`NYHA III`, `ALT > ULN`, `eighteen years`)."""
    return any(
        word in folded
        for word in (
            "nyha",
            "new york",
            "asa ",
            "anesthesiolog",
            "anaesthesiolog",
            "uln",
            "upper limit",
            "limit of normal",
            "year",
            "times",
            "month",
            "week",
        )
    )
