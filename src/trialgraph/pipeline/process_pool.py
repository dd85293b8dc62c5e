"""The processes that a build's work is given to; without any it is done where it is asked for.

>>> with open_pool(1, print, ()) as pool:
...     list(pool.in_order(pool.submit(abs, number) for number in (-1, 2)))
[1, 2]
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any, Final, TypeVar

T = TypeVar("T")

_AHEAD: Final = 3
"""Pieces of work under way for each process, so that none waits for the next."""


class Pool:
    """Gives work to processes, and results back in the order in which it was given."""

    def __init__(self, executor: Executor | None, workers: int) -> None:
        self.executor = executor
        self._ahead = _AHEAD * workers if executor else 0

    def submit(self, function: Callable[..., T], *args: Any) -> Future[T]:
        """Give work."""
        if self.executor is not None:
            return self.executor.submit(function, *args)
        future: Future[T] = Future()
        future.set_result(function(*args))
        return future

    def in_order(self, futures: Iterable[Future[T]]) -> Iterator[T]:
        """Yield the results of work in order; only so much is given ahead."""
        under_way: deque[Future[T]] = deque()
        for future in futures:
            under_way.append(future)
            if len(under_way) > self._ahead:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()


@contextmanager
def open_pool(workers: int, initializer: Callable[..., object], initargs: tuple[Any, ...]) -> Iterator[Pool]:
    """Start processes, each made ready by the initializer; none when fewer than two are wanted."""
    if workers < 2:
        yield Pool(None, 1)
        return
    # They are started afresh rather than forked: a fork of a process with threads may hang. What the work needs is
    # imported once, in the process that they are forked from.
    context = get_context("forkserver")
    context.set_forkserver_preload([initializer.__module__])
    with ProcessPoolExecutor(workers, mp_context=context, initializer=initializer, initargs=initargs) as executor:
        yield Pool(executor, workers)
