"""Outcomes as a reader of `trialgraph interpret`: of a record or a line of texts, and what was seen."""

from collections.abc import Iterator
from typing import Final

from trialgraph.interpretation.outcome import Evidence, OutcomeFound, as_json, read_outcome
from trialgraph.interpretation.record_texts import Document, Line, items, nct_of, section, text_of

OUTCOME_LISTS: Final = ("primaryOutcomes", "secondaryOutcomes", "otherOutcomes")
"""Lists of `outcomesModule`; the role of an outcome is the list it stands in."""
_TEXTS: Final = ("measure", "description", "timeFrame")


def line_of(document: Document) -> Line:
    """Return the outcomes of a record by path, as a line of `trialgraph interpret --text endpoint`.

    >>> document = {"protocolSection": {"outcomesModule": {"primaryOutcomes": [{"measure": "Pain"}]}}}
    >>> line_of(document)["outcomes"]
    {'primaryOutcomes[0]': {'measure': 'Pain', 'description': None, 'timeFrame': None}}
    """
    module = section(document, "outcomesModule")
    outcomes = {
        f"{name}[{number}]": {key: text_of(entry, key) for key in _TEXTS}
        for name in OUTCOME_LISTS
        for number, entry in enumerate(items(module, name))
    }
    return {"nct": nct_of(document), "outcomes": outcomes}


def of_record(document: Document) -> Line:
    """Return what the outcomes of a record say, below `outcomes`."""
    return {"outcomes": {path: as_json(found) for path, found in read_line(line_of(document))}}


def of_line(line: Line) -> Line:
    """Return what the outcomes of a line say, with its identifier; raises KeyError where `outcomes` is missing."""
    return {"nct": line["nct"], "outcomes": {path: as_json(found) for path, found in read_line(line)}}


def read_line(line: Line) -> Iterator[tuple[str, OutcomeFound]]:
    """Yield path and reading of each outcome of a line, in its order; an entry that is no object has no texts."""
    outcomes = line["outcomes"]
    for path, entry in outcomes.items() if isinstance(outcomes, dict) else ():
        given = entry if isinstance(entry, dict) else {}
        texts = [text_of(given, key) or "" for key in _TEXTS]
        yield path, read_outcome(texts[0], texts[1], texts[2])


def explained(line: Line) -> Iterator[Line]:
    """Yield what each rule saw, outcome by outcome; what no rule read is `uninterpreted`, with its reason."""
    for path, found in read_line(line):
        for slot, value, evidence in evidence_of(found):
            place = {"path": f"{path}.{evidence.field}", "start": evidence.start, "end": evidence.end}
            yield {**place, "exact": evidence.exact, "rule": evidence.rule, "slot": slot, "value": value}
        if found.concept_evidence is None:
            measure = _measure(line, path)
            place = {"path": f"{path}.measure", "start": 0, "end": len(measure), "exact": measure}
            yield {**place, "rule": "endpoint/none", "uninterpreted": "no phrase names what is measured"}


def _measure(line: Line, path: str) -> str:
    entry = line["outcomes"][path]
    return (text_of(entry, "measure") if isinstance(entry, dict) else None) or ""


def evidence_of(found: OutcomeFound) -> Iterator[tuple[str, str, Evidence]]:
    """Yield slot, value and words of all that was read in an outcome, concept first."""
    if found.concept_evidence is not None:
        yield "concept", found.concept, found.concept_evidence
    for slot, coded in (("instrument", found.instrument), ("assessor", found.assessor)):
        if coded is not None:
            yield slot, coded.value, coded.evidence
    for criterion in found.criteria:
        yield "criteria", criterion.value, criterion.evidence
    for time, evidence in found.times:
        high = f"-{time.value_high}" if time.value_high is not None else ""
        yield "times", f"{time.kind} {time.value}{high} {time.unit}", evidence
