"""One writer for each RDF syntax: the same by every door, and well-formed whatever it holds."""

import re
from xml.etree.ElementTree import fromstring

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialgraph.formats import N_QUADS, RDF_FORMATS, RDF_XML, SPARQL_XML, TRIG, TURTLE
from trialgraph.query.workers.worker.result_sink import LAYOUTS, Sink
from trialgraph.query.workers.worker.result_writer import write_graph, write_table
from trialgraph.syntaxes.document import document
from trialgraph.syntaxes.serializer import Serializer
from trialgraph.terms import from_oxigraph, iri, language, line, string

NO_XML = "\x00\x03\x08\x0b\x0c\x1a\x1f\ufffe\uffff"
ODD = st.text(st.sampled_from("a <&\"'\\\r\n\t\x7f\x85\u2028\ufffd\U0001fffe" + NO_XML), max_size=6)
LITERALS = ODD.map(string) | ODD.map(lambda text: language(text, "en"))
PLACES = st.sampled_from(["urn:s", "urn:t", "http://e.org/a?b&c"]).map(iri)
TRIPLES = st.lists(st.tuples(PLACES, PLACES, LITERALS | PLACES), max_size=12)


def parsed(data):
    return fromstring(data)  # noqa: S314 - our own


def lost_by_xml(triples):
    return {t for t in set(triples) if re.search(f"[{NO_XML}]", from_lexical(t[2])) or not t[1][-2].isalpha()}


def from_lexical(term):
    quad = next(ox.parse(f"<urn:s> <urn:p> {term} .".encode(), ox.RdfFormat.N_TRIPLES))
    return str(quad.object.value)


def read(data, format_):
    quads = ox.parse(data, format_.oxigraph, base_iri="https://elsewhere.example/", lenient=True)
    return {tuple(map(from_oxigraph, quad.triple)) for quad in quads}


@pytest.mark.parametrize("format_", RDF_FORMATS, ids=lambda format_: format_.name)
@given(triples=TRIPLES)
@settings(max_examples=60, deadline=None)
def test_a_document_holds_all_that_its_syntax_can(format_, triples):
    made = document([(*triple, "") for triple in triples], format_)
    lost = lost_by_xml(triples) if format_ is RDF_XML else set()
    assert read(made.data, format_) == set(triples) - lost
    assert made.left_out == len(lost)
    if format_ is RDF_XML:
        parsed(made.data)
        assert bool(lost) == (b"<!--" in made.data) == bool(made.note)


@pytest.mark.parametrize("format_", RDF_FORMATS, ids=lambda format_: format_.name)
@given(triples=TRIPLES)
@settings(max_examples=40, deadline=None)
def test_an_answer_is_written_as_a_document_is(format_, triples):
    store = ox.Store()
    store.bulk_load("".join(line(triple) for triple in triples).encode(), format=ox.RdfFormat.N_TRIPLES)
    sink = Sink(-1, 10**6, LAYOUTS[SPARQL_XML.media_type])
    written, left_out = write_graph(store.query("CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }"), sink, format_)
    lost = lost_by_xml(triples) if format_ is RDF_XML else set()
    assert read(sink.body(), format_) == set(triples) - lost
    assert (written, left_out) == (len(set(triples)) - len(lost), len(lost))


@given(texts=st.lists(ODD, max_size=8))
@settings(max_examples=80, deadline=None)
def test_a_table_in_xml_is_well_formed_and_exact(texts):
    store = ox.Store()
    for number, text in enumerate(texts):
        store.add(ox.Quad(ox.NamedNode(f"urn:{number}"), ox.NamedNode("urn:p"), ox.Literal(text)))
    sink = Sink(-1, 10**6, LAYOUTS[SPARQL_XML.media_type])
    left_out = write_table(store.query("SELECT ?o ?s { ?s ?p ?o }"), sink, SPARQL_XML)
    name = "{http://www.w3.org/2005/sparql-results#}"
    rows = parsed(sink.body()).iter(f"{name}result")
    found = sorted((row.findtext(f".//{name}uri"), row.findtext(f".//{name}literal")) for row in rows)
    held = {number: text for number, text in enumerate(texts) if not set(text) & set(NO_XML)}
    assert found == sorted((f"urn:{number}", held.get(number)) for number in range(len(texts)))
    assert left_out == len(texts) - len(held)
    assert sink.rows() == len(texts)


class Chunks:
    """Bytes, in as many parts as they were written in."""

    def __init__(self):
        self.parts = []

    def write(self, data):
        self.parts.append(data)
        return len(data)


def test_a_long_answer_is_written_piece_by_piece():
    made = Chunks()
    serializer = Serializer(made, TURTLE)
    for number in range(30_000):
        serializer.write(line((f"<urn:{number}>", "<urn:p>", string("x" * 80))).encode())
    assert len(made.parts) >= 2
    serializer.close()
    assert serializer.triples == 30_000
    assert len(read(b"".join(made.parts), TURTLE)) == 30_000


@pytest.mark.parametrize("format_", [N_QUADS, TRIG], ids=lambda format_: format_.name)
def test_a_dataset_has_its_triples_in_the_default_graph_and_in_the_graphs_that_say_them(format_):
    facts = [("<urn:s>", "<urn:p>", '"x"', "<urn:g>"), ("<urn:s>", "<urn:p>", '"x"', "<urn:h>")]
    facts.append(("<urn:s>", "<urn:p>", '"label"', ""))
    quads = list(ox.parse(document(facts, format_).data, format_.oxigraph))
    in_default = [quad.object.value for quad in quads if isinstance(quad.graph_name, ox.DefaultGraph)]
    assert sorted(in_default) == ["label", "x"]
    assert sorted(str(q.graph_name) for q in quads if q.object.value == "x") == ["<urn:g>", "<urn:h>", "DEFAULT"]
