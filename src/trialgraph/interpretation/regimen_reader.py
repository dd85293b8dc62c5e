"""Regimens as a reader of `trialgraph interpret`: doses of a record or a line, and what was seen."""

from collections.abc import Iterator

from trialgraph.interpretation.record_texts import Document, Line, regimen_line
from trialgraph.interpretation.regimen import doses_of, readings_of


def of_record(document: Document) -> Line:
    """Return the doses of a record, below `doses`."""
    return {"doses": doses_of(regimen_line(document))}


def of_line(line: Line) -> Line:
    """Return the doses of a line of texts, with its identifier; raises KeyError where `texts` is missing."""
    return {"nct": line["nct"], "doses": doses_of(line)}


def explained(line: Line) -> Iterator[Line]:
    """Yield what each rule saw, in the order of the texts: amounts with role or reason, and marks of giving."""
    for reading in readings_of(line):
        path = reading.path
        for amount in reading.amounts:
            start, end, exact = reading.text.span(amount.start, amount.end)
            seen = {
                "path": path,
                "start": start,
                "end": end,
                "exact": exact,
                "rule": amount.rule or f"amount/{amount.kind}",
            }
            yield {**seen, "role": amount.role} if not amount.reason else {**seen, "uninterpreted": amount.reason}
        for mark in reading.marks:
            start, end, exact = reading.text.span(mark.start, mark.end)
            yield {"path": path, "start": start, "end": end, "exact": exact, "rule": mark.rule, "slot": mark.slot}
