"""One dose with the keys of the guide, from an amount and what belongs to it."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

from trialgraph.interpretation.dose_amounts import EYE, Amount
from trialgraph.interpretation.mark import Mark
from trialgraph.interpretation.regimen_state import PLACEBO, VEHICLE, Agent, RegimenText
from trialgraph.interpretation.stored_text import StoredText

KEYS: Final = (
    "path quote kind role agent amount amount_high unit route times every every_unit days cycle cycles fractions "
    "duration until start end rule"
).split()
"""The keys of a dose, in their order."""
PER_FRACTION: Final = "dose/radiation-per-fraction"
"""The rule of an amount of Gy that is that of one fraction."""
_RULES: Final = {"mass": "dose/mass", "absorbed dose": "dose/radiation", "form": "dose/form", "exposure": "dose/auc"}


def entry(state: RegimenText, amount: Amount) -> dict[str, Any]:
    """Return one dose with the keys of the guide."""
    text, agent, scope = state.text, state.agents[id(amount)], state.scopes[id(amount)]
    dose: dict[str, Any] = dict.fromkeys(KEYS)
    given = {} if amount.role == "strength" else scope.given
    used: list[Mark] = []

    kind = _kind(state, amount, agent)
    if kind != "radiation" and given.get("route"):
        # How radiation is given is no route of a drug.
        given = {**given, "route": [mark for mark in given["route"] if mark.value != ("external beam",)]}
    if kind == "radiation" and given.get("route"):
        given = {**given, "route": [mark for mark in given["route"] if mark.value[0] in ("external beam", "other")]}

    def first(slot: str) -> Mark | None:
        marks_of = given.get(slot)
        if not marks_of:
            return None
        used.append(marks_of[0])
        return marks_of[0]

    dose |= {
        "path": state.path,
        "kind": kind,
        "role": amount.role,
        "agent": agent.name,
        "amount": amount.value,
        "amount_high": amount.high,
        "unit": amount.unit,
    }
    route = first("route")
    dose["route"] = route.value[0] if route else _route_of_unit(amount)
    _frequency(dose, amount, given, first)
    _days_and_cycle(dose, amount, given, first, text)
    if _is_rate_limit(amount):
        dose["times"] = dose["every"] = dose["every_unit"] = None
    cycles = first("cycles") if kind != "radiation" else None
    counts = _counts(state, amount) if cycles else set()
    # Counts of parts of a treatment ("4 cycles with ..., 14 cycles alone") are none of the whole.
    dose["cycles"] = cycles.value[0] if cycles and len(counts) < 2 else None
    if kind == "radiation":
        fractions = first("fractions")
        dose["fractions"] = amount.fractions or (fractions.value[0] if fractions else None)
    lengths = given.get("duration", ())
    if (
        len(lengths) == 1
        and lengths[0].end <= amount.start
        and _RISING.search(text.folded, lengths[0].end, amount.start)
    ):
        given = {**given, "duration": []}  # "in the first 16 weeks the dose is escalated from 0.25 mg"
    if _is_step(amount, lengths, text):
        given = {**given, "duration": given["duration"][1:]}
    duration = first("duration") if not _is_rate_limit(amount) else None
    dose["duration"] = duration.value[0] if duration else None
    if duration is None and amount.per and amount.per[-1] in ("min", "h") and given.get("infusion"):
        dose["duration"] = given["infusion"][0].value[0]
    until = first("until")
    dose["until"] = until.value[0] if until else None
    if amount.role == "strength":
        dose["times"] = dose["every"] = dose["every_unit"] = None
    dose["rule"] = amount.rule or _rule(amount)
    start, end, quote = _quote(state, amount, agent, used)
    dose |= {"start": start, "end": end, "quote": quote}
    return dose


def _route_of_unit(amount: Amount) -> str | None:
    """Return the route that the unit of a dose tells: "20 ug per eye", "2 inhalations"."""
    if EYE in amount.notes:
        return "ophthalmic"
    return "inhaled" if amount.unit == "{inhalation}" and amount.role != "strength" else None


_RISING: Final = re.compile(r"\b(?:escalat|titrat|increas|rais)\w* from\b")
_STEPPED: Final = re.compile(r"\b(?:escalat|titrat|start|increas)\w*\b")


def _is_step(amount: Amount, durations: Sequence[Mark], text: StoredText) -> bool:
    """Return whether the first of two durations is of all steps: "for 5 days, starting at 2 mg for 1 day"."""
    if len(durations) < 2 or not durations[0].end <= amount.start < durations[1].start:
        return False
    return _STEPPED.search(text.folded, durations[0].end, amount.start) is not None


def _is_rate_limit(amount: Amount) -> bool:
    """Return whether an amount limits the rate of an infusion: schedule and duration are not its own."""
    return amount.role == "maximum" and bool(amount.per) and amount.per[-1] in ("h", "min")


def _rule(amount: Amount) -> str:
    """Return the rule that read an amount: by its kind, and by what it is divided by."""
    if amount.kind == "absorbed dose" and ("per fraction" in amount.notes or amount.fractions):
        return PER_FRACTION
    if amount.per:
        return f"dose/per-{amount.per[0].strip('{}')}"
    return _RULES.get(amount.kind, f"dose/{amount.kind}")


def _counts(state: RegimenText, amount: Amount) -> set[str | None]:
    """Return the numbers of cycles between this dose and the next in its sentence."""
    _, ceiling = state.sentences[_sentence(state, amount.start)]
    found: set[str | None] = set()
    index = bisect_right(state.amounts, amount.start, key=lambda one: one.start)
    following = (one.start for one in state.amounts[index : index + 20] if amount.end < one.start and not one.reason)
    stop = min(next(following, ceiling), ceiling)
    index = bisect_left(state.marks, amount.end, key=lambda mark: mark.start)
    for mark in state.marks[index : index + 60]:
        if mark.start >= stop:
            break
        if mark.slot == "cycles":
            found.add(mark.value[0])
    return found


def _sentence(state: RegimenText, position: int) -> int:
    """Return the number of the sentence that a position is in."""
    return max(0, bisect_right(state.sentences, (position, len(state.text.plain) + 1)) - 1)


def _kind(state: RegimenText, amount: Amount, agent: Agent) -> str:
    path, context = state.path, state.context
    folded = state.text.folded
    if agent.end is not None and (_AS_PLACEBO.match(folded, agent.end) or _USED_AS_PLACEBO.match(folded, agent.end)):
        return "placebo"
    if VEHICLE.search(agent.name.lower()) and (
        path in context.dummies or _is_vehicle_of_placebo(state, amount, agent)
    ):
        return "placebo"
    if PLACEBO.search(agent.name.lower()) or (
        path in context.placebo
        and (agent.start is None or VEHICLE.search(agent.name.lower()) or _is_dummy(state, amount, agent))
    ):
        return "placebo"
    if amount.kind == "absorbed dose" or (path in context.radiation and amount.kind != "radioactivity"):
        return "radiation"
    return "drug"


def _is_vehicle_of_placebo(state: RegimenText, amount: Amount, agent: Agent) -> bool:
    """Return whether the sentence speaks of a placebo, or what goes before tells that it is made of this."""
    floor, ceiling = state.sentences[_sentence(state, amount.start)]
    told = _PLACEBO_OF.finditer(state.text.folded, max(0, floor - _BEFORE), floor)
    return PLACEBO.search(state.text.folded, floor, ceiling) is not None or any(
        match[1] == agent.name.lower() for match in told
    )


_BEFORE: Final = 400
_AS_PLACEBO: Final = re.compile(r"\s?\((?:as )?(?:the |a |an )?(?:matching |inactive |inert )?placebo\)")
"""Behind the name of what is given as placebo: "starch (placebo)"."""


_PLACEBO_OF: Final = re.compile(
    r"\bplacebo (?:injections?|infusions?|doses?)? ?(?:of|with|\() ?"
    r"((?:normal |physiological |sterile )?[a-z]{4,16})\b"
)
"""What a placebo is made of, in another sentence: "a placebo injection of normal saline"."""
_USED_AS_PLACEBO: Final = re.compile(r"\s(?:will be |is |was )?used as (?:a )?placebo\b")


def _is_dummy(state: RegimenText, amount: Amount, agent: Agent) -> bool:
    """Return whether a share of a substance that no intervention bears is what a placebo is made of."""
    shares = state.path.startswith("interventions") and amount.unit == "%"
    return shares and not state.context.names.knows(agent.name)


def _number(written: str | None) -> int | float | None:
    if written is None:
        return None
    value = float(written)
    return int(value) if value.is_integer() else value


def _frequency(
    dose: dict[str, Any], amount: Amount, given: Mapping[str, Sequence[Mark]], first: Callable[[str], Mark | None]
) -> None:
    """Fill times, every and every_unit."""
    mark = first("frequency")
    several = given.get("frequency") or []
    chosen = mark.value if mark else None
    if chosen and chosen[2] == "once" and len(several) > 1 and several[1].value[2] not in ("once", "prn"):
        chosen = several[1].value
    if (amount.frequency and (chosen is None or chosen[2] in ("once", "prn"))) or (
        amount.frequency and chosen and chosen[1:] == ("1", "d") and amount.frequency[1:] == ("1", "d")
    ):  # "6 capsules per day, twice daily" are six a day
        chosen = amount.frequency
    if mark and amount.frequency and mark.end <= amount.start and chosen and chosen[1:] != amount.frequency[1:]:
        chosen = amount.frequency  # "every two weeks: 25 mg/day, then 12.5 mg/day" tells when the dose changes
    if chosen and amount.per and amount.per[-1] in ("min", "h") and _is_short(chosen):
        chosen = None  # a rate that is raised in intervals
    if chosen and chosen[2] == "?":
        chosen = amount.frequency  # "biweekly" means either of two things
    if chosen:
        dose["times"], dose["every"], dose["every_unit"] = _number(chosen[0]), _number(chosen[1]), chosen[2]


def _is_short(frequency: tuple[str | None, ...]) -> bool:
    """Return whether an interval is one in which a rate is changed, none of giving."""
    return frequency[2] in ("min", "s") or (frequency[2] == "h" and float(frequency[1] or 0) < 24)


def _days_and_cycle(
    dose: dict[str, Any],
    amount: Amount,
    given: Mapping[str, Sequence[Mark]],
    first: Callable[[str], Mark | None],
    text: StoredText,
) -> None:
    """Fill days and cycle; an interval beside named days is the cycle (rule 12)."""
    day, cycle = first("days"), first("cycle")
    if day:
        dose["days"] = _joined(given["days"], text)
    if cycle:
        said = [mark for mark in given["cycle"] if not mark.rule.endswith("on-off")]
        dose["cycle"] = (said[0] if said else cycle).value[0]
    frequency = given.get("frequency")
    if not frequency:
        return
    if dose["days"]:
        _interval_as_cycle(dose, frequency)
        _drop_interval(dose, frequency[0], told_before=frequency[0].end <= amount.start)
    if not dose["cycle"] and len(frequency) > 1:
        _interval_behind(dose, frequency, text, given_cycles=bool(given.get("cycles")))
    if not dose["cycle"] and _ONE_CYCLE.match(text.folded, frequency[0].end):
        dose["cycle"] = f"{frequency[0].value[1]} {frequency[0].value[2]}"


_FOR_DAYS: Final = re.compile(r"(?:for|x|on) (?:\d{1,2}|[a-z]{3,6}) (?:consecutive )?days?")
_SHORT_GAP: Final = 40


def _interval_behind(
    dose: dict[str, Any], frequency: Sequence[Mark], text: StoredText, *, given_cycles: bool
) -> None:
    """Make an interval behind how often a day the cycle: "once daily every 21 days for 4 cycles"."""
    pairs = (pair for pair in pairwise(frequency) if pair[1].rule.split("/")[1] in _INTERVALS)
    often, interval = next(pairs, frequency[:2])
    between = (
        text.folded[often.end : interval.start].strip(" ,-()") if interval.start - often.end < _SHORT_GAP else "."
    )
    beside = not between if given_cycles else _FOR_DAYS.fullmatch(between) is not None
    daily = often.value[2] == "d" and often.value[1] == "1"
    if beside and daily and interval.rule.split("/")[1] in _INTERVALS and interval.value[2] in _DAYS_OF:
        dose["cycle"] = f"{float(interval.value[1] or 1):g} {interval.value[2]}"


_ONE_CYCLE: Final = re.compile(r"\s?\((?:1|one) cycle\)")


def _joined(marks: Sequence[Mark], text: StoredText) -> str | None:
    """Return the days of several marks that go on with each other, as one list."""
    numbered = [mark for mark in marks if not mark.rule.endswith("on-off")]
    marks = numbered or marks  # "3 weeks (days 1, 8, 15), 1 week off" names its days
    values = [marks[0].value[0]]
    for previous, mark in pairwise(marks):
        between = text.folded[previous.end : mark.start]
        ranged = _TO.search(between) is not None and len(between) < 40 and not _OTHER_DAYS.search(between)
        if ranged and (mark.value[0] or "").isdigit():
            values[-1] = f"{values[-1]}-{mark.value[0]}"
        elif len(between) < 60 and not _OTHER_DAYS.search(between):
            values.append(mark.value[0])
        else:
            break
    return ",".join(dict.fromkeys(value for value in values if value)) or None


_TO: Final = re.compile(r"\b(?:through|to|until)\b")
_OTHER_DAYS: Final = re.compile(r"cycle|\.|week|\bwith\b|\bdose\b(?! on )")
"""Words between days that are not of one list."""


def _interval_as_cycle(dose: dict[str, Any], frequency: Sequence[Mark]) -> None:
    """Make an interval beside named days the cycle, where the days lie within it (rules 12 and 24)."""
    intervals = [mark for mark in frequency if mark.rule.split("/")[1] in _INTERVALS]
    others = [mark for mark in frequency if mark.rule.split("/")[1] not in _INTERVALS and mark.value[2] != "once"]
    if not intervals:
        return
    times, every, unit = intervals[0].value
    if times != "1" or every is None or unit not in _DAYS_OF or not _covers(dose["days"], float(every), unit):
        return
    dose["cycle"] = dose["cycle"] or f"{float(every):g} {unit}"
    if intervals[0] is frequency[0]:
        dose["times"] = dose["every"] = dose["every_unit"] = None
        if others:
            times, every, unit = others[0].value
            dose["times"], dose["every"], dose["every_unit"] = _number(times), _number(every), unit


def _drop_interval(dose: dict[str, Any], mark: Mark, *, told_before: bool) -> None:
    """Leave out an interval that tells the cycle once more, or that of other drugs where one day of a cycle is named.

    "On day 1 of every week (q1w)"; "weekly A (B 80 mg on days 1, 8, 15, with C 420 mg on day 1, 21 days per cycle)".
    """
    if not dose["cycle"] or mark.value[0] != "1" or mark.value[2] not in _DAYS_OF:
        return
    length = f"{float(mark.value[1] or 1):g} {mark.value[2]}"
    weekly_elsewhere = told_before and length == "1 wk" and dose["days"].isdigit()
    if (length == dose["cycle"] and length != "1 d") or weekly_elsewhere:
        dose["times"] = dose["every"] = dose["every_unit"] = None


_DAYS_OF: Final = {"d": 1, "wk": 7, "mo": 31}
_INTERVALS: Final = frozenset(
    (
        "every-n q-n-weeks q-n-days q-n-months n-weekly every-other-week "
        "every-third-week every-fourth-week once-every monthly n-unit-intervals "
        "once-monthly every-third-month n-monthly"
    ).split()
)


def _covers(days: str, every: float, unit: str) -> bool:
    """Return whether the named days lie within one interval (rule 24)."""
    size = _DAYS_OF[unit] * every
    numbers = [int(number) for number in re.findall(r"\d+", days)]
    return bool(numbers) and max(numbers) <= size


def fill(dose: dict[str, Any], later: Mapping[str, Any]) -> None:
    """Fill what the first mention of a dose leaves open from a later one (rule 23)."""
    if dose["role"] == "strength":
        return
    if dose["every_unit"] is None and dose["days"] is None and later["every_unit"] is not None:
        for key in ("times", "every", "every_unit"):
            dose[key] = later[key]
    for key in ("route", "days", "cycle", "cycles", "fractions", "duration", "until"):
        if dose[key] is None and not (key in ("days", "cycle") and dose["every_unit"] not in (None, "d")):
            dose[key] = later[key]


def _quote(state: RegimenText, amount: Amount, agent: Agent, used: Sequence[Mark]) -> tuple[int, int, str]:
    """Return the piece from the first to the last word a dose rests on, within its sentence and 200 characters."""
    text = state.text
    floor, ceiling = state.sentences[_sentence(state, amount.start)]
    points = [(amount.start, amount.end)]
    if agent.start is not None and agent.end is not None:
        points.append((agent.start, agent.end))
    points += [(mark.start, mark.end) for mark in used]
    start, end = amount.start, amount.end
    for first, last in sorted(points, key=lambda point: abs(point[0] - amount.start)):
        begin, finish = min(start, first), max(end, last)
        if (
            floor <= first
            and last <= max(ceiling, amount.end)
            and text.stored_end(finish) - text.stored_start(begin) <= 200
        ):
            start, end = begin, finish
    return text.span(start, end)
