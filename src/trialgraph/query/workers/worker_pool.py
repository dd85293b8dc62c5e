"""A stock of workers: some always ready, never too many, the dead replaced."""

import threading
import time
from collections.abc import Callable
from typing import Any, Final

from trialgraph.errors import EngineUnavailable
from trialgraph.query.current_release import Served
from trialgraph.query.workers.fork_server import ForkServer
from trialgraph.query.workers.memory_budget import private_bytes
from trialgraph.query.workers.worker_client import Worker

_WATCH_SECONDS: Final = 0.1
"""How often the memory of busy workers is looked at: they get a few hundred megabytes in that time, not more."""
_PAUSE_SECONDS: Final = 0.5
"""Between attempts, while no worker can be started."""


class WorkerPool:
    """Lends workers, one to one thread at a time."""

    def __init__(
        self, served: Callable[[], Served], *, most: int, warm: int, memory_bytes: int, memory_total: int,
        result_bytes: int, scratch: str = "", sandbox: bool = True,
    ) -> None:  # fmt: skip
        """Ask `served` which release new workers open; at most `most` live, and some `warm` ones wait ready.

        None uses more than `memory_bytes`, and busy ones together no more than `memory_total`. With `sandbox` none
        answers that is not in one.
        """
        self._served = served
        self._most, self._warm = most, min(warm, most)
        self._limits: dict[str, Any] = {
            "memory_bytes": memory_bytes, "result_bytes": result_bytes, "scratch": scratch, "sandbox": sandbox,
        }  # fmt: skip
        self._fork_server = ForkServer()
        lock = threading.Lock()
        # Two conditions, so that a question answered does not wake the keeper, who has nothing to do then.
        self._freed, self._work = threading.Condition(lock), threading.Condition(lock)
        self._idle: list[Worker] = []
        self._busy: set[Worker] = set()
        self._ended: list[Worker] = []
        """Killed, and to be closed by the keeper."""
        self._alive = self._waiting = 0
        self._closed = False
        self._failure: EngineUnavailable | None = None
        self._keeper = threading.Thread(target=self._keep, name="worker-keeper", daemon=True)
        self._keeper.start()
        self._closing = threading.Event()
        self._watcher = threading.Thread(target=self._watch, args=(memory_total,), name="memory-watch", daemon=True)
        self._watcher.start()

    def missing_sandbox(self) -> str:
        """Return what keeps workers from their sandbox here; nothing when they have it.

        Raises EngineUnavailable.
        """
        return self._fork_server.missing_sandbox()

    def counts(self) -> dict[str, int]:
        """Return how many workers live, are idle, and how many callers wait for one."""
        with self._freed:
            return {"alive": self._alive, "idle": len(self._idle), "waiting": self._waiting}

    def take_ready(self) -> Worker | None:
        """Return a worker on the current release that can be asked at once, or None; waits for nothing."""
        with self._freed:
            worker = self._idle[-1] if self._idle else None
            if worker is None or not worker.is_ready or worker.served is not self._served():
                return None
            self._idle.pop()
            self._busy.add(worker)
            if self._wanted():
                self._work.notify()
            return worker

    def take(self, seconds: float, queue: int) -> Worker | None:
        """Return a worker on the current release, or None when none is free in time or the queue is full.

        Raises EngineUnavailable when workers cannot be started at all.
        """
        with self._freed:
            self._end_stale()
            if not self._idle and self._alive >= self._most and self._waiting >= queue:
                return None
            self._waiting += 1
            try:
                worker = self._wait_idle(time.monotonic() + seconds)
            finally:
                self._waiting -= 1
            if worker:
                self._busy.add(worker)
            if self._wanted():
                self._work.notify()
            return worker

    def _wait_idle(self, deadline: float) -> Worker | None:
        while not self._idle:
            remaining = deadline - time.monotonic()
            if self._failure and not self._alive:
                raise self._failure
            if remaining <= 0 or self._closed:
                return None
            self._work.notify()
            self._freed.wait(remaining)
        return self._idle.pop()

    def give_back(self, worker: Worker, *, fit: bool) -> None:
        """Take a worker back; one that is not fit, superfluous or on an old release is ended."""
        with self._freed:
            self._busy.discard(worker)
            wanted = self._waiting or len(self._idle) < 2 * self._warm
            if fit and wanted and not self._closed and worker.served is self._served():
                self._idle.append(worker)
                self._freed.notify()
            else:
                self._end(worker)

    def renew(self) -> None:
        """End idle workers whose release is no longer served; busy ones finish first."""
        with self._freed:
            self._end_stale()

    def _end_stale(self) -> None:
        current = self._served()
        for worker in [worker for worker in self._idle if worker.served is not current]:
            self._idle.remove(worker)
            self._end(worker)

    def _end(self, worker: Worker) -> None:
        """Kill a worker, and leave it to the keeper to close it, which may take a while."""
        worker.kill()
        self._alive -= 1
        if self._closed:  # there is no keeper any more
            worker.close()
        else:
            self._ended.append(worker)
            self._work.notify()

    def close(self) -> None:
        """End every idle worker; busy ones end when they are given back."""
        with self._freed:
            self._closed = True
            for worker in self._idle:
                self._end(worker)
            self._idle.clear()
            self._freed.notify_all()
            self._work.notify()
        self._closing.set()
        self._keeper.join()
        self._watcher.join()
        self._fork_server.close()

    def _wanted(self) -> bool:
        short = len(self._idle) < self._warm or self._waiting > len(self._idle)
        return short and self._alive < self._most and not self._closed

    def _watch(self, memory_total: int) -> None:
        """Stop the largest workers whenever all together are too large, until closed."""
        while not self._closing.wait(_WATCH_SECONDS):
            with self._freed:
                busy = [worker for worker in self._busy if not worker.is_stopped]
            used = {worker: private_bytes(worker.pid) for worker in busy}
            excess = sum(used.values()) - memory_total
            for worker in sorted(used, key=lambda worker: -used[worker]):
                if excess <= 0:
                    break
                self._stop(worker)
                excess -= used[worker]

    def _stop(self, worker: Worker) -> None:
        with self._freed:
            if worker in self._busy:  # by now it may be another's, or gone
                worker.stop()

    def _keep(self) -> None:
        """Start what is wanted and close what has ended, until closed."""
        while True:
            with self._freed:
                while not self._wanted() and not self._closed and not self._ended:
                    self._work.wait()
                starts = self._wanted()
                self._alive += starts
                ended, self._ended = self._ended, []
                is_closed = self._closed
            for worker in ended:
                worker.close()
            if is_closed:
                return
            if starts:
                self._start()

    def _start(self) -> None:
        try:
            worker = Worker(self._served(), self._fork_server, **self._limits)
        except (OSError, EngineUnavailable) as error:
            with self._freed:
                self._alive -= 1
                self._failure = error if isinstance(error, EngineUnavailable) else EngineUnavailable(str(error))
                self._freed.notify_all()
                self._work.wait(_PAUSE_SECONDS)
            return
        with self._freed:
            self._failure = None
            if self._closed:
                self._end(worker)
                return
            # It may still be opening its store, so it is the last to be taken.
            self._idle.insert(0, worker)
            self._freed.notify()
