"""Dumps: the whole release and each of its graphs, in every RDF format, plain and compressed.

They are written from the triples as made, never from the store, which rewrites literals. Text comes in as
canonical N-Triples, graph by graph or in turns; it is cut into pieces between two subjects, each piece is written
in every syntax and deflated (in other processes when an executor is given), and the results are appended in order.
So the memory needed does not grow with the release, and the bytes depend on the input alone.

>>> from tempfile import TemporaryDirectory
>>> with TemporaryDirectory() as folder:
...     writer = DumpWriter(Path(folder), DumpPolicy.parse(whole="nq.gz", graphs="ttl"))
...     writer.write("https://w3id.org/trialgraph/graph/seed", b"<urn:s> <urn:p> <urn:o> .\\n")
...     [(file.path.name, file.triples) for file in writer.finish()]
[('trialgraph-seed.ttl', 1), ('trialgraph.nq.gz', 1)]
"""

from collections import deque
from collections.abc import Iterable, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Final, Self

from trialgraph import formats
from trialgraph.formats import RdfFormat
from trialgraph.release.compressed_files import (
    COMPRESSIONS,
    GZIP,
    NONE,
    ZSTD,
    Compression,
    Piece,
    SinkFile,
    by_suffix,
)
from trialgraph.release.graph_statistics import NO_LIMITS, GraphStatistics, Limits
from trialgraph.syntaxes.subject_groups import PIECE_BYTES, Passage, Pieces, quads_of
from trialgraph.syntaxes.syntax_table import SYNTAXES
from trialgraph.vocabulary import GRAPHS

NAME: Final = "trialgraph"
"""What the name of every dump begins with."""
SMALL_TRIPLES: Final = 250_000
"""Up to this size a release is small: all formats, plain and compressed, cost seconds."""

_SHORT_NAMES: Final = {graph: name for name, graph in GRAPHS.items()}
_LINES: Final = (formats.N_TRIPLES, formats.N_QUADS)
_AHEAD: Final = 6
"""Pieces under way at once when an executor works on them; each is some tens of megabytes at most."""


@dataclass(frozen=True)
class DumpKind:
    """A format and a compression, such as `ttl.gz`."""

    format: RdfFormat
    compression: Compression

    @property
    def extension(self) -> str:
        """The end of the file name."""
        return self.format.extension + self.compression.suffix

    @classmethod
    def parse(cls, extension: str) -> "DumpKind":
        """Read the end of a file name.

        Raises FormatError for an unknown format or compression.

        >>> DumpKind.parse("nq.zst").extension
        'nq.zst'
        """
        name, dot, suffix = extension.partition(".")
        return cls(formats.by_extension(name), by_suffix(dot + suffix))


@dataclass(frozen=True)
class Order:
    """What is to be made of triples for one text. Lines need not be made: whoever gives the triples has them."""

    format: str
    graph: str | None
    """The graph to name in it."""
    plain: bool
    gzip: bool


@dataclass(frozen=True)
class Orders:
    """What is to be made of triples of a graph."""

    texts: tuple[Order, ...]
    limits: Limits | None
    """Of the statistics so far; None: do not count."""


@dataclass(frozen=True)
class DumpPolicy:
    """Which dumps a release gets."""

    whole: tuple[DumpKind, ...]
    """Of the whole release. A format without graphs gets the union of all graphs, each triple once: keep
    that for small releases, the set of triples already written is held in memory (100 bytes each)."""
    graphs: tuple[DumpKind, ...]
    """Of each graph apart."""

    @classmethod
    def parse(cls, whole: str, graphs: str) -> "DumpPolicy":
        """Read both from endings of file names, separated by spaces.

        Raises FormatError for an unknown one.
        """
        return cls(*(tuple(DumpKind.parse(extension) for extension in text.split()) for text in (whole, graphs)))

    @classmethod
    def for_size(cls, triples: int, whole: str = "", graphs: str = "") -> "DumpPolicy":
        """Return the policy for a release of about so many triples; what is named replaces what is usual.

        >>> [kind.extension for kind in DumpPolicy.for_size(10**8).whole]
        ['nq.gz', 'nq.zst']
        """
        usual = SMALL if triples <= SMALL_TRIPLES else LARGE
        named = cls.parse(whole, graphs)
        return cls(named.whole or usual.whole, named.graphs or usual.graphs)

    def orders(self, graph: str) -> tuple[Order, ...]:
        """Return what is to be made of the triples of a graph, for `carry_out`."""
        named = [(kinds, graph) for kinds in _by_format(self.whole).items() if kinds[0].holds_named_graphs]
        own = [(kinds, None) for kinds in _by_format(self.graphs).items()]
        return tuple(_order(*kinds, name) for kinds, name in (*own, *named))


