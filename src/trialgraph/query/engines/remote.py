"""The remote engine: queries on any SPARQL 1.1 endpoint, with the same refusals and limits.

Processor and memory of the other side are its operator's to bound; time and size are bounded here.
"""

import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final

import httpx

from trialgraph.errors import EngineBusy, QueryError, QueryNotEvaluable, QueryRefused, ReleaseNotFound
from trialgraph.formats import SPARQL_CSV, SPARQL_JSON, SPARQL_TSV
from trialgraph.query.current_release import CurrentRelease
from trialgraph.query.engines.result_conversion import ACCEPT, rewrite
from trialgraph.query.engines.sparql_client import CONNECT_SECONDS, Peer
from trialgraph.query.request import Disconnected, Kind, QueryRequest, Result
from trialgraph.query.resumable import Steps
from trialgraph.query.text.admission import time_limit
from trialgraph.query.text.analysis import Analysis
from trialgraph.query.text.canonical import canonical, iris
from trialgraph.query.text.dataset import QueryDataset, chosen, counts_solutions
from trialgraph.query.text.distinct_patterns import each_once
from trialgraph.query.text.group_concat import casts
from trialgraph.query.text.row_cap import capped, note
from trialgraph.settings import Settings
from trialgraph.sparql.edits import Edit, edited
from trialgraph.sparql.parser import parse
from trialgraph.sparql.query import Query
from trialgraph.store import Merges
from trialgraph.vocabulary import GRAPHS

