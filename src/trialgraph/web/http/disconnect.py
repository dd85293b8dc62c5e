"""Whether a client is still there while its query runs, as far as the WSGI server lets us see."""

import socket
from typing import Any

from trialgraph.web.http.wsgi_response import Environ


def has_gone(environ: Environ) -> bool:
    """Return whether the client has gone; False under a server that does not show the connection.

    Waitress would tell by itself, but only while it reads ahead on every connection, which took two to five times
    the processor time per request. Looking at the socket when a query has become slow costs nothing before that.

    >>> has_gone({})
    False
    """
    channel: Any = getattr(environ.get("waitress.client_disconnected"), "__self__", None)
    connection = environ.get("gunicorn.socket") or getattr(channel, "socket", None)
    if connection is None:
        return channel is not None  # it has been closed
    try:
        return not connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return False
    except OSError:
        return True
