"""A copy of the default graph for a second engine, sparq, which joins large graphs far faster than Oxigraph does.

It is made from the store, so both engines give the same literals to the letter; by a process of its own, since it
takes 400 bytes of memory a triple until it is saved.
"""

import multiprocessing
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pyoxigraph as ox

try:
    import sparq
except ImportError:  # it is optional
    sparq = None

JOIN_COPY: Final = "sparq"
"""Folder of a release that holds the copy."""
_FROM_QUADS: Final = 300_000
"""Releases below this are answered quickly anyway."""
_BYTES: Final = 450
"""Of memory, for each triple, while the copy is made."""


def is_worth_it(quads: int) -> bool:
    """Whether a release of so many quads is large enough for a copy, and small enough for this machine."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return sparq is not None and quads >= _FROM_QUADS and quads * _BYTES < memory / 2


def save_join_copy(store: Path, apart: Sequence[str], folder: Path) -> None:
    """Copy the default graph of a store, and the graphs that queries see with it, into a new folder.

    Raises ChildProcessError when the copy cannot be made.
    """
    process = multiprocessing.get_context("spawn").Process(target=_save, args=(store, tuple(apart), folder))
    process.start()
    process.join()
    if process.exitcode:
        raise ChildProcessError(
            f"no copy for joins could be made in {folder}: its maker ended with {process.exitcode}"
        )


def _save(store: Path, apart: Sequence[str], folder: Path) -> None:
    opened = ox.Store.read_only(str(store))
    folder.mkdir()
    lines = folder / "triples.nt"
    with lines.open("wb") as file:
        opened.dump(file, ox.RdfFormat.N_TRIPLES, from_graph=ox.DefaultGraph())
        for name in apart:
            opened.dump(file, ox.RdfFormat.N_TRIPLES, from_graph=ox.NamedNode(name))
    graph = sparq.Graph.load(lines, format="ntriples")
    lines.unlink()
    graph.save(str(folder))
