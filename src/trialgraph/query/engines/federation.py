"""SERVICE: answered by us before the engine sees the query (SPARQL 1.1 Federated Query).

Of the endpoints that may be named there are two kinds. Our own: the clause becomes a plain group, or, where a dataset
of the query's own or GRAPH is around it, its pattern is evaluated apart, on our default dataset. Those the operator
lists: the pattern is sent there, and its answer takes the place of the clause as VALUES. All others are refused, or,
with SILENT, leave their variables unbound, and nothing leaves; nor does the engine behind ever see the word SERVICE.
"""

import json
import re
import threading
import time
from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Final

import httpx

from trialgraph.errors import (
    EngineBusy,
    QueryAbandoned,
    QueryError,
    QueryNotEvaluable,
    QueryRefused,
    QueryTimeout,
    ResultTooLarge,
    ServiceFailed,
    ServiceTooLarge,
    SettingError,
)
from trialgraph.formats import SPARQL_JSON
from trialgraph.query.engines.sparql_client import Peer
from trialgraph.query.request import Disconnected, QueryRequest, Result
from trialgraph.query.text.admission import check, not_listed, time_limit
from trialgraph.query.text.analysis import Analysis
from trialgraph.query.text.canonical import canonical, literal_text
from trialgraph.query.text.service_clauses import Clause, clauses
from trialgraph.settings import Settings
from trialgraph.sparql.parser import parse
from trialgraph.terms import Term, iri

_MOST_AT_ONCE: Final = 8
"""Queries that may wait for other endpoints at the same time: each holds a thread of the server."""
_MOST_CLAUSES: Final = 8
_SHARE: Final = 0.5
"""What one clause may use of the time that is left, so that some is left for the rest of the query."""
_JSON_FACTOR: Final = 8
"""How much longer than VALUES the JSON of the same solutions may be."""
_NOT_A_BREAK: Final = re.compile(r"[^\r\n]")
_LANGUAGE_TAG: Final = re.compile(r"[A-Za-z]+(?:-[A-Za-z0-9]+)*")


@dataclass(slots=True)
class _Run:
    """One query on its way: what was asked, until when, and who waits for it."""

    request: QueryRequest
    limit_seconds: float
    deadline: float
    disconnected: Disconnected | None
    has_dataset: bool
    """Whether the query, or who sends it, chooses the dataset."""
    prologue: str = ""
    """Of the query, for the patterns that are sent elsewhere."""
    waited: float = 0.0
    """Seconds spent on clauses that were evaluated apart."""
    notes: list[str] = field(default_factory=list)
    """What is to be said of clauses that were not evaluated."""

    def left(self) -> float:
        """Return the seconds that are left.

        Raises QueryTimeout when none are.
        """
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise QueryTimeout(self.limit_seconds)
        return left


