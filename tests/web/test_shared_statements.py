"""In front of an engine without what graphs share: a statement of two graphs counts once, or the query is refused."""

from urllib.parse import parse_qs

import httpx
import pyoxigraph as ox
import pytest
from tests.patience import patient

from trialgraph.errors import QueryNotEvaluable
from trialgraph.formats import SPARQL_CSV
from trialgraph.query import Engine, QueryRequest, open_engine
from trialgraph.query.engines.remote import RemoteEngine
from trialgraph.store import open_release
from trialgraph.store.merges import PART
from trialgraph.vocabulary import PREFIXES

JSON = {"Content-Type": "application/sparql-results+json"}


def declared(text):
    used = {name: iri for name, iri in PREFIXES.items() if f"{name}:" in text}
    return "".join(f"PREFIX {name}: <{iri}> " for name, iri in used.items()) + text


@pytest.fixture(scope="module")
def elsewhere(root):
    """Return what answers as an engine elsewhere does that has the graphs of a release, and not what they share."""
    release = open_release(root)
    store = ox.Store.read_only(str(release.store))

    def answer(request):
        form = parse_qs(request.content.decode())
        graphs = [ox.NamedNode(iri) for iri in form.get("default-graph-uri", ()) if not iri.startswith(PART)]
        if "urn:x-trialgraph:part" in form["query"][0]:
            return httpx.Response(200, content=b'{"head":{},"boolean":false}', headers=JSON)
        found = store.query(form["query"][0], default_graph=graphs, named_graphs=graphs)
        return httpx.Response(200, content=found.serialize(format=ox.QueryResultsFormat.JSON), headers=JSON)

    return httpx.MockTransport(answer)


@pytest.fixture(params=["with a release", "without"])
def folder(request, root, tmp_path):
    return root if request.param == "with a release" else tmp_path


@pytest.fixture(scope="module")
def embedded(root):
    with open_engine(patient(release=root)) as engine:
        yield engine


@pytest.mark.parametrize(
    "text",
    [
        "SELECT (COUNT(*) AS ?n) { ?t a tg:Trial }",
        "SELECT (COUNT(?i) AS ?n) { ?t tg:nctId 'NCT06095583' ; tg:intervention/rdfs:label ?i }",
        "SELECT (COUNT(*) AS ?n) FROM tggraph:seed FROM tggraph:mirrors { ?t a tg:Trial }",
        "SELECT ?p (COUNT(?t) AS ?n) { ?t tg:phase ?p } GROUP BY ?p ORDER BY ?p",
    ],
)
def test_without_what_graphs_share_answers_are_those_of_the_embedded_engine(folder, embedded, elsewhere, text):
    query = QueryRequest(declared(text), result_format=SPARQL_CSV)
    settings = patient(release=folder, engine="http://127.0.0.1:9/sparql")
    with Engine(RemoteEngine(settings, elsewhere), settings) as engine:
        assert engine.run(query).read() == embedded.run(query).read()
        with pytest.raises(QueryNotEvaluable, match="dump --graph merges"):
            engine.run(QueryRequest(declared("SELECT ?l { ?t (tg:phase|rdfs:label) ?l }")))
        assert engine.run(QueryRequest(declared("SELECT DISTINCT ?l { ?t (tg:phase|rdfs:label) ?l }"))).size
