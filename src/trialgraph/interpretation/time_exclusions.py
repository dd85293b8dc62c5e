"""Groups of a time frame that are no times of measurement: cycles, intervals, visit windows."""

from trialgraph.interpretation.lexicon_groups import word_group
from trialgraph.interpretation.time_groups import Group, Value
from trialgraph.interpretation.time_tokens import TABLE, Token, word_at

_CYCLE = ("cycle", "cycles", "course", "courses")
_HOURS = ("h", "min")
_PLACED = ("on", "pre", "dose", "predose", "-", "within", "prior")
"""Words in a bracket behind a named point that place it: Baseline (pre-dose on Day 1)."""
_MOST_LATER = 16
"""Groups behind a window's start or tail that may tell its length."""


def exclude(tokens: list[Token], groups: list[Group]) -> None:
    """Mark as dropped what says how often, how long a cycle is, where in a cycle, or a time again."""
    for group in groups:
        group.dropped = _interval(tokens, group) or _visit_window(tokens, group) or _cycle_length(tokens, group)
    for at, group in enumerate(groups):
        if group.named and group.unit == "d" and _of_cycle(tokens, group):
            group.dropped = True
        if group.named and group.unit == "{cycle}":
            _days_in_cycle(tokens, groups, at)
        if group.named and group.unit in ("{cycle}", "d") and _leads_to_hours(tokens, groups, at):
            group.dropped = True
    for at, group in enumerate(groups):
        group.dropped = group.dropped or _restated(tokens, groups, at)
        end = None if group.dropped else _only_opens(tokens, groups, at)
        if end is not None:
            group.dropped, end.kind = True, "up to"


def _interval(tokens: list[Token], group: Group) -> bool:
    """Tell whether a group says how often (every 8 weeks), or what is measured rather than when (24-hour urine)."""
    first = group.first
    while word_at(tokens, first - 1) in ("~", "approximately", "about"):
        first -= 1
    before, before2 = word_at(tokens, first - 1), word_at(tokens, first - 2)
    after, after2 = word_at(tokens, group.after), word_at(tokens, group.after + 1)
    measured = word_group(TABLE, "measured")
    if before in word_group(TABLE, "every") or (before == "other" and before2 in ("every", "each")):
        return True
    if before == "within" and after in ("prior", "before") and group.unit in _HOURS:
        return True  # "within 60 min prior to dose" is before it
    if group.named and (before == "before" or (before == "to" and before2 == "prior")):
        return True
    return after in measured or (after == "-" and after2 in measured) or before == "last"


def _only_opens(tokens: list[Token], groups: list[Group], at: int) -> Group | None:
    """Return the end of the window that begins at a group, None where none does.

    `from 30 minutes before the dose on Day 1 to ...`, `first day of dosing until ...`: the end alone is a time.
    """
    group = groups[at]
    end = next((one for one in groups[at + 1 :] if not _is_first_day(one)), None)
    if end is None:
        return None
    between = [token.word for token in tokens[group.after : end.first]]
    if between[:1] in (["before"], ["prior"]) and "to" in between[1:]:
        return end if word_at(tokens, group.first - 1) == "from" else None
    ends = between[-1:] in (["until"], ["till"], ["through"])
    return end if _is_first_day(group) and ends and between[:1] == ["of"] else None


def _is_first_day(group: Group) -> bool:
    return group.named and group.unit == "d" and [value.low for value in group.values] == ["1"]


def _visit_window(tokens: list[Token], group: Group) -> bool:
    """Tell whether a group is the tolerance of a visit (± 3 days)."""
    before, before2 = word_at(tokens, group.first - 1), word_at(tokens, group.first - 2)
    if before in ("±", "+/-", "+-") or before2 + before in ("+-", "/-", "+/", "±-", "±/"):
        return True
    if (before == "minus" and before2 in ("or", "/")) or (before == "of" and before2 == "window"):
        return True
    alone = not group.named and len(group.values) == 1
    return before == "+" and alone and (before2 == "(" or before2[-1:].isalnum())


def _cycle_length(tokens: list[Token], group: Group) -> bool:
    """Tell whether a group is the length of a cycle (each cycle is 21 days, 28-day cycle)."""
    after, after2 = word_at(tokens, group.after), word_at(tokens, group.after + 1)
    if group.unit == "{cycle}":
        return not group.named and after in ("is", "=", "are")
    if after in _CYCLE or (after in word_group(TABLE, "per cycle") and after2 in _CYCLE):
        return True
    links, between = word_group(TABLE, "is"), word_group(TABLE, "around is")
    seen = False
    for at in range(group.first - 1, max(-1, group.first - 8), -1):
        word = tokens[at].word
        if word in _CYCLE:
            return seen
        if word in links:
            seen = True
        elif word not in between and not (tokens[at].kind == "n" and seen):
            return False
    return False


