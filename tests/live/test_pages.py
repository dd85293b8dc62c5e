"""The site as foreign programs see it: a Signposting parser, a browser, and the snippets of its own pages."""

import html
import os
import re
import shutil
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

import pytest
import rdflib
import signposting
from tests import curated

from trialgraph.formats import RDF_FORMATS
from trialgraph.pipeline import BuildOptions, build
from trialgraph.settings import packaged
from trialgraph.vocabulary import RESOURCE

pytestmark = pytest.mark.live

TOP = Path(__file__).resolve().parents[2]
TRIAL = "NCT06095583"
BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SWITCHES = """--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking
    --disable-component-update --disable-sync --disable-dev-shm-usage --enable-logging=stderr --dump-dom""".split()


@pytest.fixture(scope="module")
def site(serve, tmp_path_factory):
    """The curated data and a record full of mischief, served."""
    root = tmp_path_factory.mktemp("release")
    folders = {name: packaged(name) for name in ("data", "ontology", "shapes")}
    records = [curated.HERE / "cases" / "web" / "hostile.json"]
    build(
        BuildOptions(
            **folders, root=root, issued=date(2026, 1, 2), records=records, validate=False, optimize=False, workers=1
        )
    )
    return serve(root)


def targets(links, relation):
    return [link.target for link in links.signposts if str(link.rel) == relation]


# ---- Signposting ----


def test_the_page_of_a_trial_is_signposted(site):
    links = signposting.find_signposting_http(f"{site.url}/page/{TRIAL}")
    assert [link.target for link in [links.citeAs]] == [RESOURCE + TRIAL]
    assert links.license.target == "https://spdx.org/licenses/CC0-1.0"
    assert {"https://schema.org/AboutPage", "https://schema.org/MedicalTrial"} == {t.target for t in links.types}
    assert {link.target for link in links.authors} == {site.url + "/"}
    described = {str(link.type): link.target for link in links.describedBy}
    assert described["text/turtle"] == f"{site.url}/data/{TRIAL}.ttl"
    for kind, address in described.items():
        assert site.client.get(address).headers["Content-Type"].startswith(kind)


def test_the_name_leads_to_a_page_that_cites_it(site):
    address = f"{site.url}/id/{TRIAL}"
    answer = site.client.get(address, headers={"Accept": "text/html"}, follow_redirects=True)
    assert signposting.find_signposting_http(str(answer.url)).citeAs.target == RESOURCE + TRIAL


def test_the_links_are_a_document_of_their_own(site):
    page = signposting.find_signposting_http(f"{site.url}/page/{TRIAL}")
    (linkset,) = [link.target for link in page.linksets]
    found = signposting.find_signposting_linkset(linkset)
    anchored = {}
    for link in found.signposts:
        anchored.setdefault(str(link.context), []).append(link)
    assert f"{site.url}/page/{TRIAL}" in anchored
    described = [x for x in anchored[f"{site.url}/page/{TRIAL}"] if str(x.rel) == "describedby"]
    assert len(described) == len(RDF_FORMATS)


@pytest.mark.parametrize("path", ["/", "/downloads/"])
def test_the_dataset_is_signposted(site, path):
    links = signposting.find_signposting_http(site.url + path)
    assert links.citeAs.target == "https://w3id.org/trialgraph"
    assert "https://schema.org/Dataset" in {link.target for link in links.types}
    assert links.describedBy
    for item in links.items:
        assert site.client.head(item.target, follow_redirects=True).status_code == 200


def test_a_file_belongs_to_the_collection(site):
    links = signposting.find_signposting_http(f"{site.url}/downloads/2026-01-02/trialgraph.ttl.gz")
    assert links.collection.target == f"{site.url}/downloads/"


# ---- parsers of others ----

TURTLE = [f"/data/{TRIAL}.ttl", "/void.ttl", "/ontology.ttl", "/sparql", "/downloads/latest/trialgraph-seed.ttl"]


