"""The update: what is new, changed or gone, applied to the current release, published as the next.

Chunks of records that nothing happened to are taken over as they are, so the result is the same as that of a full
build of the same records, byte for byte, in the dump of every graph but history and description. The store is a copy
of the one before with the difference applied, or is loaded anew when much has changed.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from trialgraph.pipeline.absorbed_trials import absorbed_trials
from trialgraph.pipeline.build_options import BuildOptions
from trialgraph.pipeline.build_report import BuildReport
from trialgraph.pipeline.build_state import BuildState, begin
from trialgraph.pipeline.derived_graphs import FOLDER, line_differences, merged_lines, read_shards
from trialgraph.pipeline.describe_release import CHANGES, Changed
from trialgraph.pipeline.publish_release import content_of, finish
from trialgraph.pipeline.quad_diff import ChangeSet, blocks, differences
from trialgraph.pipeline.record_intake import REJECTED
from trialgraph.pipeline.record_merge import Before, Gone, RecordMerge
from trialgraph.pipeline.record_order import RecordOrder
from trialgraph.pipeline.release_writer import ReleaseWriter
from trialgraph.pipeline.shard_files import read_index
from trialgraph.pipeline.version_store import VersionStore
from trialgraph.store import Release, bulk_load, change_store, copy_store, open_release
from trialgraph.vocabulary import GRAPHS, Graph

_REMOVING: Final = 5
"""Removing a quad from a store costs as much as loading this many."""
_NOT_COMPLETE: Final = "No record was taken for gone, as not all that was given could be read."


def update(options: BuildOptions, *, withdrawn: Sequence[str] = (), complete: bool = False) -> BuildReport:
    """Apply the records given to the current release, and publish the next one with its change set.

    Records of `withdrawn` NCT ids are taken out; with `complete` so are all that are not given. Whether a record
    changed is asked without its `versionHolder`. Where nothing differs at all, the current release stays. What cannot
    be read may be any record, so then none is gone for not being given.

    Raises what `build` raises, and ReleaseNotFound when there is none to update.
    """
    with begin(options) as state:
        old = open_release(options.root)
        changing = _Update(state, old)
        with state.stage("reading"):
            given = state.read_records()
        with state.stage("mapping"):
            is_whole = given.count > 0 and not state.rejected.count
            changing.make(given, Gone(withdrawn, complete=complete and is_whole))
        if complete and not is_whole:
            state.notes.append(_NOT_COMPLETE)
        if content_of(state) == old.manifest.get("made_of"):
            return changing.nothing()
        with state.stage("deriving"):
            state.derive()
        with state.stage("comparing"):
            changing.compare()
        with state.writer(state.records) as writer:
            with state.stage("loading"):
                changing.write(writer)
            return finish(state, writer, changing.told())


class _Update:
    """An update under way: from the release before to the one after."""

    def __init__(self, state: BuildState, old: Release) -> None:
        self._state = state
        self._old = old
        self._counts: dict[str, int] = {}
        self._set = ChangeSet(state.draft.path / CHANGES, state.scratch)
        state.shards.know(old.path / "records")
        state.derived.know(old.path)

    def make(self, given: RecordOrder, gone: Gone) -> None:
        """Make the parts of all shards that are not what they were."""
        state = self._state
        about = int(self._old.manifest["counts"]["records"])
        known = absorbed_trials(given, self._old.path)
        # What a trial that may be gone has absorbed, is told again by the records given.
        aliases = {former: owner for former, owner in known.items() if owner in given.owners or not gone.holds(owner)}
        with VersionStore(state.draft.path) as kept:
            merge = RecordMerge(
                kept, state.rejected, state.options.issued, state.options.accept_partial, aliases, gone
            )
            for _ in state.make_shards(merge.merge(Before(self._old.path), given.lines()), about, lambda: None):
                pass
        state.keep_history(kept, merge)
        self._counts = merge.counts

    def compare(self) -> None:
        """Write the change set."""
        before, folder = read_index(self._old.path / "records"), self._state.shards.folder
        found = differences(before, self._old.path / "records", self._state.made, folder)
        self._set.write(found, self._derived_differences())

    def _derived_differences(self) -> Iterator[tuple[str, bytes, bool]]:
        """Yield graph, line, and whether it is new, of each line that only one of the two releases derives."""
        old, scratch = read_shards(self._old.path), self._state.scratch
        for name in GRAPHS:
            was = merged_lines(old, self._old.path / FOLDER, name, scratch)
            now = self._state.derived.merged(name, scratch)
            yield from ((name, line, is_new) for line, is_new in line_differences(was, now))

    def write(self, writer: ReleaseWriter) -> None:
        """Write dumps and store."""
        small = self._is_small()
        if small:
            store = self._state.draft.store
            copy_store(self._old.store, store)
            cleared = [graph for graph in GRAPHS.values() if graph != Graph.REGISTRY]
            change_store(store, cleared=cleared, removed=blocks(self._set.removed))
            bulk_load(store, self._set.to_load(), optimize=False)
        for name, triples in self._state.graphs.items():
            writer.write(name, triples)
        if small:
            self._state.write_history(writer)
        for shard, pieces in self._state.made_again(writer.plan_of_records):
            writer.append_shard(shard, self._state.shards.folder, pieces, load=not small)
        if not small:
            self._state.write_history(writer)

    def _is_small(self) -> bool:
        """Tell whether changing a copy of the store costs less than loading another.

        Where a default graph is whole, what leaves one graph may have to stay in it: that is loaded anew.
        """
        if not self._state.apart or self._old.apart != self._state.apart:
            return False
        counts = self._set.counts
        total = sum(made.triples for made in self._state.made)
        return counts["quads removed"] * _REMOVING + counts["quads added"] < total

    def told(self) -> Changed:
        """Return what is told of the changes."""
        counts = self._counts | self._set.counts
        names = sorted(path.name for path in (self._state.draft.path / CHANGES).iterdir())
        return Changed(self._old.version, counts, tuple(f"{CHANGES}/{name}" for name in names))

    def nothing(self) -> BuildReport:
        """Return the report of an update that found nothing to do."""
        rejected = self._state.rejected
        kept = self._state.options.root / REJECTED
        if rejected.count:
            rejected.keep(kept)
        self._state.draft.discard()
        manifest = self._old.manifest
        return BuildReport(
            release=self._old,
            counts={name: graph["triples"] for name, graph in manifest["graphs"].items()},
            records=manifest["counts"]["records"],
            rejected=rejected.count,
            results=(manifest["validation"] or {}).get("results", {}),
            seconds=self._state.seconds,
            changes=self._counts,
            notes=self._state.notes,
            reasons=rejected.reasons,
            rejected_file=kept,
            not_taken=rejected.not_taken,
        )
