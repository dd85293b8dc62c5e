"""Windows of time in a criterion: how long before or after what, or for how long something lasts.

>>> text = StoredText("No chemotherapy within 4 weeks prior to the first dose; stable for at least 3 months")
>>> [(each.op, each.value, each.unit, each.anchor) for each in windows(text, spans(text), 0, 90, ())]
[('<=', 4.0, 'wk', 'first-dose'), ('>=', 3.0, 'mo', None)]
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from trialgraph.interpretation.durations import UNITS, lengths, small_number
from trialgraph.interpretation.lexicon import rows
from trialgraph.interpretation.stored_text import StoredText


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time in the text, with both ends of a range."""

    start: int
    end: int
    value: float
    high: float | None
    unit: str
    bare: bool
    """Whether it has no number (`last month`)."""


_RECENT: Final = r"(?:last|past|previous|preceding|prior|next|coming|following|recent|first|final|subsequent)"
_NO_NUMBER: Final = re.compile(
    rf"\b(?:(?:in|within|during|for|over|since|the|this|of)\s(?:the\s|this\s|a\s)?{_RECENT}\s"
    rf"|(?:last|past|previous|preceding)\s)(?P<unit>month|year|week|day)\b(?!s)"
)
_GLUED: Final = re.compile(
    r"(?P<value>\d(?<=least.|.than.|ithin.|.last.|.past.|..for.)\d{0,2}) ?(?P<unit>days?|weeks?|months?|years?)\b"
)
_HALF_LIVES: Final = re.compile(
    r"(?P<value>\d{1,2}(?:\.\d)?|one|two|three|four|five|six|seven"
    r"|ten)\s{0,2}(?:\(\d{1,2}\)\s{0,2})?(?:x\s|times\s)?(?:the\s)?(?:of\s)?(?:known\s"
    r"|drug\s|elimination\s|terminal\s|plasma\s|agent\s|serum\s|pharmacokinetic\s"
    r"|biological\s|biologic\s|documented\s|published\s){0,3}(?:half|1/2)[\s-]{0,2}(?:lives"
    r"|life|lifes|live)"
)
_BARE_UNITS: Final = {"month": "mo", "year": "a", "week": "wk", "day": "d"}
_UNITS: Final = ("h", "d", "wk", "mo", "a")


def spans(text: StoredText) -> list[Span]:
    """Return the lengths of time of a text that a window can have, in their order."""
    return sorted(_spans(text), key=lambda span: (span.start, -span.end))


def _spans(text: StoredText) -> Iterator[Span]:
    for length in lengths(text):
        if length.unit in _UNITS and text.folded[length.end - 2 : length.end] not in (
            " m",
            "1m",
            "2m",
            "3m",
            "4m",
            "5m",
            "6m",
            "0m",
        ):
            written = text.folded[length.start : length.start + 3]
            if written in ("a d", "a w") or (
                written[:2] == "a "
                and text.folded[max(0, length.start - 7) : length.start].rstrip()[-5:] in ("times", "once", "twice")
            ):
                continue
            high = None if length.high is None else float(length.high)
            yield Span(length.start, length.end, float(length.value), high, length.unit, False)
    for match in _GLUED.finditer(text.folded):
        yield Span(match.start("value"), match.end(), float(match["value"]), None, UNITS[match["unit"]], False)
    for match in _NO_NUMBER.finditer(text.folded):
        if text.folded.startswith(" of ", match.end()) and match["unit"] in ("day", "week"):
            continue
        yield Span(match.start("unit"), match.end(), 1.0, None, _BARE_UNITS[match["unit"]], True)
    halves = "half" in text.folded or "1/2" in text.folded
    for match in _HALF_LIVES.finditer(text.folded) if halves else ():
        yield Span(match.start(), match.end(), float(small_number(match["value"])), None, "{half-life}", False)


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
def _before_ops() -> tuple[tuple[str, str, re.Pattern[str]], ...]:
    """Return operator, rule and pattern of the rows of `window_operators.tsv`."""
    return tuple(
        (row["operator"], row["rule"], re.compile(row["pattern"] + _GAP + "$")) for row in rows("window_operators")
    )


