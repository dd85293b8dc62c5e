"""The update: the same bytes as a full build, the exact difference, and a history that can be asked."""

import gzip
from collections import Counter
from pathlib import Path

import pyoxigraph as ox
import pytest
from tests.building import quick_build, quick_update, record, revised, same_files, write_records

from trialgraph.errors import ReleaseNotFound
from trialgraph.store import Reader, Release, open_release
from trialgraph.store.merges import PART
from trialgraph.vocabulary import GRAPHS, Graph

TG = "PREFIX tg: <https://w3id.org/trialgraph/ontology#> PREFIX prov: <http://www.w3.org/ns/prov#> "


def registry(release: Release) -> set[str]:
    lines = (release.path / "dumps" / "trialgraph-registry.nt").read_text().splitlines()
    assert len(lines) == len(set(lines))
    return set(lines)


def changed_lines(release: Release, name: str) -> set[str]:
    text = gzip.decompress((release.path / "changes" / f"{name}.nq.gz").read_bytes()).decode()
    return {line.replace(f" <{Graph.REGISTRY}> .", " .") for line in text.splitlines()}


def in_store(release: Release) -> set[tuple[str, str, str]]:
    return set(Reader(release).quads(Graph.REGISTRY))


def everything(release: Release) -> dict[str, Counter[tuple[str, ...]]]:
    """Return what each graph of the store holds, the default graph under "", blank nodes without their names.

    History and description, which tell of one release, are left out, there as well, and the parts that merges are of.
    """
    found: dict[str, Counter[tuple[str, ...]]] = {}
    for quad in ox.Store.read_only(str(release.store)):
        terms = ("_:" if isinstance(term, ox.BlankNode) else str(term) for term in quad.triple)
        graph = "" if isinstance(quad.graph_name, ox.DefaultGraph) else quad.graph_name.value
        found.setdefault(graph, Counter())[tuple(terms)] += 1
    for own in (Graph.HISTORY, Graph.DESCRIPTION):
        found[""] -= found.pop(own, Counter())
    return {graph: triples for graph, triples in found.items() if not graph.startswith(PART)}


@pytest.fixture(params=["a few of many", "nearly all"])
def given(request, tmp_path):
    """Give old and new records: of many, so that the store is copied and changed, or of few, so that it is loaded."""
    many = 400 if request.param == "a few of many" else 0
    kept = [record(n) for n in range(100, 100 + many)]
    old = [*kept, record(1), record(2), record(3), record(4)]
    new = [
        *kept,
        revised(record(1), overallStatus="COMPLETED", date="2026-02-01"),
        revised(record(2), versionHolder="2026-11-23"),
        record(3),
        record(5),
    ]
    return write_records(tmp_path / "old.jsonl", old), write_records(tmp_path / "new.jsonl", new)


@pytest.mark.parametrize("whole", [False, True])
def test_an_update_is_a_full_build_byte_for_byte_and_says_what_differs(tmp_path, given, whole):
    old, new = given
    before = quick_build(tmp_path, tmp_path / "root", old, whole_union=whole).release
    report = quick_update(tmp_path, tmp_path / "root", new, complete=True, whole_union=whole)
    full = quick_build(tmp_path, tmp_path / "full", new, whole_union=whole).release
    after = report.release
    same_files(after.path, full.path, "dumps/trialgraph-registry.nt", "dumps/trialgraph-registry.ttl", "records")
    assert changed_lines(after, "removed") == registry(before) - registry(after)
    assert changed_lines(after, "added") == registry(after) - registry(before)
    assert in_store(after) == in_store(full)
    assert open_release(tmp_path / "root") == after
    counts = {key: report.changes[key] for key in ("new", "changed", "vanished")}
    assert counts == {"new": 1, "changed": 1, "vanished": 1}
    assert report.changes["quads removed"] == len(changed_lines(after, "removed"))


