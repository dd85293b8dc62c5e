"""The embedded engine: queries on the current release, in worker processes that can be killed.

Every query starts at once in a worker. One that still runs after half a second needs one of a few slow places; while
none is free it pauses, for some seconds, and then it is stopped as EngineBusy. So quick questions always find a
worker, whatever else is asked. A worker that runs into a limit is killed, which stops it really, and replaced.
"""

import os
import platform
import signal
import time
from dataclasses import dataclass
from tempfile import TemporaryDirectory
from typing import Any, Final

from trialgraph.errors import (
    EngineBusy,
    EngineUnavailable,
    QueryAbandoned,
    QueryError,
    QueryNotEvaluable,
    QueryOutOfMemory,
    QueryRefused,
    QuerySyntaxError,
    QueryTimeout,
    ResultTooLarge,
    SettingError,
    TrialgraphError,
)
from trialgraph.query.current_release import CurrentRelease, Served
from trialgraph.query.request import Disconnected, QueryRequest, Result
from trialgraph.query.resumable import Steps
from trialgraph.query.text.admission import time_limit
from trialgraph.query.text.analysis import Analysis
from trialgraph.query.text.dataset import chosen, merged
from trialgraph.query.text.engine_text import rewritten
from trialgraph.query.text.row_cap import note
from trialgraph.query.workers.memory_budget import memory_for_queries
from trialgraph.query.workers.scheduler import Place, Places
from trialgraph.query.workers.worker_client import Death, Worker
from trialgraph.query.workers.worker_pool import WorkerPool
from trialgraph.settings import SANDBOX_REQUIRED, Settings
from trialgraph.sparql.parser import parse
from trialgraph.store import JOIN_COPY

EXPRESS_SECONDS: Final = 0.5
"""Processor time a query may use before it needs a slow place."""
_CROWDED_SECONDS: Final = 3.0
"""The same by the clock, at most, when the processors are crowded."""
_MOMENT_SECONDS: Final = 0.002
"""How long whoever asked may be kept waiting where others wait too: most queries are answered by then."""
_QUICK_SECONDS: Final = 0.01
"""How long it runs before it makes way for others, where processors are short."""
_PROCESSORS: Final = os.cpu_count() or 1
_LOOK_SECONDS: Final = 0.2
"""How often a slow query looks whether its client is still there."""
_RETRY_SECONDS: Final = 5
_WARM_WORKERS: Final = 12
_ATTEMPTS: Final = 2 * _WARM_WORKERS + 8
"""Workers tried before a query is given up, when they are dead already."""
_MOST_KILLED: Final = 2
"""Workers that may be killed under a query before it is given up: where memory is short, more only take more."""


@dataclass(frozen=True, slots=True)
class _Run:
    """One query on its way through a worker."""

    request: QueryRequest
    analysis: Analysis
    limit_seconds: float
    disconnected: Disconnected | None


@dataclass
class _Killed(Exception):
    """A worker was killed, not by us, soon after it had read a query."""

    cause: QueryError


