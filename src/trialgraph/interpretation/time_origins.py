"""The event that a time is counted from, where a frame says one: after surgery, from randomization."""

import re
from functools import cache
from typing import Final

from trialgraph.interpretation.lexicon import rows

_BEHIND: Final = 70
"""Characters behind a time that may name its origin."""


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str], tuple[str, ...]]:
    """Return the pattern behind a time, that before one (from ... to), and the events by the number of the group."""
    table = rows("time-origins")
    named = "|".join(f"(?:{row['pattern']})()" for row in table)
    behind = re.compile(
        r"[\s-]{0,3}(?:time ?points? |period |of treatment |of follow-?up )?"
        r"(?:after|post|following|from|since|of)[\s-]{0,3}"
        rf"(?:the )?(?:date of |day of |time of |time from )?(?:{named})"
    )
    before = re.compile(
        rf"\b(?:from|since|between)\s(?:the )?(?:date of |day of |time of |first patient )?(?:{named})"
        r"[^.;]{0,120}?\b(?:to|until|till|through|up to|and|assessed)\b|^\W*(?:after|post|following)[\s-](?:the )?"
        rf"(?:{named})"
    )
    return behind, before, tuple(row["event"] for row in table)


def origin_of(folded: str, start: int, end: int) -> str | None:
    """Return the notation of the event that the time at `start` to `end` is counted from.

    >>> origin_of("6 months after surgery", 0, 8), origin_of("from randomization to week 12", 22, 29)
    ('SURGERY', 'RANDOMIZATION')
    >>> origin_of("week 12", 0, 7) is None
    True
    """
    behind, before, events = _patterns()
    match = behind.match(folded[end : end + _BEHIND])
    if match is None:
        clause = max(folded.rfind(";", 0, start), folded.rfind(". ", 0, start)) + 1
        match = before.search(folded, max(clause, start - 240), start)
    if match is None:
        return None
    return events[((match.lastindex or 1) - 1) % len(events)]
