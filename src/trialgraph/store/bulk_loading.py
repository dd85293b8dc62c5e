"""Filling the store of a draft: in bulk, from the store before, and with the union of its graphs."""

import os
import shutil
import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from trialgraph.store.release_reader import Reader
from trialgraph.store.releases import Draft

_LOADERS: Final = 2
"""Threads that load one store: two double the rate, a third adds nothing."""
_BYTES_A_CALL: Final = 32 * 2**20
"""N-Quads of one bulk_load call (about 150,000): its memory grows with what it is given, its rate does not."""


def bulk_load(path: Path, blocks: Iterable[bytes], *, optimize: bool = True) -> None:
    """Load blocks of N-Quads into the store at `path`, each of whole lines.

    `optimize` then rewrites the store for fast reading, at a sixth of the time of loading. The N-Quads are trusted:
    IRIs are not checked again.

    Raises SyntaxError for what is not N-Quads.
    """
    opened = [ox.Store(str(path))]
    # A block is not cut, for its lines may share blank nodes.
    calls, lock = portions(blocks, _BYTES_A_CALL), threading.Lock()

    def load() -> None:
        while portion := _next(calls, lock):
            opened[0].bulk_load(portion, ox.RdfFormat.N_QUADS, lenient=True)

    try:
        with ThreadPoolExecutor(_LOADERS) as pool:
            for loading in [pool.submit(load) for _ in range(_LOADERS)]:
                loading.result()
        if optimize:
            opened[0].optimize()
            opened[0].flush()
    finally:
        opened.clear()  # or an error's traceback would keep it open, and locked


def _next(calls: Iterator[bytes], lock: threading.Lock) -> bytes:
    with lock:
        return next(calls, b"")


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
    small = [graph for graph in store.named_graphs() if graph not in large]

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
