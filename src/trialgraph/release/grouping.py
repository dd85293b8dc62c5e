"""Canonical N-Triples text, cut into pieces and grouped by subject: what every syntax below is written from.

>>> text = "<urn:s> <urn:p> <urn:a> .\\n<urn:s> <urn:p> <urn:b> .\\n<urn:s> <urn:q> <urn:a> .\\n"
>>> list(subjects(text))
[('<urn:s>', {'<urn:p>': ['<urn:a>', '<urn:b>'], '<urn:q>': ['<urn:a>']})]
"""

from collections.abc import Iterator
from typing import Final

from trialgraph.terms import Term

Properties = dict[Term, list[Term]]

PIECE_BYTES: Final = 4 * 2**20
"""Size of the pieces that are written and compressed apart from each other."""


def subjects(text: str) -> Iterator[tuple[Term, Properties]]:
    """Yield each run of lines with the same subject, as its predicates and their objects in the order given.

    The text is whole lines as `terms.line` writes them. A subject that comes back later is yielded again.
    """
    current = ""
    properties: Properties = {}
    for line in text.split("\n"):
        if not line:
            continue
        subject, predicate, rest = line.split(" ", 2)
        if subject != current:
            if properties:
                yield current, properties
            current, properties = subject, {}
        if predicate in properties:
            properties[predicate].append(rest[:-2])
        else:
            properties[predicate] = [rest[:-2]]
    if properties:
        yield current, properties


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
