"""Releases to take away: every file that is listed is there, whole, and nothing else is."""

import gzip
import hashlib
import json
import re
import xml.etree.ElementTree as ET
from base64 import b64encode

import pyoxigraph as ox
import pytest
from curies import Converter

from trialgraph.errors import QueryTimeout
from trialgraph.pipeline.build_options import DEFAULT_SITE
from trialgraph.release.export import dump_tables
from trialgraph.resource.select import Asking
from trialgraph.resource.table_schema import TABLES
from trialgraph.store import open_release

LATEST = "2026-02-03"
FIRST = "2026-01-02"


def manifest(client, version):
    return json.loads(client.get(f"/downloads/{version}/manifest.json").data)


@pytest.mark.parametrize("version", [FIRST, LATEST])
def test_every_file_is_what_the_manifest_says(client, version):
    said = manifest(client, version)
    listed = [*said["dumps"], *(file for file in said["files"] if not file["path"].startswith("records/"))]
    assert len(listed) > 20
    sums = client.get(f"/downloads/{version}/SHA256SUMS").text
    for file in listed[::7]:
        name = file["path"].rsplit("/", 1)[-1]
        answer = client.get(f"/downloads/{version}/{name}")
        if name != "rejected.jsonl":  # which the fixture writes
            assert hashlib.sha256(answer.data).hexdigest() == file["sha256"] == answer.get_etag()[0]
        assert f"{file['sha256']}  {name}\n" in sums
        digest = b64encode(bytes.fromhex(file["sha256"])).decode()
        assert answer.headers["Repr-Digest"] == f"sha-256=:{digest}:"


def test_ranges(client):
    whole = client.get(f"/downloads/{LATEST}/trialgraph.nq.gz")
    part = client.get(f"/downloads/{LATEST}/trialgraph.nq.gz", headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.data) == (206, whole.data[10:20])
    assert part.headers["Content-Range"] == f"bytes 10-19/{len(whole.data)}"
    changed = {"Range": "bytes=10-19", "If-Range": '"something else"'}
    assert client.get(f"/downloads/{LATEST}/trialgraph.nq.gz", headers=changed).status_code == 200
    assert "Content-Encoding" not in whole.headers


def test_latest_leads_to_what_is_served_now(client):
    answer = client.get("/downloads/latest/trialgraph.ttl.gz")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/downloads/{LATEST}/trialgraph.ttl.gz")
    assert client.get("/downloads/latest/").headers["Location"] == f"/downloads/{LATEST}/"


def test_older_releases_stay(client):
    page = client.get("/downloads/").text
    assert page.index(f'id="release-{LATEST}"') < page.index(f'id="release-{FIRST}"')
    assert "Changes against the release before" in client.get(f"/downloads/{LATEST}/").text
    assert client.head(f"/downloads/{FIRST}/trialgraph.nt.gz").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/downloads/2020-01-01/", f"/downloads/{LATEST}/nothing.ttl", f"/downloads/{LATEST}/store",
        f"/downloads/{LATEST}/..%2f..%2fcurrent", f"/downloads/{LATEST}/%2fetc%2fpasswd",
        "/downloads/../../etc/passwd",
        f"/downloads/{LATEST}/index.json", "/downloads/%2e%2e/manifest.json",
    ],
)  # fmt: skip
def test_only_what_is_listed_is_given(client, path):
    assert client.get(path).status_code == 404


# ---- fixed addresses ----


@pytest.mark.parametrize(
    ("accept", "kind"),
    [("text/turtle", "text/turtle"), ("application/rdf+xml", "application/rdf+xml"), ("text/html", "text/turtle")],
)
@pytest.mark.parametrize("path", ["/.well-known/void", "/void", "/sparql/.well-known/void"])
def test_the_description_of_the_dataset(client, path, accept, kind):
    answer = client.get(path, headers={"Accept": accept})
    assert (answer.status_code, answer.mimetype) == (200, kind)
    format_ = ox.RdfFormat.from_media_type(kind)
    subjects = {
        str(quad.subject)
        for quad in ox.parse(answer.data, format_)
        if str(quad.object) == "<http://rdfs.org/ns/void#Dataset>"
    }
    assert subjects


def test_what_the_description_says_can_be_downloaded_can_be(client):
    download = "<http://www.w3.org/ns/dcat#downloadURL>"
    quads = list(ox.parse(client.get("/void.nt").data, ox.RdfFormat.N_TRIPLES))
    addresses = [str(quad.object).strip("<>") for quad in quads if str(quad.predicate) == download]
    assert len(addresses) > 10
    for address in addresses:
        path = "/downloads/" + address.partition("/downloads/")[2]
        assert client.head(path).status_code == 200, path


def test_the_change_set_is_a_document_that_the_page_links_and_the_description_repeats(client, parse):
    address = f"/downloads/{LATEST}/changes.ttl"
    assert address in parse(client.get("/downloads/").text).all("a", "href")
    # The file stays as it was made, with its checksum; the description names the server that gives it.
    text = client.get(address).data.replace(DEFAULT_SITE.encode(), b"http://localhost")
    said = {str(quad.triple) for quad in ox.parse(text, ox.RdfFormat.TURTLE)}
    described = {str(quad.triple) for quad in ox.parse(client.get("/void.nt").data, ox.RdfFormat.N_TRIPLES)}
    assert said
    assert said < described
    files = re.findall(r"/downloads/[^>]+\.nq\.gz", " ".join(said))
    assert {name.rsplit("/", 1)[-1] for name in files} == {"added.nq.gz", "removed.nq.gz"}
    removed = gzip.decompress(client.get(next(name for name in files if "removed" in name)).data)
    assert b"NCT90000003" in removed


