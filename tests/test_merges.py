"""FROM a FROM b is an RDF merge (SPARQL 1.1 section 13.2.1): a triple of both counts once, however it is asked."""

from itertools import combinations

import pyoxigraph as ox
import pytest
from tests.patience import patient

from trialgraph.formats import SPARQL_CSV
from trialgraph.query import QueryRequest, open_engine
from trialgraph.store import begin_release, keep_merges, keep_union, publish
from trialgraph.store import merges as module

GRAPHS = ("a", "b", "c", "d", "large")
QUADS = {
    "a": "12345", "b": "1267", "c": "238", "d": "90", "large": "LMNOPQRS1",
}  # fmt: skip
INTEGER = "http://www.w3.org/2001/XMLSchema#integer"
NAME = "http://e.org/{}".format


def quads():
    for graph, things in QUADS.items():
        for thing in things:
            yield f"<{NAME(thing)}> <http://e.org/p> <{NAME('next')}> <{NAME(graph)}> .\n"
            yield f'<{NAME("next")}> <http://e.org/q> "{ord(thing) % 3}"^^<{INTEGER}> <{NAME(graph)}> .\n'


@pytest.fixture(scope="module", params=["kept", "of another maker", "whole"])
def engine(request, tmp_path_factory):
    root = tmp_path_factory.mktemp("release")
    with begin_release(root, "2026-01-01") as draft:
        store = ox.Store(str(draft.store))
        store.bulk_load("".join(quads()).encode(), format=ox.RdfFormat.N_QUADS)
        store.flush()
        del store
        apart = () if request.param == "whole" else (NAME("large"),)
        manifest = {"issued": "2026-01-01"}
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(module, "_LARGE", 10)
            if request.param != "of another maker":
                if request.param == "kept":
                    keep_union(draft.store, apart)
                    manifest["apart"] = list(apart)
                keep_merges(draft.store).write(draft.path)
                keep_merges(draft.store).write(draft.path)  # as an update does, which copies a store
        draft.write_manifest(manifest)
        publish(draft)
    with open_engine(patient(release=root)) as opened:
        yield opened


def answer(engine, text, **request):
    return engine.run(QueryRequest(text, result_format=SPARQL_CSV, **request)).read().decode().split("\r\n")[1:-1]


CHOICES = [chosen for size in range(1, 6) for chosen in combinations(GRAPHS, size)]


@pytest.mark.parametrize("chosen", CHOICES, ids="".join)
def test_any_graphs_together_hold_each_triple_once(engine, chosen):
    things = {thing for graph in chosen for thing in QUADS[graph]}
    numbers = {ord(thing) % 3 for thing in things}
    sources = " ".join(f"FROM <{NAME(graph)}>" for graph in (*chosen, chosen[0]))
    uris = tuple(NAME(graph) for graph in (*chosen, chosen[0]))
    for asked, expected in (
        ("SELECT (COUNT(?s) AS ?n) {} {{ ?s <http://e.org/p> ?o }}", [str(len(things))]),
        ("SELECT (SUM(?o) AS ?n) {} {{ ?s <http://e.org/q> ?o }}", [str(sum(numbers))]),
        (
            "SELECT (COUNT(*) AS ?n) {} {{ ?s <http://e.org/p>/<http://e.org/q> ?o }}",
            [str(len(things) * len(numbers))],
        ),
        ("SELECT (COUNT(*) AS ?n) {} {{ ?s ?p ?o }}", [str(len(things) + len(numbers))]),
    ):
        assert answer(engine, asked.format(sources)) == expected
        assert answer(engine, asked.format(""), default_graphs=uris) == expected


def test_no_part_is_a_graph_of_its_own(engine):
    assert answer(engine, "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } } ORDER BY ?g") == [NAME(g) for g in GRAPHS]
    named = f"SELECT DISTINCT ?g FROM <{NAME('a')}> FROM <{NAME('b')}> FROM NAMED <{NAME('c')}> {{ GRAPH ?g {{ ?s ?p ?o }} }}"  # noqa: S608
    assert answer(engine, named) == [NAME("c")]
    only_named = f"SELECT (COUNT(*) AS ?n) FROM NAMED <{NAME('c')}> {{ ?s ?p ?o }}"  # noqa: S608
    assert answer(engine, only_named) == ["0"]
    unknown = f"SELECT (COUNT(?s) AS ?n) FROM <{NAME('a')}> FROM <{NAME('none')}> {{ ?s <http://e.org/p> ?o }}"  # noqa: S608
    assert answer(engine, unknown) == ["5"]
