"""The access log: a line of JSON for each request; what is logged is counted and charged too."""

import hashlib
import json
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, TextIO

from trialgraph.web.http.wsgi_response import (
    QUERY_RESPONSE,
    QUERY_TEXT,
    Environ,
    Headers,
    StartResponse,
    WsgiApplication,
    WsgiResponse,
)
from trialgraph.web.site.metrics import Metrics
from trialgraph.web.site.rate_limit import RateLimit


class AccessLog:
    """Counts, charges and logs requests when they are answered."""

    def __init__(self, metrics: Metrics, rates: RateLimit, log: TextIO | None) -> None:
        """`log` gets a line for each request, if there is one."""
        self._metrics, self._rates, self._log = metrics, rates, log

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
        response: WsgiResponse | None = environ.get(QUERY_RESPONSE)
        query: str | None = environ.get(QUERY_TEXT)
        route = environ.get("trialgraph.route") or environ["PATH_INFO"].lstrip("/").partition("/")[0][:20]
        self._metrics.requests(route if status < 400 else "", status).inc()
        outcome = response.outcome if response else "page"
        if query is not None:
            self._metrics.queries(outcome).inc()
            self._metrics.seconds.observe(seconds)
            # What the engine worked, or all the time when it was stopped.
            charged = seconds if response is None or status >= 500 else response.seconds
            if charged:
                self._rates.charge(environ, charged)
        if self._log:
            rows = response.rows if response else None
            of_query = {} if query is None else {"query": query_hash(query), "outcome": outcome, "rows": rows}
            self._log.write(json.dumps(_of_request(environ, status, seconds) | of_query) + "\n")


def _of_request(environ: Environ, status: int, seconds: float) -> dict[str, Any]:
    return {
        "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "client": environ.get("REMOTE_ADDR", ""),
        "method": environ["REQUEST_METHOD"],
        "path": environ["PATH_INFO"][:200],
        "status": status,
        "seconds": round(seconds, 5),
    }


def query_hash(text: str) -> str:
    """Return a short name of a query for logs.

    >>> query_hash("ASK {}")
    'c5a2bbd571afbb9d'
    """
    return hashlib.blake2b(text.encode(errors="replace"), digest_size=8).hexdigest()
