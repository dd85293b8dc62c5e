"""The validation report (SHACL section 3.6): what was found where, in an order that never changes.

>>> result = ValidationResult(
...     "<https://example.org/arm>", "<http://www.w3.org/2000/01/rdf-schema#label>", None,
...     component("MinCount"), "<https://example.org/ArmShape>", VIOLATION, ('"an arm has a label"',))
>>> report = ValidationReport.of([result])
>>> report.conforms
False
>>> print(report.text())
1 violation at 1 node.
<BLANKLINE>
<https://example.org/arm>
  Violation: an arm has a label
    at rdfs:label
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final, NamedTuple

from trialgraph.errors import NonconformanceError
from trialgraph.terms import RDF_TYPE, Term, Triple, boolean, is_literal, lexical
from trialgraph.validation.property_paths import parse_path, path_triples
from trialgraph.validation.shacl_terms import INFO, VIOLATION, WARNING, component, sh, short

__all__ = ["INFO", "VIOLATION", "WARNING", "ValidationReport", "ValidationResult", "component"]

_RANK: Final = {VIOLATION: 0, WARNING: 1, INFO: 2}
_REPORT_LABEL: Final = "_:report"


class ValidationResult(NamedTuple):
    """One result (SHACL section 3.6.2); terms as N-Triples text."""

    focus_node: Term
    path: str | None
    """The result path as SPARQL 1.1 property-path text without blanks; a predicate is its IRI in brackets."""
    value: Term | None
    component: Term
    shape: Term
    severity: Term
    messages: tuple[Term, ...] = ()
    constraint: Term | None = None
    """The `sh:sourceConstraint` of a SPARQL-based constraint."""


def order(result: ValidationResult) -> tuple[object, ...]:
    """Return the key by which results are sorted."""
    rank = _RANK.get(result.severity, 3)
    return (
        result.focus_node, rank, result.severity, result.path or "", result.component, result.value or "",
        result.shape, result.messages, result.constraint or "",
    )  # fmt: skip


@dataclass(frozen=True)
class ValidationReport:
    """All results of one validation, sorted by focus node, severity, path, component and value.

    `conforms` is as SHACL defines it: no result at all, whatever its severity. Whether data may be published is
    another question, and `raise_for_results` answers it: only a result of severity `sh:Violation` stands against.
    """

    conforms: bool
    results: tuple[ValidationResult, ...]

    @classmethod
    def of(cls, results: Iterable[ValidationResult]) -> "ValidationReport":
        """Return the report of these results, in any order given."""
        ordered = tuple(sorted(results, key=order))
        return cls(conforms=not ordered, results=ordered)

    @property
    def violations(self) -> tuple[ValidationResult, ...]:
        """The results of severity `sh:Violation`."""
        return tuple(result for result in self.results if result.severity == VIOLATION)

    def counts(self) -> dict[str, int]:
        """Return how many results there are of each severity, the gravest first.

        >>> ValidationReport.of([]).counts()
        {}
        """
        found = Counter(result.severity for result in self.results)
        return {short_name(severity): found[severity] for severity in sorted(found, key=_severity_order)}

    def raise_for_results(self) -> None:
        """Raise NonconformanceError when a result is of severity `sh:Violation`; its text shows those only."""
        violations = self.violations
        if violations:
            raise NonconformanceError(len(violations), ValidationReport.of(violations).text())

    def text(self) -> str:
        """Return the report for a curator: grouped by node, message first, then path and value."""
        if self.conforms:
            return "Conforms: nothing was found."
        nodes = [(node, list(results)) for node, results in groupby(self.results, key=lambda r: r.focus_node)]
        counts = ", ".join(_plural(number, name.lower()) for name, number in self.counts().items())
        lines = [f"{counts} at {_plural(len(nodes), 'node')}."]
        for node, results in nodes:
            lines += ["", node]
            for result in results:
                lines += _result_lines(result)
        return "\n".join(lines)

    def to_triples(self) -> list[Triple]:
        """Return the report as RDF (SHACL section 3.6); blank node labels follow the order of results."""
        triples: list[Triple] = [
            (_REPORT_LABEL, RDF_TYPE, sh("ValidationReport")),
            (_REPORT_LABEL, sh("conforms"), boolean(self.conforms)),
        ]
        for number, result in enumerate(self.results, 1):
            label = f"_:result{number}"
            triples.append((_REPORT_LABEL, sh("result"), label))
            triples += _result_triples(label, result)
        return triples

    def to_json(self) -> dict[str, Any]:
        """Return the report as a JSON object: `conforms`, `counts` and `results`, terms as N-Triples text.

        >>> ValidationReport.of([]).to_json()
        {'conforms': True, 'counts': {}, 'results': []}
        """
        return {
            "conforms": self.conforms,
            "counts": self.counts(),
            "results": [_result_json(r) for r in self.results],
        }


def short_name(term: Term) -> str:
    """Return the last part of an IRI, as a word for a reader.

    >>> short_name("<http://www.w3.org/ns/shacl#Violation>")
    'Violation'
    """
    return term.strip("<>").rstrip("/#").rpartition("#")[2].rpartition("/")[2]


def _severity_order(severity: Term) -> tuple[int, str]:
    return _RANK.get(severity, 3), severity


def _plural(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 or noun == "info" else f"{number} {noun}s"


def _result_lines(result: ValidationResult) -> list[str]:
    said = "; ".join(lexical(message) for message in result.messages) or short_name(result.component)
    if result.path is None and result.value in (None, result.focus_node):
        return [f"  {short_name(result.severity)}: {said}"]
    place = f"at {short(result.path)}" if result.path else "at the node itself"
    value = "" if result.value is None else f": {_readable(result.value)}"
    return [f"  {short_name(result.severity)}: {said}", f"    {place}{value}"]


def _readable(term: Term) -> str:
    cut = term if len(term) <= 200 else term[:199] + "…"
    return short(cut) if is_literal(term) and cut == term else cut


def _result_triples(label: Term, result: ValidationResult) -> list[Triple]:
    pairs: list[tuple[str, Term | None]] = [
        ("focusNode", result.focus_node),
        ("value", result.value),
        ("resultSeverity", result.severity),
        ("sourceConstraintComponent", result.component),
        ("sourceShape", result.shape),
        ("sourceConstraint", result.constraint),
        *(("resultMessage", message) for message in result.messages),
    ]
    triples: list[Triple] = [(label, RDF_TYPE, sh("ValidationResult"))]
    triples += [(label, sh(name), term) for name, term in pairs if term is not None]
    if result.path is not None:
        node, path_part = path_triples(parse_path(result.path), label + "path")
        triples += [(label, sh("resultPath"), node), *path_part]
    return triples


def _result_json(result: ValidationResult) -> dict[str, Any]:
    fields = result._asdict()
    fields["messages"] = [lexical(message) for message in result.messages]
    return {name: value for name, value in fields.items() if value is not None}
