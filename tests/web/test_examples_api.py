"""The examples as REST calls: each answers as its query does, and parameters can say nothing but themselves."""

import csv
import io
import json
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialgraph.query import analyze
from trialgraph.web.context.example_queries import Example
from trialgraph.web.http.problems import RequestError

QUERY = """PREFIX tg: <https://w3id.org/trialgraph/ontology#>
SELECT ?x { VALUES ?nctId { "NCT06095583" } # parameter: number of the trial
  VALUES ?n { 3 } # parameter: a number
  VALUES ?c { <https://w3id.org/trialgraph/id/condition/SCLC> } # parameter: a condition
  BIND(?nctId AS ?x) }"""
EXAMPLE = Example("X", "", "", QUERY, "select")


def test_every_example_can_be_called(client):
    listed = client.get("/api/examples").json
    assert len(listed) > 60
    for example in listed[::9]:
        answer = client.get(example["call"].removeprefix("http://localhost"), headers={"Accept": "application/json"})
        assert answer.status_code == 200, example["name"]
        assert "results" in answer.json or "boolean" in answer.json


@pytest.mark.parametrize(
    ("asked", "kind"),
    [("csv", "text/csv"), ("tsv", "text/tab-separated-values"), ("xml", "application/sparql-results+xml")],
)
def test_formats(client, asked, kind):
    answer = client.get(f"/api/examples/S04?format={asked}")
    assert (answer.status_code, answer.mimetype) == (200, kind)
    assert client.get("/api/examples/S04", headers={"Accept": kind}).data == answer.data


def test_rows_are_those_of_the_query(client):
    rows = list(csv.DictReader(io.StringIO(client.get("/api/examples/S04?format=csv").text)))
    assert {"intervention": "etoposide", "dose": "100 mg/m²"}.items() <= next(
        row for row in rows if row["intervention"] == "etoposide"
    ).items()


@pytest.mark.parametrize(
    ("call", "column", "values"),
    [
        ("S31?nctId=NCT06095583", "drug", {"tifcemalimab", "toripalimab"}),
        ("S32?name=etoposide", "nctId", {"NCT06732258"}),
        ("S32?name=%22%20%7D%20%3Fs%20%3Fp%20%3Fo%20%7B%20%23", "nctId", set()),
        ("S33?least=240", "drug", {"toripalimab"}),
    ],
)
def test_parameters_take_the_place_of_the_defaults(client, call, column, values):
    answer = client.get(f"/api/examples/{call}", headers={"Accept": "text/csv"})
    assert answer.status_code == 200
    assert {row[column] for row in csv.DictReader(io.StringIO(answer.text))} == values


def test_a_browser_is_led_to_the_editor(client):
    answer = client.get("/api/examples/S04?format=html")
    assert answer.status_code == 303
    assert "SELECT" in parse_qs(urlsplit(answer.headers["Location"]).query)["query"][0]


def test_what_is_wrong_is_said(client):
    assert client.get("/api/examples/Nothing").status_code == 404
    assert "has no parameter nonsense" in client.get("/api/examples/S04?nonsense=1").text
    assert client.get("/api/examples/S04?format=docx").status_code == 406


def test_the_openapi_document_has_every_example(client):
    document = json.loads(client.get("/openapi.json").data)
    names = {example["name"] for example in client.get("/api/examples").json}
    assert {path.rsplit("/", 1)[-1] for path in document["paths"] if path.startswith("/api/examples/")} == names
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    assert len({operation["operationId"] for operation in operations}) == len(operations)


def test_parameters_are_read_from_the_query():
    assert [(p.name, p.kind, p.default) for p in EXAMPLE.parameters] == [
        ("nctId", "string", "NCT06095583"),
        ("n", "integer", "3"),
        ("c", "string", "https://w3id.org/trialgraph/id/condition/SCLC"),
    ]
    assert EXAMPLE.with_values({}) == QUERY


@given(st.text(max_size=200))
def test_a_value_is_one_literal_whatever_it_holds(text):
    query = Example("X", "", "", 'ASK { VALUES ?x { "a" } # parameter: x\n }', "ask").with_values({"x": text})
    head, tail = 'ASK { VALUES ?x { "', '" } # parameter: x\n }'
    assert query.startswith(head)
    assert query.endswith(tail)
    inside = query[len(head) : -len(tail)]
    assert '"' not in inside.replace("\\\\", "").replace('\\"', "")
    assert "\n" not in inside


@pytest.mark.parametrize(
    "given_",
    [
        {"n": "three"},
        {"n": "3 } ?s ?p ?o {"},
        {"c": "x> } SERVICE <https://e.org/"},
        {"c": "no-iri"},
        {"nctId": "x" * 2000},
    ],
)
def test_a_value_of_another_kind_is_refused(given_):
    with pytest.raises(RequestError):
        EXAMPLE.with_values(given_)


def test_the_query_with_values_is_one_query():
    assert analyze(EXAMPLE.with_values({"nctId": '" } ; DROP ALL #', "n": "-7"}))


def test_a_day_is_a_parameter_too(client):
    (example,) = [example for example in client.get("/api/examples").json if example["name"] == "R18"]
    assert example["parameters"]["since"]["default"] == "2015-06-01"
    answers = [client.get(f"/api/examples/R18?format=csv&since={day}").text for day in ("2015-06-01", "2024-01-01")]
    assert len(answers[0].splitlines()) > len(answers[1].splitlines()) > 1
    assert client.get("/api/examples/R18?since=yesterday").status_code == 400


def test_a_release_of_records_shows_what_asks_of_records_first(client):
    page = client.get("/examples").text
    shown = re.findall(r'<section class="example" id="(\w+)">', page)
    assert shown[0].startswith("R")
    assert not any(name.startswith("Q") for name in shown)
    everything = re.findall(r'<section class="example" id="(\w+)">', client.get("/examples?of=all").text)
    assert set(shown) < set(everything)
    assert "Q001" in everything
    assert "Q001" in client.get("/examples?search=other+name").text