@pytest.mark.parametrize("path", TURTLE)
def test_rdflib_and_raptor_read_the_same_from_the_server(site, path):
    if shutil.which("rapper") is None:
        pytest.skip("no rapper here")
    answer = site.get(path, headers={"Accept": "text/turtle"}, follow_redirects=True)
    assert answer.headers["Content-Type"].startswith("text/turtle")
    command = ["rapper", "--quiet", "--input", "turtle", "--output", "ntriples", "-", str(answer.url)]
    read = subprocess.run(command, input=answer.content, capture_output=True, check=True)
    lines = {line for line in read.stdout.splitlines() if line}
    assert len(lines) == len(rdflib.Graph().parse(data=answer.content, format="turtle", publicID=str(answer.url)))
    assert lines


# ---- a browser ----


def seen(address):
    """Return the page as the browser has it after loading, and what it wrote to its console."""
    with tempfile.TemporaryDirectory() as profile:
        command = [BROWSER, *SWITCHES, f"--user-data-dir={profile}", address]
        run = subprocess.run(command, capture_output=True, text=True, timeout=90, check=True)
    return run.stdout, [line for line in run.stderr.splitlines() if "CONSOLE" in line]


@pytest.mark.skipif(BROWSER is None, reason="no Chromium here")
@pytest.mark.parametrize("path", [f"/page/{TRIAL}", "/page/NCT90000066"])
def test_a_browser_shows_a_trial_without_complaint(site, path):
    page, console = seen(site.url + path)
    assert console == []
    assert "<h1>" in page
    assert re.search("<h2>Arms( and doses)?<", page)
    scripts = re.findall(r"<script([^>]*)>", page)
    assert all("application/ld+json" in attributes for attributes in scripts)
    assert not re.search(r"<[^>]+\son(error|load|mouseover)=", page)


# ---- what the site tells people to type ----


def snippets(text, kind):
    found = re.findall(rf'<pre data-run="{kind}"><code>(.*?)</code></pre>', text, re.DOTALL)
    return [html.unescape(code) for code in found]


def python_with(library):
    """Return a Python that has a library: this one, or that of the environment that `make kgx` sets up."""
    apart = TOP / ".kgx" / "bin" / "python"
    candidates = [sys.executable, str(apart)] if apart.exists() else [sys.executable]
    finds = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({library!r}) is None)"
    return next(
        (python for python in candidates if subprocess.run([python, "-c", finds], check=False).returncode == 0), None
    )


def command(kind, code):
    """Return what runs a snippet, or why nothing here can."""
    bash = ["bash", "-euo", "pipefail", "-c"]
    programs = {"node": "node", "r": "Rscript", "oxigraph": "curl", "shell": "curl"}
    if kind in programs and shutil.which(programs[kind]) is None:
        return f"no {programs[kind]} here"
    if kind in ("python", "pandas", "duckdb"):
        python = sys.executable if kind == "python" else python_with(kind)
        return [python, "-W", "ignore", "-c", code] if python else f"no {kind} here"
    if kind == "node":
        return ["node", "-e", f"(async () => {{ {code} }})()"]
    return ["Rscript", "-e", code] if kind == "r" else [*bash, code]


@pytest.mark.parametrize(
    ("kind", "count", "says"),
    [
        ("shell", 3, "tifcemalimab"),
        ("python", 3, ""),
        ("pandas", 2, "NCT06095583"),
        ("duckdb", 1, "NCT06095583"),
        ("r", 1, "NCT06095583"),
        ("node", 1, "mg"),
        ("oxigraph", 1, ""),
    ],
)
def test_the_snippets_of_the_page_run(site, tmp_path, kind, count, says):
    found = snippets(site.get("/use-it-from").text, kind)
    assert len(found) == count
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    for code in found:
        runs = command(kind, code)
        if isinstance(runs, str):
            pytest.skip(runs)
        run = subprocess.run(
            runs, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False
        )
        assert run.returncode == 0, run.stdout + run.stderr
        assert says in run.stdout
        assert (run.stdout + run.stderr).strip(), code
        assert "None" not in run.stdout


def test_every_snippet_is_run_but_those_for_stores_that_cannot_be_installed_here(site):
    page = site.get("/use-it-from").text
    untested = re.findall(r"<pre><code>(.*?)</code></pre>", page, re.DOTALL)
    # Debian's Jena 4.5 does not start; Virtuoso's loading is run by the tests of remote engines.
    assert {re.split(r"[ (]", html.unescape(code).strip())[0] for code in untested} == {
        "curl", "oxigraph", "fuseki-server", "PREFIX", "trialgraph",
    }  # fmt: skip
