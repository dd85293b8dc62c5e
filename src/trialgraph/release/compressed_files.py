"""Compressed files that are the same bytes each time, made of pieces that can be compressed apart.

gzip (RFC 1952) is the one every program reads: the pieces are deflated anywhere, each ending at a byte boundary
(a sync flush), and stand in one member, so that no reader stops after the first. Zstandard (RFC 8878) is smaller
and faster; one frame, compressed by the library's own threads, whose result does not depend on their number.

>>> import gzip
>>> pieces = [deflate(b"a b"), deflate(b" c")]
>>> gzip.decompress(b"".join([GZIP_HEAD, *pieces, gzip_tail(crc32_of_both(crc32(b"a b"), crc32(b" c"), 2), 5)]))
b'a b c'
"""

import hashlib
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import zstandard
from zlib_ng import zlib_ng as zlib
from zlib_ng.zlib_ng import crc32

from trialgraph.errors import FormatError

GZIP_LEVEL: Final = 5
"""Of zlib-ng, where it makes N-Quads smaller than 6 does, and faster."""
ZSTD_LEVEL: Final = 3
"""The customary one; a higher one costs more time than it saves in download."""


@dataclass(frozen=True)
class Compression:
    """A way to compress a file; `none` is one of them."""

    name: str
    suffix: str
    media_type: str | None
    """As `dcat:compressFormat` names it (IANA)."""


NONE: Final = Compression("none", "", None)
GZIP: Final = Compression("gzip", ".gz", "application/gzip")
ZSTD: Final = Compression("zstd", ".zst", "application/zstd")
COMPRESSIONS: Final = (NONE, GZIP, ZSTD)


def by_suffix(suffix: str) -> Compression:
    """Return the compression of a file suffix, given with its dot.

    Raises FormatError with the known ones.
    """
    for compression in COMPRESSIONS:
        if compression.suffix == suffix:
            return compression
    raise FormatError(suffix, tuple(c.suffix for c in COMPRESSIONS if c.suffix))


# Time 0, no name, no operating system: the header says nothing of when and where (RFC 1952, 2.3).
GZIP_HEAD: Final = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_LAST_BLOCK: Final = b"\x03\x00"


def deflate(text: bytes) -> bytes:
    """Return one piece of a deflate stream, ending at a byte boundary and not the last."""
    deflater = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    return deflater.compress(text) + deflater.flush(zlib.Z_SYNC_FLUSH)


def gzip_tail(crc: int, size: int) -> bytes:
    """Return what ends a gzip member: an empty last block, the checksum, the size modulo 2^32."""
    return _LAST_BLOCK + struct.pack("<II", crc, size & 0xFFFFFFFF)


_POLYNOMIAL: Final = 0xEDB88320
_ONE: Final = 1 << 31
"""The polynomial 1: coefficients stand in reverse, that of x^0 in the highest bit."""


def _times(a: int, b: int) -> int:
    """Multiply two polynomials over GF(2), modulo that of CRC-32."""
    product = 0
    while a:
        if a & _ONE:
            product ^= b
        a = (a << 1) & 0xFFFFFFFF
        b = (b >> 1) ^ (_POLYNOMIAL if b & 1 else 0)
    return product


def crc32_of_both(first: int, second: int, second_size: int) -> int:
    """Return the CRC-32 of two texts in a row from the CRC-32 of each and the size of the second in bytes.

    Appending n bytes multiplies the first by x^8n; the power is taken by squaring.
    """
    shift, power, bits = _ONE, _ONE >> 8, second_size
    while bits:
        if bits & 1:
            shift = _times(power, shift)
        power = _times(power, power)
        bits >>= 1
    return _times(shift, first) ^ second


@dataclass(frozen=True)
class Piece:
    """A part of a file's text, as those that write it need it."""

    plain: bytes
    """Empty when only the deflated form is asked for."""
    deflated: bytes
    size: int
    crc: int

    @classmethod
    def of(cls, text: bytes, *, plain: bool, gzip: bool) -> "Piece":
        """Return the piece in the forms asked for."""
        return cls(text if plain else b"", deflate(text) if gzip else b"", len(text), crc32(text) if gzip else 0)

    @classmethod
    def joined(cls, pieces: "Sequence[Piece]") -> "Piece":
        """Return the piece that pieces in a row make."""
        crc = 0
        for piece in pieces:
            crc = crc32_of_both(crc, piece.crc, piece.size)
        plain, deflated = b"".join(piece.plain for piece in pieces), b"".join(piece.deflated for piece in pieces)
        return cls(plain, deflated, sum(piece.size for piece in pieces), crc)


class Sink(Protocol):
    """Turns pieces into the bytes of one file."""

    def start(self) -> bytes:
        """Return the bytes that begin the file."""

    def add(self, piece: Piece) -> bytes:
        """Return the bytes of the next piece, as far as they are ready."""

    def end(self) -> bytes:
        """Return the bytes that end the file."""


class PlainSink:
    """Text as it is."""

    def start(self) -> bytes:
        """Return nothing."""
        return b""

    def add(self, piece: Piece) -> bytes:
        """Return the text."""
        return piece.plain

    def end(self) -> bytes:
        """Return nothing."""
        return b""


class GzipSink:
    """One gzip member of pieces deflated apart."""

    def __init__(self) -> None:
        self._crc = 0
        self._size = 0

    def start(self) -> bytes:
        """Return the header."""
        return GZIP_HEAD

    def add(self, piece: Piece) -> bytes:
        """Return the deflated piece."""
        self._crc = crc32_of_both(self._crc, piece.crc, piece.size)
        self._size += piece.size
        return piece.deflated

    def end(self) -> bytes:
        """Return the trailer."""
        return gzip_tail(self._crc, self._size)


class ZstdSink:
    """One Zstandard frame; compressed by threads of the library, so `add` seldom waits."""

    def __init__(self, threads: int = 2) -> None:
        compressor = zstandard.ZstdCompressor(level=ZSTD_LEVEL, threads=threads, write_checksum=True)
        self._stream = compressor.compressobj()

    def start(self) -> bytes:
        """Return nothing: the header comes with the first piece."""
        return b""

    def add(self, piece: Piece) -> bytes:
        """Return what is compressed by now."""
        return self._stream.compress(piece.plain)

    def end(self) -> bytes:
        """Return the rest of the frame."""
        return self._stream.flush()


def sink(compression: Compression) -> Sink:
    """Return a new sink for a compression."""
    if compression == GZIP:
        return GzipSink()
    return ZstdSink() if compression == ZSTD else PlainSink()


class SinkFile:
    """A file being written through a sink; it knows its size and SHA-256 when it ends."""

    def __init__(self, path: Path, compression: Compression) -> None:
        self.path = path
        self.compression = compression
        self._sink = sink(compression)
        self._file = path.open("wb")
        self._digest = hashlib.sha256()
        self.size = 0
        self._write(self._sink.start())

    def add(self, piece: Piece) -> None:
        """Append a piece."""
        self._write(self._sink.add(piece))

    def end(self) -> str:
        """End the file and return its SHA-256 in hexadecimal."""
        self._write(self._sink.end())
        self._file.close()
        return self._digest.hexdigest()

    def close(self) -> None:
        """Close the file as it is; for a release that is given up."""
        self._file.close()

    def _write(self, content: bytes) -> None:
        self._file.write(content)
        self._digest.update(content)
        self.size += len(content)
