"""The validation report of a release: of its curated graphs, and of its records chunk by chunk."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from trialgraph.pipeline.shard_files import Shard, read_part
from trialgraph.syntaxes.subject_groups import Passage, triples_in
from trialgraph.syntaxes.syntax_table import SYNTAXES
from trialgraph.terms import Triple, boolean, iri, line, sorted_lines, string
from trialgraph.validation import ValidationReport, ValidationResult
from trialgraph.validation.validation_report import short_name
from trialgraph.vocabulary import BASE, PREFIXES, trial_iri

FINDINGS: Final = "findings"
"""The part of a derivation that holds what validation found in it: lines of N-Triples."""
_RESULT: Final = iri(PREFIXES["sh"] + "result")
_SEVERITY: Final = iri(PREFIXES["sh"] + "resultSeverity")
_CONFORMS: Final = iri(PREFIXES["sh"] + "conforms")
_SHAPES: Final = BASE + "shapes#"
_SEVERITIES: Final = ("Violation", "Warning", "Info")


@dataclass
class Findings:
    """What validation found in a release."""

    curated: ValidationReport
    records: Counter[str] = field(default_factory=Counter)
    """Results in records and in what is derived from them, by severity."""
    derived: bytes = b""
    """Results in what is derived from records, as lines of the report."""

    def add(self, results: Iterable[ValidationResult]) -> None:
        """Take what was found in what is derived from records, to stand in the report beside the curated data."""
        self.curated = ValidationReport.of([*self.curated.results, *results])

    def add_lines(self, lines: Iterable[bytes]) -> None:
        """Take what was found in what is derived, as the lines that `report_lines` gives, sorted."""
        self.derived = b"".join(lines)
        found = (triple[2] for triple in triples_in(self.derived.decode()) if triple[1] == _SEVERITY)
        self.records.update(short_name(severity) for severity in found)

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
    if findings.derived:
        yield findings.derived
    for each in made:
        if each.results:
            yield read_part(each, folder, "report")


def _curated(findings: Findings) -> str:
    conforms = boolean(not findings.counts())
    triples: list[Triple] = [(s, p, conforms if p == _CONFORMS else o) for s, p, o in findings.curated.to_triples()]
    return "".join(sorted_lines(triples))


def report_lines(name: str, report: ValidationReport) -> Iterator[str]:
    """Yield the results as lines; their blank nodes begin with a name, as one report holds those of many records."""
    for subject, predicate, object_ in report.to_triples() if report.results else ():
        if subject != "_:report" or predicate == _RESULT:
            yield line((_renamed(subject, name), predicate, _renamed(object_, name)))


def fault_lines(nct_id: str, derivation: str, fault: Exception) -> Iterator[str]:
    """Yield the lines of the report of a record from which a derivation (links, interpretation) could not be made.

    >>> lines = fault_lines("NCT00000001", "interpretation", KeyError("x"))
    >>> [line.split('"')[1] for line in lines if "Message" in line]
    ["the interpretation of this record could not be made (KeyError: 'x'); the record itself is whole"]
    """
    what = f"{type(fault).__name__}: {fault}"
    said = f"the {derivation} of this record could not be made ({what}); the record itself is whole"
    result = ValidationResult(
        focus_node=iri(trial_iri(nct_id)),
        path=None,
        value=None,
        component=iri(f"{_SHAPES}DerivationConstraintComponent"),
        shape=iri(f"{_SHAPES}DerivedShape"),
        severity=iri(PREFIXES["sh"] + "Warning"),
        messages=(string(said),),
    )
    yield from report_lines(f"{nct_id}-{derivation}-fault-", ValidationReport.of((result,)))


def _renamed(term: str, name: str) -> str:
    return f"_:{name}{term[2:]}" if term.startswith("_:result") else term


def report_turtle(report: ValidationReport) -> bytes:
    """Return one validation report as Turtle."""
    turtle = SYNTAXES["turtle"]
    lines = "".join(sorted_lines(report.to_triples()))
    return turtle.opening(PREFIXES) + turtle.block(Passage(lines.encode()), None)[0]
