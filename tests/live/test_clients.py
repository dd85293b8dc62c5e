"""SPARQL libraries that people use, against a running server."""

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
