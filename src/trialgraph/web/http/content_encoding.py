"""Content encodings of a result: plain or compressed, with headers, kept as long as the result."""

import gzip
import hashlib
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import brotli
import zstandard

from trialgraph.query import Result, Spool
from trialgraph.syntaxes.left_out import said
from trialgraph.web.http.wsgi_response import NOTE, Headers, header_text

CODINGS: Final = ("zstd", "br", "gzip")
"""In the order of our liking: zstd costs least for what it saves."""
SMALLEST: Final = 1024
"""Below, compression saves no packet."""
_BLOCK: Final = 2**18
_GZIP_WINDOW: Final = 31
"""zlib's window of 32 kB, plus 16 for the gzip frame."""


@dataclass(frozen=True, slots=True)
class Variant:
    """A result as it goes over the wire in one coding."""

    headers: Headers
    etag: str
    size: int
    body: bytes = b""
    spool: Spool | None = None
    """In the place of the body, when it is too large for memory."""


def compressed(body: bytes, coding: str) -> bytes:
    """Return a body in a coding; small ones, and any when no coding is asked for, stay as they are.

    >>> compressed(b"small", "br")
    b'small'
    """
    return _COMPRESS[coding](body) if coding and len(body) >= SMALLEST else body


def encoded(result: Result, coding: str) -> Variant:
    """Return a result in a coding; small ones stay plain.

    Raises OSError when it is spooled and cannot be read.
    """
    known = result.variants.get(coding)
    if isinstance(known, Variant):
        return known
    if coding and result.size < SMALLEST:
        variant = encoded(result, "")
    elif result.spool is None:
        variant = _in_memory(result, coding)
    else:
        try:
            variant = _spooled(result, coding)
        except OSError:
            if not coding:
                raise
            # No room on the disk for another form; any client takes a result as it is.
            return encoded(result, "")
    result.variants[coding] = variant
    return variant


def _in_memory(result: Result, coding: str) -> Variant:
    body = _COMPRESS[coding](result.body) if coding else result.body
    etag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    return Variant(_headers(result, coding, etag), etag, len(body), body)


def _spooled(result: Result, coding: str) -> Variant:
    source = result.spool
    if source is None:
        raise ValueError("the result is in memory")
    spool = Spool() if coding else source
    digest, size = hashlib.blake2b(digest_size=12), 0
    with source.open() as file:
        blocks = iter(lambda: file.read(_BLOCK), b"")
        for block in _compressed(blocks, coding) if coding else blocks:
            digest.update(block)
            size += len(block)
            if coding:
                spool.append(block)
    etag = f'"{digest.hexdigest()}"'
    return Variant(_headers(result, coding, etag), etag, size, spool=spool)


def _compressed(blocks: Iterator[bytes], coding: str) -> Iterator[bytes]:
    compressor = _STREAMS[coding]()
    step: Callable[[bytes], bytes] = compressor.process if coding == "br" else compressor.compress
    end: Callable[[], bytes] = compressor.finish if coding == "br" else compressor.flush
    for block in blocks:
        yield step(block)
    yield end()


_COMPRESS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "zstd": lambda body: zstandard.ZstdCompressor(level=3).compress(body),
    "br": lambda body: brotli.compress(body, quality=4),
    "gzip": lambda body: gzip.compress(body, compresslevel=4, mtime=0),
}
_STREAMS: Final[dict[str, Callable[[], Any]]] = {
    "zstd": lambda: zstandard.ZstdCompressor(level=1).compressobj(),
    "br": lambda: brotli.Compressor(quality=3),
    "gzip": lambda: zlib.compressobj(level=1, wbits=_GZIP_WINDOW),
}


def _headers(result: Result, coding: str, etag: str) -> Headers:
    media_type = result.format.media_type
    text = media_type.startswith("text/")
    headers = [
        ("Content-Type", f"{media_type}; charset=utf-8" if text else media_type),
        ("Vary", "Accept, Accept-Encoding"),
    ]
    if result.repeatable:
        headers += [("ETag", etag), ("Cache-Control", "public, max-age=60")]
    else:
        headers += [("Cache-Control", "no-store")]
    if coding:
        headers.append(("Content-Encoding", coding))
    if result.release:
        headers.append(("X-Trialgraph-Release", result.release))
    if result.row_cap is not None:
        headers.append(("X-SPARQL-MaxRows", str(result.row_cap)))
    notes = [*result.notes, said(result.left_out, result.format)] if result.left_out else result.notes
    if notes:
        headers.append((NOTE, header_text(" ".join(notes))))
    return headers
