"""What is told of a query before it runs, and of the time its answer took."""

import re

import pytest

PREFIX = "PREFIX tg: <https://w3id.org/trialgraph/ontology#> "


def explained(client, query):
    return client.post("/sparql/explain", data={"query": query})


def test_patterns_have_their_counts(client):
    told = explained(
        client, PREFIX + "SELECT ?d { ?t a tg:Trial ; tg:arm/tg:doseSpecification ?d . ?d ?p ?o }"
    ).get_json()
    assert [use["pattern"] for use in told["patterns"]] == [
        "?t a tg:Trial",
        "?t tg:arm/tg:doseSpecification ?d",
        "?d ?p ?o",
    ]
    trial, dose, anything = (use["count"] for use in told["patterns"])
    asked = client.get(
        "/sparql", query_string={"query": PREFIX + "SELECT (COUNT(*) AS ?n) { ?t a tg:Trial }", "format": "csv"}
    )
    assert trial >= int(asked.text.split()[-1]), "a triple of two graphs counts twice"
    assert dose > 0
    assert anything is None
    assert set(told["seconds"]) == {"reading", "planning"}


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT * { ?s ?p ?o FILTER(?o > NOW()) }", "never kept"),
        ("SELECT * FROM <urn:g> { ?s ?p ?o }", "choose the graphs"),
        ("SELECT * { SERVICE <http://e.org/> { ?s ?p ?o } }", "other endpoint"),
    ],
)
def test_remarks(client, query, said):
    assert said in " ".join(explained(client, query).get_json()["remarks"])


@pytest.mark.parametrize(
    ("query", "status"), [("", 400), ("SELECT ?x {", 400), ("# " + "x" * 70_000 + "\nASK {}", 413), ("DROP ALL", 400)]
)
def test_what_cannot_be_explained_is_told(client, query, status):
    answer = explained(client, query)
    assert answer.status_code == status
    assert answer.text


def test_nothing_is_run(client, app):
    def asked():
        return app.extensions["trialgraph.reading"].engine.counts()

    before = asked()
    explained(client, "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }")
    assert asked() == before


def test_each_answer_says_what_the_engine_took(client):
    query = {"query": "SELECT ?s { ?s ?p ?o } LIMIT 3"}
    first, again = (client.get("/sparql", query_string=query).headers["Server-Timing"] for _ in range(2))
    assert re.fullmatch(r'engine;dur=\d+\.\d;desc="(Oxigraph|sparq)"(, kept)?', first)
    assert again.endswith(", kept")
