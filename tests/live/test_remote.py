"""The remote engine in front of a real Oxigraph server and a real Virtuoso, loaded as the README says."""

import json
import shutil
import socket
import subprocess

import httpx
import pyoxigraph as ox
import pytest
from tests import curated
from tests.live import engines

from trialgraph.formats import RDF_FORMATS, RESULT_FORMATS

pytestmark = pytest.mark.live

TG = "PREFIX tg: <https://w3id.org/trialgraph/ontology#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>\n"
FROM = "FROM <https://w3id.org/trialgraph/graph/seed> FROM <https://w3id.org/trialgraph/graph/ontology>"
DOSES = f"""{TG} SELECT DISTINCT ?trial ?drug ?dose {FROM} {{
    ?trial tg:arm ?a . ?a tg:doseSpecification ?spec . ?spec tg:drug/rdfs:label ?drug ; tg:dose/rdfs:label ?dose }}"""
SEED = "<https://w3id.org/trialgraph/graph/seed>"
COUNT = f"SELECT (COUNT(*) AS ?n) {{ GRAPH {SEED} {{ ?s ?p ?o }} }}"
PRODUCT = (
    f"SELECT (COUNT(?x) AS ?n) {{ GRAPH {SEED} {{ ?x ?p ?a . ?y ?q ?b . ?z ?r ?c FILTER(?a != ?b && ?b != ?c) }} }}"
)
TRIAL = "<https://w3id.org/trialgraph/id/NCT06095583>"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with the default release."""
    made = tmp_path_factory.mktemp("release")
    subprocess.run([engines.BIN / "trialgraph", "build"], cwd=made, check=True, capture_output=True)
    return made


@pytest.fixture(scope="module", params=["oxigraph", "virtuoso"])
def behind(request, folder, tmp_path_factory):
    """The endpoint of another engine that holds the release."""
    if request.param == "virtuoso":
        with engines.virtuoso(folder, tmp_path_factory.mktemp("virtuoso"), seconds=6) as url:
            yield url
    else:
        shutil.rmtree(folder / "store", ignore_errors=True)
        with engines.oxigraph(folder) as url:
            yield url


@pytest.fixture(scope="module")
def ours(serve, folder):
    """The same release in the embedded engine."""
    return serve(folder / "release")


@pytest.fixture(scope="module")
def site(serve, folder, behind):
    """Our server before the other engine, with the release folder beside it."""
    return serve(folder / "release", engine=behind)


@pytest.fixture(scope="module")
def bare(serve, tmp_path_factory, behind):
    """Our server before the other engine, without a release folder."""
    return serve(tmp_path_factory.mktemp("none"), engine=behind)


def solutions(response, form):
    assert response.status_code == 200, response.text
    assert response.headers["Content-Type"].startswith(form.media_type)
    found = ox.parse_query_results(response.content, form.oxigraph)
    names = [variable.value for variable in found.variables]
    return sorted(tuple(str(row[name]) for name in names) for row in found)


@pytest.mark.parametrize("form", [form for form in RESULT_FORMATS if form.name != "csv"], ids=lambda form: form.name)
def test_answers_are_those_of_the_embedded_engine(site, ours, form):
    accept = {"Accept": form.media_type}
    expected = solutions(ours.ask(DOSES, headers=accept), form)
    assert len(expected) > 3
    assert solutions(site.ask(DOSES, headers=accept), form) == expected


def test_csv_is_the_same_to_the_byte(site, ours):
    text, accept = DOSES + " ORDER BY ?trial ?drug ?dose", {"Accept": "text/csv"}
    assert site.ask(text, headers=accept).content == ours.ask(text, headers=accept).content


@pytest.mark.parametrize("form", RESULT_FORMATS, ids=lambda form: form.name)
@pytest.mark.parametrize(("query", "truth"), [(f"ASK {{ {TRIAL} ?p ?o }}", True), ("ASK { <x:none> ?p ?o }", False)])
def test_ask_is_a_boolean_in_every_format(site, ours, form, query, truth):
    accept = {"Accept": form.media_type}
    answer = site.ask(query, headers=accept)
    assert answer.content == ours.ask(query, headers=accept).content
    assert str(truth).lower() in answer.text


@pytest.mark.parametrize("form", RDF_FORMATS, ids=lambda form: form.name)
def test_graphs_come_in_every_format(site, ours, form):
    query = f"CONSTRUCT {{ {TRIAL} ?p ?o }} {FROM} WHERE {{ {TRIAL} ?p ?o }}"
    graphs = []
    for server in (site, ours):
        response = server.ask(query, headers={"Accept": form.media_type})
        assert response.headers["Content-Type"].startswith(form.media_type), response.text
        graphs.append({str(quad.triple) for quad in ox.parse(response.content, form.oxigraph)})
    assert graphs[0] == graphs[1]
    assert graphs[0]


def plainly(server, query):
    """Return an answer without its order; Virtuoso takes a boolean for an integer."""
    response = server.ask(query, headers={"Accept": "application/sparql-results+json, application/n-triples"})
    assert response.status_code == 200, f"{query}: {response.text}"
    if response.headers["Content-Type"] == "application/n-triples":
        return sorted(response.text.splitlines())
    found, written = response.json(), {"true": "1", "false": "0"}
    bindings = found.get("results", {}).get("bindings", [])
    rows = [
        sorted((name, written.get(cell["value"], cell["value"])) for name, cell in row.items()) for row in bindings
    ]
    return found.get("boolean"), sorted(rows)


GRAPH = "https://w3id.org/trialgraph/graph/"


@pytest.mark.parametrize("graphs", ["seed mirrors", "links ontology seed", "seed", "links mirrors", ""])
@pytest.mark.parametrize(
    "pattern", ["?s ?p ?o", "?s a <https://w3id.org/trialgraph/ontology#Trial>", "?s a/!<u:p> ?o"]
)
def test_a_statement_of_several_graphs_counts_once(site, ours, graphs, pattern):
    sources = " ".join(f"FROM <{GRAPH}{name}>" for name in graphs.split())
    query = f"SELECT (COUNT(*) AS ?n) {sources} {{ {pattern} }}"
    assert plainly(site, query) == plainly(ours, query)
    if (graphs, pattern[-6:]) == ("seed mirrors", "Trial>"):
        assert plainly(ours, query)[1] == [[("n", "2")]]


@pytest.mark.slow
def test_the_examples_have_the_same_answers(site, ours):
    queries = [example.query for example in curated.examples() if "SERVICE" not in example.query]
    different = [query for query in queries if plainly(site, query) != plainly(ours, query)]
    assert len(queries) > 50
    assert different == []


def test_the_default_dataset_is_the_release(site, ours):
    """Virtuoso has graphs of its own, which are not ours to show."""
    for query in (
        "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } } ORDER BY ?g",
        "SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s ?p ?o FILTER(ISIRI(?s)) }",
    ):
        assert site.ask(query).json()["results"]["bindings"] == ours.ask(query).json()["results"]["bindings"]


def test_datasets_of_protocol_and_query_pass_through(site, ours):
    text = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    graph = SEED.strip("<>")
    counts = [
        server.get("/sparql", params={"query": query, **given}).json()["results"]["bindings"][0]["n"]["value"]
        for server in (site, ours)
        for query, given in (
            (text, {"default-graph-uri": graph}),
            (text.replace("{", f"FROM {SEED} {{", 1), {}),
            (COUNT, {}),
        )
    ]
    assert len(set(counts)) == 1
    assert int(counts[0]) > 1000


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("SELECT * {", 400),
        ("SELECT (<x:f>(1) AS ?x) {}", 400),
        ("define input:inference 'x' SELECT * { ?s ?p ?o }", 400),
        ("DROP ALL", 403),
        ("MODIFY GRAPH <x:g> DELETE { ?s ?p ?o } INSERT { } WHERE { ?s ?p ?o }", 400),
        ("SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }", 403),
        ("SELECT (bif:http_get('http://127.0.0.1:1/') AS ?x) {}", 400),
        ("PREFIX a: <http://x/> PREFIX : <http://127.0.0.1:1/> SELECT * {FILTER(COALESCE(1<a:/2,true))SERVICE:x#>\n{?s ?p ?o}}", 403),
        ("PREFIX a: <http://x/> PREFIX : <http://127.0.0.1:1/> SELECT * {FILTER(!(1<a:&&1))SERVICE:x#>\"\n{?s ?p ?o}#\"\n}", 403),
        ("PREFIX x: <http://x/> PREFIX : <http://127.0.0.1:1/> SELECT * {?s ?p x:a.b.SERVICE:x{?s ?p ?o}}", 200),
        ("PREFIX b: <BIF:> SELECT (b:getenv('HOME') AS ?x) {}", 403),
        ("SELECT (<sql:f>(1) AS ?x) {}", 403),
        ("ASK {} #" + "x" * 300_000, 413),
        (PRODUCT, 503),
    ],
)  # fmt: skip
def test_the_same_refusals(site, query, status):
    response = site.client.post(site.sparql, data={"query": query, "timeout": "4"})
    assert response.status_code == status, response.text
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert site.ask("ASK {}").status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * {{ SERVICE <{url}> {{ ?s ?p ?o }} }}",
        "SELECT * {{ ?s ?p trueSERVICE<{url}> {{ ?s ?p ?o }} }}",
        "SELECT * {{ ?s ?p 1.0e0SERVICE<{url}> {{ ?s ?p ?o }} }}",
        '?x ?p ?y FILTER(?x<?y#>"""\n) SERVICE <{url}> {{ ?s ?p ?o }} #"""\n',
        'SELECT * {{ ?x ?p ?y FILTER(?x<?y#>"""\n) SERVICE <{url}> {{ ?s ?p ?o }} #"""\n }}',
        "SELECT * {{ ?x ?p ?y FILTER(?x<?y)SERVICE?z#>\n{{ ?s ?p ?o }} VALUES ?z {{ <{url}> }} }}",
        "SELECT * FROM <{url}> {{ ?s ?p ?o }}",
    ],
)
def test_the_other_engine_does_not_reach_out_for_a_query(site, query):
    with socket.create_server(("127.0.0.1", 0)) as canary:
        response = site.ask(query.format(url=f"http://127.0.0.1:{canary.getsockname()[1]}/sparql"))
        assert response.status_code in {200, 400, 403}
        canary.settimeout(0.2)
        with pytest.raises(TimeoutError):
            canary.accept()


