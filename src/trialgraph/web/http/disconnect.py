"""Whether a client is still there while its query runs, as far as the WSGI server lets us see."""

import socket
from collections.abc import Callable
from typing import Any

from trialgraph.web.http.wsgi_response import Environ


def watch(environ: Environ) -> Callable[[], bool] | None:
    """Return what tells whether the client has gone; None under a server that does not show the connection.

    Waitress would tell by itself, but only while it reads ahead on every connection, which took two to five times
    the processor time per request. Looking at the socket when a query has become slow costs nothing before that.
    """
    connection = environ.get("gunicorn.socket") or _of_waitress(environ)
    if connection is None:
        return None

    def has_gone() -> bool:
        try:
            return not connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False
        except OSError:
            return True

    return has_gone


def _of_waitress(environ: Environ) -> Any:
    channel = getattr(environ.get("waitress.client_disconnected"), "__self__", None)
    return getattr(channel, "socket", None)
