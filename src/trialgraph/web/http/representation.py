"""Representations for caches and clients: strong ETag, dates, links, conditional requests."""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final

from flask import Response, request

from trialgraph.store import Release
from trialgraph.syntaxes.document import Document
from trialgraph.web.http.content_encoding import CODINGS, SMALLEST, compressed
from trialgraph.web.http.negotiation import choose_coding
from trialgraph.web.http.signposting import Link, header
from trialgraph.web.http.wsgi_response import NOTE, header_text

_RELEASED: Final = "public, max-age=3600"
"""A release stays the same until the next, which may come at any time."""


def issued(release: Release) -> datetime:
    """Return when a release was issued, as its version says: the beginning of that day."""
    return datetime.fromisoformat(release.version[:10]).replace(tzinfo=UTC)


def representation(
    body: bytes | str,
    media_type: str,
    release: Release,
    *,
    links: Iterable[Link] = (),
    location: str = "",
    by: tuple[str, ...] = (),
    status: int = 200,
    cache: str = _RELEASED,
    note: str = "",
) -> Response:
    """Return one representation of something in a release, in the coding that the client likes best.

    The ETag is a digest of the body and names the coding, so it is strong; `by` names the headers of the request
    that chose this representation, `note` is what is missing from it, in a sentence.
    """
    octets = body.encode() if isinstance(body, str) else body
    coding = choose_coding(request.headers.get("Accept-Encoding", ""), CODINGS) if len(octets) >= SMALLEST else ""
    response = Response(compressed(octets, coding), status, content_type=media_type + _charset(media_type))
    response.set_etag(hashlib.sha256(octets).hexdigest()[:32] + (f"-{coding}" if coding else ""))
    response.last_modified = issued(release)
    response.headers["Cache-Control"] = cache
    vary = (*by, "Accept-Encoding") if len(octets) >= SMALLEST else by
    headers = {
        "Link": header(links), "Content-Location": location, "Content-Encoding": coding, "Vary": ", ".join(vary),
        NOTE: note,
    }  # fmt: skip
    response.headers.update({name: value for name, value in headers.items() if value})
    if status == HTTPStatus.OK:
        response.make_conditional(request.environ)
    return response


def of_document(document: Document, release: Release, *, more: str = "", **given: Any) -> Response:
    """Return an RDF document as a representation, with a note of what its syntax cannot hold, and one more."""
    note = header_text(" ".join(filter(None, (more, document.note))))
    return representation(document.data, document.format.media_type, release, note=note, **given)


def _charset(media_type: str) -> str:
    return "; charset=utf-8" if media_type.startswith("text/") else ""


def see_other(location: str, links: Iterable[Link] = ()) -> Response:
    """Return a redirect from a thing to a document about it (303, chosen by the request's headers)."""
    response = Response(f"See {location}\n", 303, content_type="text/plain; charset=utf-8")
    response.headers["Location"] = location
    response.headers["Vary"] = "Accept, Accept-Profile"
    response.headers["Cache-Control"] = _RELEASED
    linked = header(links)
    if linked:
        response.headers["Link"] = linked
    return response


def moved(location: str) -> Response:
    """Return a permanent redirect to the one right spelling of an address (308)."""
    response = Response(f"Moved to {location}\n", 308, content_type="text/plain; charset=utf-8")
    response.headers["Location"] = location
    response.headers["Cache-Control"] = _RELEASED
    return response
