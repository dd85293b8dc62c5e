"""The few places for long queries, and the memory of which queries are long."""

import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from trialgraph.errors import EngineBusy

_REMEMBERED: Final = 2048
_RETRY_SECONDS: Final = 5
WAIT_SECONDS: Final = 3.0
"""How long a query waits for a slow place: for its own good, and lest the server is kept busy with refusing."""
_MOST_WAITING: Final = 48


@dataclass(slots=True)
class Place:
    """Where one query runs: express at first, slow when it takes longer."""

    _places: "Places"
    _key: tuple[object, ...]
    was_long: bool
    """Whether it took long before."""
    is_slow: bool = False

    def become_slow(self, most_seconds: float = WAIT_SECONDS) -> None:
        """Take one of the slow places; with all taken, wait in a short queue for at most so many seconds.

        Raises EngineBusy when none is given back in time.
        """
        self.remember_slow()
        if not self._places.take(min(WAIT_SECONDS, most_seconds)):
            raise EngineBusy(_RETRY_SECONDS, "all places for long queries are taken")
        self.is_slow = True

    def remember_slow(self) -> None:
        """Take note that this query is long, so that it is not begun again in vain."""
        self._places.remember(self._key)

    def remember_quick(self) -> None:
        """Forget that this query was long: now it was not, so what made it so was not the query."""
        self._places.forget(self._key)


class Places:
    """All places.

    >>> places = Places(1)
    >>> with places.entering(("long",)) as one, places.entering(("also long",)) as two:
    ...     one.become_slow()
    ...     two.become_slow(0)
    Traceback (most recent call last):
        ...
    trialgraph.errors.EngineBusy: all places for long queries are taken; try again in 5 s
    """

    def __init__(self, slow: int) -> None:
        self.semaphore = threading.BoundedSemaphore(slow)
        self._lock = threading.Lock()
        self._queue = threading.Semaphore(_MOST_WAITING)
        # Texts can be long, so it is their hashes that are remembered.
        self._long: OrderedDict[int, None] = OrderedDict()

    @contextmanager
    def entering(self, key: tuple[object, ...]) -> Iterator[Place]:
        """Give a place for one query; a slow place that it took is given back at the end."""
        place = Place(self, key, self.is_long(key))
        try:
            yield place
        finally:
            if place.is_slow:
                self.semaphore.release()

    def take(self, seconds: float) -> bool:
        """Take a slow place, if one is free in so many seconds; but only so many may wait."""
        if self.semaphore.acquire(blocking=False):
            return True
        if seconds <= 0 or not self._queue.acquire(blocking=False):
            return False
        try:
            return self.semaphore.acquire(timeout=seconds)
        finally:
            self._queue.release()

    def is_long(self, key: tuple[object, ...]) -> bool:
        """Whether this query took long before."""
        return hash(key) in self._long

    def remember(self, key: tuple[object, ...]) -> None:
        """Take note that a query is long."""
        with self._lock:
            self._long[hash(key)] = None
            self._long.move_to_end(hash(key))
            while len(self._long) > _REMEMBERED:
                self._long.popitem(last=False)

    def forget(self, key: tuple[object, ...]) -> None:
        """Take note that a query is long no more."""
        with self._lock:
            self._long.pop(hash(key), None)
