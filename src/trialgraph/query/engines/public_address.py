"""Addresses of the server in a release: read and written as those of the server that serves it now.

A release names the server it was made for (VoID, DCAT: endpoint, dumps, pages), and may be served by any. So its
addresses are put in the place of ours in a query, and ours in the place of its own in an answer. Where both are the
same, nothing is done.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO, Final

from trialgraph.query.engines.wrapped_engine import WrappedEngine
from trialgraph.query.request import Disconnected, Engine, QueryRequest, Result, Spool
from trialgraph.query.resumable import Steps
from trialgraph.settings import Settings

_BLOCK: Final = 2**20


class PublicAddressEngine(WrappedEngine):
    """Puts the address of this server in the place of the one that a release was made for."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        super().__init__(engine)
        self._here = settings.site + "/"

    def steps(self, request: QueryRequest, disconnected: Disconnected | None = None) -> Steps[Result]:
        """Do what `run` does, in steps; the first takes no longer than a moment."""
        release = self._engine.release()
        there = f"{release.manifest.get('site') or self._here.rstrip('/')}/" if release else self._here
        if there == self._here:
            return (yield from self._engine.steps(request, disconnected))
        asked = replace(request, text=request.text.replace(self._here, there))
        result = yield from self._engine.steps(asked, disconnected)
        return readdressed(result, there.encode(), self._here.encode())


def readdressed(result: Result, old: bytes, new: bytes) -> Result:
    """Return a result with one address in the place of another.

    >>> from trialgraph.formats import SPARQL_TSV
    >>> readdressed(Result("solutions", SPARQL_TSV, 16, b"<http://a/sparql>"), b"http://a/", b"https://b.org/").read()
    b'<https://b.org/sparql>'
    """
    if result.spool is None:
        if old in result.body:
            result.body = result.body.replace(old, new)
            result.size = len(result.body)
        return result
    with result.spool.open() as file:
        if not any(old in block for block in _blocks(file, len(old))):
            return result
    spool, size = Spool(), 0
    with result.spool.open() as file:
        for block in replaced(file, old, new):
            spool.append(block)
            size += len(block)
    result.spool, result.size = spool, size
    return result


def _blocks(file: BinaryIO, overlap: int) -> Iterator[bytes]:
    """Yield the parts of a file, each with the end of the one before it."""
    end = b""
    while block := file.read(_BLOCK):
        yield end + block
        end = block[-overlap:]


def replaced(file: BinaryIO, old: bytes, new: bytes, size: int = _BLOCK) -> Iterator[bytes]:
    """Yield what a file holds, with one text in the place of another.

    >>> from io import BytesIO
    >>> b"".join(replaced(BytesIO(b"abcabcab"), b"abc", b"-", size=2))
    b'--ab'
    """
    waiting = b""
    while block := file.read(size):
        *whole, waiting = (waiting + block).split(old)
        if whole:
            yield new.join(whole) + new
        kept = len(old) - 1  # which may be the beginning of another
        if len(waiting) > kept:
            yield waiting[:-kept]
            waiting = waiting[-kept:]
    yield waiting
