"""SPARQL libraries that people use, against a running server."""

import gc
import shutil
import subprocess

import pytest
from rdflib import Dataset, URIRef
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import CSV, JSON, POST, TURTLE, XML, SPARQLWrapper

# These libraries leave responses open for the garbage collector to close.
pytestmark = [
    pytest.mark.live,
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]
SUBJECT = "https://example.org/s1"


@pytest.fixture(autouse=True)
def _collected():
    """What they leave open is closed here, where it is forgiven, and not in some other test."""
    yield
    gc.collect()


@pytest.mark.parametrize("method", ["GET", POST])
def test_sparqlwrapper(server, method):
    wrapper = SPARQLWrapper(server.sparql)
    wrapper.setMethod(method)
    wrapper.setQuery(f"SELECT ?o {{ <{SUBJECT}> ?p ?o }}")
    wrapper.setReturnFormat(JSON)
    assert len(wrapper.queryAndConvert()["results"]["bindings"]) == 2
    wrapper.setReturnFormat(XML)
    assert len(wrapper.queryAndConvert().getElementsByTagName("result")) == 2
    wrapper.setReturnFormat(CSV)
    assert wrapper.queryAndConvert().startswith(b"o\r\n")
    wrapper.setQuery(f"CONSTRUCT WHERE {{ <{SUBJECT}> ?p ?o }}")
    wrapper.setReturnFormat(TURTLE)
    assert b"value 1" in wrapper.queryAndConvert()


@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
def test_rdflib(server, method):
    dataset = Dataset(store=SPARQLStore(server.sparql, method=method), default_union=True)
    rows = list(dataset.query(f"SELECT ?o {{ <{SUBJECT}> ?p ?o }}"))
    assert len(rows) == 2
    assert bool(dataset.query(f"ASK {{ <{SUBJECT}> ?p ?o }}"))
    objects = set(dataset.get_context(URIRef("https://example.org/g1")).objects(URIRef(SUBJECT)))
    assert len(objects) == 2


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl here")
@pytest.mark.parametrize(
    ("arguments", "content_type", "begins"),
    [
        # YASGUI, and those who federate: Blazegraph, rdflib-endpoint
        (["-H", "Accept: application/sparql-results+json,*/*;q=0.9", "--data-urlencode", "query={select}"],
         "application/sparql-results+json", '{"head":'),
        (["-H", "Accept: application/n-triples,*/*;q=0.9", "--data-urlencode", "query={construct}"],
         "application/n-triples", "<https://example.org/s1> "),
        (["-X", "POST", "-H", "Accept: application/sparql-results+xml", "?query=ASK%20%7B%7D"],
         "application/sparql-results+xml", "<?xml"),
        # by hand
        (["-G", "-H", "Accept: text/csv", "--data-urlencode", "query={select}"], "text/csv; charset=utf-8", "o\r\n"),
        (["-G", "--data-urlencode", "query={select}", "-d", "Accept=text/tab-separated-values"],
         "text/tab-separated-values; charset=utf-8", "?o\n"),
        (["-G", "--data-urlencode", "query={select}", "-d", "ac=1", "-d", "output=xml"],
         "application/sparql-results+xml", "<?xml"),
        (["-H", "Content-Type: application/sparql-query", "-H", "Accept: text/turtle;charset=utf-8", "-d", "{construct}"],
         "text/turtle; charset=utf-8", "@base"),
        (["-X", "QUERY", "-H", "Content-Type: application/sparql-query", "-d", "ASK {{}}"],
         "application/sparql-results+json", '{"head":{},"boolean":true}'),
        # Umaka, and what introspects first
        (["-H", "Accept: text/turtle, application/rdf+xml;q=0.5"], "text/turtle", "@base"),
        (["-H", "Accept: application/rdf+xml"], "application/rdf+xml", "<?xml"),
        (["-H", "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"],
         "text/html; charset=utf-8", "<!doctype html>"),
    ],
)  # fmt: skip
def test_curl_with_the_headers_of_others(server, arguments, content_type, begins):
    texts = {
        "select": f"SELECT ?o {{ <{SUBJECT}> ?p ?o }}",
        "construct": f"CONSTRUCT WHERE {{ <{SUBJECT}> ?p ?o }}",
    }
    given = [argument.format(**texts) for argument in arguments if not argument.startswith("?")]
    address = server.sparql + "".join(argument for argument in arguments if argument.startswith("?"))
    command = [
        "curl",
        "-s",
        "-w",
        "\n%{http_code} %{content_type} %header{access-control-allow-origin}",
        *given,
        address,
    ]
    run = subprocess.run(command, capture_output=True, check=True)
    body, _, told = run.stdout.decode().rpartition("\n")
    assert told == f"200 {content_type} *", body
    assert body.startswith(begins)
