"""Triples on their way into a release: each goes to the dumps and to the store, in one pass."""

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Executor
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from trialgraph.pipeline.shard_files import Shard, part_blocks
from trialgraph.release.dump_pieces import LINES_ONLY, DumpPieces, DumpPlan
from trialgraph.release.dump_policy import DumpPolicy
from trialgraph.release.dump_writer import DumpFile, DumpWriter
from trialgraph.release.graph_statistics import GraphStatistics
from trialgraph.store import BulkLoader, Draft, portions
from trialgraph.syntaxes.subject_groups import quads_of
from trialgraph.terms import Triple, sorted_lines
from trialgraph.vocabulary import GRAPHS, Graph

BLOCK: Final = 4 * 2**20
"""Bytes of N-Triples that go on at a time."""


class ReleaseWriter:
    """Writes dumps and store of a draft; counts the triples of each graph."""

    def __init__(self, draft: Draft, policy: DumpPolicy, pool: Executor | None, *, whole_union: bool) -> None:
        """With `whole_union` every triple goes into the store's default graph too, not only into its own."""
        folder = draft.path / "dumps"
        folder.mkdir()
        self._draft = draft
        self._whole_union = whole_union
        self._dumps = DumpWriter(folder, policy, executor=pool)
        self._loader: BulkLoader | None = None
        self.counts: dict[str, int] = {}

    def plan_of_records(self) -> DumpPlan:
        """Return what the dumps need of the triples of records."""
        return self._dumps.plan(Graph.REGISTRY)

    def write(self, name: str, triples: Iterable[Triple]) -> None:
        """Take the triples of a graph, given by its short name."""
        for text in _sorted_text(triples):
            self.append(name, text)

    def append(self, name: str, text: bytes, pieces: DumpPieces | None = None, *, load: bool = True) -> None:
        """Take whole lines of N-Triples, with what the dumps need of them where another process has made that.

        `load` is false for what the store holds already.
        """
        graph = GRAPHS[name]
        self.counts[name] = self.counts.get(name, 0) + (pieces.triples if pieces else text.count(b"\n"))
        quads = quads_of(text, graph)
        if pieces:
            self._dumps.append(graph, text, quads, pieces)
        else:
            self._dumps.write(graph, text)
        if load:
            self._load(text, quads)

    def append_shard(self, shard: Shard, folder: Path, pieces: DumpPieces | None, *, load: bool = True) -> None:
        """Take the triples of a shard of records."""
        if shard.triples:
            for block in part_blocks(shard, folder, "nt"):
                self.append("registry", block, LINES_ONLY, load=load)
            self.append("registry", b"", pieces, load=load)

    def _load(self, text: bytes, quads: bytes) -> None:
        if self._loader is None:
            self._loader = BulkLoader(self._draft.store)
        # In one block, since a blank node is the same in both graphs only if one reading meets it in both.
        self._loader.append(quads + text if self._whole_union else quads)

    def only_load(self, name: str, triples: Iterable[Triple]) -> None:
        """Load a graph that stands in no dump of ours."""
        texts = list(_sorted_text(triples))
        self.counts[name] = sum(text.count(b"\n") for text in texts)
        for text in texts:
            self._load(text, quads_of(text, GRAPHS[name]))
        self.close_store()

    def close_store(self) -> None:
        """Finish loading, so that the store can be read; what is appended later opens it again.

        Raises SyntaxError for what is not N-Quads.
        """
        loader, self._loader = self._loader, None
        if loader:
            loader.close()

    @property
    def statistics(self) -> Mapping[str, GraphStatistics]:
        """What each graph holds, by its IRI; complete when the dumps are."""
        return self._dumps.statistics

    def finish(self) -> list[DumpFile]:
        """End the dumps, and loading."""
        self.close_store()
        return self._dumps.finish()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._loader:
            self._loader.abandon()
        self._dumps.__exit__()


def _sorted_text(triples: Iterable[Triple]) -> Iterator[bytes]:
    """Yield the triples of a graph, sorted, some megabytes at a time."""
    yield from portions((text.encode() for text in sorted_lines(triples)), BLOCK)
