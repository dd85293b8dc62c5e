"""Links are held against their shapes: those that linking makes conform, and each fault is told, in files and in builds."""

import json

import pytest
from tests import curated

from trialgraph import terms
from trialgraph.linking.label_index import LabelIndex
from trialgraph.linking.record_links import RecordLinker
from trialgraph.pipeline.file_validation import validate_files
from trialgraph.pipeline.link_validation import LinkCheck
from trialgraph.pipeline.sources import Sources, read_turtle
from trialgraph.settings import packaged
from trialgraph.terms import lexical
from trialgraph.validation import ValidationReport
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
SKOS = "http://www.w3.org/2004/02/skos/core#"
SCLC = "<https://w3id.org/trialgraph/id/condition/SCLC>"
CASES = {
    # what is taken away, what is added, what a file and a build are told
    "a second label of a drug": ((), [(DRUG, LABEL, '"another"')], ["a drug has one label"]),
    "an identifier of no pattern": (
        (),
        [("<https://w3id.org/trialgraph/id/drug/UNII:X>", terms.RDF_TYPE, f"<{TG}Drug>")],
        ["a drug is named by an identifier of UNII, MeSH, ChEMBL or another vocabulary of drugs"],
    ),
    "a target that is no target": (
        (),
        [(DRUG, f"<{TG}target>", "<https://example.org/gene>")],
        ["what a drug acts on is a target, named by an IRI"],
    ),
    "a mapping without confidence": (
        (ROW, f"<{SSSOM}confidence>"),
        [],
        ["a mapping has one confidence from 0 to 1"],
    ),
    "a mapping without its words": ((ROW, f"<{SSSOM}match_string>"), [], ["a mapping has the words that matched"]),
    "a link without its mapping": ((ROW,), [], ["a link of a name has a mapping"]),
    "a mapping without its link": ((NAME, EXACT, UNII), [], ["a mapping tells of a link that is there"]),
    "a mapping of another relation": (
        (NAME, EXACT, UNII),
        [(NAME, f"<{SKOS}broadMatch>", UNII)],
        ["a link of a name has a mapping", "a mapping tells of a link that is there"],
    ),
    "a reason beside a link": (
        (),
        [(NAME, f"<{TG}noLinkReason>", "<https://w3id.org/trialgraph/id/scheme/no-link-reason/PLACEBO>")],
        ["a name that denotes something has no reason for no link"],
    ),
    "a disease that is called like a name": (
        (),
        [
            (SCLC, terms.RDF_TYPE, f"<{TG}Disease>"),
            (SCLC, LABEL, '"SCLC"'),
            (SCLC, EXACT, "<http://purl.obolibrary.org/obo/MONDO_0008433>"),
        ],
        [],
    ),
    "a name that is the disease it denotes": (
        (),
        [
            (SCLC, terms.RDF_TYPE, f"<{TG}Disease>"),
            (SCLC, terms.RDF_TYPE, f"<{TG}Condition>"),
            (SCLC, f"<{TG}denotes>", SCLC),
            (SCLC, EXACT, "<http://purl.obolibrary.org/obo/MONDO_0008433>"),
        ],
        [],
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
    return validate_files([path], SOURCES).results


def in_a_build(links, folder):
    check = LinkCheck(SOURCES.link_shapes, read_turtle("ontology", SOURCES.ontology_files), folder)
    for graph in ("links", "links-sa"):
        for line in sorted(terms.line(triple).encode() for name, triple in links if name == graph):
            check.add(line)
    return ValidationReport.of(check.results()).results


def test_links_as_they_are_made_conform(links, tmp_path):
    assert len(links) > 200
    assert in_a_file(links, tmp_path) == in_a_build(links, tmp_path) == ()


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_each_fault_is_told_by_a_file_and_by_a_build_alike(links, tmp_path, case):
    removed, added, told = case
    kept = [quad for quad in links if not removed or quad[1][: len(removed)] != removed]
    assert bool(removed) == (len(kept) < len(links))
    changed = sorted({*kept, *(("links", triple) for triple in added)})
    found = in_a_file(changed, tmp_path)
    assert sorted({lexical(message) for result in found for message in result.messages}) == told
    assert in_a_build(changed, tmp_path) == found
