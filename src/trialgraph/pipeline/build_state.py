"""A build or an update under way: how it begins, and what it carries along."""

import hashlib
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import trialgraph
from trialgraph.pipeline.build_options import BuildOptions
from trialgraph.pipeline.build_report import Progress
from trialgraph.pipeline.derived_graphs import Derivation, DerivedParts
from trialgraph.pipeline.external_sort import read_lines
from trialgraph.pipeline.interpretation_derivation import interpretation_derivation
from trialgraph.pipeline.link_derivation import link_derivation
from trialgraph.pipeline.process_pool import Pool, open_pool
from trialgraph.pipeline.record_intake import REJECTED, Rejected, read_records
from trialgraph.pipeline.record_merge import RecordMerge
from trialgraph.pipeline.record_order import Line, RecordOrder, chunks
from trialgraph.pipeline.release_validation import Findings
from trialgraph.pipeline.release_writer import BLOCK, ReleaseWriter
from trialgraph.pipeline.shard_files import Shard
from trialgraph.pipeline.shard_maker import MadeShard, Recipe, start_worker
from trialgraph.pipeline.shards import PlanNow, Shards
from trialgraph.pipeline.shared_facts import Undeclared
from trialgraph.pipeline.sources import Graphs, Sources, read_graphs
from trialgraph.pipeline.version_store import GRAPH as HISTORY
from trialgraph.pipeline.version_store import VersionStore
from trialgraph.release.dump_policy import DumpPolicy
from trialgraph.store import Draft, Memory, begin_release, portions
from trialgraph.validation import read_shapes
from trialgraph.validation import validate as validate_graph
from trialgraph.vocabulary import Graph

_RECORDS: Final = "records"
_SCRATCH: Final = "scratch"
_QUADS_A_RECORD: Final = 1000
"""About; it only decides which dumps are worth making."""
_WHOLE_UNION_QUADS: Final = 2_500_000
"""About; up to this size the store's default graph holds the registry's triples too, at half as much again of loading
and disk. A query then meets one graph where it would meet two."""
_SERVING: Final = {"web", "query", "cli"}


