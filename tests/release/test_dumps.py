"""Dumps: the same triples in every format, for every reader, in the same bytes every time."""

import gzip
import hashlib
import subprocess
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from trialgraph import formats, terms
from trialgraph.release.checksums import write_checksums
from trialgraph.release.dump_policy import LARGE, SMALL, DumpPolicy
from trialgraph.release.dump_writer import DumpFile, DumpWriter
from trialgraph.syntaxes import rdfxml, turtle
from trialgraph.syntaxes.conversion import convert, read_quads
from trialgraph.syntaxes.subject_groups import Passage, Pieces
from trialgraph.syntaxes.syntax_table import SYNTAXES
from trialgraph.vocabulary import PREFIXES, RESOURCE, Graph

XSD = terms.XSD
TRIAL = f"<{RESOURCE}NCT00000001>"
LABEL = terms.RDFS_LABEL
P = "<https://w3id.org/trialgraph/ontology#p>"

# One awkward triple a line: what syntaxes get wrong.
AWKWARD = [
    (TRIAL, terms.RDF_TYPE, "<https://w3id.org/trialgraph/ontology#Trial>"),
    (TRIAL, LABEL, terms.language("A study of “tifcemalimab” & others", "en-GB")),
    (TRIAL, P, terms.string("two\nlines\r\nand\ta \"quote\", \\n as text, ''' and \\")),
    (TRIAL, P, terms.string('""" ends with a quote"')),
    (TRIAL, P, terms.string("")),
    (TRIAL, P, terms.string(" .\n ")),
    (TRIAL, P, terms.string("日本語 𝔘 é \u0085 \u2028 \x7f <b>&amp;</b> ]]>")),
    (TRIAL, P, terms.integer(-5)),
    (TRIAL, P, terms.typed("007", XSD + "integer")),
    (TRIAL, P, terms.typed("10.50", XSD + "decimal")),
    (TRIAL, P, terms.typed("5", XSD + "decimal")),
    (TRIAL, P, terms.typed("123456789012345678901234567890", XSD + "integer")),
    (TRIAL, P, terms.typed("1.0E3", XSD + "double")),
    (TRIAL, P, terms.TRUE),
    (TRIAL, P, terms.typed("1", XSD + "boolean")),
    (TRIAL, P, terms.typed("2024-06", XSD + "gYearMonth")),
    (TRIAL, P, terms.typed("mg/m2", "https://example.org/ucum?a=b&c=d")),
    (TRIAL, "<http://purl.obolibrary.org/obo/CTO_0000220>", f"<{RESOURCE}NCT00000001/arm/1>"),
    (TRIAL, P, "<http://purl.obolibrary.org/obo/MONDO_0004992>"),
    (TRIAL, P, f"<{RESOURCE}drug/..>"),
    (TRIAL, P, f"<{RESOURCE}a:b/c>"),
    (TRIAL, P, f"<{RESOURCE}>"),
    (TRIAL, P, f"<{RESOURCE}drug//x/>"),
    (TRIAL, P, f"<{RESOURCE}drug/a%2Fb,_(c)'!;:@>"),
    (TRIAL, P, "<https://w3id.org/trialgraph/ontology#>"),
    (TRIAL, P, "<https://w3id.org/trialgraph/ontology#a.>"),
    (TRIAL, P, "<https://example.org/é?q=1&r=2#f>"),
    (TRIAL, P, "<urn:uuid:0>"),
    (TRIAL, P, "<mailto:a@example.org>"),
    (TRIAL, "<https://example.org/ns/p-1.2>", "<https://schema.org/Drug>"),
    (TRIAL, "<http://www.w3.org/1999/02/22-rdf-syntax-ns#_1>", terms.string("first")),
    ("<https://example.org/other>", P, TRIAL),
]  # fmt: skip
LINES = "".join(terms.line(triple) for triple in AWKWARD).encode()

GRAPHS = {
    Graph.SEED: AWKWARD,
    Graph.LINKS: [(TRIAL, P, "<urn:uuid:1>"), AWKWARD[0]],
    "https://example.org/g/": AWKWARD[:1],
}


def read(text: bytes, format_: formats.RdfFormat) -> set[tuple[terms.Triple, str | None]]:
    return set(terms.parse(text, format_.oxigraph))


