"""The validation report of a release: of its curated graphs, and of its records chunk by chunk."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from trialgraph.pipeline.shard_files import Shard, read_part
from trialgraph.syntaxes.subject_groups import Passage
from trialgraph.syntaxes.syntax_table import SYNTAXES
from trialgraph.terms import Triple, boolean, iri, sorted_lines
from trialgraph.validation import ValidationReport, ValidationResult
from trialgraph.vocabulary import PREFIXES

_CONFORMS: Final = iri(PREFIXES["sh"] + "conforms")
_SEVERITIES: Final = ("Violation", "Warning", "Info")


@dataclass
class Findings:
    """What validation found in a release."""

    curated: ValidationReport
    records: Counter[str] = field(default_factory=Counter)
    """Results in records, by severity."""

    def add(self, results: Iterable[ValidationResult]) -> None:
        """Take what was found in what is derived from records, to stand in the report beside the curated data."""
        self.curated = ValidationReport.of([*self.curated.results, *results])

    def counts(self) -> dict[str, int]:
        """Return how many results there are of each severity, the gravest first."""
        total = Counter(self.curated.counts()) + self.records
        return {name: total[name] for name in sorted(total, key=_rank)}

    def to_json(self) -> dict[str, Any]:
        """Return the summary that stands in the manifest."""
        return {"conforms": not self.counts(), "results": self.counts()}


def _rank(severity: str) -> tuple[int, str]:
    return (_SEVERITIES.index(severity) if severity in _SEVERITIES else len(_SEVERITIES)), severity


def write_report(path: Path, findings: Findings | None, made: Iterable[Shard], folder: Path) -> None:
    """Write the report as one Turtle file, a chunk of records at a time; without findings it says nothing."""
    turtle = SYNTAXES["turtle"]
    with path.open("wb") as file:
        file.write(turtle.opening(PREFIXES))
        for text in _texts(findings, made, folder) if findings else ():
            file.write(turtle.block(Passage(text), None)[0])


def _texts(findings: Findings, made: Iterable[Shard], folder: Path) -> Iterator[bytes]:
    yield _curated(findings).encode()
    for each in made:
        if each.results:
            yield read_part(each, folder, "report")


def _curated(findings: Findings) -> str:
    conforms = boolean(not findings.counts())
    triples: list[Triple] = [(s, p, conforms if p == _CONFORMS else o) for s, p, o in findings.curated.to_triples()]
    return "".join(sorted_lines(triples))


def report_turtle(report: ValidationReport) -> bytes:
    """Return one validation report as Turtle."""
    turtle = SYNTAXES["turtle"]
    lines = "".join(sorted_lines(report.to_triples()))
    return turtle.opening(PREFIXES) + turtle.block(Passage(lines.encode()), None)[0]
