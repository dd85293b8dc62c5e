"""Connections of waitress, hardened: refusals arrive, slow senders do not stay, no header is missing.

Waitress closes a connection as soon as it has refused a request, while the client may still send: the kernel then
resets it, and the client never reads why. And it lets a request take for ever, if only a byte comes now and then.
"""

import socket
import time
from typing import Any, Final

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.receiver import ChunkedReceiver
from waitress.task import ErrorTask
from waitress.utilities import RequestEntityTooLarge

from trialgraph.web.http.security_headers import EVERYWHERE

_LINGER_BYTES: Final = 256 * 2**20
"""What a client may go on sending, unread, after it has been refused."""
_BLOCK: Final = 2**18


class Refusal(ErrorTask):  # type: ignore[misc]
    """The answer to what is no request, or too large a one; with the headers that every answer has."""

    def execute(self) -> None:
        """Write it."""
        self.channel.has_refused = True
        self.response_headers.extend(EVERYWHERE)
        super().execute()


class Request(HTTPRequestParser):  # type: ignore[misc]
    """A request that is being received."""

    completed: bool

    def __init__(self, adjustments: Any) -> None:
        super().__init__(adjustments)
        self.since = time.time()

    def received(self, data: bytes) -> int:
        """Take bytes; return how many belong to this request."""
        consumed: int = super().received(data)
        most = self.adj.max_request_body_size
        announced = self.body_rcv.chunk_remainder if isinstance(self.body_rcv, ChunkedReceiver) else 0
        if not self.completed and announced > most:
            # It would be refused when that much has come; no need to wait for it.
            self.error = RequestEntityTooLarge(f"exceeds max_body of {most}")
            self.completed = True
        return consumed


class Connection(HTTPChannel):  # type: ignore[misc]
    """One connection."""

    error_task_class = Refusal
    parser_class = Request
    last_activity: float
    close_when_flushed: bool
    has_refused = False
    """Whether what the client still sends is of no interest."""
    _unread = -1
    """Bytes thrown away since the last word was said; negative before that."""

    @property
    def is_idle(self) -> bool:
        """Whether nothing would be lost for an honest client if it were closed: it can ask again."""
        return not self.requests and not self.total_outbufs_len

    def readable(self) -> bool:
        """Return whether the server should look for bytes from the client."""
        return self._unread >= 0 or bool(super().readable())

    def handle_read(self) -> None:
        """Take what the client sends."""
        if self._unread >= 0:
            self._throw_away()
            return
        super().handle_read()
        if self.request is not None:
            # The clock of a request runs from its first byte, not from its latest.
            self.last_activity = min(self.last_activity, self.request.since)

    def handle_write(self) -> None:
        """Send what is there to send; after a refusal, say that nothing follows, but listen on."""
        if not (self.has_refused and self.close_when_flushed):
            super().handle_write()
            return
        self._flush_exception(self._flush_some)
        if self.will_close:
            self.handle_close()
        elif not self.total_outbufs_len:
            self.close_when_flushed, self._unread = False, 0
            try:
                self.socket.shutdown(socket.SHUT_WR)
            except OSError:
                self.handle_close()

    def _throw_away(self) -> None:
        try:
            size = len(self.socket.recv(_BLOCK))
        except BlockingIOError:
            return
        except OSError:
            size = 0
        self._unread += size
        if not size or self._unread > _LINGER_BYTES:
            self.handle_close()
