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

    def admit(self, environ: Environ) -> None:
        """Raise RequestError (429) when the client of a request has used up its query seconds."""
        client = client_at(environ.get("REMOTE_ADDR", ""))
        if not self._size or not client:
            return
        with self._lock:
            left = self._left(client)
        if left <= 0:
            seconds = str(int((1.0 - left) * 60.0 / self._size) + 1)
            raise RequestError(
                429,
                f"your share of query time is used up; ask again in {seconds} s, or work on a dump from /downloads/",
                [("Retry-After", seconds)],
            )

    def charge(self, environ: Environ, seconds: float) -> None:
        """Take seconds from the share of the client of a request."""
        client = client_at(environ.get("REMOTE_ADDR", ""))
        if not self._size or not client:
            return
        with self._lock:
            self._buckets[client] = (self._left(client) - seconds, self._clock())
            self._buckets.move_to_end(client)
            while len(self._buckets) > _MOST_CLIENTS:
                self._buckets.popitem(last=False)

    def _left(self, client: str) -> float:
        left, since = self._buckets.get(client, (self._size, 0.0))
        return min(self._size, left + (self._clock() - since) * self._size / 60.0)


@lru_cache(maxsize=1024)
def client_at(remote: str) -> str:
    """Return who asks, as far as a share is concerned: an address, for IPv6 its /64; empty for this machine itself.

    This machine has no share: it is the operator, or a proxy that speaks for many clients and is not yet believed.

    >>> client_at("2001:db8::1:2"), client_at("127.0.0.1")
    ('2001:db8::/64', '')
    """
    try:
        address = ipaddress.ip_address(remote)
    except ValueError:
        return ""
    if address.is_loopback:
        return ""
    if address.version == 6:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
