"""From the name of a thing to a page or data about it: every way of asking, and every way of not being there."""

import gzip
import json
from datetime import UTC, datetime

import brotli
import pyoxigraph as ox
import pytest
import rdflib
import zstandard
from rdflib.compare import isomorphic
from tests.patience import patient
from tests.web.conftest import GONE, REJECTED

from trialgraph.formats import JSON_LD, N_QUADS, N_TRIPLES, RDF_FORMATS, RDF_XML, TRIG, TURTLE
from trialgraph.query import open_engine
from trialgraph.release.export import dump
from trialgraph.store import open_release
from trialgraph.vocabulary import RESOURCE, TG
from trialgraph.web import create_app

TRIAL = "NCT06095583"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "leads_to"),
    [
        (BROWSER, f"/page/{TRIAL}"),
        ("", f"/page/{TRIAL}"),
        ("*/*", f"/page/{TRIAL}"),
        ("text/turtle", f"/data/{TRIAL}.ttl"),
        ("text/turtle;charset=utf-8", f"/data/{TRIAL}.ttl"),
        ("application/ld+json", f"/data/{TRIAL}.jsonld"),
        ('application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted"', f"/data/{TRIAL}.jsonld"),
        ("application/json", f"/data/{TRIAL}.jsonld"),
        ("application/n-triples", f"/data/{TRIAL}.nt"),
        ("application/n-quads", f"/data/{TRIAL}.nq"),
        ("application/trig", f"/data/{TRIAL}.trig"),
        ("application/rdf+xml", f"/data/{TRIAL}.rdf"),
        ("application/rdf+xml;q=0.5, text/turtle;q=0.9, text/html;q=0.1", f"/data/{TRIAL}.ttl"),
        ("text/html;q=0.3, application/rdf+xml;q=0.4, */*;q=0.1", f"/data/{TRIAL}.rdf"),
        ("text/turtle;q=0, application/n-triples", f"/data/{TRIAL}.nt"),
    ],
)
def test_a_name_leads_to_what_is_asked_for(client, accept, leads_to):
    answer = client.get(f"/id/{TRIAL}", headers={"Accept": accept} if accept else {})
    assert (answer.status_code, answer.headers["Location"]) == (303, leads_to)
    assert "Accept" in answer.headers["Vary"]
    assert client.get(leads_to).status_code == 200


@pytest.mark.parametrize("format_", RDF_FORMATS, ids=lambda format_: format_.name)
@pytest.mark.parametrize("by", ["name", "extension", "media_type"])
def test_format_goes_before_accept(client, format_, by):
    answer = client.get(f"/id/{TRIAL}", query_string={"format": getattr(format_, by)}, headers={"Accept": BROWSER})
    assert answer.headers["Location"] == f"/data/{TRIAL}.{format_.extension}"


def test_what_there_is_not_is_listed(client):
    answer = client.get(f"/id/{TRIAL}", headers={"Accept": "image/png"})
    assert answer.status_code == 406
    assert all(format_.media_type in answer.text for format_ in RDF_FORMATS)
    assert client.get(f"/data/{TRIAL}?format=docx").status_code == 406


@pytest.mark.parametrize("format_", RDF_FORMATS, ids=lambda format_: format_.name)
def test_all_formats_say_the_same(client, format_):
    answer = client.get(f"/data/{TRIAL}.{format_.extension}", headers={"Accept": "text/html"})
    assert answer.content_type.partition(";")[0] == format_.media_type
    expected = client.get(f"/data/{TRIAL}.nt").data
    assert triples(answer.data, format_) == triples(expected, N_TRIPLES)
    assert answer.headers["Content-Location"] == f"/data/{TRIAL}.{format_.extension}"
    assert answer.last_modified == datetime(2026, 2, 3, tzinfo=UTC)


@pytest.mark.parametrize("format_", RDF_FORMATS, ids=lambda format_: format_.name)
@pytest.mark.parametrize("trial", [TRIAL, "NCT90000001"])
def test_the_command_line_gives_the_same_bytes(client, root, format_, trial):
    served = client.get(f"/data/{trial}.{format_.extension}").data
    assert served
    assert b"".join(dump(open_release(root), format_, nct_ids=[trial])) == served


def triples(data, format_):
    return {(str(q.subject), str(q.predicate), str(q.object)) for q in ox.parse(data, format_.oxigraph)}


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # rdflib's own JSON-LD parser still uses it
@pytest.mark.parametrize("format_", [TURTLE, RDF_XML, JSON_LD], ids=lambda format_: format_.name)
def test_another_parser_reads_the_same(client, format_):
    names = {TURTLE: "turtle", RDF_XML: "xml", JSON_LD: "json-ld"}
    read = rdflib.Graph().parse(data=client.get(f"/data/{TRIAL}.{format_.extension}").data, format=names[format_])
    assert isomorphic(read, rdflib.Graph().parse(data=client.get(f"/data/{TRIAL}.nt").data, format="nt"))


