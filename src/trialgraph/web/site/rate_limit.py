"""The rate limit: query seconds that each client may use, as a bucket that fills at an even rate."""

import ipaddress
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from trialgraph.web.http.problems import RequestError
from trialgraph.web.http.wsgi_response import Environ

_MOST_CLIENTS: Final = 10_000


class RateLimit:
    """Query seconds each client may still use: a bucket that fills at an even rate."""

    def __init__(self, seconds_per_minute: float, clock: Callable[[], float] = time.monotonic) -> None:
        """0 seconds means no limit."""
        self._size, self._clock = seconds_per_minute, clock
        self._lock = threading.Lock()
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_seconds(self, client: str) -> float:
        """Return how long a client must wait before it may ask again; 0 when it may."""
        if not self._size or not client:
            return 0.0
        with self._lock:
            left = self._left(client)
        return 0.0 if left > 0 else (1.0 - left) * 60.0 / self._size

    def admit(self, client: str) -> None:
        """Raise RequestError (429) when a client has used up its query seconds."""
        wait = self.wait_seconds(client)
        if wait:
            seconds = str(int(wait) + 1)
            raise RequestError(
                429,
                f"your share of query time is used up; ask again in {seconds} s, or work on a dump from /downloads/",
                [("Retry-After", seconds)],
            )

    def charge(self, client: str, seconds: float) -> None:
        """Take seconds from the share of a client."""
        if not self._size or not client or not seconds:
            return
        with self._lock:
            self._buckets[client] = (self._left(client) - seconds, self._clock())
            self._buckets.move_to_end(client)
            while len(self._buckets) > _MOST_CLIENTS:
                self._buckets.popitem(last=False)

    def _left(self, client: str) -> float:
        left, since = self._buckets.get(client, (self._size, 0.0))
        return min(self._size, left + (self._clock() - since) * self._size / 60.0)


def client_of(environ: Environ) -> str:
    """Return who asks, as far as a share is concerned: an address, for IPv6 its /64; empty for this machine itself.

    This machine has no share: it is the operator, or a proxy that speaks for many clients and is not yet believed.

    >>> client_of({"REMOTE_ADDR": "2001:db8::1:2"}), client_of({"REMOTE_ADDR": "127.0.0.1"})
    ('2001:db8::/64', '')
    """
    return _client_at(environ.get("REMOTE_ADDR", ""))


@lru_cache(maxsize=1024)
def _client_at(remote: str) -> str:
    try:
        address = ipaddress.ip_address(remote)
    except ValueError:
        return ""
    if address.is_loopback:
        return ""
    if address.version == 6:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
