"""The table of which status an error gets, and its body: text, problem+json (RFC 9457), HTML."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from http import HTTPStatus
from typing import Final

from werkzeug.exceptions import HTTPException, MethodNotAllowed

from trialgraph import errors
from trialgraph.web.http.negotiation import HTML, Page, choose
from trialgraph.web.http.wsgi_response import Headers, WsgiResponse


@dataclass
class RequestError(Exception):
    """A request that is wrong in itself, before any query runs."""

    status: int
    detail: str
    headers: Headers = field(default_factory=list)
    available: Sequence[str] = ()
    """For 406: the media types there are."""

    def __str__(self) -> str:
        return self.detail


@dataclass(frozen=True, slots=True)
class _Row:
    status: int
    name: str
    """Ends the `type` of the problem, and is the outcome in the log."""
    title: str


# The order matters: the first class that fits.
_TABLE: Final[tuple[tuple[type[Exception], _Row], ...]] = (
    (errors.QuerySyntaxError, _Row(400, "syntax", "The query does not parse")),
    (errors.QueryRefused, _Row(403, "refused", "The query is refused")),
    (errors.QueryNotEvaluable, _Row(400, "not-evaluable", "The query cannot be evaluated")),
    (errors.QueryTooLarge, _Row(413, "query-too-large", "The query is too long")),
    (errors.ResultTooLarge, _Row(413, "result-too-large", "The result is too large")),
    (errors.QueryTimeout, _Row(503, "timeout", "The query took too long")),
    (errors.QueryOutOfMemory, _Row(503, "memory", "The query needed too much memory")),
    (errors.ServiceFailed, _Row(503, "service", "Another endpoint did not answer usefully")),
    (errors.ServiceTooLarge, _Row(413, "service-too-large", "The answer of another endpoint is too large")),
    (errors.QueryAbandoned, _Row(503, "abandoned", "The client went away")),
    (errors.EngineBusy, _Row(503, "busy", "Too many queries at once")),
    (errors.EngineUnavailable, _Row(503, "unavailable", "The query engine is not available")),
    (errors.StoreError, _Row(503, "release", "The release cannot be read")),
    (errors.FormatError, _Row(406, "not-acceptable", "No such format")),
)
_NAMES: Final = {
    400: "bad-request", 403: "refused", 404: "not-found", 405: "method-not-allowed", 406: "not-acceptable",
    410: "gone", 413: "too-large", 414: "uri-too-long", 415: "unsupported-media-type", 429: "rate", 500: "bug",
}  # fmt: skip
_RETRY_SECONDS: Final = 5


@dataclass(frozen=True)
class _Form(Page):
    pass


TEXT: Final = _Form("text", "text/plain", "txt", ())
PROBLEM: Final = _Form("problem", "application/problem+json", "json", ("application/json", "application/ld+json"))


def problem(error: Exception, accept: str) -> WsgiResponse:
    """Return the answer for an error; an error that is not in the table is a bug of ours, and is not described."""
    row, headers = _row(error), _headers(error)
    detail = str(error) if row.status != 500 else "The server has a fault; it has been logged."
    if isinstance(error, HTTPException):
        detail = error.description or row.title
    form = choose(accept, (TEXT, PROBLEM, HTML)) or TEXT
    available = list(error.available) if isinstance(error, RequestError) else []
    if form is PROBLEM:
        body = _json(error, row, detail, available)
    elif form is HTML:
        body = _html(row, detail, available)
    else:
        lines = [f"{row.title}.", detail, *available] if detail != row.title else [detail, *available]
        body = "\n".join(lines) + "\n"
    media_type = form.media_type + ("" if form is PROBLEM else "; charset=utf-8")
    headers += [("Content-Type", media_type), ("Cache-Control", "no-store"), ("Vary", "Accept")]
    return WsgiResponse(row.status, headers, body.encode(errors="replace"), outcome=row.name)


def _row(error: Exception) -> _Row:
    if isinstance(error, RequestError):
        return _Row(error.status, _NAMES.get(error.status, "error"), HTTPStatus(error.status).phrase)
    if isinstance(error, HTTPException) and error.code:
        return _Row(error.code, _NAMES.get(error.code, "error"), error.name)
    for kind, row in _TABLE:
        if isinstance(error, kind):
            return row
    return _Row(500, "bug", "Internal Server Error")


def _headers(error: Exception) -> Headers:
    if isinstance(error, RequestError):
        return list(error.headers)
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        return [("Allow", ", ".join(error.valid_methods))]
    row = _row(error)
    if row.status == 503:
        return [("Retry-After", str(getattr(error, "retry_after_seconds", _RETRY_SECONDS)))]
    return []


def _json(error: Exception, row: _Row, detail: str, available: list[str]) -> str:
    members: dict[str, object] = {
        "type": f"urn:trialgraph:problem:{row.name}",
        "title": row.title,
        "status": row.status,
        "detail": detail,
    }
    if isinstance(error, errors.QuerySyntaxError) and error.line is not None:
        members |= {"line": error.line, "column": error.column}
    if available:
        members["available"] = available
    return json.dumps(members)


def _html(row: _Row, detail: str, available: list[str]) -> str:
    listed = "".join(f"<li><code>{escape(one)}</code></li>" for one in available)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>'
        f"{row.status} {escape(row.title)} · trialgraph</title>"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<link rel="stylesheet" href="/static/style.css"></head><body>'
        '<header class="site-header"><div class="bar"><a class="name" href="/">trialgraph</a>'
        '<form class="search" action="/search" method="get" role="search">'
        '<label class="unseen" for="search">Search trials</label>'
        '<input id="search" name="q" type="search" placeholder="Search trials, drugs, conditions">'
        '<button type="submit">Search</button></form><nav aria-label="Site"><a href="/search">Trials</a>'
        '<a href="/ask">Ask</a><a href="/sparql">Query</a><a href="/examples">Examples</a>'
        '<a href="/ontology">Ontology</a><a href="/changes">Changes</a><a href="/downloads/">Downloads</a></nav>'
        '</div></header><main class="problem">'
        f"<h1>{escape(row.title)}</h1><pre>{escape(detail)}</pre>"
        + (f"<ul>{listed}</ul>" if listed else "")
        + '<p><a href="/">Start page</a> · <a href="/sparql">Query</a> · <a href="/limits">Limits</a></p>'
        "</main></body></html>"
    )
