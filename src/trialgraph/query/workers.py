"""Worker processes: starting them, speaking with one, and keeping a few ready."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyoxigraph

from trialgraph.errors import EngineUnavailable
from trialgraph.query import worker as program
from trialgraph.query.request import Spool

_START_SECONDS: Final = 30.0
_SLOW_NICENESS: Final = 10
_LAUNCH: Final = (
    "import sys; sys.path.append(sys.argv[1]); sys.argv = sys.argv[2:]; "
    "import runpy; runpy.run_path(sys.argv[0], run_name='__main__')"
)
_PACKAGES: Final = str(Path(pyoxigraph.__file__).resolve().parents[1])
_PROGRAM: Final = str(Path(program.__file__).resolve())
_COMMAND: Final = (sys.executable, "-I", "-S", "-c", _LAUNCH, _PACKAGES, _PROGRAM)


@dataclass(frozen=True, slots=True)
class Death:
    """How a worker ended."""

    signal: int
    """Number of the signal that ended it, or 0."""
    words: str
    """The end of what it wrote to its standard error."""


class Worker:
    """One worker process with one open store; used by one thread at a time."""

    def __init__(self, store: Path, *, memory_bytes: int, result_bytes: int) -> None:
        """Start the process; it is ready when `wait_ready` returns."""
        self.store = store
        self.spool: Spool | None = None
        self.is_filtered = False
        self._is_slow = False
        self._errors = tempfile.TemporaryFile(prefix="trialgraph-")  # noqa: SIM115  closed with the worker
        self._channel, theirs = socket.socketpair()
        with theirs:
            self._popen = subprocess.Popen(
                [*_COMMAND, str(theirs.fileno()), str(store), str(memory_bytes), str(result_bytes)],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._errors,
                cwd="/",
                env={"RUST_BACKTRACE": "0", "MALLOC_ARENA_MAX": "2"},
            )
        self.pid = self._popen.pid

    def wait_ready(self) -> None:
        """Wait until the store is open.

        Raises EngineUnavailable with the worker's own words when it cannot be.
        """
        self._channel.settimeout(_START_SECONDS)
        try:
            self.is_filtered = bool(self.receive()[0].get("filtered"))
            answer = self.receive()[0]
        except (EOFError, OSError) as error:
            raise EngineUnavailable(f"a worker did not start: {self.death().words or error}") from error
        if "ready" not in answer:
            raise EngineUnavailable(str(answer.get("reason")))

    def send(self, request: dict[str, Any]) -> None:
        """Send a request, with a fresh spool file when the last answer used the one before.

        Raises OSError when the worker is gone.
        """
        head = json.dumps(request).encode()
        message = program.LENGTHS.pack(len(head), 0) + head
        self._channel.settimeout(_START_SECONDS)
        if self.spool is None:
            self.spool = Spool()
            sent = socket.send_fds(self._channel, [message], [self.spool.descriptor])
            message = message[sent:]
        if message:
            self._channel.sendall(message)

    def wait(self, seconds: float) -> bool:
        """Return whether an answer (or the worker's end) is there within so many seconds."""
        # A blocking peek is one system call fewer than poll and read.
        self._channel.settimeout(max(seconds, 0.0001))
        try:
            self._channel.recv(1, socket.MSG_PEEK)
        except TimeoutError:
            return False
        except OSError:
            return True
        return True

    def receive(self) -> tuple[dict[str, Any], bytes]:
        """Return header and body of the next answer.

        Raises EOFError when the worker has ended, TimeoutError when it stays silent.
        """
        first = self._channel.recv(65536)
        while len(first) < program.LENGTHS.size:
            first += self._more(program.LENGTHS.size)
        head_size, body_size = program.LENGTHS.unpack_from(first)
        start = program.LENGTHS.size
        parts, missing = [first], start + head_size + body_size - len(first)
        while missing > 0:
            parts.append(self._more(missing))
            missing -= len(parts[-1])
        whole = b"".join(parts)
        return json.loads(whole[start : start + head_size]), whole[start + head_size :]

    def _more(self, most: int) -> bytes:
        chunk = self._channel.recv(most)
        if not chunk:
            raise EOFError("the worker has ended")
        return chunk

    def take_spool(self) -> Spool:
        """Return the file that holds the last answer; the next request brings a new one."""
        spool, self.spool = self.spool, None
        if spool is None:
            raise EOFError("the worker speaks of a spool file it never got")
        return spool

    def slow_down(self) -> None:
        """Let quick questions go first on the processor."""
        self._is_slow = True
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, self.pid, _SLOW_NICENESS)

    def speed_up(self) -> bool:
        """Take `slow_down` back; False when this process may not, so that the worker stays slow."""
        if self._is_slow:
            try:
                os.setpriority(os.PRIO_PROCESS, self.pid, 0)
            except OSError:
                return False
            self._is_slow = False
        return True

    def death(self) -> Death:
        """Wait for the end of a process that is ending, and say how it ended."""
        try:
            status = self._popen.wait(5)
        except subprocess.TimeoutExpired:
            self.kill()
            status = self._popen.wait()
        words = os.pread(self._errors.fileno(), 2000, 0).decode(errors="replace").strip()
        self.close()
        return Death(-status if status < 0 else 0, words)

    def kill(self) -> None:
        """Stop it at once, whatever it does."""
        self._popen.send_signal(signal.SIGKILL)

    def close(self) -> None:
        """Kill it if it lives, and give back what it held."""
        if self._popen.poll() is None:
            self.kill()
            self._popen.wait()
        self._channel.close()
        self._errors.close()