def test_service_to_ourselves_is_answered_inside(site):
    inside = site.ask(COUNT.replace("{ GRAPH", f"{{ SERVICE <{site.sparql}> {{ GRAPH", 1) + " }")
    assert inside.json()["results"] == site.ask(COUNT).json()["results"]


def test_answers_are_kept_and_named(site):
    plain = {"Accept-Encoding": "identity"}
    first = site.get("/sparql", params={"query": COUNT}, headers=plain)
    again = site.get("/sparql", params={"query": COUNT}, headers=plain | {"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    coded = site.get("/sparql", params={"query": DOSES}, headers={"Accept-Encoding": "gzip"})
    assert coded.headers["Content-Encoding"] == "gzip"
    hits = [
        line for line in site.get("/metrics").text.splitlines() if line.startswith("trialgraph_engine_cache_hits")
    ]
    assert float(hits[0].split()[1]) > 0


def test_the_caps_are_kept_and_announced(serve, folder, behind):
    capped = serve(folder / "release", engine=behind, query_row_cap=500, query_result_bytes=100_000)
    text = f"SELECT ?s {{ GRAPH {SEED} {{ ?s ?p ?o }} }}"
    cut = capped.ask(text)
    assert cut.headers["X-SPARQL-MaxRows"] == "500"
    assert (len(cut.json()["results"]["bindings"]), "row-cap" in cut.json()["head"]["link"][0]) == (500, True)
    whole = capped.ask(text + " LIMIT 500")
    assert "X-SPARQL-MaxRows" not in whole.headers
    assert "link" not in whole.json()["head"]
    assert capped.ask(f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH {SEED} {{ ?s ?p ?o }} }}").status_code == 413


def test_blank_nodes_keep_to_the_grammar(site):
    nodes = site.ask("SELECT ?s { GRAPH ?g { ?s ?p ?o FILTER(ISBLANK(?s)) } } LIMIT 5").json()["results"]["bindings"]
    assert {row["s"]["type"] for row in nodes} == {"bnode"}
    assert all("/" not in row["s"]["value"] for row in nodes)


def test_pages_and_data_with_and_without_a_release_folder(site, bare):
    for server in (site, bare):
        browser = {"Accept": "text/html"}
        page = server.get("/page/NCT06095583", headers=browser)
        assert page.status_code == 200, page.text
        assert "tifcemalimab" in page.text
        assert "200 mg" in page.text
        turtle = server.get("/data/NCT06095583.ttl")
        assert turtle.headers["Content-Type"].startswith("text/turtle")
        assert any(ox.parse(turtle.content, ox.RdfFormat.TURTLE))
        for path in ("/", "/search?q=tifcemalimab", "/ontology", "/examples", "/void.ttl", "/downloads/", "/status", "/limits",
                     "/use-it-from", "/health", "/sparql", "/robots.txt", "/sitemap.xml", "/openapi.json"):  # fmt: skip
            answer = server.get(path, headers={"Accept": "text/html, */*;q=0.1"})
            assert answer.status_code == 200, f"{path}: {answer.text[:500]}"
        assert server.get("/id/NCT06095583", headers=browser).status_code == 303
        assert server.get("/id/NCT00000000", headers=browser).status_code == 404


def test_search_finds_where_the_release_is_there(site):
    assert "/page/drug/tifcemalimab" in site.get("/search?q=tifcemalimab").text


def test_the_command_line_asks_it_too(folder, behind):
    command = [engines.BIN / "trialgraph", "query", "--engine", behind, COUNT, "--format", "json"]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    assert int(json.loads(run.stdout)["results"]["bindings"][0]["n"]["value"]) > 1000


def test_a_partial_answer_of_virtuoso_is_an_error(serve, folder, behind):
    """Asked for an answer at any time, Virtuoso gives what it has by then, under status 200."""
    if not behind.endswith("/sparql"):
        pytest.skip("this is Virtuoso's way")
    anytime = f"{behind}?timeout=1000"
    partial = httpx.post(anytime, data={"query": PRODUCT}, headers={"Accept": "text/csv"}, timeout=60)
    assert (partial.status_code, partial.headers["X-SQL-State"]) == (200, "S1TAT")
    response = serve(folder / "release", engine=anytime).ask(PRODUCT)
    assert (response.status_code, "time limit" in response.text) == (503, True)


def test_an_engine_that_is_not_there(serve, sample_root):
    site = serve(sample_root, engine=f"http://127.0.0.1:{engines.free_port()}/sparql", wait_for_health=False)
    response = site.ask(COUNT)
    assert response.status_code == 503
    assert "not available" in response.text
    assert site.get("/health").status_code == 503
