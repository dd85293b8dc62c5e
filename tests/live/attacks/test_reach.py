"""Nothing makes the server reach out or read a file: query by query of reach.toml, with somebody listening."""

import socket
import tomllib

import pytest

from .sending import HERE

pytestmark = pytest.mark.live

_FORMS = tomllib.loads((HERE / "reach.toml").read_text())
QUERIES = [f"SELECT * {{ {inside} }} LIMIT 1" for inside in _FORMS["inside"]] + _FORMS["whole"]
HIDDEN = "nobody should read this"


@pytest.fixture(scope="module")
def canary():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


@pytest.fixture(scope="module")
def secret(tmp_path_factory):
    path = tmp_path_factory.mktemp("secret") / "secret.ttl"
    path.write_text(f'<x:s> <x:p> "{HIDDEN}" .')
    return path


def is_called(canary):
    canary.settimeout(0.05)
    try:
        canary.accept()[0].close()
    except TimeoutError:
        return False
    return True


def filled(text, canary, secret):
    port = canary.getsockname()[1]
    for name, value in (("url", f"http://127.0.0.1:{port}/sparql"), ("file", secret), ("port", port)):
        text = text.replace("{" + name + "}", str(value))
    return text


@pytest.mark.parametrize("query", QUERIES)
def test_nothing_leaves(server, canary, secret, query):
    response = server.ask(filled(query, canary, secret), headers={"Accept": "*/*"})
    assert response.status_code in {200, 400, 403}, response.text
    assert HIDDEN not in response.text
    assert not is_called(canary)


@pytest.mark.parametrize("parameter", ["default-graph-uri", "named-graph-uri", "using-graph-uri", "url", "source"])
@pytest.mark.parametrize("source", ["{url}", "file://{file}", "{file}"])
def test_no_parameter_fetches(server, canary, secret, parameter, source):
    query = "SELECT * { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } } LIMIT 3"
    response = server.get("/sparql", params={"query": query, parameter: filled(source, canary, secret)})
    assert response.status_code in {200, 400, 403}
    assert HIDDEN not in response.text
    assert not is_called(canary)


def test_names_like_service_are_no_service(server):
    query = (
        "PREFIX ex: <http://x.example/service#> SELECT ?service { ?service ex:service 'SERVICE <x>' } # SERVICE <x>"
    )
    assert server.ask(query).status_code == 200
