"""Releases on disk: locked, whole, swapped in one step, whatever is killed when."""

import os
import random
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from trialgraph.errors import ReleaseBusy, ReleaseDamaged, ReleaseNotFound
from trialgraph.store import (
    Reader,
    Statistics,
    begin_release,
    bulk_load,
    change_store,
    copy_store,
    keep_union,
    open_release,
    publish,
    releases,
    sha256,
    verify,
    version_for,
)

GRAPH = "https://example.org/g"


def quads(numbers: range) -> bytes:
    return "".join(f'<https://e.org/{n}> <https://e.org/p> "{n}" <{GRAPH}> .\n' for n in numbers).encode()


def make(root: Path, version: str, size: int = 3, **manifest: object) -> None:
    with begin_release(root, version) as draft:
        bulk_load(draft.store, [quads(range(size))], optimize=False)
        (draft.path / "file.txt").write_text(version)
        entry = {"path": "file.txt", "bytes": len(version), "sha256": sha256(draft.path / "file.txt")}
        draft.write_manifest({"files": [entry], **manifest})
        publish(draft)


def test_no_release_is_said_with_a_remedy(tmp_path):
    with pytest.raises(ReleaseNotFound, match="trialgraph build"):
        open_release(tmp_path)
    assert releases(tmp_path) == []


def test_the_last_published_is_current_and_all_are_kept_in_order(tmp_path):
    for version in ("2026-11-23.10", "2026-11-23.2", "2026-11-23"):
        make(tmp_path, version)
    assert open_release(tmp_path).version == "2026-11-23"
    assert [each.version for each in releases(tmp_path)] == ["2026-11-23", "2026-11-23.2", "2026-11-23.10"]


def test_an_open_release_stays_when_another_is_published(tmp_path):
    make(tmp_path, "2026-11-23", size=3)
    old = open_release(tmp_path)
    reader = Reader(old)
    make(tmp_path, "2026-11-24", size=5)
    assert len(list(reader.quads(GRAPH))) == 3
    assert len(list(Reader(old).quads(GRAPH))) == 3
    assert len(list(Reader(open_release(tmp_path)).quads(GRAPH))) == 5


def test_only_one_writes_and_a_dead_one_holds_nothing(tmp_path):
    with begin_release(tmp_path, "2026-11-23"), pytest.raises(ReleaseBusy, match="wait"):
        begin_release(tmp_path, "2026-11-24")
    with begin_release(tmp_path, "2026-11-24"):
        pass


def test_what_a_killed_build_left_is_cleared_or_resumed(tmp_path):
    with begin_release(tmp_path) as draft:
        (draft.path / "records").mkdir()
        (draft.path / "records" / "part").write_text("kept")
        (draft.path / "dumps").mkdir()
    with begin_release(tmp_path, resume=True) as draft:
        draft.clear(but=("records",))
        assert [path.name for path in draft.path.iterdir()] == ["records"]
    with begin_release(tmp_path) as draft:
        assert list(draft.path.iterdir()) == []


def test_a_version_must_be_a_date(tmp_path):
    for version in ("", "latest", "2026-11-23.0", "../2026-11-23", "2026-11-23/x"):
        with begin_release(tmp_path, version) as draft, pytest.raises(ValueError, match="version"):
            publish(draft)
    assert releases(tmp_path) == []


def test_a_draft_without_manifest_is_not_published(tmp_path):
    with begin_release(tmp_path, "2026-11-23") as draft, pytest.raises(ReleaseDamaged, match=r"manifest\.json"):
        publish(draft)


def test_the_same_again_keeps_what_is_there_and_something_else_is_refused(tmp_path):
    make(tmp_path, "2026-11-23", content="a")
    before = open_release(tmp_path).path.stat().st_ino
    make(tmp_path, "2026-11-23", content="a")
    assert open_release(tmp_path).path.stat().st_ino == before
    with pytest.raises(ReleaseDamaged, match="taken"):
        make(tmp_path, "2026-11-23", content="b")
    assert version_for(tmp_path, "2026-11-23", "a") == "2026-11-23"
    assert version_for(tmp_path, "2026-11-23", "b") == "2026-11-23.2"
    assert version_for(tmp_path, "2026-11-24", "a") == "2026-11-24"