class Federation:
    """Answers queries with SERVICE; what is left of them, the engine that this belongs to."""

    def __init__(
        self,
        settings: Settings,
        run: Callable[[QueryRequest, Disconnected | None], Result],
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """`run` answers queries without SERVICE; `transport` stands in for the network in tests."""
        self._settings, self._run = settings, run
        self._own = settings.endpoints
        self._listed = listed_endpoints(settings)
        self._peer = Peer(_MOST_AT_ONCE, transport)
        self._places = threading.BoundedSemaphore(_MOST_AT_ONCE)

    def close(self) -> None:
        """Close the connections."""
        self._peer.close()

    def answer(self, request: QueryRequest, found: Analysis, disconnected: Disconnected | None) -> Result:
        """Return the whole answer to a query that has SERVICE.

        Raises ServiceFailed, ServiceTooLarge, QueryRefused for endpoints that may not be asked, EngineBusy, and what
        the engine raises.
        """
        query = parse(found.text)
        among = clauses(query)
        endpoints = self._allowed(among, len(found.services))
        seconds = time_limit(request, self._settings)
        has_dataset = found.has_dataset or (request.default_graphs, request.named_graphs) != (None, None)
        run = _Run(request, seconds, time.monotonic() + seconds, disconnected, has_dataset)
        run.prologue = query.text[: query.prologue]
        text = self._resolved(query.text, among, 0, len(query.text), run)
        asked = replace(request, text=text, timeout_seconds=run.left() if run.waited else request.timeout_seconds)
        check(asked, self._settings)  # that no SERVICE is left
        result = self._run(asked, disconnected)
        if run.notes:
            result = replace(result, notes=(*result.notes, *run.notes), variants={})
        if endpoints <= self._own and found.repeatable:
            return result
        # The text that was run has the answers of others in it; the text that was asked will get others next time.
        return replace(result, repeatable=False, cached=False, seconds=result.seconds + run.waited, variants={})

    def _allowed(self, among: Sequence[Clause], number: int) -> frozenset[str]:
        """Return the endpoints that a query asks: not those that may not be asked, and need not, with SILENT.

        Raises QueryRefused when one of them may not be asked, or there are too many clauses.
        """
        if number > _MOST_CLAUSES:
            raise QueryRefused(f"a query may have at most {_MOST_CLAUSES} SERVICE clauses")
        asked: set[str] = set()
        for clause in among:
            if not self._is_skipped(clause):
                if clause.endpoint not in self._own | self._listed:
                    raise not_listed(clause.endpoint)
                asked |= {clause.endpoint} | self._allowed(clause.inner, 0)
        return frozenset(asked)

    def _is_skipped(self, clause: Clause) -> bool:
        """Whether a clause gives its one empty solution without being asked (section 2.4)."""
        return clause.silent and clause.endpoint not in self._own | self._listed

    def _resolved(self, text: str, among: Sequence[Clause], start: int, end: int, run: _Run) -> str:
        """Return a part of the query with answers in the places of its clauses, and every line in its own."""
        parts = []
        for clause in among:
            if self._is_skipped(clause):
                run.notes.append(f"SERVICE SILENT {clause.endpoint} was not asked, since it is not listed on /limits")
                group = _nothing_bound(clause) + "\n" * text.count("\n", clause.start, clause.end)
                parts += [text[start : clause.start], group]
                start = clause.end
                continue
            pattern = self._resolved(text, clause.inner, clause.opening + 1, clause.end - 1, run)
            if clause.endpoint in self._own and not (clause.apart or run.has_dataset):
                # Blanks in place of the words, so that an error behind them is told at its column.
                group = _NOT_A_BREAK.sub(" ", text[clause.start : clause.opening]) + f"{{{pattern}}}"
            else:
                with self._place():
                    started = time.monotonic()
                    group = self._answer(clause, pattern, run)
                    run.waited += time.monotonic() - started
                group += "\n" * text.count("\n", clause.start, clause.end)
            parts += [text[start : clause.start], group]
            start = clause.end
        whole = "".join(parts) + text[start:end]
        if among and len(whole.encode(errors="replace")) > self._settings.query_text_bytes:
            raise ServiceTooLarge(among[0].endpoint, self._settings.query_text_bytes)
        return whole

    @contextmanager
    def _place(self) -> Iterator[None]:
        if not self._places.acquire(blocking=False):
            raise EngineBusy(2, "all places for queries with SERVICE are taken")
        try:
            yield
        finally:
            self._places.release()

    def _answer(self, clause: Clause, pattern: str, run: _Run) -> str:
        """Return a group that has the solutions of a clause."""
        text = f"{run.prologue}\nSELECT * {{{pattern}}}"
        if clause.endpoint in self._own:
            result = self._run(QueryRequest(text, timeout_seconds=run.left()), run.disconnected)
        else:
            try:
                result = self._ask(clause.endpoint, canonical(parse(text)), run)
            except ServiceFailed:
                if not clause.silent:
                    raise
                return _nothing_bound(clause)
        room = self._settings.query_text_bytes
        if result.row_cap is not None or result.size > room * _JSON_FACTOR:
            raise ServiceTooLarge(clause.endpoint, room)
        return as_values(result.read(), clause.endpoint, clause.variables)

    def _ask(self, endpoint: str, text: str, run: _Run) -> Result:
        room, seconds = self._settings.query_text_bytes, _SHARE * run.left()
        result = Result("solutions", SPARQL_JSON, 0)
        try:
            self._peer.ask(
                endpoint,
                {"query": text},
                result,
                accept=(SPARQL_JSON.media_type,),
                seconds=seconds,
                limit_bytes=room * _JSON_FACTOR,
                disconnected=run.disconnected,
            )
        except QueryAbandoned:
            raise
        except ResultTooLarge as error:
            if error.limit_bytes != room * _JSON_FACTOR:
                raise ServiceFailed(endpoint, str(error)) from None
            raise ServiceTooLarge(endpoint, room) from None
        except QueryTimeout:
            raise ServiceFailed(endpoint, f"it did not answer within {seconds:.1f} s") from None
        except QueryError as error:
            raise ServiceFailed(endpoint, getattr(error, "reason", "") or str(error)) from None
        return result


def listed_endpoints(settings: Settings) -> frozenset[str]:
    """Return the endpoints that the operator lists for SERVICE.

    Raises SettingError when one has no HTTP address.
    """
    listed = frozenset(settings.service_endpoints.split())
    for endpoint in listed:
        if not endpoint.startswith(("http://", "https://")):
            raise SettingError("service_endpoints", endpoint, "give addresses that begin with http:// or https://")
    return listed


def _nothing_bound(clause: Clause) -> str:
    """Return a group with one solution that binds nothing (section 2.4), the variables of the clause in scope."""
    names = sorted(clause.variables)
    if not names:
        return "{ }"
    return f"{{ VALUES ({' '.join('?' + name for name in names)}) {{ ({'UNDEF ' * len(names)}) }} }}"


def as_values(answer: bytes, endpoint: str, names: Container[str]) -> str:
    """Return the solutions in a document of SPARQL JSON as a group with VALUES, for the variables that are named.

    Raises ServiceFailed for any other document, QueryNotEvaluable for blank nodes: VALUES cannot hold them.

    >>> rows = b'{"bindings": [{"s": {"type": "uri", "value": "x:y"}}]}'
    >>> as_values(b'{"head": {"vars": ["s"]}, "results": ' + rows + b"}", "http://e.org/", {"s"})
    '{ VALUES (?s) { (<x:y>) } }'
    """
    try:
        document = json.loads(answer)
        # Other variables than the pattern has would bind what the query means to bind itself.
        columns = [str(name) for name in document["head"]["vars"] if name in names]
        rows = [[row.get(name) for name in columns] for row in document["results"]["bindings"]]
        if any(cell and cell["type"] == "bnode" for row in rows for cell in row):
            raise QueryNotEvaluable(
                f"SERVICE <{endpoint}> answers with blank nodes, which mean nothing here; "
                "keep them out by FILTER(!isBlank(?x)) inside SERVICE"
            )
        cells = " ".join(f"({' '.join(_term(cell) for cell in row)})" for row in rows)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise ServiceFailed(endpoint, "its answer is not SPARQL results in JSON") from error
    return f"{{ VALUES ({' '.join('?' + name for name in columns)}) {{ {cells} }} }}"


def _term(cell: dict[str, Any] | None) -> Term:
    if cell is None:
        return "UNDEF"
    kind, text = cell["type"], cell["value"]
    if kind == "uri":
        return iri(text)
    if kind not in {"literal", "typed-literal"}:
        raise ValueError(f"no such kind of term: {kind}")
    text.encode()  # half a surrogate pair is no character
    written = literal_text(text)
    tag = cell.get("xml:lang")
    if tag is not None:
        if not _LANGUAGE_TAG.fullmatch(tag):
            raise ValueError(f"no language tag: {tag}")
        return f"{written}@{tag}"
    return f"{written}^^{iri(cell['datatype'])}" if "datatype" in cell else written
