"""Versions of records: the newest wins wherever it comes from, older ones are history, parts and former numbers are told."""

import itertools
import json

import pytest
from tests.building import quick_build, quick_update, record, write_records

from trialgraph.errors import RecordError
from trialgraph.pipeline import record_export
from trialgraph.store import Reader
from trialgraph.vocabulary import Graph


def dated(number, date, status="RECRUITING", **more):
    return record(number, date=date, overallStatus=status, **more)


VERSIONS = [
    dated(7, "2020-01-01"),
    dated(7, "2022-03-01", "SUSPENDED"),
    dated(7, "2024-05-02", "COMPLETED", count=85),
]


def held(release, number=7):
    return json.loads(next(record_export.records(release, [f"NCT{number:08d}"])))


def history(release):
    return sorted(Reader(release).quads(Graph.HISTORY))


def told(release):
    return [json.loads(line) for line in (release.path / "rejected.jsonl").read_text().splitlines()]


def update(tmp_path, root, *records, name="u.jsonl", **how):
    return quick_update(tmp_path, root, write_records(tmp_path / name, records), **how)


def test_an_older_version_never_takes_the_place_of_a_newer_one(tmp_path):
    root = tmp_path / "root"
    quick_build(tmp_path, root, write_records(tmp_path / "r.jsonl", VERSIONS[2:]))
    report = update(tmp_path, root, VERSIONS[0])
    assert held(report.release) == VERSIONS[2]
    assert report.rejected == 1
    (entry,) = told(report.release)
    assert entry["error"] == "RepeatedRecord"
    assert "2024-05-02" in entry["reason"]
    with pytest.raises(RecordError, match="2024-05-02"):
        update(tmp_path, root, VERSIONS[1], strict=True)


def test_versions_in_one_file_and_one_after_the_other_in_any_order_make_one_history(tmp_path):
    whole = quick_build(
        tmp_path, tmp_path / "whole", write_records(tmp_path / "w.jsonl", [*VERSIONS, record(8)])
    ).release
    assert held(whole) == VERSIONS[2]
    expected = history(whole)
    assert sum(p.endswith("wasRevisionOf>") for _, p, _ in expected) == 2
    for turn, order in enumerate(itertools.permutations(VERSIONS)):
        root = tmp_path / f"root{turn}"
        quick_build(tmp_path, root, write_records(tmp_path / "first.jsonl", [order[0], record(8)]))
        update(tmp_path, root, order[1])
        last = update(tmp_path, root, order[2]).release
        assert held(last) == VERSIONS[2]
        assert history(last) == expected
        assert last.manifest["graphs"]["history"] == whole.manifest["graphs"]["history"]


def test_the_history_of_others_is_kept_by_an_update(tmp_path):
    root = tmp_path / "root"
    before = quick_build(tmp_path, root, write_records(tmp_path / "w.jsonl", [*VERSIONS, record(8)])).release
    after = update(tmp_path, root, dated(8, "2026-05-01", "COMPLETED")).release
    assert set(history(after)) > set(history(before))
    assert (before.path / "history" / "versions.zst").is_file()
    assert "history/versions.zst" in {file["path"] for file in after.manifest["files"]}


def test_another_text_with_the_same_dates_is_taken_and_told(tmp_path):
    root = tmp_path / "root"
    quick_build(tmp_path, root, write_records(tmp_path / "r.jsonl", VERSIONS[2:]))
    other = dated(7, "2024-05-02", "TERMINATED")
    report = update(tmp_path, root, other)
    assert held(report.release) == other
    assert "NCT00000007: another text with the same dates" in report.text()
    assert report.rejected == 0
    twice = quick_build(tmp_path, tmp_path / "b", write_records(tmp_path / "t.jsonl", [other, VERSIONS[2]]))
    assert held(twice.release) == other
    assert "the same dates, but another text" in told(twice.release)[0]["reason"]


def without_dates():
    given = record(7, overallStatus="WITHDRAWN")
    del given["protocolSection"]["statusModule"]["lastUpdatePostDateStruct"]
    return given


def some_fields():
    given = dated(7, "2026-01-01")
    protocol = given["protocolSection"]
    given["protocolSection"] = {key: protocol[key] for key in ("identificationModule", "statusModule")}
    return given


@pytest.mark.parametrize(("given", "reason"), [(without_dates(), "no date"), (some_fields(), "fields")])
def test_a_part_of_a_record_is_set_aside_unless_it_is_wanted(tmp_path, given, reason):
    root = tmp_path / "root"
    before = quick_build(tmp_path, root, write_records(tmp_path / "r.jsonl", [*VERSIONS[2:], record(8)])).release
    report = update(tmp_path, root, given)
    assert held(report.release) == held(before)
    assert report.rejected == 1
    report = update(tmp_path, root, given, record(9))
    (entry,) = told(report.release)
    assert entry["error"] == "PartialRecord"
    assert reason in entry["reason"]
    assert "--accept-partial" in entry["remedy"]
    assert held(update(tmp_path, root, given, accept_partial=True).release) == given


def absorbing(number, *former):
    given = record(number)
    given["protocolSection"]["identificationModule"]["nctIdAliases"] = [f"NCT{each:08d}" for each in former]
    return given


@pytest.mark.parametrize("number", [5, 9])
def test_a_record_that_another_has_absorbed_becomes_a_tombstone(tmp_path, number):
    root, owner = tmp_path / "root", absorbing(number, 7)
    quick_build(tmp_path, root, write_records(tmp_path / "r.jsonl", [VERSIONS[2], record(8)]))
    report = update(tmp_path, root, owner)
    assert (report.records, report.changes["absorbed"]) == (2, 1)
    about = {(p, o) for s, p, o in history(report.release) if s == "<https://w3id.org/trialgraph/id/NCT00000007>"}
    assert ("<http://purl.org/dc/terms/isReplacedBy>", f"<https://w3id.org/trialgraph/id/NCT{number:08d}>") in about
    assert any(p.endswith("invalidatedAtTime>") for p, _ in about)
    again = update(tmp_path, root, VERSIONS[2])
    assert (again.records, again.rejected) == (2, 1)
    assert history(again.release) == history(report.release)
    assert held(again.release, 7) == owner


def test_of_records_given_together_the_absorbed_one_is_set_aside(tmp_path):
    records = write_records(tmp_path / "r.jsonl", [absorbing(5, 7), VERSIONS[2], absorbing(3, 4), absorbing(4, 3)])
    report = quick_build(tmp_path, tmp_path / "root", records)
    assert (report.records, report.rejected) == (2, 2)
    assert {entry["nctId"] for entry in told(report.release)} == {"NCT00000004", "NCT00000007"}


def test_a_vanished_record_stays_gone_until_a_newer_version_comes(tmp_path):
    root = tmp_path / "root"
    quick_build(tmp_path, root, write_records(tmp_path / "r.jsonl", [VERSIONS[1], record(8)]))
    assert quick_update(tmp_path, root, withdrawn=["NCT00000007"]).records == 1
    older = update(tmp_path, root, VERSIONS[0])
    assert (older.records, older.rejected) == (1, 1)
    back = update(tmp_path, root, VERSIONS[2])
    assert held(back.release) == VERSIONS[2]
    gone = [s for s, p, _ in history(back.release) if p.endswith("invalidatedAtTime>")]
    assert [s.rsplit("/", 1)[-1] for s in gone] == ["2022-03-01>"]
