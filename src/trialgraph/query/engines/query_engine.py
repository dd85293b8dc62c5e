"""The query engine: kept results, SERVICE and public addresses, in front of what evaluates queries.

A query goes one way: what is kept is given; what is not is checked, and parsed where it must be, once; SERVICE is
answered; who asks what is being computed waits for that; the backend evaluates; what may be kept is kept.
"""

from functools import partial
from typing import Self

import httpx

from trialgraph.query.engines.backend import Backend
from trialgraph.query.engines.embedded import EmbeddedEngine
from trialgraph.query.engines.federation import Federation, listed_endpoints
from trialgraph.query.engines.public_address import PublicAddress
from trialgraph.query.engines.quotas import SpoolRoom
from trialgraph.query.engines.remote import RemoteEngine
from trialgraph.query.engines.result_cache import Key, ResultCache
from trialgraph.query.engines.single_flight import SingleFlight
from trialgraph.query.request import Disconnected, QueryRequest, Result
from trialgraph.query.resumable import Steps, finish
from trialgraph.query.text.admission import check_text
from trialgraph.query.text.analysis import Analysis
from trialgraph.settings import Settings
from trialgraph.store import Release


class Engine:
    """Runs queries; safe to use from many threads."""

    def __init__(self, backend: Backend, settings: Settings, transport: httpx.BaseTransport | None = None) -> None:
        """Stand in front of a backend, which is closed with it; `transport` stands in for the network in tests."""
        self._backend, self._settings = backend, settings
        self._evaluate = PublicAddress(backend, settings).steps
        self._federation = Federation(settings, self.run, transport)
        self._cache = ResultCache(settings.cache_bytes)
        self._spools = SpoolRoom(settings.query_spool_bytes)
        self._flights = SingleFlight()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop what still runs."""
        self._federation.close()
        self._backend.close()

    def version(self) -> str:
        """Return the version of the release that answers now, or what changes with it."""
        return self._backend.version()

    def release(self) -> Release | None:
        """Return the release that answers now; None when there is none on this disk."""
        return self._backend.current.served.release if self._backend.current else None

    def counts(self) -> dict[str, int]:
        """Return figures for the operator, such as how many queries wait and how many results are kept."""
        return self._backend.counts() | self._cache.counts() | {"spooled_bytes": self._spools.bytes_held()}

    def sandbox(self) -> str:
        """Return whether queries are kept from network and files here, in a few words."""
        return self._backend.sandbox()

    def run(self, request: QueryRequest, disconnected: Disconnected | None = None) -> Result:
        """Return the whole answer.

        Raises QuerySyntaxError, QueryRefused, QueryNotEvaluable, QueryTimeout, QueryOutOfMemory, ResultTooLarge,
        QueryTooLarge, ServiceFailed, ServiceTooLarge, EngineBusy or EngineUnavailable.
        """
        return finish(self.steps(request, disconnected))

    def steps(self, request: QueryRequest, disconnected: Disconnected | None = None) -> Steps[Result]:
        """Do what `run` does, in steps; the first takes no longer than a moment."""
        key = (
            self._backend.version(),
            request.text,
            request.default_graphs,
            request.named_graphs,
            request.result_format.name,
            request.rdf_format.name,
            request.capped,
        )
        kept = self._cache.get(key)
        if kept is not None:
            return kept
        analysis = check_text(request, self._settings)
        if analysis.services:
            yield  # who asks others waits from the beginning
            return self._federation.answer(request, analysis, disconnected)
        if not analysis.repeatable:
            return (yield from self._computed(None, request, analysis, disconnected))
        # A shorter time limit is a question of its own, lest one client's impatience ends another's query.
        flight = (*key, request.timeout_seconds)
        return (yield from self._flights.steps(flight, partial(self._computed, key, request, analysis), disconnected))

    def _computed(
        self, key: Key | None, request: QueryRequest, analysis: Analysis, disconnected: Disconnected | None
    ) -> Steps[Result]:
        """Return what the backend answers; with a key it is kept."""
        result = yield from self._evaluate(request, analysis, disconnected)
        if result.spool:
            self._spools.hold(result)
        if key:
            self._cache.keep(key, result)
        return result


def open_engine(settings: Settings) -> Engine:
    """Return an engine for these settings; use it as a context manager, or call `close`.

    Raises ReleaseNotFound or ReleaseDamaged when the embedded engine finds no release, SettingError when an endpoint
    listed for SERVICE has no HTTP address.
    """
    listed_endpoints(settings)
    return Engine(RemoteEngine(settings) if settings.engine else EmbeddedEngine(settings), settings)
