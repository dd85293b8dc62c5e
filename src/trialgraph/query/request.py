"""What is asked of an engine, and what comes back."""

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import BinaryIO, Literal

from trialgraph.formats import SPARQL_JSON, TURTLE, RdfFormat, ResultFormat

Kind = Literal["solutions", "boolean", "graph"]


@dataclass(frozen=True, slots=True)
class QueryRequest:
    """A query, the dataset it runs on, and the format of the answer.

    >>> QueryRequest("ASK {}").format_for("boolean").name
    'json'
    """

    text: str
    default_graphs: tuple[str, ...] | None = None
    """IRIs merged into the default graph; None leaves the dataset to the query, and then to the release."""
    named_graphs: tuple[str, ...] | None = None
    result_format: ResultFormat = SPARQL_JSON
    """For SELECT and ASK."""
    rdf_format: RdfFormat = TURTLE
    """For CONSTRUCT and DESCRIBE."""
    timeout_seconds: float | None = None
    """Asked time limit; the engine's cap holds. None: the engine's default."""
    capped: bool = True
    """Whether the operator's row cap holds; pages, which cannot show that it cut something, ask without it."""

    def format_for(self, kind: Kind) -> ResultFormat | RdfFormat:
        """Return the format that an answer of this kind is written in."""
        return self.rdf_format if kind == "graph" else self.result_format


class Spool:
    """A nameless temporary file that goes away with its last reader."""

    def __init__(self) -> None:
        with tempfile.TemporaryFile(prefix="trialgraph-") as file:
            self.descriptor = os.dup(file.fileno())

    def open(self) -> BinaryIO:
        """Return a reader of its own, at the beginning of the file."""
        # Opening by /proc gives each reader its own position, which a duplicated descriptor would share.
        return open(f"/proc/self/fd/{self.descriptor}", "rb")  # noqa: PTH123

    def append(self, block: bytes) -> None:
        """Write at the end."""
        rest = memoryview(block)
        while rest:
            rest = rest[os.write(self.descriptor, rest) :]

    def __del__(self) -> None:
        os.close(self.descriptor)


@dataclass(slots=True)
class Result:
    """A whole answer: nothing of it is still to be computed, so nothing of it can fail.

    >>> Result("boolean", SPARQL_JSON, 4, b"true").read()
    b'true'
    """

    kind: Kind
    format: ResultFormat | RdfFormat
    size: int
    """Bytes."""
    body: bytes = b""
    """The answer, when it is small."""
    spool: Spool | None = None
    """Holds the answer, when it is large."""
    rows: int | None = None
    """Solutions or statements, where the format lets them be counted without parsing."""
    seconds: float = 0.0
    """Time the engine took."""
    engine: str = ""
    """Name of the engine that answered, where there is more than one."""
    row_cap: int | None = None
    """Set when the operator's row cap cut the result: how many rows are left."""
    left_out: int = 0
    """Values or triples that the format cannot hold, and that are therefore not there."""
    notes: tuple[str, ...] = ()
    """What is to be said of it besides, each in a sentence."""
    release: str = ""
    """Version of the release that answered; empty when the engine knows none."""
    repeatable: bool = True
    """Whether the same question gives the same answer again (no NOW, RAND, UUID ...)."""
    cached: bool = False
    """Whether it is kept, so that the next who asks gets it without the engine."""
    variants: dict[str, object] = field(default_factory=dict)
    """Room for a server to keep compressed forms and headers as long as the result is kept."""

    def open(self) -> BinaryIO | None:
        """Return a file with the answer when it is spooled, else None."""
        return self.spool.open() if self.spool else None

    def read(self) -> bytes:
        """Return the answer as bytes, wherever it is."""
        if self.spool is None:
            return self.body
        with self.spool.open() as file:
            return file.read()


Disconnected = Callable[[], bool]
"""Tells whether the one who asked has gone away."""
