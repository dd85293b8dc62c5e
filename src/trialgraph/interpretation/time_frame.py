"""Time frames of outcomes: points, windows, ranges, cycles, averages, visits, by a grammar of words.

A frame is cut into tokens (`time_tokens`), these into groups of numbers that share a unit (`time_groups`). What is
no time of measurement is left out (`time_exclusions`); each group left gets its kind from the words before it
(`time_windows`): `within`, `until` open a window, `at` and `after` name a point, `to` depends on where it began.
"""

import re
from functools import cache, lru_cache

from trialgraph.interpretation.lexicon_groups import pattern_set
from trialgraph.interpretation.quantities import WORDS
from trialgraph.interpretation.time_exclusions import exclude, exclude_ends
from trialgraph.interpretation.time_groups import Group, Value, groups_of
from trialgraph.interpretation.time_origins import origin_of
from trialgraph.interpretation.time_tokens import Token, fold, tokens_of
from trialgraph.interpretation.time_windows import give_kinds, join_windows
from trialgraph.interpretation.value_class import value_class

MOST_TIMES = 8
"""Longer lists keep their first seven entries and the last."""
LONGEST_FRAME = 4000
"""Characters of a frame that are read."""
_PATTERNS = "outcome-patterns"


@value_class(frozen=True, slots=True)
class Time:
    """One time of a frame, with the characters `start` to `end` it rests on.

    `kind` is `at`, `up to` or `from to`; `unit` is UCUM (`s min h d wk mo a`) or `{cycle}`.
    """

    kind: str
    value: str
    value_high: str | None
    unit: str
    start: int
    end: int
    origin: str | None = None
    """The event it is counted from, a notation of `data/lexicons/time-origins.tsv`; None where none is said."""


@value_class(frozen=True, slots=True)
class TimeFrame:
    """The times of one frame, and whether baseline is one of them."""

    times: tuple[Time, ...]
    baseline: bool


@lru_cache(maxsize=4096)
def read_frame(plain: str) -> TimeFrame:
    """Return the times of a frame's plain text.

    >>> [(time.kind, time.value, time.unit) for time in read_frame("Week 4 and 8, then up to 2 years").times]
    [('at', '4', 'wk'), ('at', '8', 'wk'), ('up to', '2', 'a')]
    >>> read_frame("From enrollment to the end of treatment at 8 weeks").times[0].kind
    'up to'
    """
    folded = fold(plain[:LONGEST_FRAME])
    return TimeFrame(tuple(_times(folded)), is_baseline(folded))


@cache
def _number() -> re.Pattern[str]:
    return re.compile(
        r"\d|\b(?:"
        + "|".join(WORDS)
        + r"|first|second|third|fourth|fifth|sixth|an? (?:minute|hour|day|week|month|year))\b"
    )


def _times(folded: str) -> list[Time]:
    if not _number().search(folded):
        return []
    tokens = tokens_of(folded)
    groups = list(groups_of(tokens))
    exclude(tokens, groups)
    groups = join_windows(tokens, groups)
    give_kinds(tokens, groups)
    exclude_ends(tokens, groups)
    times: dict[tuple[str, str, str | None, str], Time] = {}
    for group in groups:
        if not group.dropped:
            for value in group.values:
                time = _time(folded, tokens, group, value)
                times.setdefault((time.kind, time.value, time.value_high, time.unit), time)
    found = list(times.values())
    return found if len(found) <= MOST_TIMES else [*found[: MOST_TIMES - 1], found[-1]]


def _time(folded: str, tokens: list[Token], group: Group, value: Value) -> Time:
    """Return the time of one number or range of a group; a range from zero, or in a window, is its end alone."""
    kind, low, high = group.kind, value.low, value.high
    if high is not None:
        zero = low == "0" or (low == "1" and group.unit in ("d", "{cycle}") and group.named)
        if kind == "up to" or zero:
            kind, low, high = "up to", high, None
        else:
            kind = "from to"
    start, end = tokens[group.first].start, tokens[group.after - 1].end
    return Time(kind, low, high, group.unit, start, end, origin_of(folded, start, end))


def is_baseline(folded: str) -> bool:
    """Tell whether a folded frame names baseline as one of its times.

    >>> [is_baseline(text) for text in ("baseline, week 4", "a year after baseline", "day 0, day 7", "0-24 weeks")]
    [True, False, True, False]
    """
    refusals: list[re.Match[str]] | None = None
    for match, _ in pattern_set(_PATTERNS, "baseline").finditer(folded):
        if refusals is None:
            refusals = [no for no, _ in pattern_set(_PATTERNS, "not baseline").finditer(folded)]
        overlapped = any(no.start() < match.end() and match.start() < no.end() for no in refusals)
        if not overlapped and not _opens_window(folded, match):
            return True
    return False


_ZERO = re.compile(r"0(?:st|th)?[ -]?(?:[a-z]+)?$")


def _opens_window(folded: str, match: re.Match[str]) -> bool:
    """Tell whether a numbered zero only opens a window (from day 0 through week 12, 0-24 weeks)."""
    if not _ZERO.search(match[0]):
        return False
    after = folded[match.end() : match.end() + 40].lstrip(" )")
    if after.startswith("("):
        after = after.partition(")")[2].lstrip()
        led = folded[: match.start()].rstrip().endswith(("from", "operative", "study"))
        return led and after.startswith(("to ", "through", "until", "till"))
    return after.startswith(("to ", "-", "through", "until", "till", "up to"))
