"""The access log: a line of JSON for each request; what is logged is counted and charged too."""

import hashlib
import json
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final, TextIO

from trialgraph.query import Engine
from trialgraph.settings import Settings
from trialgraph.web.http.wsgi_response import Environ, Headers, StartResponse, WsgiApplication, WsgiResponse
from trialgraph.web.site.metrics import Metrics
from trialgraph.web.site.rate_limit import RateLimit, client_of

_KNOWN: Final = "trialgraph.answer"
"""Key of the WSGI variables under which the endpoint leaves what the log should say."""
_TEXT: Final = "trialgraph.query"


class Observer:
    """Counts, logs and rations requests."""

    def __init__(self, settings: Settings, engine: Engine, log: TextIO | None) -> None:
        self._log = log
        self._rates = RateLimit(settings.rate_query_seconds)
        self._metrics = Metrics(engine)

    def metrics(self) -> bytes:
        """Return the figures in the text format of Prometheus."""
        return self._metrics.text()

    def admit(self, environ: Environ) -> None:
        """Raise RequestError (429) when the client has used up its query seconds."""
        self._rates.admit(client_of(environ))

    def observe(self, environ: Environ, response: WsgiResponse) -> None:
        """Leave what the log should say of a query."""
        environ[_KNOWN] = response

    def layer(self, application: WsgiApplication) -> WsgiApplication:
        """Return an application that counts and logs what another answers."""

        def observed(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
            started = time.perf_counter()
            status = 0

            def start(line: str, headers: Headers, *more: Any) -> Any:
                nonlocal status
                status = int(line[:3])
                return start_response(line, headers, *more)

            body = application(environ, start)
            self._note(environ, status, time.perf_counter() - started)
            return body

        return observed

    def _note(self, environ: Environ, status: int, seconds: float) -> None:
        response: WsgiResponse | None = environ.get(_KNOWN)
        query: str | None = environ.get(_TEXT)
        route = environ.get("trialgraph.route") or environ["PATH_INFO"].lstrip("/").partition("/")[0][:20]
        self._metrics.requests.labels(route if status < 400 else "", status).inc()
        line: dict[str, Any] = {}
        if query is not None:
            outcome = response.outcome if response else "page"
            self._metrics.queries.labels(outcome).inc()
            self._metrics.seconds.observe(seconds)
            self._rates.charge(client_of(environ), _cost(response, status, seconds))
            line = {"query": query_hash(query), "outcome": outcome, "rows": response.rows if response else None}
        if self._log:
            self._write(environ, status, seconds, line)

    def _write(self, environ: Environ, status: int, seconds: float, line: dict[str, Any]) -> None:
        head = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "client": environ.get("REMOTE_ADDR", ""),
            "method": environ["REQUEST_METHOD"],
            "path": environ["PATH_INFO"][:200],
            "status": status,
            "seconds": round(seconds, 5),
        }
        if self._log:
            self._log.write(json.dumps(head | line) + "\n")


def _cost(response: WsgiResponse | None, status: int, seconds: float) -> float:
    """Return the query seconds to charge: what the engine worked, or all the time when it was stopped."""
    if response is None or status >= 500:
        return seconds
    return response.seconds


def query_hash(text: str) -> str:
    """Return a short name of a query for logs.

    >>> query_hash("ASK {}")
    'c5a2bbd571afbb9d'
    """
    return hashlib.blake2b(text.encode(errors="replace"), digest_size=8).hexdigest()
