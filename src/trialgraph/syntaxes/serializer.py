"""N-Triples on their way into any RDF syntax: what engines write to instead of their writers.

>>> from io import BytesIO
>>> from trialgraph.formats import TURTLE
>>> made = BytesIO()
>>> serializer = Serializer(made, TURTLE)
>>> _ = serializer.write(b"<urn:s> <urn:p> <urn:a> .\\n<urn:s> <urn:p> <urn:b> .\\n<urn:s> <urn:p> <urn:a> .\\n")
>>> serializer.close()
>>> print(made.getvalue().decode().partition(">")[2].strip(), serializer.triples)
.
<BLANKLINE>
<urn:s>
    <urn:p> <urn:a>, <urn:b> . 2
"""

from collections.abc import Iterable
from typing import Final, Protocol

from trialgraph.formats import RdfFormat
from trialgraph.syntaxes.subject_groups import Passage, triples_in
from trialgraph.syntaxes.syntax_table import SYNTAXES, used_prefixes
from trialgraph.terms import Term, Triple
from trialgraph.vocabulary import PREFIXES

_PIECE_BYTES: Final = 2**20
"""Up to so many bytes of N-Triples a triple comes once, a subject in one place, and no prefix is declared in vain."""


class Output(Protocol):
    """What takes bytes."""

    def write(self, data: bytes, /) -> int:
        """Take bytes."""


class Serializer:
    """A file for N-Triples lines that writes them to another in one of the syntaxes."""

    triples: int
    """How many were written."""
    left_out: int
    """How many the syntax cannot hold."""

    def __init__(self, output: Output, format_: RdfFormat) -> None:
        self._output, self._syntax = output, SYNTAXES[format_.name]
        self._text = bytearray()
        self._begun = False
        self.triples = self.left_out = 0

    def write(self, chunk: bytes) -> int:
        """Take the next part of the lines."""
        self._text += chunk
        if len(self._text) > _PIECE_BYTES and (end := self._text.rfind(b"\n") + 1):
            piece = bytes(self._text[:end])
            del self._text[:end]
            self._write(piece, PREFIXES)
        return len(chunk)

    def flush(self) -> None:
        """Do nothing: what is not yet written waits for the rest of its piece."""

    def close(self) -> None:
        """Write what is left, and the end of the document."""
        self._write(bytes(self._text), None)
        self._output.write(self._syntax.closing(self.left_out))

    def _write(self, piece: bytes, prefixes: dict[str, str] | None) -> None:
        """Write a piece; before the first one the opening, with the prefixes of that piece if none are given."""
        lines = dict.fromkeys(piece.splitlines(keepends=True))
        if self._syntax.is_lines:  # which have no opening, and nothing between
            self.triples += len(lines)
            self._output.write(b"".join(lines))
            return
        block, left_out = self._syntax.block(Passage.of(_by_subject(lines)), None)
        if not self._begun:
            opening = self._syntax.opening(used_prefixes(block) if prefixes is None else prefixes)
            block = opening + block
        elif block:
            block = self._syntax.between + block
        self._begun = True
        self.triples += len(lines) - left_out
        self.left_out += left_out
        self._output.write(block)


def _by_subject(lines: Iterable[bytes]) -> list[Triple]:
    """Return the triples of lines, those of a subject together, subjects in the order of their first lines."""
    groups: dict[Term, list[Triple]] = {}
    for triple in triples_in(b"".join(lines).decode()):
        groups.setdefault(triple[0], []).append(triple)
    return [triple for group in groups.values() for triple in group]