class Workshop:
    """Keeps workers ready: one is always warming up before the last idle one is taken."""

    def __init__(
        self, store: Callable[[], Path], *, most: int, spare: int, memory_bytes: int, result_bytes: int
    ) -> None:
        """`store` tells which store new workers open; `most` bounds the number of living workers."""
        self._store = store
        self._most, self._spare = most, min(spare, most)
        self._limits = {"memory_bytes": memory_bytes, "result_bytes": result_bytes}
        lock = threading.Lock()
        # Two conditions, so that a question answered does not wake the keeper, who has nothing to do then.
        self._freed, self._work = threading.Condition(lock), threading.Condition(lock)
        self._idle: list[Worker] = []
        self._alive = 0
        self._waiting = 0
        self._dead: list[Worker] = []
        self._closed = False
        self._failure: EngineUnavailable | None = None
        self._keeper = threading.Thread(target=self._keep, name="worker-keeper", daemon=True)
        self._keeper.start()

    def counts(self) -> dict[str, int]:
        """Return how many workers live, are idle, and how many callers wait for one."""
        with self._freed:
            return {"alive": self._alive, "idle": len(self._idle), "waiting": self._waiting}

    def take(self, seconds: float, queue: int) -> Worker | None:
        """Return an idle worker on the current store, or None when none is free in time or the queue is full.

        Raises EngineUnavailable when workers cannot be started at all.
        """
        deadline = time.monotonic() + seconds
        with self._freed:
            if not self._idle and self._waiting >= queue:
                return None
            self._waiting += 1
            try:
                while not self._idle:
                    remaining = deadline - time.monotonic()
                    if self._failure and not self._alive:
                        raise self._failure
                    if remaining <= 0 or self._closed:
                        return None
                    self._work.notify()
                    self._freed.wait(remaining)
                worker = self._idle.pop()
            finally:
                self._waiting -= 1
            if self._wanted():
                self._work.notify()
            return worker

    def give_back(self, worker: Worker, *, fit: bool) -> None:
        """Take a worker back; one that is not fit, or whose store is no longer served, is replaced."""
        with self._freed:
            if fit and not self._closed and worker.store == self._store():
                self._idle.append(worker)
                self._freed.notify()
            else:
                self._alive -= 1
                self._dead.append(worker)
                self._work.notify()

    def renew(self) -> None:
        """Replace idle workers whose store is no longer served; busy ones finish first."""
        with self._freed:
            current = self._store()
            stale = [worker for worker in self._idle if worker.store != current]
            self._idle = [worker for worker in self._idle if worker.store == current]
            self._alive -= len(stale)
            self._dead += stale
            self._work.notify()

    def close(self) -> None:
        """End every idle worker; busy ones end when they are given back."""
        with self._freed:
            self._closed = True
            self._dead += self._idle
            self._idle = []
            self._freed.notify_all()
            self._work.notify()
        self._keeper.join()

    def _wanted(self) -> bool:
        short = len(self._idle) < self._spare or self._waiting > len(self._idle)
        return short and self._alive < self._most and not self._closed

    def _keep(self) -> None:
        """Bury the dead and start what is wanted, until closed."""
        while True:
            with self._freed:
                while not (self._dead or self._wanted() or self._closed):
                    self._work.wait()
                dead, self._dead = self._dead, []
                wanted = self._wanted()
                if wanted:
                    self._alive += 1
                finished = self._closed and not dead
            if wanted:
                self._start()
            for worker in dead:
                worker.close()
            if finished:
                return

    def _start(self) -> None:
        worker = None
        try:
            worker = Worker(self._store(), **self._limits)
            worker.wait_ready()
        except (OSError, EngineUnavailable) as error:
            with self._freed:
                self._alive -= 1
                self._failure = error if isinstance(error, EngineUnavailable) else EngineUnavailable(str(error))
                self._dead += [worker] if worker else []
                self._freed.notify_all()
                self._work.wait(0.5)  # before the next attempt
            return
        with self._freed:
            self._failure = None
            self._idle.append(worker)
            self._freed.notify()
