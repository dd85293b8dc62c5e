"""Addresses of the server in a release: read and written as those of the server that serves it now.

A release names the server it was made for (VoID, DCAT: endpoint, dumps, pages), and may be served by any. So its
addresses are put in the place of ours in a query, and ours in the place of its own in an answer. Where both are the
same, nothing is done.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO, Final

from trialgraph.query.engines.backend import Backend
from trialgraph.query.request import Disconnected, QueryRequest, Result, Spool
from trialgraph.query.resumable import Steps
from trialgraph.query.text.admission import check
from trialgraph.query.text.analysis import Analysis
from trialgraph.settings import Settings

_BLOCK: Final = 2**20


class PublicAddress:
    """Puts the address of this server in the place of the one that a release was made for."""

    def __init__(self, backend: Backend, settings: Settings) -> None:
        self._backend, self._settings = backend, settings
        self._here = settings.site + "/"

    def steps(
        self, request: QueryRequest, analysis: Analysis, disconnected: Disconnected | None = None
    ) -> Steps[Result]:
        """Return what the backend answers, in steps; the first takes no longer than a moment."""
        manifest = self._backend.current.served.release.manifest if self._backend.current else {}
        there = f"{manifest['site']}/" if manifest.get("site") else self._here
        if there == self._here:
            return (yield from self._backend.steps(request, analysis, disconnected))
        if self._here in request.text:
            request = replace(request, text=request.text.replace(self._here, there))
            analysis = check(request, self._settings)
        result = yield from self._backend.steps(request, analysis, disconnected)
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
