"""The kinds of texts that are read: one row each.

>>> [reader.kind for reader in READERS][0]
'regimen'
>>> line = {"nct": "NCT06095583", "texts": {"armGroups[0].label": "Aspirin 81 mg daily"}}
>>> interpret_line("regimen", line)["doses"][0]["amount"]
'81'
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from trialgraph.interpretation import (
    concepts_reader,
    eligibility_reader,
    endpoint_reader,
    population_reader,
    regimen_reader,
)
from trialgraph.interpretation.record_texts import Document, Line, nct_of, regimen_line


@dataclass(frozen=True)
class TextReader:
    """A kind of text and who reads it."""

    kind: str
    """What stands behind `--text`; empty where only whole records are read (population)."""
    keys: tuple[str, ...]
    """What a line of `--text` must have."""
    of_record: Callable[[Document], Line]
    """From a record what its line gains: `{"doses": [...]}`."""
    line_of: Callable[[Document], Line]
    """From a record the line that `--text` would take."""
    of_line: Callable[[Line], Line]
    """From a line of `--text` the line that is written."""
    explained: Callable[[Line], Iterator[Line]]
    """From a line of `--text` what each rule saw: objects with path, start, end, exact, rule."""


READERS: Final[tuple[TextReader, ...]] = (
    TextReader(
        kind="regimen",
        keys=("nct", "texts"),
        of_record=regimen_reader.of_record,
        line_of=regimen_line,
        of_line=regimen_reader.of_line,
        explained=regimen_reader.explained,
    ),
    TextReader(
        kind="endpoint",
        keys=("nct", "outcomes"),
        of_record=endpoint_reader.of_record,
        line_of=endpoint_reader.line_of,
        of_line=endpoint_reader.of_line,
        explained=endpoint_reader.explained,
    ),
    TextReader(
        kind="eligibility",
        keys=("id", "text"),
        of_record=eligibility_reader.of_record,
        line_of=eligibility_reader.eligibility_line,
        of_line=eligibility_reader.of_line,
        explained=eligibility_reader.explained,
    ),
    TextReader(
        kind="",
        keys=("document",),
        of_record=population_reader.of_record,
        line_of=population_reader.population_line,
        of_line=population_reader.of_line,
        explained=population_reader.explained,
    ),
    TextReader(
        kind="",
        keys=("document",),
        of_record=concepts_reader.of_record,
        line_of=concepts_reader.concepts_line,
        of_line=concepts_reader.of_line,
        explained=concepts_reader.explained,
    ),
)
"""The readers, in the order of a record's line."""

KINDS: Final = tuple(reader.kind for reader in READERS if reader.kind)


def interpret_record(document: Document, *, explain: bool = False) -> Line:
    """Return what a record's texts say: `nct`, `doses` and so on, a key or more from each reader."""
    line: Line = {"nct": nct_of(document)}
    for reader in READERS:
        line |= reader.of_record(document)
    if explain:
        line["explained"] = [seen for reader in READERS for seen in reader.explained(reader.line_of(document))]
    return line


def interpret_line(kind: str, given: Line, *, explain: bool = False) -> Line:
    """Return what a line of texts says; raises KeyError naming the key that is missing."""
    reader = next(one for one in READERS if one.kind == kind)
    for key in reader.keys:
        if key not in given:
            raise KeyError(key)
    line = reader.of_line(given)
    return {**line, "explained": list(reader.explained(given))} if explain else line
