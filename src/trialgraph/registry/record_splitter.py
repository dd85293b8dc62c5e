"""A stream of JSON cut into the texts of its records, in constant memory.

Three shapes are told apart by content: lines that are each a record; one array, or one page of the API
(`{"studies": [...]}`); and whole JSON values one after the other, a single record being the simplest case.

A record of the API starts with `{"protocolSection":`, and that start is found at the speed of memory. So the cut
before the next such start is tried first, and brackets are counted only where that is not a JSON value. A broken
record costs no more than itself: what follows starts again at the next such start, or on the next line.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import msgspec

from trialgraph.errors import RecordError, UnmappableRecord, UnreadableRecord
from trialgraph.registry.archives import Stream
from trialgraph.registry.json_wrappers import next_pair, opening
from trialgraph.registry.record import Limits, RecordText
from trialgraph.vocabulary import NCT_ID

_HEAD: Final = 2**16
_SMALL: Final = 2**14
_ARRAYS: Final = 4
"""Arrays in each other."""
_BOM: Final = b"\xef\xbb\xbf"
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
_KEY: Final = b'"protocolSection"'
_SPACE: Final = b" \t\r\n"
_LINE_ENDS: Final = _SPACE + b"\x1e"  # RFC 7464 puts a record separator before each text
_BETWEEN_VALUES: Final = re.compile(rb"[\s\x1e]*+")
_BETWEEN_ELEMENTS: Final = re.compile(rb"[\s,]*+")
_STRING: Final = rb'"(?:[^"\\]++|\\.)*+"'
_TO_NEXT_BRACKET: Final = re.compile(rb'(?>(?:[^"{}\[\]]++|' + _STRING + rb")*)", re.DOTALL)
_SCALAR: Final = re.compile(_STRING + rb"|-?[0-9.eE+-]+|true|false|null", re.DOTALL)
_PAIR: Final = rb"\s*" + _STRING + rb"\s*:\s*(?:" + _SCALAR.pattern + rb")\s*"
_PAGE: Final = re.compile(rb"\{(?:" + _PAIR + rb',)*?\s*"studies"\s*:\s*\[', re.DOTALL)

_NUMBER: Final = re.compile(rb'\s*"?(NCT\d{8})\b')
_AS_API: Final = "give records as the ClinicalTrials.gov API v2 writes them"
_SHOWN: Final = 40

_raw = msgspec.json.Decoder(msgspec.Raw)


@dataclass(frozen=True, slots=True)
class Rejected:
    """What was set aside: why, and the text as far as it is at hand."""

    error: RecordError
    raw: bytes = b""


Piece = RecordText | Rejected


def is_json(raw: bytes) -> bool:
    """Tell whether the bytes are one JSON value, strings not looked into."""
    try:
        _raw.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


class _Window:
    """The part of a stream that is in memory: `text[at:]` is still to be read."""

    def __init__(self, chunks: Iterator[bytes], base: int = 0) -> None:
        self._chunks = chunks
        self.text = b""
        self.at = 0
        self.base = base
        self.fault: UnreadableRecord | None = None
        self._free_of_starts = 0

    @property
    def offset(self) -> int:
        """Offset of `at` in the stream."""
        return self.base + self.at

    @property
    def left(self) -> int:
        return len(self.text) - self.at

    def fill(self) -> bool:
        """Read on, twice as much as is still to be read; tell whether there was more."""
        parts = [self.text[self.at :]]
        wanted, got = max(1, len(parts[0])), 0
        while got < wanted and (chunk := self._next()):
            parts.append(chunk)
            got += len(chunk)
        self.base, self.at, self.text = self.offset, 0, b"".join(parts)
        return got > 0

    def _next(self) -> bytes:
        try:
            while (chunk := next(self._chunks, None)) is not None:
                if chunk:
                    return chunk
        except UnreadableRecord as error:
            self.fault = error
        return b""

    def have(self, size: int) -> None:
        """Fill until `size` bytes are to be read, or all there are."""
        while self.left < size and self.fill():
            pass

    def skip(self, pattern: re.Pattern[bytes]) -> bool:
        """Pass over what matches; tell whether anything is left."""
        while True:
            match = pattern.match(self.text, self.at)
            self.at = match.end() if match else self.at
            if self.left or not self.fill():
                return self.left > 0

    def next_start(self) -> int:
        """Return where in `text` the next record starts after `at`, or -1 when none does."""
        search = max(self.at + 1, self._free_of_starts - self.base)
        while (key := self.text.find(_KEY, search)) >= 0:
            brace = len(self.text[max(0, key - _HEAD) : key].rstrip(_SPACE)) + max(0, key - _HEAD) - 1
            before = self.text[max(0, brace - _HEAD) : brace].rstrip(_SPACE)[-1:]
            if brace > self.at and self.text[brace] == ord("{") and before != b":":
                self._free_of_starts = self.base + key
                return brace
            search = key + 1
        self._free_of_starts = self.base + max(self.at, len(self.text) - len(_KEY))
        return -1

    def take(self, end: int) -> bytes:
        """Return `text[at:end]` and pass over it."""
        raw = self.text[self.at : end]
        self.at = end
        return raw


def split(stream: Stream, limits: Limits) -> Iterator[Piece]:
    """Yield the texts of a stream's records, and what cannot be one.

    The texts are cut, not checked: `decoding.decode` says whether each is a record.
    """
    window = _Window(stream.chunks)
    window.have(_HEAD)
    if window.text.startswith(_UTF_16) or b"\0" in window.text[:4]:
        reason = "not UTF-8: this looks like UTF-16 or binary"
        yield Rejected(UnreadableRecord(reason, "convert it to UTF-8", source=stream.source, byte=0))
        return
    if window.text.startswith(_BOM):
        window.at = len(_BOM)
    by_lines = _is_lines(window, stream.name)
    yield from _Splitter(stream.source, window, limits).split(by_lines, empty_is_fine=by_lines or _says_lines(stream))


def _says_lines(stream: Stream) -> bool:
    return stream.name.lower().endswith((".jsonl", ".ndjson"))


def _is_lines(window: _Window, name: str) -> bool:
    named = name.lower().endswith((".jsonl", ".ndjson"))
    head = window.text[window.at :].lstrip()
    first, newline, rest = head.partition(b"\n")
    first = first.rstrip()
    if first.startswith(b"{") and newline and rest.strip() and is_json(first):
        return True
    return named and first not in (b"", b"{") and not first.startswith(b"[") and not _PAGE.match(head)


class _Splitter:
    """Cuts one stream; `line` is set when the stream is a line of another."""

    def __init__(self, source: str, window: _Window, limits: Limits, line: int | None = None) -> None:
        self._source = source
        self._window = window
        self._limits = limits
        self._line = line
        self._cut_off = False
        self._is_open = False
        """Whether an array was not closed, and all that is left is read."""

    def split(self, by_lines: bool, empty_is_fine: bool) -> Iterator[Piece]:
        window = self._window
        if by_lines:
            yield from self._lines()
        elif window.skip(_BETWEEN_VALUES):
            yield from self._values()
        elif not window.fault and not empty_is_fine:
            yield self._reject(window.offset, "there is nothing in it", "get the file again")
        if window.fault:
            window.fault.byte = window.offset
            yield Rejected(window.fault, window.take(len(window.text)))

    def _reject(self, byte: int, reason: str, remedy: str, raw: bytes = b"") -> Rejected:
        return Rejected(UnreadableRecord(reason, remedy, None, self._source, self._line, byte), raw)

    # --- lines ---

    def _lines(self) -> Iterator[Piece]:
        window = self._window
        self._line = 0
        while window.left or window.fill():
            self._line += 1
            start = window.offset
            if (raw := self._rest_of_line()) is None:
                yield self._too_large(start, self._pass_line())
            elif window.fault and not raw.endswith(b"\n") and not is_json(raw):
                window.at -= len(raw)
                return
            elif text := raw.strip(_LINE_ENDS):
                yield from self._line_pieces(text, start + raw.index(text))

    def _rest_of_line(self) -> bytes | None:
        window = self._window
        while (end := window.text.find(b"\n", window.at)) < 0:
            if window.left > self._limits.record_bytes:
                return None
            if not window.fill():
                return window.take(len(window.text))
        return window.take(end + 1)

    def _pass_line(self) -> int:
        window, start = self._window, self._window.offset
        while (end := window.text.find(b"\n", window.at)) < 0:
            window.at = len(window.text)
            if not window.fill():
                return window.offset - start
        window.at = end + 1
        return window.offset - start

    def _line_pieces(self, raw: bytes, byte: int) -> Iterator[Piece]:
        if raw.startswith(b"[") or _PAGE.match(raw) or (raw.startswith(b"{") and opening(raw, 0)):
            inner = _Splitter(self._source, _Window(iter((raw,)), byte), self._limits, self._line)
            yield from inner._values()
        else:
            yield self._text(raw.removeprefix(_BOM), byte)

    # --- values ---

    def _values(self) -> Iterator[Piece]:
        window = self._window
        while window.skip(_BETWEEN_VALUES):
            window.have(_HEAD)
            if page := _PAGE.match(window.text, window.at):
                window.at = page.end()
                yield from self._elements()
                yield from self._rest_of_object(1)
            elif window.text[window.at] == ord("["):
                window.at += 1
                yield from self._elements()
            elif window.text[window.at] == ord("{"):
                yield from self._object()
            else:
                yield self._garbage()
            if self._cut_off:
                return

    def _object(self) -> Iterator[Piece]:
        """Yield a record, or the records that another object holds."""
        window = self._window
        window.have(_SMALL)
        opened = opening(window.text, window.at)
        if opened is None:
            window.have(_HEAD)
            opened = opening(window.text, window.at) if window.left > _SMALL else None
        if opened is None:
            yield from self._value()
            return
        window.at = opened.at
        if opened.is_array:
            yield from self._elements()
        yield from self._rest_of_object(opened.depth)

    def _rest_of_object(self, depth: int) -> Iterator[Piece]:
        """Yield the records among the values of an object, up to its end and that of the objects around it."""
        window = self._window
        while depth and not self._cut_off and not self._is_open:
            if not window.skip(_BETWEEN_ELEMENTS):
                if not window.fault:
                    yield self._reject(window.offset, "an object ends without a closing brace", "get the file again")
                return
            window.have(_HEAD)
            if window.text[window.at] == ord("}"):
                window.at += 1
                depth -= 1
            elif pair := next_pair(window.text, window.at):
                key, window.at = pair
                yield from self._member(key)
            else:
                yield self._garbage()
                return

    def _member(self, key: bytes) -> Iterator[Piece]:
        """Yield the value of a key that stands around or beside records, where it is one."""
        window = self._window
        if not window.skip(_BETWEEN_VALUES):
            return
        first, name = window.text[window.at], key[1:-1].decode("utf-8", "replace")
        keyed = name if NCT_ID.fullmatch(name.upper()) else None
        is_container = first in b"{["
        for piece in self._in_member(first):
            if isinstance(piece, Rejected) or (is_container and _KEY in piece.raw):
                yield piece
            elif keyed:
                shown = piece.raw[:_SHOWN].decode("utf-8", "replace")
                reason = f"under this key there is no record, but {shown}{'...' if len(piece.raw) > _SHOWN else ''}"
                error = UnmappableRecord(reason, _AS_API, keyed.upper(), self._source, self._line, piece.byte)
                yield Rejected(error, piece.raw)

    def _in_member(self, first: int) -> Iterator[Piece]:
        """Yield what the value that begins with a byte holds, whatever stands around it."""
        if first == ord("["):
            self._window.at += 1
            return self._elements()
        return self._object() if first == ord("{") else self._value()

    def _elements(self, depth: int = 1) -> Iterator[Piece]:
        window = self._window
        while window.skip(_BETWEEN_ELEMENTS):
            if window.text[window.at] == ord("]"):
                window.at += 1
                return
            if window.text[window.at] == ord("[") and depth < _ARRAYS:
                window.at += 1
                yield from self._elements(depth + 1)
            else:
                yield from self._object() if window.text[window.at] == ord("{") else self._value()
            if self._cut_off or self._is_open:
                return
        self._is_open = True
        if not window.fault:
            yield self._reject(window.offset, "the array ends without a closing bracket", "get the file again")

    def _value(self) -> Iterator[Piece]:
        window = self._window
        start = window.offset
        while (cut := self._cut()) is None:
            if window.left > self._limits.record_bytes:
                yield self._too_large(start, self._pass_to_next_start())
                return
            if not window.fill():
                self._cut_off = window.fault is not None
                if not self._cut_off:
                    yield self._text(window.take(len(window.text)), start)
                return
        if cut == window.at:
            yield self._garbage()
        else:
            yield self._text(window.take(cut), start)

    def _text(self, raw: bytes, start: int) -> RecordText:
        return RecordText(raw.rstrip(b", \t\r\n"), self._source, self._line, start)

    def _cut(self) -> int | None:
        """Return where the value at `at` ends; `at` itself for what is none; None when that is not in sight yet."""
        window = self._window
        start = window.next_start()
        if start >= 0 and is_json(window.text[window.at : start].rstrip(b", \t\r\n")):
            return start
        end = _end_of_value(window.text, window.at, start if start >= 0 else len(window.text))
        if end is None and start >= 0:
            return start
        return end

    def _garbage(self) -> Rejected:
        start, head = self._window.offset, self._window.text[self._window.at :][:_SMALL]
        length = self._pass_to_next_start()
        raw = head[:length]
        reason = f"not JSON: {length} bytes that start with {raw[:20].decode('utf-8', 'backslashreplace')!r}"
        if length == len(raw) and is_json(raw):
            reason = f"JSON, but neither an object nor an array: {raw[:_SHOWN].decode('utf-8', 'backslashreplace')}"
        return self._reject(start, reason, _remedy(raw), raw if len(raw) == length else b"")

    def _too_large(self, start: int, length: int) -> Rejected:
        reason = f"a record of {length} bytes and more, above the limit of {self._limits.record_bytes}"
        return self._reject(start, reason, "raise record_bytes if it is a record")

    def _pass_to_next_start(self) -> int:
        """Pass over everything up to the next start of a record; return how many bytes that were."""
        window, first = self._window, self._window.offset
        while (start := window.next_start()) < 0:
            window.at = max(window.at, len(window.text) - 2 * len(_KEY))
            if not window.fill():
                window.at = len(window.text)
                return window.offset - first
        window.at = start
        return window.offset - first


def _remedy(raw: bytes) -> str:
    """Return what to do about a text that is no record, which may be a list of numbers."""
    found = _NUMBER.match(raw)
    return f"{_AS_API}; for records by number say `trialgraph fetch {found[1].decode()}`" if found else _AS_API


def _end_of_value(text: bytes, at: int, stop: int) -> int | None:
    if text[at] not in b"{[":
        return _end_of_scalar(text, at, stop)
    depth = 0
    while True:
        match = _TO_NEXT_BRACKET.match(text, at, stop)
        at = match.end() if match else at
        if at >= stop or text[at] == ord('"'):
            return None
        depth += 1 if text[at] in b"{[" else -1
        at += 1
        if depth == 0:
            return at


def _end_of_scalar(text: bytes, at: int, stop: int) -> int | None:
    scalar = _SCALAR.match(text, at, stop)
    if scalar:
        return scalar.end() if scalar.end() < stop else None
    return None if text[at] == ord('"') or stop - at < len(b"false") else at
