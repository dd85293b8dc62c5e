"""The Biolink tables: what they say, what they must not say, and that KGX takes them."""

import json
import subprocess
import sys

import pyoxigraph as ox
import pytest

from trialgraph.release import kgx
from trialgraph.terms import from_oxigraph
from trialgraph.vocabulary import PREFIXES, RESOURCE

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
"""


@pytest.fixture(scope="module")
def tables():
    head = f"@base <{RESOURCE}> .\n" + "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items())
    store = ox.Store()
    store.load((head + DATA).encode(), ox.RdfFormat.TURTLE)

    def select(query):
        for row in store.query(query):
            yield tuple(None if value is None else from_oxigraph(value) for value in row)

    return kgx.tables(select)


def test_things_get_the_identifier_biolink_prefers_and_keep_the_others(tables):
    assert tables.nodes["DRUGBANK:DB1"] == {
        "id": "DRUGBANK:DB1",
        "category": ["biolink:Drug"],
        "name": "a",
        "xref": ["NCIT:C1"],
    }
    assert tables.nodes["UniProtKB:P1"]["category"] == ["biolink:Protein"]
    assert tables.nodes["CLINICALTRIALS:NCT00000001"]["category"] == ["biolink:ClinicalTrial"]


def test_edges_say_what_was_studied_and_by_which_trials(tables):
    said = {(e["subject"], e["predicate"], e["object"]): e for e in tables.edges.values()}
    studied = said["DRUGBANK:DB1", "biolink:in_clinical_trials_for", "MONDO:0000001"]
    assert studied["has_supporting_studies"] == ["CLINICALTRIALS:NCT00000001", "CLINICALTRIALS:NCT00000002"]
    assert (studied["knowledge_level"], studied["agent_type"]) == ("knowledge_assertion", "manual_agent")
    assigned = said["MESH:D1", "biolink:in_clinical_trials_for", "MESH:D3"]
    assert (assigned["agent_type"], assigned["primary_knowledge_source"]) == (
        "automated_agent",
        "infores:clinicaltrials",
    )
    assert ("DRUGBANK:DB1", "biolink:physically_interacts_with", "UniProtKB:P1") in said
    assert len(said) == 4


def test_no_edge_says_that_a_drug_treats(tables):
    assert {e["predicate"] for e in tables.edges.values()} == {
        "biolink:in_clinical_trials_for",
        "biolink:physically_interacts_with",
    }


def test_every_end_of_an_edge_is_a_node(tables):
    assert {end for e in tables.edges.values() for end in (e["subject"], e["object"])} <= tables.nodes.keys()


def test_the_files_hold_the_same_and_are_the_same_each_time(tables, tmp_path):
    files = {path.name: path.read_text("utf-8") for path in tables.write(tmp_path)}
    header, *rows = files["trialgraph-kgx-nodes.tsv"].splitlines()
    assert header.split("\t")[:3] == ["id", "category", "name"]
    assert len(rows) == len(files["trialgraph-kgx-nodes.jsonl"].splitlines()) == len(tables.nodes)
    assert "X (disease)" in files["trialgraph-kgx-nodes.tsv"]
    assert json.loads(files["trialgraph-kgx-edges.jsonl"].splitlines()[0])["id"] == "trialgraph:1"
    assert {path.name: path.read_text("utf-8") for path in tables.write(tmp_path)} == files


@pytest.mark.slow
def test_the_kgx_validator_takes_them(tables, tmp_path):
    pytest.importorskip(
        "kgx", reason="kgx is not installed; it is heavy, and fetches the Biolink Model", exc_type=Exception
    )
    tables.write(tmp_path)
    files = [tmp_path / f"trialgraph-kgx-{name}.tsv" for name in ("nodes", "edges")]
    command = [sys.executable, "-m", "kgx.cli", "validate", "-i", "tsv", *files]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    assert json.loads(told.stdout.strip().splitlines()[-1] or "{}") == {}
