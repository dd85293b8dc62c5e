"""Kinds of a time frame's groups: points, windows with their end, windows that begin later."""

from trialgraph.interpretation.lexicon_groups import word_group
from trialgraph.interpretation.time_groups import Group, Value
from trialgraph.interpretation.time_tokens import TABLE, Token, word_at

_DAYS = {"s": 1 / 86400, "min": 1 / 1440, "h": 1 / 24, "d": 1.0, "wk": 7.0, "mo": 30.4375, "a": 365.25}
_MOST_BEFORE = 60
"""Words before a group that tell its kind."""
_WHOLE = {("a", "mo"): 12, ("wk", "d"): 7, ("d", "h"): 24, ("h", "min"): 60, ("a", "wk"): 52, ("a", "d"): 365}
_WHOLE |= {("mo", "d"): 30, ("mo", "wk"): 4}


def join_windows(tokens: list[Token], groups: list[Group]) -> list[Group]:
    """Join two groups that a word of range links: 4 weeks to 12 weeks, Week 4 through Week 12, Day 1 to Day 14.

    Three or more with dashes between them (1 month - 6 months - 1 year) are visits, each a time of its own.
    """
    joined: list[Group] = []
    visits = _visits(tokens, groups)
    for place, group in enumerate(groups):
        last = joined[-1] if joined and place not in visits else None
        if last is not None and not last.dropped and not group.dropped and _linked(tokens, last, group):
            merged = _merged(last, group)
            if merged is not None:
                joined[-1] = merged
                continue
        joined.append(group)
    return joined


def _visits(tokens: list[Token], groups: list[Group]) -> set[int]:
    """Return the places of groups behind a dash in a row of three or more."""
    dashed = [
        place
        for place in range(1, len(groups))
        if [token.word for token in tokens[groups[place - 1].after : groups[place].first]] == ["-"]
    ]
    return {place for place in dashed if place - 1 in dashed or place + 1 in dashed}


def _linked(tokens: list[Token], last: Group, group: Group) -> bool:
    if len(last.values) != 1 or last.values[0].high is not None:
        return False
    between = [token.word for token in tokens[last.after : group.first]]
    if "(" in between:
        return False
    ignored = word_group(TABLE, "within a range")
    plain = " ".join(word for word in between if word not in ignored)
    if plain == "and":
        return "between" in [token.word for token in tokens[max(0, last.first - 5) : last.first]]
    if plain.endswith("up to") and "," in between:
        return False
    return plain in word_group(TABLE, "range") or plain in ("up to", "and up to", "post to", "postoperative to")


def _merged(last: Group, group: Group) -> Group | None:
    """Return the window of two groups; from a numbered zero or Day 1 it is one with its end alone."""
    low, high = last.values[0].low, group.values[0].high or group.values[0].low
    unit = last.unit
    first = low == "1" and unit in ("d", "{cycle}") and last.named
    if len(group.values) > 1:
        return None
    if (low == "0" or low.startswith("-") or first) and not high.startswith("-"):
        return Group([Value(high)], group.unit, last.first, group.after, group.named, kind="up to")
    if unit != group.unit:
        converted = _in_smaller(low, unit, high, group.unit)
        if converted is None:
            return None
        low, high = converted
        unit = min(unit, group.unit, key=lambda code: _DAYS.get(code, 0))
    return Group([Value(low, high)], unit, last.first, group.after, last.named, kind="from to")


def _in_smaller(low: str, low_unit: str, high: str, high_unit: str) -> tuple[str, str] | None:
    """Convert the ends of a window with two units to the smaller unit, where whole numbers come of it."""
    factor = _WHOLE.get((high_unit, low_unit))
    if factor:
        return low, f"{float(high) * factor:g}"
    factor = _WHOLE.get((low_unit, high_unit))
    return (f"{float(low) * factor:g}", high) if factor else None


def give_kinds(tokens: list[Token], groups: list[Group]) -> None:
    """Give each group its kind by the words since the one before it."""
    before, previous = 0, None
    for group in groups:
        if group.kind == "at" and not group.dropped:
            group.kind = "up to" if _is_window(tokens, group, before, previous) else "at"
        elif group.kind == "from to" and _ends_window(tokens, group, before):
            value = group.values[0]
            group.values, group.kind = [Value(value.high or value.low)], "up to"
        if not group.dropped:
            previous = group
        before = group.after


