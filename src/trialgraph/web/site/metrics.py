"""Figures of the server in the text format of Prometheus: /metrics."""

from collections.abc import Callable
from functools import lru_cache
from typing import Final

import flask
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from trialgraph.query import Engine
from trialgraph.web.context.site_context import site

_BUCKETS: Final = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 60.0)
_ENGINE_FIGURES: Final = {
    "alive": "Worker processes.",
    "idle": "Worker processes that wait for a query.",
    "waiting": "Queries that wait for a worker.",
    "sandboxed": "1 when the kernel keeps worker processes from network and files; else 0.",
    "cached_answers": "Answers kept.",
    "cached_bytes": "Room that kept answers take.",
    "cache_hits": "Queries answered from memory.",
    "cache_misses": "Queries that were not in memory.",
    "spooled_bytes": "Disk that large answers take as long as they are fetched or kept.",
}


class Metrics:
    """Counts requests and queries, and reads the figures of the engine."""

    def __init__(self, engine: Engine) -> None:
        self._registry = CollectorRegistry()
        requests = Counter("trialgraph_requests", "Requests answered.", ["route", "status"], registry=self._registry)
        queries = Counter("trialgraph_queries", "Queries answered, by outcome.", ["outcome"], registry=self._registry)
        # To look a counter up by its labels takes several times what counting does.
        self.requests: Callable[[str, int], Counter] = lru_cache(maxsize=1024)(requests.labels)
        self.queries: Callable[[str], Counter] = lru_cache(maxsize=64)(queries.labels)
        self.seconds = Histogram(
            "trialgraph_query_seconds", "Time from request to answer of a query.", buckets=_BUCKETS,
            registry=self._registry,
        )  # fmt: skip
        for name, meaning in _ENGINE_FIGURES.items():
            gauge = Gauge(f"trialgraph_engine_{name}", meaning, registry=self._registry)
            gauge.set_function(lambda name=name: engine.counts().get(name, 0))  # type: ignore[misc]

    def text(self) -> bytes:
        """Return the figures in the text format of Prometheus."""
        return generate_latest(self._registry)


blueprint = flask.Blueprint("metrics", __name__)


@blueprint.get("/metrics")
def metrics() -> flask.Response:
    """Give the figures in the text format of Prometheus."""
    body = site().metrics()
    content_type = "text/plain; version=0.0.4; charset=utf-8"
    return flask.Response(body, content_type=content_type, headers={"Cache-Control": "no-store"})
