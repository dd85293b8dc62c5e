"""Versions of records: the newest wins wherever it comes from, older ones are history, parts and former numbers are told."""

import itertools
import json

import pytest
from tests.building import ISSUED, quick_build, quick_update, record, write_records

from trialgraph.errors import RecordError
from trialgraph.pipeline import record_export
from trialgraph.pipeline.absorbed_trials import absorbed_trials
from trialgraph.pipeline.record_intake import Rejected
from trialgraph.pipeline.record_merge import Before, RecordMerge
from trialgraph.pipeline.record_order import RecordOrder
from trialgraph.pipeline.version_store import VersionStore
from trialgraph.registry.record import RecordText
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


@pytest.mark.parametrize(
    ("given", "reason"),
    [(without_dates(), "no date"), (dated(7, "March 2030"), "no date"), (some_fields(), "fields")],
    ids=["no date", "a date that is none", "some fields"],
)
def test_a_part_of_a_record_is_set_aside_unless_it_is_wanted(tmp_path, given, reason):
    root = tmp_path / "root"
    before = quick_build(tmp_path, root, write_records(tmp_path / "r.jsonl", [*VERSIONS[2:], record(8)])).release
    report = update(tmp_path, root, given)
    assert held(report.release) == held(before)
    assert report.rejected == 1
    assert reason in report.text()  # nothing is published, so the file of the release does not have it
    assert reason in report.rejected_file.read_text()
    assert str(report.rejected_file) in report.text()
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


ABSORBED = {
    "a chain": ({1: [2], 2: [3], 3: []}, {2: 1, 3: 1}),
    "a chain from a higher number": ({3: [2], 2: [1], 1: []}, {2: 3, 1: 3}),
    "two that name each other": ({1: [2], 2: [1]}, {2: 1}),
    "a circle of three": ({1: [2], 2: [3], 3: [1]}, {2: 1, 3: 1}),
    "one that leads to a circle": ({1: [2], 2: [1, 4], 3: [], 4: [3]}, {2: 1, 3: 1, 4: 1}),
    "one that names itself": ({1: [1, 2], 2: []}, {2: 1}),
    "two that name a third": ({1: [3], 2: [1, 3], 3: []}, {1: 2, 3: 2}),
    "two that name one": ({1: [3], 2: [3], 3: []}, {3: 1}),
}


@pytest.mark.parametrize("name", ABSORBED)
def test_former_numbers_lead_to_one_trial_in_whatever_order_records_come(tmp_path, name):
    named, owners = ABSORBED[name]
    for order in itertools.permutations(named):
        given = RecordOrder(tmp_path, pytest.fail)
        for number in order:
            given.add(RecordText(json.dumps(absorbing(number, *named[number])).encode(), "a.jsonl"))
        with VersionStore(tmp_path) as store, Rejected(tmp_path / "rejected.jsonl", strict=False) as rejected:
            merge = RecordMerge(store, rejected, ISSUED, aliases=absorbed_trials(given))
            taken = [line.nct_id for line in merge.merge(Before(), given.lines())]
        reasons = [json.loads(line)["reason"] for line in (tmp_path / "rejected.jsonl").read_text().splitlines()]
        assert taken == [f"NCT{number:08d}" for number in sorted(set(named) - set(owners))]
        assert reasons == [
            f"NCT{former:08d} is a former number of NCT{owner:08d}, which is taken"
            for former, owner in sorted(owners.items())
        ]


@pytest.mark.parametrize("order", [(1, 2, 3), (2, 1, 3), (3, 2, 1)], ids=str)
def test_a_former_number_of_a_former_number_leads_on_after_updates(tmp_path, order):
    root = tmp_path / "root"
    given = {1: absorbing(1, 2), 2: absorbing(2, 3), 3: record(3)}
    quick_build(tmp_path, root, write_records(tmp_path / "first.jsonl", [given[order[0]]]))
    for number in order[1:]:
        last = update(tmp_path, root, given[number])
    assert last.records == 1
    assert [held(last.release, number) for number in (1, 2, 3)] == [given[1]] * 3


def test_a_vanished_record_stays_gone_until_a_newer_version_comes(tmp_path):
    root = tmp_path / "root"
    quick_build(tmp_path, root, write_records(tmp_path / "r.jsonl", [VERSIONS[1], record(8)]))
    assert quick_update(tmp_path, root, withdrawn=["NCT00000007"]).records == 1
    older = update(tmp_path, root, VERSIONS[0])
    assert (older.records, older.rejected) == (1, 1)
    assert "was here and is gone since" in older.text()
    back = update(tmp_path, root, VERSIONS[2])
    assert held(back.release) == VERSIONS[2]
    gone = [s for s, p, _ in history(back.release) if p.endswith("invalidatedAtTime>")]
    assert [s.rsplit("/", 1)[-1] for s in gone] == ["2022-03-01>"]


def test_a_vanished_record_that_is_given_again_is_here_again(tmp_path):
    root = tmp_path / "root"
    quick_build(tmp_path, root, write_records(tmp_path / "r.jsonl", [VERSIONS[1], record(8)]))
    quick_update(tmp_path, root, withdrawn=["NCT00000007"])
    back = update(tmp_path, root, VERSIONS[1])
    assert held(back.release) == VERSIONS[1]
    assert "NCT00000007: it is here again; it was gone since 2026-11-23." in back.notes
    assert update(tmp_path, root, VERSIONS[1]).release.version == back.release.version


def test_only_the_newest_version_of_a_trial_says_which_numbers_it_had(tmp_path):
    older = absorbing(5, 7)
    newer = dated(5, "2026-06-01")
    given = [older, newer, VERSIONS[2]]
    for turn, order in enumerate(itertools.permutations(given)):
        whole = quick_build(tmp_path, tmp_path / f"whole{turn}", write_records(tmp_path / "w.jsonl", order))
        assert whole.records == 2
    for turn, order in enumerate(
        ([older, newer, VERSIONS[2]], [newer, older, VERSIONS[2]], [newer, VERSIONS[2], older])
    ):
        root = tmp_path / f"root{turn}"
        quick_build(tmp_path, root, write_records(tmp_path / "first.jsonl", order[:1]))
        update(tmp_path, root, order[1])
        assert update(tmp_path, root, order[2]).records == 2


def test_what_cannot_be_withdrawn_is_told(tmp_path):
    root = tmp_path / "root"
    quick_build(tmp_path, root, write_records(tmp_path / "r.jsonl", [record(7), record(8)]))
    report = update(tmp_path, root, record(7), withdrawn=["NCT00000007", "NCT00000009"])
    assert report.records == 2
    assert list(report.notes) == [
        "NCT00000007: it is given, so it was not withdrawn.",
        "NCT00000009: there is no record of it here to withdraw.",
    ]


@pytest.mark.parametrize("content", [b"", b"{", b"[]"])
def test_nothing_is_gone_where_not_all_that_was_given_can_be_read(tmp_path, content):
    root = tmp_path / "root"
    quick_build(tmp_path, root, write_records(tmp_path / "r.jsonl", [record(7), record(8)]))
    (tmp_path / "broken.json").write_bytes(content)
    good = write_records(tmp_path / "u.jsonl", [record(7)])
    for files in [(tmp_path / "broken.json",), *([(good, tmp_path / "broken.json")] if content != b"[]" else [])]:
        report = quick_update(tmp_path, root, *files, complete=True)
        assert report.records == 2
        assert any("No record was taken for gone" in note for note in report.notes)
    assert quick_update(tmp_path, root, good, complete=True).records == 1
