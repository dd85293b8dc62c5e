"""What the operator looks at: /health, /metrics, the access log, the share of each client; and the page of limits."""

import hashlib
import ipaddress
import json
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, Final, TextIO

import flask
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from trialgraph.errors import EngineUnavailable, QueryError
from trialgraph.query import Engine, QueryRequest
from trialgraph.settings import Settings
from trialgraph.web.context.site_context import site
from trialgraph.web.http.problems import RequestError
from trialgraph.web.http.wsgi_response import Answer, Environ, Headers, StartResponse, WsgiApplication
from trialgraph.web.sparql.service_description import limits

_BUCKETS: Final = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 60.0)
_MOST_CLIENTS: Final = 10_000
_KNOWN: Final = "trialgraph.answer"
"""Key of the WSGI variables under which the endpoint leaves what the log should say."""
_TEXT: Final = "trialgraph.query"
_ENGINE_FIGURES: Final = {
    "alive": "Worker processes.",
    "idle": "Worker processes that wait for a query.",
    "waiting": "Queries that wait for a worker.",
    "cached_answers": "Answers kept.",
    "cached_bytes": "Room that kept answers take.",
    "cache_hits": "Queries answered from memory.",
    "cache_misses": "Queries that were not in memory.",
    "spooled_bytes": "Disk that large answers take as long as they are fetched or kept.",
}


class Shares:
    """Query seconds each client may still use: a bucket that fills at an even rate."""

    def __init__(self, seconds_per_minute: float, clock: Callable[[], float] = time.monotonic) -> None:
        """0 seconds means no limit."""
        self._size, self._clock = seconds_per_minute, clock
        self._lock = threading.Lock()
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_seconds(self, client: str) -> float:
        """Return how long a client must wait before it may ask again; 0 when it may."""
        if not self._size or not client:
            return 0.0
        with self._lock:
            left = self._left(client)
        return 0.0 if left > 0 else (1.0 - left) * 60.0 / self._size

    def charge(self, client: str, seconds: float) -> None:
        """Take seconds from the share of a client."""
        if not self._size or not client or not seconds:
            return
        with self._lock:
            self._buckets[client] = (self._left(client) - seconds, self._clock())
            self._buckets.move_to_end(client)
            while len(self._buckets) > _MOST_CLIENTS:
                self._buckets.popitem(last=False)

    def _left(self, client: str) -> float:
        left, since = self._buckets.get(client, (self._size, 0.0))
        return min(self._size, left + (self._clock() - since) * self._size / 60.0)


def client_of(environ: Environ) -> str:
    """Return who asks, as far as a share is concerned: an address, for IPv6 its /64; empty for this machine itself.

    This machine has no share: it is the operator, or a proxy that speaks for many clients and is not yet believed.

    >>> client_of({"REMOTE_ADDR": "2001:db8::1:2"}), client_of({"REMOTE_ADDR": "127.0.0.1"})
    ('2001:db8::/64', '')
    """
    try:
        address = ipaddress.ip_address(environ.get("REMOTE_ADDR", ""))
    except ValueError:
        return ""
    if address.is_loopback:
        return ""
    if address.version == 6:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


class Observer:
    """Counts, logs and rations requests."""

    def __init__(self, settings: Settings, engine: Engine, log: TextIO | None) -> None:
        self._engine, self._log = engine, log
        self.shares = Shares(settings.rate_query_seconds)
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "trialgraph_requests", "Requests answered.", ["route", "status"], registry=self._registry
        )
        self._queries = Counter(
            "trialgraph_queries", "Queries answered, by outcome.", ["outcome"], registry=self._registry
        )
        self._seconds = Histogram(
            "trialgraph_query_seconds", "Time from request to answer of a query.", buckets=_BUCKETS,
            registry=self._registry,
        )  # fmt: skip
        for name, meaning in _ENGINE_FIGURES.items():
            gauge = Gauge(f"trialgraph_engine_{name}", meaning, registry=self._registry)
            gauge.set_function(lambda name=name: self._engine.counts().get(name, 0))  # type: ignore[misc]

    def metrics(self) -> bytes:
        """Return the figures in the text format of Prometheus."""
        return generate_latest(self._registry)

    def admit(self, environ: Environ) -> None:
        """Raise RequestError (429) when the client has used up its query seconds."""
        wait = self.shares.wait_seconds(client_of(environ))
        if wait:
            seconds = str(int(wait) + 1)
            raise RequestError(
                429,
                f"your share of query time is used up; ask again in {seconds} s, or work on a dump from /downloads/",
                [("Retry-After", seconds)],
            )

    def observe(self, environ: Environ, answer: Answer) -> None:
        """Leave what the log should say of a query."""
        environ[_KNOWN] = answer

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
        answer: Answer | None = environ.get(_KNOWN)
        query: str | None = environ.get(_TEXT)
        route = environ.get("trialgraph.route") or environ["PATH_INFO"].lstrip("/").partition("/")[0][:20]
        self._requests.labels(route if status < 400 else "", status).inc()
        line: dict[str, Any] = {}
        if query is not None:
            outcome = answer.outcome if answer else "page"
            self._queries.labels(outcome).inc()
            self._seconds.observe(seconds)
            self.shares.charge(client_of(environ), _cost(answer, status, seconds))
            line = {"query": query_hash(query), "outcome": outcome, "rows": answer.rows if answer else None}
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


def _cost(answer: Answer | None, status: int, seconds: float) -> float:
    """Return the query seconds to charge: what the engine worked, or all the time when it was stopped."""
    if answer is None or status >= 500:
        return seconds
    return answer.seconds


def query_hash(text: str) -> str:
    """Return a short name of a query for logs.

    >>> query_hash("ASK {}")
    'c5a2bbd571afbb9d'
    """
    return hashlib.blake2b(text.encode(errors="replace"), digest_size=8).hexdigest()


blueprint = flask.Blueprint("operation", __name__)


@blueprint.get("/health")
def health() -> tuple[dict[str, str], int, dict[str, str]]:
    """Tell whether queries are answered: 200 with the release, or 503 with the reason."""
    headers = {"Cache-Control": "no-store"}
    here = site()
    try:
        here.engine.run(QueryRequest("ASK {}"))
    except EngineUnavailable as error:
        return {"status": "failing", "reason": str(error)}, 503, headers
    except QueryError as error:
        return {"status": "busy", "reason": str(error), "release": here.engine.version()}, 200, headers
    return {"status": "ok", "release": here.engine.version()}, 200, headers


@blueprint.get("/metrics")
def metrics() -> flask.Response:
    """Give the figures in the text format of Prometheus."""
    body = site().metrics()
    content_type = "text/plain; version=0.0.4; charset=utf-8"
    return flask.Response(body, content_type=content_type, headers={"Cache-Control": "no-store"})


@blueprint.get("/limits")
def limits_page() -> str:
    """Show the limits that queries meet."""
    return flask.render_template("limits.html", limits=limits(site().settings))
