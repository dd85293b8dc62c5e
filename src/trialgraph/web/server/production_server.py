"""The production server: waitress, slow clients in one thread, answers in others.

What can be answered at once is answered in the reading thread itself (see `quick.py`).
"""

import contextlib
import gc
import logging
import resource
import signal
import sys
import time
from collections.abc import Callable
from types import FrameType
from typing import Any, Final

from waitress import wasyncore

from trialgraph.query import open_engine
from trialgraph.settings import Settings
from trialgraph.web.application import create_app
from trialgraph.web.server.waitress_server import Server, create_servers

_STOP_SECONDS: Final = 30.0
"""How long a stop waits for answers on their way."""
_MOST_CONNECTIONS: Final = 2000
"""With more, looking through all of them at each turn takes longer than to answer a question."""
_FEWEST_CONNECTIONS: Final = 100
_log = logging.getLogger(__name__)


def serve(settings: Settings, ready: Callable[[str], None] = lambda _address: None) -> None:
    """Serve until SIGTERM or SIGINT, then finish what is being answered.

    `ready` is called with the address once requests are taken.

    Raises ReleaseNotFound or ReleaseDamaged when there is nothing to serve, OSError when the port is taken.
    """
    with open_engine(settings) as engine:
        application = create_app(settings, engine, sys.stdout)
        sockets: dict[int, Any] = {}
        servers = create_servers(application, sockets, **options(settings))
        stopping: list[int] = []

        def stop(number: int, _frame: FrameType | None) -> None:
            stopping.append(number)
            servers[0].trigger.pull_trigger()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)
        gc.freeze()  # what is there by now stays; the collector need not look at it again and again
        ready(settings.site)
        while not stopping:
            _turn(sockets)
        _finish(servers, sockets)


def options(settings: Settings) -> dict[str, Any]:
    """Return what waitress is told."""
    return {
        "host": settings.host,
        "port": settings.port,
        "threads": settings.web_threads,
        "ident": None,
        "asyncore_use_poll": True,
        "backlog": 1024,
        "connection_limit": max(_FEWEST_CONNECTIONS, min(_MOST_CONNECTIONS, _files() - 4 * settings.query_workers)),
        "channel_timeout": 60,
        "cleanup_interval": 10,
        "max_request_header_size": 128 * 1024,
        "max_request_body_size": 4 * 2**20,
        "clear_untrusted_proxy_headers": False,
        "outbuf_high_watermark": 2**30,
    }


def _files() -> int:
    """Return how many files this process may open, after asking for as many as it may have."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return _MOST_CONNECTIONS * 2 if allowed == resource.RLIM_INFINITY else allowed


def _turn(sockets: dict[int, Any], seconds: float = 1.0) -> None:
    wasyncore.loop(timeout=seconds, use_poll=True, map=sockets, count=1)


def _finish(servers: list[Server], sockets: dict[int, Any]) -> None:
    """Take no more requests, and send the answers that are being made."""
    for server in servers:
        with contextlib.suppress(OSError):
            server.accepting = False
            server.socket.close()
        sockets.pop(server._fileno, None)  # waitress itself closes everything or nothing
    deadline = time.monotonic() + _STOP_SECONDS
    while time.monotonic() < deadline and any(_is_busy(channel) for channel in list(sockets.values())):
        _turn(sockets, 0.1)
    servers[0].task_dispatcher.shutdown()


def _is_busy(channel: Any) -> bool:
    return bool(getattr(channel, "requests", None)) or getattr(channel, "total_outbufs_len", 0) > 0
