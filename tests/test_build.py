"""The build: whole or not at all, the same bytes every time, bad records set aside, killed builds resumed."""

import gzip
import json
import random
from pathlib import Path

import pyoxigraph as ox
import pytest
from tests.building import CURATED, ISSUED, quick_build, record, same_files, small_data, write_records
from tests.patience import patient

from trialgraph.errors import (
    NonconformanceError,
    RecordError,
    ReleaseBusy,
    ReleaseNotFound,
    SettingError,
    SourceError,
)
from trialgraph.formats import N_QUADS, SPARQL_CSV, TURTLE
from trialgraph.pipeline import BuildOptions, build, record_export
from trialgraph.pipeline.external_sort import Sorter
from trialgraph.pipeline.record_order import RecordOrder, chunks
from trialgraph.pipeline.shard_files import read_index
from trialgraph.pipeline.shard_maker import ShardMaker
from trialgraph.query import QueryRequest, open_engine
from trialgraph.registry.record import RecordText
from trialgraph.release import export
from trialgraph.release.dump_policy import DumpPolicy
from trialgraph.settings import packaged
from trialgraph.store import Reader, Statistics, begin_release, open_release, releases, verify
from trialgraph.vocabulary import ONTOLOGY, TG, Graph

EVERYTHING = ("manifest.json", "statistics.json", "report.ttl", "rejected.jsonl", "dumps", "records", "search.sqlite")
SAID_TWICE = "<https://w3id.org/trialgraph/id/arm/x> a <https://w3id.org/trialgraph/ontology#Arm> ."


@pytest.fixture
def records(tmp_path: Path) -> Path:
    return write_records(tmp_path / "records.jsonl", [record(n) for n in (5, 3, 8, 1, 700, 12)])


def rejected(root: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (open_release(root).path / "rejected.jsonl").read_text().splitlines()]


def test_a_release_holds_what_it_was_made_of(tmp_path, records):
    report = quick_build(tmp_path, tmp_path / "root", records)
    release = open_release(tmp_path / "root")
    verify(release)
    assert (report.records, report.rejected, report.release) == (6, 0, release)
    for name, count in report.counts.items():
        graph = release.manifest["graphs"][name]
        assert graph["triples"] == count == len(list(Reader(release).quads(graph["iri"]))), name
    assert release.manifest["counts"] == {"quads": sum(report.counts.values()), "records": 6}
    assert {entry["path"] for entry in release.manifest["inputs"]} >= {
        "data/curated/seed.ttl",
        "ontology/registry.ttl",
    }
    counts = Statistics.read(release.path)
    assert counts.triples == sum(count for name, count in report.counts.items() if name != "description")
    assert counts.classes[f"{ONTOLOGY}#Trial"] == 6
    # Six trials with an arm each; three conditions and one more are shared between them.
    assert counts.predicates[f"{ONTOLOGY}#arm"] == (6, 6, 6)
    assert counts.predicates[f"{ONTOLOGY}#condition"][:2] == (12, 6)
    assert counts.datatypes[f"{ONTOLOGY}#enrollmentCount"] == "http://www.w3.org/2001/XMLSchema#integer"
    assert f"{ONTOLOGY}#condition" not in counts.datatypes
    on_disk = {str(path.relative_to(release.path)) for path in (release.path / "dumps").iterdir()}
    assert on_disk - {"dumps/SHA256SUMS"} == {dump["path"] for dump in release.manifest["dumps"]}


def test_two_builds_are_the_same_bytes_whatever_the_workers(tmp_path, records):
    for root, workers in (("one", 1), ("two", 2)):
        quick_build(tmp_path, tmp_path / root, records, workers=workers, validate=True)
    one, two = (open_release(tmp_path / root).path for root in ("one", "two"))
    same_files(one, two, *EVERYTHING)


def test_the_order_and_packing_of_records_do_not_matter(tmp_path, records):
    shuffled = records.read_text().splitlines(keepends=True)
    random.Random(1).shuffle(shuffled)  # noqa: S311 - no secret
    packed = tmp_path / "packed.jsonl.gz"
    packed.write_bytes(gzip.compress("".join(shuffled).encode()))
    quick_build(tmp_path, tmp_path / "one", records)
    quick_build(tmp_path, tmp_path / "two", packed)
    one, two = (open_release(tmp_path / root).path for root in ("one", "two"))
    same_files(one, two, *EVERYTHING)


