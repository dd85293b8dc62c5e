"""Keep answers: a release does not change, so the same question on it has the same answer, as long as it is served.

Wraps any engine. Identical questions asked at the same time are computed once.
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from typing import Final, Self

from trialgraph.errors import QueryAbandoned, QueryError
from trialgraph.query.engines.quotas import SpoolRoom
from trialgraph.query.request import Disconnected, Engine, QueryRequest, Result
from trialgraph.query.resumable import Steps, finish
from trialgraph.query.text.admission import check
from trialgraph.settings import Settings
from trialgraph.store import Release

_ENTRY_BYTES: Final = 1024
"""What an entry costs besides its text and answer."""
_LARGEST_SHARE: Final = 4
"""An answer of more than one part in so many of the room is not kept."""
_LOOK_SECONDS: Final = 0.2

Key = tuple[str, str, tuple[str, ...] | None, tuple[str, ...] | None, str, str, bool]


@dataclass(eq=False)
class _Flight:
    """A question that is being computed, and all who wait for it."""

    done: threading.Event = field(default_factory=threading.Event)
    result: Result | None = None
    error: QueryError | None = None
    watchers: list[Disconnected | None] = field(default_factory=list)

    def everybody_left(self) -> bool:
        """Whether nobody is there any more to get the answer."""
        return all(watcher is not None and watcher() for watcher in self.watchers)


class CachingEngine:
    """Answers from memory where it can, in bounded room, and asks the engine behind it once."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self._engine, self._settings = engine, settings
        self._room = settings.cache_bytes
        self._spools = SpoolRoom(settings.query_spool_bytes)
        self._lock = threading.Lock()
        self._kept: OrderedDict[Key, Result] = OrderedDict()
        self._kept_bytes = 0
        self._flights: dict[Key, _Flight] = {}
        self._hits = self._misses = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the engine behind."""
        self._engine.close()

    def version(self) -> str:
        """Return the version of the release that answers now."""
        return self._engine.version()

    def release(self) -> Release | None:
        """Return the release that answers now."""
        return self._engine.release()

    def counts(self) -> dict[str, int]:
        """Return the figures of the engine behind, and of the cache."""
        with self._lock:
            own = {"cached_answers": len(self._kept), "cached_bytes": self._kept_bytes}
            own |= {"cache_hits": self._hits, "cache_misses": self._misses}
        return self._engine.counts() | own | {"spooled_bytes": self._spools.bytes_held()}

    def run(self, request: QueryRequest, disconnected: Disconnected | None = None) -> Result:
        """Return the whole answer, `cached` when it was there before; see `Engine.run` for what it raises."""
        return finish(self.steps(request, disconnected))

    def steps(self, request: QueryRequest, disconnected: Disconnected | None = None) -> Steps[Result]:
        """Do what `run` does, in steps; the first takes no longer than a moment."""
        key = (
            self._engine.version(),
            request.text,
            request.default_graphs,
            request.named_graphs,
            request.result_format.name,
            request.rdf_format.name,
            request.capped,
        )
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None:
                self._kept.move_to_end(key)
                self._hits += 1
                return kept
            self._misses += 1
        if not check(request, self._settings).repeatable:
            return (yield from self._ask(request, disconnected))
        return (yield from self._join(key, request, disconnected))

    def _ask(self, request: QueryRequest, disconnected: Disconnected | None) -> Steps[Result]:
        return self._spools.hold((yield from self._engine.steps(request, disconnected)))

    def _join(self, key: Key, request: QueryRequest, disconnected: Disconnected | None) -> Steps[Result]:
        # A shorter time limit is a question of its own, lest one client's impatience ends another's query.
        flight_key = (*key[:4], f"{key[4]} {request.timeout_seconds}", *key[5:])
        with self._lock:
            flight = self._flights.get(flight_key)
            leads = flight is None
            if flight is None:
                flight = self._flights[flight_key] = _Flight()
            flight.watchers.append(disconnected)
        if leads:
            return (yield from self._lead(key, flight_key, flight, request))
        yield
        return self._follow(flight, disconnected)

    def _lead(self, key: Key, flight_key: Key, flight: _Flight, request: QueryRequest) -> Steps[Result]:
        try:
            flight.result = yield from self._ask(request, flight.everybody_left)
        except QueryError as error:
            flight.error = error
            raise
        finally:
            with self._lock:
                del self._flights[flight_key]
                if flight.result:
                    self._keep(key, flight.result)
            flight.done.set()
        return flight.result

    def _follow(self, flight: _Flight, disconnected: Disconnected | None) -> Result:
        while not flight.done.wait(_LOOK_SECONDS):
            if disconnected and disconnected():
                raise QueryAbandoned
        if flight.result:
            return flight.result
        raise flight.error or QueryAbandoned()

    def _keep(self, key: Key, result: Result) -> None:
        cost = _cost(key, result)
        if cost * _LARGEST_SHARE > self._room or key[0] != result.release:
            return
        # One object more, so that the first answer still says what it cost; the room for variants is shared.
        self._kept[key] = replace(result, cached=True)
        self._kept_bytes += cost
        while self._kept_bytes > self._room:
            old_key, old = self._kept.popitem(last=False)
            self._kept_bytes -= _cost(old_key, old)


def _cost(key: Key, result: Result) -> int:
    # Twice the size leaves room for the compressed forms that a server keeps with it.
    return _ENTRY_BYTES + 2 * len(key[1]) + 2 * result.size