def _by_format(kinds: Iterable[DumpKind]) -> dict[RdfFormat, list[Compression]]:
    found: dict[RdfFormat, list[Compression]] = {}
    for kind in kinds:
        found.setdefault(kind.format, []).append(kind.compression)
    return found


def _order(format_: RdfFormat, compressions: list[Compression], graph: str | None) -> Order:
    plain = _needs_plain(compressions) and format_ not in _LINES
    return Order(format_.name, graph, plain, GZIP in compressions)


def _needs_plain(compressions: Iterable[Compression]) -> bool:
    return any(compression in (NONE, ZSTD) for compression in compressions)


def _all_kinds(chosen: Iterable[RdfFormat]) -> tuple[DumpKind, ...]:
    return tuple(DumpKind(format_, compression) for format_ in chosen for compression in COMPRESSIONS)


SMALL: Final = DumpPolicy(
    whole=_all_kinds(formats.RDF_FORMATS),
    graphs=_all_kinds((formats.TURTLE, formats.N_TRIPLES, formats.JSON_LD, formats.RDF_XML)),
)
LARGE: Final = DumpPolicy.parse(whole="nq.gz nq.zst", graphs="ttl.gz nt.zst")


@dataclass(frozen=True)
class DumpFile:
    """A dump on disk."""

    path: Path
    graph: str | None
    """IRI of the graph it holds; None: the whole release."""
    format: RdfFormat
    compression: Compression
    bytes: int
    sha256: str
    triples: int
    """How many a reader finds: quads in a format with graphs, else triples."""
    left_out: int = 0
    """How many the format could not hold (see `rdfxml` and `jsonld`)."""


_Pieces = list[tuple[Piece, int]]
"""A piece in each syntax ordered; with each, the number of triples left out."""


@dataclass(frozen=True)
class Written:
    """Triples of a graph as the dumps need them, made in any process by `carry_out`."""

    pieces: _Pieces
    triples: int
    statistics: GraphStatistics | None


LINES_ONLY: Final = Written([], 0, None)
"""Goes with lines whose pieces come behind them."""


def carry_out(passages: Iterable[Passage], orders: Orders) -> Written:
    """Write triples in each syntax ordered, and count them. Passages follow each other; each begins a subject."""
    made: list[_Pieces] = []
    statistics = GraphStatistics.within(orders.limits) if orders.limits else None
    triples = 0
    for passage in passages:
        made.append([_piece(passage, order, first=not made) for order in orders.texts])
        triples += len(passage)
        if statistics is not None:
            statistics += GraphStatistics.of(passage, statistics.limits)
    return Written([_joined(parts) for parts in zip(*made, strict=True)], triples, statistics)


def _piece(passage: Passage, order: Order, *, first: bool) -> tuple[Piece, int]:
    syntax = SYNTAXES[order.format]
    block, left_out = syntax.block(passage, order.graph)
    return Piece.of(block if first else syntax.between + block, plain=order.plain, gzip=order.gzip), left_out


def _joined(parts: Sequence[tuple[Piece, int]]) -> tuple[Piece, int]:
    if len(parts) == 1:
        return parts[0]
    return Piece.joined([piece for piece, _ in parts]), sum(left_out for _, left_out in parts)


