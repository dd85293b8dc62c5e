"""Dumps of a release too large for every format: made on demand, read by three parsers, equal to what was built."""

import gzip
import os
import shutil
import subprocess
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import IO, Any

import pyoxigraph as ox
import pytest
import rdflib
from tests.building import quick_build, record, write_records
from tests.made_records import PATH as MADE_RECORDS

from trialgraph.formats import N_QUADS, RDF_FORMATS, TRIG, RdfFormat
from trialgraph.release.dump_policy import LARGE
from trialgraph.release.export import dump
from trialgraph.store import Release, open_release
from trialgraph.vocabulary import RESOURCE, Graph

RECORDS = Path(__file__).parents[3] / "shared" / "records" / "ctgov-v2.jsonl.gz"
EVERY = "DUMP_EVERY_RECORD" in os.environ
"""Six minutes instead of ten seconds: all real records instead of every fortieth."""
# Texts that hold what looks like the end of a line, a graph's name, a prefix, markup or an escape.
TEXTS = [
    "ratio (2, 4)) < 2020",
    "a <https://w3id.org/trialgraph/graph/seed> .",
    "a <b> .\n<urn:s> <urn:p> <urn:o> <urn:g> .\n",
    '" <https://w3id.org/trialgraph/graph/links> .',
    "ends with a backslash \\",
    'ends with a quote "',
    '\\" <urn:g> .',
    "x < y > z <",
    "> .",
    "@prefix tg: <urn:x> .\n",
    "]]> &amp; <!-- <rdf:RDF> -->",
    '"""\n"""',
    '"nodeID://b1"',
    "<<( not a triple )>>",
    "日本語 \u2028 \u0085 é",
]
RAPTOR = ("turtle", "ntriples", "nquads", "trig", "rdfxml")
RDFLIB = {"jsonld": "json-ld", "ntriples": "nt", "rdfxml": "xml"}


@pytest.fixture(scope="module")
def release(tmp_path_factory) -> Release:
    folder = tmp_path_factory.mktemp("texts")
    odd = [record(number, briefTitle=text) for number, text in enumerate(TEXTS, 1)]
    quick_build(folder, folder / "release", write_records(folder / "r.jsonl", odd), MADE_RECORDS, policy=LARGE)
    return open_release(folder / "release")


class Lines:
    """A file that keeps a hash of each line of N-Quads it is given, but of those with blank nodes: each reader
    labels these anew, and only the ontology has some."""

    def __init__(self) -> None:
        self.hashes: set[int] = set()
        self._rest = b""

    def write(self, text: bytes) -> int:
        *lines, self._rest = (self._rest + text).split(b"\n")
        self.hashes.update(hash(line) for line in lines if b"_:" not in line or not has_blank_node(line))
        return len(text)

    def flush(self) -> None:
        """Do nothing."""


def has_blank_node(line: bytes) -> bool:
    return line.startswith(b"_:") or line.split(b" ", 2)[2].startswith(b"_:")


def hashes(quads: Iterable[ox.Quad | ox.Triple]) -> set[int]:
    lines = Lines()
    output: Any = lines
    ox.serialize(quads, output, ox.RdfFormat.N_QUADS)
    return lines.hashes


def in_document(quads: list[ox.Quad], *, named: bool) -> set[int]:
    """Return what a document of one thing holds: each triple alone, and where there are graphs in its graph too."""
    return hashes(quad.triple for quad in quads) | (hashes(quads) if named else set())


def in_store(release: Release, format_: RdfFormat, graph: str | None = None) -> set[int]:
    """Return what a dump must hold, by the store, which has never seen a dump."""
    store = ox.Store.read_only(str(release.store))
    graphs = [graph] if graph else [entry["iri"] for entry in release.manifest["graphs"].values()]
    if not graph:  # the description tells of the dumps, so it is not in them
        graphs.remove(Graph.DESCRIPTION)
    quads = (quad for name in graphs for quad in store.quads_for_pattern(None, None, None, ox.NamedNode(name)))
    return hashes(quads if format_.holds_named_graphs else (quad.triple for quad in quads))


def by_oxigraph(source: bytes | IO[bytes], format_: RdfFormat) -> set[int]:
    return hashes(ox.parse(source, format_.oxigraph))


