"""Accept headers as real clients send them, and laws that hold for any."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialgraph.formats import RDF_FORMATS, RESULT_FORMATS
from trialgraph.web.http.negotiation import HTML, by_parameter, choose, choose_coding, ranges
from trialgraph.web.sparql.endpoint import matches

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"


@pytest.mark.parametrize(
    ("header", "offers", "expected"),
    [
        ("", RDF_FORMATS, "turtle"),
        ("*/*", RESULT_FORMATS, "json"),
        (BROWSER, (*RDF_FORMATS, HTML), "html"),
        (BROWSER, RESULT_FORMATS, "xml"),
        ("application/n-triples,text/turtle", RDF_FORMATS, "turtle"),
        ("application/n-triples,text/turtle;q=0.9", RDF_FORMATS, "ntriples"),
        ("text/*", RDF_FORMATS, "turtle"),
        ("text/turtle;q=0,*/*", RDF_FORMATS, "ntriples"),
        ("TEXT/TURTLE", RDF_FORMATS, "turtle"),
        ("text/turtle; charset=UTF-8", RDF_FORMATS, "turtle"),
        ('application/ld+json; profile="a;b,c"; q=0.4', RDF_FORMATS, "jsonld"),
        ("text/n3", RDF_FORMATS, "turtle"),
        ("text/turtle;q=nonsense, application/rdf+xml", RDF_FORMATS, "rdfxml"),
        ("*/*;q=0", RDF_FORMATS, None),
        ("image/png", RDF_FORMATS, None),
        (",;,=", RDF_FORMATS, None),
    ],
)
def test_choose(header, offers, expected):
    chosen = choose(header, offers)
    assert (chosen.name if chosen else None) == expected


@given(st.text(max_size=200))
def test_any_header_gets_an_answer(header):
    chosen = choose(header, RDF_FORMATS)
    assert chosen is None or chosen in RDF_FORMATS
    assert all(0 <= one.quality <= 1 for one in ranges(header))


@given(st.sampled_from(RDF_FORMATS), st.floats(0.01, 1))
def test_the_only_one_named_is_chosen(form, quality):
    assert choose(f"{form.media_type};q={quality:.3f}, image/png", RDF_FORMATS) is form
    assert choose(f"{form.media_type};q=0, */*;q={quality:.3f}", RDF_FORMATS) is not form


@pytest.mark.parametrize(
    ("header", "expected"),
    [("", ""), ("identity", ""), ("gzip", "gzip"), ("gzip, br;q=0", "gzip"), ("*", "zstd"), ("gzip;q=0", "")],
)
def test_codings(header, expected):
    assert choose_coding(header, ("zstd", "br", "gzip")) == expected


@pytest.mark.parametrize(
    ("name", "expected"), [("xml", "rdfxml"), ("ttl", "turtle"), ("json", "jsonld"), ("csv", None)]
)
def test_format_parameter(name, expected):
    form = by_parameter(name, RDF_FORMATS)
    assert (form.name if form else None) == expected


def test_entity_tags():
    assert matches('"a", W/"b"', '"b"')
    assert not matches('"ab"', '"a"')
