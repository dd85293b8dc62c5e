"""Addresses of the server in a release: read and written as those of the server that serves it now.

A release names the server it was made for (VoID, DCAT: endpoint, dumps, pages), and may be served by any. So its
addresses are put in the place of ours in a query, and ours in the place of its own in an answer, where an IRI or a
text begins with one; what a text says of an address stays. Where both are the same, nothing is done.
"""

from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from typing import BinaryIO, Final

from trialgraph.formats import JSON_LD, RDF_XML, SPARQL_CSV, SPARQL_JSON, SPARQL_XML
from trialgraph.query.engines.backend import Backend
from trialgraph.query.request import Disconnected, QueryRequest, Result, Spool
from trialgraph.query.resumable import Steps
from trialgraph.query.text.admission import check
from trialgraph.query.text.analysis import Analysis
from trialgraph.query.text.canonical import behind_prologue, is_iri
from trialgraph.settings import Settings
from trialgraph.sparql.edits import Edit, edited
from trialgraph.vocabulary import BASE

_BLOCK: Final = 2**20
_CONTEXT: Final = 64
"""Bytes before a place that tell whether a quotation mark is escaped."""
_QUOTES: Final = "'\""
_OF_LINES: Final = b'<"'
_MARKS: Final = {
    SPARQL_JSON.media_type: b'"',
    JSON_LD.media_type: b'"',
    SPARQL_XML.media_type: b">",
    RDF_XML.media_type: b'>"',
    SPARQL_CSV.media_type: b',\n"',
}
"""By format, what stands before a term."""


class PublicAddress:
    """Puts the address of this server in the place of the one that a release was made for."""

    def __init__(self, backend: Backend, settings: Settings) -> None:
        self._backend, self._settings = backend, settings
        self._here = settings.site + "/"
        self._host = settings.site.rpartition("/")[2]

    def steps(
        self, request: QueryRequest, analysis: Analysis, disconnected: Disconnected | None = None
    ) -> Steps[Result]:
        """Return what the backend answers, in steps; the first takes no longer than a moment."""
        manifest = self._backend.current.served.release.manifest if self._backend.current else {}
        there = f"{manifest['site']}/" if manifest.get("site") else self._here
        if there == self._here:
            return (yield from self._backend.steps(request, analysis, disconnected))
        if edits := self._edits(analysis, there):
            request = replace(request, text=edited(analysis.text, edits))
            analysis = check(request, self._settings)
        result = yield from self._backend.steps(request, analysis, disconnected)
        return readdressed(result, there.encode(), self._here.encode())

    def _edits(self, analysis: Analysis, there: str) -> list[Edit]:
        """Return the changes to the terms of a query that begin with the address of this server."""
        query = analysis.query() if self._host in analysis.text else None
        if query is None:
            return []
        found = []
        for start, end in behind_prologue(query):
            written = query.text[start:end]
            if written[0] in _QUOTES and written[1:].startswith(self._here):
                found.append(Edit(start + 1, start + 1 + len(self._here), there))
            elif is_iri(written) and (iri := query.iri(written, BASE)).startswith(self._here):
                found.append(Edit(start, end, f"<{there}{iri.removeprefix(self._here)}>"))
        return found


def readdressed(result: Result, old: bytes, new: bytes) -> Result:
    """Return a result with one address in the place of another, where a term begins with it.

    >>> from trialgraph.formats import SPARQL_TSV
    >>> answer = Result("solutions", SPARQL_TSV, 30, b'<http://a/sparql> "not <http://a/>"')
    >>> readdressed(answer, b"http://a/", b"https://b.org/").read()
    b'<https://b.org/sparql> "not <http://a/>"'
    """
    marks = _MARKS.get(result.format.media_type, _OF_LINES)
    if result.spool is None:
        if old in result.body:
            result.body = b"".join(part for part, _ in replaced(BytesIO(result.body), old, new, marks))
            result.size = len(result.body)
        return result
    spool, place = None, 0
    with result.spool.open() as file:
        for part, is_other in replaced(file, old, new, marks):
            if is_other and spool is None:  # most answers hold no address, and are not written again
                spool = _beginning(result.spool, place)
            if spool:
                spool.append(part)
            place += len(part)
    if spool:
        result.spool, result.size = spool, place
    return result


def _beginning(spool: Spool, size: int) -> Spool:
    copy = Spool()
    with spool.open() as file:
        while size and (block := file.read(min(size, _BLOCK))):
            copy.append(block)
            size -= len(block)
    return copy


def replaced(
    file: BinaryIO, old: bytes, new: bytes, marks: bytes, size: int = _BLOCK
) -> Iterator[tuple[bytes, bool]]:
    """Yield what a file holds, in parts that were there and parts that are put in place of `old`, which are told.

    `marks` are what may stand before a term in its format.

    >>> parts = replaced(BytesIO(b'<a:b> "a:b" "<a:b> a:b" <a:'), b"a:b", b"-", _OF_LINES, size=2)
    >>> b"".join(part for part, _ in parts)
    b'<-> "-" "<a:b> a:b" <a:'
    """
    # Whether `<` stands within a text is known from the beginning of its line; of other marks from what is before.
    has_lines, waiting, looked = b"<" in marks, b"", 0
    while True:
        block = file.read(size)
        waiting += block
        sent, end = looked, len(waiting) if not block else max(looked, len(waiting) - len(old) + 1)
        while (found := waiting.find(old, looked)) >= 0:
            looked = found + len(old)
            if _begins(waiting, found, marks):
                yield waiting[sent:found], False
                yield new, True
                sent = looked
        looked = max(looked, end)
        yield waiting[sent:looked], False
        if not block:
            return
        kept = waiting.rfind(b"\n", 0, looked) + 1 if has_lines else looked - _CONTEXT
        waiting, looked = waiting[max(0, kept) :], looked - max(0, kept)


def _begins(text: bytes, place: int, marks: bytes) -> bool:
    """Whether a term begins at a place: there is nothing before it, or a mark that is none of a text."""
    before = text[place - 1 : place]
    if not before or before not in marks:
        return not before
    if before == b'"':
        quoted = text[: place - 1]
        return (len(quoted) - len(quoted.rstrip(b"\\"))) % 2 == 0 and not (b"," in marks and quoted[-1:] == b'"')
    if before != b"<":
        return True
    line = text[text.rfind(b"\n", 0, place) + 1 : place]
    return line.replace(b"\\\\", b"").replace(b'\\"', b"").count(b'"') % 2 == 0
