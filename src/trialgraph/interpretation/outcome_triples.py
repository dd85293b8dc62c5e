"""Outcomes as RDF: endpoint, type, instrument, criteria, assessor and times of the registry's outcome measures."""

from collections.abc import Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from trialgraph.interpretation.endpoint_reader import OUTCOME_LISTS, evidence_of, read_line
from trialgraph.interpretation.finding import Finding
from trialgraph.interpretation.outcome import Coded, Evidence, OutcomeFound
from trialgraph.interpretation.provenance_nodes import Origin
from trialgraph.interpretation.quantity_nodes import label, quantity
from trialgraph.interpretation.record_texts import Line
from trialgraph.interpretation.time_frame import Time
from trialgraph.terms import RDF_TYPE, RDFS_LABEL, TRUE, Term, Triple, decimal, integer, iri, string
from trialgraph.vocabulary import TG, concept_iri, shared_iri, trial_iri

MODULE: Final = "protocolSection.outcomesModule"
SEGMENTS: Final = dict(zip(OUTCOME_LISTS, ("primary", "secondary", "other"), strict=True))
"""Names of the lists in the IRIs of outcomes."""
_DAYS: Final = {
    "min": Decimal(1) / 1440,
    "h": Decimal(1) / 24,
    "d": Decimal(1),
    "wk": Decimal(7),
    "mo": Decimal("30.4375"),
    "a": Decimal("365.25"),
}
_ASSESSORS: Final = {
    "blinded independent review": "INDEPENDENT_REVIEW",
    "investigator": "INVESTIGATOR",
    "participant": "PARTICIPANT",
    "adjudication committee": "ADJUDICATION_COMMITTEE",
}
_COMMITTEE: Final = ("bicr", "birc", "irc", "icr", "irac", "irrc", "committee", "blinded independent")
"""Words by which an independent review is that of a committee."""


def outcome_triples(line: Line, origin: Origin, drugs: Mapping[Term, Term]) -> Iterator[Triple]:  # noqa: ARG001 - one call for all kinds
    """Yield what the outcomes of a record say; nothing of one in which no rule read anything."""
    for path, found in read_line(line):
        kind, _, number = path.rstrip("]").partition("[")
        place = f"outcome/{SEGMENTS[kind]}/{int(number) + 1}"
        outcome = iri(f"{trial_iri(line['nct'])}/{place}")
        reading = iri(f"{trial_iri(line['nct'])}/interpretation/{place}")
        yield from measured(outcome, found)
        yield from evidenced(outcome, reading, found, path=path, origin=origin, module=MODULE)
        for position, (time, evidence) in enumerate(found.times, 1):
            node = iri(f"{reading[1:-1]}/time/{position}")
            yield outcome, iri(TG.assessmentTime), node
            yield from _time(node, position, time)
            yield from origin.triples(node, [_finding(path, evidence)], MODULE)


def evidenced(
    outcome: Term, reading: Term, found: OutcomeFound, *, path: str, origin: Origin, module: str
) -> Iterator[Triple]:
    """Yield on which words it rests what is said of an outcome, or of a result; those of times are theirs."""
    findings = [_finding(path, evidence) for slot, _, evidence in evidence_of(found) if slot != "times"]
    if findings:
        for subject, predicate, value in origin.triples(reading, findings, module):
            yield outcome if subject == reading else subject, predicate, value


def _finding(path: str, evidence: Evidence) -> Finding:
    field = "title" if evidence.field == "measure" and path.startswith("outcomeMeasures") else evidence.field
    return Finding(
        path=f"{path}.{field}",
        start=evidence.start,
        end=evidence.end,
        exact=evidence.exact,
        rule=evidence.rule,
    )


def measured(outcome: Term, found: OutcomeFound) -> Iterator[Triple]:
    """Yield what is measured and how; the type only where a concept is known or words say it."""
    if found.concept_evidence is not None:
        yield outcome, iri(TG.endpoint), iri(shared_iri("endpoint", found.concept))
    if found.concept_evidence is not None or found.type_rule != "type/usual":
        yield outcome, iri(TG.measureType), _concept("measure-type", found.type)
    for member in found.members:
        yield outcome, iri(TG.memberEndpoint), iri(shared_iri("endpoint", member))
    if found.percent_change:
        yield outcome, iri(TG.percentChange), TRUE
    if found.baseline:
        yield outcome, iri(TG.fromBaseline), TRUE
    if found.assessor is not None:
        yield outcome, iri(TG.assessor), iri(concept_iri("assessor", _assessor(found.assessor)))
    for criterion in found.criteria:
        yield from _criterion(outcome, criterion.value)
    if found.instrument is not None:
        yield outcome, iri(TG.instrumentName), string(found.instrument.value)
    if found.instrument_known is not None:
        node = iri(shared_iri("instrument", found.instrument_known))
        yield outcome, iri(TG.instrument), node
        yield node, RDF_TYPE, iri(TG.Instrument)
        yield node, RDFS_LABEL, string(found.instrument_known)


def _concept(scheme: str, name: str) -> Term:
    return iri(concept_iri(scheme, name.upper().replace("-", "_").replace(" ", "_")))


def _assessor(found: Coded) -> str:
    """Return the notation of an assessor; of independent review that of the committee only where the words say so."""
    words = found.evidence.exact.lower()
    if found.value == "blinded independent review" and any(word in words for word in _COMMITTEE):
        return "BIRC"
    return _ASSESSORS[found.value]


def _criterion(outcome: Term, name: str) -> Iterator[Triple]:
    node = iri(shared_iri("criteria", name))
    yield outcome, iri(TG.criteria), node
    yield node, RDF_TYPE, iri(TG.AssessmentCriteria)
    yield node, RDFS_LABEL, string(name)
    version = name.rpartition(" ")[2]
    if version[:1].isdigit():
        yield node, iri(TG.criteriaVersion), string(version)


def _time(node: Term, position: int, time: Time) -> Iterator[Triple]:
    """Yield a time: its kind, its length, and days by which lengths in different units compare."""
    amount, said = quantity(time.value, time.value_high, time.unit)
    words = label(time.value, time.value_high, time.unit)
    yield from said
    yield node, RDF_TYPE, iri(TG.AssessmentTime)
    yield node, RDFS_LABEL, string(words if time.kind == "from to" else f"{time.kind} {words}")
    yield node, iri(TG.position), integer(position)
    yield node, iri(TG.timeKind), _concept("time-kind", time.kind)
    yield node, iri(TG.length), amount
    days = _DAYS.get(time.unit)
    if days is not None:
        end = Decimal(time.value_high or time.value) * days
        yield node, iri(TG.days), decimal(end.quantize(Decimal("0.0001"), ROUND_HALF_UP).normalize())
    if time.origin is not None:
        yield node, iri(TG.timeOrigin), iri(concept_iri("event", time.origin))
