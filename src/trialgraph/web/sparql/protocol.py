"""A request of the SPARQL 1.1 Protocol, from WSGI variables to what is asked or what is wrong.

Clauses: section 2.1 (query operation), 2.1.4 (dataset), 2.2 (update, refused here).
"""

import math
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import parse_qsl

from trialgraph.errors import QueryTooLarge
from trialgraph.settings import Settings
from trialgraph.web.http.problems import RequestError
from trialgraph.web.http.wsgi_response import Environ

METHODS: Final = ("GET", "HEAD", "OPTIONS", "POST", "QUERY")
FORM: Final = "application/x-www-form-urlencoded"
DIRECT: Final = "application/sparql-query"
UPDATE: Final = "application/sparql-update"

_LONGEST_QUERY_STRING: Final = 64 * 1024
_MOST_FIELDS: Final = 1000
_KEPT_LENGTH: Final = 8192
"""Longer texts are read anew each time, lest what is remembered of them fills the memory."""
_FORM_OVERHEAD: Final = 64 * 1024
_FORMAT_PARAMETERS: Final = ("format", "output", "results", "accept", "Accept")
_ABSOLUTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[^\x00-\x20<>\"{}|\\^`]*")
Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class SparqlRequest:
    """What a client asks; without a query it asks for the service description."""

    query: str | None
    default_graphs: tuple[str, ...] | None = None
    named_graphs: tuple[str, ...] | None = None
    format: str = ""
    """The value of `format=`, empty when absent."""
    timeout_seconds: float | None = None


def read(environ: Environ, settings: Settings) -> SparqlRequest:
    """Return what a request asks.

    Raises RequestError: 400, 403 for an update, 405, 413, 414, 415; and QueryTooLarge.
    """
    method = environ["REQUEST_METHOD"]
    if method not in METHODS:
        allow = ", ".join(METHODS)
        raise RequestError(405, f"{method} is not allowed here; use one of {allow}", [("Allow", allow)])
    query_string = environ.get("QUERY_STRING", "")
    if len(query_string) > _LONGEST_QUERY_STRING:
        raise RequestError(414, "the address is too long; send the query in the body of a POST")
    if method in {"POST", "QUERY"}:
        return _from_body(environ, settings)
    return _of_form(query_string, settings.query_text_bytes)


def pairs(encoded: str) -> Pairs:
    """Return the names and values of a query string or form, as WSGI gives it (bytes as Latin-1).

    Raises RequestError when it is not UTF-8 or has more than a thousand fields.

    >>> pairs("query=ASK%20%7B%7D&format=json")
    (('query', 'ASK {}'), ('format', 'json'))
    """
    try:
        if not encoded.isascii():
            encoded = encoded.encode("latin-1").decode()
        return tuple(parse_qsl(encoded, keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS))
    except UnicodeError:
        raise RequestError(400, "the parameters are not UTF-8") from None
    except ValueError as error:
        raise RequestError(400, f"the parameters cannot be read: {error}") from None


def _from_body(environ: Environ, settings: Settings) -> SparqlRequest:
    if environ.get("HTTP_CONTENT_ENCODING", "identity").strip().lower() not in {"", "identity"}:
        raise RequestError(415, "no content coding of a body is supported", [("Accept-Encoding", "identity")])
    media_type, charset = _content_type(environ.get("CONTENT_TYPE", ""))
    in_address = environ.get("QUERY_STRING", "")
    body = _body(environ, settings.query_text_bytes * (3 if media_type == FORM else 1) + _FORM_OVERHEAD)
    if media_type == UPDATE:
        raise RequestError(403, "updates are not allowed: this endpoint only reads")
    if charset not in {"", "utf-8", "utf8", "us-ascii"}:
        raise RequestError(415, f"the charset {charset} is not supported; send UTF-8")
    if media_type == FORM:
        return _of_form(f"{in_address}&{body.decode('latin-1')}", settings.query_text_bytes)
    if media_type == DIRECT:
        try:
            text = body.decode()
        except UnicodeError:
            raise RequestError(400, "the query is not UTF-8") from None
        return _request((*pairs(in_address), ("query", text)), settings.query_text_bytes)
    if not body and any(name == "query" for name, _ in pairs(in_address)):
        # Blazegraph federates so: POST with everything in the address
        return _of_form(in_address, settings.query_text_bytes)
    raise RequestError(
        415,
        f"the body is {media_type or 'of no declared type'}; send {DIRECT} or {FORM}",
        [("Accept-Post", f"{DIRECT}, {FORM}"), ("Accept-Query", DIRECT)],
    )


