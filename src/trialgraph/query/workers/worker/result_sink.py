"""Where a worker writes a result: memory while small, then a spool file; rows are counted."""

import os
from typing import Final

from trialgraph.query.workers.worker.messages import INLINE_BYTES


class ResultTooLargeError(Exception):
    """The result passed the limit the request gave."""


class Sink:
    """Where pyoxigraph writes: memory while the result is small, then the spool file."""

    def __init__(self, spool: int, limit: int, layout: "Layout", note: str = "") -> None:
        self._spool, self._limit, self._layout = spool, limit, layout
        self._chunks: list[bytes] = []
        self._tail = self._end = b""
        self._note = note.encode()
        self._gap = -1
        self.size = 0
        self.spooled = False
        self._marks = 0

    def write(self, chunk: bytes) -> int:
        """Take the next part."""
        chunk = bytes(chunk)
        size = len(chunk)
        if self._note and not self.size:
            chunk = self._with_gap(chunk)
        if self._layout.mark:
            self._marks += (self._tail + chunk).count(self._layout.mark)
            self._tail = chunk[1 - len(self._layout.mark) :] if len(self._layout.mark) > 1 else b""
            self._end = (self._end + chunk)[-len(self._layout.none) :]
        self.size += len(chunk)
        if self.size > self._limit:
            raise ResultTooLargeError
        self._chunks.append(chunk)
        if self.spooled or self.size > INLINE_BYTES:
            self._spill()
        return size

    def _with_gap(self, chunk: bytes) -> bytes:
        """Leave room for a note that is known only at the end; white space there means nothing."""
        head, found, rest = chunk.partition(self._layout.note_place)
        if not found or not self._layout.note_place:
            return chunk
        before, after = (head + found, rest) if self._layout.note_follows else (head, found + rest)
        self._gap = len(before)
        return before + b" " * len(self._note) + after

    def _spill(self) -> None:
        rest = memoryview(b"".join(self._chunks))
        self._chunks.clear()
        self.spooled = True
        while rest:
            rest = rest[os.write(self._spool, rest) :]

    def flush(self) -> None:
        """Do nothing: what is in memory is sent with the answer."""

    def write_note(self) -> None:
        """Put the note into its place."""
        if self._gap < 0:
            return
        if self.spooled:
            os.pwrite(self._spool, self._note, self._gap)
        else:
            body = self.body()
            self._chunks = [body[: self._gap], self._note, body[self._gap + len(self._note) :]]

    def body(self) -> bytes:
        """Return what did not go to the spool file."""
        return b"".join(self._chunks)

    def rows(self) -> int | None:
        """Return the number of rows as far as the marks between them tell."""
        if not self._layout.mark:
            return None
        return max(0, self._marks + self._layout.first) if not self._end.endswith(self._layout.none) else 0


class Layout:
    """Where, in a format, a row shows and a note finds room."""

    def __init__(
        self, mark: bytes = b"", first: int = 0, none: bytes = b"\0", place: bytes = b"", *, follows: bool = True
    ) -> None:
        self.mark, self.first, self.none = mark, first, none
        self.note_place, self.note_follows = place, follows


# A quotation mark inside a JSON string is escaped, so `{"x":{"type":` cannot be text; likewise `<` in XML.
LAYOUTS: Final = {
    "application/sparql-results+json": Layout(b'},{"', 1, b"[]}}", b'{"head":{'),
    "application/sparql-results+xml": Layout(b"<result>", 0, b"\0", b"</head>", follows=False),
    "text/tab-separated-values": Layout(b"\n", -1),
    "text/csv": Layout(b"\r\n", -1),
}
