"""Mapping tables: read strictly, turned into links that say why, and ours are right."""

import json
import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyoxigraph as ox
import pytest
import sssom_pydantic

from trialgraph.errors import SourceError
from trialgraph.linking import check, link_triples, read_sssom
from trialgraph.linking.prefixes import converter, pattern
from trialgraph.release.linksets import target
from trialgraph.settings import packaged
from trialgraph.terms import iri_value, is_iri, line
from trialgraph.vocabulary import ONTOLOGY, PREFIXES, RESOURCE

LINKS = packaged("data") / "links"
TABLES = sorted(LINKS.glob("*.sssom.tsv"))
SKOS = PREFIXES["skos"]

HEADER = """\
#mapping_set_id: https://w3id.org/trialgraph/id/mapping-set/small
#mapping_set_title: A small table
#license: https://creativecommons.org/publicdomain/zero/1.0/
#mapping_date: 2026-02-03
#curie_map:
#  tgid: https://w3id.org/trialgraph/id/
#  mondo: http://purl.obolibrary.org/obo/MONDO_
#  skos: http://www.w3.org/2004/02/skos/core#
#  semapv: https://w3id.org/semapv/vocab/
"""
COLUMNS = "subject_id\tpredicate_id\tobject_id\tobject_label\tmapping_justification\tconfidence\tcomment"
ROW = "tgid:condition/x\tskos:exactMatch\tmondo:0000001\ta disease\tsemapv:ManualMappingCuration\t0.90\tas an example"


def table(folder, text=None, header=HEADER, columns=COLUMNS, rows=(ROW,)):
    path = Path(folder, "small.sssom.tsv")
    path.write_text(header + "\n".join([columns, *rows]) + "\n" if text is None else text)
    return path


def test_a_table_is_read_with_all_it_says(tmp_path):
    found = read_sssom(table(tmp_path))
    assert (found.iri, found.title, found.date) == (
        "https://w3id.org/trialgraph/id/mapping-set/small",
        "A small table",
        date(2026, 2, 3),
    )
    (mapping,) = found.mappings
    assert mapping.subject == RESOURCE + "condition/x"
    assert mapping.predicate == SKOS + "exactMatch"
    assert mapping.object == "http://purl.obolibrary.org/obo/MONDO_0000001"
    assert (mapping.object_label, mapping.confidence, mapping.line) == ("a disease", Decimal("0.90"), 11)


def test_a_mapping_becomes_a_link_and_a_node_that_says_why(tmp_path):
    lines = [line(triple) for triple in link_triples([read_sssom(table(tmp_path))])]
    subject, object_ = f"<{RESOURCE}condition/x>", "<http://purl.obolibrary.org/obo/MONDO_0000001>"
    node = f"<{RESOURCE}mapping/small/condition/x/mondo:0000001>"
    assert f"{subject} <{SKOS}exactMatch> {object_} .\n" in lines
    assert f'{object_} <http://www.w3.org/2000/01/rdf-schema#label> "a disease" .\n' in lines
    for predicate, value in {
        "http://www.w3.org/2002/07/owl#annotatedSource": subject,
        "http://www.w3.org/2002/07/owl#annotatedProperty": f"<{SKOS}exactMatch>",
        "http://www.w3.org/2002/07/owl#annotatedTarget": object_,
        "https://w3id.org/sssom/mapping_justification": "<https://w3id.org/semapv/vocab/ManualMappingCuration>",
        "https://w3id.org/sssom/confidence": '"0.9"^^<http://www.w3.org/2001/XMLSchema#decimal>',
        "http://www.w3.org/2000/01/rdf-schema#comment": '"as an example"',
        "http://purl.org/dc/terms/isPartOf": f"<{RESOURCE}mapping-set/small>",
    }.items():
        assert f"{node} <{predicate}> {value} .\n" in lines
    assert lines == sorted(set(lines))
    assert list(ox.parse("".join(lines), format=ox.RdfFormat.N_TRIPLES))


def test_the_order_of_rows_does_not_matter(tmp_path):
    other = ROW.replace("0000001", "0000002")
    triples = link_triples([read_sssom(table(tmp_path, rows=(ROW, other)))])
    assert triples == link_triples([read_sssom(table(tmp_path, rows=(other, ROW)))])
    assert link_triples([]) == []