@pytest.mark.parametrize("damage", ["missing", "shorter", "flipped", "no store"])
def test_damage_is_found(tmp_path, damage):
    make(tmp_path, "2026-11-23", content="a")
    release = open_release(tmp_path)
    verify(release)
    file = release.path / "file.txt"
    match damage:
        case "missing":
            file.unlink()
        case "shorter":
            file.write_text("2026")
        case "flipped":
            file.write_text("2026-11-24")
        case "no store":
            (release.store / "CURRENT").unlink()
    with pytest.raises(ReleaseDamaged, match="again"):
        verify(release)
    # Damaged content is not taken for the same content: what is built again gets the next number.
    assert version_for(tmp_path, "2026-11-23", "a") == "2026-11-23.2"


def test_a_manifest_that_is_not_json_is_damage(tmp_path):
    make(tmp_path, "2026-11-23")
    (open_release(tmp_path).path / "manifest.json").write_text("{")
    with pytest.raises(ReleaseDamaged, match=r"manifest\.json"):
        open_release(tmp_path)


def test_loading_in_many_blocks_and_threads_loses_nothing(tmp_path):
    bulk_load(tmp_path / "store", (quads(range(n, n + 700)) for n in range(0, 70_000, 700)))
    with begin_release(tmp_path, "2026-11-23") as draft:
        (tmp_path / "store").rename(draft.store)
        assert len(list(Reader(draft).quads(GRAPH))) == 70_000


def test_an_error_while_loading_arrives(tmp_path):
    def failing():
        yield quads(range(10))
        raise KeyError("the source failed")

    with pytest.raises(KeyError, match="the source failed"):
        bulk_load(tmp_path / "store", failing())
    with pytest.raises(SyntaxError):
        bulk_load(tmp_path / "other", [b"not N-Quads\n"])


def test_a_changed_copy_leaves_the_original(tmp_path):
    make(tmp_path, "2026-11-23", size=10)
    old = open_release(tmp_path)
    with begin_release(tmp_path, "2026-11-24") as draft:
        copy_store(old.store, draft.store)
        change_store(draft.store, cleared=["https://example.org/none"], removed=[quads(range(4))])
        bulk_load(draft.store, [quads(range(20, 22))])
        assert len(list(Reader(draft).quads(GRAPH))) == 8
    assert len(list(Reader(old).quads(GRAPH))) == 10
    with begin_release(tmp_path, "2026-11-25") as draft:
        copy_store(old.store, draft.store)
        change_store(draft.store, cleared=[GRAPH], removed=[])
        assert list(Reader(draft).quads(GRAPH)) == []


def test_select_gives_terms(tmp_path):
    make(tmp_path, "2026-11-23")
    rows = list(Reader(open_release(tmp_path)).select("SELECT ?o ?x { ?s ?p ?o } ORDER BY ?o"))
    assert rows == [('"0"', None), ('"1"', None), ('"2"', None)]
    with pytest.raises(TypeError, match="SELECT"):
        list(Reader(open_release(tmp_path)).select("ASK {}"))


def test_select_meets_a_triple_once_where_the_union_is_kept(tmp_path):
    make(tmp_path, "2026-11-23")
    others = [quads(range(4)).replace(GRAPH.encode(), f"https://example.org/{name}".encode()) for name in "ab"]
    with begin_release(tmp_path, "2026-11-24") as draft:
        copy_store(open_release(tmp_path).store, draft.store)
        bulk_load(draft.store, others)
        keep_union(draft.store, [GRAPH])
        count = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
        integer = "http://www.w3.org/2001/XMLSchema#integer"
        assert list(Reader(draft).select(count)) == [(f'"12"^^<{integer}>',)]
        draft.apart = (GRAPH,)
        assert list(Reader(draft).select(count)) == [(f'"4"^^<{integer}>',)]
        assert len(list(Reader(draft).select("SELECT ?g { GRAPH ?g { ?s ?p ?o } }"))) == 11


