"""The SPARQL Protocol, header by header, against a running server."""

import httpx
import pytest

pytestmark = pytest.mark.live

SELECT = "SELECT ?o { <https://example.org/s1> ?p ?o } ORDER BY ?o"
JSON = "application/sparql-results+json"


def test_get_and_both_posts_give_the_same(server):
    got = server.get("/sparql", params={"query": SELECT})
    form = server.ask(SELECT)
    direct = server.client.post(server.sparql, content=SELECT, headers={"Content-Type": "application/sparql-query"})
    asked = server.client.request(
        "QUERY", server.sparql, content=SELECT, headers={"Content-Type": "application/sparql-query"}
    )
    assert got.status_code == 200
    assert got.headers["Content-Type"] == JSON
    assert len(got.json()["results"]["bindings"]) == 2
    assert got.content == form.content == direct.content == asked.content


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("", JSON),
        ("*/*", JSON),
        ("application/json", JSON),
        ("application/sparql-results+xml", "application/sparql-results+xml"),
        ("application/xml", "application/sparql-results+xml"),
        ("text/csv; charset=utf-8", "text/csv; charset=utf-8"),
        ("text/tab-separated-values;q=0.3, text/csv;q=0.2", "text/tab-separated-values; charset=utf-8"),
        ("application/sparql-results+json;q=0, */*", "application/sparql-results+xml"),
        ("application/sparql-results+json,*/*;q=0.9", JSON),
        ("application/x-unknown, text/csv;q=0.1", "text/csv; charset=utf-8"),
    ],
)
def test_accept_of_a_select(server, accept, expected):
    response = server.ask(SELECT, headers={"Accept": accept})
    assert (response.status_code, response.headers["Content-Type"]) == (200, expected)


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("*/*", "text/turtle; charset=utf-8"),
        ("application/n-triples,*/*;q=0.9", "application/n-triples"),
        ("text/plain", "application/n-triples"),
        ("application/rdf+xml", "application/rdf+xml"),
        ('application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted"', "application/ld+json"),
        ("application/json", "application/ld+json"),
        ("text/n3", "text/turtle; charset=utf-8"),
    ],
)
def test_accept_of_a_construct(server, accept, expected):
    response = server.ask("CONSTRUCT WHERE { ?s ?p ?o } LIMIT 3", headers={"Accept": accept})
    assert (response.status_code, response.headers["Content-Type"]) == (200, expected)


@pytest.mark.parametrize("name", ["format", "output", "results", "Accept"])
def test_format_beats_accept(server, name):
    response = server.get("/sparql", params={"query": SELECT, name: "csv"}, headers={"Accept": JSON})
    assert response.text.startswith("o\r\n")


def test_not_acceptable_lists_what_there_is(server):
    response = server.ask(SELECT, headers={"Accept": "image/png"})
    assert response.status_code == 406
    assert JSON in response.text


@pytest.mark.parametrize(
    ("method", "kwargs", "status"),
    [
        ("GET", {"params": {"query": "SELECT * {"}}, 400),
        ("GET", {"params": [("query", "ASK {}"), ("query", "ASK {}")]}, 400),
        ("GET", {"params": {"update": "DROP ALL"}}, 403),
        ("GET", {"params": {"query": "DROP ALL"}}, 403),
        ("POST", {"data": {"update": "DROP ALL"}}, 403),
        ("POST", {"content": "DROP ALL", "headers": {"Content-Type": "application/sparql-update"}}, 403),
        ("POST", {"data": {"query": "ASK {}", "update": "DROP ALL"}}, 400),
        ("POST", {"content": "ASK {}", "headers": {"Content-Type": "text/plain"}}, 415),
        ("POST", {"content": "ASK {}"}, 415),
        (
            "POST",
            {"content": "ASK {}".encode("utf-16"), "headers": {"Content-Type": "application/sparql-query"}},
            400,
        ),
        (
            "POST",
            {
                "content": "ASK {}".encode("utf-16"),
                "headers": {"Content-Type": "application/sparql-query; charset=UTF-16"},
            },
            415,
        ),
        ("POST", {}, 415),
        ("PUT", {"content": "ASK {}"}, 405),
        ("DELETE", {}, 405),
        ("GET", {"params": {"query": "ASK {}", "default-graph-uri": "not an iri"}}, 400),
        ("GET", {"params": {"query": "ASK {}", "timeout": "soon"}}, 400),
        ("GET", {"params": {"query": "SELECT (<https://example.org/f>(1) AS ?x) {}"}}, 400),
        ("GET", {"params": {"query": "SELECT * { SERVICE <https://example.org/> { ?s ?p ?o } }"}}, 403),
        ("POST", {"data": {"query": "ASK {} #" + "x" * 300_000}}, 413),
    ],
)
def test_refusals(server, method, kwargs, status):
    response = server.client.request(method, server.sparql, **kwargs)
    assert response.status_code == status
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.headers["Content-Type"].startswith("text/plain")
    assert response.text.strip()


def test_a_syntax_error_says_where(server):
    problem = server.ask("SELECT *\n WHERE { ?s ?p }", headers={"Accept": "application/problem+json"})
    assert problem.headers["Content-Type"] == "application/problem+json"
    assert (problem.json()["status"], problem.json()["line"]) == (400, 2)
    assert "line 2, column" in server.ask("SELECT *\n WHERE { ?s ?p }").text