def whole(text: bytes, format_: formats.RdfFormat, graph: str | None = None) -> bytes:
    syntax = SYNTAXES[format_.name]
    block, left_out = syntax.block(Passage(text), graph)
    return syntax.opening(PREFIXES) + block + syntax.closing(left_out)


@pytest.mark.parametrize("format_", formats.RDF_FORMATS, ids=lambda f: f.name)
def test_every_format_gives_back_what_is_awkward(format_):
    graph = Graph.SEED if format_.holds_named_graphs else None
    expected = {(triple, f"<{graph}>" if graph else None) for triple in AWKWARD}
    assert read(whole(LINES, format_, graph), format_) == expected


starts = st.sampled_from([*sorted(PREFIXES.values()), "https://example.org/"])
endings = st.from_regex(r"([A-Za-z0-9_~.,:;()/?&'-]|%2F){0,8}[A-Za-z_]", fullmatch=True)
iris = st.builds("<{}{}>".format, starts, endings)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
numbers = st.from_regex(r"[+-]?[0-9]{0,3}\.?[0-9]{0,3}|true|false", fullmatch=True)
datatypes = st.sampled_from([XSD + name for name in ("integer", "decimal", "boolean", "date")])
literals = st.one_of(
    texts.map(terms.string),
    texts.map(lambda text: terms.language(text, "en")),
    st.builds(terms.typed, texts | numbers, datatypes),
)
triples = st.lists(st.tuples(iris, iris, iris | literals), min_size=1, max_size=6)


@pytest.mark.parametrize("format_", formats.RDF_FORMATS, ids=lambda f: f.name)
@given(triples)
@settings(max_examples=60, deadline=None)
def test_every_format_gives_back_what_it_was_given(format_, given_triples):
    graph = Graph.SEED if format_.holds_named_graphs else None
    distinct = sorted(set(given_triples))
    text = "".join(map(terms.line, distinct)).encode()
    back = {triple for triple, _ in read(whole(text, format_, graph), format_)}
    left_out = SYNTAXES[format_.name].block(Passage(text), graph)[1]
    assert back <= set(distinct)
    assert len(back) + left_out == len(distinct)
    if format_ not in (formats.RDF_XML, formats.JSON_LD):
        assert not left_out


def test_turtle_is_laid_out_for_people():
    text = turtle.block(Passage(LINES))
    assert text.startswith(
        '<NCT00000001>\n    a tg:Trial ;\n    rdfs:label "A study of “tifcemalimab” & others"@en-gb ;\n'
    )
    assert '"""two\nlines\\r\nand' in text
    assert "10.50" in text
    assert "cto:0000220 <NCT00000001/arm/1>" in text
    assert "mondo:0004992" in text


@pytest.mark.parametrize(
    ("triple", "why"),
    [
        ((TRIAL, P, terms.string("bell \x07")), "a control character"),
        ((TRIAL, P, terms.string("\ufffe")), "not a character of XML"),
        ((TRIAL, "<https://example.org/1>", TRIAL), "no name at the end"),
        ((TRIAL, "<https://example.org/p/>", TRIAL), "no name at the end"),
        ((TRIAL, "<http://www.w3.org/1999/02/22-rdf-syntax-ns#li>", TRIAL), "a name RDF/XML keeps"),
        ((TRIAL, "<http://www.w3.org/XML/1998/namespacelang>", TRIAL), "a namespace XML keeps"),
    ],
)
def test_rdf_xml_leaves_out_what_xml_cannot_hold_and_says_so(triple, why):
    text = (terms.line(triple) + terms.line((TRIAL, P, TRIAL))).encode()
    written = whole(text, formats.RDF_XML)
    assert read(written, formats.RDF_XML) == {((TRIAL, P, TRIAL), None)}, why
    assert b"<!-- 1 triple is not here" in written
    assert rdfxml.block(Passage(text))[1] == 1


def test_json_ld_leaves_out_what_would_be_read_as_another_iri():
    text = (
        terms.line(("<mesh:D1>", P, TRIAL))
        + terms.line((TRIAL, P, "<schema:x>"))
        + terms.line((TRIAL, "<tg:x>", TRIAL))
    ).encode()
    assert SYNTAXES["jsonld"].block(Passage(text), None) == (b"{}", 3)
    assert read(whole(text, formats.JSON_LD), formats.JSON_LD) == set()


