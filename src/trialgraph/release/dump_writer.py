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
from collections.abc import Iterable
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Final, Self

from trialgraph.formats import RdfFormat
from trialgraph.release.compressed_files import GZIP, Compression, Piece, SinkFile
from trialgraph.release.dump_pieces import DumpPieces, DumpPlan, TextPlan, write_passage
from trialgraph.release.dump_policy import LINES, DumpKind, DumpPolicy, by_format, needs_plain, text_plan
from trialgraph.release.graph_statistics import NO_LIMITS, GraphStatistics, Limits
from trialgraph.syntaxes.subject_groups import PIECE_BYTES, Pieces, quads_of
from trialgraph.syntaxes.syntax_table import SYNTAXES
from trialgraph.vocabulary import GRAPHS, PREFIXES

NAME: Final = "trialgraph"
"""What the name of every dump begins with."""

_SHORT_NAMES: Final = {graph: name for name, graph in GRAPHS.items()}
_AHEAD: Final = 6
"""Pieces under way at once when an executor works on them; each is some tens of megabytes at most."""


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


class _Text:
    """One text in one syntax, kept in as many files as there are compressions of it."""

    def __init__(self, stem: Path, graph: str | None, format_: RdfFormat, compressions: list[Compression]) -> None:
        self.format = format_
        self.graph = graph
        self._files = [
            SinkFile(stem.with_name(f"{stem.name}.{format_.extension}{compression.suffix}"), compression)
            for compression in compressions
        ]
        self._plain = needs_plain(compressions)
        self._gzip = GZIP in compressions
        self._first = True
        self._triples = 0
        self._left_out = 0
        self._add(SYNTAXES[format_.name].opening(PREFIXES))

    def add_lines(self, lines: bytes) -> None:
        """Append the text of pieces that come without it, since it is lines."""
        if self._plain and self.format in LINES:
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

    def __init__(self, graph: str, texts: list[_Text], plan: tuple[TextPlan, ...], piece_bytes: int) -> None:
        self.graph = graph
        self.plan = plan
        self.pieces = Pieces(piece_bytes)
        self.texts = texts

    def append(self, written: DumpPieces, text: bytes, quads: bytes) -> None:
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
        self._under_way: deque[tuple[Future[DumpPieces], _Stream, bytes]] = deque()
        self._streams: dict[str, _Stream] = {}
        whole = self._open_texts(folder / NAME, None, policy.whole)
        self._quads = [text for text in whole if text.format.holds_named_graphs]
        union = [text for text in whole if not text.format.holds_named_graphs]
        plan = tuple(
            text_plan(*each, None) for each in by_format(policy.whole).items() if not each[0].holds_named_graphs
        )
        self._union = _Stream("", union, plan, piece_bytes)
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

    def plan(self, graph: str) -> DumpPlan:
        """Return what is to be made of triples of a graph before `append` takes them."""
        return DumpPlan(self._policy.plan(graph), self._limits(graph))

    def _limits(self, graph: str) -> Limits | None:
        if not self._count or not graph:  # the union is not counted
            return None
        return self.statistics[graph].limits if graph in self.statistics else NO_LIMITS

    def append(self, graph: str, text: bytes, quads: bytes, written: DumpPieces) -> None:
        """Take lines of a graph, as triples and as quads, for which the plan of the policy were carried out."""
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
        return [_Text(stem, graph, format_, compressions) for format_, compressions in by_format(kinds).items()]

    def _stream(self, graph: str) -> _Stream:
        if graph not in self._streams:
            stem = self._folder / f"{NAME}-{_SHORT_NAMES.get(graph, graph.rstrip('/').rsplit('/', 1)[-1])}"
            own = self._open_texts(stem, graph, self._policy.graphs)
            self._streams[graph] = _Stream(graph, own + self._quads, self._policy.plan(graph), self._piece_bytes)
        return self._streams[graph]

    def _write_union(self, text: bytes) -> None:
        if self._union.texts:
            self._pass_on(self._union, self._new_lines(text))

    def _pass_on(self, stream: _Stream, text: bytes) -> None:
        for piece in stream.pieces.add(text):
            self._submit(stream, piece)

    def _submit(self, stream: _Stream, text: bytes) -> None:
        plan = DumpPlan(stream.plan, self._limits(stream.graph))
        if self._executor is None:
            self._append(stream, write_passage(text, plan), text)
            return
        self._under_way.append((self._executor.submit(write_passage, text, plan), stream, text))
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

    def _append(self, stream: _Stream, written: DumpPieces, text: bytes, quads: bytes | None = None) -> None:
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
