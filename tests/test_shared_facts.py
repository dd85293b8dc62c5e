"""What records say of MeSH descriptors and of values that no enumeration declares, in builds and updates."""

import json

from tests.building import quick_build, quick_update, record, write_records

from trialgraph.mapping.mesh_terms import MeshFacts
from trialgraph.pipeline.record_diff import changes
from trialgraph.pipeline.record_export import records as records_of
from trialgraph.store import Reader

BROADER = "SELECT ?a ?b { ?a <http://www.w3.org/2004/02/skos/core#broader> ?b FILTER(CONTAINS(STR(?a), '/mesh/')) }"
LABELS = "SELECT ?m ?l { ?m a <https://w3id.org/trialgraph/ontology#MeshDescriptor> ; <http://www.w3.org/2000/01/rdf-schema#label> ?l }"


def mesh(number, meshes, ancestors=(), version="2026-11-20", **more):
    made = record(number, **more)
    made["derivedSection"] = {
        "miscInfoModule": {"versionHolder": version},
        "conditionBrowseModule": {
            "meshes": [{"id": id_, "term": term} for id_, term in meshes],
            "ancestors": [{"id": id_, "term": term} for id_, term in ancestors],
        },
    }
    return made


LIVER, GUT, BODY = ("D000001", "Liver Ills"), ("D000002", "Gut Ills"), ("D000003", "Ills")
OLD_LIVER = ("D000000001", "Ills of the Liver")


def short(rows):
    return sorted(tuple(term.strip('<>"').rsplit("/", 1)[-1] for term in row) for row in rows)


def test_descriptors_have_a_label_and_the_next_above_whatever_the_order_of_records(tmp_path):
    made = [
        mesh(1, [LIVER], [GUT, BODY]),
        mesh(2, [GUT], [BODY]),
        mesh(3, [LIVER, GUT], [BODY, ("D000004", "Not Known Whose")]),
        mesh(4, [OLD_LIVER], [("D000000003", "Ills")], version="2024-06-14"),
    ]
    built = quick_build(tmp_path, tmp_path / "a", write_records(tmp_path / "r.jsonl", made)).release
    assert short(Reader(built).select(BROADER)) == [("D000001", "D000002"), ("D000002", "D000003")]
    assert short(Reader(built).select(LABELS)) == [
        ("D000001", "Liver Ills"), ("D000002", "Gut Ills"), ("D000003", "Ills"), ("D000004", "Not Known Whose"),
    ]  # fmt: skip
    quick_build(tmp_path, tmp_path / "b", write_records(tmp_path / "s.jsonl", made[2:]))
    updated = quick_update(tmp_path, tmp_path / "b", write_records(tmp_path / "t.jsonl", made[1::-1])).release
    for query in (BROADER, LABELS):
        assert short(Reader(updated).select(query)) == short(Reader(built).select(query))


def test_two_that_stand_above_each_other_are_both_kept():
    facts = MeshFacts()
    facts.add(mesh(1, [LIVER], [GUT]))
    facts.add(mesh(2, [GUT], [LIVER]))
    assert sum("broader" in line for line in map(" ".join, facts.triples())) == 2


def test_odd_browse_modules_say_nothing():
    facts = MeshFacts()
    for module in (
        None,
        5,
        [],
        {"meshes": 5},
        {"meshes": [5, {}, {"id": 5, "term": "x"}, {"id": "D000001", "term": " "}]},
    ):
        facts.add({"derivedSection": {"conditionBrowseModule": module}})
    facts.add({"derivedSection": []})
    assert not list(facts.triples())


def test_the_repair_of_a_mesh_identifier_is_no_change():
    old, new = mesh(1, [OLD_LIVER], [BODY], version="2024-06-14"), mesh(1, [("D000001", "Ills of the Liver")], [BODY])
    assert changes(old, new) == []
    assert [change.place for change in changes(old, mesh(1, [("D000002", "Ills of the Liver")], [BODY]))] == [
        "/derivedSection/conditionBrowseModule/meshes/0/id"
    ]


def test_a_value_that_is_not_declared_is_told_found_and_given_back(tmp_path):
    given = record(1, overallStatus="ASLEEP")
    given["protocolSection"]["designModule"]["phases"] = ["PHASE2", "PHASE2B"]
    report = quick_build(
        tmp_path,
        tmp_path / "r",
        write_records(tmp_path / "r.jsonl", [given, record(2, overallStatus="ASLEEP")]),
        validate=True,
    )
    assert [tuple(each) for each in report.undeclared] == [
        ("protocolSection.designModule.phases[]", "PHASE2B", 1),
        ("protocolSection.statusModule.overallStatus", "ASLEEP", 2),
    ]
    assert "protocolSection.statusModule.overallStatus 'ASLEEP' (2)" in report.text()
    assert report.release.manifest["undeclared"] == report.to_json()["undeclared"]
    assert report.results["Warning"] >= len(report.undeclared)
    assert "Violation" not in report.results
    reader = Reader(report.release)
    query = "SELECT ?l { ?t <https://w3id.org/trialgraph/ontology#%s> ?c . ?c <http://www.w3.org/2000/01/rdf-schema#label> ?l }"
    assert short(reader.select(query % "phase")) == [("PHASE2B",), ("Phase 2",)]
    assert short(reader.select(query % "overallStatus")) == [("ASLEEP",)] * 2
    assert json.loads(next(records_of(report.release, ["NCT00000001"]))) == given
