"""The production server: waitress, which reads and writes slow clients in one thread and answers in others."""

import contextlib
import logging
import signal
import sys
import time
from collections.abc import Callable
from types import FrameType
from typing import Any, Final

from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.server import create_server
from waitress.task import ErrorTask

from trialgraph.query import open_engine
from trialgraph.settings import Settings
from trialgraph.web import create_app

_STOP_SECONDS: Final = 30.0
"""How long a stop waits for answers on their way."""
_log = logging.getLogger(__name__)


class _Refusal(ErrorTask):  # type: ignore[misc]
    """What waitress answers by itself, such as 413 and 431: with CORS too, so that a script sees the reason."""

    def execute(self) -> None:
        """Send it."""
        self.response_headers.append(("Access-Control-Allow-Origin", "*"))
        super().execute()


class _Channel(HTTPChannel):  # type: ignore[misc]
    error_task_class = _Refusal


def serve(settings: Settings, ready: Callable[[str], None] = lambda _address: None) -> None:
    """Serve until SIGTERM or SIGINT, then finish what is being answered.

    `ready` is called with the address once requests are taken.

    Raises ReleaseNotFound or ReleaseDamaged when there is nothing to serve, OSError when the port is taken.
    """
    with open_engine(settings) as engine:
        application = create_app(settings, engine, sys.stdout)
        sockets: dict[int, Any] = {}
        server = create_server(application, map=sockets, **options(settings))
        server.channel_class = _Channel
        stopping: list[int] = []

        def stop(number: int, _frame: FrameType | None) -> None:
            stopping.append(number)
            server.pull_trigger()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)
        ready(settings.site)
        while not stopping:
            _turn(sockets)
        _finish(server, sockets)


def options(settings: Settings) -> dict[str, Any]:
    """Return what waitress is told."""
    return {
        "host": settings.host,
        "port": settings.port,
        "threads": settings.web_threads,
        "ident": None,
        "asyncore_use_poll": True,
        "backlog": 1024,
        "connection_limit": 1000,
        "channel_timeout": 60,
        "cleanup_interval": 10,
        "max_request_header_size": 128 * 1024,
        "max_request_body_size": 4 * 2**20,
        "clear_untrusted_proxy_headers": False,
        "outbuf_high_watermark": 2**30,
    }


def _turn(sockets: dict[int, Any], seconds: float = 1.0) -> None:
    wasyncore.loop(timeout=seconds, use_poll=True, map=sockets, count=1)


def _finish(server: Any, sockets: dict[int, Any]) -> None:
    """Take no more requests, and send the answers that are being made."""
    with contextlib.suppress(OSError):
        server.accepting = False
        server.socket.close()
    sockets.pop(server._fileno, None)  # waitress itself closes everything or nothing
    deadline = time.monotonic() + _STOP_SECONDS
    while time.monotonic() < deadline and any(_is_busy(channel) for channel in list(sockets.values())):
        _turn(sockets, 0.1)
    server.task_dispatcher.shutdown()


def _is_busy(channel: Any) -> bool:
    return bool(getattr(channel, "requests", None)) or getattr(channel, "total_outbufs_len", 0) > 0
