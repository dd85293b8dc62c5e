"""Windows of time in a criterion: how long before or after what, or for how long something lasts.

>>> text = StoredText("No chemotherapy within 4 weeks prior to the first dose; stable for at least 3 months")
>>> [(each.op, each.value, each.unit, each.anchor) for each in windows(text, spans(text), 0, 90, ())]
[('<=', 4.0, 'wk', 'first-dose'), ('>=', 3.0, 'mo', None)]
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from typing import Final

from trialgraph.interpretation.lexicon import rows
from trialgraph.interpretation.pattern_set import PatternSet
from trialgraph.interpretation.stored_text import StoredText
from trialgraph.interpretation.value_class import value_class
from trialgraph.interpretation.window_anchors import CONNECTIVE, anchor_of
from trialgraph.interpretation.window_lengths import Span, spans

__all__ = ["Span", "Window", "spans", "windows"]


@value_class(frozen=True, slots=True)
class Window:
    """A window: `start` and `end` are positions in the plain text, `anchor` is None where it is not said."""

    op: str
    value: float
    unit: str
    anchor: str | None
    start: int
    end: int
    rule: str
    length: int = 0
    """Where the length of time itself ends."""
    direction: str | None = None
    """`before` or `after`: on which side of its anchor (of now, without one) it lies; None where it is not said."""


_GAP: Final = (
    r"(?:\s|\(|\[|a |an |the |period of |total of |about |approximately |approx\.? "
    r"|duration of |interval of |time of |of |=)*"
)
_AFTER_OP: Final = re.compile(
    r"^[\s,]*(?:(?P<ge>or more|or longer|or greater|or above|and more|or over|and longer"
    r"|and above|or older|minimum|at minimum|\+)|(?P<le>or less|or fewer|or shorter|or below"
    r"|or earlier|or sooner|at most|maximum|or within))\b"
)


@cache
def _before_ops() -> tuple[tuple[str, str, PatternSet], ...]:
    """Return operator, rule and pattern of the rows of `window_operators.tsv`."""
    return tuple(
        (row["operator"], row["rule"], PatternSet([row["pattern"] + _GAP + "$"])) for row in rows("window_operators")
    )


_NOT_A_WINDOW_BEFORE: Final = re.compile(
    r"(?:every|each|per|once|twice|times in|\bq|once in|times during|(?:\d|once|twice|three"
    r"|times) (?:times )?(?:a|per)|apart|dosed|infused over|infusion over|given over"
    r"|administered over|follow[- ]?up (?:for|of|period of)|aged?|age of|ages of"
    r"|weighing)\s?(?:the\s|at least\s|least\s|a\s)?$"
)
_NOT_A_WINDOW_AFTER: Final = re.compile(
    r"^(?:[\s-]{0,2}(?:per |a (?:day|week|month|year)\b|/|each |every |daily|weekly|of age"
    r"|urin|urine|walk|walking|collection|lead\b|holter|recall|ambulatory|postprandial"
    r"|gestation|of gestation|post[- ]?prandial|survival|apart\b|intervals?\b|in diameter"
    r"|oral glucose|ogtt|dietary|visit\b|cycle\b|cycles\b|infusion|blood pressure|abpm|ecg"
    r"|electrocardiogram)"
    r"|\s(?:of|in|on) (?:pregnancy|gestation)|\s(?:of|from) (?:each other|one another)\b"
    r"|\sof (?:the )?(?:study |trial )?follow[- ]?up\b"
    r"|\s(?:of )?(?:the )?(?:[\w-]+ ){0,2}run-?\s?in\b"
    r"|[\s-](?:long |open-label |double-blind |placebo )?(?:study|trial|follow[- ]?up"
    r"|treatment phase|treatment period|intervention|program|programme|protocol|study period"
    r"|extension|run-in|regimen|course)\b(?! (?:entry|enrol|start|inclusion|drug|treatment"
    r"|medication|visit|participation|product|agent|therapy|intervention|day)))"
)
_RATE: Final = re.compile(
    r"[^.;,()]{0,45}\b(?:per|a|each|every)\s(?:day|week|month)\b|[^.;,()]{0,45}\b(?:daily|weekly)\b"
)
"""Behind hours that are spent again and again (`3 hours of training a week`)."""
_HYPHENED: Final = re.compile(r"\d\s?-\s?(?:hours?|days?|weeks?|months?|years?|hr|h)$")
_LISTED: Final = re.compile(
    r"\s{0,2}(?:\([^)]{0,40}\)\s{0,2})?(?:,|/|\bor\b|\band\b|;)(?:\s{0,2}(?:or|and|at least"
    r"|approximately|within))?\s{0,2}$"
)
_OPENED: Final = re.compile(r"\s?[(\[](?:or |and |at least |within |but )?")
_OTHER_CASE: Final = re.compile(r"\s(?:for|if|in|with|when|after|following|since|of)\s[^()\[\]]{2,90}[)\]]")
"""Why a length in brackets differs from the one before them."""


def windows(
    text: StoredText, found: Sequence[Span], start: int, end: int, taken: Sequence[tuple[int, int]]
) -> list[Window]:
    """Return the windows of an item (`start` to `end` in the plain text).

    `found` are the lengths of the text by their start; lengths in `taken` are other values, in their order.
    """
    result: dict[tuple[str, float, str, str | None], Window] = {}
    before: Window | None = None
    at, at_second = 0, -1
    for index in range(bisect_left(found, start, key=_start), bisect_left(found, end, key=_start)):
        span = found[index]
        while at < len(taken) and taken[at][1] <= span.start:
            at += 1
        if span.end > end or (at < len(taken) and taken[at][0] < span.end):
            continue
        ends = _ends(text.folded, found, index, start, end)
        if ends:
            before = None
            result.update({(one.op, one.value, one.unit, one.anchor): one for one in ends})
            at_second = found[index + 1].start
            continue
        if span.start == at_second or (before is not None and _restates(text.folded, span, before)):
            continue
        each = list(_window(text.folded, span, start, end))
        if (not each or each[0].rule == "after") and before is not None:
            each = _listed(text.folded, span, before, end) or each
            if each and each[0].rule in ("listed", "in-brackets") and each[0].anchor and before.anchor is None:
                key = (before.op, before.value, before.unit, before.anchor)
                result[key] = replace(before, anchor=each[0].anchor)
        for window in each:
            if before is not None and window.rule == "for" and window.unit == "{half-life}":
                window = replace(window, op=before.op)  # noqa: PLW2901
            before = window
            result.setdefault((window.op, window.value, window.unit, window.anchor), window)
    return list(result.values())


_IN_OTHER_UNITS: Final = re.compile(
    r"\s?[(\[]\s?(?:i\.?e\.?,? |or |about |approximately |equivalent to |= ?|≈ ?|~ ?)?"
)
_DAYS: Final = {"h": 1 / 24, "d": 1.0, "wk": 7.0, "mo": 30.4, "a": 365.25}
_NEARLY: Final = 1.25
"""How much longer one length may be than another that it restates (`26 weeks (6 months)`, `13 weeks (3 months)`)."""


def _restates(folded: str, span: Span, before: Window) -> bool:
    """Return whether a length only says in brackets, in other units, how long the window before it is."""
    if not folded.startswith((")", "]"), span.end) or not _IN_OTHER_UNITS.fullmatch(
        folded[before.length : span.start]
    ):
        return False
    one, other = (_DAYS.get(each.unit, 0.0) * each.value for each in (span, before))
    return one > 0 and other > 0 and max(one, other) <= _NEARLY * min(one, other)


_RANGE_OPENED: Final = re.compile(r"\b(?P<opened>between|from)\s(?:about |approximately |at least )?$")
_RANGE_JOINED: Final = {"between": (" and ",), "from": (" to ", " and ", " up to ")}


def _ends(folded: str, found: Sequence[Span], index: int, start: int, end: int) -> list[Window]:
    """Return the two windows of a range whose ends have units of their own (`between 48 hours and 7 days`)."""
    if index + 1 >= len(found) or found[index + 1].end > end:
        return []
    low, high = found[index], found[index + 1]
    opened = _RANGE_OPENED.search(folded, max(start, low.start - 30), low.start)
    if not opened or folded[low.end : high.start] not in _RANGE_JOINED[opened["opened"]]:
        return []
    after = folded[high.end : min(end, high.end + 130)]
    if _NOT_A_WINDOW_AFTER.match(after):
        return []
    anchor, stop = anchor_of(folded, high, after, "", end, "<=")
    first = opened.start()
    direction = _direction("between", "", after, CONNECTIVE.match(after))
    return [
        Window(op, each.value, each.unit, anchor, first, stop, "between", each.end, direction)
        for op, each in ((">=", low), ("<=", high))
    ]


def _start(span: Span) -> int:
    return span.start


def _listed(folded: str, span: Span, before: Window, end: int) -> list[Window]:
    """Return the window of a length that stands in a list with one (`within 28 days or 5 half-lives`)."""
    between = folded[before.length : span.start] if span.start - before.length < 70 else "x"
    if _OPENED.fullmatch(between) and before.rule != "in-brackets":
        return _in_brackets(folded, span, before, end)
    if not _LISTED.match(between) or _NOT_A_WINDOW_AFTER.match(folded[span.end : span.end + 60]):
        return []
    after = folded[span.end : min(end, span.end + 130)]
    anchor, stop = anchor_of(folded, span, after, "", end, before.op)
    direction = _direction("listed", "", after, CONNECTIVE.match(after)) or before.direction
    first = replace(
        before, value=span.value, unit=span.unit, anchor=anchor, start=span.start, end=stop, direction=direction
    )
    return [replace(first, rule="listed", length=span.end)]


def _in_brackets(folded: str, span: Span, before: Window, end: int) -> list[Window]:
    """Return the window of a length for other cases, in brackets (`4 weeks (6 weeks for mitomycin C) prior to`)."""
    case = _OTHER_CASE.match(folded, span.end, min(end, span.end + 110))
    if not case:
        return []
    anchor, _ = anchor_of(folded, replace(span, end=case.end()), folded[case.end() : case.end() + 130], "", end)
    other = replace(before, value=span.value, unit=span.unit, anchor=anchor or before.anchor, start=span.start)
    return [replace(other, end=span.end, rule="in-brackets", length=span.end)]


def _window(folded: str, span: Span, start: int, end: int) -> Iterator[Window]:
    """Yield the windows that a length of time is."""
    before = folded[max(start, span.start - 60) : span.start]
    after = folded[span.end : min(end, span.end + 130)]
    if _NOT_A_WINDOW_AFTER.match(after) or _NOT_A_WINDOW_BEFORE.search(before):
        return
    op, rule, at = _operator(before, after, span)
    if (
        op is None
        or (span.unit == "h" and _RATE.match(after))
        or (span.unit == "a" and span.value >= 30 and rule in ("less-than", "more-than"))
    ):
        return
    hyphened = bool(_HYPHENED.search(folded[span.start : span.end]))
    connective = CONNECTIVE.match(after)
    if (
        hyphened
        and rule in ("for", "during", "at-least")
        and not connective
        and not re.match(r"\s*(?:period|wash-?out|interval)", after)
    ):
        return
    anchor, stop = anchor_of(folded, span, after, before, end, op)
    if rule == "during" and (connective is None or (connective["link"] in ("of", "at", "to") and anchor == "other")):
        return
    if rule == "for" and re.match(r"[^.;]{0,30}\bof (?:the )?(?:study|trial)\b", after) and anchor != "last-dose":
        return
    first = span.start - (len(before) - at)
    direction = _direction(rule, before[at:], after, connective)
    if span.high is not None and span.high > span.value:
        yield Window(">=", span.value, span.unit, anchor, first, stop, rule, span.end, direction)
        yield Window("<=" if op != "<" else "<", span.high, span.unit, anchor, first, stop, rule, span.end, direction)
        return
    yield Window(op, span.value, span.unit, anchor, first, stop, rule, span.end, direction)


_FAR_BEFORE: Final = re.compile(r"[^.;:()]{0,55}?\b(?:prior to|before|preceding)\s")
_LINK_BEFORE: Final = re.compile(
    r"prior|before|preceding|previous|in advance|leading up|pre$|antecedent|ahead of|immediately|pror|priot"
)
_LINK_AFTER: Final = re.compile(r"after|following|post|since|subsequent")
_SAID_BEHIND: Final = re.compile(r"\b(?:last|past|previous|preceding|prior|recent|latest)\b")
_SAID_AHEAD: Final = re.compile(r"\b(?:next|coming|upcoming|following|subsequent)\b")


def _direction(rule: str, said: str, after: str, connective: re.Match[str] | None) -> str | None:
    """Return on which side of its anchor, or of now, a window lies, by the words before and after its length.

    `connective` is what links `after` to the event.
    """
    link = connective["link"] if connective else ""
    if _LINK_BEFORE.match(link):
        return "before"
    if _LINK_AFTER.match(link) or rule in ("ahead", "after"):
        return "after"
    if rule in ("ago", "before") or _SAID_BEHIND.search(said):
        return "before"
    if _SAID_AHEAD.search(said):
        return "after"
    if rule == "recent" and "first" not in said and "initial" not in said:
        return "before"
    return "before" if link in ("", "of") and _FAR_BEFORE.match(after) else None


def _operator(before: str, after: str, span: Span) -> tuple[str | None, str, int]:  # noqa: PLR0911
    """Return the operator of a length of time, the rule that gave it, and where in `before` its words begin."""
    following = _AFTER_OP.match(after)
    if following:
        return (">=" if following["ge"] else "<="), "or-more", len(before)
    if span.bare:
        return "<=", "recent", max(0, len(before) - 9)
    for op, rule, pattern in _before_ops():
        match = pattern.search(before)
        if match:
            least = rule == "within" and "at least" in match.group()
            return (">=" if least else op), rule, match.start()
    link = CONNECTIVE.match(after)
    if link and link["link"] in (
        "prior to",
        "prior",
        "before",
        "preceding",
        "previous to",
        "previously to",
        "in advance of",
        "ahead of",
        "pre",
        "immediately before",
        "immediately prior to",
        "previous",
    ):
        return "<=", "before", len(before)
    if link and link["link"] in ("after", "following", "post", "since", "from", "subsequent to"):
        if re.search(r"(?:\band|\bor|until|till|to|through|least|,|is|are|was)\s*$", before) or span.high is not None:
            return ">=", "after", len(before)
        return None, "", 0
    if re.match(r"^\s*(?:ago|earlier|previously|beforehand)\b", after):
        return "<=", "ago", len(before)
    return None, "", 0
