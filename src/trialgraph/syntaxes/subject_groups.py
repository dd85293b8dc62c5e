"""Canonical N-Triples cut into pieces and grouped by subject: what every syntax is written from.

>>> passage = Passage(b"<urn:s> <urn:p> <urn:a> .\\n<urn:s> <urn:p> <urn:b> .\\n<urn:s> <urn:q> <urn:a> .\\n")
>>> passage.subjects
[('<urn:s>', {'<urn:p>': ['<urn:a>', '<urn:b>'], '<urn:q>': ['<urn:a>']})]
>>> Passage.of([("<urn:s>", "<urn:p>", "<urn:a>")]).text
b'<urn:s> <urn:p> <urn:a> .\\n'
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Final, Self

from trialgraph.terms import Term, Triple

Properties = dict[Term, list[Term]]
Subjects = list[tuple[Term, Properties]]
"""Each run of triples with the same subject, as its predicates and their objects in the order given. A subject that
comes back later stands there again. It is read by several writers, so none may change it."""

PIECE_BYTES: Final = 4 * 2**20
"""Size of the pieces that are written and compressed apart from each other."""


class Passage:
    """Some triples, as text and by subject; the latter is made when it is asked for, once."""

    def __init__(self, text: bytes) -> None:
        self.text = text
        """Whole lines as `terms.line` writes them, in UTF-8: one character beyond Latin-1 doubles a long `str`."""
        self._triples: Sequence[Triple] | None = None
        self._statements: bytes | None = None

    @classmethod
    def of(cls, triples: Sequence[Triple]) -> Self:
        """Return the passage of triples, which need not be read from its text then."""
        statements = "".join([f"{s} {p} {o}\n" for s, p, o in triples]).encode()
        passage = cls(_ended(statements, ""))
        passage._triples, passage._statements = triples, statements
        return passage

    def quads(self, graph: str) -> bytes:
        """Return the lines as N-Quads of a graph.

        >>> Passage.of([("<urn:s>", "<urn:p>", "<urn:o>")]).quads("urn:g")
        b'<urn:s> <urn:p> <urn:o> <urn:g> .\\n'
        """
        return quads_of(self.text, graph) if self._statements is None else _ended(self._statements, f" <{graph}>")

    def __len__(self) -> int:
        """Return the number of triples."""
        return self.text.count(b"\n") if self._triples is None else len(self._triples)

    @cached_property
    def subjects(self) -> Subjects:
        """The triples by subject."""
        return _grouped(triples_in(self.text.decode()) if self._triples is None else self._triples)


def quads_of(text: bytes, graph: str) -> bytes:
    """Return N-Triples lines as N-Quads lines of a graph.

    >>> quads_of(b"<urn:s> <urn:p> <urn:o> .\\n", "urn:g")
    b'<urn:s> <urn:p> <urn:o> <urn:g> .\\n'
    """
    # A line end stands nowhere but at the end of a line: literals have theirs escaped.
    return text.replace(b" .\n", f" <{graph}> .\n".encode())


def _ended(statements: bytes, graph: str) -> bytes:
    # One byte is found eight times as fast as three.
    return statements.replace(b"\n", f"{graph} .\n".encode())


def triples_in(text: str) -> Iterator[Triple]:
    """Yield the triples of lines as `terms.line` writes them."""
    for line in text.split("\n"):
        if line:
            subject, predicate, rest = line.split(" ", 2)
            yield subject, predicate, rest[:-2]


def _grouped(triples: Iterable[Triple]) -> Subjects:
    groups: Subjects = []
    current = ""
    properties: Properties = {}
    for subject, predicate, object_ in triples:
        if subject != current:
            current, properties = subject, {}
            groups.append((subject, properties))
        objects = properties.get(predicate)
        if objects is None:
            properties[predicate] = [object_]
        else:
            objects.append(object_)
    return groups


def passages(triples: Sequence[Triple], size: int) -> Iterator[Passage]:
    """Yield triples in passages of at least `size`, cut between two subjects; where depends on the triples alone.

    >>> triples = [(f"<urn:{n // 2}>", "<urn:p>", f"<urn:{n}>") for n in range(5)]
    >>> [len(passage) for passage in passages(triples, 1)]
    [2, 2, 1]
    """
    start = 0
    while start < len(triples):
        end = start + size
        while end < len(triples) and triples[end][0] == triples[end - 1][0]:
            end += 1
        yield Passage.of(triples[start:end])
        start = end


class Pieces:
    """Gathers N-Triples text and cuts it between two subjects.

    Where it cuts depends on the text alone, not on the portions in which it came.

    >>> pieces = Pieces(size=1)
    >>> list(pieces.add(b"<urn:s> <urn:p> <urn:a> .\\n<urn:t> <urn:p> <urn:a> .\\n"))
    [b'<urn:s> <urn:p> <urn:a> .\\n']
    >>> pieces.rest()
    b'<urn:t> <urn:p> <urn:a> .\\n'
    """

    def __init__(self, size: int = PIECE_BYTES) -> None:
        self._size = size
        self._text = bytearray()
        self._looked = 0

    def add(self, text: bytes) -> Iterator[bytes]:
        """Take whole lines; yield the pieces that are full."""
        self._text += text
        while len(self._text) > self._size and (cut := self._cut()):
            yield bytes(memoryview(self._text)[:cut])
            del self._text[:cut]
            self._looked = 0

    def rest(self) -> bytes:
        """Return what is left, and forget it."""
        left = bytes(self._text)
        self._text.clear()
        self._looked = 0
        return left

    def _cut(self) -> int | None:
        """Find the first line after the one at the size limit that has another subject; None: not seen yet."""
        start = self._text.rfind(b"\n", 0, self._size) + 1
        subject = self._text[start : self._text.find(b" ", start) + 1]
        place = max(start, self._looked)
        while (end := self._text.find(b"\n", place) + 1) < len(self._text):
            if not self._text.startswith(subject, end):
                return end
            place = end
        self._looked = place
        return None
