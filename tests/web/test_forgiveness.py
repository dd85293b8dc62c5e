"""What clients of other servers send, and what people mistype, is understood where it can only mean one thing."""

import pytest

from trialgraph.errors import SettingError
from trialgraph.settings import Settings

CONSTRUCT = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } LIMIT 1"


@pytest.mark.parametrize(
    ("form", "accept", "given"),
    [
        ("json-ld", "application/ld+json,application/x-json+ld", "application/ld+json"),
        ("rdf+xml", "application/rdf+xml", "application/rdf+xml"),
        ("rdf xml", "", "application/rdf+xml"),
        ("n3", "text/rdf+n3", "text/turtle"),
        ("turtle; charset=utf-8", "", "text/turtle"),
        ("n-triples", "", "application/n-triples"),
        ("auto", "application/n-triples", "application/n-triples"),
        ("nonsense", "text/turtle", "text/turtle"),
    ],
)
def test_names_of_formats_that_others_use(client, form, accept, given):
    asked = {"query": CONSTRUCT, "format": form, "output": form, "results": form}
    answer = client.get("/sparql", query_string=asked, headers={"Accept": accept} if accept else {})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith(given)


def test_a_blank_in_a_media_type_is_a_plus(client):
    answer = client.get("/sparql?query=ASK%7B%7D&format=application/sparql-results+json")
    assert answer.headers["Content-Type"] == "application/sparql-results+json"


def test_what_nobody_accepts_is_refused(client):
    assert client.get("/sparql", query_string={"query": "ASK {}", "format": "docx"}).status_code == 406


@pytest.mark.parametrize("empty", ["default-graph-uri", "named-graph-uri", "format", "timeout", "maxrows"])
def test_an_empty_parameter_is_none(client, empty):
    assert client.get("/sparql", query_string={"query": "ASK {}", empty: ""}).status_code == 200
    assert client.get("/sparql", query_string={"query": "ASK {}", empty: " "}).status_code == 200
    assert client.post("/sparql", data={"query": "ASK {}", empty: ""}).status_code == 200


def test_parameters_without_a_query_are_told(client):
    answer = client.get("/sparql?default-graph-uri=http://e.org/g")
    assert answer.status_code == 400
    assert "no query" in answer.text
    assert client.get("/sparql?format=turtle").status_code == 200


@pytest.mark.parametrize(
    "path", ["/sparql", "/ontology", "/examples", "/graph/seed", "/void", "/search", "/lookup", "/reconcile", "/limits", "/status", "/ask"]
)  # fmt: skip
def test_a_slash_at_the_end_is_forgiven(client, path):
    answer = client.get(path + "/?a=b%20c")
    assert answer.status_code == 308
    assert answer.headers["Location"] == path + "?a=b%20c"


SLIPS = {
    "/SPARQL": "/sparql",
    "/Sparql/": "/sparql",
    "/Ontology": "/ontology",
    "/ONTOLOGY.TTL": "/ontology.ttl",
    "/Graph/seed": "/graph/seed",
    "/GRAPH/SEED/": "/graph/SEED",
    "/Examples": "/examples",
    "/Downloads/": "/downloads/",
    "/Void": "/void",
    "/Health": "/health",
    "/ID/NCT06095583": "/id/NCT06095583",
    "/Page/nct06095583/": "/page/nct06095583",
    "/NCT06095583": "/id/NCT06095583",
    "/nct06095583/": "/id/NCT06095583",
}


@pytest.mark.parametrize("path", SLIPS)
def test_another_case_is_forgiven(client, path):
    answer = client.get(path + "?a=b%20c")
    assert answer.status_code == 308
    assert answer.headers["Location"] == SLIPS[path] + "?a=b%20c"


@pytest.mark.parametrize("path", ["/Nothing", "/SPARQL/x", "/NCT1", "/Static/none.css", "/IDS/NCT06095583"])
def test_what_is_no_slip_of_anything_is_not_found(client, path):
    assert client.get(path, follow_redirects=True).status_code == 404


ENDINGS = {
    "/id/NCT06095583.ttl": "/data/NCT06095583.ttl",
    "/id/nct06095583.ttl": "/data/NCT06095583.ttl",
    "/id/NCT06095583.json": "/data/NCT06095583.jsonld",
    "/id/NCT06095583.rdf": "/data/NCT06095583.rdf",
    "/id/NCT06095583.html": "/page/NCT06095583",
    "/page/NCT06095583.nt": "/data/NCT06095583.nt",
    "/page/NCT06095583.html": "/page/NCT06095583",
    "/data/NCT06095583.html": "/page/NCT06095583",
    "/id/drug/tifcemalimab.ttl": "/data/drug/tifcemalimab.ttl",
}


