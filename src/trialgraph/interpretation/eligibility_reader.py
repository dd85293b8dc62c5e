"""Eligibility as a reader of `trialgraph interpret`: the criteria of a record, or of a text.

>>> of_line({"id": "1", "text": "* No prior chemotherapy"})["criteria"][0]["type"]
'prior-therapy'
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

from trialgraph.interpretation.durations import lengths
from trialgraph.interpretation.eligibility import FIELD, read_criteria
from trialgraph.interpretation.eligibility_check import Value, check
from trialgraph.interpretation.record_texts import Document, Line, nct_of, section, text_of
from trialgraph.interpretation.stored_text import StoredText


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


_YEARS: Final = {"a": 1.0, "mo": 1 / 12, "wk": 7 / 365.25, "d": 1 / 365.25, "h": 1 / 8766, "min": 1 / 525960}


@lru_cache(maxsize=1024)
def years_of(written: str | None) -> float | None:
    """Return an age of the registry in years, None where there is none.

    >>> years_of("18 Years"), years_of("6 Months"), years_of("N/A")
    (18.0, 0.5, None)
    """
    found = next(lengths(StoredText(written)), None) if written else None
    return None if found is None or found.unit not in _YEARS else round(float(found.value) * _YEARS[found.unit], 4)


def checked(line: Line, values: Sequence[Value], document: Document | None = None) -> Line:
    """Return the verdict on each value against the text of a line and the ages in the record's own fields."""
    module = section(document, "eligibilityModule") if document is not None else {}
    registered = years_of(text_of(module, "minimumAge")), years_of(text_of(module, "maximumAge"))
    criteria = read_criteria(line["text"]) if isinstance(line["text"], str) else ()
    found = []
    for value in values:
        result = check(criteria, value, registered)
        told = [
            {"quote": one.exact, "start": one.start, "end": one.end, "side": one.side, "verdict": verdict}
            for one, verdict in result.criteria
        ]
        found.append({"what": result.what, "verdict": result.verdict, "criteria": told})
    return {"checks": found}