@pytest.mark.parametrize("whole", [False, True])
def test_every_graph_after_an_update_is_as_after_a_full_build(tmp_path, given, whole):
    old, new = given
    quick_build(tmp_path, tmp_path / "root", old, whole_union=whole)
    after = quick_update(tmp_path, tmp_path / "root", new, complete=True, whole_union=whole).release
    full = quick_build(tmp_path, tmp_path / "full", new, whole_union=whole).release
    graphs = {name for name in after.manifest["graphs"] if name not in ("history", "description")}
    assert graphs >= {"registry", "links", "ontology", "seed"}
    assert graphs == full.manifest["graphs"].keys() - {"description"}
    for name in graphs:
        same_files(after.path, full.path, f"dumps/trialgraph-{name}.nt", f"dumps/trialgraph-{name}.ttl")
    held = everything(after)
    assert held.keys() == {"", *(GRAPHS[name] for name in graphs)}
    assert held == everything(full)
    assert held[""] >= held[GRAPHS["links"]]
    assert held[""] & held[Graph.REGISTRY] == (held[Graph.REGISTRY] if whole else Counter())


def test_history_says_which_value_changed_from_what_to_what_and_when(tmp_path, given):
    old, new = given
    quick_build(tmp_path, tmp_path / "root", old)
    release = quick_update(tmp_path, tmp_path / "root", new, complete=True).release
    rows = Reader(release).select(
        TG
        + f"""SELECT ?field ?old ?new ?from ?to {{ GRAPH <{Graph.HISTORY}> {{
          ?version tg:change ?change ; tg:versionDate ?to ; prov:wasRevisionOf/tg:versionDate ?from .
          ?change tg:changedField ?field ; tg:oldValue ?old ; tg:newValue ?new }} }} ORDER BY ?field"""
    )
    dates = tuple(f'"2026-0{month}-01"^^<http://www.w3.org/2001/XMLSchema#date>' for month in (1, 2))
    status = "protocolSection.statusModule."
    assert list(rows) == [
        (f'"{status}lastUpdatePostDateStruct.date"', '"2026-01-01"', '"2026-02-01"', *dates),
        (f'"{status}overallStatus"', '"RECRUITING"', '"COMPLETED"', *dates),
    ]
    gone = Reader(release).select(TG + "SELECT ?v { GRAPH ?g { ?v prov:invalidatedAtTime ?when } }")
    assert [row[0] for row in gone] == ["<https://w3id.org/trialgraph/id/NCT00000004/record/version/2026-01-01>"]


def test_history_grows_and_an_update_of_nothing_publishes_nothing(tmp_path):
    root = tmp_path / "root"
    quick_build(tmp_path, root, write_records(tmp_path / "r", [record(1), record(2)]))
    for status in ("COMPLETED", "WITHDRAWN", "RECRUITING"):
        changed = write_records(tmp_path / "c", [revised(record(1), overallStatus=status)])
        release = quick_update(tmp_path, root, changed).release
        again = quick_update(tmp_path, root, changed)
        assert again.release == release
        assert again.changes["changed"] == 0
    rows = Reader(release).select(TG + "SELECT DISTINCT ?v { GRAPH ?g { ?v a tg:RecordVersion } } ORDER BY ?v")
    base = "<https://w3id.org/trialgraph/id/NCT00000001/record/version/2026-01-01"
    assert [row[0] for row in rows] == [f"{base}>"] + [f"{base}.{n}>" for n in (2, 3, 4)]


def test_withdrawn_records_are_taken_out(tmp_path):
    root = tmp_path / "root"
    quick_build(tmp_path, root, write_records(tmp_path / "r", [record(1), record(2)]))
    report = quick_update(tmp_path, root, withdrawn=["NCT00000002"])
    assert (report.records, report.changes["vanished"]) == (1, 1)


def test_a_new_text_that_cannot_be_read_leaves_the_old_record(tmp_path):
    root = tmp_path / "root"
    before = quick_build(tmp_path, root, write_records(tmp_path / "r", [record(1)])).release
    broken = Path(tmp_path / "broken.jsonl")
    broken.write_text('{"protocolSection": {"identificationModule": {"nctId": "NCT00000001"')
    report = quick_update(tmp_path, root, broken)
    assert (report.rejected, report.records) == (1, 1)
    assert registry(report.release) == registry(before)


def test_without_a_release_there_is_nothing_to_update(tmp_path):
    with pytest.raises(ReleaseNotFound):
        quick_update(tmp_path, tmp_path / "root")