WRONG = [
    # what is changed in the table, words of the error
    ({"rows": [ROW.replace("mondo:", "nondo:")]}, "line 11.*'nondo:0000001' has no prefix"),
    ({"rows": [ROW.replace("mondo:0000001", "mondo:")]}, "line 11.*nothing behind it"),
    ({"rows": [ROW.replace("mondo:0000001", "0000001")]}, "line 11.*has no prefix"),
    ({"rows": [ROW.replace("tgid:condition/x", "")]}, "line 11.*subject_id '' has no prefix"),
    ({"rows": [ROW.replace("semapv:ManualMappingCuration", "skos:note")]}, "line 11.*no justification"),
    ({"rows": [ROW.replace("0.90", "1.5")]}, "line 11.*no number from 0 to 1"),
    ({"rows": [ROW.replace("0.90", "NaN")]}, "line 11.*no number from 0 to 1"),
    ({"rows": [ROW.replace("0.90", "high")]}, "line 11.*no number from 0 to 1"),
    ({"rows": [ROW, ROW.replace("exact", "close")]}, "line 12.*those of line 11"),
    ({"rows": [ROW + "\tmore"]}, "line 11.*8 cells"),
    ({"columns": COLUMNS.replace("comment", "remark")}, "columns unknown: .'remark'"),
    ({"columns": COLUMNS.replace("comment", "confidence")}, "stands twice"),
    ({"columns": COLUMNS.replace("object_id", "comment")}, "missing: .'object_id'"),
    ({"header": HEADER.replace("obo/MONDO_", "obo/DOID_")}, "make them agree"),
    ({"header": HEADER.replace("#license", "#licence")}, "header is not as expected"),
    ({"header": HEADER.replace("2026-02-03", "yesterday")}, "header is not as expected"),
    ({"header": HEADER.replace("curie_map:", "curie_map: [")}, "header is not as expected"),
    ({"text": ""}, "header is not as expected"),
    ({"text": HEADER}, "missing"),
]


@pytest.mark.parametrize(("change", "words"), WRONG)
def test_what_is_not_understood_is_refused_with_its_line(tmp_path, change, words):
    path = table(tmp_path, **change)
    with pytest.raises(SourceError, match=words) as caught:
        read_sssom(path)
    assert caught.value.path.startswith(str(path))
    assert caught.value.remedy


def test_a_file_that_is_not_text_is_refused(tmp_path):
    path = tmp_path / "small.sssom.tsv"
    path.write_bytes(b"\xff")
    with pytest.raises(SourceError, match="cannot be read"):
        read_sssom(path)
    with pytest.raises(SourceError, match="cannot be read"):
        read_sssom(tmp_path / "absent.tsv")


def test_malformed_identifiers_and_double_exact_matches_are_found(tmp_path):
    rows = [ROW.replace("0000001", "8433"), ROW, ROW.replace("0000001", "0000002"), ROW.replace("/x", "/y")]
    findings = check([read_sssom(table(tmp_path, rows=rows))])
    assert [(finding.line, finding.term) for finding in findings] == [
        (11, "mondo:8433"),
        (12, "mondo:0000001"),
        (13, "mondo:0000002"),
    ]
    assert "does not look like" in str(findings[0])
    assert "is exactly what mondo:0000001 already is" in str(findings[2])


# --- the tables of the project --------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.name.partition(".")[0])
class TestOurTables:
    def test_it_reads_and_nothing_is_wrong(self, path):
        found = read_sssom(path)
        assert found.mappings
        assert found.iri == f"{RESOURCE}mapping-set/{path.name.removesuffix('.sssom.tsv')}"
        assert check([found]) == []

    def test_another_reader_of_sssom_sees_the_same(self, path):
        mappings, _, metadata = sssom_pydantic.read(path)
        ours = read_sssom(path)
        assert str(metadata.id) in (ours.iri, f"<{ours.iri}>") or ours.iri.endswith(metadata.id.identifier)
        expand = converter().expand
        theirs = [
            (expand(each.subject.curie), expand(each.predicate.curie), expand(each.object.curie)) for each in mappings
        ]
        assert theirs == [(each.subject, each.predicate, each.object) for each in ours.mappings]

    def test_every_subject_is_declared_under_that_label(self, path, labels):
        for mapping in read_sssom(path).mappings:
            assert mapping.subject_label in labels.get(mapping.subject, ()), mapping

    def test_every_mapping_says_how_sure_it_is_and_where_it_is_from(self, path):
        for mapping in read_sssom(path).mappings:
            assert mapping.confidence is not None
            assert mapping.comment.endswith(".")
            if "not checked" in mapping.comment:
                assert mapping.confidence <= Decimal("0.6")

    def test_labels_are_left_out_only_where_the_source_has_none(self, path):
        for mapping in read_sssom(path).mappings:
            assert mapping.object_label or "without its label" in mapping.comment


@pytest.fixture(scope="module")
def labels():
    """What each IRI is called in the ontology and the curated graphs."""
    found = {}
    for path in [*packaged("ontology").glob("*.ttl"), *(packaged("data") / "curated").glob("*.ttl")]:
        for quad in ox.parse(path=path, format=ox.RdfFormat.TURTLE):
            if quad.predicate.value == PREFIXES["rdfs"] + "label":
                found.setdefault(quad.subject.value, set()).add(quad.object.value)
    return found