def test_the_same_again_on_one_day_is_one_release_and_something_else_another(tmp_path, records):
    root = tmp_path / "root"
    for _ in range(2):
        assert quick_build(tmp_path, root, records).release.version == "2026-11-23"
    assert quick_build(tmp_path, root).release.version == "2026-11-23.2"
    assert [each.version for each in releases(root)] == ["2026-11-23", "2026-11-23.2"]


def test_records_come_back_from_the_graph(tmp_path, records):
    quick_build(tmp_path, tmp_path / "root", records)
    release = open_release(tmp_path / "root")
    back = [json.loads(line) for line in record_export.records(release)]
    assert back == [record(number) for number in (1, 3, 5, 8, 12, 700)]
    assert [json.loads(line) for line in record_export.records(release, ["NCT00000008"])] == [record(8)]
    with pytest.raises(RecordError, match="NCT00000009"):
        list(record_export.records(release, ["NCT00000009"]))


def test_curated_data_that_breaks_a_shape_is_not_published(tmp_path):
    data = small_data(tmp_path / "data", CURATED + SAID_TWICE)
    with pytest.raises(NonconformanceError) as raised:
        quick_build(tmp_path, tmp_path / "root", validate=True)
    assert raised.value.violations > 0
    assert "https://w3id.org/trialgraph/id/arm/x" in str(raised.value)
    with pytest.raises(ReleaseNotFound):
        open_release(tmp_path / "root")
    (data / "curated" / "seed.ttl").write_text(CURATED)
    assert quick_build(tmp_path, tmp_path / "root", validate=True).release.version == "2026-11-23"


@pytest.mark.parametrize(("name", "text", "reason"), [
    ("seed.ttl", "<a> <b>", "does not parse"),
    ("other.ttl", CURATED, "no graph 'other'"),
])  # fmt: skip
def test_a_source_that_cannot_be_used_is_named(tmp_path, name, text, reason):
    data = small_data(tmp_path / "data")
    (data / "curated" / name).write_text(text)
    with pytest.raises(SourceError, match=reason) as raised:
        quick_build(tmp_path, tmp_path / "root")
    assert raised.value.path.endswith(name)


def test_files_of_one_graph_keep_their_blank_nodes_apart(tmp_path):
    data = small_data(tmp_path / "data")
    for name in ("seed-a.ttl", "seed-b.ttl"):
        (data / "curated" / name).write_text(
            f'<https://e.org/{name}> <https://e.org/p> _:x . _:x <https://e.org/q> "{name}" .'
        )
    quick_build(tmp_path, tmp_path / "root")
    release = open_release(tmp_path / "root")
    rows = list(
        Reader(release).select("SELECT ?s ?o { GRAPH ?g { ?s <https://e.org/p> ?x . ?x <https://e.org/q> ?o } }")
    )
    assert sorted(rows) == [(f"<https://e.org/{n}>", f'"{n}"') for n in ("seed-a.ttl", "seed-b.ttl")]


BROKEN = {
    "not JSON": '{"protocolSection": {"identificationModule": {"nctId": "NCT00000021"',
    "twice": '{"protocolSection": {"identificationModule": {"nctId": "NCT00000022", "nctId": "NCT00000022"}}}',
    "no id": '{"protocolSection": {}}',
    "odd id": '{"protocolSection": {"identificationModule": {"nctId": "NCT1"}}}',
    "surrogate": '{"protocolSection": {"identificationModule": {"nctId": "NCT00000023", "briefTitle": "\\ud800"}}}',
}


def test_bad_records_are_set_aside_with_place_reason_and_remedy(tmp_path, records):
    bad = tmp_path / "bad.jsonl"
    bad.write_text("".join(f"{text}\n" for text in BROKEN.values()) + json.dumps(record(3, date="2020-01-01")) + "\n")
    for workers in (1, 2):
        report = quick_build(tmp_path, tmp_path / f"root{workers}", records, bad, workers=workers)
        assert (report.records, report.rejected) == (6, len(BROKEN) + 1)
    found = rejected(tmp_path / "root1")
    assert {entry["line"] for entry in found} == set(range(1, len(BROKEN) + 2))
    assert all(entry["reason"] and entry["remedy"] and entry["source"] == str(bad) for entry in found)
    repeated = next(entry for entry in found if entry["error"] == "RepeatedRecord")
    assert repeated["nctId"] == "NCT00000003"
    assert "records.jsonl, line 2" in str(repeated["reason"])
    one, two = (open_release(tmp_path / f"root{workers}").path for workers in (1, 2))
    same_files(one, two, *EVERYTHING)