def _ends_window(tokens: list[Token], group: Group, before: int) -> bool:
    """Tell whether a window of two ends stands in one that began earlier (up to 4 to 6 weeks)."""
    return word_at(tokens, group.first - 1) not in ("from", "between") and _is_window(tokens, group, before, None)


def _is_window(tokens: list[Token], group: Group, before: int, previous: Group | None) -> bool:
    words = [token.word for token in tokens[max(before, group.first - _MOST_BEFORE) : group.first]]
    if not group.named and (
        not word_group(TABLE, "below").isdisjoint(words[-2:]) or word_at(tokens, group.after) in ("max", "maximum")
    ):
        return True
    near = _nearest(words)
    immediate, back = (words[near], words[near - 1] if near else "") if near >= 0 else ("", "")
    if immediate in word_group(TABLE, "window") and not (group.named and immediate in ("<", "≤")):
        ranged = len(group.values) == 1 and group.values[0].high is not None
        return ranged or not (group.named and immediate in ("during", "for", "over"))
    if immediate == "to":
        return _to_is_window(words[:near], back, several=len(group.values) > 1)
    if (immediate in ("first", "last") and not group.named) or _opened(words, previous, named=group.named):
        return True
    if immediate in ("up", "follow") or (immediate == "of" and back in ("up", "period", "duration", "follow")):
        return not word_group(TABLE, "of follow-up").isdisjoint(words[max(0, near - 6) : near])
    listed = bool(words) and word_group(TABLE, "separator").issuperset(_without_whom(words))
    return previous is not None and previous.kind == "up to" and listed and previous.named == group.named


def _without_whom(words: list[str]) -> list[str]:
    """Return the words between two lengths without what the first is for: "of treatment and"."""
    if len(words) > 2 and words[0] in ("for", "of") and words[-1] in ("and", "or", ","):
        return words[-1:]
    return words


def _nearest(words: list[str]) -> int:
    """Return the place of the last word that says something, -1 for none."""
    fillers = word_group(TABLE, "filler")
    near = len(words) - 1
    while near > len(words) - 7 and near >= 0 and (words[near] in fillers or words[near] in (",", "(")):
        if words[near] in ("max", "maximum"):
            return near
        near -= 1
    return near


def _to_is_window(words: list[str], back: str, *, several: bool) -> bool:
    """Tell whether `to` ends a window: not from baseline as a point, not in `change to 3 and 6 days`."""
    if back == "up":
        return True
    if back in word_group(TABLE, "not to") or _from_baseline(words):
        return False
    return not several or ("from" in words and words.count("change") + words.count("changes") == 0)


def _from_baseline(words: list[str]) -> bool:
    """Tell whether what leads to `to` began at baseline as a point."""
    tail = [word for word in words[-9:] if word not in ("(", ")")]
    if "baseline" in tail:
        after = tail[len(tail) - 1 - tail[::-1].index("baseline") :]
        return word_group(TABLE, "opening").isdisjoint(after) and "up" not in after
    joined = " ".join(tail).replace("pre operation", "pre op").replace("pre - op", "pre op").replace("pre - ", "pre ")
    names = ("base line", "pre treatment", "pre dose", "before", "pre op", "preoperative", "pretreatment", "predose")
    return any(name in joined for name in names)


def _opened(words: list[str], previous: Group | None, *, named: bool) -> bool:
    """Tell whether words without a number opened a window (through study completion, 52 weeks)."""
    for at in range(len(words) - 1, -1, -1):
        word, back = words[at], words[at - 1] if at else ""
        if word == ";" or (
            word == "." and back not in word_group(TABLE, "abbreviated") and words[at + 1 : at + 2] != ["("]
        ):
            return False
        if word in word_group(TABLE, "until") or (word in ("during", "over") and not named):
            return True
        if word in ("period", "duration", "stay") and not named:
            return word_group(TABLE, "filler").union("(,").issuperset(words[at + 1 :])
        if word == "to":
            if back == "up" or (not at and previous is not None and previous.values[-1].low in ("0", "1")):
                return True
            if back and back not in word_group(TABLE, "not to") and not _from_baseline(words[:at]):
                start = " ".join(words[max(0, at - 9) : at])
                if any(stem in start for stem in word_group(TABLE, "start stem")):
                    return "baseline" not in start or not named
    return False