class EmbeddedEngine:
    """Runs queries on the current release of a folder of releases."""

    def __init__(self, settings: Settings) -> None:
        """Open the current release; workers start in the background.

        Raises ReleaseNotFound, ReleaseDamaged, EngineUnavailable, and SettingError where the sandbox of the workers
        is required and cannot be had.
        """
        if platform.system() != "Linux":
            raise EngineUnavailable(
                f"queries run on Linux only, not on {platform.system()}: in a container or a virtual machine; "
                "builds, validation and dumps work here"
            )
        self._settings = settings
        self.current = CurrentRelease(settings.release)
        self._places = Places(settings.query_slow_places)
        self._scratch = TemporaryDirectory(prefix="trialgraph-")
        self._pool = WorkerPool(
            lambda: self.current.served,
            most=settings.query_workers,
            warm=_WARM_WORKERS,
            memory_bytes=settings.query_memory_bytes,
            memory_total=memory_for_queries(settings.query_memory_total_bytes),
            result_bytes=settings.query_result_bytes,
            scratch=self._scratch.name if settings.query_joins == JOIN_COPY else "",
            sandbox=settings.sandbox == SANDBOX_REQUIRED,
        )
        try:
            self._missing = self._pool.missing_sandbox()
            if self._missing and settings.sandbox == SANDBOX_REQUIRED:
                remedy = f"queries cannot be kept from network and files: {self._missing}; or set it to optional"
                raise SettingError("TRIALGRAPH_SANDBOX", settings.sandbox, remedy)
        except TrialgraphError:
            self.close()
            raise
        self.current.follow(self._pool.renew)

    def close(self) -> None:
        """End the workers; a query that still runs ends with EngineUnavailable."""
        self.current.close()
        self._pool.close()
        self._scratch.cleanup()

    def version(self) -> str:
        """Return the version of the release that answers now."""
        return self.current.served.release.version

    def counts(self) -> dict[str, int]:
        """Return figures for the operator: workers alive and idle, queries waiting, whether they are in a sandbox."""
        return self._pool.counts() | {"sandboxed": int(not self._missing)}

    def sandbox(self) -> str:
        """Return whether queries are kept from network and files, in a few words."""
        return f"missing: {self._missing}" if self._missing else "seccomp"

    def steps(
        self, request: QueryRequest, analysis: Analysis, disconnected: Disconnected | None = None
    ) -> Steps[Result]:
        """Return the whole answer, in steps; the first takes no longer than a moment."""
        run = _Run(request, analysis, time_limit(request, self._settings), disconnected)
        # What the time it takes depends on.
        key = (self.version(), request.text, request.default_graphs, request.named_graphs)
        with self._places.entering(key) as place:
            if place.was_long:
                yield
                place.become_slow()
            unread = killed = 0
            while True:
                worker = self._pool.take_ready() or (yield from self._next_worker(run))
                try:
                    return (yield from self._ask(worker, run, place))
                except OSError as error:  # it was dying when it was taken
                    if (unread := unread + 1) == _ATTEMPTS:
                        raise EngineUnavailable(str(error)) from error
                except _Killed as error:
                    if (killed := killed + 1) == _MOST_KILLED:
                        raise error.cause from None

    def _next_worker(self, run: _Run) -> Steps[Worker]:
        """Return the next worker that can be asked."""
        yield
        failure: EngineUnavailable | None = None
        for _ in range(_ATTEMPTS):
            worker = self._pool.take(run.limit_seconds, self._settings.query_queue)
            if worker is None:
                raise EngineBusy(2)
            try:
                worker.wait_ready()
            except EngineUnavailable as error:
                # It died while idle, or could not open the store: the next one may do better.
                self._pool.give_back(worker, fit=False)
                failure = error
            else:
                return worker
        raise failure or EngineUnavailable("no worker starts")

    def _ask(self, worker: Worker, run: _Run, place: Place) -> Steps[Result]:
        """Return what a worker answers, asked as its own release wants it.

        Raises OSError when it has not read the question, _Killed when another may do better.
        """
        started, fit = time.monotonic(), False
        try:
            worker.send(self._message(run, worker.served))
            yield from self._wait(worker, run, place)
            header, body = worker.receive()
            if place.was_long and time.monotonic() - started < EXPRESS_SECONDS:
                place.remember_quick()
            result = self._result(worker, run, header, body)
        except (QuerySyntaxError, QueryRefused, QueryNotEvaluable, ResultTooLarge):
            worker.drop_spool()
            fit = True
            raise
        except EOFError:
            yield  # how it ended may take a while to tell
            if worker.is_stopped:
                reason = "the memory that all queries may use together is taken"
                raise EngineBusy(_RETRY_SECONDS, reason) from None
            at_once, death = time.monotonic() - started < EXPRESS_SECONDS, worker.death()
            cause = self._cause(death)
            raise (_Killed(cause) if at_once and death.signal == signal.SIGKILL else cause) from None
        else:
            fit = True
            return result
        finally:
            self._pool.give_back(worker, fit=fit and (not worker.is_slow or worker.speed_up()))

    def _wait(self, worker: Worker, run: _Run, place: Place) -> Steps[None]:
        """Wait for the answer, on the way from express to slow.

        Raises QueryTimeout, EngineBusy when there is no slow place, QueryAbandoned.
        """
        started = time.monotonic()
        end = started + run.limit_seconds
        if not place.is_slow and worker.wait(min(_MOMENT_SECONDS, run.limit_seconds)):
            return
        yield
        if not place.is_slow:
            if worker.wait(min(_QUICK_SECONDS, run.limit_seconds)):
                return
            self._make_way(worker)
            if self._wait_express(worker, started, end):
                return
            if time.monotonic() < end:
                with worker.paused():  # so far it had its half second; now others have the processor
                    place.become_slow(end - time.monotonic())
        while (left := end - time.monotonic()) > 0:
            if worker.wait(min(_LOOK_SECONDS, left)):
                return
            if run.disconnected and run.disconnected():
                raise QueryAbandoned
            self._make_way(worker)
        place.remember_slow()
        raise QueryTimeout(run.limit_seconds)

    @staticmethod
    def _wait_express(worker: Worker, started: float, end: float) -> bool:
        """Return whether the answer came while the query had its half second of processor time.

        Among many queries that may take longer than half a second by the clock; the fault is not the query's.
        """
        used = worker.cpu_seconds()
        until = min(started + EXPRESS_SECONDS, end)
        # Not the same for all: those that began together would end together, and need new workers together.
        last = min(started + _CROWDED_SECONDS * (0.5 + worker.pid % 16 / 32), end)
        while not worker.wait(until - time.monotonic()):
            now, left = time.monotonic(), EXPRESS_SECONDS - (worker.cpu_seconds() - used)
            if now >= last or not left > 0.01:
                return False
            until = min(now + left, last)
        return True

    def _make_way(self, worker: Worker) -> None:
        """Let others go first on the processor, if there are more of them than processors."""
        counts = self._pool.counts()
        if counts["alive"] - counts["idle"] > _PROCESSORS:
            worker.slow_down()

    def _message(self, run: _Run, served: Served) -> dict[str, Any]:
        request = run.request
        cap = self._settings.query_row_cap if request.capped else 0
        is_whole = (request.default_graphs, request.named_graphs) == (None, None)
        joins = is_whole and served.has_join_copy and self._settings.query_joins == JOIN_COPY
        dataset = merged(chosen(request, run.analysis), served.merges)
        texts = rewritten(run.analysis, served.statistics, cap, joins=joins)
        if "probe" in texts:
            texts["note"] = note(request.result_format, self._settings.site)
        return {
            **texts,
            "default": dataset.default,
            "named": dataset.named,
            "from": dataset.is_open,
            "solutions": request.result_format.media_type,
            "graph": request.rdf_format.media_type,
            "limit": self._settings.query_result_bytes,
        }

    def _result(self, worker: Worker, run: _Run, header: dict[str, Any], body: bytes) -> Result:
        if "error" in header:
            if header["error"] == "syntax":
                parse(run.analysis.text)  # which says in a person's words what is wrong
            raise self._error(header)
        kind = header["kind"]
        return Result(
            kind,
            run.request.format_for(kind),
            header["size"],
            body,
            worker.take_spool() if header["spooled"] else None,
            rows=header["rows"],
            left_out=header["left_out"],
            seconds=header["seconds"],
            engine=header["engine"],
            release=worker.served.release.version,
            repeatable=run.analysis.repeatable,
            row_cap=self._settings.query_row_cap if header["cut"] else None,
        )

    def _error(self, header: dict[str, Any]) -> QueryError:
        reason = str(header.get("reason", ""))
        match header["error"]:
            case "syntax":
                return QuerySyntaxError(reason, header.get("line"), header.get("column"))
            case "evaluation":
                return QueryNotEvaluable(reason)
            case "too-large":
                return ResultTooLarge(self._settings.query_result_bytes)
            case "memory":
                return QueryOutOfMemory(self._settings.query_memory_bytes)
            case "denied":
                return QueryRefused("a query may not reach the network: " + reason)
        return EngineUnavailable(reason)

    def _cause(self, death: Death) -> QueryError:
        """Say why a worker died in the middle of a query."""
        if death.signal in {signal.SIGABRT, signal.SIGKILL} or "memory" in death.words:
            # Rust aborts when it gets no memory; SIGKILL that is not ours is the kernel's, out of memory.
            return QueryOutOfMemory(self._settings.query_memory_bytes)
        if death.signal in {signal.SIGSEGV, signal.SIGBUS}:
            return QueryNotEvaluable("it is nested too deeply")
        return EngineUnavailable(f"the worker ended unexpectedly: {death.words[-200:]}")
