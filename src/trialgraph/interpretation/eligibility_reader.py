"""Eligibility as a reader of `trialgraph interpret`: the criteria of a record, or of a text.

>>> of_line({"id": "1", "text": "* No prior chemotherapy"})["criteria"][0]["type"]
'prior-therapy'
"""

from collections.abc import Iterator

from trialgraph.interpretation.eligibility import FIELD, read_criteria
from trialgraph.interpretation.record_texts import Document, Line, nct_of, section, text_of


def eligibility_line(document: Document) -> Line:
    """Return the line that `--text eligibility` takes (`eligibilityModule.eligibilityCriteria`)."""
    return {"id": nct_of(document), "text": text_of(section(document, "eligibilityModule"), FIELD) or ""}


def of_record(document: Document) -> Line:
    """Return the criteria of a record, below `criteria`."""
    return {"criteria": [each.as_json() for each in read_criteria(eligibility_line(document)["text"])]}


def of_line(line: Line) -> Line:
    """Return the criteria of a text, with its identifier; a text that is no string has none."""
    text = line["text"]
    found = read_criteria(text) if isinstance(text, str) else ()
    return {"id": line["id"], "criteria": [each.as_json() for each in found]}


def explained(line: Line) -> Iterator[Line]:
    """Yield what each rule saw, in the order of the text: items, comparisons and windows."""
    text = line["text"]
    for criterion in read_criteria(text) if isinstance(text, str) else ():
        for seen in (criterion, *criterion.comparisons, *criterion.windows):
            yield {"path": seen.path, "start": seen.start, "end": seen.end, "exact": seen.exact, "rule": seen.rule}
