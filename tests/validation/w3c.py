"""Reads the W3C SHACL test suite: each test with its data, its shapes and the report it expects."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlparse

from trialgraph.terms import RDF_TYPE, Term, Triple
from trialgraph.validation import ValidationReport
from trialgraph.validation.property_paths import path_text, read_path
from trialgraph.validation.shacl_terms import sh
from trialgraph.validation.shape_parser import read_turtle

SUITE = Path(__file__).resolve().parents[3] / "shared/w3c/data-shapes/data-shapes-test-suite/tests"
_MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
_SHT = "http://www.w3.org/ns/shacl-test#"

Row = tuple[Term | None, ...]


@dataclass(frozen=True)
class Case:
    """One test: `expected` is None when the shapes must be refused."""

    name: str
    data: tuple[Triple, ...]
    shapes: tuple[Triple, ...]
    expected: Counter[Row] | None


def cases(part: str) -> list[Case]:
    """Return the tests of a part of the suite, `core` or `sparql`; none when the suite is absent."""
    files = sorted((SUITE / part).rglob("*.ttl"))
    return [case for file in files if file.name != "manifest.ttl" for case in _cases(file)]


def rows(report: ValidationReport) -> Counter[Row]:
    """Return what the suite compares of a report."""
    return Counter(
        (r.focus_node, r.path, r.value, r.severity, r.component, r.shape, r.constraint) for r in report.results
    )


def _cases(file: Path) -> list[Case]:
    triples = tuple(read_turtle(file))
    index: dict[tuple[Term, Term], list[Term]] = {}
    for subject, predicate, object_ in triples:
        index.setdefault((subject, predicate), []).append(object_)

    def objects(subject: Term, predicate: Term) -> list[Term]:
        return index.get((subject, predicate), [])

    def graph(node: Term, name: str) -> tuple[Triple, ...]:
        path = Path(unquote(urlparse(objects(node, f"<{_SHT}{name}>")[0][1:-1]).path))
        return triples if path == file else tuple(read_turtle(path))

    def row(result: Term) -> Row:
        def one(name: str) -> Term | None:
            return next(iter(objects(result, sh(name))), None)

        path = one("resultPath")
        return (
            one("focusNode"), path and path_text(read_path(path, objects, result)), one("value"),
            one("resultSeverity"), one("sourceConstraintComponent"), one("sourceShape"), one("sourceConstraint"),
        )  # fmt: skip

    found = []
    for subject, predicate, object_ in triples:
        if (predicate, object_) == (RDF_TYPE, f"<{_SHT}Validate>"):
            action = objects(subject, f"<{_MF}action>")[0]
            result = objects(subject, f"<{_MF}result>")[0]
            refused = result == f"<{_SHT}Failure>"
            expected = None if refused else Counter(row(r) for r in objects(result, sh("result")))
            name = file.relative_to(SUITE).with_suffix("").as_posix()
            found.append(Case(name, graph(action, "dataGraph"), graph(action, "shapesGraph"), expected))
    assert found or "-data" in file.name or "-shapes" in file.name, file
    return found
