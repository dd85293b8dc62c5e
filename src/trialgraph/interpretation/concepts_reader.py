"""Concepts of a trial as a reader of `trialgraph interpret`: control, objectives, first in human."""

from collections.abc import Iterator

from trialgraph.interpretation.record_texts import Document, Line
from trialgraph.interpretation.trial_concepts import TrialConcept, trial_concepts


def concepts_line(document: Document) -> Line:
    """Return the line that is explained: the record itself."""
    return {"document": document}


def of_record(document: Document) -> Line:
    """Return the concepts of a record, below `concepts`.

    >>> title = {"briefTitle": "A first-in-human study"}
    >>> of_record({"protocolSection": {"identificationModule": title}})["concepts"][0]["concept"]
    'FIRST_IN_HUMAN'
    """
    return {"concepts": [_as_json(found) for found in trial_concepts(document)]}


def of_line(line: Line) -> Line:
    """Return the concepts of a line's record; raises KeyError where `document` is missing."""
    return of_record(line["document"])


def explained(line: Line) -> Iterator[Line]:
    """Yield the words and the rule of each concept."""
    for found in trial_concepts(line["document"]):
        yield _as_json(found)


def _as_json(found: TrialConcept) -> Line:
    counted = {} if found.value is None else {"value": found.value}
    place = {"path": found.path, "start": found.start, "end": found.end, "exact": found.exact, "rule": found.rule}
    return {"concept": found.concept, **counted, **place}
