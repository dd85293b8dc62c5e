"""An answer without rows says which predicates, classes, graphs and things of the question exist nowhere."""

import pytest

P = "PREFIX tg: <https://w3id.org/trialgraph/ontology#> PREFIX tgid: <https://w3id.org/trialgraph/id/> "


@pytest.mark.parametrize(
    ("query", "note"),
    [
        ("SELECT * { ?t tg:phse ?p }", "tg:phse is used nowhere in this release; did you mean tg:phase?"),
        ("SELECT * { ?t tg:phase/tg:labl ?p }", "tg:labl is used nowhere in this release"),
        ("SELECT * { ?t (tg:phse|tg:armm)+ ?p }", "tg:phse is used nowhere in this release; did you mean tg:phase?"),
        ("SELECT * { ?t a tg:Trail }", "tg:Trail is used nowhere in this release; did you mean tg:Trial?"),
        ("ASK { ?t tg:phse ?p }", "did you mean tg:phase?"),
        ("CONSTRUCT { ?t a tg:X } { ?t tg:phse ?p }", "did you mean tg:phase?"),
        ("SELECT * { GRAPH <https://w3id.org/trialgraph/graph/sead> { ?s ?p ?o } }", "did you mean <https://w3id.org/trialgraph/graph/seed>?"),
        ("SELECT * FROM <http://example.org/g> { ?s ?p ?o }", "<http://example.org/g> is no graph of this release."),
        ("SELECT * { tgid:NCT00000000 tg:phase ?o }", "<https://w3id.org/trialgraph/id/NCT00000000> is nowhere in this release."),
        ("SELECT * { ?t tg:phase <https://w3id.org/trialgraph/id/scheme/phase/PHASE9> }", "PHASE9> is nowhere in this release."),
    ],
)  # fmt: skip
@pytest.mark.parametrize("form", ["json", "csv"])
def test_a_header_says_why(client, query, note, form):
    form = "nt" if query.startswith("CONSTRUCT") else form
    for _ in range(2):
        answer = client.get("/sparql", query_string={"query": P + query, "format": form})
        assert answer.status_code == 200, answer.text
        assert note in answer.headers["Trialgraph-Note"]


@pytest.mark.parametrize("parameter", ["default-graph-uri", "named-graph-uri"])
def test_graphs_of_the_protocol(client, parameter):
    asked = {"query": "SELECT * { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }", parameter: "http://example.org/g"}
    answer = client.get("/sparql", query_string=asked)
    assert "<http://example.org/g> is no graph of this release." in answer.headers["Trialgraph-Note"]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { ?t tg:phase ?p } LIMIT 1",
        "SELECT * { ?t tg:phase 'nothing' }",
        "SELECT (COUNT(*) AS ?n) { ?t tg:phase ?p }",
        "ASK { ?t tg:phase ?p }",
    ],
)
def test_nothing_is_said_of_what_is_known(client, query):
    assert "Trialgraph-Note" not in client.get("/sparql", query_string={"query": P + query}).headers


def test_the_editor_says_it_of_graphs_too(client):
    query = "SELECT * FROM <https://w3id.org/trialgraph/graph/sead> { ?s ?p ?o }"
    (found,) = client.post("/sparql/check", data={"query": query}).json["diagnostics"]
    assert found["message"].endswith("did you mean <https://w3id.org/trialgraph/graph/seed>?")
    assert query[found["start"] : found["end"]] == "<https://w3id.org/trialgraph/graph/sead>"
    assert found["fix"]["insert"] == "<https://w3id.org/trialgraph/graph/seed>"
