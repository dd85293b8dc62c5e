"""Graphs derived from records: merged over shards, taken over by an update, made again when a vocabulary changes."""

import gzip
import json
from pathlib import Path

import pytest
from tests import building
from tests.building import record, same_files, write_records

from trialgraph.errors import SourceError
from trialgraph.linking.record_links import RecordLinker
from trialgraph.linking.vocabulary_store import add
from trialgraph.pipeline import derived_graphs, interpretation_derivation
from trialgraph.vocabulary import PREFIXES, RESOURCE, TG, Graph

SKOS = PREFIXES["skos"]
CASES = Path(__file__).parent / "cases" / "vocabularies"


def quick_build(*args, **how):
    return building.quick_build(*args, **{"link": True, "interpret": True} | how)


def quick_update(*args, **how):
    return building.quick_update(*args, **{"link": True, "interpret": True} | how)


def linked(number, *, country="Turkey", pmid="31000001", secondary="2004-003928-35"):
    made = record(number)
    protocol = made["protocolSection"]
    protocol["identificationModule"]["secondaryIdInfos"] = [{"id": secondary}]
    protocol["contactsLocationsModule"] = {"locations": [{"facility": "F", "city": "C", "country": country}]}
    protocol["referencesModule"] = {"references": [{"pmid": pmid, "citation": "A trial. doi: 10.1000/x.1."}]}
    protocol["sponsorCollaboratorsModule"] = {"leadSponsor": {"name": "University of Tea (UoT)", "class": "OTHER"}}
    return made


def lines(release, graph="links"):
    return set((release.path / "dumps" / f"trialgraph-{graph}.nt").read_text().splitlines())


def test_countries_publications_and_numbers_are_linked_without_any_vocabulary(tmp_path):
    records = write_records(tmp_path / "r.jsonl", [linked(1), linked(2, country="Turkey (Türkiye)")])
    found = lines(quick_build(tmp_path, tmp_path / "root", records).release)
    turkey = f"<{RESOURCE}country/TR>"
    for number in (1, 2):
        trial = f"<{RESOURCE}NCT{number:08}>"
        assert f"{trial} <{TG.inCountry}> {turkey} ." in found
    assert f'{turkey} <http://www.w3.org/2000/01/rdf-schema#label> "Türkiye" .' in found
    exact = {line.split(" ")[2] for line in found if f"<{SKOS}exactMatch>" in line and "/reference/" in line}
    assert exact == {"<http://identifiers.org/pubmed/31000001>", "<https://doi.org/10.1000/x.1>"}
    assert sum(f"<{TG.numberedBy}> <{RESOURCE}registry/eudract>" in line for line in found) == 2


def test_drugs_are_linked_by_the_registry_s_own_terms_and_texts_interpreted(tmp_path):
    given = linked(1)
    given["protocolSection"]["armsInterventionsModule"]["interventions"] = [{"type": "DRUG", "name": "Aspirin"}]
    given["protocolSection"]["armsInterventionsModule"]["armGroups"] = [{"label": "Aspirin 81 mg once daily"}]
    given["derivedSection"]["interventionBrowseModule"] = {"meshes": [{"id": "D001241", "term": "Aspirin"}]}
    records = write_records(tmp_path / "r.jsonl", [given])
    release = quick_build(tmp_path, tmp_path / "root", records).release
    drug = {line.split(" ")[2] for line in lines(release) if line.split(" ")[1] == f"<{TG.drug}>"}
    assert drug == {f"<{RESOURCE}drug/UNII:R16CO5Y76E>"}
    assert any("NCT00000001" in line for line in lines(release, "interpretation"))
    without = quick_build(tmp_path, tmp_path / "other", records, interpret=False).release
    assert "interpretation" not in without.manifest["graphs"]
    assert lines(without) == lines(release)


