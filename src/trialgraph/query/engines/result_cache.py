"""The result cache: a release does not change, so a question keeps its answer while it is served.

Wraps any engine. Identical questions asked at the same time are computed once.
"""

import threading
from collections import OrderedDict
from dataclasses import replace
from functools import partial
from typing import Final

from trialgraph.query.engines.quotas import SpoolRoom
from trialgraph.query.engines.single_flight import SingleFlight
from trialgraph.query.engines.wrapped_engine import WrappedEngine
from trialgraph.query.request import Disconnected, Engine, QueryRequest, Result
from trialgraph.query.resumable import Steps
from trialgraph.query.text.admission import check
from trialgraph.settings import Settings

_ENTRY_BYTES: Final = 1024
"""What an entry costs besides its text and answer."""
_LARGEST_SHARE: Final = 4
"""An answer of more than one part in so many of the room is not kept."""

Key = tuple[str, str, tuple[str, ...] | None, tuple[str, ...] | None, str, str, bool]


class CachingEngine(WrappedEngine):
    """Answers from memory where it can, in bounded room, and asks the engine behind it once."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        super().__init__(engine)
        self._settings = settings
        self._room = settings.cache_bytes
        self._spools = SpoolRoom(settings.query_spool_bytes)
        self._lock = threading.Lock()
        self._kept: OrderedDict[Key, Result] = OrderedDict()
        self._kept_bytes = 0
        self._flights = SingleFlight()
        self._hits = self._misses = 0

    def counts(self) -> dict[str, int]:
        """Return the figures of the engine behind, and of the cache."""
        with self._lock:
            own = {"cached_answers": len(self._kept), "cached_bytes": self._kept_bytes}
            own |= {"cache_hits": self._hits, "cache_misses": self._misses}
        return self._engine.counts() | own | {"spooled_bytes": self._spools.bytes_held()}

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
        # A shorter time limit is a question of its own, lest one client's impatience ends another's query.
        flight = (*key, request.timeout_seconds)
        return (yield from self._flights.steps(flight, partial(self._computed, key, request), disconnected))

    def _ask(self, request: QueryRequest, disconnected: Disconnected | None) -> Steps[Result]:
        return self._spools.hold((yield from self._engine.steps(request, disconnected)))

    def _computed(self, key: Key, request: QueryRequest, everybody_left: Disconnected) -> Steps[Result]:
        result = yield from self._ask(request, everybody_left)
        with self._lock:
            self._keep(key, result)
        return result

    def _keep(self, key: Key, result: Result) -> None:
        cost = _cost(key, result)
        if cost * _LARGEST_SHARE > self._room or result.release not in {"", key[0]}:
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
