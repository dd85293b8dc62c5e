"""Filling the store of a draft: in bulk, from the store before, and with the union of its graphs."""

import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from trialgraph.store.merges import PART
from trialgraph.store.release_reader import Reader
from trialgraph.store.releases import Draft

_LOADERS: Final = 2
"""Threads that load one store: two double the rate, a third adds nothing."""
_BYTES_A_CALL: Final = 32 * 2**20
"""N-Quads of one bulk_load call (about 150,000): its memory grows with what it is given, its rate does not."""


class BulkLoader:
    """Loads N-Quads into a store as they come, in threads of its own; nothing else may open the store meanwhile.

    The N-Quads are trusted: IRIs are not checked again.
    """

    def __init__(self, path: Path) -> None:
        self._opened = [ox.Store(str(path))]
        self._pool = ThreadPoolExecutor(_LOADERS)
        self._under_way: set[Future[None]] = set()
        self._waiting: list[bytes] = []
        self._size = 0

    def append(self, block: bytes) -> None:
        """Take a block of whole lines. It is not cut, for its lines may share blank nodes.

        Raises SyntaxError for what is not N-Quads, in this block or one before.
        """
        self._waiting.append(block)
        self._size += len(block)
        if self._size >= _BYTES_A_CALL:
            self._submit()

    def _submit(self) -> None:
        if len(self._under_way) >= _LOADERS:
            done, self._under_way = wait(self._under_way, return_when=FIRST_COMPLETED)
            for loaded in done:
                loaded.result()
        portion = b"".join(self._waiting)
        self._waiting, self._size = [], 0
        self._under_way.add(self._pool.submit(self._load, portion))

    def _load(self, portion: bytes) -> None:
        self._opened[0].bulk_load(portion, ox.RdfFormat.N_QUADS, lenient=True)

    def close(self, *, optimize: bool = False) -> None:
        """Load what is left and close the store; `optimize` rewrites it for fast reading before.

        Rewriting takes a sixth of the time of loading. Raises SyntaxError for what is not N-Quads.
        """
        try:
            if self._waiting:
                self._submit()
            for loaded in self._under_way:
                loaded.result()
            if optimize:
                self._opened[0].optimize()
                self._opened[0].flush()
        finally:
            self.abandon()

    def abandon(self) -> None:
        """Close the store as it is."""
        self._pool.shutdown(cancel_futures=True)
        self._opened.clear()  # or an error's traceback would keep it open, and locked


def bulk_load(path: Path, blocks: Iterable[bytes], *, optimize: bool = True) -> None:
    """Load blocks of N-Quads into the store at `path`, each of whole lines; then make it fast to read.

    Raises SyntaxError for what is not N-Quads.
    """
    loader = BulkLoader(path)
    try:
        for block in blocks:
            loader.append(block)
        loader.close(optimize=optimize)
    finally:
        loader.abandon()


def portions(blocks: Iterable[bytes], most: int) -> Iterator[bytes]:
    """Yield blocks put together until they are `most` bytes or more; none is cut.

    >>> list(portions([b"a", b"bc", b"d"], 2))
    [b'abc', b'd']
    """
    waiting: list[bytes] = []
    size = 0
    for block in blocks:
        waiting.append(block)
        size += len(block)
        if size >= most:
            yield b"".join(waiting)
            waiting, size = [], 0
    if waiting:
        yield b"".join(waiting)


def keep_union(path: Path, apart: Sequence[str]) -> None:
    """Keep in the default graph what the named graphs hold together, each triple once, without the graphs `apart`.

    The default graph of a query is the union of all graphs (RDF 1.1 Semantics, section 5.2: a set), but Oxigraph
    answers from each graph that holds a triple. So queries are given the default graph and a large graph that is kept
    apart, which have no triple in common; nothing large is stored twice. With nothing apart, loading has put every
    triple there already.
    """
    if not apart:
        return
    store, large = ox.Store(str(path)), [ox.NamedNode(graph) for graph in apart]
    store.clear_graph(ox.DefaultGraph())
    small = [graph for graph in store.named_graphs() if graph not in large and not graph.value.startswith(PART)]

    @lru_cache(maxsize=2**16)
    def is_in_large(subject: ox.NamedNode | ox.BlankNode | ox.Triple) -> bool:
        return any(next(iter(store.quads_for_pattern(subject, None, None, graph)), None) for graph in large)

    store.bulk_extend(
        ox.Quad(quad.subject, quad.predicate, quad.object)
        for graph in small
        for quad in store.quads_for_pattern(None, None, None, graph)
        if not is_in_large(quad.subject)
        or not any(ox.Quad(quad.subject, quad.predicate, quad.object, other) in store for other in large)
    )


@contextmanager
def finishing(draft: Draft, *, optimize: bool = True) -> Iterator[Reader]:
    """Give a reader of the complete store of a draft, and meanwhile rewrite it for fast reading.

    Rewriting keeps one core busy for a sixth of the time of loading; what else is to be done can go on beside it.
    """
    store = ox.Store(str(draft.store))
    reader = Reader(draft, store)
    try:
        with ThreadPoolExecutor(1) as pool:
            optimized = pool.submit(store.optimize) if optimize else None
            yield reader
            if optimized:
                optimized.result()
        store.flush()
    finally:
        # An open store goes on rewriting its files; none may be held when they are counted and published.
        reader.close()
        del store, optimized


def copy_store(source: Path, target: Path) -> None:
    """Copy a store that nobody writes to; its tables, which never change, are shared where the file system can."""
    target.mkdir()
    for path in source.iterdir():
        if path.suffix == ".sst":
            link(path, target / path.name)
        elif path.name != "LOCK":
            shutil.copyfile(path, target / path.name)


def link(source: Path, target: Path) -> None:
    """Give a file that is never written to again a second place, without a second copy where that can be."""
    target.unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError:  # a file system without hard links
        shutil.copyfile(source, target)


def change_store(path: Path, *, cleared: Iterable[str], removed: Iterable[bytes]) -> None:
    """Take graphs, given by their IRIs, and quads, given as blocks of N-Quads, out of a store of our own."""
    store = ox.Store(str(path))
    for graph in cleared:
        store.remove_graph(ox.NamedNode(graph))
    for block in removed:
        for quad in ox.parse(block, ox.RdfFormat.N_QUADS, lenient=True):
            store.remove(quad)
    store.flush()