@pytest.mark.parametrize("format_", [N_QUADS, TRIG], ids=lambda format_: format_.name)
def test_graphs_are_kept_where_the_syntax_has_them(client, format_):
    quads = ox.parse(client.get(f"/data/{TRIAL}.{format_.extension}").data, format_.oxigraph)
    graphs = {str(quad.graph_name).strip("<>").rsplit("/", 1)[-1] for quad in quads}
    assert {"seed", "mirrors"} <= graphs


def test_a_description_has_the_parts_and_the_labels_of_what_they_point_to(client):
    data = triples(client.get(f"/data/{TRIAL}.nt").data, N_TRIPLES)
    subjects = {s for s, _, _ in data}
    assert f"<{RESOURCE}{TRIAL}/arm/1/dose/1>" in subjects
    label = ("<http://www.w3.org/2000/01/rdf-schema#label>", '"tifcemalimab"')
    assert (f"<{RESOURCE}drug/tifcemalimab>", *label) in data
    said_of_the_drug = {p for s, p, _ in data if s == f"<{RESOURCE}drug/tifcemalimab>"}
    assert said_of_the_drug == {label[0]}


def test_the_jsonld_is_plain_json_too(client):
    document = json.loads(client.get("/data/NCT06732258.jsonld").data)
    assert (document["id"], document["type"]) == ("NCT06732258", "Trial")
    doses = document["arm"]["doseSpecification"]
    assert "cisplatin 75 mg/m² every 3 weeks" in [dose["label"] for dose in doses]


@pytest.mark.parametrize(
    ("sent", "right"),
    [
        ("/id/nct06095583", f"/id/{TRIAL}"),
        (f"/id/{TRIAL}/", f"/id/{TRIAL}"),
        ("/page/Nct06095583/arm/1/", f"/page/{TRIAL}/arm/1"),
        ("/data/nct06095583.ttl", f"/data/{TRIAL}.ttl"),
        ("/id/organization/Shanghai%20Junshi", "/id/organization/Shanghai_Junshi"),
        ("/id/drug/%74ifcemalimab", "/id/drug/tifcemalimab"),
        ("/id/nct06095583?format=ttl&x=%20", f"/id/{TRIAL}?format=ttl&x=%20"),
    ],
)
def test_other_spellings_lead_to_the_right_one(client, sent, right):
    answer = client.get(sent)
    assert (answer.status_code, answer.headers["Location"]) == (308, right)


def test_a_slash_inside_a_name_is_not_a_step(client):
    assert client.get("/id/drug%2Ftifcemalimab", headers={"Accept": "text/turtle"}).status_code == 404
    assert client.get("/id/drug/tifcemalimab", headers={"Accept": "text/turtle"}).status_code == 303


@pytest.mark.parametrize("prefix", ["/id/", "/page/", "/linkset/"])
@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("NCT99999999", "No record of NCT99999999 went into release"),
        (REJECTED, "the year 20224 is no year"),
        ("NCT1", "NCT and eight digits"),
        (f"{TRIAL}/arm/9", f"The trial {TRIAL} has no part arm/9"),
        ("drug/nothing", "says nothing about drug/nothing"),
        ("ISRCTN10175490", "is a number of ISRCTN registry"),
        ("CTRI/2023/04/052053", "is a number of Clinical Trials Registry - India"),
    ],
)
def test_what_is_not_here_is_explained(client, prefix, path, reason):
    answer = client.get(prefix + path, headers={"Accept": "text/html"})
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    assert reason in answer.text


