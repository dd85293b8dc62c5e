"""Read the SPARQL 1.1 test manifests: cases with their data, and results in a form that can be compared."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

HERE = Path(__file__).resolve()
SUITE = next((p / "shared/w3c/sparql11" for p in HERE.parents if (p / "shared/w3c/sparql11").is_dir()), None)
BASE = "http://w3c.test/"
EMPTY = "urn:x-empty"
MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
QT = "http://www.w3.org/2001/sw/DataAccess/tests/test-query#"
RS = "http://www.w3.org/2001/sw/DataAccess/tests/result-set#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
FOLDERS = (
    "aggregates bind bindings cast construct csv-tsv-res exists functions grouping json-res negation "
    "project-expression property-path subquery syntax-query"
).split()


@dataclass(frozen=True)
class Case:
    name: str
    kind: str
    query: str
    data: tuple[str, ...]
    graphs: tuple[str, ...]
    result: str | None


class Graph:
    """A small graph to walk in."""

    def __init__(self, path: Path, base: str) -> None:
        self._triples: dict[tuple[str, str], list] = {}
        form = ox.RdfFormat.RDF_XML if path.suffix == ".rdf" else ox.RdfFormat.TURTLE
        for quad in ox.parse(path=str(path), format=form, base_iri=base):
            self._triples.setdefault((str(quad.subject), quad.predicate.value), []).append(quad.object)
        self.subjects = {subject for subject, _ in self._triples}

    def all(self, subject, predicate: str) -> list:
        return self._triples.get((str(subject), predicate), [])

    def one(self, subject, predicate: str):
        found = self.all(subject, predicate)
        return found[0] if found else None

    def items(self, head) -> Iterator:
        while head is not None and head.value != RDF + "nil":
            yield self.one(head, RDF + "first")
            head = self.one(head, RDF + "rest")


def local(iri: str) -> Path:
    assert SUITE is not None
    return SUITE / iri.removeprefix(BASE)


def cases() -> Iterator[Case]:
    for folder in FOLDERS if SUITE else ():
        base = f"{BASE}{folder}/manifest.ttl"
        graph = Graph(local(base), base)
        entries = graph.one(ox.NamedNode(base), MF + "entries")
        for entry in graph.items(entries):
            kind = graph.one(entry, RDF + "type").value.rpartition("#")[2]
            action, result = graph.one(entry, MF + "action"), graph.one(entry, MF + "result")
            query = graph.one(action, QT + "query") or action
            named = (graph.one(g, QT + "graph") or g for g in graph.all(action, QT + "graphData"))
            yield Case(
                f"{folder}/{entry.value.rpartition('#')[2]}",
                kind,
                query.value,
                tuple(g.value for g in graph.all(action, QT + "data")),
                tuple(g.value for g in named),
                result.value if result is not None else None,
            )


def data_quads(iris: set[str]) -> bytes:
    """Return the data files as N-Quads, each a graph of its own name, blank nodes apart."""
    quads = []
    for number, iri in enumerate(sorted(iris)):
        form = {".rdf": ox.RdfFormat.RDF_XML, ".nt": ox.RdfFormat.N_TRIPLES}.get(
            local(iri).suffix, ox.RdfFormat.TURTLE
        )
        for quad in ox.parse(path=str(local(iri)), format=form, base_iri=iri):
            terms = (
                ox.BlankNode(f"f{number}x{term.value}") if isinstance(term, ox.BlankNode) else term
                for term in (quad.subject, quad.predicate, quad.object)
            )
            quads.append(ox.Quad(*terms, ox.NamedNode(iri)))
    return ox.serialize(quads, format=ox.RdfFormat.N_QUADS)


def comparable(rows: list[dict[str, object]]) -> ox.Dataset:
    """Return solutions as a dataset in canonical form: blank nodes compare by what they join."""
    dataset = ox.Dataset()
    for number, row in enumerate(rows):
        node = ox.BlankNode(f"row{number}")
        dataset.add(ox.Quad(node, ox.NamedNode(RDF + "type"), ox.NamedNode(BASE + "Row")))
        for name, term in row.items():
            dataset.add(ox.Quad(node, ox.NamedNode(BASE + name), _plain(term)))
    dataset.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return dataset


_INTEGERS = {"negativeInteger", "nonNegativeInteger", "positiveInteger", "nonPositiveInteger", "int", "long", "short"}
XSD = "http://www.w3.org/2001/XMLSchema#"


def _plain(term):
    """Numbers by value: 2.0 and 2.00 are the same decimal."""
    if isinstance(term, ox.Literal) and term.datatype.value.startswith(XSD):
        kind = term.datatype.value.removeprefix(XSD)
        if kind in {"decimal", "double", "float"}:
            return ox.Literal(repr(float(term.value)), datatype=term.datatype)
    return term


FORMATS = {
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
    "tsv": ox.QueryResultsFormat.TSV,
}


def rows_of(text: bytes, form: str) -> bool | list[dict[str, object]]:
    results = ox.parse_query_results(text, format=FORMATS[form])
    if isinstance(results, ox.QueryBoolean):
        return bool(results)
    names = [variable.value for variable in results.variables]
    return [{name: row[name] for name in names if row[name] is not None} for row in results]


def graph_of(text: bytes, form: ox.RdfFormat, base: str) -> ox.Dataset:
    dataset = ox.Dataset(ox.parse(input=text, format=form, base_iri=base))
    dataset.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return dataset


def tabled(path: Path) -> list[dict[str, object]]:
    """Return the rows of a result written as RDF, in the vocabulary of the test suites."""
    graph = Graph(path, BASE + path.name)
    rows = []
    for subject in graph.subjects:
        for solution in graph.all(subject, RS + "solution"):
            bindings = graph.all(solution, RS + "binding")
            rows.append({graph.one(b, RS + "variable").value: graph.one(b, RS + "value") for b in bindings})
    return rows


def protocol_cases() -> Iterator[tuple[str, list[dict]]]:
    """Yield each protocol case: its name and its requests, as plain values."""
    base = f"{BASE}protocol/manifest.ttl"
    if SUITE is None:
        return
    graph = Graph(local(base), base)
    for entry in graph.items(graph.one(ox.NamedNode(base), MF + "entries")):
        requests = graph.items(graph.one(graph.one(entry, MF + "action"), HT + "requests"))
        yield entry.value.rpartition("#")[2], [_request(graph, request) for request in requests]


HT = "http://www.w3.org/2011/http#"
CNT = "http://www.w3.org/2011/content#"


def _request(graph: Graph, node) -> dict:
    def value(subject, predicate):
        found = graph.one(subject, predicate)
        return found.value if found is not None else ""

    body, response = graph.one(node, HT + "body"), graph.one(node, HT + "resp")
    content = value(body, CNT + "chars").encode(value(body, CNT + "characterEncoding") or "utf-8") if body else b""
    headers = graph.items(graph.one(node, HT + "headers"))
    return {
        "method": value(node, HT + "methodName"),
        "path": value(node, HT + "absolutePath"),
        "headers": {value(h, HT + "fieldName"): value(h, HT + "fieldValue") for h in headers},
        "content": content,
        "statuses": [status.value[-3] for status in graph.all(response, MF + "expectedStatus")],
        "boolean": value(response, MF + "expectedBoolean"),
        "format": value(response, MF + "expectedFormat"),
    }


def protocol_data() -> bytes:
    """Return the data that the protocol cases name, each file a graph of the name they use."""
    quads = []
    for number in (1, 2, 3):
        name = ox.NamedNode(f"http://kasei.us/2009/09/sparql/data/data{number}.rdf")
        path = local(f"{BASE}protocol/data{number}.nt")
        quads += [
            ox.Quad(q.subject, q.predicate, q.object, name)
            for q in ox.parse(path=str(path), format=ox.RdfFormat.N_TRIPLES)
        ]
    return ox.serialize(quads, format=ox.RdfFormat.N_QUADS)


def csv_rows(text: str) -> list[list[tuple[str, str]]]:
    """Return the rows of a CSV table, whatever the order of rows and columns; blank nodes all alike."""
    rows = csv.DictReader(io.StringIO(text.replace("\r\n", "\n")))
    return sorted(sorted((k, "_:" if v.startswith("_:") else v) for k, v in row.items()) for row in rows)
