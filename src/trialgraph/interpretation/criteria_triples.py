"""Criteria as RDF: words, side and type, thresholds with units, windows with their anchors.

>>> line = {"id": "NCT00000001", "text": "Inclusion Criteria:\\n\\n* Platelets >= 100,000/mm3"}
>>> version = "<https://w3id.org/trialgraph/id/NCT00000001/record/version/2024-01-01>"
>>> found = list(criteria_triples(line, Origin(version, "1"), {}))
>>> [value for _, predicate, value in found if predicate.endswith("#comparableLow>")]
['"100"^^<http://www.w3.org/2001/XMLSchema#decimal>']
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final

from trialgraph.interpretation.eligibility import Criterion, CriterionWindow, MeasuredBound, read_criteria
from trialgraph.interpretation.measurement_terms import measurements
from trialgraph.interpretation.provenance_nodes import Origin
from trialgraph.interpretation.quantity_nodes import quantity
from trialgraph.interpretation.record_texts import Line
from trialgraph.interpretation.unit_conversion import converted, usual_unit
from trialgraph.terms import RDF_TYPE, RDFS_LABEL, Term, Triple, boolean, decimal, integer, iri, string
from trialgraph.vocabulary import TG, concept_iri, trial_iri

MODULE: Final = "protocolSection.eligibilityModule"
OPERATORS: Final = {"<": "LT", "<=": "LE", ">": "GT", ">=": "GE", "=": "EQ", "range": "RANGE"}
SIGNS: Final = {"<": "<", "<=": "≤", ">": ">", ">=": "≥", "=": "="}
DAYS: Final = {"h": 1 / 24, "d": 1.0, "wk": 7.0, "mo": 30.4375, "a": 365.25}
_LABEL: Final = 120
"""Letters of a label, as far as a line goes."""


def code(name: str) -> str:
    """Return the notation of a code of the lexicons.

    >>> code("fasting-glucose")
    'FASTING_GLUCOSE'
    """
    return name.upper().replace("-", "_")


def number(value: float) -> Term:
    """Return a number as a decimal literal without a tail of noughts."""
    return decimal(Decimal(f"{round(value, 6):f}").normalize() + 0)


def plain(value: float) -> str:
    """Return a number as people write it.

    >>> plain(100000.0), plain(7.5)
    ('100000', '7.5')
    """
    return f"{value:g}" if value < 1_000_000 else f"{value:.0f}"


def criteria_triples(line: Line, origin: Origin, _drugs: Mapping[Term, Sequence[Term]]) -> Iterator[Triple]:
    """Yield what the eligibility text of a record says, criterion by criterion."""
    trial = trial_iri(line["id"])
    criteria = read_criteria(line["text"]) if line["text"] else ()
    nodes = [iri(f"{trial}/interpretation/criterion/{position}") for position in range(1, len(criteria) + 1)]
    for position, (criterion, node) in enumerate(zip(criteria, nodes, strict=True), 1):
        yield iri(trial), iri(TG.criterion), node
        yield from _criterion(criterion, node, position)
        if criterion.parent is not None:
            yield node, iri(TG.underCriterion), nodes[criterion.parent]
        yield from origin.triples(node, [criterion], MODULE)
        yield from _thresholds(criterion.comparisons, node, origin)
        for order, window in enumerate(criterion.windows, 1):
            place = iri(f"{node[1:-1]}/window/{order}")
            yield node, iri(TG.window), place
            yield from window_of(window, place)
            yield from origin.triples(place, [window], MODULE)


def _criterion(criterion: Criterion, node: Term, position: int) -> Iterator[Triple]:
    """Yield what is said of a criterion itself."""
    words = " ".join(criterion.exact.replace("\\", "").split())
    yield node, RDF_TYPE, iri(TG.Criterion)
    yield node, RDFS_LABEL, string(words if len(words) <= _LABEL else words[: _LABEL - 1].rstrip() + "…")
    yield node, iri(TG.criterionText), string(criterion.exact)
    yield node, iri(TG.position), integer(position)
    yield node, iri(TG.criterionType), iri(concept_iri("criterion-type", code(criterion.type)))
    yield node, iri(TG.negated), boolean(criterion.negated)
    if criterion.group:
        yield node, iri(TG.forGroup), string(criterion.group)
    if criterion.combination is not None:
        yield node, iri(TG.anyThreshold), boolean(criterion.combination == "any")
    if criterion.side is not None:
        yield node, iri(TG.criterionSide), iri(concept_iri("criterion-side", code(criterion.side)))


def _thresholds(bounds: Sequence[MeasuredBound], node: Term, origin: Origin) -> Iterator[Triple]:
    """Yield the thresholds of a criterion."""
    for order, bound in enumerate(bounds, 1):
        place = iri(f"{node[1:-1]}/threshold/{order}")
        yield node, iri(TG.threshold), place
        yield place, RDF_TYPE, iri(TG.Threshold)
        yield place, RDFS_LABEL, string(threshold_label(bound))
        yield place, iri(TG.ofMeasurement), iri(concept_iri("measurement", code(bound.what)))
        yield place, iri(TG.operator), iri(concept_iri("comparator", OPERATORS[bound.op]))
        unit = bound.unit or measurements()[bound.what].implied
        if bound.unit is not None:
            yield place, iri(TG.limitUnit), string(bound.unit)
        usual = usual_unit(bound.what, unit)
        for value, written, comparable in (
            (bound.low, TG.lowLimit, TG.comparableLow),
            (bound.high, TG.highLimit, TG.comparableHigh),
        ):
            if value is None:
                continue
            yield place, iri(written), number(value)
            turned = converted(value, unit, usual)
            if turned is not None and usual is not None:
                yield place, iri(comparable), number(turned)
        if usual is not None and converted(1, unit, usual) is not None:
            yield place, iri(TG.comparableUnit), string(usual)
        yield from origin.triples(place, [bound], MODULE)


def threshold_label(bound: MeasuredBound) -> str:
    """Return a threshold as people write it: `Platelet count ≥ 100 10*9/L`."""
    name = measurements()[bound.what].label
    unit = "" if bound.unit in (None, "{score}", "1") else f" {bound.unit}"
    if bound.op == "range" and bound.low is not None and bound.high is not None:
        return f"{name} {plain(bound.low)} to {plain(bound.high)}{unit}"
    value = bound.low if bound.low is not None else bound.high
    return f"{name} {SIGNS.get(bound.op, bound.op)} {plain(value or 0.0)}{unit}"


_FROM_NOW = {"before": "back", "after": "ahead"}
"""How a window is labelled that is counted from now."""


def window_triples(
    op: str, value: float, unit: str, anchor: str | None, node: Term, *, direction: str | None = None
) -> Iterator[Triple]:
    """Yield what is said of a window of time; `direction` is `before` or `after` its anchor."""
    length, said = quantity(plain(value), None, unit)
    written = said[1][2]
    yield node, RDF_TYPE, iri(TG.CriterionWindow)
    label = f"{SIGNS[op]} {written[1:].rsplit(chr(34), 1)[0]}"
    if anchor is not None:
        label = f"{label} {direction or 'from'} {anchor.replace('-', ' ')}"
    elif direction is not None:
        label = f"{label} {_FROM_NOW[direction]}"
    yield node, RDFS_LABEL, string(label)
    yield node, iri(TG.operator), iri(concept_iri("comparator", OPERATORS[op]))
    yield node, iri(TG.duration), length
    yield from said
    if unit in DAYS:
        yield node, iri(TG.windowDays), number(value * DAYS[unit])
    if anchor is not None:
        yield node, iri(TG.windowAnchor), iri(concept_iri("window-anchor", code(anchor)))
    if direction is not None:
        yield node, iri(TG.windowDirection), iri(concept_iri("window-direction", code(direction)))


def window_of(window: CriterionWindow, node: Term) -> Iterator[Triple]:
    """Yield what is said of a window that was read."""
    yield from window_triples(window.op, window.value, window.unit, window.anchor, node, direction=window.direction)
