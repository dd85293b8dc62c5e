"""A release names the server it was made for; whoever is asked names the server that answers."""

import io

import pytest

from trialgraph.formats import N_TRIPLES, RDF_XML, SPARQL_CSV, SPARQL_JSON, SPARQL_TSV, SPARQL_XML
from trialgraph.pipeline.build_options import DEFAULT_SITE
from trialgraph.query.engines import public_address
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
    spool, text = Spool(), b"x" * before + b"<http://a/b> http://a <http://a/"
    spool.append(text)
    result = readdressed(Result("solutions", SPARQL_TSV, len(text), spool=spool), b"http://a/", b"https://b.example/")
    assert result.read() == text.replace(b"http://a/", b"https://b.example/")
    assert result.size == len(result.read())


def test_a_large_answer_without_an_address_is_not_written_again():
    spool = Spool()
    spool.append(b'<http://b/> "<http://a/>"\n' * 100_000)
    assert readdressed(Result("graph", N_TRIPLES, 1, spool=spool), b"http://a/", b"https://b.example/").spool is spool


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize(
    ("form", "before", "after"),
    [
        (SPARQL_TSV, '<A/x>\t"A/y"\t"see A/ and <A/>"\n"\\"A/"\t<A/>\n', '<B/x>\t"B/y"\t"see A/ and <A/>"\n"\\"A/"\t<B/>\n'),
        (N_TRIPLES, '<A/> <A/p> "\\\\" .\n<A/s> <p> "\\"<A/>" .\n', '<B/> <B/p> "\\\\" .\n<B/s> <p> "\\"<A/>" .\n'),
        (SPARQL_JSON, '{"type":"uri","value":"A/x"},{"value":"\\"A/ <A/x> A/"}', '{"type":"uri","value":"B/x"},{"value":"\\"A/ <A/x> A/"}'),
        (SPARQL_XML, "<uri>A/x</uri><literal>A/ &lt;A/ A/</literal>", "<uri>B/x</uri><literal>B/ &lt;A/ A/</literal>"),
        (SPARQL_CSV, 'A/x,A/y,z A/\r\nA/,"A/, ""A/"""\r\n', 'B/x,B/y,z A/\r\nB/,"B/, ""A/"""\r\n'),
        (RDF_XML, '<a rdf:about="A/x">A/ (A/)</a>', '<a rdf:about="B/x">B/ (A/)</a>'),
    ],
    ids=lambda value: getattr(value, "name", ""),
)  # fmt: skip
def test_only_what_begins_with_the_address_is_replaced(form, before, after, size):
    old, new = "http://a.org", "https://longer.example.org:80"
    text, expected = (
        given.replace(letter, at).encode() for given, letter, at in ((before, "A", old), (after, "B", new))
    )
    expected = expected.replace(b"A/", f"{old}/".encode())
    marks = public_address._MARKS.get(form.media_type, public_address._OF_LINES)
    parts = public_address.replaced(io.BytesIO(text), f"{old}/".encode(), f"{new}/".encode(), marks, size)
    assert b"".join(part for part, _ in parts) == expected


def test_a_text_about_an_address_stays(client):
    for text in ("SELECT ('see http://localhost/' AS ?x) {}", "SELECT (<http://localhost/a> AS ?x) {}"):
        answer = client.get("/sparql", query_string={"query": text, "format": "csv"}).text
        assert answer.split("\r\n")[1] == text.split("(", 1)[1].partition(" AS")[0].strip("'<>")
