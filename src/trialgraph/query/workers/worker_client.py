"""One worker process, seen from this side: asking it, waiting for it, stopping it."""

import contextlib
import json
import math
import os
import signal
import socket
import struct
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from trialgraph.errors import EngineUnavailable
from trialgraph.query.current_release import Served
from trialgraph.query.request import Spool
from trialgraph.query.workers.fork_server import ForkServer
from trialgraph.query.workers.worker.messages import LENGTHS

_START_SECONDS: Final = 30.0
_BLOCK: Final = 65536


@dataclass(frozen=True, slots=True)
class Death:
    """How a worker ended."""

    signal: int
    """Number of the signal that ended it, or 0."""
    words: str
    """The end of what it wrote to its standard error."""


class Worker:
    """One worker process with one open store; used by one thread at a time."""

    def __init__(
        self, served: Served, fork_server: ForkServer, *, memory_bytes: int, result_bytes: int, scratch: str = "",
        sandbox: bool = True,
    ) -> None:  # fmt: skip
        """Start the process; it answers when `wait_ready` has returned.

        Raises EngineUnavailable when no process can be started.
        """
        self.served = served
        """The release whose store it has open."""
        self.spool: Spool | None = None
        self.is_stopped = False
        """Whether it was stopped to make room for others."""
        self.is_ready = False
        """Whether it has said that its store is open."""
        self.is_slow = False
        self._thread = 0
        self._come = b""
        """What has come of an answer."""
        self._end: Exception | None = None
        self._patience = 0.0
        self._fork_server = fork_server
        self._errors = tempfile.TemporaryFile(prefix="trialgraph-")  # noqa: SIM115  closed with the worker
        self._channel, theirs = socket.socketpair()
        self._channel.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, _timeval(_START_SECONDS))
        with theirs:
            order = {
                "store": str(served.release.store),
                "dataset": served.dataset,
                "memory": memory_bytes,
                "result": result_bytes,
                "scratch": scratch,
                "sandbox": sandbox,
            }
            self.pid = fork_server.start(order, [theirs.fileno(), self._errors.fileno()])

    def wait_ready(self) -> None:
        """Wait until the store is open.

        Raises EngineUnavailable with the worker's own words when it cannot be.
        """
        if self.is_ready:
            return
        if not self.wait(_START_SECONDS):
            raise EngineUnavailable("a worker does not open its store")
        try:
            answer = self.receive()[0]
        except (EOFError, OSError) as error:
            raise EngineUnavailable(f"a worker did not start: {self.death().words or error}") from error
        if "ready" not in answer:
            raise EngineUnavailable(str(answer.get("reason")))
        self.is_ready, self._thread = True, int(answer["thread"])

    def send(self, request: dict[str, Any]) -> None:
        """Send a request, with a fresh spool file when the last answer used the one before.

        Raises OSError when the worker is gone.
        """
        head = json.dumps(request).encode()
        message = LENGTHS.pack(len(head), 0) + head
        if self.spool is None:
            self.spool = Spool()
            sent = socket.send_fds(self._channel, [message], [self.spool.descriptor])
            message = message[sent:]
        if message:
            self._channel.sendall(message)

    def wait(self, seconds: float) -> bool:
        """Return whether a whole answer (or the worker's end) is there within about so many seconds."""
        if seconds != self._patience:
            self._be_patient(seconds)
        until = 0.0
        try:
            while self._end is None and (missing := self._missing()):
                if self._come:  # the rest of what has begun to come has as long again, and no longer
                    until = until or time.monotonic() + seconds
                    self._be_patient(until - time.monotonic())
                more = self._channel.recv(max(missing, _BLOCK))
                self._come = self._come + more if self._come else more
                if not more:
                    self._end = EOFError("the worker has ended")
        except BlockingIOError:
            return False
        except OSError as end:
            self._end = end
        return True

    def _missing(self) -> int:
        """Return how many bytes of an answer are still to come, as far as is known."""
        come = self._come
        if len(come) < LENGTHS.size:
            return LENGTHS.size - len(come)
        head, body = LENGTHS.unpack_from(come)
        return int(LENGTHS.size + head + body - len(come))

    def _be_patient(self, seconds: float) -> None:
        """Let the kernel end a reading that waits too long: half the system calls of a poll before each."""
        self._patience = seconds
        self._channel.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, _timeval(seconds))

    def receive(self) -> tuple[dict[str, Any], bytes]:
        """Return header and body of the answer that `wait` has found to be there.

        Raises EOFError when the worker has ended, ConnectionError when it had not read the question by then: the
        kernel tells, by an error, of bytes that nobody will read.
        """
        if self._end:
            raise self._end
        come, self._come = self._come, b""
        body = LENGTHS.size + LENGTHS.unpack_from(come)[0]
        return json.loads(come[LENGTHS.size : body]), come[body:]

    def take_spool(self) -> Spool:
        """Return the file that holds the last answer; the next request brings a new one."""
        spool, self.spool = self.spool, None
        if spool is None:
            raise EOFError("the worker speaks of a spool file it never got")
        return spool

    def drop_spool(self) -> None:
        """Forget the file of an answer that failed on its way, lest the next one is written behind its beginning."""
        self.spool = None

    def cpu_seconds(self) -> float:
        """Return the processor time it has used in its life; infinite where that cannot be told."""
        try:
            # The clock of another process, as clock_getcpuclockid(3) makes its number on Linux.
            return time.clock_gettime((~self.pid << 3) | 2)
        except (OSError, OverflowError, ValueError):
            return math.inf

    def slow_down(self) -> None:
        """Let quick questions go first on the processor."""
        if not self.is_slow:
            self.is_slow = True
            # Priorities belong to threads, and the one that evaluates is not the first of its process.
            with contextlib.suppress(OSError):
                os.sched_setscheduler(self._thread, os.SCHED_IDLE, os.sched_param(0))

    def speed_up(self) -> bool:
        """Take `slow_down` back; False when this process may not, so that the worker stays slow."""
        if self.is_slow:
            try:
                os.sched_setscheduler(self._thread, os.SCHED_OTHER, os.sched_param(0))
            except OSError:
                return False
            self.is_slow = False
        return True

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Hold the process still for as long as the block takes."""
        self._signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._signal(signal.SIGCONT)

    def _signal(self, number: int) -> None:
        if self.pid:  # 0 would be all of us
            with contextlib.suppress(OSError):  # it may be gone
                os.kill(self.pid, number)

    def stop(self) -> None:
        """End the process, and leave it to the thread that uses it to find out."""
        self.is_stopped = True
        self._strike()

    def _strike(self) -> None:
        # One that ends at the lowest priority may be kept waiting while it holds locks of the kernel that the next
        # fork of its parent needs: seconds, on a busy machine.
        self.speed_up()
        self._signal(signal.SIGKILL)

    def death(self) -> Death:
        """Say how a process that has just ended came to its end, which may take a while to find out."""
        if not self.pid:
            return Death(0, "")
        status = os.waitstatus_to_exitcode(self._fork_server.status(self.pid))
        self.pid = 0
        words = os.pread(self._errors.fileno(), 2000, 0).decode(errors="replace").strip()
        return Death(-status if status < 0 else 0, words)

    def kill(self) -> None:
        """Stop it at once, whatever it does; what it held is given back by `close`."""
        if self.pid:
            self._strike()

    def close(self) -> None:
        """Give back what it held, after `kill`; that may wait for the process that starts others."""
        if self.pid:
            self._fork_server.forget(self.pid)
            self.pid = 0
        self._channel.close()
        self._errors.close()


def _timeval(seconds: float) -> bytes:
    """Return seconds as the kernel takes them; none at all would mean for ever."""
    return struct.pack("@ll", *divmod(max(1, int(seconds * 1e6)), 1_000_000))
