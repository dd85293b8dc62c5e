"""Lengths of time that a window of a criterion can have: `4 weeks`, `last month`, `5 half-lives`.

>>> [(each.value, each.unit) for each in spans(StoredText("within 4 weeks or 5 half-lives; in the last month"))]
[(4.0, 'wk'), (5.0, '{half-life}'), (1.0, 'mo')]
"""

import re
from collections.abc import Iterator
from typing import Final

from trialgraph.interpretation.durations import UNITS, lengths, small_number
from trialgraph.interpretation.pattern_set import GuardedPattern
from trialgraph.interpretation.stored_text import StoredText
from trialgraph.interpretation.value_class import value_class

__all__ = ["Span", "StoredText", "spans"]


@value_class(frozen=True, slots=True)
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
_NO_NUMBER: Final = GuardedPattern(
    rf"\b(?:(?:in|within|during|for|over|since|the|this|of)\s(?:the\s|this\s|a\s)?{_RECENT}\s"
    rf"|(?:last|past|previous|preceding)\s)(?P<unit>month|year|week|day)\b(?!s)"
    r"|\b(?:in|within|during|for|over)\sthe\s(?P<ended>month|year|week|day)\s(?:prior to|before|preceding)\b"
)
_GLUED: Final = GuardedPattern(
    r"(?P<value>\d(?<=least.|.than.|ithin.|.last.|.past.|..for.)\d{0,2}) ?(?P<unit>days?|weeks?|months?|years?)\b"
)
_TWO_UNITS: Final = re.compile(r"(?P<low>(?P<value>\d{1,3}) (?P<unit>hours?|days?|weeks?|months?)) to (?=\d)")
"""A range whose ends have units of their own (`24 hours to 7 days`)."""
_HALF_LIVES: Final = GuardedPattern(
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
            lower = _TWO_UNITS.match(text.folded, length.start, length.end)
            if lower and high is None:
                end = length.start + len(lower["low"])
                yield Span(length.start, end, float(lower["value"]), None, UNITS[lower["unit"]], False)
                yield Span(lower.end(), length.end, float(length.value), None, length.unit, False)
                continue
            yield Span(length.start, length.end, float(length.value), high, length.unit, False)
    for match in _GLUED.finditer(text.folded):
        yield Span(match.start("value"), match.end(), float(match["value"]), None, UNITS[match["unit"]], False)
    for match in _NO_NUMBER.finditer(text.folded):
        if text.folded.startswith(" of ", match.end()) and match["unit"] in ("day", "week"):
            continue
        which = "unit" if match["unit"] else "ended"
        yield Span(match.start(which), match.end(which), 1.0, None, _BARE_UNITS[match[which]], True)
    halves = "half" in text.folded or "1/2" in text.folded
    for match in _HALF_LIVES.finditer(text.folded) if halves else ():
        yield Span(match.start(), match.end(), float(small_number(match["value"])), None, "{half-life}", False)
