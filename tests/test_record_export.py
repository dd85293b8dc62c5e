"""Records that come back from a release: whole, in order, by one process or several."""

import json

import pytest
from tests.building import quick_build, record, write_records

from trialgraph.errors import UnmappableRecord
from trialgraph.pipeline import record_export


@pytest.fixture(scope="module")
def made():
    return [record(number, briefTitle=f'"{number}" . <x> \\ \n') for number in range(1, 900, 2)]


@pytest.fixture(scope="module")
def release(made, tmp_path_factory):
    folder = tmp_path_factory.mktemp("export")
    return quick_build(folder, folder / "release", write_records(folder / "r.jsonl", reversed(made))).release


@pytest.mark.parametrize("workers", [1, 2])
def test_all_records_come_back_in_order(release, made, workers):
    back = b"".join(record_export.records(release, workers=workers))
    assert list(map(json.loads, back.splitlines())) == made


def test_some_come_back_in_the_order_they_are_asked_for(release, made):
    back = [
        json.loads(line) for line in record_export.records(release, ["NCT00000899", "NCT00000001", "NCT00000451"])
    ]
    assert back == [made[-1], made[0], made[225]]


@pytest.mark.parametrize("nct_id", ["NCT00000000", "NCT00000002", "NCT99999999"])
def test_a_trial_without_a_record_is_told(release, nct_id):
    with pytest.raises(UnmappableRecord, match=nct_id):
        list(record_export.records(release, [nct_id]))


def test_what_comes_back_is_made_from_the_graph_and_not_read_from_the_records_given(release, made):
    for path in (release.path / "records").glob("*.jsonl.zst"):
        path.write_bytes(b"")
    assert json.loads(next(record_export.records(release, ["NCT00000001"]))) == made[0]