def test_of_one_record_the_newest_is_taken_wherever_it_stands(tmp_path):
    old, new = record(4, date="2026-01-01"), record(4, date="2026-02-01", overallStatus="COMPLETED")
    for order in ([old, new], [new, old]):
        records = write_records(tmp_path / "records.jsonl", order)
        report = quick_build(tmp_path, tmp_path / "root", records)
        assert json.loads(next(record_export.records(report.release))) == new


def test_a_record_that_breaks_a_shape_is_set_aside(tmp_path, records):
    bad = write_records(tmp_path / "bad.jsonl", [record(30, count=-5)])
    report = quick_build(tmp_path, tmp_path / "root", records, bad, validate=True)
    assert (report.records, report.rejected) == (6, 1)
    assert rejected(tmp_path / "root")[0]["nctId"] == "NCT00000030"


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("workers", [1, 2])
def test_strict_stops_at_the_first(tmp_path, records, name, workers):
    bad = tmp_path / "bad.jsonl"
    bad.write_text(BROKEN[name])
    with pytest.raises(RecordError) as raised:
        quick_build(tmp_path, tmp_path / "root", records, bad, strict=True, workers=workers)
    assert raised.value.source == str(bad)
    assert releases(tmp_path / "root") == []


def test_a_stopped_build_goes_on_where_it_was(tmp_path, monkeypatch):
    many = write_records(tmp_path / "many.jsonl", (record(n) for n in range(1, 1500)))
    expected = quick_build(tmp_path, tmp_path / "whole", many)
    made = []
    make = ShardMaker.make

    def stopping(self, chunk, plan):
        if len(made) == 5:
            raise KeyboardInterrupt
        made.append(chunk.lines[0].nct_id)
        return make(self, chunk, plan)

    monkeypatch.setattr(ShardMaker, "make", stopping)
    with pytest.raises(KeyboardInterrupt):
        quick_build(tmp_path, tmp_path / "root", many)
    first = list(made)
    made[:] = []
    monkeypatch.setattr(
        ShardMaker, "make", lambda self, chunk, plan: made.append(chunk.lines[0].nct_id) or make(self, chunk, plan)
    )
    report = quick_build(tmp_path, tmp_path / "root", many)
    assert first
    assert made
    assert len(made) < len(read_index(report.release.path / "records"))
    # Some chunks are under way at once; all that were done before those are taken over.
    assert first[0] not in made
    same_files(report.release.path, expected.release.path, *EVERYTHING)


