"""What other endpoints answer, taken over into a query or written anew."""

import io
import json

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialgraph import errors
from trialgraph.formats import N_TRIPLES, SPARQL_CSV, SPARQL_JSON, SPARQL_TSV, TURTLE
from trialgraph.query.engines.federation import as_values
from trialgraph.query.engines.remote import texts_for_others
from trialgraph.query.engines.result_conversion import rewrite
from trialgraph.query.request import Result
from trialgraph.query.text.analysis import analyze, unescape
from trialgraph.sparql.parser import parse

ENDPOINT = "http://e.org/"


def document(*cells):
    rows = [{"x": cell} for cell in cells]
    return json.dumps({"head": {"vars": ["x"]}, "results": {"bindings": rows}}).encode()


@given(st.text(), st.sampled_from([{}, {"xml:lang": "en"}, {"datatype": "x:type"}]))
def test_any_text_arrives_as_it_was(text, more):
    query = f"SELECT * {{ {as_values(document({'type': 'literal', 'value': text, **more}), ENDPOINT, {'x'})} }}"
    # Some replace codepoint escapes before they read anything else, some afterwards.
    for read in (query, unescape(query)):
        (row,) = ox.Store().query(read)
        assert row["x"].value == text
    assert not analyze(query).services


@given(st.text())
def test_any_iri_arrives_or_is_refused(text):
    try:
        values = as_values(document({"type": "uri", "value": text}), ENDPOINT, {"x"})
    except errors.ServiceFailed:
        return
    assert values == f"{{ VALUES (?x) {{ (<{text}>) }} }}"
    assert len(list(ox.parse(f"<{text}> <x:p> 1 .", ox.RdfFormat.TURTLE, base_iri="x:b", lenient=True))) == 1


