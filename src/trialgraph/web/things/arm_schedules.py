"""When doses are given, in days: read from what is said of a trial and of amounts of time."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from trialgraph.resource.select import Row
from trialgraph.terms import Quad, Term, iri, lexical
from trialgraph.vocabulary import TG

_DAYS: Final = {"min": 1 / 1440, "h": 1 / 24, "d": 1.0, "wk": 7.0, "mo": 365.25 / 12, "a": 365.25}
"""Days of the units of time (UCUM), as far as a drawing needs them."""
_LENGTHS: Final = {
    iri(TG.interval): "interval",
    iri(TG.frequency): "interval",
    iri(TG.period): "period",
    iri(TG.cycleLength): "cycle",
    iri(TG.duration): "length",
    iri(TG.maximumDuration): "length",
}
_TIMES: Final = iri(TG.timesPerPeriod)


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a dose is given, in days, as far as it is stated; nothing where it is not."""

    interval: float = 0.0
    """Between one dose and the next; where several are given in a period, from one to the next on average."""
    cycle: float = 0.0
    length: float = 0.0
    """How long it is given in all."""
    cycles: int = 0
    least_cycles: int = 0
    """Cycles that are given in any case; those beyond may be."""
    once: bool = False
    days: tuple[int, ...] = ()
    """Days of the cycle, or of the study, on which it is given."""
    after: float = 0.0
    """How many days of earlier doses of the same thing go before it."""

    @property
    def period(self) -> float:
        """What repeats: the cycle, or else the interval."""
        return self.cycle or self.interval

    @property
    def end(self) -> float:
        """The day after the last dose could be given; 0 where that is not stated.

        >>> Schedule(interval=21.0, cycles=4).end, Schedule(interval=1.0, length=28.0).end, Schedule(interval=7).end
        (84.0, 28.0, 0.0)
        """
        if self.length:
            return self.after + self.length
        if self.cycles and self.period:
            return self.after + self.cycles * self.period
        if self.once or (self.days and self.period < max(self.days)):
            return self.after + float(max(self.days, default=1))
        return 0.0


def lengths_pattern(quads: Iterable[Quad]) -> str:
    """Return the pattern of how long the amounts of time and the frequencies are that statements lead to."""
    lengths = {o for _, p, o, _ in quads if p in _LENGTHS}
    listed = f"VALUES ?of {{ {' '.join(sorted(lengths))} }}"
    ways = ("?of tg:value ?value ; tg:unit ?unit", "?of tg:interval ?each . ?each tg:value ?value ; tg:unit ?unit")
    return " UNION ".join(f"{{ {listed} {way} }}" for way in ways) if lengths else ""


def schedules(quads: Sequence[Quad], rows: Iterable[Row]) -> dict[Term, Schedule]:
    """Return the schedules of what statements say of doses and courses, with the solutions of `lengths_pattern`.

    >>> quads = [("<x:dose>", iri(TG.interval), "<x:3wk>", "")]
    >>> schedules(quads, [{"of": "<x:3wk>", "value": '"3"', "unit": '"wk"'}])["<x:dose>"].interval
    21.0
    """
    days: dict[Term, float] = {}
    for row in rows:
        one = _DAYS.get(lexical(row["unit"]), 0.0) * float(lexical(row["value"]))
        days[row["of"]] = max(days.get(row["of"], 0.0), one)
    found: dict[Term, dict[str, float]] = {}
    for subject, predicate, value, _ in quads:
        what = "times" if predicate == _TIMES else _LENGTHS.get(predicate)
        if what:
            amount = float(lexical(value)) if predicate == _TIMES else days.get(value, 0.0)
            values = found.setdefault(subject, {})
            values[what] = max(values.get(what, 0.0), amount)
    return {of: _schedule(values) for of, values in found.items()}


def _schedule(values: Mapping[str, float]) -> Schedule:
    interval = values.get("interval", 0.0)
    if not interval and values.get("period"):
        interval = values["period"] / max(values.get("times", 1.0), 1.0)
    return Schedule(interval=interval, cycle=values.get("cycle", 0.0), length=values.get("length", 0.0))