def test_a_damaged_part_of_a_stopped_build_is_made_again(tmp_path, records, monkeypatch):
    monkeypatch.setattr("trialgraph.pipeline.build_release.finish", lambda *_args, **_how: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        quick_build(tmp_path, tmp_path / "root", records)
    monkeypatch.undo()
    for part in (tmp_path / "root" / "versions" / ".draft" / "records").glob("*.zst"):
        part.write_bytes(part.read_bytes()[:-1])
    report = quick_build(tmp_path, tmp_path / "root", records)
    expected = quick_build(tmp_path, tmp_path / "whole", records)
    same_files(report.release.path, expected.release.path, *EVERYTHING)


def test_only_one_builds(tmp_path, records):
    with begin_release(tmp_path / "root", "2026-11-23"), pytest.raises(ReleaseBusy):
        quick_build(tmp_path, tmp_path / "root", records)


def test_chosen_dumps_are_the_dumps(tmp_path, records):
    report = quick_build(tmp_path, tmp_path / "root", records, policy=DumpPolicy.parse("nq.zst", "nt.gz"))
    names = {Path(dump["path"]).name for dump in report.release.manifest["dumps"]}
    assert {"trialgraph.nq.zst", "trialgraph-registry.nt.gz"} <= names
    assert "trialgraph.ttl" not in names
    # What is not there is made on the way, and is the same as where it is there.
    full = quick_build(tmp_path, tmp_path / "full", records)
    expected = (full.release.path / "dumps" / "trialgraph-registry.ttl").read_bytes()
    assert b"".join(export.dump(report.release, TURTLE, "registry")) == expected
    assert b"".join(export.dump(full.release, TURTLE, "registry")) == expected


def test_a_trial_can_be_dumped_alone(tmp_path, records):
    release = quick_build(tmp_path, tmp_path / "root", records).release
    lines = b"".join(export.dump(release, N_QUADS, "registry", ["NCT00000005"])).decode().splitlines()
    assert lines
    assert all(line.startswith("<https://w3id.org/trialgraph/id/NCT00000005") for line in lines)
    named = {line.removesuffix(f" <{Graph.REGISTRY}> .") for line in lines if line.endswith(f" <{Graph.REGISTRY}> .")}
    assert {line.removesuffix(" .") for line in lines if not line.endswith(f" <{Graph.REGISTRY}> .")} == named
    labelled = b"".join(export.dump(release, N_QUADS, None, ["NCT00000005"])).decode().splitlines()
    assert set(lines) < set(labelled)
    with pytest.raises(SettingError, match="NCT00000099"):
        export.dump(release, N_QUADS, None, ["NCT00000099"])


# --- what the chunks rest on ---------------------------------------------------------------------------------------


def test_a_new_record_changes_few_chunks(tmp_path):
    def keys(numbers):
        gathering = RecordOrder(tmp_path, lambda error, _raw: pytest.fail(str(error)))
        for number in numbers:
            gathering.add(RecordText(json.dumps(record(number)).encode(), "x"))
        return [chunk.key for chunk in chunks(gathering.lines())]

    before, after = keys(range(1, 2000)), keys([*range(1, 1000), *range(1001, 2000)])
    assert len(before) > 8
    assert len(set(before) - set(after)) == 1


def test_sorting_beyond_memory_is_sorting(tmp_path):
    choose = random.Random(7)  # noqa: S311 - no secret
    lines = [b"%d\n" % choose.randrange(500) for _ in range(3000)]
    for limit in (1, 1000, 10_000, 10**9):
        for unique in (False, True):
            sorter = Sorter(tmp_path, unique=unique, memory_bytes=limit)
            for line in lines:
                sorter.add(line)
            assert list(sorter.sorted()) == sorted(set(lines) if unique else lines)
    assert list(tmp_path.glob("run-*")) == []


@pytest.mark.slow
def test_the_packaged_sources_build_and_conform(tmp_path):
    folders = {name: packaged(name) for name in ("data", "ontology", "shapes")}
    report = build(BuildOptions(**folders, root=tmp_path / "root", issued=ISSUED))
    assert "Violation" not in report.results
    assert {"seed", "mirrors", "ontology", "links", "examples", "description"} <= report.counts.keys()


@pytest.mark.parametrize("whole", [True, False])
def test_a_query_meets_each_triple_once_whatever_graph_it_is_in(tmp_path, whole):
    # The curated trial says of itself what its record says too.
    data = small_data(
        tmp_path / "data",
        "<https://w3id.org/trialgraph/id/NCT00000001> a <https://w3id.org/trialgraph/ontology#Trial> .",
    )
    given = write_records(tmp_path / "given.jsonl", [record(1), record(2)])
    release = quick_build(tmp_path, tmp_path / "root", given, whole_union=whole).release
    assert data.is_dir()
    assert release.apart == (() if whole else (Graph.REGISTRY,))
    store = ox.Store.read_only(str(release.store))
    parts = [ox.DefaultGraph(), *map(ox.NamedNode, release.apart)]
    met = [str(triple) for part in parts for triple in map(_triple, store.quads_for_pattern(None, None, None, part))]
    named = {
        str(_triple(quad))
        for graph in store.named_graphs()
        for quad in store.quads_for_pattern(None, None, None, graph)
    }
    assert len(met) == len(set(met))
    assert set(met) == named
    with open_engine(patient(release=tmp_path / "root")) as engine:
        answer = engine.run(
            QueryRequest(f"SELECT (COUNT(*) AS ?n) {{ ?t a <{TG.Trial}> }}", result_format=SPARQL_CSV)
        )
        assert answer.read() == b"n\r\n2\r\n"


def _triple(quad):
    return ox.Triple(quad.subject, quad.predicate, quad.object)