def _carry_out(text: bytes, orders: Orders) -> Written:
    """Carry out the orders for lines given as one passage. Runs in any worker."""
    return carry_out([Passage(text)], orders)


class _Text:
    """One text in one syntax, kept in as many files as there are compressions of it."""

    def __init__(self, stem: Path, graph: str | None, format_: RdfFormat, compressions: list[Compression]) -> None:
        self.format = format_
        self.graph = graph
        self._files = [
            SinkFile(stem.with_name(f"{stem.name}.{format_.extension}{compression.suffix}"), compression)
            for compression in compressions
        ]
        self._plain = _needs_plain(compressions)
        self._gzip = GZIP in compressions
        self._first = True
        self._triples = 0
        self._left_out = 0
        self._add(SYNTAXES[format_.name].opening())

    def add_lines(self, lines: bytes) -> None:
        """Append the text of pieces that come without it, since it is lines."""
        if self._plain and self.format in _LINES:
            self._append(Piece(lines, b"", 0, 0))

    def add(self, piece: Piece, triples: int, left_out: int) -> None:
        """Append a piece to every file."""
        if not self._first:
            self._add(SYNTAXES[self.format.name].between)
        self._first = False
        self._append(piece)
        self._triples += triples - left_out
        self._left_out += left_out

    def end(self) -> list[DumpFile]:
        """End every file."""
        self._add(SYNTAXES[self.format.name].closing(self._left_out))
        return [
            DumpFile(
                path=file.path,
                graph=self.graph,
                format=self.format,
                compression=file.compression,
                sha256=file.end(),
                bytes=file.size,
                triples=self._triples,
                left_out=self._left_out,
            )
            for file in self._files
        ]

    def close(self) -> None:
        """Close every file as it is."""
        for file in self._files:
            file.close()

    def _add(self, text: bytes) -> None:
        if text:
            self._append(Piece.of(text, plain=self._plain, gzip=self._gzip))

    def _append(self, piece: Piece) -> None:
        for file in self._files:
            file.add(piece)


class _Stream:
    """The text of one graph (or of the union) on its way into pieces."""

    def __init__(self, graph: str, texts: list[_Text], orders: tuple[Order, ...], piece_bytes: int) -> None:
        self.graph = graph
        self.orders = orders
        self.pieces = Pieces(piece_bytes)
        self.texts = texts

    def append(self, written: Written, text: bytes, quads: bytes) -> None:
        """Append lines, as N-Triples and as N-Quads, and pieces, to each text that has use for them."""
        for kept in self.texts:
            kept.add_lines(quads if kept.format.holds_named_graphs and not kept.graph else text)
        for kept, (piece, left_out) in zip(self.texts, written.pieces, strict=False):
            kept.add(piece, written.triples, left_out)