@given(
    st.recursive(
        st.none() | st.booleans() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_any_other_json_is_a_failure(found):
    for answer in (found, {"head": found}, {"head": {"vars": ["x"]}, "results": {"bindings": [{"x": found}]}}):
        if found:
            with pytest.raises((errors.ServiceFailed, errors.QueryNotEvaluable)):
                as_values(json.dumps(answer).encode(), ENDPOINT, {"x"})


def answer(kind, body):
    return Result(kind, SPARQL_JSON, len(body), body)


VIRTUOSO = b"""
{ "head": { "link": [], "vars": ["x", "y"] },
  "results": { "distinct": false, "ordered": true, "bindings": [
    { "x": { "type": "bnode", "value": "nodeID://b10" }\t, "y": { "type": "typed-literal", "datatype": "x:d", "value": "nodeID://" }},
    { "x": { "type": "uri", "value": "x:i" } } ] } }"""


def test_the_dialect_of_virtuoso_is_read():
    found = answer("solutions", VIRTUOSO)
    rewrite(found, SPARQL_TSV, 1000)
    assert (found.rows, found.body) == (2, b'?x\t?y\n_:b10\t"nodeID://"^^<x:d>\n<x:i>\t\n')
    for row, truth in (
        (b'{ "__ASK_RETVAL": { "type": "literal", "value": "1" }}', b"true"),
        (b"", b"false"),
        (b"{ }", b"false"),
    ):
        found = answer("boolean", b'{"head": {"vars": ["__ASK_RETVAL"]}, "results": {"bindings": [' + row + b"]}}")
        rewrite(found, SPARQL_CSV, 1000)
        assert (found.rows, found.body) == (None, truth)


def test_a_text_that_looks_like_the_dialect_of_virtuoso_stays_as_it_is():
    text = '"bnode", "value": "nodeID://b10" and '
    found = answer("graph", f'<x:s> <x:p> """{text}""" .'.encode())
    rewrite(found, N_TRIPLES, 1000)
    assert [quad.object.value for quad in ox.parse(found.read(), ox.RdfFormat.N_TRIPLES)] == [text]


def test_a_name_over_the_edge_of_a_block_is_found():
    rows = b", ".join([b'{ "x": { "type": "bnode", "value": "nodeID://b10" }}'] * 5000)
    found = answer("solutions", b'{"head": {"vars": ["x"]}, "results": {"bindings": [' + rows + b"]}}")
    rewrite(found, SPARQL_CSV, 10**6)
    assert found.read() == b"x\r\n" + b"_:b10\r\n" * 5000


@pytest.mark.parametrize("cut", [5, 60, 150, len(VIRTUOSO) - 3])
def test_half_an_answer_is_none(cut):
    with pytest.raises(errors.EngineUnavailable):
        rewrite(answer("solutions", VIRTUOSO[:cut]), SPARQL_JSON, 1000)


@pytest.mark.parametrize("depth", [100, 100_000])
@pytest.mark.parametrize("kind", ["solutions", "graph"])
def test_terms_as_deep_as_a_query_is_long_do_not_end_the_process(kind, depth):
    if kind == "graph":
        body = b"<x:s> <x:p> " + b"<<( <x:s> <x:p> " * depth + b"<x:o>" + b" )>>" * depth + b" ."
    else:
        node = b'{"type": "uri", "value": "x:a"}'
        part = b'{"type": "triple", "value": {"subject": ' + node + b', "predicate": ' + node + b', "object": '
        body = (
            b'{"head": {"vars": ["x"]}, "results": {"bindings": [{"x": '
            + part * depth
            + node
            + b"}}" * depth
            + b"}]}}"
        )
    found = answer(kind, body)
    if depth == 100:
        rewrite(found, TURTLE if kind == "graph" else SPARQL_JSON, 10**6)
        assert found.rows in {1, None}
    else:
        with pytest.raises(errors.EngineUnavailable):
            rewrite(found, TURTLE if kind == "graph" else SPARQL_JSON, 10**9)


def test_graphs_are_read_and_bounded():
    triples = b"<x:s>\t<x:p>\t<x:o> .\n# the end\n"
    found = answer("graph", triples)
    rewrite(found, N_TRIPLES, 1000)
    assert (found.rows, found.body) == (1, b"<x:s> <x:p> <x:o> .\n")
    with pytest.raises(errors.EngineUnavailable):
        rewrite(answer("graph", b"<x:s> <x:p> "), TURTLE, 1000)
    with pytest.raises(errors.ResultTooLarge):
        rewrite(answer("graph", triples), N_TRIPLES, 10)


@pytest.mark.parametrize(
    "text",
    [
        "PREFIX bif: <bif:> SELECT (bif:f(1) AS ?x) {}",
        "PREFIX a: <SQL:> ASK { ?s a:p ?o }",
        r"SELECT (<\u0062if:f>(1) AS ?x) {}",
        "BASE <bif:f> ASK { ?s <> ?o }",
    ],
)
def test_a_dialect_is_refused(text):
    with pytest.raises(errors.QueryRefused):
        texts_for_others(parse(text))


@pytest.mark.parametrize(
    "text",
    [
        "PREFIX a: <http://e.org/sql:> ASK { a:bif <http://e.org/service> 'bif:x' . ?s a:p 'service' }",
        "ASK { ?s <urn:p> ?o FILTER(?o < 3) }",
        "ASK { ?s <#p> 'service' }",
        "PREFIX a: <sql:> ASK {}",
    ],
)
def test_what_only_looks_like_a_dialect_is_not(text):
    texts_for_others(parse(text))


def test_a_spooled_answer_is_read_too():
    body = (
        b'{"head": {"vars": ["x"]}, "results": {"bindings": ['
        + b", ".join([b'{"x": {"type": "literal", "value": "v"}}'] * 9000)
        + b"]}}"
    )
    found = answer("solutions", body)
    rewrite(found, SPARQL_JSON, 10**7)
    assert found.spool is not None
    size = found.size
    rewrite(found, SPARQL_CSV, 10**7)
    assert (found.rows, found.size < size, io.BytesIO(found.read()).readline()) == (9000, True, b"x\r\n")