def test_every_name_of_ours_leads_somewhere(client):
    """Each IRI below our base that the graph of examples or the description uses as a name can be looked up."""
    base = "https://w3id.org/trialgraph"
    quads = list(ox.parse(client.get("/void.nt").data, ox.RdfFormat.N_TRIPLES))
    quads += list(ox.parse(client.get("/.well-known/sparql-examples?format=nt").data, ox.RdfFormat.N_TRIPLES))
    names = {str(term).strip("<>").partition("#")[0] for quad in quads for term in (quad.subject, quad.object)}
    paths = sorted({name[len(base) :] for name in names if name.startswith(base + "/")})
    kinds = {path.split("/")[1] for path in paths}
    assert {"id", "graph", "ontology", ".well-known", "sparql"} <= kinds
    for kind in kinds:
        of_kind = [path for path in paths if path.split("/")[1] == kind]
        for path in of_kind[:: max(1, len(of_kind) // 20)]:
            answer = client.get(path, headers={"Accept": "text/turtle"})
            assert answer.status_code in (200, 303), path


def test_contexts(client):
    said = client.get("/prefixes.jsonld")
    assert said.mimetype == "application/ld+json"
    assert Converter.from_jsonld(json.loads(said.data)).expand("tg:arm") == "https://w3id.org/trialgraph/ontology#arm"
    assert json.loads(client.get("/context.jsonld").data)["@context"]["Arm"] == "tg:Arm"


def test_robots_and_sitemaps(client):
    robots = client.get("/robots.txt").text
    assert "Disallow: /sparql?" in robots
    assert robots.rstrip().endswith("Sitemap: http://localhost/sitemap.xml")
    space = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    index = ET.fromstring(client.get("/sitemap.xml").data)  # noqa: S314 - our own
    maps = [found.text for found in index.iter(space + "loc")]
    texts = [client.get(address.removeprefix("http://localhost")).data for address in maps]
    pages = [found.text for text in texts for found in ET.fromstring(text).iter(space + "loc")]  # noqa: S314 - our own
    assert {"http://localhost/page/NCT06095583", "http://localhost/page/drug/tifcemalimab"} <= set(pages)
    assert len(pages) == len(set(pages))
    for address in pages:
        assert client.head(address.removeprefix("http://localhost")).status_code == 200, address
    assert client.get("/sitemap/Trial-2.xml").status_code == 404


# ---- tables ----


def test_tables_are_made_when_they_are_asked_for(client, root, tmp_path):
    made = {path.name: path.read_bytes() for path in dump_tables(open_release(root), tmp_path)}
    listed = json.loads(client.get(f"/downloads/{LATEST}/tables/").data)
    names = {address.rsplit("/", 1)[-1] for table in listed["tables"] for address in table["files"]}
    assert names | {"croissant.json", "tables.r2rml.ttl"} == set(made)
    for name in sorted(made, key=lambda name: (name.endswith("json"), name)):
        answer = client.get(f"/downloads/{LATEST}/tables/{name}")
        assert answer.data == made[name], name
        assert answer.get_etag()[0] == hashlib.sha256(answer.data).hexdigest()
        again = client.get(f"/downloads/{LATEST}/tables/{name}", headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304
    page = client.get("/downloads/").text
    assert all(f"/downloads/{LATEST}/tables/{name}" in page for name in names)


def test_tables_are_those_of_the_release_that_is_served(client):
    assert (
        client.get("/downloads/latest/tables/trials.csv").headers["Location"].endswith(f"/{LATEST}/tables/trials.csv")
    )
    older = client.get(f"/downloads/{FIRST}/tables/trials.csv")
    assert older.status_code == 404
    assert "trialgraph dump --format tables" in older.text
    for name in ("none.csv", "..%2fmanifest.json", "trials.csv.part"):
        assert client.get(f"/downloads/{LATEST}/tables/{name}").status_code == 404


def test_a_table_that_fails_is_not_kept_in_part(app, client, monkeypatch):
    app.extensions.pop("trialgraph.tables", None)

    def fails(*_):
        raise QueryTimeout(60)

    with monkeypatch.context() as patched:
        patched.setattr(Asking, "rows", fails)
        answer = client.get(f"/downloads/{LATEST}/tables/arms.csv")
        assert answer.status_code == 503
        assert "trialgraph dump --format tables" in answer.text
    assert client.get(f"/downloads/{LATEST}/tables/arms.csv").text.count("NCT06095583") >= 3


def test_each_table_is_described(client):
    query = """PREFIX dcat: <http://www.w3.org/ns/dcat#> SELECT ?file {
        ?table a dcat:Distribution ; dcat:downloadURL ?file ; dcat:accessService/dcat:endpointURL ?folder ; dcat:mediaType <https://www.iana.org/assignments/media-types/text/csv> }"""
    rows = json.loads(client.get("/sparql", query_string={"query": query, "format": "json"}).data)["results"][
        "bindings"
    ]
    files = {row["file"]["value"] for row in rows if f"/{LATEST}/" in row["file"]["value"]}
    assert len(files) == len(TABLES)
    assert client.get(re.sub(r"^\w+://[^/]*", "", min(files))).status_code == 200
