"""Decompression of gzip, xz, bzip2 and Zstandard, a piece at a time, and no more than may come out.

A stream of packed bytes becomes one of unpacked bytes; nothing is held but a window. What is damaged or cut off gives
what is whole before it is told.
"""

import bz2
import lzma
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

import zstandard

from trialgraph.errors import UnreadableRecord
from trialgraph.registry.record import Limits

CHUNK: Final = 2**20
_ZSTD_CHUNK: Final = 2**12
"""So little at a time that even the densest input gives no more than 128 MiB at once."""
_ZSTD_WINDOW: Final = 2**27
_GZIP: Final = b"\x1f\x8b"
_ZSTD: Final = b"\x28\xb5\x2f\xfd"
_XZ: Final = b"\xfd7zXZ\0"
_BZIP2: Final = b"BZh"
GET_IT_AGAIN: Final = "get the file again"
Unpack = Callable[[str, Iterator[bytes]], Iterator[bytes]]
_XZ_MEMORY: Final = 2**28
"""Bytes a decoder of xz may use."""


def printable(name: str) -> str:
    """Return a file's name as text that UTF-8 can hold; bytes that are none show as escapes."""
    return name.encode("utf-8", "backslashreplace").decode()


def unreadable(source: str, reason: str, remedy: str, byte: int | None = None) -> UnreadableRecord:
    """Return the error that says of a file why it cannot be read, what to do, and at which of its bytes."""
    return UnreadableRecord(reason, remedy, source=printable(source), byte=byte)


def unpacker(head: bytes) -> Unpack | None:
    """Return what unpacks a file that begins with these bytes, or None if it is not packed.

    >>> unpacker(b'{"protocolSection"') is None
    True
    """
    if head.startswith(_GZIP):
        return _gunzip
    if head.startswith(_XZ):
        return partial(_decompressed, "xz", lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, _XZ_MEMORY))
    if head.startswith(_BZIP2):
        return partial(_decompressed, "bzip2", bz2.BZ2Decompressor)
    return _unzstd if head.startswith(_ZSTD) else None


def bounded(source: str, chunks: Iterator[bytes], unpack: Unpack, limits: Limits) -> Iterator[bytes]:
    """Yield what comes out of packed bytes; raises UnreadableRecord when they are damaged or it is far too much."""
    counter = Inflation(source, limits)
    for chunk in unpack(source, counter.packed(chunks)):
        yield counter.unpacked(chunk)


class Inflation:
    """Counts what goes into a container's decoder and what comes out of it."""

    def __init__(self, source: str, limits: Limits, taken: int = 0) -> None:
        self._source = source
        self._limits = limits
        self._taken = taken
        self._given = 0

    def packed(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """Yield what goes in, counted."""
        for chunk in chunks:
            self._taken += len(chunk)
            yield chunk

    def unpacked(self, chunk: bytes) -> bytes:
        """Return a piece that came out; raises UnreadableRecord where that is out of proportion to what went in."""
        self._given += len(chunk)
        if self._given > max(self._limits.inflated_bytes, self._taken * self._limits.inflation):
            reason = f"more than {self._limits.inflation} times its size comes out of it"
            raise unreadable(self._source, reason, "if that is right, unpack it first or raise inflation")
        return chunk


def _gunzip(source: str, chunks: Iterator[bytes]) -> Iterator[bytes]:
    decoder = None
    try:
        for packed in chunks:
            rest = packed
            while rest and (decoder or rest.strip(b"\0")):  # zeros after the last member are padding of tapes
                decoder = decoder or zlib.decompressobj(wbits=31)
                yield from _gunzipped(decoder, rest)
                rest, decoder = (decoder.unused_data, None) if decoder.eof else (b"", decoder)
    except zlib.error as error:
        raise unreadable(source, f"the gzip file is damaged: {error}", GET_IT_AGAIN) from None
    if decoder:
        raise unreadable(source, "the gzip file is cut off", GET_IT_AGAIN)


def _gunzipped(decoder: "zlib._Decompress", packed: bytes) -> Iterator[bytes]:
    while not decoder.eof:  # at the end what follows may stand in the tail too, and would be given to it forever
        unpacked = decoder.decompress(packed, CHUNK)
        packed = decoder.unconsumed_tail
        if unpacked:
            yield unpacked
        if len(unpacked) < CHUNK and not packed:
            return


def _decompressed(
    name: str,
    maker: "Callable[[], lzma.LZMADecompressor | bz2.BZ2Decompressor]",
    source: str,
    chunks: Iterator[bytes],
) -> Iterator[bytes]:
    """Yield what comes out of xz or bzip2, streams one after the other, a piece at a time."""
    decoder = None
    try:
        for packed in chunks:
            rest = packed
            while rest and (decoder or rest.strip(b"\0")):  # zeros may fill the space between streams
                decoder = decoder or maker()
                yield decoder.decompress(rest, CHUNK)
                while not decoder.eof and not decoder.needs_input:
                    yield decoder.decompress(b"", CHUNK)
                rest, decoder = (decoder.unused_data, None) if decoder.eof else (b"", decoder)
    except (lzma.LZMAError, OSError, ValueError, EOFError) as error:
        raise unreadable(source, f"the {name} file is damaged: {error}", GET_IT_AGAIN) from None
    if decoder:
        raise unreadable(source, f"the {name} file is cut off", GET_IT_AGAIN)


def _unzstd(source: str, chunks: Iterator[bytes]) -> Iterator[bytes]:
    maker = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
    decoder = None
    try:
        for packed in _sliced(chunks, _ZSTD_CHUNK):
            rest = packed
            while rest:
                decoder = decoder or maker.decompressobj()
                if unpacked := decoder.decompress(rest):
                    yield unpacked
                rest, decoder = (decoder.unused_data, None) if decoder.eof else (b"", decoder)
    except zstandard.ZstdError as error:
        raise unreadable(source, f"the Zstandard file is damaged: {error}", GET_IT_AGAIN) from None
    if decoder:
        raise unreadable(source, "the Zstandard file is cut off", GET_IT_AGAIN)


def _sliced(chunks: Iterator[bytes], size: int) -> Iterator[bytes]:
    return (chunk[start : start + size] for chunk in chunks for start in range(0, len(chunk), size))