_NOT_A_WINDOW_BEFORE: Final = re.compile(
    r"(?:every|each|per|once|twice|times in|\bq|once in|times during|(?:\d|once|twice|three"
    r"|times) (?:times )?(?:a|per)|apart|dosed|infused over|infusion over|given over"
    r"|administered over|aged?|age of|ages of|weighing)\s?(?:the\s|at least\s|least\s|a\s)?$"
)
_NOT_A_WINDOW_AFTER: Final = re.compile(
    r"^(?:[\s-]{0,2}(?:per |a (?:day|week|month|year)\b|/|each |every |daily|weekly|of age"
    r"|urin|urine|walk|walking|collection|lead|holter|recall|ambulatory|postprandial"
    r"|gestation|of gestation|post[- ]?prandial|survival|apart\b|intervals?\b|in diameter"
    r"|oral glucose|ogtt|dietary|visit\b|cycle\b|cycles\b|infusion|blood pressure|abpm|ecg"
    r"|electrocardiogram)"
    r"|\s(?:of|in|on) (?:pregnancy|gestation)"
    r"|[\s-](?:long |open-label |double-blind |placebo )?(?:study|trial|follow[- ]?up"
    r"|treatment phase|treatment period|intervention|program|programme|protocol|study period"
    r"|extension|run-in|regimen|course)\b(?! (?:entry|enrol|start|inclusion|drug|treatment"
    r"|medication|visit|participation|product|agent|therapy|intervention|day)))"
)
_HYPHENED: Final = re.compile(r"\d\s?-\s?(?:hours?|days?|weeks?|months?|years?|hr|h)$")
_PERIOD: Final = (
    r"(?:[\s,-]{0,2}(?:periods?|time|window|interval|or more|or longer|or less|or greater"
    r"|\([^)]{0,30}\)|must have elapsed|have elapsed|has elapsed|elapsed|have passed"
    r"|has passed|must have passed|should have elapsed|immediately|in duration|duration"
    r"|wash-?out|washout period|whichever is (?:longer|shorter|greater|later)"
    r"|\[[^\]]{0,30}\]|or 5 half-lives|or five half-lives|old|each|of duration|beforehand"
    r"|or earlier|or sooner|,)\b|[\s)\],])*"
)
_CONNECTIVE: Final = re.compile(
    rf"^(?:\s{{0,2}}[(\[][^)\]]{{0,30}}[)\]])?{_PERIOD}\s{{0,2}}(?P<link>prior to|prior"
    rf"|before|preceding|previous to|previously to"
    rf"|in advance of|leading up to|of|from|after|following|post|since|until|pre"
    rf"|subsequent to|to|antecedent to|ahead of|at|by|previous|the start of|upon"
    rf"|immediately before|immediately prior to|pror to|priot to)\b[\s-]{{0,2}}"
)
_FAR_CONNECTIVE: Final = re.compile(r"^[^.;:()]{0,55}?\b(?P<link>prior to|before|preceding)\s")
_FARTHER: Final = re.compile(r"^[^.;:]{0,150}?\b(?P<link>prior to|before|preceding)\s")
"""Behind a list of lengths (`28 days or 5 half-lives of the drug, whichever is longer, prior to`)."""
_OF_HISTORY: Final = re.compile(r"^[^a-z]*[)\]]\s{0,2}of\b")
_ENDED: Final = re.compile(
    r"\.\s|[;:]|\bor (?:within|during|for|at least|in the)\b|\band (?:within|during|for"
    r"|at least)\b|,? (?:or|and) \d|\bexcept\b|\bunless\b|\bwhich\b"
)
_LISTED: Final = re.compile(
    r"\s{0,2}(?:\([^)]{0,40}\)\s{0,2})?(?:,|/|\bor\b|\band\b|;)(?:\s{0,2}(?:or|and|at least"
    r"|approximately|within))?\s{0,2}$"
)
_ANY_UNIT: Final = re.compile(r"\b(?:hours?|days?|weeks?|months?|years?)\b")


