"""The arms of a trial as lanes: what is given in each, on which days as far as that is stated.

A drawing claims no more than its sources. Where an interval or the days are stated, doses stand on their days,
counted from the first of that row; where nothing is stated, the row has no marks, and its words stand beside it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final

from trialgraph.terms import Term
from trialgraph.web.context.node import Node
from trialgraph.web.things.arm_schedules import Schedule
from trialgraph.web.things.trial_page import ArmView, DoseRow, TrialView

COLOURS: Final = 8
"""Colours there are; with more things that are given, some share one."""
_SHORTEST, _LONGEST = 28.0, 364.0
_REPEATS: Final = 4
"""How often an interval without a known end is drawn."""
_STEPS: Final = (7, 14, 21, 28, 42, 56, 84, 112, 182)
_MOST_TICKS: Final = 5
_MOST_DAYS: Final = 400
_TOUCHING: Final = 0.01


@dataclass(frozen=True, slots=True)
class Span:
    """A time during which something is given: from and how wide, in percent of the lane; sure, or perhaps."""

    start: float
    width: float
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Strip:
    """One row of a lane: what is given, how, its colour, and when."""

    given: tuple[Node, ...]
    details: tuple[str, ...]
    """Dose, route, how often and for how long, in words."""
    colour: int
    spans: tuple[Span, ...]
    """Empty where no days are stated."""
    open_end: bool
    """Whether it goes on beyond what is drawn, or to an end that is not stated."""


@dataclass(frozen=True, slots=True)
class Lane:
    """An arm with its rows; words where some row has no dose."""

    arm: Node
    strips: tuple[Strip, ...]
    words: str


@dataclass(frozen=True, slots=True)
class LaneChart:
    """All lanes of a trial over one axis."""

    lanes: tuple[Lane, ...]
    ticks: tuple[tuple[float, str], ...]
    """Where on the axis, in percent, and what it says; empty where no row has days."""


def lane_charts(views: Sequence[TrialView], schedules: Mapping[Term, Schedule]) -> list[LaneChart | None]:
    """Return the lanes of each trial, with one axis and the same colours; None for those that say nothing of arms."""
    colours = _Colours()
    drafts = [[(arm, _drafts(arm, schedules)) for arm in view.arms] for view in views]
    horizon = _horizon(draft.schedule for arms in drafts for _, rows in arms for draft in rows)
    ticks = _ticks(horizon) if horizon else ()
    return [
        LaneChart(
            tuple(
                Lane(arm.arm, tuple(_strip(draft, horizon, colours) for draft in rows), _words(arm, rows))
                for arm, rows in arms
            ),
            ticks,
        )
        if any(rows for _, rows in arms)
        else None
        for arms in drafts
    ]


@dataclass(frozen=True, slots=True)
class _Draft:
    given: tuple[Node, ...]
    details: tuple[str, ...]
    schedule: Schedule
    has_dose: bool
    position: int = 0
    """Its place in a sequence of doses of the same thing, from 1; 0 where it is in none."""


@dataclass(slots=True)
class _Colours:
    """Gives each thing that is given a colour of its own, the same in every arm."""

    known: dict[str, int] = field(default_factory=dict)

    def of(self, given: Sequence[Node]) -> int:
        name = " + ".join(sorted({node.label.casefold() for node in given}))
        return self.known.setdefault(name, len(self.known)) % COLOURS


def _drafts(arm: ArmView, schedules: Mapping[Term, Schedule]) -> list[_Draft]:
    rows = _in_sequence(
        [
            _Draft(
                tuple(dose.given),
                _details(dose),
                _with_days(dose, schedules),
                bool(dose.doses),
                dose.specification.position if dose.specification.many("doseStage") else 0,
            )
            for dose in arm.doses
        ]
    )
    for course, _ in arm.radiotherapy:
        given = course.many("intervention") or course.many("agentName") or [course]
        fractions = course.text("fractions")
        each = course.text("dosePerFraction")
        parts = (course.text("totalDose"), fractions and f"{fractions} fractions", each and f"{each} each")
        schedule = schedules.get(course.term, Schedule())
        schedule = Schedule(interval=1.0 if schedule.length else schedule.interval, length=schedule.length)
        rows.append(_Draft(tuple(given), tuple(filter(None, parts)), schedule, True))
    rows += [_Draft((given,), (), Schedule(), False) for given in arm.other_interventions]
    return rows


def _in_sequence(rows: list[_Draft]) -> list[_Draft]:
    """Return doses that follow each other one behind the other; without days from where an end is not stated."""
    ends: dict[tuple[str, ...], float | None] = {}
    placed = dict(enumerate(rows))
    for at, row in sorted(placed.items(), key=lambda item: item[1].position):
        schedule, name = row.schedule, tuple(sorted(node.label.casefold() for node in row.given))
        if row.position and not schedule.days:
            before = ends.get(name, 0.0)
            schedule = replace(schedule, after=before) if before is not None else Schedule()
        if row.position:
            ends[name] = schedule.end or None
        placed[at] = replace(row, schedule=schedule)
    return [placed[at] for at in range(len(rows))]


def _details(dose: DoseRow) -> tuple[str, ...]:
    """Return what is said of a dose in words, in the order in which a person would say it."""
    cycles = f"{dose.cycles} cycle{'' if dose.cycles == '1' else 's'}" if dose.cycles else ""
    days = ", ".join(node.label for node in dose.days)
    stage = dose.specification.one("doseStage")
    parts = (
        f"{stage.label}:" if stage else "",
        " ".join(filter(None, (dose.role, " or ".join(node.label for node in dose.doses)))),
        dose.choice,
        ", ".join(node.label for node in dose.routes),
        ", ".join(node.label for node in dose.frequency),
        f"day{'' if days.isdecimal() else 's'} {days}" if days else "",
        cycles,
        dose.lasting,
        f"until {' or '.join(node.label for node in dose.stop)}" if dose.stop else "",
    )
    return tuple(filter(None, parts))


def _with_days(dose: DoseRow, schedules: Mapping[Term, Schedule]) -> Schedule:
    specification = dose.specification
    known = schedules.get(specification.term, Schedule())
    named = specification.many("dayOfCycle") or specification.many("studyDay")
    days = sorted({int(node.value) for node in named if node.value.isdigit() and 0 < int(node.value) <= _MOST_DAYS})
    least, _, last = dose.cycles.partition(" to ")
    return Schedule(
        interval=known.interval,
        cycle=known.cycle if specification.many("dayOfCycle") or known.cycle else 0.0,
        length=known.length,
        cycles=_count(last or least),
        least_cycles=_count(least),
        once=specification.text("frequency") == "once",
        days=tuple(days),
    )


def _count(text: str) -> int:
    return int(text) if text.isdecimal() else 0


def _horizon(schedules: Iterable[Schedule]) -> float:
    """Return how many days are drawn: all known ends, and some repeats of what has none; 0 where none are known."""
    ends = []
    for schedule in schedules:
        if schedule.end:
            ends.append(schedule.end)
        elif schedule.period:
            ends.append(schedule.after + schedule.period * _REPEATS)
    return min(max(*ends, _SHORTEST), _LONGEST) if ends else 0.0


def _strip(draft: _Draft, horizon: float, colours: _Colours) -> Strip:
    end = draft.schedule.end
    spans = _spans(draft.schedule, horizon) if horizon else ()
    open_end = bool(spans) and (not end or end > horizon)
    return Strip(draft.given, draft.details, colours.of(draft.given), spans, open_end)


def _spans(schedule: Schedule, horizon: float) -> tuple[Span, ...]:
    """Return when a schedule gives something; days that follow each other are one span.

    >>> [(round(span.start), round(span.width)) for span in _spans(Schedule(interval=21), 84)]
    [(0, 2), (25, 2), (50, 2), (75, 2)]
    >>> [(round(span.start), round(span.width)) for span in _spans(Schedule(interval=1, length=42), 84)]
    [(0, 50)]
    >>> _spans(Schedule(length=42), 84)
    ()
    >>> [span.sure for span in _spans(Schedule(interval=21, cycles=4, least_cycles=3), 84)]
    [True, True, True, False]
    """
    if not (schedule.interval or schedule.days or schedule.once):
        return ()
    certain = schedule.after + schedule.least_cycles * schedule.period if schedule.least_cycles else horizon
    thinnest = horizon / 60
    spans: list[tuple[float, float]] = []
    for start in _starts(schedule, min(schedule.end or horizon, horizon)):
        stop = min(start + 1, horizon)
        if spans and start - spans[-1][1] < _TOUCHING:
            spans[-1] = (spans[-1][0], stop)
        else:
            spans.append((start, stop))
    if len(spans) > 1 and all(after[0] - before[1] < thinnest / 2 for before, after in pairwise(spans)):
        spans = [(spans[0][0], spans[-1][1])]  # too close to tell apart in a drawing
    return tuple(
        Span(round(100 * start / horizon, 2), round(100 * max(stop - start, thinnest) / horizon, 2), start < certain)
        for start, stop in spans
    )


def _starts(schedule: Schedule, end: float) -> list[float]:
    """Return the days on which something is given, counted from 0."""
    if schedule.once and not schedule.days:
        return [schedule.after]
    if not schedule.days:
        step = max(schedule.interval, 1.0)
        return [schedule.after + count * step for count in range(int((end - schedule.after - _TOUCHING) // step) + 1)]
    if not schedule.period or schedule.period < max(schedule.days):
        return [day - 1.0 for day in schedule.days if day <= end]
    rounds = range(int((end - _TOUCHING) // schedule.period) + 1)
    found = (count * schedule.period + day - 1 for count in rounds for day in schedule.days)
    return sorted(start for start in found if start < end)


def _ticks(horizon: float) -> tuple[tuple[float, str], ...]:
    """Return the marks of the axis.

    >>> _ticks(84)
    ((0.0, 'start'), (25.0, 'week 3'), (50.0, 'week 6'), (75.0, 'week 9'))
    """
    step = next((step for step in _STEPS if horizon / step <= _MOST_TICKS), _STEPS[-1])
    days = range(step, int(horizon * 0.9) + 1, step)
    return ((0.0, "start"), *((round(100 * day / horizon, 2), f"week {day // 7}") for day in days))


def _words(arm: ArmView, rows: Sequence[_Draft]) -> str:
    """Return the text of an arm, where something in it has no dose that was read."""
    untold = any(not draft.has_dose for draft in rows) or not rows
    return arm.description.value if untold and arm.description else ""
