"""Triples on their way into a release: each goes to the dumps and to the store, in one pass."""

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Executor
from typing import Final, Self

from trialgraph.release.dumps import DumpFile, DumpPolicy, DumpWriter, Orders, Written
from trialgraph.release.graph_statistics import GraphStatistics
from trialgraph.store import Draft, bulk_load, portions
from trialgraph.syntaxes.subject_groups import quads_of
from trialgraph.terms import Triple, sorted_lines
from trialgraph.vocabulary import GRAPHS, Graph

BLOCK: Final = 4 * 2**20
"""Bytes of N-Triples that go on at a time."""

Text = tuple[str, bytes, Written | None]
"""Whole lines of N-Triples, with the short name of their graph before and what the dumps need of them behind, where
another process has made that."""


class Writing:
    """Writes dumps and store of a draft; counts the triples of each graph."""

    def __init__(self, draft: Draft, policy: DumpPolicy, pool: Executor | None, *, whole_union: bool) -> None:
        """With `whole_union` every triple goes into the store's default graph too, not only into its own."""
        folder = draft.path / "dumps"
        folder.mkdir()
        self._draft = draft
        self._whole_union = whole_union
        self._dumps = DumpWriter(folder, policy, executor=pool)
        self.counts: dict[str, int] = {}

    def orders_of_records(self) -> Orders:
        """Return what the dumps need of the triples of records."""
        return self._dumps.orders(Graph.REGISTRY)

    def write(self, texts: Iterable[Text]) -> None:
        """Take texts, for the dumps and the store."""
        bulk_load(self._draft.store, self._quads(texts), optimize=False)

    def only_dump(self, texts: Iterable[Text]) -> None:
        """Take texts that are in the store already."""
        for _ in self._quads(texts):
            pass

    def _quads(self, texts: Iterable[Text]) -> Iterator[bytes]:
        for name, text, written in texts:
            graph = GRAPHS[name]
            self.counts[name] = self.counts.get(name, 0) + (written.triples if written else text.count(b"\n"))
            quads = quads_of(text, graph)
            if written:
                self._dumps.append(graph, text, quads, written)
            else:
                self._dumps.write(graph, text)
            yield self._to_load(text, quads)

    def _to_load(self, text: bytes, quads: bytes) -> bytes:
        # In one block, since a blank node is the same in both graphs only if one reading meets it in both.
        return quads + text if self._whole_union else quads

    def load(self, name: str, triples: Iterable[Triple], *, optimize: bool) -> None:
        """Load a graph that stands in no dump of ours, as the last; then make the store fast to read."""
        texts = list(texts_of(name, triples))
        self.counts[name] = sum(text.count(b"\n") for _, text, _ in texts)
        blocks = (self._to_load(text, quads_of(text, GRAPHS[name])) for _, text, _ in texts)
        bulk_load(self._draft.store, blocks, optimize=optimize)

    @property
    def statistics(self) -> Mapping[str, GraphStatistics]:
        """What each graph holds, by its IRI; complete when the dumps are."""
        return self._dumps.statistics

    def finish(self) -> list[DumpFile]:
        """End the dumps."""
        return self._dumps.finish()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._dumps.__exit__()


def texts_of(name: str, triples: Iterable[Triple]) -> Iterator[Text]:
    """Yield the triples of a graph, sorted, some megabytes at a time."""
    for portion in portions((text.encode() for text in sorted_lines(triples)), BLOCK):
        yield name, portion, None
