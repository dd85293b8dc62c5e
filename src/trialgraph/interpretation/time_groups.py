"""Groups of a time frame: numbers that share a unit (4, 8 and 12 weeks; Weeks 4, 8 and 12)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from trialgraph.interpretation.lexicon_groups import word_group
from trialgraph.interpretation.time_tokens import TABLE, Token, word_at


class Value(NamedTuple):
    """A number as written, or a range of two."""

    low: str
    high: str | None = None


@dataclass(slots=True)
class Group:
    """Numbers that share a unit: tokens `first` up to `after` (without it)."""

    values: list[Value]
    unit: str
    first: int
    after: int
    named: bool
    """Whether the unit comes first (Week 4), or the number is an ordinal (4th week)."""
    kind: str = "at"
    dropped: bool = False
    """Whether it is no time of measurement."""


def groups_of(tokens: list[Token]) -> Iterator[Group]:
    """Yield the groups in the order of the text."""
    labels, several = word_group(TABLE, "label"), word_group(TABLE, "labels")
    at = 0
    while at < len(tokens):
        token = tokens[at]
        group = None
        if token.kind == "u":
            group = _named_group(tokens, at)
        elif token.kind in "no" and word_at(tokens, at - 1) not in labels:
            group, read = _counted_group(tokens, at)
            group = group and _with_smaller(tokens, group)
            if group is None:
                at = max(at, read - 1)
        elif token.kind == "w" and token.word in several:
            at = max(at, _numbers(tokens, at + 1, named=True)[1] - 1)
        if group is not None:
            yield group
        at = group.after if group is not None else at + 1


_SMALLER: Final = {"a": ("mo", 12), "h": ("min", 60), "min": ("s", 60)}
"""The unit that may follow one in a length of both, and how many of it make one."""


def _with_smaller(tokens: list[Token], group: Group) -> Group:
    """Return a group with the rest in a smaller unit that stands right behind it (`3 years 5 months`)."""
    if group.unit not in _SMALLER or group.named or len(group.values) > 1 or not _is_number(tokens, group.after):
        return group
    unit, factor = _SMALLER[group.unit]
    rest, _ = _counted_group(tokens, group.after)
    if rest is None or rest.unit != unit or rest.values[0].high or group.values[0].high or len(rest.values) > 1:
        return group
    whole, part = group.values[0].low, rest.values[0].low
    if not (whole.isdigit() and part.isdigit() and int(part) < factor):
        return group
    return Group([Value(str(int(whole) * factor + int(part)))], unit, group.first, rest.after, named=False)


def _is_number(tokens: list[Token], at: int, *, signed: bool = False) -> bool:
    if signed and word_at(tokens, at) == "-":
        at += 1
    return at < len(tokens) and tokens[at].kind == "n"


def _numbers(tokens: list[Token], at: int, *, named: bool, unit: str = "") -> tuple[list[Value], int]:
    """Read numbers from `at`: a list with commas and conjunctions, ranges with a dash or a word."""
    separators = word_group(TABLE, "separator")
    values: list[Value] = []
    size = len(tokens)
    while at < size:
        negative = named and word_at(tokens, at) == "-" and _is_number(tokens, at + 1)
        at += negative
        if tokens[at].kind not in "no" or (named and values and _begins_another(tokens, at)):
            break
        visits = [] if negative else _visits(tokens, at)
        if visits:
            values += [Value(visit) for visit in visits[:-1]]
            at += 2 * (len(visits) - 1)
        low = ("-" if negative else "") + tokens[at].value
        high, at = (None, at + 1) if visits else _high_end(tokens, at + 1, named=named, unit=unit)
        values.append(Value(low, high))
        ahead = at
        while word_at(tokens, ahead) in separators or _stands_in_list(tokens, ahead, at):
            ahead += 1
        if ahead == at or ahead >= size or not (tokens[ahead].kind in "no" or tokens[ahead].word == "-"):
            break
        at = ahead
    return values, at


def _visits(tokens: list[Token], at: int) -> list[str]:
    """Return the rising numbers that dashes put in a row (1-3-6 months), unless two are the ends of a range."""
    visits = [tokens[at].value]
    while (
        word_at(tokens, at + 1) == "-"
        and _is_number(tokens, at + 2)
        and float(tokens[at + 2].value) > float(visits[-1])
    ):
        at += 2
        visits.append(tokens[at].value)
    return visits if len(visits) > 2 else []


def _begins_another(tokens: list[Token], at: int) -> bool:
    """Tell whether a number is not of the list behind a unit: it has a unit of its own, or no visit is a fraction."""
    return _has_unit(tokens, at) or "." in tokens[at].value


def _stands_in_list(tokens: list[Token], ahead: int, at: int) -> bool:
    """Tell whether a dash (3- and 6-month) or a repeated preposition (at 3, at 6 months) stands in a list."""
    return word_at(tokens, ahead) == "-" or (word_at(tokens, ahead) == "at" and ahead > at)


def _high_end(tokens: list[Token], at: int, *, named: bool, unit: str) -> tuple[str | None, int]:
    """Return the high end of a range that goes on at a place, and the place after it.

    A unit before it must be that of the range: `Day 1 to Month 12` has two ends of their own.
    """
    if at + 1 >= len(tokens) or tokens[at].word not in ("-", "to", "through", "thru"):
        return None, at
    again = named and tokens[at + 1].kind == "u" and at + 2 < len(tokens)
    if again and unit and tokens[at + 1].value != unit:
        return None, at
    step = at + 1 + again
    if tokens[step].kind not in "no" or (named and _leads_to_unit(tokens, step)):
        return None, at
    return tokens[step].value, step + 1


def _leads_to_unit(tokens: list[Token], at: int) -> bool:
    """Tell whether the number at a place has a unit of its own behind it."""
    after = at + 1 + (word_at(tokens, at + 1) == "-")
    return after < len(tokens) and tokens[after].kind == "u" and not _is_number(tokens, after + 1)


def _has_unit(tokens: list[Token], at: int) -> bool:
    """Tell whether the number or range at a place has a unit of its own behind it."""
    ranged = word_at(tokens, at + 1) == "-" and _is_number(tokens, at + 2)
    return _leads_to_unit(tokens, at) or (ranged and _leads_to_unit(tokens, at + 2))


def _named_group(tokens: list[Token], at: int) -> Group | None:
    first = at + 1
    while word_at(tokens, first) in (".", "#", "(", ":", "no", "number") and first < at + 3:
        if tokens[first].word in ("(", ":") and not _is_number(tokens, first + 1):
            return None
        first += 1
    if not _is_number(tokens, first, signed=True):
        return None
    if tokens[first].kind == "n" and _leads_to_unit(tokens, first):
        return None
    values, after = _numbers(tokens, first, named=True, unit=tokens[at].value)
    return Group(values, tokens[at].value, at, after, named=True) if values else None


def _counted_group(tokens: list[Token], at: int) -> tuple[Group | None, int]:
    """Return the numbers at a place with the unit behind them, and the place after the numbers."""
    values, after = _numbers(tokens, at, named=False)
    unit = after
    unit += word_at(tokens, unit) == "-"
    if word_at(tokens, unit) == "(" and _is_number(tokens, unit + 1):
        unit = next((place + 1 for place in range(unit + 2, unit + 6) if word_at(tokens, place) == ")"), unit)
    if word_at(tokens, unit) in ("±", "+/-", "+-") and _is_number(tokens, unit + 1):
        unit += 2
    adjectives = word_group(TABLE, "adjective")
    skipped = 0
    while skipped < 3 and (word_at(tokens, unit) in adjectives or word_at(tokens, unit) == "-"):
        unit, skipped = unit + 1, skipped + 1
    if word_at(tokens, unit) == "a" and tokens[at].word == "half":
        unit += 1
    if word_at(tokens, unit) == "person":
        unit += 1 + (word_at(tokens, unit + 1) == "-")
    if not values or unit >= len(tokens) or tokens[unit].kind != "u":
        return None, after
    if tokens[unit].value == "{cycle}" and _is_number(tokens, unit + 1):
        return None, after
    if skipped and len(tokens[unit].word) < 3:
        return None, after
    return Group(values, tokens[unit].value, at, unit + 1, named=tokens[at].kind == "o"), after
