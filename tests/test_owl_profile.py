"""The ontology as reasoners read it: OWL 2 DL by the OWL API, classified by HermiT without an empty class."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.shapes.checking import parse, turtle

from trialgraph.formats import RDF_XML
from trialgraph.settings import packaged
from trialgraph.syntaxes.document import document
from trialgraph.terms import iri
from trialgraph.vocabulary import ONTOLOGY

HERE = Path(__file__).resolve().parent
BROKEN = {
    "a property that nobody declared": ("tg:arm rdfs:subPropertyOf <https://example.org/undeclared>", "undeclared"),
    "a class of the reserved vocabulary": ("tg:arm rdfs:range rdfs:Resource", "reserved vocabulary"),
    "a day in an axiom": ("tg:briefTitle rdfs:range xsd:date", "datatype map"),
}


def judged(tmp_path, *more):
    """Return what the OWL API and HermiT say of the ontology with triples beside it, as the site serves it."""
    if shutil.which("java") is None:
        pytest.skip("there is no Java on this machine, which the OWL API needs")
    quads = [(*triple, "") for triple in [*turtle(sorted(packaged("ontology").glob("*.ttl"))), *map(parse, more)]]
    file = tmp_path / "ontology.rdf"
    file.write_bytes(document(quads, RDF_XML, iri(ONTOLOGY)).data)
    run = subprocess.run([sys.executable, HERE / "owl_profile.py", file], capture_output=True, text=True, check=False)
    return json.loads(run.stdout) if run.stdout else {"refused": run.stderr}


def test_the_ontology_is_owl_2_dl_and_hermit_classifies_it(tmp_path):
    found = judged(tmp_path)
    assert found.get("violations") == [], found
    assert found["axioms"] > 10_000
    assert found["consistent"]
    assert found["unsatisfiable"] == []


@pytest.mark.slow
@pytest.mark.parametrize("fault", BROKEN)
def test_a_fault_would_be_noticed(tmp_path, fault):
    triple, words = BROKEN[fault]
    assert words in str(judged(tmp_path, triple))
