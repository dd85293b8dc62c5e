"""Every term of the ontology is fit to be read, and what is made from it is up to date."""

import runpy
from pathlib import Path

import pytest
from tests.shapes.checking import turtle

from trialgraph.settings import packaged
from trialgraph.terms import RDF_TYPE, RDFS_LABEL
from trialgraph.vocabulary import ONTOLOGY, PREFIXES, TG

TOP = Path(__file__).resolve().parents[1]
RDFS, SKOS, OWL = PREFIXES["rdfs"], PREFIXES["skos"], PREFIXES["owl"]
TRIPLES = turtle(sorted(packaged("ontology").glob("*.ttl")))
BY_SUBJECT = {}
for subject, predicate, value in TRIPLES:
    BY_SUBJECT.setdefault(subject, {}).setdefault(predicate, []).append(value)
TERMS = sorted(
    s
    for s, has in BY_SUBJECT.items()
    if s.startswith(f"<{ONTOLOGY}#") and any(OWL in kind or RDFS in kind for kind in has.get(RDF_TYPE, ()))
)
PROPERTIES = [s for s in TERMS if any("Property" in kind for kind in BY_SUBJECT[s][RDF_TYPE])]
CONCEPTS = sorted(s for s, has in BY_SUBJECT.items() if f"<{SKOS}Concept>" in has.get(RDF_TYPE, ()))


@pytest.mark.parametrize("term", TERMS)
def test_a_term_has_one_label_and_one_definition(term):
    assert len(BY_SUBJECT[term][RDFS_LABEL]) == len(BY_SUBJECT[term][f"<{SKOS}definition>"]) == 1


@pytest.mark.parametrize("term", PROPERTIES)
def test_a_property_has_domain_and_range(term):
    assert BY_SUBJECT[term].keys() >= {f"<{RDFS}domain>", f"<{RDFS}range>"}


@pytest.mark.parametrize("term", CONCEPTS)
def test_a_concept_has_label_notation_and_scheme(term):
    assert BY_SUBJECT[term].keys() >= {RDFS_LABEL, f"<{SKOS}notation>", f"<{SKOS}inScheme>"}


def test_terms_that_code_names_are_declared():
    assert {f"<{term}>" for term in TG} <= set(BY_SUBJECT)


def test_the_alignments_are_those_of_the_tables():
    made = runpy.run_path(str(TOP / "scripts" / "generated.py"))
    assert (packaged("ontology") / "alignments.ttl").read_text("utf-8") == made["alignments"](made["term_mappings"]())
