"""Outcomes of a trial as rows: one for those that several documents tell of the same endpoint."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from trialgraph.resource.select import Row
from trialgraph.terms import Quad, Term, iri, lexical
from trialgraph.vocabulary import TG
from trialgraph.web.context.node import Node
from trialgraph.web.things.trial_sources import is_of_records

_ROLES: Final = ("PRIMARY", "SECONDARY", "OTHER")
_MOST_ENDPOINTS: Final = 200


@dataclass(frozen=True)
class OutcomeView:
    """An outcome measure or safety assessment, as one row of a table."""

    outcome: Node
    role: Node | None
    endpoints: list[Node]
    manner: list[Node]
    """Type of measure, members of a composite, criteria and instrument, as they were read."""
    assessors: list[Node]
    comparisons: list[Node]
    times: list[Node]
    from_baseline: bool
    description: Node | None
    also: tuple[Node, ...] = ()
    """What other documents tell of the same endpoint in the same role, in words of their own."""

    @property
    def graphs(self) -> list[str]:
        """The short names of the graphs that tell it."""
        return sorted({name for node in (self.outcome, *self.also) for name in node.graphs})


def endpoints_pattern(quads: Sequence[Quad]) -> str:
    """Return the pattern of what the endpoints of a trial are called, for `endpoint_names`.

    Empty where records alone speak of the trial: a record tells each outcome once.
    """
    if is_of_records(quads):
        return ""
    found = sorted({o for _, p, o, _ in quads if p == iri(TG.endpoint)})[:_MOST_ENDPOINTS]
    names = "rdfs:label|tg:fullName|tg:abbreviation|tg:alternativeName"
    return f"VALUES ?endpoint {{ {' '.join(found)} }} ?endpoint {names} ?name" if found else ""


def endpoint_names(rows: Iterable[Row]) -> dict[Term, set[str]]:
    """Return what endpoints are called, in small letters, by endpoint; `rows` are solutions of `endpoints_pattern`.

    >>> endpoint_names([{"endpoint": "<x:os>", "name": '"OS"'}])
    {'<x:os>': {'os'}}
    """
    found: dict[Term, set[str]] = defaultdict(set)
    for row in rows:
        found[row["endpoint"]].add(lexical(row["name"]).casefold())
    return dict(found)


def outcome_views(outcomes: Iterable[Node], names: Mapping[Term, set[str]]) -> list[OutcomeView]:
    """Return a row for each outcome, by role; one for those that say no more of themselves than the same endpoint.

    Outcomes are shown as one where role, endpoints, manner and assessors are the same, what compares and when is the
    same or told by one of them alone, none is described, and the words of each are names of the endpoint. `names` are
    those of `endpoint_names`: without them each outcome has its own row.
    """
    rows: list[OutcomeView] = []
    for view in sorted((_view(outcome) for outcome in outcomes), key=_rank):
        same = next((at for at, row in enumerate(rows) if _is_same(row, view, names)), None) if names else None
        if same is None:
            rows.append(view)
        else:
            row = rows[same]
            rows[same] = replace(
                row,
                comparisons=row.comparisons or view.comparisons,
                times=row.times or view.times,
                also=(*row.also, view.outcome),
            )
    return rows


def _view(outcome: Node) -> OutcomeView:
    return OutcomeView(
        outcome=outcome,
        role=outcome.one("outcomeRole"),
        endpoints=outcome.many("endpoint"),
        manner=[
            *outcome.many("measureType", "memberEndpoint", "criteria"),
            *(outcome.many("instrument") or outcome.many("instrumentName")),
        ],
        assessors=outcome.many("assessor", "gradedBy"),
        comparisons=outcome.many("comparison"),
        times=outcome.many("timeFrame", "assessmentTime", "atTime", "timeWindow", "timeOrigin"),
        from_baseline=outcome.text("fromBaseline") == "true",
        description=outcome.one("outcomeDescription"),
    )


def _rank(view: OutcomeView) -> int:
    name = view.role.name if view.role else ""
    return _ROLES.index(name) if name in _ROLES else len(_ROLES)


def _is_same(one: OutcomeView, other: OutcomeView, names: Mapping[Term, set[str]]) -> bool:
    """Whether two outcomes say the same, as far as either says anything."""
    if len(one.endpoints) != 1 or _key(one) != _key(other) or one.description or other.description:
        return False
    called = names.get(one.endpoints[0].term, set())
    return (
        _agree(one.comparisons, other.comparisons)
        and _agree(one.times, other.times)
        and _is_name(one.outcome.label, called)
        and _is_name(other.outcome.label, called)
    )


def _key(view: OutcomeView) -> tuple[object, ...]:
    listed = (view.endpoints, view.manner, view.assessors)
    return view.role and view.role.term, view.from_baseline, *(tuple(node.term for node in each) for each in listed)


def _agree(some: list[Node], others: list[Node]) -> bool:
    return not some or not others or {node.label for node in some} == {node.label for node in others}


def _is_name(words: str, called: set[str]) -> bool:
    """Whether words are a name, or a name with another in brackets.

    >>> _is_name("Overall survival (OS)", {"os", "overall survival"}), _is_name("OS in cohort A", {"os"})
    (True, False)
    """
    name, _, short = words.casefold().removesuffix(")").partition("(")
    return words.casefold() in called or (name.strip() in called and short.strip() in called)
