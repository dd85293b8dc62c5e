"""The remote engine: queries on any SPARQL 1.1 endpoint the operator names, with the same refusals and limits.

Processor and memory of the other side are its operator's to bound; time and size are bounded here.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Final, Self

import httpx

from trialgraph.errors import EngineBusy, ReleaseNotFound
from trialgraph.formats import SPARQL_TSV
from trialgraph.query.checks import check, time_limit
from trialgraph.query.current import CurrentRelease
from trialgraph.query.peer import CONNECT_SECONDS, Peer
from trialgraph.query.request import Disconnected, Kind, QueryRequest, Result
from trialgraph.query.rowcap import capped
from trialgraph.query.scan import Scan
from trialgraph.settings import Settings
from trialgraph.store import Release

_FRESH_SECONDS: Final = 60
"""How long an answer is good: nothing tells when the data behind an endpoint change."""
_KINDS: Final[dict[str, Kind]] = {"ASK": "boolean", "CONSTRUCT": "graph", "DESCRIBE": "graph"}


class RemoteEngine:
    """Runs queries on another endpoint."""

    def __init__(self, settings: Settings, transport: httpx.BaseTransport | None = None) -> None:
        """`transport` stands in for the network in tests."""
        self._settings = settings
        self._peer = Peer(settings.query_workers, transport)
        self._places = threading.BoundedSemaphore(settings.query_workers)
        self._lock = threading.Lock()
        self._running = 0
        try:
            self._current: CurrentRelease | None = CurrentRelease(settings.release)
        except ReleaseNotFound:
            self._current = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections; a query that still runs ends with EngineUnavailable."""
        self._peer.close()

    def version(self) -> str:
        """Return a name that changes each minute, for want of a better one."""
        return f"live-{int(time.time()) // _FRESH_SECONDS}"

    def release(self) -> Release | None:
        """Return the release on this disk, for dumps and pages, if there is one."""
        return self._current.get() if self._current else None

    def counts(self) -> dict[str, int]:
        """Return how many queries run."""
        return {"alive": self._running}

    def run(self, request: QueryRequest, disconnected: Disconnected | None = None) -> Result:
        """Return the whole answer; see `Engine.run` for what it raises."""
        scan = check(request, self._settings)
        cap, text, probe = self._settings.query_row_cap, request.text, ""
        if cap and scan.form == "SELECT":
            text, probe = capped(request.text, cap) or (text, "")
        with self._place():
            result = self._ask(request, scan, text, disconnected)
            if probe and self._has_rows(request, scan, probe, disconnected):
                result.row_cap = cap
        return result

    def _has_rows(self, request: QueryRequest, scan: Scan, text: str, disconnected: Disconnected | None) -> bool:
        answer = self._ask(replace(request, result_format=SPARQL_TSV), scan, text, disconnected)
        return len(answer.read().splitlines()) > 1

    @contextmanager
    def _place(self) -> Iterator[None]:
        if not self._places.acquire(timeout=CONNECT_SECONDS):
            raise EngineBusy(2)
        with self._lock:
            self._running += 1
        try:
            yield
        finally:
            with self._lock:
                self._running -= 1
            self._places.release()

    def _ask(self, request: QueryRequest, scan: Scan, text: str, disconnected: Disconnected | None) -> Result:
        kind = _KINDS.get(scan.form, "solutions")
        fields = {
            "query": text,
            "default-graph-uri": request.default_graphs or (),
            "named-graph-uri": request.named_graphs or (),
        }
        result = Result(kind, request.format_for(kind), 0, repeatable=scan.repeatable, release=self.version())
        self._peer.ask(
            self._settings.engine,
            fields,
            result,
            seconds=time_limit(request, self._settings),
            limit_bytes=self._settings.query_result_bytes,
            disconnected=disconnected,
        )
        return result