class DumpWriter:
    """Writes the dumps of a release while its triples are made.

    Each triple of a graph must be given once, and those of a subject together where Turtle is to show them
    together. `executor` takes the work of writing and deflating; without one it is done in line.
    As a context manager it closes its files when the release is given up half-way.
    """

    statistics: dict[str, GraphStatistics]
    """What each graph holds, complete after `finish`; empty when `count` is off."""

    def __init__(
        self,
        folder: Path,
        policy: DumpPolicy,
        *,
        executor: Executor | None = None,
        count: bool = True,
        piece_bytes: int = PIECE_BYTES,
    ) -> None:
        self.statistics = {}
        self._count = count
        self._folder = folder
        self._policy = policy
        self._executor = executor
        self._piece_bytes = piece_bytes
        self._under_way: deque[tuple[Future[Written], _Stream, bytes]] = deque()
        self._streams: dict[str, _Stream] = {}
        whole = self._open_texts(folder / NAME, None, policy.whole)
        self._quads = [text for text in whole if text.format.holds_named_graphs]
        union = [text for text in whole if not text.format.holds_named_graphs]
        orders = tuple(
            _order(*each, None) for each in _by_format(policy.whole).items() if not each[0].holds_named_graphs
        )
        self._union = _Stream("", union, orders, piece_bytes)
        self._seen: set[bytes] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for text in self._texts():
            text.close()

    def write(self, graph: str, text: bytes) -> None:
        """Take canonical N-Triples lines of a graph, named by its IRI without brackets."""
        self._pass_on(self._stream(graph), text)
        self._write_union(text)

    def orders(self, graph: str) -> Orders:
        """Return what is to be made of triples of a graph before `append` takes them."""
        return Orders(self._policy.orders(graph), self._limits(graph))

    def _limits(self, graph: str) -> Limits | None:
        if not self._count or not graph:  # the union is not counted
            return None
        return self.statistics[graph].limits if graph in self.statistics else NO_LIMITS

    def append(self, graph: str, text: bytes, quads: bytes, written: Written) -> None:
        """Take lines of a graph, as triples and as quads, for which the orders of the policy were carried out."""
        stream = self._stream(graph)
        self._settle(self._streams.values())
        self._append(stream, written, text, quads)
        self._write_union(text)

    def finish(self) -> list[DumpFile]:
        """Write what is left, end every file, and return them in the order of their names."""
        self._settle((*self._streams.values(), self._union))
        return sorted((file for text in self._texts() for file in text.end()), key=lambda file: file.path.name)

    def _texts(self) -> Iterable[_Text]:
        own = (text for stream in self._streams.values() for text in stream.texts)
        return dict.fromkeys((*own, *self._quads, *self._union.texts))

    def _open_texts(self, stem: Path, graph: str | None, kinds: tuple[DumpKind, ...]) -> list[_Text]:
        return [_Text(stem, graph, format_, compressions) for format_, compressions in _by_format(kinds).items()]

    def _stream(self, graph: str) -> _Stream:
        if graph not in self._streams:
            stem = self._folder / f"{NAME}-{_SHORT_NAMES.get(graph, graph.rstrip('/').rsplit('/', 1)[-1])}"
            own = self._open_texts(stem, graph, self._policy.graphs)
            self._streams[graph] = _Stream(graph, own + self._quads, self._policy.orders(graph), self._piece_bytes)
        return self._streams[graph]

    def _write_union(self, text: bytes) -> None:
        if self._union.texts:
            self._pass_on(self._union, self._new_lines(text))

    def _pass_on(self, stream: _Stream, text: bytes) -> None:
        for piece in stream.pieces.add(text):
            self._submit(stream, piece)

    def _submit(self, stream: _Stream, text: bytes) -> None:
        orders = Orders(stream.orders, self._limits(stream.graph))
        if self._executor is None:
            self._append(stream, _carry_out(text, orders), text)
            return
        self._under_way.append((self._executor.submit(_carry_out, text, orders), stream, text))
        if len(self._under_way) >= _AHEAD:
            self._collect()

    def _collect(self) -> None:
        future, stream, text = self._under_way.popleft()
        self._append(stream, future.result(), text)

    def _settle(self, streams: Iterable[_Stream]) -> None:
        """Append what the streams still hold, and all that is under way."""
        for stream in streams:
            if rest := stream.pieces.rest():
                self._submit(stream, rest)
        while self._under_way:
            self._collect()

    def _append(self, stream: _Stream, written: Written, text: bytes, quads: bytes | None = None) -> None:
        stream.append(written, text, quads or (quads_of(text, stream.graph) if self._quads else b""))
        if written.statistics:
            self.statistics.setdefault(stream.graph, GraphStatistics())
            self.statistics[stream.graph] += written.statistics

    def _new_lines(self, text: bytes) -> bytes:
        """Return the lines that no graph has given yet."""
        new: list[bytes] = []
        for line in text.splitlines(keepends=True):
            digest = blake2b(line, digest_size=16).digest()
            if digest not in self._seen:
                self._seen.add(digest)
                new.append(line)
        return b"".join(new)
