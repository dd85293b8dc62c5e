"""The server gives of a thing what the command line gives; no XML of ours is broken by what it holds."""

import re
from xml.etree.ElementTree import fromstring

import pytest
from click.testing import CliRunner

from trialgraph.cli.main_group import main
from trialgraph.formats import RDF_FORMATS

TRIAL, HOSTILE = "NCT06095583", "NCT90000066"
BELL = 'SELECT ?x ?y { VALUES (?x ?y) { ("bell \\u0007" 1) ("ret\\rurn" 2) ("\\uFFFE" 3) } }'
MADE = 'CONSTRUCT { ?s ?s ?o } { VALUES (?s ?o) { (<urn:s> "bell \\u0007") (<urn:s> "well") } }'


def parsed(data):
    return fromstring(data)  # noqa: S314 - our own


@pytest.mark.parametrize("format_", RDF_FORMATS, ids=lambda format_: format_.name)
def test_the_server_and_the_command_line_give_the_same_bytes(client, root, format_):
    command = ["dump", "--release", str(root), "--trial", TRIAL, "--format", format_.name]
    dumped = CliRunner().invoke(main, command)
    assert dumped.exit_code == 0, dumped.output
    assert client.get(f"/data/{TRIAL}.{format_.extension}").data == dumped.stdout_bytes


def test_a_table_says_how_many_values_xml_cannot_hold(client):
    answer = client.get("/sparql", query_string={"query": BELL, "format": "xml"})
    texts = [each.text for each in parsed(answer.data).iter() if each.tag.endswith("}literal")]
    assert texts == ["1", "ret\rurn", "2", "3"]
    assert answer.headers["Trialgraph-Note"] == "2 values are not here: XML cannot hold them. Other formats do."
    assert "Trialgraph-Note" in answer.headers["Access-Control-Expose-Headers"]
    assert "Trialgraph-Note" not in client.get("/sparql", query_string={"query": BELL, "format": "json"}).headers


def test_a_graph_says_how_many_triples_xml_cannot_hold(client):
    answer = client.get("/sparql", query_string={"query": MADE, "format": "rdfxml"})
    said = "1 triple is not here: RDF/XML cannot hold it. Other formats do."
    assert answer.headers["Trialgraph-Note"] == said
    assert said in answer.text
    assert [each.text for each in parsed(answer.data).iter() if each.tag.endswith("s")] == ["well"]


@pytest.mark.parametrize(("query", "form"), [(BELL, "xml"), (MADE, "rdfxml")])
def test_the_console_says_it_too(root, query, form):
    ran = CliRunner().invoke(main, ["query", query, "--format", form, "--release", str(root)])
    assert ran.exit_code == 0, ran.output
    assert "XML cannot hold" in ran.stderr


def test_every_xml_is_well_formed(client):
    sitemaps = re.findall(r"<loc>http://localhost(/[^<]+)</loc>", client.get("/sitemap.xml").text)
    paths = ["/sitemap.xml", *sitemaps, "/changes.atom", "/ontology.rdf", "/void.rdf", f"/data/{HOSTILE}.rdf"]
    for path in paths:
        answer = client.get(path)
        assert answer.status_code == 200, path
        parsed(answer.data)


def test_a_record_with_characters_that_xml_lacks(client):
    answer = client.get(f"/data/{HOSTILE}.rdf")
    assert "XML cannot hold" in answer.headers["Trialgraph-Note"]
    assert "bell \\u0007" in client.get(f"/data/{HOSTILE}.nt").text
    page = client.get(f"/page/{HOSTILE}").text
    assert "bell \ufffd and \ufffd" in page
    assert not re.search("[\x00-\x08\ufffe]", page)
