"""Look-up without SPARQL: what the Reconciliation Service API 0.2 asks of a service."""

import json

import pytest

SPACE = "https://w3id.org/trialgraph/id/"


def reconcile(client, *queries, method="post"):
    batch = {f"q{number}": query for number, query in enumerate(queries)}
    ask = client.post if method == "post" else client.get
    key = "data" if method == "post" else "query_string"
    answer = ask("/reconcile", **{key: {"queries": json.dumps(batch)}})
    assert answer.status_code == 200, answer.text
    return [answer.json[name]["result"] for name in batch]


def test_manifest(client):
    answer = client.get("/reconcile")
    said = answer.json
    assert said["versions"] == ["0.2"]
    assert (said["identifierSpace"], said["schemaSpace"]) == (SPACE, "https://w3id.org/trialgraph/ontology#")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    for service in said["suggest"].values():
        assert client.get(service["service_path"], query_string={"prefix": "t"}).json["result"]
    view = said["view"]["url"].replace("{{id}}", "drug%2Ftifcemalimab").removeprefix("http://localhost")
    assert client.get(view).headers["Location"] == "/page/drug/tifcemalimab"


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize(
    ("query", "id_"),
    [
        ({"query": "tifcemalimab", "type": "Drug"}, "drug/tifcemalimab"),
        ({"query": "TIFCEMALIMAB"}, "drug/tifcemalimab"),
        ({"query": "JS004"}, "drug/tifcemalimab"),
        ({"query": "programmed death protein-1", "type": ["Target"]}, "target/PD-1"),
        ({"query": "nct06732258"}, "NCT06732258"),
        (
            {"query": "Small Cell Lung Cancer", "type": "https://w3id.org/trialgraph/ontology#Condition"},
            "condition/SCLC",
        ),
    ],
)
def test_a_name_is_matched(client, method, query, id_):
    (found,) = reconcile(client, query, method=method)
    assert found[0]["id"] == id_
    assert found[0]["match"] is True
    assert found[0]["score"] == 100
    assert {"id", "name"} <= set(found[0]["type"][0])
    assert [one["score"] for one in found] == sorted((one["score"] for one in found), reverse=True)


@pytest.mark.parametrize(
    "query", ["toripalimap", "torpalimab", "http://identifiers.org/hgnc/8761", "UNII:0000000000"]
)
def test_a_slip_is_offered_and_a_wrong_identifier_is_nothing(client, query):
    (found,) = reconcile(client, {"query": query})
    named = client.get("/lookup", query_string={"q": query}).json
    if "palim" in query:
        assert (found[0]["id"], found[0]["match"]) == ("drug/toripalimab", False)
        assert (named["corrected"], named["results"][0]["label"]) == ("toripalimab", "toripalimab")
    else:
        assert (found, named["results"]) == ([], [])


def test_the_address_of_a_thing_here_or_elsewhere_is_a_name_of_it(client):
    for address in (SPACE + "target/PD-1", "http://identifiers.org/hgnc/8760", "HGNC:8760"):
        (found,) = reconcile(client, {"query": address})
        assert [(one["id"], one["match"]) for one in found] == [("target/PD-1", True)], address


def test_a_misspelt_name_is_offered_but_not_matched(client):
    (found,) = reconcile(client, {"query": "toripalimab injection", "type": "Drug"})
    assert found[0]["id"] == "drug/toripalimab"
    assert not any(one["match"] for one in found)


def test_properties_tell_candidates_apart(client):
    by_stage = {"query": "SCLC cancer", "type": "Condition", "properties": [{"pid": "stage", "v": "extensive stage"}]}
    (found,) = reconcile(client, by_stage)
    scores = {one["id"]: one["score"] for one in found}
    assert scores["condition/ES-SCLC"] > scores["condition/LS-SCLC"]


def test_extending(client):
    asked = {"ids": ["drug/tifcemalimab", "NCT06095583"], "properties": [{"id": "target"}, {"id": "armCount"}]}
    said = client.post("/reconcile", data={"extend": json.dumps(asked)}).json
    assert said["meta"][0] == {"id": "target", "name": "target"}
    assert said["rows"]["drug/tifcemalimab"]["target"] == [{"id": "target/BTLA", "name": "BTLA"}]
    assert said["rows"]["NCT06095583"] == {"target": [], "armCount": [{"int": 3}]}
    proposed = client.get("/reconcile/properties?type=Drug").json["properties"]
    assert {"id": "target", "name": "target"} in proposed


def test_a_preview_may_be_framed(client):
    answer = client.get("/reconcile/preview?id=drug/tifcemalimab")
    assert "tifcemalimab" in answer.text
    assert "frame-ancestors *" in answer.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in client.get("/").headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"queries": "{"}, 400),
        ({"queries": "[]"}, 400),
        ({"queries": '{"a": "b"}'}, 400),
        ({"queries": json.dumps({str(n): {"query": "x"} for n in range(51)})}, 413),
        ({"extend": "{}"}, 400),
        ({"extend": json.dumps({"ids": ["x"] * 501})}, 413),
    ],
)
def test_what_is_no_batch_is_refused(client, sent, status):
    assert client.post("/reconcile", data=sent).status_code == status


def test_label_look_up(client):
    said = client.get("/lookup?q=tifcem&kind=Drug").json
    assert said["results"] == [
        {
            "iri": SPACE + "drug/tifcemalimab",
            "label": "tifcemalimab",
            "kind": "Drug",
            "page": "http://localhost/page/drug/tifcemalimab",
            "data": "http://localhost/data/drug/tifcemalimab.jsonld",
        }
    ]


@pytest.mark.parametrize("path", ["/reconcile", "/lookup?q=x", "/data/NCT06095583.ttl", "/downloads/"])
def test_a_page_elsewhere_may_ask(client, path):
    asked = client.options(path, headers={"Origin": "https://example.org", "Access-Control-Request-Method": "GET"})
    assert asked.status_code in (200, 204)
    assert asked.headers["Access-Control-Allow-Origin"] == "*"
    assert "GET" in asked.headers["Access-Control-Allow-Methods"]
    assert "Accept" in asked.headers["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Methods" not in client.get(path).headers
