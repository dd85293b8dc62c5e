"""The update: what is new, changed or gone in the records, applied to the current release and published as the next.

Chunks of records that nothing happened to are taken over as they are, so the result is the same as that of a full
build of the same records, byte for byte, in the dump of every graph but history and description. The store is a copy
of the one before with the difference applied, or is loaded anew when much has changed.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import chain
from pathlib import Path
from typing import IO, Final

import zstandard

from trialgraph.pipeline.build_report import BuildReport, OnProgress, silent
from trialgraph.pipeline.build_state import DEFAULT_SITE, Work, begin, content_of, finish, gather_records
from trialgraph.pipeline.describe_release import CHANGES, Changed
from trialgraph.pipeline.external_sort import Sorter, read_lines
from trialgraph.pipeline.quad_diff import ChangeSet, blocks, differences
from trialgraph.pipeline.record_merge import Gone, Merging, kept_records
from trialgraph.pipeline.record_order import Line
from trialgraph.pipeline.release_writer import BLOCK, Text, Writing
from trialgraph.pipeline.shards import read_index
from trialgraph.pipeline.sources import Sources
from trialgraph.release.dumps import DumpPolicy
from trialgraph.store import Release, bulk_load, change_store, copy_store, open_release, portions
from trialgraph.vocabulary import GRAPHS, TG, Graph

_HISTORY: Final = "history.nt.zst"
_VERSION: Final = re.compile(
    rb"<[^>]*/(NCT\d{8})/record/version/([^/>.]+)(?:\.(\d+))?> <" + re.escape(TG.versionOf).encode() + rb">"
)
_REMOVING: Final = 5
"""Removing a quad from a store costs as much as loading this many."""


def update(
    *,
    data: Path,
    ontology: Path,
    shapes: Path,
    root: Path,
    issued: date,
    site: str = DEFAULT_SITE,
    records: Sequence[Path] = (),
    withdrawn: Sequence[str] = (),
    complete: bool = False,
    standard_input: IO[bytes] | None = None,
    validate: bool = True,
    strict: bool = False,
    optimize: bool = True,
    whole_union: bool | None = None,
    workers: int = 2,
    policy: DumpPolicy | None = None,
    on_progress: OnProgress = silent,
) -> BuildReport:
    """Apply the records given to the current release, and publish the next one with its change set.

    Records of `withdrawn` NCT ids are taken out; with `complete` so are all that are not given. Whether a record
    changed is asked without its `versionHolder`. Where nothing differs at all, the current release stays.

    Raises what `build` raises, and ReleaseNotFound when there is none to update.
    """
    sources = Sources(ontology.resolve(), data.resolve(), shapes.resolve())
    doing = begin(
        sources, root, issued, site=site, validate=validate, strict=strict, whole_union=whole_union,
        workers=workers, on_progress=on_progress,
    )  # fmt: skip
    with doing as work:
        old = open_release(root)
        changing = _Changing(work, old)
        with work.stage("reading"):
            gathering = gather_records(work, records, standard_input)
        with work.stage("mapping"):
            gone = Gone(withdrawn, complete=complete)
            changing.make(changing.merging.merge(kept_records(old.path / "records"), gathering.lines(), gone))
        if content_of(work) == old.manifest.get("made_of"):
            return changing.nothing()
        with work.stage("comparing"):
            changing.compare()
        with work.writing(work.taken, policy) as writing:
            with work.stage("loading"):
                changing.write(writing)
            return finish(work, writing, optimize=optimize, changed=changing.told())


class _Changing:
    """An update under way: from the release before to the one after."""

    def __init__(self, work: Work, old: Release) -> None:
        self._work = work
        self._old = old
        self._history = Sorter(work.scratch, unique=True)
        known = Counter[tuple[str, str]]()
        for line in _history_lines(old):
            self._history.add(line)
            known.update(_version_in(line))
        self.merging = Merging(self._history, known, work.rejected, work.issued)
        self._set = ChangeSet(work.draft.path / CHANGES, work.scratch)
        work.parts.know(old.path / "records")

    def make(self, lines: Iterator[Line]) -> None:
        """Make the parts of all chunks that are not what they were."""
        about = int(self._old.manifest["counts"]["records"])
        for _ in self._work.make(lines, about, lambda: None):
            pass

    def compare(self) -> None:
        """Write the change set."""
        before = read_index(self._old.path / "records")
        self._set.write(differences(before, self._old.path / "records", self._work.made, self._work.parts.folder))

    def write(self, writing: Writing) -> None:
        """Write dumps and store."""
        history = self._write_history()
        making = self._work.made_again(writing.orders_of_records)
        if not self._is_small():
            writing.write(chain(self._work.texts(making), history))
            return
        store = self._work.draft.store
        copy_store(self._old.store, store)
        cleared = [graph for graph in GRAPHS.values() if graph != Graph.REGISTRY]
        change_store(store, cleared=cleared, removed=blocks(self._set.removed))
        bulk_load(store, self._set.to_load(), optimize=False)
        writing.write(chain(self._work.texts(()), history))
        writing.only_dump(self._work.record_texts(making))

    def _is_small(self) -> bool:
        """Tell whether changing a copy of the store costs less than loading another.

        Where a default graph is whole, what leaves one graph may have to stay in it: that is loaded anew.
        """
        if not self._work.apart or self._old.apart != self._work.apart:
            return False
        counts = self._set.counts
        total = sum(made.triples for made in self._work.made)
        return counts["quads removed"] * _REMOVING + counts["quads added"] < total

    def _write_history(self) -> Iterator[Text]:
        """Yield the history graph, and keep it for the next update."""
        path = self._work.draft.path / CHANGES / _HISTORY
        with zstandard.open(path, "wb") as file:
            for portion in portions(self._history.sorted(), BLOCK):
                file.write(portion)
                yield "history", portion, None

    def told(self) -> Changed:
        """Return what is told of the changes."""
        counts = self.merging.counts | self._set.counts
        names = sorted(path.name for path in (self._work.draft.path / CHANGES).iterdir())
        return Changed(self._old.version, counts, tuple(f"{CHANGES}/{name}" for name in names))

    def nothing(self) -> BuildReport:
        """Return the report of an update that found nothing to do."""
        self._work.draft.discard()
        manifest = self._old.manifest
        return BuildReport(
            release=self._old,
            counts={name: graph["triples"] for name, graph in manifest["graphs"].items()},
            records=manifest["counts"]["records"],
            rejected=self._work.rejected.count,
            results=(manifest["validation"] or {}).get("results", {}),
            seconds=self._work.seconds,
            changes=self.merging.counts,
        )


def _history_lines(release: Release) -> Iterator[bytes]:
    path = release.path / CHANGES / _HISTORY
    return read_lines(path) if path.is_file() else iter(())


def _version_in(line: bytes) -> dict[tuple[str, str], int]:
    """Return the version that a line introduces, counted."""
    match = _VERSION.match(line)
    return {(match[1].decode(), "" if match[2] == b"undated" else match[2].decode()): 1} if match else {}
