"""Where workers come from: a small process that has all code loaded and forks.

A fork of this process itself, with its many threads, could begin with a lock held by nobody; starting Python anew
takes 80 ms of processor time, which an attacker who gets workers killed could ask for again and again.
"""

import contextlib
import json
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, Final

import pyoxigraph

from trialgraph import errors
from trialgraph.errors import EngineUnavailable
from trialgraph.query.workers import worker
from trialgraph.query.workers.worker.messages import LENGTHS

_ANSWER_SECONDS: Final = 30.0
# The worker's folder is found without what stands between it and the cellar: of trialgraph, that folder is loaded,
# and what writes RDF.
_LAUNCH: Final = """
import runpy, sys, types
packages, cellar, name, folder, *sys.argv[1:] = sys.argv[1:]
sys.path.append(packages)
above, _, _ = name.rpartition(".")
while above:
    sys.modules[above] = types.ModuleType(above)
    sys.modules[above].__path__ = []
    above = above.rpartition(".")[0]
sys.modules[name.partition(".")[0]].__path__ = [cellar]
sys.modules[name.rpartition(".")[0]].__path__ = [folder]
runpy.run_module(name + ".process", run_name="__main__")
"""
_PACKAGES: Final = str(Path(pyoxigraph.__file__).resolve().parents[1])
_FOLDER: Final = str(Path(__file__).resolve().parent)
_CELLAR: Final = str(Path(errors.__file__).resolve().parent)
_COMMAND: Final = (sys.executable, "-I", "-S", "-c", _LAUNCH, _PACKAGES, _CELLAR, worker.__name__, _FOLDER)


class ForkServer:
    """Starts worker processes; safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._control: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, order: dict[str, Any], files: list[int]) -> int:
        """Start a worker that owns copies of the files; return its process id.

        Raises EngineUnavailable.
        """
        with self._lock:
            try:
                return int(self._ask(order, files)["pid"])
            except (OSError, EOFError):
                self._stop()  # it died: one more try with a new one
            try:
                return int(self._ask(order, files)["pid"])
            except (OSError, EOFError) as error:
                raise EngineUnavailable(f"no worker can be started: {error}") from error

    def missing_sandbox(self) -> str:
        """Return what keeps workers from their sandbox here; nothing when they have it.

        Raises EngineUnavailable.
        """
        with self._lock:
            try:
                return str(self._ask({"sandbox": True}, [])["missing"])
            except (OSError, EOFError) as error:
                raise EngineUnavailable(f"no worker can be started: {error}") from error

    def status(self, pid: int) -> int:
        """Return the wait status of a worker that has ended or is about to; 0 when it is not known."""
        deadline, pause = time.monotonic() + _ANSWER_SECONDS, 0.001
        while time.monotonic() < deadline:
            with self._lock:
                try:
                    status = self._ask({"ended": pid}, [])["status"]
                except (OSError, EOFError):
                    return 0
            if status is not None:
                return int(status)
            time.sleep(pause)
            pause = min(2 * pause, 0.1)
        return 0

    def forget(self, pid: int) -> None:
        """Say that nobody will ask how a killed worker ended."""
        with self._lock, contextlib.suppress(OSError):
            if self._control:
                self._send(self._control, {"forget": pid}, [])

    def close(self) -> None:
        """End the process; workers end when their own sockets are closed."""
        with self._lock:
            self._stop()

    def _ask(self, order: dict[str, Any], files: list[int]) -> dict[str, Any]:
        control = self._control or self._begin()
        self._send(control, order, files)
        head = control.recv(LENGTHS.size, socket.MSG_WAITALL)
        if len(head) < LENGTHS.size:
            raise EOFError("the process that starts workers has ended")
        answer: dict[str, Any] = json.loads(control.recv(sum(LENGTHS.unpack(head)), socket.MSG_WAITALL))
        return answer

    @staticmethod
    def _send(control: socket.socket, order: dict[str, Any], files: list[int]) -> None:
        head = json.dumps(order).encode()
        socket.send_fds(control, [LENGTHS.pack(len(head), 0) + head], files)

    def _begin(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [*_COMMAND, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                cwd="/",
                env={"RUST_BACKTRACE": "0", "MALLOC_ARENA_MAX": "2"},
                # Ctrl+C in the terminal is for the server, which then stops in order. A session of its own would
                # spare it that too, but Linux shares the processors out by session (sched(7), "autogroup") before
                # it looks at priorities, so those of the workers would mean nothing to the server.
                process_group=0,
            )
        ours.settimeout(_ANSWER_SECONDS)
        self._control = ours
        return ours

    def _stop(self) -> None:
        if self._control:
            self._control.close()
        if self._process:
            self._process.kill()
            self._process.wait()
        self._control = self._process = None