def _of_cycle(tokens: list[Token], group: Group) -> bool:
    """Tell whether a day is one of a cycle (Day 1 of Cycle 2, Day 8 of each cycle)."""
    step = group.after + (word_at(tokens, group.after) == ")")
    following = [word_at(tokens, step + ahead) for ahead in range(5)]
    if following[0] not in ("of", "in", "at", "on", ",", "for"):
        return False
    for word in following[1:]:
        if word in _CYCLE:
            return True
        if word in (",", ";", ")", "and"):
            return False
    return False


def _days_in_cycle(tokens: list[Token], groups: list[Group], at: int) -> None:
    """Drop the days that follow a cycle (Cycle 1 Day 1, C2D8)."""
    for last, group in zip(groups[at:], groups[at + 1 :], strict=False):
        between = [token.word for token in tokens[last.after : group.first]]
        near = len(between) <= 2 and all(word in (",", "on", "-", "(", "/", ":", "at", ".") for word in between)
        if not (near and group.named and group.unit in ("d", "wk")):
            return
        group.dropped = True


def _leads_to_hours(tokens: list[Token], groups: list[Group], at: int) -> bool:
    """Tell whether a day or cycle only places a list of hours after dosing: then the hours alone are times."""
    later = at + 1
    while later < len(groups) and groups[later].dropped and groups[later].unit == "d":
        later += 1
    if later >= len(groups) or groups[later].unit not in _HOURS or groups[later].named:
        return False
    between = [token.word for token in tokens[groups[later - 1].after : groups[later].first]]
    if not between or between[0] not in ("(", ":", "at", "-", ","):
        return False
    return between[0] in ("(", ":") or not {"predose", "dose", "pre"}.isdisjoint(between)


def _restated(tokens: list[Token], groups: list[Group], at: int) -> bool:
    """Tell whether a group in a bracket only says again what stands before the bracket."""
    group, fillers = groups[at], word_group(TABLE, "filler")
    if len(group.values) > 1:
        return False
    start = group.first - 1
    while start > group.first - 6 and (word_at(tokens, start) in fillers or word_at(tokens, start) in _PLACED):
        start -= 1
    if word_at(tokens, start) != "(":
        return False
    last = groups[at - 1] if at else None
    if last is not None and last.after >= start:
        placed = last.unit in ("d", "wk", "{cycle}") and group.unit in _HOURS
        if not placed:
            return not last.dropped or last.unit == "d"
    value = group.values[0].low
    named = word_at(tokens, start - 1) in word_group(TABLE, "start") and group.unit in ("d", "wk", "mo", "{cycle}")
    return named and (value in ("0", "1") or value.startswith("-"))


def exclude_ends(tokens: list[Token], groups: list[Group]) -> None:
    """Mark as dropped the numbered start of a window, and a tail after the last dose beside a length."""
    for at, group in enumerate(groups):
        later = [other for other in groups[at + 1 : at + _MOST_LATER] if not other.dropped]
        if not group.dropped and group.kind == "at" and _numbered_start(tokens, group):
            group.dropped = any(other.kind == "up to" for other in later)
        if group.kind == "up to" and _tail(tokens, group, "tail"):
            group.dropped = any(other.kind == "up to" and not _tail(tokens, other, "last dose") for other in later)


def _numbered_start(tokens: list[Token], group: Group) -> bool:
    """Tell whether a group begins a window: from day 0 to discharge, Day 1 until death."""
    if len(group.values) != 1 or group.unit not in ("d", "wk", "mo"):
        return False
    zero = group.values[0] == Value("0")
    if not zero and not (group.named and group.values[0] == Value("1")):
        return False
    after = word_at(tokens, group.after)
    opened = after in ("to", "until", "till", "through") or (after == "up" and not zero)
    return opened or "from" in [word_at(tokens, group.first - back) for back in (1, 2, 3)]


def _tail(tokens: list[Token], group: Group, words: str) -> bool:
    """Tell whether a group is counted from the last dose (until 30 days after the last dose)."""
    following = [token.word for token in tokens[group.after : group.after + 6]]
    since = bool(following) and following[0] in word_group(TABLE, "since")
    return since and not word_group(TABLE, words).isdisjoint(following)
