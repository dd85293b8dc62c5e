"""The Biolink tables: what they say, what they must not say, and that KGX takes them."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pyoxigraph as ox
import pytest

from trialgraph.release import kgx
from trialgraph.terms import from_oxigraph
from trialgraph.vocabulary import PREFIXES, RESOURCE

TOP = Path(__file__).resolve().parents[2]
NODES, EDGES = 11, 7
DATA = """
<NCT00000001> a tg:Trial ; rdfs:label "A trial of a|b" ; tg:condition <condition/early-x> ;
    tg:interventionMesh mesh:D1 ; tg:conditionMesh mesh:D2, mesh:D3 .
<NCT00000002> a tg:Trial ; rdfs:label "Another" ; tg:condition <condition/x>, <condition/unknown> .
<drug/a> a tg:Drug ; rdfs:label "a" ; tg:investigationalIn <NCT00000001>, <NCT00000002> ; tg:target <target/t> ;
    skos:exactMatch ncit:C1, <http://identifiers.org/drugbank/DB1> ; skos:closeMatch <http://identifiers.org/cas/1> .
<drug/b> a tg:Drug ; rdfs:label "b" ; tg:investigationalIn <NCT00000001> ; tg:target <target/t> .
<target/t> a tg:Target ; rdfs:label "T" ; skos:exactMatch uniprot:P1 ;
    skos:relatedMatch <http://identifiers.org/hgnc/1> .
<condition/x> a tg:Condition ; rdfs:label "X\\n(disease)" ; skos:exactMatch mondo:0000001 .
<condition/early-x> a tg:Condition ; rdfs:label "early X" ; tg:stageOf <condition/x> ; skos:broadMatch mondo:0000001 .
<condition/unknown> a tg:Condition ; rdfs:label "unknown" ; tg:typeOf <condition/unknown> .
<NCT00000003> a tg:Trial ; rdfs:label "Linked" ; tg:studiesDisease <disease/MONDO:2> ;
    tg:intervention <NCT00000003/intervention/1> .
<NCT00000003/intervention/1> tg:namedAs <intervention-name/A_5_mg> ; tg:drug <drug/c> .
<drug/c> a tg:Drug ; rdfs:label "c" ; skos:exactMatch <http://identifiers.org/unii/C> ; tg:target <target/t> ;
    tg:mechanism <drug/c/mechanism/1> .