def test_a_tree_follows_parts_only(tmp_path):
    lines = (
        f"<https://e.org/a> <https://e.org/p> <https://e.org/a/1> <{GRAPH}> .\n"
        f"<https://e.org/a/1> <https://e.org/p> <https://e.org/a> <{GRAPH}> .\n"
        f"<https://e.org/a> <https://e.org/p> <https://e.org/ab> <{GRAPH}> .\n"
        f'<https://e.org/ab> <https://e.org/p> "not a part" <{GRAPH}> .\n'
    )
    with begin_release(tmp_path, "2026-11-23") as draft:
        bulk_load(draft.store, [lines.encode()])
        assert len(list(Reader(draft).tree(GRAPH, "https://e.org/a"))) == 3


# --- kill -9 -------------------------------------------------------------------------------------------------------

PUBLISHER = """
import sys
from pathlib import Path
from trialgraph.store import begin_release, publish
root = Path(sys.argv[1])
print("ready", flush=True)
number = int(sys.argv[2])
while True:
    with begin_release(root, f"2026-11-23.{number}") as draft:
        draft.store.mkdir()
        (draft.store / "CURRENT").write_text(draft.version)
        for name in "abc":
            (draft.path / name).write_text(draft.version)
        draft.write_manifest({"version": draft.version})
        publish(draft)
    print("published", flush=True)
    number += 1
"""


def test_killed_at_any_moment_the_current_release_is_whole(tmp_path):
    choose = random.Random(20261123)  # noqa: S311 - moments, not secrets
    published = 0
    for _ in range(12):
        number = len(releases(tmp_path)) + 2
        child = subprocess.Popen(
            [sys.executable, "-c", PUBLISHER, str(tmp_path), str(number)], stdout=subprocess.PIPE, text=True
        )
        assert child.stdout is not None
        for _ in range(choose.randrange(1, 5)):
            assert child.stdout.readline()
            published += 1
        # The moment is drawn at random; there is nothing to wait for.
        threading.Event().wait(choose.uniform(0.0, 0.01))
        child.kill()
        child.wait()
        child.stdout.close()
        for release in releases(tmp_path):
            assert {(release.path / name).read_text() for name in "abc"} == {release.version}
            assert release.manifest["version"] == release.version
        if (tmp_path / "current").is_symlink():
            assert open_release(tmp_path).version == open_release(tmp_path).manifest["version"]
    assert len(releases(tmp_path)) >= published - 12


def test_readers_see_the_old_or_the_new_while_it_is_swapped(tmp_path):
    make(tmp_path, "2026-11-23")
    seen = set()
    with ThreadPoolExecutor(1) as pool:
        publishing = pool.submit(_publish_often, tmp_path)
        while not publishing.done():
            release = open_release(tmp_path)
            assert (release.path / "file.txt").read_text() == release.version
            seen.add(release.version)
        publishing.result()
    assert len(seen) > 1


def _publish_often(root: Path) -> None:
    for number in range(2, 30):
        make(root, f"2026-11-23.{number}")


def test_a_stopped_process_still_holds_the_lock(tmp_path):
    code = (
        "import sys, time; from pathlib import Path; from trialgraph.store import begin_release; "
        "draft = begin_release(Path(sys.argv[1]), '2026-11-23'); print('ready', flush=True); sys.stdin.read()"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, stdin=subprocess.PIPE
    )
    assert child.stdout is not None
    assert child.stdin is not None
    child.stdout.readline()
    os.kill(child.pid, signal.SIGSTOP)
    with pytest.raises(ReleaseBusy):
        begin_release(tmp_path, "2026-11-24")
    child.kill()
    child.wait()
    child.stdout.close()
    child.stdin.close()
    with begin_release(tmp_path, "2026-11-24"):
        pass


def test_counts_that_cannot_be_read_are_damage(tmp_path):
    assert Statistics.read(tmp_path) is None
    for text in ("", "{}", '{"predicates": {"p": [1]}}'):
        (tmp_path / "statistics.json").write_text(text)
        with pytest.raises(ReleaseDamaged, match="build it again"):
            Statistics.read(tmp_path)