def test_without_links_nothing_is_derived(tmp_path):
    records = write_records(tmp_path / "r.jsonl", [linked(1)])
    release = quick_build(tmp_path, tmp_path / "root", records, link=False, interpret=False).release
    assert not any(TG.inCountry in line for line in lines(release))
    assert derived_graphs.read_shards(release.path) == []


def test_an_update_derives_what_a_full_build_does_and_says_what_came_and_went(tmp_path):
    old = write_records(tmp_path / "old.jsonl", [linked(n) for n in range(1, 12)])
    new = write_records(tmp_path / "new.jsonl", [linked(1, country="France"), *(linked(n) for n in range(2, 12))])
    before = quick_build(tmp_path, tmp_path / "root", old).release
    report = quick_update(tmp_path, tmp_path / "root", new, complete=True)
    full = quick_build(tmp_path, tmp_path / "full", new).release
    same_files(report.release.path, full.path, "dumps/trialgraph-links.nt", "derived")
    for way, (one, other) in {"added": (report.release, before), "removed": (before, report.release)}.items():
        text = gzip.decompress((report.release.path / "changes" / f"{way}.nq.gz").read_bytes()).decode()
        told = {line.replace(f" <{Graph.LINKS}> .", " .") for line in text.splitlines() if f"<{Graph.LINKS}>" in line}
        assert told == lines(one) - lines(other) != set()
        assert report.changes[f"quads of links {way}"] == len(told)


def test_workers_change_no_byte(tmp_path):
    records = write_records(tmp_path / "r.jsonl", [linked(n) for n in range(1, 9)])
    one = quick_build(tmp_path, tmp_path / "one", records, workers=1).release
    two = quick_build(tmp_path, tmp_path / "two", records, workers=2).release
    same_files(one.path, two.path, "dumps/trialgraph-links.nt", "derived")


def test_a_new_vocabulary_links_again_without_mapping_again(tmp_path):
    records = write_records(tmp_path / "r.jsonl", [linked(1)])
    before = quick_build(tmp_path, tmp_path / "root", records, vocabularies=tmp_path / "v").release
    add(tmp_path / "v", "ror", [CASES / "v2.1-2026-02-03-ror-data_schema_v2.json"])
    after = quick_update(tmp_path, tmp_path / "root", vocabularies=tmp_path / "v").release
    assert after.version != before.version
    same_files(before.path, after.path, "records", "dumps/trialgraph-registry.nt")
    ror = {line for line in lines(after) - lines(before) if "https://ror.org/09tea0001" in line}
    assert len(ror) == 3
    assert lines(before) <= lines(after)  # names that need no vocabulary are known beside one, too
    came, went = (
        gzip.decompress((after.path / "changes" / f"{way}.nq.gz").read_bytes()).decode().splitlines()
        for way in ("added", "removed")
    )
    assert {line.replace(f" <{Graph.LINKS}> .", " .") for line in came if f"<{Graph.LINKS}>" in line} >= ror
    assert not [line for line in went if f"<{Graph.LINKS}>" in line]
    assert not [line for line in (*came, *went) if f"<{Graph.REGISTRY}>" in line]
    full = quick_build(tmp_path, tmp_path / "full", records, vocabularies=tmp_path / "v").release
    same_files(after.path, full.path, "dumps/trialgraph-links.nt", "derived")
    again = quick_update(tmp_path, tmp_path / "root", vocabularies=tmp_path / "v").release
    assert again.version == after.version


def test_a_damaged_index_stops_a_build_before_it_begins(tmp_path):
    (tmp_path / "v").mkdir()
    (tmp_path / "v" / "vocabularies.sqlite").write_text("nothing")
    with pytest.raises(SourceError, match="damaged"):
        quick_build(tmp_path, tmp_path / "root", vocabularies=tmp_path / "v")


