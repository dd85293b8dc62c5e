"""The remote engine: queries on any SPARQL 1.1 endpoint the operator names, with the same refusals and limits.

What it gets is taken in whole before anything is passed on, so a transfer that breaks is an error here too, and never
a short answer. Processor and memory of the other side are its operator's to bound; time and size are bounded here.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Final, Self

import httpx

from trialgraph.errors import (
    EngineBusy,
    EngineUnavailable,
    QueryAbandoned,
    QueryError,
    QueryNotEvaluable,
    QueryRefused,
    QuerySyntaxError,
    QueryTimeout,
    ReleaseNotFound,
    ResultTooLarge,
)
from trialgraph.formats import SPARQL_TSV
from trialgraph.query.checks import check, time_limit
from trialgraph.query.current import CurrentRelease
from trialgraph.query.request import Disconnected, Kind, QueryRequest, Result, Spool
from trialgraph.query.rowcap import capped
from trialgraph.query.scan import Scan
from trialgraph.query.steps import Steps
from trialgraph.query.worker import INLINE_BYTES
from trialgraph.settings import Settings
from trialgraph.store import Release

_FRESH_SECONDS: Final = 60
"""How long an answer is good: nothing tells when the data behind an endpoint change."""
_CONNECT_SECONDS: Final = 5.0
_ERROR_BYTES: Final = 2000
_KINDS: Final[dict[str, Kind]] = {"ASK": "boolean", "CONSTRUCT": "graph", "DESCRIBE": "graph"}


class RemoteEngine:
    """Runs queries on another endpoint."""

    def __init__(self, settings: Settings, transport: httpx.BaseTransport | None = None) -> None:
        """`transport` stands in for the network in tests."""
        self._settings = settings
        limits = httpx.Limits(max_connections=settings.query_workers, max_keepalive_connections=8)
        self._client = httpx.Client(limits=limits, transport=transport, follow_redirects=False, trust_env=False)
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
        self._client.close()

    def version(self) -> str:
        """Return a name that changes each minute, for want of a better one."""
        return f"live-{int(time.time()) // _FRESH_SECONDS}"

    def release(self) -> Release | None:
        """Return the release on this disk, for dumps and pages, if there is one."""
        return self._current.get() if self._current else None

    def counts(self) -> dict[str, int]:
        """Return how many queries run."""
        return {"alive": self._running}

    def steps(self, request: QueryRequest, disconnected: Disconnected | None = None) -> Steps[Result]:
        """Do what `run` does, after one step: an answer from elsewhere is always worth waiting for elsewhere."""
        yield
        return self.run(request, disconnected)

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
        if not self._places.acquire(timeout=_CONNECT_SECONDS):
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
        form = request.format_for(kind)
        seconds, started = time_limit(request, self._settings), time.monotonic()
        timeout = httpx.Timeout(seconds, connect=min(seconds, _CONNECT_SECONDS))
        fields = {
            "query": text,
            "default-graph-uri": request.default_graphs or (),
            "named-graph-uri": request.named_graphs or (),
        }
        result = Result(kind, form, 0, repeatable=scan.repeatable, release=self.version())
        try:
            with self._client.stream(
                "POST", self._settings.engine, data=fields, headers={"Accept": form.media_type}, timeout=timeout
            ) as response:
                self._check(response, form.media_type, seconds)
                for block in _within(response, result, started + seconds, disconnected):
                    _take(result, block, self._settings.query_result_bytes)
        except httpx.TimeoutException:
            raise QueryTimeout(seconds) from None
        except (httpx.HTTPError, RuntimeError) as error:  # httpx says RuntimeError of a client that was closed
            raise EngineUnavailable(str(error) or type(error).__name__) from error
        result.seconds = time.monotonic() - started
        return result

    @staticmethod
    def _check(response: httpx.Response, media_type: str, seconds: float) -> None:
        if response.status_code == httpx.codes.OK:
            given = response.headers.get("Content-Type", "").split(";")[0].strip().lower()
            if given != media_type:
                raise EngineUnavailable(f"it answered {given or 'without a type'} where {media_type} was asked")
            return
        words = b""
        for block in response.iter_bytes(_ERROR_BYTES):
            words += block
            if len(words) >= _ERROR_BYTES:
                break
        raise _error(response, words[:_ERROR_BYTES].decode(errors="replace").strip(), seconds)


def _error(response: httpx.Response, words: str, seconds: float) -> QueryError:
    """Say what another endpoint's refusal means; Virtuoso gives 206 when it cut the result at its own time limit."""
    retry = response.headers.get("Retry-After", "")
    meanings: dict[int, QueryError] = {
        400: QueryNotEvaluable(words) if "evaluat" in words else QuerySyntaxError(words),
        413: ResultTooLarge(len(words)),
        **dict.fromkeys((401, 403, 405), QueryRefused(words)),
        **dict.fromkeys((206, 408, 504), QueryTimeout(seconds)),
        **dict.fromkeys((429, 503), EngineBusy(int(retry) if retry.isdigit() else 5, words[:200] or "it is busy")),
    }
    status = response.status_code
    return meanings.get(status) or EngineUnavailable(f"it answered {status}: {words[:200]}")


def _within(
    response: httpx.Response, result: Result, deadline: float, disconnected: Disconnected | None
) -> Iterator[bytes]:
    """Yield what comes while there is time and somebody waits for it."""
    for block in response.iter_bytes(65536):
        if time.monotonic() > deadline:
            raise httpx.ReadTimeout("the time is over")
        if result.spool and disconnected and disconnected():
            raise QueryAbandoned
        yield block


def _take(result: Result, block: bytes, limit: int) -> None:
    result.size += len(block)
    if result.size > limit:
        raise ResultTooLarge(limit)
    if result.spool is None and result.size <= INLINE_BYTES:
        result.body += block
        return
    if result.spool is None:
        result.spool = Spool()
        result.spool.append(result.body)
        result.body = b""
    result.spool.append(block)