_FRESH_SECONDS: Final = 60
"""How long an answer is good: nothing tells when the data behind an endpoint change."""
_FUNCTION_SCHEMES: Final = frozenset(("bif", "sql"))
"""Virtuoso: its own functions and its users' procedures, some of which reach files and the network."""
_ASK_BYTES: Final = 65536
_Graphs = dict[str, tuple[str, ...]]
"""The dataset, as parameters of the protocol."""
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
        self._parts = ("", False)
        """Whether the other side held the parts of graphs, and when that was looked at."""
        try:
            current = CurrentRelease(settings.release)
        except ReleaseNotFound:
            self.current: CurrentRelease | None = None
        else:
            self.current = current
            current.follow()

    def close(self) -> None:
        """Close the connections; a query that still runs ends with EngineUnavailable."""
        self._peer.close()
        if self.current:
            self.current.close()

    def version(self) -> str:
        """Return a name that changes each minute, for want of a better one."""
        return f"live-{int(time.time()) // _FRESH_SECONDS}"

    def counts(self) -> dict[str, int]:
        """Return how many queries run."""
        return {"alive": self._running}

    def sandbox(self) -> str:
        """Return that it is for others to say."""
        return "for the engine elsewhere to say"

    def steps(
        self, request: QueryRequest, analysis: Analysis, disconnected: Disconnected | None = None
    ) -> Steps[Result]:
        """Return the whole answer, after one step: one from elsewhere is always worth waiting for elsewhere."""
        yield
        query = parse(analysis.text)
        graphs, once = self._dataset(query, chosen(request, analysis), is_page=not request.capped)
        texts = texts_for_others(query, self._settings.query_row_cap if request.capped else 0, once)
        limit = self._settings.query_result_bytes
        with self._place():
            result = self._ask(request, analysis, graphs, texts[0], disconnected)
            if len(texts) > 1 and self._has_rows(request, analysis, graphs, texts[1], disconnected):
                result.row_cap = self._settings.query_row_cap
        told = note(request.result_format, self._settings.site) if len(texts) > 1 and result.row_cap else ""
        rewrite(result, request.format_for(result.kind), limit, told)
        return result

    def _has_rows(
        self, request: QueryRequest, analysis: Analysis, graphs: _Graphs, text: str, disconnected: Disconnected | None
    ) -> bool:
        answer = self._ask(request, analysis, graphs, text, disconnected)
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

    def _ask(
        self, request: QueryRequest, analysis: Analysis, graphs: _Graphs, text: str, disconnected: Disconnected | None
    ) -> Result:
        kind = _KINDS.get(analysis.form, "solutions")
        result = Result(kind, request.format_for(kind), 0, repeatable=analysis.repeatable)
        self._peer.ask(
            self._settings.engine,
            {"query": text, **graphs},
            result,
            accept=ACCEPT[kind],
            seconds=time_limit(request, self._settings),
            limit_bytes=self._settings.query_result_bytes,
            disconnected=disconnected,
        )
        return result

    def _dataset(self, query: Query, dataset: QueryDataset, *, is_page: bool) -> tuple[_Graphs, tuple[Edit, ...]]:
        """Return the dataset to send: what the request or the query chooses, else the graphs of the release.

        Without it the other side takes what it likes: Virtuoso adds its own graphs, Oxigraph takes none. Where it has
        the parts of graphs that share statements, it is sent these, and counts each statement once, as we do; where
        not, the query is changed so that it does. Pages go on as they are where nothing tells which patterns that
        must be done with: to do it with all of them takes longer than a page may.

        Raises QueryNotEvaluable where it would count some twice, that would show, and cannot be helped.
        """
        is_whole = (dataset.default, dataset.named) == (None, None)
        default = self._graphs() if is_whole else tuple(dict.fromkeys(dataset.default or ()))
        named = self._graphs() if is_whole else dataset.named or ()
        merges = self.current.served.merges if self.current else None
        edits: tuple[Edit, ...] | None = ()
        if merges and merges.share(default) and self._has_parts(merges):
            default = tuple(merges.parts_of(default))
        elif (merges.share(default) if merges else len(default) > 1 and not is_page) and counts_solutions(query):
            edits = each_once(query, merges.may_meet if merges else lambda _predicate, _value: True)
        if edits is None:
            raise QueryNotEvaluable(
                "its graphs share statements, which the engine here counts once for each graph: say SELECT DISTINCT, "
                "or have what `trialgraph dump --graph merges` gives loaded there"
            )
        return {"default-graph-uri": default, "named-graph-uri": named}, edits

    def _has_parts(self, merges: Merges) -> bool:
        """Whether the other side holds the parts; looked at once a minute."""
        minute, known = self.version(), self._parts
        if known[0] != minute:
            asks = " ".join(f"GRAPH <{part}> {{ ?s{n} ?p{n} ?o{n} }}" for n, part in enumerate(merges.kept))
            result = Result("boolean", SPARQL_JSON, 0)
            try:
                self._peer.ask(
                    self._settings.engine,
                    {"query": f"ASK {{ {asks} }}", "named-graph-uri": merges.kept},
                    result,
                    accept=ACCEPT["boolean"],
                    seconds=CONNECT_SECONDS,
                    limit_bytes=_ASK_BYTES,
                    disconnected=None,
                )
                rewrite(result, SPARQL_CSV, _ASK_BYTES)
            except QueryError:
                return known[1]
            self._parts = known = (minute, result.read() == b"true")
        return known[1]

    def _graphs(self) -> tuple[str, ...]:
        if self.current is None:
            return tuple(GRAPHS.values())
        return tuple(graph["iri"] for graph in self.current.served.release.manifest.get("graphs", {}).values())


def texts_for_others(query: Query, cap: int = 0, edits: Iterable[Edit] = ()) -> tuple[str, ...]:
    """Return what is sent of a query, in the one reading it has here: its text, and, where rows are capped, a probe.

    Both with the edits that are given.

    Raises QueryRefused for the functions of Virtuoso's SQL.

    >>> texts_for_others(parse("PREFIX b: <bif:> SELECT (b:http_get(?x) AS ?y) {}"))
    Traceback (most recent call last):
        ...
    trialgraph.errors.QueryRefused: bif: names functions of one engine, which are not SPARQL
    """
    for iri in iris(query):
        scheme = iri.partition(":")[0].lower()
        if scheme in _FUNCTION_SCHEMES:
            raise QueryRefused(f"{scheme}: names functions of one engine, which are not SPARQL")
    # The dataset goes beside the query: what is said twice, some take together.
    better = (*casts(query), *edits, *([Edit(*query.sources_span, " ")] if query.sources else []))
    limits = capped(query, cap) if cap and query.form == "SELECT" else None
    sent = [(*better, *limited) for limited in limits] if limits else [better]
    return tuple(canonical(parse(edited(query.text, some)) if some else query) for some in sent)
