"""Links are held against their shapes: those that linking makes conform, and each fault is told, in files and in builds."""

import json

import pytest
from tests import curated

from trialgraph import terms
from trialgraph.linking.label_index import LabelIndex
from trialgraph.linking.record_links import RecordLinker
from trialgraph.pipeline.file_validation import validate_files
from trialgraph.pipeline.link_validation import AGREEMENT, LinkCheck
from trialgraph.pipeline.sources import Sources
from trialgraph.settings import packaged
from trialgraph.terms import lexical
from trialgraph.validation import read_shapes
from trialgraph.vocabulary import Graph

SOURCES = Sources(*map(packaged, ("ontology", "data", "shapes")))
DRUG = "<https://w3id.org/trialgraph/id/drug/UNII:JMS50MPO89>"
NAME = "<https://w3id.org/trialgraph/id/intervention-name/Losartan>"
ROW = "<https://w3id.org/trialgraph/id/mapping/intervention-names/intervention-name/Losartan/UNII:JMS50MPO89>"
UNII = "<http://identifiers.org/unii/JMS50MPO89>"
LABEL = "<http://www.w3.org/2000/01/rdf-schema#label>"
TG = "https://w3id.org/trialgraph/ontology#"
EXACT = "<http://www.w3.org/2004/02/skos/core#exactMatch>"
SSSOM = "https://w3id.org/sssom/"
OWL = "http://www.w3.org/2002/07/owl#"
DISAGREE = "links of names and their mappings do not agree"
CASES = {
    # what is taken away, what is added, what a file is told, what a build is told
    "a second label of a drug": ((), (DRUG, LABEL, '"another"'), {"a drug has one label"}, {"a drug has one label"}),
    "an identifier of no pattern": (
        (),
        ("<https://w3id.org/trialgraph/id/drug/UNII:X>", terms.RDF_TYPE, f"<{TG}Drug>"),
        {"a drug is named by an identifier of UNII, MeSH, ChEMBL or another vocabulary of drugs"},
        {"a drug is named by an identifier of UNII, MeSH, ChEMBL or another vocabulary of drugs"},
    ),
    "a target that is no target": (
        (),
        (DRUG, f"<{TG}target>", "<https://example.org/gene>"),
        {"what a drug acts on is a target, named by an IRI"},
        {"what a drug acts on is a target, named by an IRI"},
    ),
    "a mapping without confidence": (
        (ROW, f"<{SSSOM}confidence>"),
        (),
        {"a mapping has one confidence from 0 to 1"},
        {"a mapping has one confidence from 0 to 1"},
    ),
    "a mapping without its words": (
        (ROW, f"<{SSSOM}match_string>"),
        (),
        {"a mapping has the words that matched"},
        {"a mapping has the words that matched"},
    ),
    "a link without its mapping": ((ROW,), (), {"a link of a name has a mapping"}, {DISAGREE}),
    "a mapping without its link": (
        (NAME, EXACT, UNII),
        (),
        {"a mapping tells of a link that is there"},
        {DISAGREE},
    ),
    "a mapping of another relation": (
        (NAME, EXACT, UNII),
        (NAME, "<http://www.w3.org/2004/02/skos/core#broadMatch>", UNII),
        {"a mapping tells of a link that is there", "a link of a name has a mapping"},
        {DISAGREE},
    ),
    "a reason beside a link": (
        (),
        (NAME, f"<{TG}noLinkReason>", "<https://w3id.org/trialgraph/id/scheme/no-link-reason/PLACEBO>"),
        {"a name that denotes something has no reason for no link"},
        {"a name that denotes something has no reason for no link"},
    ),
}


@pytest.fixture(scope="module")
def links(tmp_path_factory):
    """Graph and triple of the links of a few records."""
    records = json.loads((curated.HERE / "questions" / "linked-records.json").read_text("utf-8"))
    with LabelIndex.open(curated.small_index(tmp_path_factory.mktemp("vocabularies"))) as index:
        linker = RecordLinker(index)
        return sorted({quad for record in records for quad in linker.triples(record)})


def in_a_file(links, folder):
    path = folder / "links.nq"
    graphs = {"links": Graph.LINKS, "links-sa": Graph.LINKS_SA}
    path.write_text("".join(f"{' '.join(triple)} <{graphs[graph]}> .\n" for graph, triple in links), "utf-8")
    return {lexical(message) for result in validate_files([path], SOURCES).results for message in result.messages}


def in_a_build(links):
    shapes = read_shapes(*(path for path in SOURCES.link_shapes if path.stem != AGREEMENT))
    check = LinkCheck(shapes, [])
    for graph in ("links", "links-sa"):
        for line in sorted(terms.line(triple).encode() for name, triple in links if name == graph):
            check.add(line)
    return {lexical(message) for result in check.results() for message in result.messages}


def test_links_as_they_are_made_conform(links, tmp_path):
    assert len(links) > 200
    assert in_a_file(links, tmp_path) == set()
    assert in_a_build(links) == set()


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_each_fault_is_told(links, tmp_path, case):
    removed, added, by_file, by_build = case
    kept = [quad for quad in links if not removed or quad[1][: len(removed)] != removed]
    assert bool(removed) == (len(kept) < len(links))
    changed = [*kept, *([("links", added)] if added else [])]
    assert in_a_file(changed, tmp_path) == by_file
    assert in_a_build(changed) == by_build
