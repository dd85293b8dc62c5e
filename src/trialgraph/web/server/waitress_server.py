"""Waitress, taught to answer quick queries in the thread that reads them.

Waitress hands every request to a thread of a pool: two changes of thread and a dozen system calls, which is several
times what a look-up costs. Here its one reading thread tries a query itself; what is not answered within a moment
goes to the pool as ever, with what was begun.
"""

from functools import lru_cache
from threading import get_ident
from typing import Any, Final

from waitress.adjustments import Adjustments
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher, WSGITask
from waitress.utilities import build_http_date

from trialgraph.web.http.deferral import HURRIED, Deferred
from trialgraph.web.http.wsgi_response import Environ, WsgiApplication
from trialgraph.web.server.connections import Connection
from trialgraph.web.sparql.endpoint import PATH

SEND_BYTES: Final = 64 * 2**10
"""An answer up to this size leaves in one piece, headers and all."""

_UNUSUAL: Final = frozenset(("Connection", "Date", "Server", "Transfer-Encoding"))
"""Headers that waitress looks into when an answer has them."""
_SHARE_TO_CLOSE: Final = 4
_QUICKLY_READ: Final = 8 * 2**10
"""To read a larger request may take longer than the others should wait."""


class _Task(WSGITask):
    """One request; its variables are kept on it, so that what was begun is found again."""

    def get_environment(self) -> Environ:
        """Return the WSGI variables."""
        request: Any = self.request
        environ: Environ | None = getattr(request, "environ", None)
        if environ is None:
            environ = request.environ = super().get_environment()
        self.environ = environ
        return environ

    def build_response_header(self) -> bytes:
        """Return status and headers as waitress writes them, in a fraction of its time where nothing is unusual.

        Usual is an answer of known length on a connection that stays.
        """
        headers = [(_written(name), value) for name, value in self.response_headers]
        names = {name for name, _ in headers}
        stays = self.version == "1.1" and self.request.headers.get("CONNECTION", "").lower() != "close"
        if not stays or not self.has_body or "Content-Length" not in names or not names.isdisjoint(_UNUSUAL):
            return bytes(super().build_response_header())
        lines = "".join([f"{name}: {value}\r\n" for name, value in headers])
        return f"HTTP/1.1 {self.status}\r\n{lines}Date: {_date(int(self.start_time))}\r\n\r\n".encode("latin-1")


@lru_cache(maxsize=256)
def _written(name: str) -> str:
    return "-".join(part.capitalize() for part in name.split("-"))


@lru_cache(maxsize=2)
def _date(second: int) -> str:
    return str(build_http_date(second))


class _Pool(ThreadedTaskDispatcher):
    """The pool of threads; the reading thread's own tasks are only marked as due."""

    def __init__(self) -> None:
        super().__init__()
        self.reading_thread = get_ident()

    def add_task(self, task: Any) -> None:
        """Take a connection with a request that is read."""
        if get_ident() == self.reading_thread:
            task.is_due = True  # its locks are held here, so it is served when they are free again
        else:
            super().add_task(task)

    def hand_over(self, task: Any) -> None:
        """Give a connection to the threads."""
        super().add_task(task)


class _Channel(Connection):
    """One connection."""

    task_class = _Task
    is_due = False

    def received(self, data: bytes) -> Any:
        """Take what came, and answer what can be answered at once."""
        taken = super().received(data)
        while self.is_due:
            self.is_due = False
            self._serve()
        return taken

    def _serve(self) -> None:
        request = self.requests[0]
        pool: _Pool = self.server.task_dispatcher
        size = request.header_bytes_received + request.body_bytes_received
        if request.error or request.path != PATH or size > _QUICKLY_READ:
            pool.hand_over(self)
            return
        environ = self.task_class(self, request).get_environment()
        environ[HURRIED] = True
        try:
            self.service()
            is_answered = True
        except Deferred:
            is_answered = False
        finally:
            environ.pop(HURRIED, None)  # before another thread has it, who may wait
        if not is_answered:
            pool.hand_over(self)
        elif self.writable():
            self.handle_write()


class Server(TcpWSGIServer):
    """Listens on one address."""

    channel_class = _Channel

    def readable(self) -> bool:
        """Return whether to accept connections; when there are too many, those that are idle longest make room."""
        if len(self._map) >= self.adj.connection_limit:
            idle = [channel for channel in self.active_channels.values() if channel.is_idle]
            idle.sort(key=lambda channel: channel.last_activity)
            for channel in idle[: self.adj.connection_limit // _SHARE_TO_CLOSE]:
                channel.will_close = True
        return bool(super().readable())

    def pull_trigger(self) -> None:
        """Wake the reading thread, unless it is the one that calls."""
        if get_ident() != self.task_dispatcher.reading_thread:
            super().pull_trigger()


def create_servers(application: WsgiApplication, sockets: dict[int, Any], **options: Any) -> list[Server]:
    """Return what listens on each address of the host, driven by the thread that calls; `options` are waitress's own.

    Raises OSError when an address cannot be had.
    """
    adjustments = Adjustments(**options)
    adjustments.send_bytes = SEND_BYTES  # to give it as an option is deprecated
    pool = _Pool()
    pool.set_thread_count(adjustments.threads)
    return [
        Server(application, sockets, dispatcher=pool, adj=adjustments, sockinfo=where) for where in adjustments.listen
    ]