def test_the_parts_are_in_the_manifest(tmp_path):
    release = quick_build(tmp_path, tmp_path / "root", write_records(tmp_path / "r.jsonl", [linked(1)])).release
    listed = {file["path"] for file in json.loads((release.path / "manifest.json").read_text())["files"]}
    assert "derived/index.json" in listed


def test_what_is_not_linked_is_told_with_its_reason(tmp_path):
    given = [linked(n) for n in range(1, 4)]
    given[0]["protocolSection"]["armsInterventionsModule"]["interventions"][0]["name"] = "Placebo"
    release = quick_build(tmp_path, tmp_path / "root", write_records(tmp_path / "r.jsonl", given)).release
    header, *rows = [line.split("\t") for line in (release.path / "unlinked.tsv").read_text().splitlines()]
    assert header == ["kind", "name", "reason", "trials", "one of them"]
    assert ["drug", "Placebo", "placebo", "1", "NCT00000001"] in rows
    assert next(row for row in rows if row[:2] == ["drug", "x"])[3:] == ["2", "NCT00000002"]
    assert [int(row[3]) for row in rows if row[0] == "drug"] == [2, 1]
    assert release.manifest["links"] == {
        "links-condition-names": 1,
        "links-names-not-linked": len(rows),
        "links-trials-with-country": 3,
        "links-trials-with-disease": 3,
    }
    description = (release.path / "dumps" / "trialgraph-description.nt").read_text()
    assert f"<{RESOURCE}metric/links-names-not-linked>" in description


def test_what_looks_like_a_predicate_inside_a_text_is_text(tmp_path):
    made = linked(1)
    made["protocolSection"]["identificationModule"]["briefTitle"] = f'a> <{TG.country}> "Peru" . <{TG.nctId}> "x'
    release = quick_build(tmp_path, tmp_path / "root", write_records(tmp_path / "r.jsonl", [made])).release
    countries = {line.split(" ")[2] for line in lines(release) if f"<{TG.inCountry}>" in line}
    assert countries == {f"<{RESOURCE}country/TR>"}


def test_what_a_record_yields_does_not_hang_on_the_records_before_it():
    given = [linked(number) for number in (1, 2)]
    for record_, name in zip(given, ("tealimab", "TEALIMAB"), strict=True):
        record_["protocolSection"]["armsInterventionsModule"]["interventions"][0]["name"] = name
        record_["derivedSection"]["interventionBrowseModule"] = {"meshes": [{"id": "C900001", "term": name}]}
    forwards, backwards = RecordLinker(None), RecordLinker(None)
    one = [set(forwards.triples(record_)) for record_ in given]
    other = [set(backwards.triples(record_)) for record_ in reversed(given)]
    assert one == other[::-1]
    assert any(triple[2] == '"TEALIMAB"' for _, triple in one[1])


def test_a_record_that_a_rule_stumbles_over_costs_what_is_derived_from_it_alone(tmp_path, monkeypatch):
    real = interpretation_derivation.interpretation_triples

    def stumbling(document, *rest):
        if document["protocolSection"]["identificationModule"]["nctId"] == "NCT00000002":
            raise KeyError("agent")
        return real(document, *rest)

    monkeypatch.setattr(interpretation_derivation, "interpretation_triples", stumbling)
    given = [record(number) for number in (1, 2, 3)]
    for one in given:
        one["protocolSection"]["armsInterventionsModule"]["armGroups"] = [{"label": "Aspirin 81 mg once daily"}]
    release = quick_build(
        tmp_path, tmp_path / "root", write_records(tmp_path / "r.jsonl", given), validate=True
    ).release
    doses = {
        line[:60] for line in lines(release, "interpretation") if "/DoseSpecification" in line or "#dose" in line
    }
    assert {number for number in "123" if any(f"NCT0000000{number}" in line for line in doses)} == {"1", "3"}
    report = (release.path / "report.ttl").read_text()
    assert (
        "the interpretation of this record could not be made (KeyError: 'agent'); the record itself is whole"
        in report
    )
