"""Graphs as pages, and what the ontology page says of their use: the figures of the release, nothing else."""

import re
from pathlib import Path

import pytest

from trialgraph.vocabulary import GRAPHS, ONTOLOGY, PREFIXES

README = Path(__file__).resolve().parents[2] / "README.md"
HTML = {"Accept": "text/html"}


def rows(client, query):
    found = client.get(
        "/sparql", query_string={"query": query}, headers={"Accept": "application/sparql-results+json"}
    )
    return [{name: cell["value"] for name, cell in row.items()} for row in found.json["results"]["bindings"]]


def held(client):
    return {row["g"] for row in rows(client, "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }")}


def test_each_graph_of_the_release_has_a_page_about_it(client, parse):
    for name, address in GRAPHS.items():
        answer = client.get(f"/graph/{name}", headers=HTML)
        if address not in held(client):
            assert answer.status_code == 404
            assert "graph" in answer.text
            continue
        page = parse(answer.text)
        assert f"Graph {name}" in answer.text
        assert address in answer.text
        (count,) = rows(client, f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{address}> {{ ?s ?p ?o }} }}")
        assert f"{int(count['n']):,} triples" in answer.text
        assert any(href.startswith("/sparql?query=") for href in page.all("a", "href"))


def test_the_page_counts_the_things_of_each_class(client):
    text = re.sub(r"<[^>]*>|\s+", " ", client.get("/graph/seed", headers=HTML).text)
    found = rows(client, f"SELECT ?s {{ GRAPH <{GRAPHS['seed']}> {{ ?s a <{ONTOLOGY}#DoseSpecification> }} }}")
    assert re.search(rf"dose specification +{len(found)} ", text)


def test_a_graph_that_no_release_has_is_not_found(client):
    assert client.get("/graph/nothing", headers=HTML).status_code == 404


def test_a_program_is_led_to_the_description(client):
    answer = client.get("/graph/seed", headers={"Accept": "text/turtle"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/void.ttl")


def test_readme_and_release_name_the_same_graphs(client):
    table = README.read_text("utf-8").split("### One graph per source")[1].split("\n\n")[1]
    named = [re.search(r"`<?([^`>]+)>?`", line)[1] for line in table.splitlines()[2:]]
    listed = {name.replace("tggraph:", PREFIXES["tggraph"]) for name in named}
    assert listed == set(GRAPHS.values())
    assert held(client) <= listed


@pytest.mark.parametrize("name", ["intervention", "drug", "briefTitle", "factNumber"])
def test_the_ontology_page_says_in_which_graphs_a_property_is_used_and_how_often(client, name):
    page = client.get("/ontology", headers=HTML).text
    (row,) = re.findall(rf'<tr id="{name}">(.*?)</tr>', page, re.DOTALL)
    shown = {
        graph: int(n.replace(",", "")) for n, graph in re.findall(r'([\d,]+) in <a href="/graph/([\w-]+)">', row)
    }
    query = f"SELECT ?g (COUNT(*) AS ?n) {{ GRAPH ?g {{ ?s <{ONTOLOGY}#{name}> ?o }} }} GROUP BY ?g"
    by_address = {address: graph for graph, address in GRAPHS.items()}
    assert shown == {by_address[row["g"]]: int(row["n"]) for row in rows(client, query)}


def test_a_term_that_the_release_does_not_use_is_marked(client):
    page = client.get("/ontology", headers=HTML).text
    (row,) = re.findall(r'<tr id="submissionResetDate">(.*?)</tr>', page, re.DOTALL)
    assert "not used in this release" in row
    (row,) = re.findall(r'<tr id="nctId">(.*?)</tr>', page, re.DOTALL)
    assert "not used in this release" not in row


def test_no_label_of_the_release_has_a_language(client):
    query = """PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?g ?s ?l { GRAPH ?g { ?s rdfs:label|rdfs:comment|skos:prefLabel|skos:altLabel|skos:definition ?l }
FILTER(LANG(?l) != "") } LIMIT 9"""
    assert rows(client, query) == []
