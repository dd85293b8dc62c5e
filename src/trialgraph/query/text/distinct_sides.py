"""Joins of two sides that have many solutions each, answered by sides whose solutions come once.

"Which countries share how many trials" joins the sites of a trial with the sites of the same trial: millions of
solutions, of which a thousand differ. Where an answer does not depend on how often a solution comes (DISTINCT, or
aggregates that count each value once), the patterns are parted at the variables where they meet, and each side is
a subquery with DISTINCT over what is used elsewhere. What only tells whether a solution is one (the phase of the
trial) stands in every side, so that none has more to look at than before.

>>> from trialgraph.sparql.edits import edited
>>> from trialgraph.sparql.parser import parse
>>> counts = Statistics(10**6, {"u:site": (90_000, 900, 90_000), "u:in": (90_000, 90_000, 90)}, {})
>>> query = parse("SELECT ?x (COUNT(DISTINCT ?t) AS ?n) { ?t <u:site>/<u:in> ?x , ?y FILTER(?x < ?y) } GROUP BY ?x")
>>> print(edited(query.text, distinct_sides(query, counts)))
SELECT ?x (COUNT(DISTINCT ?t) AS ?n) { { SELECT DISTINCT ?t ?x { ?t <u:site>/<u:in> ?x } } \
{ SELECT DISTINCT ?t ?y { ?t <u:site>/<u:in> ?y } } FILTER(?x < ?y) } GROUP BY ?x
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import prod
from typing import Final

from trialgraph.sparql.edits import Edit
from trialgraph.sparql.query import AGGREGATES, Call, Filter, Query, Select, Triple, Triples, expressions
from trialgraph.store import Statistics
from trialgraph.vocabulary import BASE

_LEAST_SOLUTIONS: Final = 2_500
"""Fewer are made in less time than it takes to tell whether they differ."""
_LEAST_GAIN: Final = 0.5
"""How many times as many solutions the whole must have as its sides together, by counts that are low where values
go together: of forty questions, none lost more by being parted than a few milliseconds, and four gained a second."""
_SKEW: Final = 0.75
"""Objects such as names are not spread evenly: so many as this power of their number meet as if they were."""
_FEW: Final = 2
"""Solutions of a pattern for one value of the variable it begins with, that it may have to be put into each side."""
_MOST_UNITS: Final = 12
_EACH_ONCE: Final = frozenset(("MIN", "MAX"))


@dataclass(frozen=True)
class _Unit:
    """A triple pattern, or a path of several: its text, its ends that are variables, and about how many solutions."""

    text: str
    subject: str
    """A variable, or nothing."""
    object: str
    size: float
    subjects: float
    objects: float

    @property
    def variables(self) -> frozenset[str]:
        return frozenset(filter(None, (self.subject, self.object)))

    def distinct(self, variable: str) -> float:
        """How many values one of its variables has."""
        return min(self.size, self.subjects if variable == self.subject else self.objects)


def distinct_sides(query: Query, statistics: Statistics) -> tuple[Edit, ...]:
    """Return the changes; none where an answer depends on how often a solution comes, or where nothing is gained."""
    group = query.select.group
    if query.form != "SELECT" or group is None or not _counts_once(query):
        return ()
    units: list[_Unit] = []
    filters: list[Filter] = []
    for member in group.members:
        if isinstance(member, Filter) and not member.expression.groups:
            filters.append(member)
        elif isinstance(member, Triples) and member.is_plain:
            units += (_unit(query, triple, statistics) for triple in member.triples)
        else:
            return ()
    if not 1 < len(units) <= _MOST_UNITS or not all(unit.text for unit in units):
        return ()
    needed = _needed(query.select) | {name for member in filters for name in member.expression.variables}
    best = max(_partings(units, needed), key=lambda parting: parting.gain, default=None)
    if best is None or best.gain < _LEAST_GAIN or _solutions(units) < _LEAST_SOLUTIONS:
        return ()
    return (Edit(group.start + 1, group.end - 1, best.text(query, filters, needed)),)


def _counts_once(query: Query) -> bool:
    """Whether an answer is the same however often a solution comes."""
    select = query.select
    if select.star or select.modifiers.values or any(each.groups for each in expressions(select)):
        return False
    calls = [call for each in expressions(select) for call in each.calls if call.name in AGGREGATES]
    if not select.aggregates:
        return select.option == "DISTINCT"
    return all(call.name in _EACH_ONCE or _is_distinct(query, call) for call in calls)


def _is_distinct(query: Query, call: Call) -> bool:
    inside = [query.text[start:end].upper() for start, end in query.spans if call.start <= start < call.end]
    return call.name != "GROUP_CONCAT" and inside[2:3] == ["DISTINCT"] and inside[3] != "*"


def _needed(select: Select) -> set[str]:
    """Return the variables that are used outside the group."""
    columns = (*select.columns, *select.modifiers.grouping)
    found = {column.variable for column in columns if column.expression is None}
    return found | {name for each in expressions(select) for name in each.variables}


def _unit(query: Query, triple: Triple, statistics: Statistics) -> _Unit:
    """Return a pattern with its counts; without a text where it is none of the kinds that are known here."""
    ends = (triple.subject, triple.object)
    if (
        triple.verb.variable
        or not triple.verb.steps
        or any(term.kind not in {"var", "iri", "literal"} for term in ends)
    ):
        return _Unit("", "", "", 0, 0, 0)
    size = subjects = objects = 0.0
    for step in triple.verb.steps:
        triples, *distinct = statistics.predicates.get(query.iri(step.predicate, BASE), (0, 0, 0))
        begins, ends_in = map(float, reversed(distinct) if step.inverse else distinct)
        if not size:
            size, subjects = float(triples), begins
        else:
            size *= triples / max(objects, begins, 1)
        objects = ends_in
    subject, target = (term.text if term.kind == "var" else "" for term in ends)
    size /= (1 if subject else max(subjects, 1)) * (1 if target else max(objects, 1))
    written = query.text[triple.verb.start : triple.verb.end]
    text = f"{triple.subject.text} {written} {triple.object.text}"
    return _Unit(text, subject, target, max(size, 1), subjects, objects)


def _solutions(units: Sequence[_Unit]) -> float:
    """Return about how many solutions patterns have together."""
    found = prod(unit.size for unit in units)
    for variable in {name for unit in units for name in unit.variables}:
        meeting = [unit for unit in units if variable in unit.variables]
        counts = sorted(unit.distinct(variable) for unit in meeting)[1:]
        power = _SKEW if sum(variable == unit.object for unit in meeting) > 1 else 1
        found /= prod(max(count, 1) ** power for count in counts)
    return max(found, 1)


@dataclass(frozen=True)
class _Parting:
    """Patterns parted at the variables where they meet."""

    meeting: frozenset[str]
    sides: tuple[tuple[_Unit, ...], ...]
    gain: float

    def text(self, query: Query, filters: Sequence[Filter], needed: set[str]) -> str:
        """Return what stands in the group; a filter stands in the side that has all its variables, if one has."""
        left, parts = list(filters), []
        for side in self.sides:
            has = dict.fromkeys(name for unit in side for name in (unit.subject, unit.object) if name)
            shown = [name for name in has if name in self.meeting or name in needed]
            own = [each for each in left if each.expression.variables and each.expression.variables <= set(shown)]
            left = [each for each in left if each not in own]
            patterns = " . ".join(unit.text for unit in side)
            said = "".join(f" {query.text[each.start : each.end]}" for each in own)
            parts.append(f" {{ SELECT DISTINCT {' '.join(shown)} {{ {patterns}{said} }} }}")
        return "".join((*parts, *(f" {query.text[each.start : each.end]}" for each in left), " "))


def _partings(units: Sequence[_Unit], needed: set[str]) -> Iterator[_Parting]:
    """Yield the ways to part patterns at one variable, or at two that several patterns have."""
    names = sorted({name for unit in units for name in unit.variables})
    shared = [name for name in names if sum(name in unit.variables for unit in units) > 1]
    whole = _solutions(units)
    for meeting in map(frozenset, (*((name,) for name in shared), *combinations(shared, 2))):
        parts = _parts(units, meeting)
        checks = [part for part in parts if _only_checks(part, meeting, needed)]
        sides = [part for part in parts if part not in checks]
        if len(sides) < 2 or any(not _variables(side) & meeting for side in sides):
            continue
        full = tuple((*(unit for part in checks for unit in part), *side) for side in sides)
        yield _Parting(meeting, full, whole / sum(_solutions(side) for side in full))


def _variables(units: Sequence[_Unit]) -> frozenset[str]:
    return frozenset(name for unit in units for name in unit.variables)


def _parts(units: Sequence[_Unit], meeting: frozenset[str]) -> list[list[_Unit]]:
    """Return the patterns in parts that have no variables in common but those where they meet."""
    parts: list[list[_Unit]] = []
    for unit in units:
        own = unit.variables - meeting
        touching = [part for part in parts if (_variables(part) - meeting) & own]
        parts = [part for part in parts if part not in touching]
        parts.append([*(each for part in touching for each in part), unit])
    return parts


def _only_checks(part: Sequence[_Unit], meeting: frozenset[str], needed: set[str]) -> bool:
    """Whether patterns lead from where the sides meet to nothing that is used, with few solutions each."""
    if (_variables(part) - meeting) & needed or any(unit.object in meeting for unit in part):
        return False
    begins = [unit.distinct(unit.subject) for unit in part if unit.subject in meeting]
    return bool(begins) and _solutions(part) <= _FEW * max(begins)