@pytest.mark.parametrize("path", ENDINGS)
def test_an_ending_leads_to_the_document_in_its_format(client, path):
    answer = client.get(path)
    if answer.status_code == 308:
        answer = client.get(answer.headers["Location"])
    assert answer.status_code == 303
    assert answer.headers["Location"] == ENDINGS[path]
    assert client.get(ENDINGS[path]).status_code == 200


@pytest.mark.parametrize("path", ["/id/NCT99999999.ttl", "/id/nothing.ttl", "/page/NCT99999999.html", "/id/drug/x.y"])
def test_an_ending_makes_nothing_that_is_not_there(client, path):
    assert client.get(path).status_code == 404


def test_the_graphs_are_listed(client):
    answer = client.get("/graph/", headers={"Accept": "text/html"}, follow_redirects=True)
    assert answer.request.path == "/ontology"
    assert 'id="graphs"' in answer.text
    assert client.get("/graph", headers={"Accept": "text/turtle"}).headers["Location"] == "/void.ttl"


def test_method_and_body_survive_a_slip_of_case(client):
    answer = client.post("/SPARQL", data={"query": "ASK {}"}, follow_redirects=True)
    assert answer.json["boolean"] is True


def test_method_and_body_survive_the_slash(client):
    answer = client.post("/sparql/", data={"query": "ASK {}"}, follow_redirects=True)
    assert answer.json["boolean"] is True
    assert client.get("/nothing/").status_code == 404


def test_a_script_of_another_site_may_ask_with_the_slash(client):
    answer = client.options("/sparql/", headers={"Access-Control-Request-Method": "POST", "Origin": "https://e.org"})
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (204, "*")
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]


def test_the_ontology_as_editors_look_for_it(client):
    assert client.get("/ontology.owl").headers["Location"] == "/ontology.rdf"


@pytest.mark.parametrize(
    ("address", "remedy"),
    [
        ("https://data.example.org/kg/trials", "root"), ("http://h/x/", "root"), ("https://h:8/a?b", "root"),
        ("https://h/?x", "root"), ("https://h#f", "root"), ("https://user:word@h", "root"), ("https://h/.", "root"),
        ("data.example.org", "http://"), ("ftp://h", "http://"), ("https://", "http://"), ("javascript:alert(1)", "http://"),
        ("https://h:99999", "port"), ("https://h:x", "port"), ("https://[::1", "host"),
        (" https://h", "blanks"), ("https://h h", "blanks"), ("https://h\nX: y", "blanks"), ("https://d\u00e4ta.org", "xn--"),
        ("https://Data.Example.org", "small letters"),
    ],
)  # fmt: skip
def test_a_public_address_is_a_scheme_and_a_host(address, remedy):
    with pytest.raises(SettingError, match=remedy):
        Settings(public_url=address)


@pytest.mark.parametrize(
    "address", ["https://data.example.org", "http://h:8080/", "https://[::1]:8000", "https://h//"]
)
def test_a_public_address_is_taken(address):
    assert Settings(public_url=address).site == address.rstrip("/")


def test_an_address_of_ipv6_is_in_brackets():
    assert Settings(host="::1").site == "http://[::1]:8000"


def test_a_public_address_may_end_with_a_slash():
    assert Settings(public_url="https://data.example.org/").site == "https://data.example.org"


def test_the_page_of_the_dataset_is_one_that_a_person_can_read(client):
    text = client.get("/page/dataset").text
    assert len(text) < 250_000
    assert "></a>" not in text


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("SELECT * { ?s rdf:type ?o }", "PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>"),
        ("SELECT * { ?s foo:type ?o }", "the prefix foo: is not declared"),
        ("SELECT * { ?s http://e.org/p ?o }", "an IRI stands in angle brackets: <http://e.org/p>"),
        ("SELECT ?s ?s { ?s a ?t }", "?s is selected twice"),
        ("SELECT\u00a0?s { ?s a ?t }", "no-break space"),
        ("SELECT ?s { ?s ?p 'open }", "ends on its line"),
        ("SELECT ?s { ?s ?p \u201ca\u201d }", "straight quotation marks"),
        ("SELECT ?s { ?s <a b> ?o }", "holds no blank"),
    ],
)
def test_an_error_is_a_sentence_that_helps(client, query, sentence):
    answer = client.get("/sparql", query_string={"query": query})
    assert answer.status_code == 400
    assert sentence in answer.text


def test_a_byte_order_mark_is_skipped(client):
    assert client.get("/sparql", query_string={"query": "\ufeffASK {}"}).status_code == 200
    body = "\ufeffASK {}".encode()
    assert client.post("/sparql", data=body, content_type="application/sparql-query").status_code == 200