@cache
def _anchors() -> tuple[re.Pattern[str], dict[str, str]]:
    phrases = {row["phrase"].lower(): row["anchor"] for row in rows("anchors")}
    ordered = sorted(phrases, key=lambda phrase: (-len(phrase), phrase))
    return re.compile(r"\b(?:" + "|".join(re.escape(phrase) for phrase in ordered) + r")(?![a-z])"), phrases


_WEAK: Final = frozenset(
    {
        "study",
        "the study",
        "this study",
        "trial",
        "the trial",
        "this trial",
        "treatment",
        "therapy",
        "administration",
        "completion",
        "entry",
        "intervention",
        "vaccination",
        "injection",
        "infusion",
        "eligibility",
        "screen",
        "participation",
        "implant",
        "conditioning",
        "study drug",
        "study treatment",
        "study medication",
        "visit 2",
        "visit 3",
        "surgery",
        "stopping",
        "discontinuation",
        "cessation",
        "included",
        "completing",
    }
)


def anchor_in(folded: str, start: int, stop: int) -> str | None:
    """Return the event named in a piece of text, None where none of the known is.

    >>> anchor_in("the start of study treatment and later", 0, 38), anchor_in("stroke", 0, 6)
    ('first-dose', None)
    """
    pattern, phrases = _anchors()
    best: tuple[int, str] | None = None
    for match in pattern.finditer(folded, start, stop):
        phrase = match.group()
        if phrase in _WEAK and match.start() - start > 34:
            continue
        if best is None:
            best = match.start(), phrases[phrase]
            if phrase not in _WEAK:
                break
        elif match.start() - best[0] <= 30 and phrase not in _WEAK:
            return phrases[phrase]
    return best[1] if best else None


def windows(
    text: StoredText, found: Sequence[Span], start: int, end: int, taken: Sequence[tuple[int, int]]
) -> list[Window]:
    """Return the windows of an item (`start` to `end` in the plain text).

    `found` are the lengths of the text by their start; lengths in `taken` are other values, in their order.
    """
    result: dict[tuple[str, float, str, str | None], Window] = {}
    before: Window | None = None
    at = 0
    for index in range(bisect_left(found, start, key=_start), bisect_left(found, end, key=_start)):
        span = found[index]
        while at < len(taken) and taken[at][1] <= span.start:
            at += 1
        if span.end > end or (at < len(taken) and taken[at][0] < span.end):
            continue
        each = list(_window(text.folded, span, start, end))
        if (not each or each[0].rule == "after") and before is not None:
            each = _listed(text.folded, span, before, end) or each
            if each and each[0].rule == "listed" and each[0].anchor and before.anchor is None:
                key = (before.op, before.value, before.unit, before.anchor)
                result[key] = replace(before, anchor=each[0].anchor)
        for window in each:
            before = window
            result.setdefault((window.op, window.value, window.unit, window.anchor), window)
    return list(result.values())


def _start(span: Span) -> int:
    return span.start


def _listed(folded: str, span: Span, before: Window, end: int) -> list[Window]:
    """Return the window of a length that stands in a list with one (`within 28 days or 5 half-lives`)."""
    between = folded[before.length : span.start] if span.start - before.length < 70 else "x"
    if not _LISTED.match(between) or _NOT_A_WINDOW_AFTER.match(folded[span.end : span.end + 60]):
        return []
    after = folded[span.end : min(end, span.end + 130)]
    anchor, stop = _anchor(folded, span, after, "", end, before.op)
    first = replace(before, value=span.value, unit=span.unit, anchor=anchor, start=span.start, end=stop)
    return [replace(first, rule="listed", length=span.end)]


