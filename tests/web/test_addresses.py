"""A release names the server it was made for; whoever is asked names the server that answers."""

import pytest

from trialgraph.formats import SPARQL_TSV
from trialgraph.pipeline.build_options import DEFAULT_SITE
from trialgraph.query.engines.public_address import readdressed
from trialgraph.query.request import Result, Spool

ENDPOINT = "SELECT DISTINCT ?e { ?d <http://rdfs.org/ns/void#sparqlEndpoint> ?e }"
DOWNLOADS = (
    "SELECT ?u { ?d <http://www.w3.org/ns/dcat#downloadURL> ?u FILTER(!STRSTARTS(STR(?u), 'http://localhost/')) }"
)


@pytest.mark.parametrize(
    "path", ["/.well-known/void", "/void.rdf", "/void.jsonld", "/page/dataset", "/data/dataset.ttl"]
)
def test_documents_name_this_server(client, path):
    text = client.get(path).text
    assert DEFAULT_SITE not in text
    assert "http://localhost/" in text


def test_answers_name_this_server(client):
    rows = client.get("/sparql", query_string={"query": ENDPOINT, "format": "csv"}).text.split()
    assert rows == ["e", "http://localhost/sparql"]
    assert client.get("/sparql", query_string={"query": DOWNLOADS, "format": "csv"}).text.split() == ["u"]


def test_a_question_with_our_address_is_understood(client):
    ask = "ASK { ?d <http://rdfs.org/ns/void#sparqlEndpoint> <http://localhost/sparql> }"
    assert client.get("/sparql", query_string={"query": ask, "format": "csv"}).text == "true"
    prefixed = "PREFIX here: <http://localhost/> ASK { ?d <http://rdfs.org/ns/void#sparqlEndpoint> here:sparql }"
    assert client.get("/sparql", query_string={"query": prefixed, "format": "csv"}).text == "true"


@pytest.mark.parametrize("before", [0, 2**20 - 5, 2**20])
def test_a_large_answer_is_readdressed_across_the_blocks_it_is_read_in(before):
    spool, text = Spool(), b"x" * before + b"<http://a/b> http://a http://a/"
    spool.append(text)
    result = readdressed(Result("solutions", SPARQL_TSV, len(text), spool=spool), b"http://a/", b"https://b.example/")
    assert result.read() == text.replace(b"http://a/", b"https://b.example/")
    assert result.size == len(result.read())
