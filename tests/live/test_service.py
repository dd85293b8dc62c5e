"""SERVICE: to ourselves, to an endpoint that is listed, to one that fails, and to nobody else."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from urllib.parse import parse_qs

import pytest
from tests.live.conftest import make_release

pytestmark = pytest.mark.live

OTHER = b"""
<https://example.org/s1> <https://other.example/name> "one" <https://other.example/g> .
<https://example.org/s2> <https://other.example/name> "zwei\\\\u0041 \\"'\\n}"@de <https://other.example/g> .
<https://example.org/s3> <https://other.example/name> "3"^^<http://www.w3.org/2001/XMLSchema#integer> <https://other.example/g> .
<https://example.org/s4> <https://other.example/name> _:b <https://other.example/g> .
<https://example.org/s1> <https://example.org/p1> "only there" <https://other.example/g> .
"""
NAMES = "SERVICE <{url}> {{ ?s n:name ?name FILTER(!isBlank(?name)) }}"
PREFIX = "PREFIX n: <https://other.example/>\n"


class Fault(BaseHTTPRequestHandler):
    """Answers each path in a way of its own, and keeps what it was sent."""

    seen: list[str] = []  # noqa: RUF012
    gate = threading.Event()
    arrived = Queue()

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.seen.append(parse_qs(body)["query"][0])
        if self.path == "/slow":
            self.arrived.put(self)
            self.gate.wait(20)
        status, headers, content = ANSWERS[self.path]
        self.send_response(status)
        for name, value in {"Content-Type": "application/sparql-results+json", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


def results(*terms, variable="name"):
    document = {"head": {"vars": [variable]}, "results": {"bindings": [{variable: term} for term in terms]}}
    return json.dumps(document).encode()


ANSWERS = {
    "/good": (200, {}, results({"type": "literal", "value": "good"})),
    "/slow": (200, {}, results({"type": "literal", "value": "late"})),
    "/redirect": (302, {"Location": "/good"}, b""),
    "/oversized": (200, {}, results(*[{"type": "literal", "value": "x" * 1000}] * 300)),
    "/flood": (200, {}, b" " * 3_000_000),
    "/cut": (200, {"X-SPARQL-MaxRows": "1"}, results({"type": "literal", "value": "first"})),
    "/error": (500, {}, b"Java exception"),
    "/html": (200, {"Content-Type": "text/html"}, b"<p>"),
    "/nested": (200, {}, b"[" * 100_000),
    "/short": (200, {}, b'{"head": {}}'),
    "/injected": (200, {}, results({"type": "uri", "value": "x:y> } } DROP ALL #"})),
    "/tag": (200, {}, results({"type": "literal", "value": "a", "xml:lang": "en } DROP ALL #"})),
    "/datatype": (200, {}, results({"type": "literal", "value": "a", "datatype": "x:> } #"})),
    "/surrogate": (200, {}, b'{"head": {"vars": ["name"]}, "results": {"bindings": [{"name": {"type": "literal", "value": "\\ud800"}}]}}'),
    "/foreign": (200, {}, results({"type": "literal", "value": "z"}, variable="elsewhere")),
}  # fmt: skip


@contextmanager
def faults():
    with ThreadingHTTPServer(("127.0.0.1", 0), Fault) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()


@pytest.fixture(scope="module")
def far():
    with faults() as url:
        yield url


@pytest.fixture(scope="module")
def other(serve, tmp_path_factory):
    return serve(make_release(tmp_path_factory.mktemp("other"), OTHER))


@pytest.fixture(scope="module")
def near(serve, sample_root, other, far):
    listed = [other.sparql, "http://127.0.0.1:1/sparql", *(far + path for path in ANSWERS)]
    return serve(sample_root, service_endpoints=" ".join(listed), query_timeout_seconds=10)


def rows(response):
    assert response.status_code == 200, response.text
    return [{name: cell["value"] for name, cell in row.items()} for row in response.json()["results"]["bindings"]]


def test_a_listed_endpoint_is_joined(near, other):
    query = f"{PREFIX}SELECT ?s ?o ?name {{ ?s <https://example.org/p2> ?o . {NAMES.format(url=other.sparql)} }}"
    response = near.ask(query)
    assert {(row["s"], row["o"], row["name"]) for row in rows(response)} == {
        ("https://example.org/s2", "value 2", "zwei\\u0041 \"'\n}"),
        ("https://example.org/s2", f"https://example.org/s{2 * 7919}", "zwei\\u0041 \"'\n}"),
    }
    assert response.headers["Cache-Control"] == "no-store"
    assert "ETag" not in response.headers
    language = near.ask(f"{PREFIX}ASK {{ {NAMES.format(url=other.sparql)} FILTER(LANG(?name) = 'de') }}")
    assert language.json()["boolean"] is True
    number = near.ask(f"{PREFIX}ASK {{ {NAMES.format(url=other.sparql)} FILTER(?name = 3) }}")
    assert number.json()["boolean"] is True


@pytest.mark.parametrize(
    ("pattern", "count"),
    [
        ("VALUES ?s {{ <https://example.org/s1> <https://example.org/s9> }} OPTIONAL {{ {names} }}", 2),
        ("VALUES ?s {{ <https://example.org/s1> <https://example.org/s9> }} MINUS {{ {names} }}", 1),
        ("VALUES ?s {{ <https://example.org/s1> <https://example.org/s9> }} FILTER EXISTS {{ {names} }}", 1),
        ("{{ {names} }} UNION {{ {names} }}", 6),
        ("{{ SELECT (COUNT(*) AS ?n) {{ {names} }} }} FILTER(?n = 3)", 1),
        ("SERVICE <{url}> {{ SELECT ?s {{ ?s ?p ?o }} ORDER BY ?s LIMIT 2 }}", 2),
        ("SERVICE <{url}> {{ <https://example.org/s1> n:name 'one' }}", 1),
        ("SERVICE <{url}> {{ <https://example.org/s1> n:name 'two' }}", 0),
        ("SERVICE <{url}> {{ ?s n:none ?o }}", 0),
    ],
)  # fmt: skip
def test_wherever_it_stands(near, other, pattern, count):
    where = pattern.format(url=other.sparql, names=NAMES.format(url=other.sparql))
    assert len(rows(near.ask(f"{PREFIX}SELECT * {{ {where} }}"))) == count


def test_service_to_ourselves_is_answered_inside(near):
    pattern = "?s <https://example.org/p1> ?o"
    plain = near.ask(f"SELECT * {{ {pattern} }} ORDER BY ?s ?o LIMIT 50")
    inside = near.ask(f"SELECT * {{ SERVICE <{near.sparql}> {{ {pattern} }} }} ORDER BY ?s ?o LIMIT 50")
    assert inside.content == plain.content
    assert inside.headers["ETag"] == plain.headers["ETag"]
    assert len(rows(inside)) == 50


def test_service_to_ourselves_asks_our_default_dataset(near):
    """Section 2: what is around SERVICE, such as GRAPH or FROM, does not hold inside it."""
    clause = f"SERVICE <{near.sparql}> {{ <https://example.org/s2> <https://example.org/p2> ?o }}"
    assert len(rows(near.ask(f"SELECT * {{ {clause} }}"))) == 2
    for query in (
        f"SELECT * FROM <https://example.org/g0> {{ {clause} }}",  # noqa: S608
        f"SELECT * {{ GRAPH <https://example.org/g0> {{ {clause} }} }}",
    ):
        assert len(rows(near.ask(query))) == 2, query
    given = {"default-graph-uri": "https://example.org/g0", "query": f"SELECT * {{ {clause} }}"}
    assert len(rows(near.get("/sparql", params=given))) == 2


def test_what_is_nested_is_answered_from_within(near, other, far):
    Fault.seen.clear()
    clause = f"SERVICE <{far}/good> {{ {{ ?x ?y ?name }} {NAMES.format(url=other.sparql)} }}"
    assert [row["name"] for row in rows(near.ask(f"{PREFIX}SELECT ?name {{ {clause} }}"))] == ["good"]
    (sent,) = Fault.seen
    assert "SERVICE" not in sent
    assert "VALUES" in sent
    assert "<https://example.org/s3>" in sent


@pytest.mark.parametrize("path", ["redirect", "error", "html", "nested", "short", "injected", "tag", "datatype", "surrogate"])  # fmt: skip
def test_one_that_fails_is_an_error_unless_silent(near, far, path):
    clause = f"SERVICE <{far}/{path}> {{ ?s ?p ?name }}"
    response = near.ask(f"SELECT * {{ {clause} }}")
    assert response.status_code == 503, response.text
    assert f"{far}/{path}" in response.text
    assert int(response.headers["Retry-After"]) > 0
    if path in {"redirect", "error", "html"}:
        silent = near.ask(f"SELECT * {{ {clause.replace('SERVICE', 'SERVICE SILENT')} BIND(1 AS ?x) }}")
        assert rows(silent) == [{"x": "1"}]


def test_one_that_is_not_there(near):
    clause = "SERVICE <http://127.0.0.1:1/sparql> { ?s ?p ?o }"
    assert near.ask(f"ASK {{ {clause} }}").status_code == 503
    assert near.ask(f"ASK {{ {clause.replace('SERVICE', 'service silent')} }}").json()["boolean"] is True


@pytest.mark.parametrize("path", ["oversized", "flood", "cut"])
@pytest.mark.parametrize("word", ["SERVICE", "SERVICE SILENT"])
def test_an_answer_is_never_cut_short(near, far, path, word):
    response = near.ask(f"SELECT * {{ {word} <{far}/{path}> {{ ?s ?p ?name }} }}")
    assert response.status_code == 413, response.text
    assert "more selective" in response.text


def test_other_variables_than_asked_for_are_not_taken(near, far):
    assert rows(near.ask(f"SELECT * {{ SERVICE <{far}/foreign> {{ ?s ?p ?name }} }}")) == [{}]


def test_a_blank_node_cannot_be_taken_over(near, other):
    response = near.ask(f"{PREFIX}SELECT * {{ SERVICE <{other.sparql}> {{ ?s n:name ?name }} }}")
    assert response.status_code == 400
    assert "isBlank" in response.text


@pytest.mark.parametrize(
    ("query", "status", "says"),
    [
        ("SELECT * {{ SERVICE <{url}x> {{ ?s ?p ?o }} }}", 403, "not allowed"),
        ("SELECT * {{ VALUES ?e {{ <{url}> }} SERVICE ?e {{ ?s ?p ?o }} }}", 403, "?e"),
        ("PREFIX e: <{url}> SELECT * {{ SERVICE e:x {{ ?s ?p ?o }} }}", 403, "/goodx"),
        ("PREFIX e: <{url}> PREFIX : <{url}x> SELECT * {{FILTER(1<e:/2)SERVICE:#>\n{{ ?s ?p ?o }} }}", 403, "/goodx"),
        ("SELECT * {{ SERVICE <{url}> {{ ?s ?p ?o SERVICE <http://127.0.0.1:9/> {{ ?s ?p ?o }} }} }}", 403, "127.0.0.1:9"),
        ("SELECT * {{ SERVICE <http://127.0.0.1:9/> {{ ?s ?p ?o SERVICE <{url}> {{ ?s ?p ?o }} }} }}", 403, "127.0.0.1:9"),
        ("SELECT * {{\n SERVICE <{url}> ?s ?p ?o }}", 400, "found `?s`"),
        ("SELECT * {{\n SERVICE <{url}> {{ ?s ?p ?o", 400, "line 2"),
        ("SELECT * {{ SERVICE", 400, "line 1, column 19"),
        ("SELECT * {{ SERVICE <{url}> {{ ?s ?p '\\uD800' }} }}", 400, "line 1"),
        ("SELECT * {{" + "SERVICE <{url}> {{ ?s ?p ?o }}" * 9 + "}}", 403, "at most"),
        ("INSERT {{ ?s ?p ?o }} WHERE {{ SERVICE <{url}> {{ ?s ?p ?o }} }}", 403, "update"),
    ],
)  # fmt: skip
def test_what_is_refused_is_refused_before_anything_leaves(near, far, query, status, says):
    Fault.seen.clear()
    response = near.ask(query.format(url=f"{far}/good"))
    assert (response.status_code, says in response.text) == (status, True), response.text
    assert Fault.seen == []


@pytest.mark.parametrize(
    ("query", "sent"),
    [
        ("PREFIX e: <{url}> SELECT * {{ SERVICE e: {{ ?s ?p ?name }} }}", "SELECT * {{ ?s ?p ?name }}"),
        ("PREFIX e: <u:> SELECT * {{SERVICE<{url}>{{?s e:p?name#>\n}}}}", "SELECT * {{ ?s <u:p> ?name\n}}"),
        ("SELECT * {{ SERVICE <{url}> {{ ?s ?name '\\u0022\\\\u' }} }}", 'SELECT * {{ ?s ?name "\\"\\\\\\u0075" }}'),
    ],
)
def test_what_leaves_has_one_reading(near, far, query, sent):
    Fault.seen.clear()
    assert near.ask(query.format(url=f"{far}/good")).status_code == 200
    assert [text.partition("> ")[2].lstrip() for text in Fault.seen] == [sent.format()]


def test_an_error_behind_the_clause_keeps_its_line(near, other):
    clause = f"SERVICE <{other.sparql}> {{\n ?s ?p ?o\n FILTER(!isBlank(?o)) }}"
    response = near.ask(f"SELECT * {{\n {clause}\n ?s ?p }}", headers={"Accept": "application/problem+json"})
    assert (response.status_code, response.json()["line"]) == (400, 5)


def test_it_is_said_and_bounded(near, other, server):
    described = server.get("/sparql", headers={"Accept": "text/turtle"}).text
    assert "sd:BasicFederatedQuery" in described
    assert other.sparql in near.get("/limits").text
    assert rows(server.ask(f"SELECT * {{ SERVICE <{server.sparql}> {{ ?s ?p 'value 1' }} }}"))
    assert server.ask(f"ASK {{ SERVICE <{other.sparql}> {{ ?s ?p ?o }} }}").status_code == 403


def test_many_that_wait_leave_room_for_others(near, far):
    Fault.gate.clear()
    with ThreadPoolExecutor(8) as pool:
        try:
            asked = [pool.submit(near.ask, f"ASK {{ SERVICE <{far}/slow> {{ ?s ?p {n} }} }}") for n in range(8)]
            for _ in asked:
                Fault.arrived.get(timeout=10)
            refused = near.ask(f"ASK {{ SERVICE <{far}/good> {{ ?s ?p ?o }} }}")
            assert (refused.status_code, "places" in refused.text) == (503, True)
            assert near.ask("ASK { ?s ?p ?o }").json()["boolean"] is True
        finally:
            Fault.gate.set()
        assert {answer.result().status_code for answer in asked} == {200}


def test_it_may_take_half_of_the_time(near, far):
    Fault.gate.clear()
    try:
        given = {"timeout": "1", "query": f"ASK {{ SERVICE <{far}/slow> {{ ?s ?p ?o }} }}"}
        response = near.get("/sparql", params=given)
        assert (response.status_code, "within 0.5 s" in response.text) == (503, True)
        given["query"] = given["query"].replace("SERVICE", "SERVICE SILENT")
        assert near.get("/sparql", params=given).json()["boolean"] is True
    finally:
        Fault.gate.set()