def _window(folded: str, span: Span, start: int, end: int) -> Iterator[Window]:
    """Yield the windows that a length of time is."""
    before = folded[max(start, span.start - 60) : span.start]
    after = folded[span.end : min(end, span.end + 130)]
    if _NOT_A_WINDOW_AFTER.match(after) or _NOT_A_WINDOW_BEFORE.search(before):
        return
    op, rule, at = _operator(before, after, span)
    if op is None or (span.unit == "a" and span.value >= 30 and rule in ("less-than", "more-than")):
        return
    hyphened = bool(_HYPHENED.search(folded[span.start : span.end]))
    connective = _CONNECTIVE.match(after)
    if (
        hyphened
        and rule in ("for", "during", "at-least")
        and not connective
        and not re.match(r"\s*(?:period|wash-?out|interval)", after)
    ):
        return
    anchor, stop = _anchor(folded, span, after, before, end, op)
    if rule == "during" and (connective is None or (connective["link"] in ("of", "at", "to") and anchor == "other")):
        return
    if rule == "for" and re.match(r"[^.;]{0,30}\bof (?:the )?(?:study|trial)\b", after) and anchor != "last-dose":
        return
    first = span.start - (len(before) - at)
    if span.high is not None and span.high > span.value:
        yield Window(">=", span.value, span.unit, anchor, first, stop, rule, span.end)
        yield Window("<=" if op != "<" else "<", span.high, span.unit, anchor, first, stop, rule, span.end)
        return
    yield Window(op, span.value, span.unit, anchor, first, stop, rule, span.end)


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
    link = _CONNECTIVE.match(after)
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


def _anchor(  # noqa: PLR0911, PLR0917
    folded: str, span: Span, after: str, before: str, end: int, op: str = "<="
) -> tuple[str | None, int]:
    """Return what a window is counted from, and where its words end."""
    connective = _CONNECTIVE.match(after)
    if connective is not None and connective["link"] == "of" and _OF_HISTORY.match(after):
        return None, span.end
    if "half" in after[:130] or span.unit == "{half-life}":
        far = _FARTHER.match(folded[span.end : min(end, span.end + 190)])
        found = anchor_in(folded, span.end + far.end(), min(end, span.end + far.end() + 45)) if far else None
        if found and (connective is None or connective["link"] == "of"):
            return found, span.end
    if connective is None:
        far = _FAR_CONNECTIVE.match(after)
        if far and not _ANY_UNIT.search(far.group()):
            position = span.end + far.end()
            found = anchor_in(folded, position, min(end, position + 45))
            if found:
                return found, span.end
        since = re.search(r"\b(?:since|after|following)\s([^.;()]{3,50})$", before)
        if since and re.match(r"^\W*(?:$|[.;)])", after):
            return anchor_in(since.group(1), 0, len(since.group(1))) or "other", span.end
        if re.match(r"^[\s,]*pre-?operative|^\s*preop", after):
            return "procedure", span.end
        return None, span.end
    link = connective["link"]
    position = span.end + connective.end()
    rest = folded[position : min(end, position + 75)]
    ended = _ENDED.search(rest)
    stop = position + (ended.start() if ended else len(rest))
    if link in ("prior", "previous") and not rest[: stop - position].strip(" ,)"):
        return None, span.end + connective.end()
    found = anchor_in(folded, position, stop)
    if found == "other" or found is None:
        words = folded[position:stop].strip(" ,).")
        if (
            link in ("to", "at", "by", "upon")
            or not words
            or (link == "of" and op in (">", ">="))
            or (
                link == "of"
                and re.match(
                    r"(?:stable|treatment with|use|therapy with|continuous|daily|regular|previous|prior|pain"
                    r"|symptoms|disease|exposure|age)\b",
                    words,
                )
            )
        ):
            return None, span.end
        return "other", min(stop, position + 30)
    tail = re.match(r"[^,;.]{0,40}", folded[position:stop])
    if (
        link == "of"
        and found in ("first-dose", "last-dose")
        and re.match(r"(?:treatment|therapy|administration)\b(?! initiation| start)", folded[position:stop])
    ):
        return None, span.end
    return found, position + (tail.end() if tail else 0)