<drug/c/mechanism/1> tg:target <target/t> ; dcterms:source "drugcentral" .
<disease/MONDO:2> a tg:Disease ; rdfs:label "narrow" ; skos:exactMatch mondo:0000002 ; skos:broader <disease/MONDO:1> .
<disease/MONDO:1> a tg:Disease ; rdfs:label "X" ; skos:exactMatch mondo:0000001 .
<condition/narrow_X> a tg:Condition ; rdfs:label "narrow X" ; tg:denotes <disease/MONDO:2> ; skos:exactMatch mondo:0000002 .
"""


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    head = f"@base <{RESOURCE}> .\n" + "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items())
    store = ox.Store()
    store.load((head + DATA).encode(), ox.RdfFormat.TURTLE)

    def select(query):
        for row in store.query(query):
            yield tuple(None if value is None else from_oxigraph(value) for value in row)

    with kgx.Tables(tmp_path_factory.mktemp("kgx") / "tables.sqlite") as made:
        kgx.fill(made, select)
        yield made


def test_things_get_the_identifier_biolink_prefers_and_keep_the_others(tables):
    nodes = {node["id"]: node for node in tables.nodes()}
    assert nodes["DRUGBANK:DB1"] == {
        "id": "DRUGBANK:DB1",
        "category": ["biolink:Drug"],
        "name": "a",
        "xref": ["NCIT:C1"],
    }
    assert nodes["UniProtKB:P1"]["category"] == ["biolink:Protein"]
    trial = {"id": "CLINICALTRIALS:NCT00000001", "category": ["biolink:ClinicalTrial"], "name": "A trial of a|b"}
    assert nodes["CLINICALTRIALS:NCT00000001"] == trial


def test_linked_things_are_nodes_and_edges_and_names_are_not(tables):
    nodes = {node["id"]: node["name"] for node in tables.nodes()}
    said = {(e["subject"], e["predicate"], e["object"]): e["primary_knowledge_source"] for e in tables.edges()}
    assert nodes["MONDO:0000002"] == "narrow"
    assert said["UNII:C", "biolink:in_clinical_trials_for", "MONDO:0000002"] == "infores:clinicaltrials"
    assert said["UNII:C", "biolink:physically_interacts_with", "UniProtKB:P1"] == "infores:drugcentral"
    assert said["MONDO:0000002", "biolink:subclass_of", "MONDO:0000001"] == "infores:trialgraph"


def test_edges_say_what_was_studied_and_by_which_trials(tables):
    said = {(e["subject"], e["predicate"], e["object"]): e for e in tables.edges()}
    studied = said["DRUGBANK:DB1", "biolink:in_clinical_trials_for", "MONDO:0000001"]
    assert studied["has_supporting_studies"] == ["CLINICALTRIALS:NCT00000001", "CLINICALTRIALS:NCT00000002"]
    assert (studied["knowledge_level"], studied["agent_type"]) == ("knowledge_assertion", "manual_agent")
    assigned = said["MESH:D1", "biolink:in_clinical_trials_for", "MESH:D3"]
    assert (assigned["agent_type"], assigned["primary_knowledge_source"]) == (
        "automated_agent",
        "infores:clinicaltrials",
    )
    assert ("DRUGBANK:DB1", "biolink:physically_interacts_with", "UniProtKB:P1") in said
    assert len(said) == EDGES


def test_no_edge_says_that_a_drug_treats(tables):
    assert {e["predicate"] for e in tables.edges()} == {
        "biolink:in_clinical_trials_for",
        "biolink:physically_interacts_with",
        "biolink:subclass_of",
    }


def test_every_end_of_an_edge_is_a_node(tables):
    assert {end for e in tables.edges() for end in (e["subject"], e["object"])} <= {
        node["id"] for node in tables.nodes()
    }


def test_the_files_hold_the_same_and_are_the_same_each_time(tables, tmp_path):
    files = {path.name: path.read_text("utf-8") for path in tables.write(tmp_path)}
    header, *rows = files["trialgraph-kgx-nodes.tsv"].splitlines()
    assert header.split("\t")[:3] == ["id", "category", "name"]
    assert len(rows) == len(files["trialgraph-kgx-nodes.jsonl"].splitlines()) == len(list(tables.nodes()))
    assert "X (disease)" in files["trialgraph-kgx-nodes.tsv"]
    assert json.loads(files["trialgraph-kgx-edges.jsonl"].splitlines()[0])["id"] == "trialgraph:1"
    assert {path.name: path.read_text("utf-8") for path in tables.write(tmp_path)} == files


def python_with_kgx():
    """Return a Python that has KGX: this one, or that of the environment that `make kgx` sets up."""
    if importlib.util.find_spec("kgx"):
        return sys.executable
    apart = TOP / ".kgx" / "bin" / "python"
    return str(apart) if (TOP / ".kgx" / ".installed").exists() else None


@pytest.mark.slow
@pytest.mark.parametrize("syntax", ["tsv", "jsonl"])
def test_the_validator_of_kgx_finds_no_error(tables, tmp_path, syntax):
    python = python_with_kgx()
    if python is None:
        pytest.skip("kgx is not installed; `make kgx` installs it apart, as it is heavy")
    tables.write(tmp_path)
    command = [python, TOP / "scripts" / "kgx_check.py", tmp_path, syntax]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    assert json.loads(told.stdout) == {"checked": {"nodes": NODES, "edges": EDGES}, "errors": {}}


@pytest.mark.slow
def test_the_validator_of_kgx_would_find_one(tables, tmp_path):
    python = python_with_kgx()
    if python is None:
        pytest.skip("kgx is not installed; `make kgx` installs it apart, as it is heavy")
    for path in tables.write(tmp_path):
        path.write_text(path.read_text("utf-8").replace("biolink:Protein", "biolink:Protean"), "utf-8")
    command = [python, TOP / "scripts" / "kgx_check.py", tmp_path, "tsv"]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "Protean" in json.dumps(json.loads(told.stdout)["errors"])
