"""What an engine looks at before it runs a query; the same for every engine."""

from trialgraph.errors import QueryRefused, QueryTooLarge
from trialgraph.query.request import QueryRequest
from trialgraph.query.text.analysis import Analysis, analyze, unescape
from trialgraph.settings import Settings


def check(request: QueryRequest, settings: Settings) -> Analysis:
    """Return what an acceptable query tells.

    Raises QueryTooLarge, or QueryRefused for an update and for SERVICE: those that may be answered have been by now.

    >>> check(QueryRequest("CLEAR ALL"), Settings())
    Traceback (most recent call last):
        ...
    trialgraph.errors.QueryRefused: CLEAR is an update; this endpoint only reads
    """
    found = check_text(request, settings)
    if found.services:
        raise not_listed(found.services[0])
    return found


def check_text(request: QueryRequest, settings: Settings) -> Analysis:
    """Return what a query of fair size tells, whatever SERVICE it has.

    Raises QueryTooLarge, QueryRefused for an update, QuerySyntaxError for what does not parse here and has the word
    SERVICE somewhere: nobody else is to read it as he likes.
    """
    if len(request.text) > settings.query_text_bytes or len(request.text.encode()) > settings.query_text_bytes:
        raise QueryTooLarge(settings.query_text_bytes)
    found = analyze(request.text)
    if found.is_update:
        raise QueryRefused(f"{found.form} is an update; this endpoint only reads")
    if found.error and "SERVICE" in unescape(request.text).upper():
        raise found.error
    return found


def not_listed(endpoint: str) -> QueryRefused:
    """Return the refusal of SERVICE to an endpoint that the operator does not list."""
    return QueryRefused(
        f"SERVICE is not allowed here ({endpoint or 'no endpoint'}), only to this endpoint and to those listed "
        "on /limits; ask the other endpoint yourself and pass its answer as VALUES"
    )


def time_limit(request: QueryRequest, settings: Settings) -> float:
    """Return the seconds a query may take: what was asked, at most the operator's cap.

    >>> time_limit(QueryRequest("ASK {}", timeout_seconds=1000), Settings())
    60.0
    """
    asked = settings.query_timeout_seconds if request.timeout_seconds is None else request.timeout_seconds
    return max(0.001, min(asked, settings.query_timeout_cap_seconds))