def by_raptor(path: Path, format_: RdfFormat) -> set[int]:
    written = "nquads" if format_.holds_named_graphs else "ntriples"
    command = ["rapper", "-q", "-i", format_.name, "-o", written, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        output: Any = process.stdout
        found = hashes(ox.parse(output, ox.RdfFormat.N_QUADS))
        told: Any = process.stderr
        assert told.read() == b""
    assert process.returncode == 0
    return found


def by_rdflib(content: bytes, format_: RdfFormat, *, named: bool) -> set[int]:
    graph = rdflib.Dataset() if named else rdflib.Graph()
    graph.parse(data=content, format=RDFLIB.get(format_.name, format_.name))
    return hashes(ox.parse(graph.serialize(format="nquads" if named else "nt").encode(), ox.RdfFormat.N_QUADS))


def made(release: Release, path: Path, format_: RdfFormat, *which: Any) -> Path:
    with path.open("wb") as file:
        file.writelines(dump(release, format_, *which))
    return path


every_format = pytest.mark.parametrize("format_", RDF_FORMATS, ids=lambda format_: format_.name)
every_graph = pytest.mark.parametrize("graph", [None, "registry"])
needs_raptor = pytest.mark.skipif(shutil.which("rapper") is None, reason="Debian's raptor2-utils is not installed")
needs_shared = pytest.mark.skipif(not RECORDS.is_file(), reason="the folder ../shared with real records is absent")
pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning:rdflib"
)  # its parsers use what it calls deprecated


@every_graph
@every_format
def test_texts_that_look_like_rdf_come_through(release, tmp_path, format_, graph, monkeypatch):
    monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", False)
    path = made(release, tmp_path / "d", format_, graph)
    expected = in_store(release, format_, Graph.REGISTRY if graph else None)
    assert len(expected) > len(TEXTS)
    assert by_oxigraph(path.read_bytes(), format_) == expected
    assert by_rdflib(path.read_bytes(), format_, named=format_.holds_named_graphs) == expected


@needs_raptor
@every_graph
@pytest.mark.parametrize("format_", [f for f in RDF_FORMATS if f.name in RAPTOR], ids=lambda format_: format_.name)
def test_raptor_reads_texts_that_look_like_rdf(release, tmp_path, format_, graph):
    path = made(release, tmp_path / "d", format_, graph)
    assert by_raptor(path, format_) == in_store(release, format_, Graph.REGISTRY if graph else None)


@every_format
def test_trials_with_texts_that_look_like_rdf_come_through(release, format_, monkeypatch):
    monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", False)
    names = [f"NCT{number:08}" for number in range(1, len(TEXTS) + 1)]
    content = b"".join(dump(release, format_, "registry", names))
    own = f"<{RESOURCE}NCT0000".encode()
    store = ox.Store.read_only(str(release.store))
    graph = ox.NamedNode(Graph.REGISTRY)
    quads = [q for q in store.quads_for_pattern(None, None, None, graph) if str(q.subject).encode().startswith(own)]
    named = format_ in (N_QUADS, TRIG)  # the JSON-LD of a resource is one tree
    expected = in_document(quads, named=named)
    assert expected
    assert by_oxigraph(content, format_) == expected
    assert by_rdflib(content, format_, named=named) == expected


@pytest.fixture(scope="module")
def real_release(tmp_path_factory) -> Release:
    folder = tmp_path_factory.mktemp("real")
    records = RECORDS
    if not EVERY:
        records = folder / "some.jsonl"
        with gzip.open(RECORDS, "rb") as file:
            records.write_bytes(b"".join(islice(file, 0, None, 40)))
    quick_build(folder, folder / "release", records, policy=LARGE, workers=2)
    return open_release(folder / "release")


@needs_shared
@pytest.mark.slow
@every_graph
@every_format
def test_real_records_come_through(real_release, tmp_path, format_, graph):
    path = made(real_release, tmp_path / "d", format_, graph)
    expected = in_store(real_release, format_, Graph.REGISTRY if graph else None)
    with path.open("rb") as file:
        assert by_oxigraph(file, format_) == expected
    if format_.name in RAPTOR and shutil.which("rapper"):
        assert by_raptor(path, format_) == expected


@needs_shared
@pytest.mark.slow
@every_format
def test_real_trials_come_through(real_release, format_, monkeypatch):
    monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", False)
    store = ox.Store.read_only(str(real_release.store))
    graph = ox.NamedNode(Graph.REGISTRY)
    subjects = {q.subject.value for q in store.quads_for_pattern(None, None, None, graph)}
    name = min(subject.removeprefix(RESOURCE) for subject in subjects if subject.startswith(RESOURCE + "NCT"))
    own = f"{RESOURCE}{name}"
    quads = [
        q
        for q in store.quads_for_pattern(None, None, None, graph)
        if q.subject.value == own or q.subject.value.startswith(f"{own}/")
    ]
    named = format_ in (N_QUADS, TRIG)
    expected = in_document(quads, named=named)
    content = b"".join(dump(real_release, format_, "registry", [name]))
    assert by_oxigraph(content, format_) == expected
    assert by_rdflib(content, format_, named=named) == expected