def dump(folder: Path, policy: DumpPolicy = SMALL, **options) -> list[DumpFile]:
    folder.mkdir(parents=True, exist_ok=True)
    with DumpWriter(folder, policy, **options) as writer:
        for graph, given_triples in GRAPHS.items():
            writer.write(graph, "".join(map(terms.line, given_triples)).encode())
        return writer.finish()


def plain(file: DumpFile) -> bytes:
    content = file.path.read_bytes()
    if file.compression.name == "gzip":
        return gzip.decompress(content)
    return zstandard.ZstdDecompressor().stream_reader(content).read() if file.compression.name == "zstd" else content


def test_a_small_release_has_every_format_plain_and_compressed(tmp_path):
    files = {file.path.name: file for file in dump(tmp_path)}
    endings = {f.extension for f in formats.RDF_FORMATS}
    assert {f"trialgraph.{e}{c}" for e in endings for c in ("", ".gz", ".zst")} <= files.keys()
    assert {"trialgraph-seed.ttl", "trialgraph-links.rdf.gz", "trialgraph-g.nt.zst"} <= files.keys()
    assert sorted(files) == sorted(path.name for path in tmp_path.iterdir())
    for file in files.values():
        content = file.path.read_bytes()
        assert (file.bytes, file.sha256) == (len(content), hashlib.sha256(content).hexdigest())
        assert len(read(plain(file), file.format)) == file.triples, file.path.name
        assert file.left_out == 0


def test_compressed_dumps_hold_the_same_text_as_the_plain_one(tmp_path):
    by_text: dict[tuple[str | None, str], set[bytes]] = {}
    for file in dump(tmp_path):
        by_text.setdefault((file.graph, file.format.name), set()).add(plain(file))
    assert all(len(texts_) == 1 for texts_ in by_text.values())


def test_the_union_holds_each_triple_once(tmp_path):
    distinct = {triple for given_triples in GRAPHS.values() for triple in given_triples}
    for file in dump(tmp_path):
        if file.graph is None:
            expected = len(distinct) if not file.format.holds_named_graphs else sum(map(len, GRAPHS.values()))
            assert file.triples == expected


def test_the_same_bytes_however_the_text_comes_and_whoever_writes(tmp_path):
    text = "".join(
        terms.line((f"<{RESOURCE}NCT{n:08}>", P, terms.integer(m))) for n in range(60) for m in range(9)
    ).encode()
    lines = text.splitlines(keepends=True)
    digests = []
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        for name, step, executor in (("a", 1, None), ("b", 7, None), ("c", len(lines), pool)):
            (tmp_path / name).mkdir()
            with DumpWriter(tmp_path / name, SMALL, executor=executor, piece_bytes=5000) as writer:
                for start in range(0, len(lines), step):
                    writer.write(Graph.REGISTRY, b"".join(lines[start : start + step]))
                digests.append([(file.path.name, file.sha256) for file in writer.finish()])
    assert digests[0] == digests[1] == digests[2]
    assert len(read((tmp_path / "c" / "trialgraph.jsonld").read_bytes(), formats.JSON_LD)) == len(lines)


def test_gzip_dumps_say_nothing_of_when_and_where_and_are_one_member(tmp_path):
    for file in dump(tmp_path, DumpPolicy.parse("nq.gz", ""), piece_bytes=200):
        content = file.path.read_bytes()
        assert content[:10] == b"\x1f\x8b\x08\0\0\0\0\0\0\xff"
        assert subprocess.run(["gzip", "-dc", file.path], check=True, capture_output=True).stdout == plain(file)


@given(st.lists(st.integers(0, 5), min_size=1, max_size=40), st.integers(1, 200), st.integers(1, 9))
def test_pieces_are_cut_between_subjects_whatever_the_portions(numbers, size, step):
    lines = [f"<urn:{number}> <urn:p> <urn:o> .\n".encode() for number in sorted(numbers)]
    whole_text = Pieces(size)
    at_once = [*whole_text.add(b"".join(lines)), whole_text.rest()]
    portions = Pieces(size)
    in_portions = [
        piece for start in range(0, len(lines), step) for piece in portions.add(b"".join(lines[start : start + step]))
    ]
    assert [*in_portions, portions.rest()] == at_once
    assert b"".join(at_once) == b"".join(lines)
    owners = [{line.split()[0] for line in piece.splitlines()} for piece in at_once]
    assert sum(map(len, owners)) == len(set(numbers))


