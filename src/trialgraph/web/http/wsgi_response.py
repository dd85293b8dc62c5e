"""An HTTP answer as a value, made without a request at hand and given to WSGI or to Flask."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, BinaryIO, Final

import flask

Headers = list[tuple[str, str]]
NOTE: Final = "Trialgraph-Note"
"""The header that says, in a sentence, what is missing from an answer, or why it is empty."""
Environ = dict[str, Any]
QUERY_TEXT: Final = "trialgraph.query"
"""Key of the WSGI variables that holds the query of a request, for the log."""
QUERY_RESPONSE: Final = "trialgraph.answer"
"""Key of the WSGI variables that holds the response to a query, for the log."""
_NOT_IN_HEADERS: Final = re.compile(r"[^ -~]+")
StartResponse = Callable[..., Any]
WsgiApplication = Callable[[Environ, StartResponse], Iterable[bytes]]


def header_text(text: str) -> str:
    """Return a text that may stand in a header: what is not printable ASCII becomes a question mark (RFC 9110, 5.5).

    >>> header_text("caf\u00e9\\r\\nX: y")
    'caf?X: y'
    """
    return _NOT_IN_HEADERS.sub("?", text)


@dataclass(slots=True)
class WsgiResponse:
    """Status, headers (with Content-Type and Content-Length) and body."""

    status: int
    headers: Headers = field(default_factory=list)
    body: bytes = b""
    file: BinaryIO | None = None
    """Takes the place of the body when that is large; the server closes it."""
    size: int = 0
    """Bytes of the file."""
    rows: int | None = None
    outcome: str = "ok"
    """One word for the log and the metrics."""
    seconds: float = 0.0
    """Time the engine spent."""

    def to_wsgi(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Give it to the WSGI server.

        >>> WsgiResponse(406).to_wsgi({"REQUEST_METHOD": "GET"}, print)
        406 Not Acceptable [('Content-Length', '0')]
        [b'']
        """
        length = self.size if self.file else len(self.body)
        if self.status not in {204, 304}:
            self.headers.append(("Content-Length", str(length)))
        start_response(f"{self.status} {HTTPStatus(self.status).phrase}", self.headers)
        if environ["REQUEST_METHOD"] == "HEAD" or self.status in {204, 304}:
            if self.file:
                self.file.close()
            return [b""]
        if self.file:
            wrapper = environ.get("wsgi.file_wrapper", _blocks)
            return wrapper(self.file, 2**18)  # type: ignore[no-any-return]
        return [self.body]

    def to_flask(self) -> flask.Response:
        """Return it as Flask's response."""
        return flask.Response(self.file or self.body, self.status, self.headers)


def _blocks(file: BinaryIO, size: int) -> Iterable[bytes]:
    with file:
        while block := file.read(size):
            yield block