@pytest.mark.parametrize("number", ["2004-003928-35", "EUCTR2004-003928-35-DE", "ISRCTN90000001", "isrctn90000001"])
def test_a_number_of_another_registry_leads_to_its_trial(client, number):
    answer = client.get(f"/id/{number}", headers={"Accept": "text/turtle"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/id/NCT90000066")
    assert client.get(f"/data/{number}.ttl").headers["Location"] == "/data/NCT90000066.ttl"


def test_programs_get_the_explanation_as_problem_details(client):
    answer = client.get("/id/NCT99999999", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert answer.json["registry"] == "https://clinicaltrials.gov/study/NCT99999999"


def test_what_was_withdrawn_leaves_a_tombstone(client):
    page = client.get(f"/page/{GONE}")
    assert page.status_code == 410
    assert "2026-02-03" in page.text
    answer = client.get(f"/data/{GONE}.ttl")
    assert (answer.status_code, answer.mimetype) == (410, "text/turtle")
    said = triples(answer.data, TURTLE)
    gone = "<http://www.w3.org/ns/prov#invalidatedAtTime>"
    assert [o for s, p, o in said if s == f"<{RESOURCE}{GONE}>" and p == gone] == [
        '"2026-02-03T00:00:00Z"^^<http://www.w3.org/2001/XMLSchema#dateTime>'
    ]


def test_a_former_number_leads_to_the_trial(client):
    assert client.get("/id/NCT90000067").headers["Location"] == "/id/NCT90000066"
    assert client.get("/data/NCT90000067.ttl").headers["Location"] == "/data/NCT90000066.ttl"


@pytest.mark.parametrize(
    "path", [f"/page/{TRIAL}", f"/data/{TRIAL}.ttl", "/", "/ontology", "/void.ttl", "/downloads/"]
)
def test_caching(client, path):
    first = client.get(path)
    assert not first.headers["ETag"].startswith("W/")
    assert "max-age" in first.headers["Cache-Control"]
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    head = client.head(path)
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["ETag"] == first.headers["ETag"]
    assert head.headers["Content-Length"] == first.headers["Content-Length"]


def test_each_representation_has_a_tag_of_its_own(client):
    paths = [f"/page/{TRIAL}", *(f"/data/{TRIAL}.{format_.extension}" for format_ in RDF_FORMATS)]
    assert len({client.head(path).headers["ETag"] for path in paths}) == len(paths)


@pytest.mark.parametrize(
    ("profile", "has", "lacks"),
    [
        ("full", TG.doseSpecification, "https://schema.org/trialDesign"),
        ("minimal", TG.arm, TG.doseSpecification),
        ("labels", "http://www.w3.org/2000/01/rdf-schema#label", TG.arm),
        ("schema", "https://schema.org/trialDesign", TG.arm),
        ("alt", "http://www.w3.org/ns/dx/connegp/altr#hasRepresentation", TG.arm),
    ],
)
def test_profiles(client, profile, has, lacks):
    answer = client.get(f"/data/{TRIAL}.nt?_profile={profile}")
    predicates = {p for _, p, _ in triples(answer.data, N_TRIPLES)}
    assert f"<{has}>" in predicates
    assert f"<{lacks}>" not in predicates
    named = [link for link in answer.headers["Link"].split(", ") if 'rel="profile"' in link]
    assert len(named) == 1
    iri = named[0].partition(">")[0].removeprefix("<")
    by_header = client.get(f"/data/{TRIAL}.nt", headers={"Accept-Profile": f"<https://e.org/x>, <{iri}>;q=0.9"})
    assert by_header.data == answer.data
    assert "Accept-Profile" in by_header.headers["Vary"]


def test_what_headers_choose_is_named_in_vary(client):
    assert "Accept-Profile" in client.get(f"/data/{TRIAL}.ttl").headers["Vary"]
    assert client.get(f"/data/{TRIAL}").headers["Vary"].startswith("Accept, Accept-Profile")
    assert "Accept," in client.get("/ontology").headers["Vary"]


def test_bytes_that_are_no_text_are_no_trouble(client):
    for place in ({"QUERY_STRING": "x=\xe9\xff"}, {"REQUEST_URI": "/id/%ff%fe", "PATH_INFO": "/id/\xff\xfe"}):
        answer = client.get("/id/nct06095583", environ_overrides=place, headers={"Accept": "text/html"})
        assert answer.status_code in (308, 404)


def test_a_name_that_ends_like_a_file_is_still_a_name(client):
    name = "dataset/2026-02-03/dump/trialgraph.nt.gz"
    assert client.get(f"/id/{name}", headers={"Accept": "text/turtle"}).status_code in (303, 404)
    here = client.get("/id/dataset/2026-02-03", headers={"Accept": "text/turtle"})
    assert here.status_code == 303
    assert client.get(here.headers["Location"]).status_code == 200


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
@pytest.mark.parametrize("path", [f"/page/{TRIAL}", f"/data/{TRIAL}.ttl", "/ontology"])
def test_codings(client, path, coding):
    plain = client.get(path, headers={"Accept-Encoding": "identity"})
    coded = client.get(path, headers={"Accept-Encoding": coding})
    assert "Content-Encoding" not in plain.headers
    assert coded.headers["Content-Encoding"] == coding
    decode = {"gzip": gzip.decompress, "br": brotli.decompress, "zstd": zstandard.ZstdDecompressor().decompress}
    assert decode[coding](coded.data) == plain.data
    assert coded.headers["ETag"] != plain.headers["ETag"]
    assert "Accept-Encoding" in coded.headers["Vary"]
    again = {"Accept-Encoding": coding, "If-None-Match": coded.headers["ETag"]}
    assert client.get(path, headers=again).status_code == 304


def test_the_row_cap_is_for_queries_and_cuts_no_page_or_document(root, client):
    settings = patient(release=root, port=1, public_url="http://localhost", query_row_cap=5)
    paths = ("/data/NCT06095583.nt", "/page/NCT06095583", "/")
    with open_engine(settings) as engine:
        capped = create_app(settings, engine).test_client()
        for path in paths:
            assert capped.get(path).data == client.get(path).data, path
        answer = capped.get("/sparql", query_string={"query": "SELECT * { ?s ?p ?o }", "format": "tsv"})
        assert answer.headers["X-SPARQL-MaxRows"] == "5"
        assert len(answer.data.splitlines()) == 6
