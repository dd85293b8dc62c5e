"""The service description (SPARQL 1.1 Service Description), by manifest and settings.

>>> from trialgraph.formats import TURTLE
>>> text = describe_service("http://localhost/sparql", {"graphs": {}}, Settings(), TURTLE).decode()
>>> "sd:endpoint <http://localhost/sparql>" in text
True
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

import pyoxigraph as ox

from trialgraph.formats import RDF_FORMATS, RESULT_FORMATS, RdfFormat
from trialgraph.settings import Settings
from trialgraph.syntaxes.document import document
from trialgraph.terms import Quad, from_oxigraph
from trialgraph.vocabulary import BASE, GRAPHS, PREFIXES

_SD: Final = PREFIXES["sd"]
_VOID: Final = PREFIXES["void"]
_DCTERMS: Final = PREFIXES["dcterms"]
_Object = ox.NamedNode | ox.BlankNode | ox.Literal
_TYPE: Final = ox.NamedNode(PREFIXES["rdf"] + "type")
_DATE: Final = ox.NamedNode(PREFIXES["xsd"] + "date")
_SHOWN_LIMITS: Final = (
    "query_timeout_seconds query_timeout_cap_seconds query_memory_bytes query_memory_total_bytes "
    "query_result_bytes query_spool_bytes query_text_bytes "
    "query_row_cap query_workers query_slow_places query_queue rate_query_seconds service_endpoints"
).split()


class ServiceDescription:
    """Makes the document when asked, and keeps it while the release is the same."""

    def __init__(self, settings: Settings, manifest: Callable[[], Mapping[str, Any]]) -> None:
        self._settings, self._manifest = settings, manifest
        self._lock = threading.Lock()
        self._documents: dict[tuple[str, str, str], bytes] = {}

    def document(self, endpoint: str, form: RdfFormat) -> bytes:
        """Return the description of the endpoint at an address, in a format."""
        manifest = self._manifest()
        key = (endpoint, form.name, str(manifest.get("version", "")) + str(manifest.get("content", "")))
        with self._lock:
            if key not in self._documents:
                if len(self._documents) > 64:
                    self._documents.clear()
                self._documents[key] = describe_service(endpoint, manifest, self._settings, form)
            return self._documents[key]


def describe_service(endpoint: str, manifest: Mapping[str, Any], settings: Settings, form: RdfFormat) -> bytes:
    """Return the service description in one of the RDF formats.

    `manifest` may have `graphs` (name -> iri, triples), `issued` and `triples`; what is absent is not described.
    """
    quads: list[Quad] = [
        (str(triple.subject), str(triple.predicate), from_oxigraph(triple.object), "")
        for triple in _triples(endpoint, manifest, settings)
    ]
    return document(quads, form, "_:service").data


def graphs_of(manifest: Mapping[str, Any]) -> dict[str, int | None]:
    """Return the named graphs of a release, with their number of triples where the manifest tells."""
    listed = manifest.get("graphs") or {}
    return {
        str(graph.get("iri") or GRAPHS.get(name, BASE + "graph/" + name)): graph.get("triples")
        for name, graph in listed.items()
    }


def limits(settings: Settings) -> list[tuple[str, Any, str]]:
    """Return the limits that clients meet: name, value, meaning."""
    fields = Settings.__dataclass_fields__
    return [(name, getattr(settings, name), fields[name].metadata["meaning"]) for name in _SHOWN_LIMITS]


def _triples(endpoint: str, manifest: Mapping[str, Any], settings: Settings) -> Iterator[ox.Triple]:
    service, dataset, default = ox.BlankNode("service"), ox.BlankNode("dataset"), ox.BlankNode("default")
    address = ox.NamedNode(endpoint)
    yield _t(service, _TYPE, _sd("Service"))
    yield _t(service, _sd("endpoint"), address)
    yield _t(service, _sd("url"), address)
    yield _t(service, _dc("title"), ox.Literal("trialgraph: clinical-trial records as RDF", language="en"))
    for language in ("SPARQL10Query", "SPARQL11Query"):
        yield _t(service, _sd("supportedLanguage"), _sd(language))
    for feature in ("UnionDefaultGraph", "BasicFederatedQuery"):
        yield _t(service, _sd("feature"), _sd(feature))
    for form in (*RESULT_FORMATS, *RDF_FORMATS):
        yield _t(service, _sd("resultFormat"), ox.NamedNode(form.iri))
    for _, value, meaning in limits(settings):
        yield _t(
            service,
            ox.NamedNode(PREFIXES["rdfs"] + "comment"),
            ox.Literal(f"{meaning} {value}".rstrip(), language="en"),
        )
    yield _t(service, _sd("defaultDataset"), dataset)
    yield _t(dataset, _TYPE, _sd("Dataset"))
    yield _t(dataset, _sd("defaultGraph"), default)
    yield _t(default, _TYPE, _sd("Graph"))
    issued = manifest.get("issued")
    if issued:
        yield _t(dataset, _dc("issued"), ox.Literal(str(issued)[:10], datatype=_DATE))
    for number, (iri, count) in enumerate(graphs_of(manifest).items()):
        yield from _graph(dataset, number, iri, count)


def _graph(dataset: ox.BlankNode, number: int, iri: str, count: int | None) -> Iterator[ox.Triple]:
    named, graph = ox.BlankNode(f"named{number}"), ox.BlankNode(f"graph{number}")
    yield _t(dataset, _sd("namedGraph"), named)
    yield _t(named, _TYPE, _sd("NamedGraph"))
    yield _t(named, _sd("name"), ox.NamedNode(iri))
    yield _t(named, _sd("graph"), graph)
    yield _t(graph, _TYPE, _sd("Graph"))
    if count is not None:
        yield _t(graph, _TYPE, ox.NamedNode(_VOID + "Dataset"))
        yield _t(graph, ox.NamedNode(_VOID + "triples"), ox.Literal(count))


def _t(subject: ox.BlankNode, predicate: ox.NamedNode, object_: _Object) -> ox.Triple:
    return ox.Triple(subject, predicate, object_)


@lru_cache
def _sd(name: str) -> ox.NamedNode:
    return ox.NamedNode(_SD + name)


def _dc(name: str) -> ox.NamedNode:
    return ox.NamedNode(_DCTERMS + name)
