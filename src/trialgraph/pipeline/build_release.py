"""The build: all sources to a release."""

from trialgraph.pipeline.absorbed_trials import absorbed_trials
from trialgraph.pipeline.build_options import BuildOptions
from trialgraph.pipeline.build_report import BuildReport
from trialgraph.pipeline.build_state import begin
from trialgraph.pipeline.publish_release import finish
from trialgraph.pipeline.record_merge import Before, RecordMerge
from trialgraph.pipeline.version_store import VersionStore


def build(options: BuildOptions) -> BuildReport:
    """Make a release of the sources, publish it under its root, and score it.

    Raises ReleaseBusy, SourceError, ShapeError, MappingError, NonconformanceError when curated data break a shape of
    severity Violation, and the RecordError that `strict` stops at. Nothing is published then.
    """
    with begin(options) as state:
        with state.stage("reading"):
            given = state.read_records()
        with state.writer(given.count) as writer:
            with state.stage("mapping and loading"):
                for name, triples in state.graphs.items():
                    writer.write(name, triples)
                with VersionStore(state.draft.path) as kept:
                    merge = RecordMerge(kept, state.rejected, options.issued, aliases=absorbed_trials(given))
                    lines = merge.merge(Before(), given.lines())
                    for shard, pieces in state.make_shards(lines, given.count, writer.plan_of_records):
                        writer.append_shard(shard, state.shards.folder, pieces)
                state.keep_history(kept, merge)
                state.write_history(writer)
            with state.stage("deriving"):
                state.derive()
            return finish(state, writer)
