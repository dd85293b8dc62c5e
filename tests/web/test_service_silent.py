"""SERVICE SILENT to an endpoint that may not be asked leaves its variables unbound, and says so; nothing is asked."""

import csv

import pytest

ELSEWHERE = "<https://sparql.example.org/sparql>"


def ask(client, query, **given):
    return client.get("/sparql", query_string={"query": query, "format": "csv"} | given)


@pytest.mark.parametrize(
    ("query", "columns", "rows"),
    [
        (f"SELECT * {{ VALUES ?x {{ 1 2 }} SERVICE SILENT {ELSEWHERE} {{ ?s ?p ?o }} }}", "opsx", 2),
        (f"SELECT * {{ VALUES ?x {{ 1 2 }} OPTIONAL {{ SERVICE SILENT {ELSEWHERE} {{ ?s ?p ?o }} }} }}", "opsx", 2),
        (f"SELECT ?x ?s {{ VALUES ?x {{ 1 }} service silent {ELSEWHERE} {{ ?s ?p ?o SERVICE <x:y> {{ ?s ?p 1 }} }} }}", "sx", 1),
        (f"SELECT * {{ VALUES ?x {{ 1 }} GRAPH ?x {{ SERVICE SILENT {ELSEWHERE} {{ }} }} }}", "x", 0),
        ("SELECT * { VALUES ?x { 1 } SERVICE SILENT ?e { ?s ?p 2 } }", "psx", 1),
    ],
)  # fmt: skip
def test_it_gives_one_solution_with_nothing_bound(client, query, columns, rows):
    answer = ask(client, query)
    assert answer.status_code == 200, answer.text
    head, *found = csv.reader(answer.text.splitlines())
    assert "".join(sorted(head)) == columns
    assert len(found) == rows
    assert "was not asked" in answer.headers["Trialgraph-Note"]


def test_without_silent_it_is_refused(client):
    assert ask(client, f"SELECT * {{ SERVICE {ELSEWHERE} {{ ?s ?p ?o }} }}").status_code == 403
    inside = f"SELECT * {{ SERVICE <http://localhost/sparql> {{ SERVICE {ELSEWHERE} {{ ?s ?p ?o }} }} }}"
    assert ask(client, inside).status_code == 403


def test_a_note_cannot_break_a_header(client):
    answer = ask(client, "ASK { SERVICE SILENT <http://e.org/caf\u00e9> { ?s ?p ?o } }")
    assert answer.status_code == 200
    assert "caf?" in answer.headers["Trialgraph-Note"]
