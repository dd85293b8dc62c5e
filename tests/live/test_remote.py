"""The remote engine against a real Oxigraph server and a real Virtuoso, where they are installed."""

import shutil
import socket
import subprocess
import time
from pathlib import Path

import httpx
import pytest

pytestmark = pytest.mark.live

COUNT = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }"


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def wait_for(url, process, log, seconds=60):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(url, params={"query": "ASK {}"}).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    pytest.fail(f"{url} did not start: {log.read_text()[-2000:]}")


@pytest.fixture(scope="module")
def oxigraph(tmp_path_factory):
    program = shutil.which("oxigraph", path=str(Path(shutil.sys.executable).parent)) or shutil.which("oxigraph")
    if not program:
        pytest.skip("Oxigraph's server (pip install oxigraph) is not installed")
    folder, port = tmp_path_factory.mktemp("oxigraph"), free_port()
    (folder / "data.nq").write_text(
        "".join(f'<https://e.org/s{n}> <https://e.org/p> "v{n}" <https://e.org/g> .\n' for n in range(5000))
    )
    location = str(folder / "store")
    subprocess.run([program, "load", "-l", location, "-f", str(folder / "data.nq")], check=True, capture_output=True)
    log = folder / "log.txt"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [program, "serve-read-only", "-l", location, "-b", f"127.0.0.1:{port}"], stdout=output, stderr=output
        )
        url = f"http://127.0.0.1:{port}/query"
        try:
            wait_for(url, process, log)
            yield url
        finally:
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def site(serve, sample_root, oxigraph):
    return serve(sample_root, engine=oxigraph, query_timeout_seconds=2, query_result_bytes=400_000)


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("application/sparql-results+json", '"value":"5000"'),
        ("application/sparql-results+xml", ">5000<"),
        ("text/csv", "5000"),
        ("text/tab-separated-values", "5000"),
    ],
)
def test_it_answers_from_behind(site, accept, expected):
    response = site.ask(COUNT, headers={"Accept": accept})
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith(accept)
    assert expected in response.text


def test_graphs_and_datasets_pass_through(site):
    graph = site.ask("CONSTRUCT { ?s ?p ?o } WHERE { GRAPH <https://e.org/g> { ?s ?p ?o } } LIMIT 3")
    assert graph.headers["Content-Type"].startswith("text/turtle")
    default = site.get("/sparql", params={"query": "ASK { ?s ?p ?o }", "default-graph-uri": "https://e.org/g"})
    assert default.json()["boolean"] is True


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("SELECT * {", 400),
        ("DROP ALL", 403),
        ("SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }", 403),
        ("SELECT ?a ?b { GRAPH ?g { ?s ?p ?a . ?t ?p ?b } }", 413),
        ("SELECT (COUNT(?x) AS ?n) { GRAPH ?g { ?x ?p ?a . ?y ?p ?b . ?z ?p ?c } }", 503),
    ],
)
def test_the_same_refusals(site, query, status):
    response = site.ask(query)
    assert response.status_code == status, response.text
    assert response.headers["Access-Control-Allow-Origin"] == "*"


def test_an_engine_that_is_not_there(serve, sample_root):
    site = serve(sample_root, engine=f"http://127.0.0.1:{free_port()}/sparql", wait_for_health=False)
    response = site.ask(COUNT)
    assert response.status_code == 503
    assert "not available" in response.text
    assert site.get("/health").status_code == 503
