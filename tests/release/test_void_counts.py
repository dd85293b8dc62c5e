"""Counts of VoID are those that SPARQL gives: of the members of each class, and of the triples of each linkset."""

import pyoxigraph as ox
import pytest

from trialgraph import terms
from trialgraph.release.description import describe
from trialgraph.release.description_input import ReleaseFacts
from trialgraph.release.graph_builder import expand
from trialgraph.release.graph_statistics import GraphStatistics
from trialgraph.syntaxes.subject_groups import Passage
from trialgraph.vocabulary import PREFIXES, RESOURCE, Graph

PREFIX = "".join(f"PREFIX {name}: <{PREFIXES[name]}>\n" for name in ("void", "sd"))
OUTSIDE = ("http://purl.obolibrary.org/obo/NCIT_C", "http://purl.obolibrary.org/obo/MONDO_", "https://example.org/")


def made(name, count):
    """Return drugs and arms, with links to terms of three places and to each other, some of them twice."""
    lines = set()
    for n in range(count):
        node = f"<{RESOURCE}drug/{name}{n}>"
        kinds = ("tg:Drug",) if n % 3 else ("tg:Drug", "tg:Arm")
        lines.update(f"{node} {terms.RDF_TYPE} <{expand(kind)}> .\n" for kind in kinds)
        lines.add(f'{node} {terms.RDFS_LABEL} "{name}{n}" .\n')
        for predicate, every in (("skos:exactMatch", 1), ("skos:broadMatch", 2), ("rdfs:seeAlso", 5)):
            if n % every == 0:
                lines.add(f"{node} <{expand(predicate)}> <{OUTSIDE[n % 3]}{n // 2}> .\n")
        lines.add(f"{node} <{expand('skos:relatedMatch')}> <{RESOURCE}drug/{name}{n // 2}> .\n")
    return "".join(sorted(lines))


@pytest.fixture(scope="module")
def store():
    graphs = {Graph.SEED: made("a", 31), Graph.LINKS: made("b", 57)}
    statistics = {graph: GraphStatistics.of(Passage(text.encode())) for graph, text in graphs.items()}
    store = ox.Store()
    for graph, text in graphs.items():
        store.load(text.encode(), ox.RdfFormat.N_TRIPLES, to_graph=ox.NamedNode(graph))
    manifest = {
        "version": "2026-11-23",
        "issued": "2026-11-23",
        "tool": {"name": "trialgraph", "version": "0.1.0"},
        "counts": {},
        "inputs": [],
        "dumps": [],
    }
    facts = ReleaseFacts.of(manifest, statistics, "http://127.0.0.1:8000", [])
    store.load("".join(map(terms.line, describe(facts))).encode(), ox.RdfFormat.N_TRIPLES)
    return store


def counted(store, query):
    return int(next(iter(store.query(query)))["n"].value)


def test_each_class_has_as_many_members_as_sparql_counts(store):
    told = (
        PREFIX
        + """SELECT ?name ?class ?n { ?named sd:name ?name ; sd:graph ?graph .
        ?graph void:classPartition [ void:class ?class ; void:entities ?n ] }"""
    )
    rows = list(store.query(told))
    assert len(rows) == 4
    for row in rows:
        query = f"SELECT (COUNT(DISTINCT ?s) AS ?n) {{ GRAPH {row['name']} {{ ?s a {row['class']} }} }}"
        assert int(row["n"].value) == counted(store, query), (row["name"], row["class"])


def test_each_linkset_has_as_many_triples_as_sparql_counts(store):
    told = (
        PREFIX
        + """SELECT ?name ?predicate ?n ?space { ?named sd:name ?name ; sd:graph ?graph .
        ?links a void:Linkset ; void:subjectsTarget ?graph ; void:linkPredicate ?predicate ; void:triples ?n ;
          void:objectsTarget/void:uriSpace ?space }"""
    )
    rows = list(store.query(told))
    assert {row["space"].value for row in rows} >= {"http://purl.obolibrary.org/obo/NCIT_"}
    for row in rows:
        pattern = f"GRAPH {row['name']} {{ ?s {row['predicate']} ?o }} FILTER(STRSTARTS(STR(?o), {row['space']}))"
        assert int(row["n"].value) == counted(store, f"SELECT (COUNT(*) AS ?n) {{ {pattern} }}"), row
