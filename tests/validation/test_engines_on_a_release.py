"""A release in three engines: every graph against the part of the shapes that holds for it, the ontology beside it.

Ours, pyrudof and pySHACL share no code. The engines are given what anybody has who follows the manifest at `/shapes`:
the files of a part, and a graph with the ontology merged in; no target of a part falls on what the ontology says.
"""

import gzip
import json
import shutil
from collections import Counter

import pyrudof
import pyshacl
import pytest
from rdflib import Graph, Namespace
from tests import curated
from tests.building import ISSUED, POLICY
from tests.validation import records

from trialgraph import terms
from trialgraph.formats import N_TRIPLES
from trialgraph.linking.label_index import INDEX_FILE
from trialgraph.pipeline import BuildOptions, build
from trialgraph.release.export import dump
from trialgraph.settings import packaged
from trialgraph.syntaxes.subject_groups import triples_in
from trialgraph.validation import compile_shapes, read_shapes
from trialgraph.vocabulary import GRAPHS
from trialgraph.web.vocabulary.shape_files import PARTS

SH = Namespace("http://www.w3.org/ns/shacl#")
EVERY = 23
"""Every so-manieth real record: 62 of them."""
SLOW_IN_PYSHACL = ("curated",)
"""A minute for its hundred rules in SPARQL; `test_shapes` holds that graph against pySHACL."""


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    """A release of real records, or of those of our questions where the real ones are not there; linked and read."""
    folder = tmp_path_factory.mktemp("engines")
    given = folder / "records.jsonl"
    if records.RECORDS.is_file():
        lines = gzip.decompress(records.RECORDS.read_bytes()).splitlines(keepends=True)[::EVERY]
        assert len(lines) >= 60
    else:
        paths = sorted((curated.HERE / "questions").glob("*records.json"))
        lines = [
            json.dumps(record).encode() + b"\n" for path in paths for record in json.loads(path.read_text("utf-8"))
        ]
    given.write_bytes(b"".join(lines))
    (folder / "vocabularies").mkdir()
    shutil.copy(curated.small_index(folder), folder / "vocabularies" / INDEX_FILE)
    folders = {name: packaged(name) for name in ("data", "ontology", "shapes")}
    how = {"vocabularies": folder / "vocabularies", "policy": POLICY, "optimize": False}
    return build(BuildOptions(**folders, root=folder / "root", issued=ISSUED, records=[given], **how)).release


def triples_of(release, name):
    return list(triples_in(b"".join(dump(release, N_TRIPLES, name)).decode()))


def result(focus, component, severity):
    return focus.strip("<>"), component.strip("<>").rpartition("#")[2], str(severity).strip("<>").rpartition("#")[2]


def in_ours(part, triples, ontology):
    checker = compile_shapes(read_shapes(*part.files()), background=ontology, sparql="separate")
    return Counter(result(each.focus_node, each.component, each.severity) for each in checker.check(triples))


def in_pyrudof(text, lines):
    engine = pyrudof.Rudof(pyrudof.RudofConfig())
    engine.read_shacl(text, pyrudof.ShaclFormat.Turtle)
    engine.read_data(lines, pyrudof.RDFFormat.NTriples, merge=False)
    found = engine.validate_shacl()
    return Counter(result(each.focus_node, each.constraint_component, each.severity) for each in found)


def in_pyshacl(text, lines):
    shapes, data = Graph().parse(data=text, format="turtle"), Graph().parse(data=lines, format="nt")
    _, report, _ = pyshacl.validate(data, shacl_graph=shapes)
    parts = (SH.focusNode, SH.sourceConstraintComponent, SH.resultSeverity)
    return Counter(
        result(*(str(report.value(each, part)) for part in parts)) for each in report.subjects(SH.resultSeverity)
    )


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:NotImplemented should not be used:DeprecationWarning")  # rdflib, comparing dates
@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_three_engines_find_the_same_in_a_release(release, part):
    names = {iri: name for name, iri in GRAPHS.items()}
    held = [names[graph] for graph in part.graphs if names[graph] in release.manifest["graphs"]]
    triples = [triple for name in held for triple in triples_of(release, name)]
    ontology = triples_of(release, "ontology")
    assert triples
    text = "\n".join(path.read_text("utf-8") for path in part.files())
    lines = "".join(map(terms.line, [*triples, *ontology]))
    found = in_ours(part, triples, ontology)
    assert in_pyrudof(text, lines) == found
    if part.name not in SLOW_IN_PYSHACL:
        assert in_pyshacl(text, lines) == found
    assert not [each for each in found if each[2] == "Violation"]