def test_an_empty_release_gives_files_that_parse(tmp_path):
    with DumpWriter(tmp_path, SMALL) as writer:
        files = writer.finish()
    assert len(files) == 18
    for file in files:
        assert read(plain(file), file.format) == set()


def test_a_large_release_keeps_no_set_of_triples():
    assert {kind.extension for kind in LARGE.whole} == {"nq.gz", "nq.zst"}
    assert all(kind.format.holds_named_graphs for kind in LARGE.whole)
    assert DumpPolicy.for_size(10, graphs="nt") == DumpPolicy(SMALL.whole, DumpPolicy.parse("", "nt").graphs)


@pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")  # its parsers use what it calls deprecated
@pytest.mark.parametrize("format_", formats.RDF_FORMATS, ids=lambda f: f.name)
def test_rdflib_finds_the_same_number(tmp_path, format_, monkeypatch):
    monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", False)
    file = next(f for f in dump(tmp_path) if f.graph is None and f.format == format_ and f.compression.name == "none")
    dataset = rdflib.Dataset()
    dataset.parse(
        data=file.path.read_bytes(),
        format={"jsonld": "json-ld", "ntriples": "nt", "rdfxml": "xml"}.get(format_.name, format_.name),
    )
    assert sum(1 for _ in dataset.quads()) == file.triples


RAPTOR = {"turtle": "turtle", "ntriples": "ntriples", "nquads": "nquads", "trig": "trig", "rdfxml": "rdfxml"}


@pytest.mark.parametrize("name", RAPTOR)
def test_raptor_finds_the_same_number(tmp_path, name):
    try:
        subprocess.run(["rapper", "--version"], check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("Debian's raptor2-utils is not installed")
    for file in dump(tmp_path):
        if file.format.name == name and file.compression.name == "none":
            told = subprocess.run(
                ["rapper", "-c", "-i", RAPTOR[name], file.path], check=True, capture_output=True, text=True
            )
            assert f"returned {file.triples} triple" in told.stderr, file.path.name
            assert "Warning" not in told.stderr


@pytest.mark.parametrize("ending", ["", ".gz", ".zst"])
def test_what_is_made_from_the_quads_is_what_the_dump_of_the_graph_holds(tmp_path, ending):
    files = {file.path.name: file for file in dump(tmp_path)}
    quads = list(read_quads(tmp_path / f"trialgraph.nq{ending}"))
    for name, graph in (("seed", Graph.SEED), ("links", Graph.LINKS)):
        of_graph = [portion for portion in quads if portion[0] == graph]
        for format_ in (formats.TURTLE, formats.N_TRIPLES, formats.RDF_XML, formats.JSON_LD):
            made = b"".join(convert(of_graph, format_, union=True))
            assert made == files[f"trialgraph-{name}.{format_.extension}"].path.read_bytes()
    for format_ in (formats.TRIG, formats.N_QUADS, formats.JSON_LD):
        assert b"".join(convert(quads, format_)) == files[f"trialgraph.{format_.extension}"].path.read_bytes()


def test_quads_of_others_are_refused(tmp_path):
    (tmp_path / "a.nq").write_bytes(b'<urn:s> <urn:p> "o" .\n')
    with pytest.raises(ValueError, match="not a line of our N-Quads dumps"):
        list(read_quads(tmp_path / "a.nq"))


def test_the_checksums_are_those_that_sha256sum_checks(tmp_path):
    listing = write_checksums(tmp_path, dump(tmp_path))
    subprocess.run(["sha256sum", "--check", "--strict", "--quiet", listing.name], cwd=tmp_path, check=True)


def test_what_pyoxigraph_reads_is_isomorphic(tmp_path):
    files = {f.path.name: f for f in dump(tmp_path)}
    datasets = []
    for name in ("trialgraph.ttl", "trialgraph.rdf", "trialgraph.nt"):
        dataset = ox.Dataset(ox.parse(files[name].path.read_bytes(), files[name].format.oxigraph))
        dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
        datasets.append(dataset)
    assert datasets[0] == datasets[1] == datasets[2]
