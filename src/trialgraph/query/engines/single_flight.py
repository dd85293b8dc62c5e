"""Single flight: who asks what is being computed waits for that and computes nothing again."""

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Final

from trialgraph.errors import QueryAbandoned, QueryError
from trialgraph.query.request import Disconnected, Result
from trialgraph.query.resumable import Steps

_LOOK_SECONDS: Final = 0.2


@dataclass(eq=False)
class _Flight:
    """A question that is being computed, and all who wait for it."""

    done: threading.Event = field(default_factory=threading.Event)
    result: Result | None = None
    error: QueryError | None = None
    watchers: list[Disconnected | None] = field(default_factory=list)

    def everybody_left(self) -> bool:
        """Whether nobody is there any more to get the answer."""
        return all(watcher is not None and watcher() for watcher in self.watchers)


class SingleFlight:
    """Computes the same question once at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._flights: dict[Hashable, _Flight] = {}

    def steps(
        self, key: Hashable, compute: Callable[[Disconnected], Steps[Result]], disconnected: Disconnected | None
    ) -> Steps[Result]:
        """Compute, or wait for who does; `compute` is told when all who wait have gone.

        Raises what `compute` raises, to all, and QueryAbandoned.
        """
        with self._lock:
            flight = self._flights.get(key)
            leads = flight is None
            if flight is None:
                flight = self._flights[key] = _Flight()
            flight.watchers.append(disconnected)
        if not leads:
            yield
            return self._follow(flight, disconnected)
        try:
            flight.result = yield from compute(flight.everybody_left)
        except QueryError as error:
            flight.error = error
            raise
        finally:
            with self._lock:
                del self._flights[key]
            flight.done.set()
        return flight.result

    def _follow(self, flight: _Flight, disconnected: Disconnected | None) -> Result:
        while not flight.done.wait(_LOOK_SECONDS):
            if disconnected and disconnected():
                raise QueryAbandoned
        if flight.result:
            return flight.result
        raise flight.error or QueryAbandoned()
