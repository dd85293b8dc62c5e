"""Reading dumps back, and giving any part of a release in any format without reading it whole.

`trialgraph dump` gives the bytes of the file that the server gives, where there is one; anything else is made from
the N-Quads dump on the way through, by the same writers.

>>> from trialgraph import formats
>>> b"".join(convert([("https://w3id.org/trialgraph/graph/seed", b"<urn:s> <urn:p> <urn:o> .\\n")], formats.N_QUADS))
b'<urn:s> <urn:p> <urn:o> <https://w3id.org/trialgraph/graph/seed> .\\n'
"""

import gzip
import io
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import BinaryIO, Final

import zstandard

from trialgraph.formats import RdfFormat
from trialgraph.syntaxes.subject_groups import Passage, Pieces
from trialgraph.syntaxes.syntax_table import SYNTAXES
from trialgraph.vocabulary import PREFIXES

_PORTION: Final = 2**20
_END: Final = b"> .\n"


def open_dump(path: Path) -> BinaryIO:
    """Open a dump for reading, whatever its compression."""
    if path.suffix == ".gz":
        return io.BufferedReader(gzip.open(path))
    if path.suffix == ".zst":
        stream = zstandard.ZstdDecompressor().stream_reader(path.open("rb"), read_across_frames=True, closefd=True)
        return io.BufferedReader(stream)
    return path.open("rb")


def read_quads(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the IRI of a graph with N-Triples lines of it, from an N-Quads dump of ours, some 1 MB at a time.

    Raises ValueError for a line that is none of such a dump.
    """
    with open_dump(path) as file:
        while block := file.read(_PORTION) + file.readline():
            yield from _by_graph(block)


def _by_graph(block: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the lines of each graph in a block of whole lines, which are of one graph nearly always."""
    graph = _graph(block[: block.find(b"\n") + 1])
    end = b" <" + graph + _END
    # A line end stands nowhere but at the end of a line, so what is counted and replaced are ends of lines.
    if block.count(end) == block.count(b"\n"):
        yield graph.decode(), block.replace(end, b" .\n")
        return
    for graph, group in groupby(block.splitlines(keepends=True), _graph):
        size = len(graph) + len(b" <> .\n")
        yield graph.decode(), b"".join(line[:-size] + b" .\n" for line in group)


def _graph(line: bytes) -> bytes:
    # From the right, where nothing but the graph can stand: the text of a literal may look like anything, but an
    # IRI holds neither a space nor a bracket (N-Quads, rule 10).
    graph = line[line.rfind(b" <") + 2 : -len(_END)]
    if not line.endswith(_END) or b">" in graph or b'"' in graph:
        raise ValueError(f"not a line of our N-Quads dumps: {line[:200]!r}")
    return graph


def convert(
    portions: Iterable[tuple[str, bytes]],
    format_: RdfFormat,
    *,
    union: bool = False,
    tell: Callable[[int], object] = lambda _: None,
) -> Iterator[bytes]:
    """Yield the bytes of a file that holds the given lines of the given graphs.

    A format without graphs, or `union`, gives triples without their graphs; a triple of two graphs then comes twice.
    At the end `tell` is told how many triples the format cannot hold.
    """
    syntax = SYNTAXES[format_.name]
    named = format_.holds_named_graphs and not union
    left_out, between = 0, b""
    yield syntax.opening(PREFIXES)
    for graph, text in _pieces(portions):
        block, missing = syntax.block(Passage(text), graph if named else None)
        left_out += missing
        yield between + block
        between = syntax.between
    yield syntax.closing(left_out)
    tell(left_out)


def _pieces(portions: Iterable[tuple[str, bytes]]) -> Iterator[tuple[str, bytes]]:
    """Cut each graph's text between subjects, as the dumps are cut."""
    for graph, group in groupby(portions, lambda portion: portion[0]):
        pieces = Pieces()
        for _, text in group:
            yield from ((graph, piece) for piece in pieces.add(text))
        if rest := pieces.rest():
            yield graph, rest