def test_options_head_and_allow(server):
    options = server.client.options(server.sparql)
    assert options.status_code == 204
    assert "QUERY" in options.headers["Allow"]
    assert options.headers["Access-Control-Allow-Methods"] == options.headers["Allow"]
    head = server.client.head(server.sparql, params={"query": SELECT})
    got = server.get("/sparql", params={"query": SELECT})
    assert head.content == b""
    assert head.headers["Content-Length"] == str(len(got.content))
    assert "GET" in server.client.put(server.sparql).headers["Allow"]


@pytest.mark.parametrize("path", ["/", "/page/NCT06095583", "/health", "/lookup"])
def test_every_page_answers_a_preflight(server, path):
    answer = server.client.options(server.url + path)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["Access-Control-Allow-Methods"] == answer.headers["Allow"]
    assert "GET" in answer.headers["Allow"]
    assert "If-None-Match" in answer.headers["Access-Control-Allow-Headers"]
    assert int(answer.headers["Access-Control-Max-Age"]) > 0


@pytest.mark.parametrize(
    ("body", "headers", "status"), [(b"x" * (4 * 2**20 + 1), {}, 413), (b"", {"X-Long": "x" * 200_000}, 431)]
)
def test_what_the_web_server_refuses_by_itself_carries_cors_too(server, body, headers, status):
    with httpx.Client() as client:
        answer = client.post(server.sparql, content=body, headers=headers)
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (status, "*")


@pytest.mark.parametrize("accept", ["text/turtle", "application/n-triples,*/*;q=0.9", JSON])
def test_a_query_that_is_none_is_a_syntax_error_whatever_is_accepted(server, accept):
    assert server.ask("CONSTRUC WHERE { ?s ?p ?o }", headers={"Accept": accept}).status_code == 400


def test_blazegraph_posts_everything_in_the_address(server):
    assert server.client.post(server.sparql, params={"query": "ASK {}"}).json()["boolean"] is True


def test_the_datasets_of_protocol_and_query(server):
    def count(query, **params):
        given = {"query": query, "format": "csv", **params}
        return int(server.get("/sparql", params=given).text.split()[1])

    everything = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    named = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }"
    from_g1 = "SELECT (COUNT(*) AS ?n) FROM <https://example.org/g1> { ?s ?p ?o }"
    g0, g1 = "https://example.org/g0", "https://example.org/g1"
    assert count(everything) == count(named) == 40_000
    assert count(from_g1) == 13_334
    assert count(from_g1, **{"default-graph-uri": [g0, g1]}) == 26_668
    assert count(everything, **{"default-graph-uri": "https://example.org/none"}) == 0
    assert count(everything, **{"named-graph-uri": g1}) == 0
    assert count(named, **{"named-graph-uri": g1}) == 13_334
    assert count(named, **{"default-graph-uri": g1}) == 0


def test_conditional_requests_and_codings(server):
    params = {"query": "SELECT * { ?s ?p ?o } LIMIT 200"}
    plain = server.get("/sparql", params=params, headers={"Accept-Encoding": "identity"})
    tags = {plain.headers["ETag"]}
    for coding in ("gzip", "br", "zstd"):
        response = server.get("/sparql", params=params, headers={"Accept-Encoding": coding})
        assert response.headers["Content-Encoding"] == coding
        assert response.headers["Vary"] == "Accept, Accept-Encoding"
        assert response.content == plain.content
        tags.add(response.headers["ETag"])
    assert len(tags) == 4
    unchanged = server.get(
        "/sparql", params=params, headers={"Accept-Encoding": "identity", "If-None-Match": plain.headers["ETag"]}
    )
    assert (unchanged.status_code, unchanged.content) == (304, b"")


def test_moments_are_not_cached(server):
    response = server.get("/sparql", params={"query": "SELECT (RAND() AS ?r) {}"})
    assert response.headers["Cache-Control"] == "no-store"
    assert response.content != server.get("/sparql", params={"query": "SELECT (RAND() AS ?r) {}"}).content


def test_service_description(server):
    response = server.get("/sparql", headers={"Accept": "text/turtle"})
    assert response.status_code == 200
    assert f"sd:endpoint <{server.sparql}>" in response.text
    assert server.get("/sparql", headers={"Accept": "application/n-triples"}).text.count(server.sparql) == 2


def test_a_browser_gets_the_editor(server):
    browser = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
    page = server.get("/sparql", headers=browser)
    assert page.headers["Content-Type"].startswith("text/html")
    assert "<textarea" in page.text
    loaded = server.get("/sparql", params={"query": 'SELECT ("<b>" AS ?x) {}'}, headers=browser)
    assert "SELECT (&#34;&lt;b&gt;&#34; AS ?x) {}" in loaded.text
    answered = server.get("/sparql", params={"query": SELECT, "format": "html"}, headers=browser)
    assert "value 1" in answered.text


def test_a_forged_host_is_not_echoed(server):
    for path in ("/sparql", "/limits", "/static"):
        response = httpx.get(server.url + path, headers={"Host": "evil.example", "Accept": "text/turtle, */*;q=0.1"})
        assert "evil.example" not in response.text + str(response.headers)


def test_every_answer_carries_the_same_care(server):
    for path in ("/sparql?query=ASK{}", "/nothing", "/limits", "/health", "/static/style.css"):
        headers = server.get(path).headers
        assert headers["Access-Control-Allow-Origin"] == "*"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "script-src 'self';" in headers["Content-Security-Policy"]