@lru_cache(maxsize=64)
def _content_type(header: str) -> tuple[str, str]:
    media_type, *parameters = header.split(";")
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return media_type.strip().lower(), value.strip().strip('"').lower()
    return media_type.strip().lower(), ""


def _body(environ: Environ, most: int) -> bytes:
    try:
        length = int(environ.get("CONTENT_LENGTH") or 0)
    except ValueError:
        raise RequestError(400, "Content-Length is not a number") from None
    too_large = RequestError(413, f"the body is larger than {most} bytes")
    if length > most:
        raise too_large
    if not length and not environ.get("wsgi.input_terminated"):
        return b""
    body: bytes = environ["wsgi.input"].read(length or most + 1)
    if len(body) > most:
        raise too_large
    if length and len(body) != length:
        raise RequestError(400, "the body is shorter than its Content-Length")
    return body


def _of_form(encoded: str, most: int) -> SparqlRequest:
    return (_kept if len(encoded) <= _KEPT_LENGTH else _kept.__wrapped__)(encoded, most)


@lru_cache(maxsize=512)
def _kept(encoded: str, most: int) -> SparqlRequest:
    return _request(pairs(encoded), most)


def _request(given: Pairs, most: int) -> SparqlRequest:
    """Return what parameters ask; `most` is how long a query may be."""
    # Editors put a byte order mark before what they save; it says nothing (Unicode, section 23.8).
    queries = [value.removeprefix("\ufeff") for name, value in given if name == "query"]
    if any(name == "update" for name, _ in given):
        if queries:
            raise RequestError(400, "a request is either a query or an update, not both")
        raise RequestError(403, "updates are not allowed: this endpoint only reads")
    if len(queries) > 1:
        raise RequestError(400, "there must be exactly one query parameter")
    others = [name for name, value in given if value and name not in {"query", *_FORMAT_PARAMETERS}]
    if others and not any(queries):
        raise RequestError(400, f"there is no query beside {others[0]}; send one as the parameter query")
    query = queries[0] if queries else None
    if query and len(query) > most:
        raise QueryTooLarge(most)  # before anybody reads it
    format_ = next((value for name, value in given if name in _FORMAT_PARAMETERS and value.strip()), "")
    default, named = _graphs(given, "default-graph-uri"), _graphs(given, "named-graph-uri")
    if default or named:
        # Section 2.1.4: a dataset given in the protocol is the whole dataset, and wins over FROM.
        return SparqlRequest(query, default, named, format_, _timeout(given))
    return SparqlRequest(query, None, None, format_, _timeout(given))


def _graphs(given: Pairs, parameter: str) -> tuple[str, ...]:
    iris = tuple(value.strip() for name, value in given if name == parameter and value.strip())
    for iri in iris:
        if not _ABSOLUTE.fullmatch(iri):
            raise RequestError(400, f"the value of {parameter} is not an absolute IRI")
    return iris


def _timeout(given: Pairs) -> float | None:
    value = next((value.strip() for name, value in given if name == "timeout"), "")
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        raise RequestError(400, "timeout is a number of seconds") from None
    if math.isnan(seconds) or seconds < 0:
        raise RequestError(400, "timeout is a number of seconds")
    return seconds or None
