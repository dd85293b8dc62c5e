"""Resumable work: a generator yields where it would wait, and who runs it chooses where to wait.

A server's main thread takes the first step of every query, which answers the quick ones without another thread; only
what is left after that is worth handing over.

>>> def answer():
...     yield
...     return "late"
>>> finish(answer())
'late'
"""

from collections.abc import Generator
from typing import TypeVar

T = TypeVar("T")
Steps = Generator[None, None, T]
"""What yields before each wait, and returns what it made."""


def finish(steps: Steps[T]) -> T:
    """Take all steps, however long they wait, and return what was made."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            made: T = end.value
            return made
