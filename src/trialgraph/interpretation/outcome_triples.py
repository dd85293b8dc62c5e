"""Outcomes as RDF: endpoint, type, instrument, criteria, assessor and times of outcome measures."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, lru_cache
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

_ASSESSMENT_CRITERIA_CLASS: Final = iri(TG.AssessmentCriteria)
_ASSESSMENT_TIME_CLASS: Final = iri(TG.AssessmentTime)
_INSTRUMENT_CLASS: Final = iri(TG.Instrument)
_ASSESSMENT_TIME: Final = iri(TG.assessmentTime)
_ASSESSOR: Final = iri(TG.assessor)
_CRITERIA: Final = iri(TG.criteria)
_CRITERIA_VERSION: Final = iri(TG.criteriaVersion)
_DAYS: Final = iri(TG.days)
_ENDPOINT: Final = iri(TG.endpoint)
_FROM_BASELINE: Final = iri(TG.fromBaseline)
_INSTRUMENT: Final = iri(TG.instrument)
_INSTRUMENT_NAME: Final = iri(TG.instrumentName)
_LENGTH: Final = iri(TG.length)
_MEASURE_TYPE: Final = iri(TG.measureType)
_MEMBER_ENDPOINT: Final = iri(TG.memberEndpoint)
_PERCENT_CHANGE: Final = iri(TG.percentChange)
_POSITION: Final = iri(TG.position)
_TIME_KIND: Final = iri(TG.timeKind)
_TIME_ORIGIN: Final = iri(TG.timeOrigin)
MODULE: Final = "protocolSection.outcomesModule"
SEGMENTS: Final = dict(zip(OUTCOME_LISTS, ("primary", "secondary", "other"), strict=True))
"""Names of the lists in the IRIs of outcomes."""
_PER_DAY: Final = {
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


def outcome_triples(line: Line, origin: Origin, drugs: Mapping[Term, Sequence[Term]]) -> Iterator[Triple]:  # noqa: ARG001 - one call for all kinds
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
            yield outcome, _ASSESSMENT_TIME, node
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
        yield outcome, _ENDPOINT, _endpoint(found.concept)
    if found.concept_evidence is not None or found.type_rule != "type/usual":
        yield outcome, _MEASURE_TYPE, _concept("measure-type", found.type)
    for member in found.members:
        yield outcome, _MEMBER_ENDPOINT, _endpoint(member)
    if found.percent_change:
        yield outcome, _PERCENT_CHANGE, TRUE
    if found.baseline:
        yield outcome, _FROM_BASELINE, TRUE
    if found.assessor is not None:
        yield outcome, _ASSESSOR, _concept("assessor", _assessor(found.assessor))
    for criterion in found.criteria:
        yield from _criterion(outcome, criterion.value)
    if found.instrument is not None:
        yield outcome, _INSTRUMENT_NAME, string(found.instrument.value)
    if found.instrument_known is not None:
        node = iri(shared_iri("instrument", found.instrument_known))
        yield outcome, _INSTRUMENT, node
        yield node, RDF_TYPE, _INSTRUMENT_CLASS
        yield node, RDFS_LABEL, string(found.instrument_known)


@lru_cache(maxsize=256)
def _concept(scheme: str, name: str) -> Term:
    return iri(concept_iri(scheme, name.upper().replace("-", "_").replace(" ", "_")))


@cache
def _endpoint(code: str) -> Term:
    return iri(shared_iri("endpoint", code))


def _assessor(found: Coded) -> str:
    """Return the notation of an assessor; of independent review that of the committee only where the words say so."""
    words = found.evidence.exact.lower()
    if found.value == "blinded independent review" and any(word in words for word in _COMMITTEE):
        return "BIRC"
    return _ASSESSORS[found.value]


def _criterion(outcome: Term, name: str) -> Iterator[Triple]:
    node = iri(shared_iri("criteria", name))
    yield outcome, _CRITERIA, node
    yield node, RDF_TYPE, _ASSESSMENT_CRITERIA_CLASS
    yield node, RDFS_LABEL, string(name)
    version = name.rpartition(" ")[2]
    if version[:1].isdigit():
        yield node, _CRITERIA_VERSION, string(version)


def _time(node: Term, position: int, time: Time) -> Iterator[Triple]:
    """Yield a time: its kind, its length, and days by which lengths in different units compare."""
    amount, said = quantity(time.value, time.value_high, time.unit)
    words, days = _words_and_days(time.kind, time.value, time.value_high, time.unit)
    yield from said
    yield node, RDF_TYPE, _ASSESSMENT_TIME_CLASS
    yield node, RDFS_LABEL, words
    yield node, _POSITION, integer(position)
    yield node, _TIME_KIND, _concept("time-kind", time.kind)
    yield node, _LENGTH, amount
    if days is not None:
        yield node, _DAYS, days
    if time.origin is not None:
        yield node, _TIME_ORIGIN, _concept("event", time.origin)


@lru_cache(maxsize=4096)
def _words_and_days(kind: str, value: str, high: str | None, unit: str) -> tuple[Term, Term | None]:
    """Return the label of a time, and its end in days; None for cycles and seconds."""
    words = label(value, high, unit)
    shown = string(words if kind == "from to" else f"{kind} {words}")
    per_day = _PER_DAY.get(unit)
    if per_day is None:
        return shown, None
    end = Decimal(high or value) * per_day
    return shown, decimal(end.quantize(Decimal("0.0001"), ROUND_HALF_UP).normalize())
