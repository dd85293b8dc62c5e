"""Deferral: the server's own thread answers what it can at once and hands on what must wait.

Handing a request to another thread costs more than most queries do. So the server marks the request as hurried; an
application that would wait raises `Deferred` instead, having put aside what it began, and goes on where it was when
the same request comes to it again, in a thread that may wait.
"""

from collections.abc import Callable
from typing import Any, Final, TypeVar

from trialgraph.query import Steps
from trialgraph.web.http.wsgi_response import Environ

T = TypeVar("T")
HURRIED: Final = "trialgraph.hurried"
"""Key of the WSGI variables that is there while nobody may wait."""
_BEGUN: Final = "trialgraph.begun"


class Deferred(BaseException):
    """The answer is not ready at once; no error, so nothing on the way may take it for one."""


def step_by_step(environ: Environ, begin: Callable[[], Steps[T]]) -> T:
    """Return what the steps make; in a hurry no more than the first.

    Raises Deferred, and what the steps raise.

    >>> def waiting():
    ...     yield
    ...     return "made"
    >>> environ = {HURRIED: True}
    >>> try:
    ...     step_by_step(environ, waiting)
    ... except Deferred:
    ...     del environ[HURRIED]
    >>> step_by_step(environ, lambda: [])  # what was begun goes on
    'made'
    """
    begun: Any = environ.pop(_BEGUN, None)
    steps: Steps[T] = begin() if begun is None else begun
    try:
        next(steps)
        while HURRIED not in environ:
            next(steps)
    except StopIteration as end:
        made: T = end.value
        return made
    environ[_BEGUN] = steps
    raise Deferred
