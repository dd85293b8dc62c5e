"""Population as a reader of `trialgraph interpret`: who takes part, and how doses are escalated.

>>> record = {"protocolSection": {"identificationModule": {"briefTitle": "Maintenance in Stage IV Lung Cancer"}}}
>>> population = of_record(record)["population"]
>>> [one["code"] for one in population["stages"]], [one["code"] for one in population["contexts"]]
(['STAGE_IV'], ['MAINTENANCE'])
"""

from collections.abc import Iterator
from typing import Any, Final

from trialgraph.interpretation.criterion_scope import DONOR
from trialgraph.interpretation.dose_escalation import dose_escalation
from trialgraph.interpretation.eligibility import FIELD, read_criteria
from trialgraph.interpretation.eligibility_reader import years_of
from trialgraph.interpretation.population import read_population
from trialgraph.interpretation.record_texts import Document, Line, section, text_of

SLOTS: Final = {
    "stage": "stages",
    "treatment-context": "contexts",
    "disease-status": "statuses",
    "metastasis": "metastases",
    "biomarker": "biomarkers",
    "prior-therapy": "priorTherapies",
    "prior-lines": "priorLines",
}
"""Slots of the line by kind of fact."""
SCALES: Final = ("ecog", "karnofsky", "lansky", "nyha")


def population_line(document: Document) -> Line:
    """Return the line that is explained: the record itself."""
    return {"document": document}


def of_record(document: Document) -> Line:
    """Return the population of a record, below `population`."""
    found: dict[str, Any] = {slot: [] for slot in SLOTS.values()}
    for fact in read_population(document):
        found[SLOTS[fact.kind]].append({key: value for key, value in fact.as_json().items() if key != "kind"})
    text = text_of(section(document, "eligibilityModule"), FIELD)
    found["performance"] = [
        bound.as_json()
        for criterion in (read_criteria(text) if text else ())
        if criterion.side == "inclusion" and criterion.group != DONOR
        for bound in criterion.comparisons
        if bound.what in SCALES
    ]
    return {"population": {**found, **_registered(document), "escalation": _escalation(document)}}


def _registered(document: Document) -> Line:
    """Return age in years and sex from the fields of the registry."""
    module = section(document, "eligibilityModule")
    return {
        "age": {"low": years_of(text_of(module, "minimumAge")), "high": years_of(text_of(module, "maximumAge"))},
        "sex": text_of(module, "sex"),
    }


def _escalation(document: Document) -> list[Line]:
    """Return the facts of a dose escalation."""
    facts = []
    for fact in dose_escalation(document):
        said: Line = {"kind": fact.kind, "code": fact.code}
        if fact.value is not None:
            said |= {"value": fact.value, "unit": fact.unit}
        facts.append(
            {**said, "path": fact.path, "start": fact.start, "end": fact.end, "exact": fact.exact, "rule": fact.rule}
        )
    return facts


def of_line(line: Line) -> Line:
    """Return the population of a line that holds a record."""
    return of_record(line["document"])


def explained(line: Line) -> Iterator[Line]:
    """Yield the facts of the population and of the escalation, each with its place and rule."""
    document = line["document"]
    for fact in (*read_population(document), *dose_escalation(document)):
        yield {"path": fact.path, "start": fact.start, "end": fact.end, "exact": fact.exact, "rule": fact.rule}
