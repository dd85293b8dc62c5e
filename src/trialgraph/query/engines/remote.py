"""The remote engine: queries on any SPARQL 1.1 endpoint the operator names, with the same refusals and limits.

Processor and memory of the other side are its operator's to bound; time and size are bounded here.
"""

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Self

import httpx

from trialgraph.errors import EngineBusy, QueryRefused, QuerySyntaxError, ReleaseNotFound
from trialgraph.formats import SPARQL_TSV
from trialgraph.query.current_release import CurrentRelease
from trialgraph.query.engines.result_conversion import ACCEPT, rewrite
from trialgraph.query.engines.sparql_client import CONNECT_SECONDS, Peer
from trialgraph.query.request import Disconnected, Kind, QueryRequest, Result
from trialgraph.query.resumable import Steps
from trialgraph.query.text.admission import check, time_limit
from trialgraph.query.text.row_cap import row_cap_message
from trialgraph.query.text.scanner import Scan, tokens, unescape
from trialgraph.settings import Settings
from trialgraph.store import Release
from trialgraph.vocabulary import GRAPHS

_FRESH_SECONDS: Final = 60
"""How long an answer is good: nothing tells when the data behind an endpoint change."""
_FUNCTION_SCHEMES: Final = frozenset(("bif", "sql"))
"""Virtuoso: its own functions and its users' procedures, some of which reach files and the network."""
_PLAIN_IRI: Final = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]*:/")
"""What cannot be a comparison: no operand begins so."""
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

    def steps(self, request: QueryRequest, disconnected: Disconnected | None = None) -> Steps[Result]:
        """Do what `run` does, after one step: an answer from elsewhere is always worth waiting for elsewhere."""
        yield
        return self.run(request, disconnected)

    def run(self, request: QueryRequest, disconnected: Disconnected | None = None) -> Result:
        """Return the whole answer; see `Engine.run` for what it raises."""
        scan = check(request, self._settings)
        refuse_dialects(request.text, scan)
        cap = {}
        if request.capped and self._settings.query_row_cap and scan.form == "SELECT":
            cap = row_cap_message(request, self._settings)
        limit = self._settings.query_result_bytes
        with self._place():
            result = self._ask(request, scan, cap.get("text", request.text), disconnected)
            if cap and self._has_rows(request, scan, cap["probe"], disconnected):
                result.row_cap = self._settings.query_row_cap
        rewrite(result, request.format_for(result.kind), limit, cap["note"] if cap and result.row_cap else "")
        return result

    def _has_rows(self, request: QueryRequest, scan: Scan, text: str, disconnected: Disconnected | None) -> bool:
        answer = self._ask(request, scan, text, disconnected)
        rewrite(answer, SPARQL_TSV, self._settings.query_result_bytes)
        return bool(answer.rows)

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
        result = Result(kind, request.format_for(kind), 0, repeatable=scan.repeatable, release=self.version())
        self._peer.ask(
            self._settings.engine,
            {"query": text, **self._dataset(request, scan)},
            result,
            accept=ACCEPT[kind],
            seconds=time_limit(request, self._settings),
            limit_bytes=self._settings.query_result_bytes,
            disconnected=disconnected,
        )
        return result

    def _dataset(self, request: QueryRequest, scan: Scan) -> dict[str, tuple[str, ...]]:
        """Return the dataset to send: that of the request, else the graphs of the release if the query names none.

        Without it the other side takes what it likes: Virtuoso adds its own graphs, Oxigraph takes none.
        """
        if (request.default_graphs, request.named_graphs) != (None, None):
            default, named = request.default_graphs or (), request.named_graphs or ()
        elif scan.has_dataset:
            return {}
        else:
            default = named = self._graphs()
        return {"default-graph-uri": default, "named-graph-uri": named}

    def _graphs(self) -> tuple[str, ...]:
        release = self.release()
        if release is None:
            return tuple(GRAPHS.values())
        return tuple(graph["iri"] for graph in release.manifest.get("graphs", {}).values())


def refuse_dialects(text: str, scan: Scan) -> None:
    """Refuse what some engines take for more than SPARQL 1.1 has.

    Raises QuerySyntaxError for a query that begins otherwise, such as with Virtuoso's `define`; QueryRefused for the
    functions of Virtuoso's SQL, and for SERVICE where engines may read it and we do not.

    >>> refuse_dialects("SELECT (bif:http_get(?x) AS ?y) {}", Scan("SELECT", False, (), True))
    Traceback (most recent call last):
        ...
    trialgraph.errors.QueryRefused: bif: names functions of one engine, which are not SPARQL
    """
    if not scan.form:
        raise QuerySyntaxError("it does not begin with SELECT, ASK, CONSTRUCT or DESCRIBE")
    whole, comparison = unescape(text), False
    for token in tokens(whole):
        scheme = token.text.lstrip("<").partition(":")[0].lower() if token.kind in {"iri", "name"} else ""
        if scheme in _FUNCTION_SCHEMES:
            raise QueryRefused(f"{scheme}: names functions of one engine, which are not SPARQL")
        comparison |= token.kind == "iri" and not _PLAIN_IRI.match(token.text)
    # `?x<?y#>` is an IRI to some and a comparison to others, so what follows may be a string to us and not to them.
    if comparison and "service" in whole.lower():
        raise QueryRefused("the word service may not stand in a query with relative IRIs or those without //")