@dataclass
class BuildState:
    """A build or update under way."""

    options: BuildOptions
    sources: Sources
    draft: Draft
    shards: Shards
    recipe: Recipe
    pool: Pool
    rejected: Rejected
    derived: DerivedParts
    derivations: tuple[Derivation, ...] = ()
    """What is derived from the records, and how."""
    graphs: Graphs = field(default_factory=dict)
    apart: tuple[str, ...] = ()
    """Graphs, by their IRIs, that the default graph of the store leaves out."""
    findings: Findings | None = None
    made: list[Shard] = field(default_factory=list)
    undeclared: list[Undeclared] = field(default_factory=list)
    """Values of records that no enumeration declares."""
    history: str = ""
    """Digest of the older versions of records that are kept."""
    history_files: tuple[str, ...] = ()
    notes: list[str] = field(default_factory=list)
    """What a person should know of records that were taken."""
    links: dict[str, int] = field(default_factory=dict)
    """Figures of what is linked, by the names of the metrics that they are."""
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Measure a stage."""
        start = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - start

    @property
    def records(self) -> int:
        """How many records were taken."""
        return sum(shard.records for shard in self.made)

    @property
    def scratch(self) -> Path:
        """A folder for what is not part of the release."""
        return self.draft.path / _SCRATCH

    def read_records(self) -> RecordOrder:
        """Read the records given and put them in order."""
        return read_records(self.options, self.scratch, self.rejected)

    def keep_history(self, kept: VersionStore, merge: RecordMerge) -> None:
        """Note what is kept of older versions, and what the merge has to say."""
        self.history, self.history_files, self.notes = kept.digest, kept.names, merge.notes

    def write_history(self, writer: ReleaseWriter) -> None:
        """Write the history graph."""
        path = self.draft.path / HISTORY
        for portion in portions(read_lines(path), BLOCK) if path.is_file() else ():
            writer.append("history", portion)

    def writer(self, records: int) -> ReleaseWriter:
        """Return what writes the triples of about so many records."""
        about = sum(map(len, self.graphs.values())) + _QUADS_A_RECORD * records
        wished = self.options.whole_union
        whole = about <= _WHOLE_UNION_QUADS if wished is None else wished
        self.apart = () if whole else (Graph.REGISTRY,)
        policy = self.options.policy or DumpPolicy.for_size(about)
        return ReleaseWriter(self.draft, policy, self.pool.executor, whole_union=whole)

    def make_shards(self, lines: Iterable[Line], about: int, plan: PlanNow) -> Iterator[MadeShard]:
        """Yield what the records, given in order, are made into, shard by shard."""
        done = 0
        for shard, pieces in self.shards.make(chunks(lines), self.recipe, self.pool, plan):
            self.made.append(shard)
            self.rejected.add_lines(shard.rejected)
            done += shard.records + len(shard.rejected)
            self.options.on_progress(Progress("mapping", done, about, "records"))
            yield shard, pieces

    def derive(self) -> None:
        """Derive further graphs from the records that were made."""
        about = len(self.derivations) * len(self.made)
        shards = self.derived.derive(self.derivations, self.made, self.shards.folder, self.pool)
        for number, _ in enumerate(shards, 1):
            self.options.on_progress(Progress("deriving", number, about, "parts of records"))

    def made_again(self, plan: PlanNow) -> Iterator[MadeShard]:
        """Yield all shards that were made, with their triples as the dumps need them."""
        return self.shards.again(self.made, self.pool, plan)


@contextmanager
def begin(options: BuildOptions) -> Iterator[BuildState]:
    """Lock the root, take up what a killed build left, read and check the curated graphs."""
    sources = options.sources
    derivations = _derivations(options)
    with begin_release(options.root, resume=True) as draft:
        draft.clear(but=(_RECORDS,))
        (draft.path / _SCRATCH).mkdir()
        shards = Shards(draft.path / _RECORDS)
        recipe = Recipe(sources, shards.folder, _recipe_digest(sources, options.validate), options.validate)
        with (
            open_pool(options.workers, start_worker, (recipe,)) as pool,
            Rejected(draft.path / REJECTED, strict=options.strict) as rejected,
        ):
            derived = DerivedParts(draft.path)
            state = BuildState(options, sources, draft, shards, recipe, pool, rejected, derived, derivations)
            with state.stage("validating"):
                _read_curated(state)
            yield state


def _derivations(options: BuildOptions) -> tuple[Derivation, ...]:
    """Return what is derived from the records, as the options ask."""
    linked = (link_derivation(options.vocabularies),) if options.link else ()
    if not options.interpret:
        return linked
    checked = options.sources if options.validate else None
    return *linked, interpretation_derivation(options.vocabularies, link=options.link, validated_by=checked)


def _read_curated(state: BuildState) -> None:
    """Read the curated graphs, and check them; the ontology is what they are read against."""
    state.graphs = read_graphs(state.sources.ontology, state.sources.data)
    if state.options.validate:
        state.options.on_progress(Progress("validating", 0, None, "curated triples"))
        checked = [triple for name, triples in state.graphs.items() if name != "ontology" for triple in triples]
        shapes = read_shapes(*state.sources.curated_shapes)
        known = state.graphs.get("ontology", [])
        rules = Memory([*checked, *known]).select
        report = validate_graph(checked, shapes, background=known, engine="fast", select=rules)
        report.raise_for_results()
        state.findings = Findings(report)


def _recipe_digest(sources: Sources, validate: bool) -> str:
    """Return a digest of all but the records that decides what they are made into."""
    files = [path.read_bytes() for path in (*sources.ontology_files, *sources.record_shapes)]
    texts = [program_digest().encode(), b"validated" if validate else b"", *files]
    return hashlib.sha256(b"".join(hashlib.sha256(text).digest() for text in texts)).hexdigest()


def program_digest() -> str:
    """Return a digest of this package's source, so that what another program made is not taken for our own."""
    package = Path(trialgraph.__file__).parent
    files = [path for path in sorted(package.rglob("*.py")) if path.relative_to(package).parts[0] not in _SERVING]
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()
