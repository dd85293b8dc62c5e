"""The SPARQL endpoint: SPARQL 1.1 Protocol, service description, and for a browser the editor page.

The protocol is answered by a WSGI layer of its own, before Flask: to route a request, Flask takes longer than the
answer to a point query does. Flask makes the editor page, and everything else of the site.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, Final

import flask

from trialgraph.errors import TrialgraphError
from trialgraph.formats import RDF_FORMATS, RESULT_FORMATS, SPARQL_TSV, Format, RdfFormat
from trialgraph.query import Engine, QueryRequest, Result, Steps, finish, query_form
from trialgraph.settings import Settings
from trialgraph.web.http.content_encoding import CODINGS, Variant, encoded
from trialgraph.web.http.deferral import step_by_step
from trialgraph.web.http.disconnect import has_gone
from trialgraph.web.http.negotiation import HTML, Page, by_parameter_or_accept, choose, choose_coding
from trialgraph.web.http.problems import PROBLEM, RequestError, problem
from trialgraph.web.http.security_headers import site_of
from trialgraph.web.http.wsgi_response import (
    QUERY_RESPONSE,
    QUERY_TEXT,
    Environ,
    Headers,
    StartResponse,
    WsgiApplication,
    WsgiResponse,
)
from trialgraph.web.sparql.empty_answers import EmptyAnswers
from trialgraph.web.sparql.protocol import METHODS, SparqlRequest, read
from trialgraph.web.sparql.result_table import Row, beginning, table
from trialgraph.web.sparql.service_description import ServiceDescription

PATH: Final = "/sparql"
_ALLOW: Final = ", ".join(METHODS)
PREFLIGHT: Final[Headers] = [
    ("Allow", _ALLOW),
    ("Access-Control-Allow-Methods", _ALLOW),
    (
        "Access-Control-Allow-Headers",
        "Accept, Accept-Encoding, Authorization, Cache-Control, Content-Type, If-None-Match",
    ),
    ("Access-Control-Max-Age", "86400"),
    ("Accept-Query", "application/sparql-query"),
]
_GRAPH_FORMS: Final = frozenset(("CONSTRUCT", "DESCRIBE"))
_RESULT_OFFERS: Final = (*RESULT_FORMATS, HTML)
_GRAPH_OFFERS: Final = (*RDF_FORMATS, HTML)
_CONTENT: Final = "trialgraph.editor"
"""Key of the WSGI variables under which the editor page finds what to show."""
_FORMS: Final = {"table": RESULT_FORMATS, "graph": RDF_FORMATS}
"""Formats beside the page itself, by the kind of answer that they fit."""
_TEXT_ON_PAGE: Final = 200_000
_AT_ONCE_BYTES: Final = 16 * 2**10
_KEPT_LENGTH: Final = 8192
"""Longer requests are negotiated anew each time, lest what is remembered of them fills the memory."""


@dataclass(frozen=True, slots=True)
class EditorContent:
    """What the editor page shows beside the editor."""

    query: str
    columns: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    text: str = ""
    """An answer that is no table."""
    error: str = ""
    status: int = 200
    total: int = 0


class Endpoint:
    """WSGI layer that answers `/sparql` and passes on what a browser wants to see as a page."""

    def __init__(
        self, application: WsgiApplication, settings: Settings, engine: Engine, admit: Callable[[Environ], None],
        description: ServiceDescription,
    ) -> None:  # fmt: skip
        """`admit` raises RequestError when the client has used up its share."""
        self._application, self._settings, self._engine = application, settings, engine
        self._admit, self._description = admit, description
        self._empty = EmptyAnswers(engine)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        path = environ["PATH_INFO"]
        # A script of another site asks first whether it may ask, and may not be sent elsewhere for that.
        if path != PATH and (path != f"{PATH}/" or environ["REQUEST_METHOD"] != "OPTIONS"):
            return self._application(environ, start_response)
        try:
            answer = step_by_step(environ, partial(self.answer, environ))
        except (RequestError, TrialgraphError) as error:
            answer = problem(error, environ.get("HTTP_ACCEPT", ""))
        if answer is None:
            return self._application(environ, start_response)
        environ[QUERY_RESPONSE] = answer
        return answer.to_wsgi(environ, start_response)

    def answer(self, environ: Environ) -> Steps[WsgiResponse | None]:
        """Return the answer, in steps, or None when the editor page is wanted.

        Raises RequestError and the query errors.
        """
        method = environ["REQUEST_METHOD"]
        if method == "OPTIONS":
            return WsgiResponse(204, list(PREFLIGHT))
        request = read(environ, self._settings)
        if request.query is None:
            yield
            return self._describe(environ, request)
        environ[QUERY_TEXT] = request.query
        self._admit(environ)
        form, coding = _negotiate(environ, request)
        if isinstance(form, Page):
            yield
            environ[_CONTENT] = self._content(environ, request)
            return None
        variant, result = yield from self._run(environ, request, form, coding)
        known = environ.get("HTTP_IF_NONE_MATCH", "") if method in {"GET", "HEAD"} and result.repeatable else ""
        if known and matches(known, variant.etag):
            kept = [header for header in variant.headers if header[0] != "Content-Type"]
            return WsgiResponse(304, kept, rows=result.rows, outcome="unchanged")
        headers = [*variant.headers, ("Server-Timing", _timing(result))]
        answer = WsgiResponse(200, headers, variant.body, size=variant.size, rows=result.rows)
        answer.file = variant.spool.open() if variant.spool else None
        answer.outcome, answer.seconds = ("cached", 0.0) if result.cached else ("ok", result.seconds)
        return answer

    def _run(
        self, environ: Environ, request: SparqlRequest, form: Format, coding: str
    ) -> Steps[tuple[Variant, Result]]:
        """Return the result in a coding, with what is to be said of it if it is empty."""
        formats = {"rdf_format" if isinstance(form, RdfFormat) else "result_format": form}
        query = QueryRequest(
            request.query or "",
            request.default_graphs,
            request.named_graphs,
            timeout_seconds=request.timeout_seconds,
            **formats,  # type: ignore[arg-type]
        )
        result = yield from self._engine.steps(query, partial(has_gone, environ))
        variant = result.variants.get(coding)
        if not isinstance(variant, Variant):
            yield from self._empty.explain(query, result)
            if result.spool or (coding and result.size > _AT_ONCE_BYTES):
                yield  # to compress it, or to read it from the disk, takes longer than others should wait
            variant = encoded(result, coding)
        return variant, result

    def _describe(self, environ: Environ, request: SparqlRequest) -> WsgiResponse | None:
        if environ["REQUEST_METHOD"] not in {"GET", "HEAD"}:
            raise RequestError(400, "there is no query; send one as the parameter query or as the body")
        form, _ = _negotiate(environ, request)
        if isinstance(form, Page):
            environ[_CONTENT] = EditorContent("")
            return None
        body = self._description.document(site_of(environ) + PATH, form)
        headers = [("Content-Type", form.media_type), ("Vary", "Accept"), ("Cache-Control", "public, max-age=60")]
        return WsgiResponse(200, headers, body, outcome="description")

    def _content(self, environ: Environ, request: SparqlRequest) -> EditorContent:
        """Return what the page shows: with `format=html` the answer too, else the query, for the script to run."""
        query = request.query or ""
        if not request.format:
            return EditorContent(query)
        form: Format = RDF_FORMATS[0] if query_form(query) in _GRAPH_FORMS else SPARQL_TSV
        try:
            _, result = finish(self._run(environ, request, form, ""))
        except TrialgraphError as error:
            return EditorContent(query, error=str(error), status=problem(error, "").status)
        return _table(query, result)


def _negotiate(environ: Environ, request: SparqlRequest) -> tuple[Any, str]:
    accept, codings = environ.get("HTTP_ACCEPT", ""), environ.get("HTTP_ACCEPT_ENCODING", "")
    is_short = len(accept) + len(codings) + len(request.query or "") <= _KEPT_LENGTH
    return (_negotiated if is_short else _negotiated.__wrapped__)(request, accept, codings)


@lru_cache(maxsize=512)
def _negotiated(request: SparqlRequest, accept: str, codings: str) -> tuple[Any, str]:
    """Return the format or page, and the content coding, that a client wants.

    Raises RequestError (406).
    """
    offers: tuple[Any, ...] = _GRAPH_OFFERS
    if request.query is not None:
        query_kind = query_form(request.query)
        if not query_kind:  # an error is to come, which is not that of the formats
            offers = (*RESULT_FORMATS, *_GRAPH_OFFERS)
        elif query_kind not in _GRAPH_FORMS:
            offers = _RESULT_OFFERS
    form = by_parameter_or_accept(request.format, accept, offers)
    if form is None and not request.format:
        # Who accepts only problem reports means to see what is wrong, and would take any answer.
        form = choose(accept, (PROBLEM,)) and offers[0]
    if form is None:
        available = [offer.media_type for offer in offers]
        raise RequestError(406, "none of the accepted formats is available; these are:", [], available)
    return form, choose_coding(codings, CODINGS)


def matches(header: str, etag: str) -> bool:
    """Return whether If-None-Match names an entity tag (RFC 9110 section 13.1.2, weak comparison).

    >>> matches('W/"a", "b"', '"a"'), matches("*", '"a"'), matches('"c"', '"a"')
    (True, True, False)
    """
    return header.strip() == "*" or any(tag.strip().removeprefix("W/") == etag for tag in header.split(","))


def _timing(result: Result) -> str:
    """Return what the engine took, and whether the answer was kept from before (W3C Server Timing).

    >>> _timing(Result("boolean", SPARQL_TSV, 4, seconds=0.0123, engine="sparq", cached=True))
    'engine;dur=12.3;desc="sparq", kept'
    """
    named = f';desc="{result.engine}"' if result.engine else ""
    return f"engine;dur={result.seconds * 1000:.1f}{named}{', kept' if result.cached else ''}"


def _table(query: str, result: Result) -> EditorContent:
    if result.kind != "solutions":
        return EditorContent(query, text=beginning(result, _TEXT_ON_PAGE))
    columns, rows = table(result)
    return EditorContent(query, columns, rows, total=result.rows or len(rows))


blueprint = flask.Blueprint("sparql", __name__)


@blueprint.route(PATH, methods=list(METHODS))
def editor() -> tuple[str, int, Headers]:
    """Show the editor, with the query and its answer when there are some."""
    content = flask.request.environ.get(_CONTENT) or EditorContent("")
    headers = [("Vary", "Accept, Accept-Encoding"), ("Cache-Control", "no-cache")]
    return flask.render_template("sparql.html", content=content, formats=_FORMS), content.status, headers