def test_genes_are_never_the_same_as_a_protein():
    genes = re.compile(r"http://identifiers\.org/hgnc/|http://identifiers\.org/ncbigene/|.*/ensembl/")
    found = [each for each in read_sssom(LINKS / "targets.sssom.tsv").mappings if genes.match(each.object)]
    assert len(found) == 6
    assert {each.predicate for each in found} == {SKOS + "relatedMatch"}


def test_no_hierarchy_of_a_licensed_vocabulary_is_published():
    triples = link_triples([read_sssom(path) for path in TABLES])
    assert not any("MEDDRA" in term.upper() for triple in triples for term in triple)
    assert not any("snomed.info" in subject and is_iri(object_) for subject, _, object_ in triples)


def test_all_links_together_are_a_graph_of_known_terms():
    triples = link_triples([read_sssom(path) for path in TABLES])
    text = "".join(map(line, triples))
    assert len(list(ox.parse(text, format=ox.RdfFormat.N_TRIPLES))) == len(triples)
    subjects = {iri_value(subject) for subject, predicate, _ in triples if SKOS in predicate}
    assert all(subject.startswith((RESOURCE, ONTOLOGY)) for subject in subjects)


def test_synonyms_each_have_a_source():
    graph = ox.Store()
    graph.load(path=LINKS / "synonyms.ttl", format=ox.RdfFormat.TURTLE)
    names = graph.query("SELECT ?drug ?name { ?drug <http://www.w3.org/2004/02/skos/core#altLabel> ?name }")
    found = {(row["drug"].value, row["name"].value) for row in names}
    assert (RESOURCE + "drug/tifcemalimab", "Icatolimab") in found
    assert (RESOURCE + "drug/tifcemalimab", "TAB004") in found
    sourced = graph.query(
        "PREFIX owl: <http://www.w3.org/2002/07/owl#> SELECT ?drug ?name { ?axiom owl:annotatedSource ?drug ;"
        " owl:annotatedTarget ?name ; <http://purl.org/dc/terms/source> ?source }"
    )
    assert {(row["drug"].value, row["name"].value) for row in sourced} == found


# --- the prefixes ---------------------------------------------------------------------------------------------------


def test_the_prefixes_agree_with_those_of_our_dumps():
    for prefix, namespace in PREFIXES.items():
        if prefix in converter().get_prefixes():
            assert converter().expand(f"{prefix}:") == namespace, prefix


def test_every_prefix_has_a_pattern_and_an_address_that_lasts():
    entries = json.loads((LINKS / "prefixes.json").read_text())
    assert [entry["prefix"] for entry in entries] == sorted(entry["prefix"] for entry in entries)
    for entry in entries:
        assert re.compile(entry["pattern"]).fullmatch("a b") is None, entry["prefix"]
        assert entry["uri_prefix"].startswith(("http://", "https://"))
    with pytest.raises(KeyError):
        pattern("no-such-prefix")


def test_every_mapping_leads_into_a_dataset_that_has_a_linkset():
    """The linksets of a release are counted from its triples, for the datasets that are known by name."""
    objects = {mapping.object for path in TABLES for mapping in read_sssom(path).mappings}
    aligned = ox.parse(path=packaged("ontology") / "alignments.ttl", format=ox.RdfFormat.TURTLE)
    objects |= {quad.object.value for quad in aligned if quad.predicate.value.startswith(SKOS)}
    assert [iri for iri in sorted(objects) if target(f"<{iri}>") is None and not iri.startswith(ONTOLOGY)] == []


def test_every_element_of_m11_and_usdm_has_a_code_of_ours_or_a_stated_gap():
    mappings = read_sssom(LINKS / "terms-to-m11-usdm.sssom.tsv").mappings
    mapped = {(m.subject.replace(PREFIXES["tg"], "tg:"), m.object.rpartition("_")[2]) for m in mappings}
    header, *rows = [line.split("\t") for line in (LINKS / "m11-usdm-coverage.tsv").read_text().splitlines()]
    assert header == ["standard", "element", "code", "term", "match or gap"]
    for standard, element, code, term, said in rows:
        assert standard in {"M11", "USDM"}
        assert element
        assert said, element
        assert ((term, code) in mapped) == said.startswith("skos:"), element
    told = {(term, code) for _, _, code, term, said in rows if said.startswith("skos:")}
    assert told == mapped
    elsewhere = {m.subject for path in TABLES for m in read_sssom(path).mappings}
    for _, _, _, term, said in rows:
        assert "in terms-to-ncit" not in said or term.replace("tg:", PREFIXES["tg"]) in elsewhere
