"""The exit status of each error, and how a command ends with it."""

import sys
from collections.abc import Callable
from functools import wraps
from typing import Final, NoReturn, ParamSpec, TypeVar

import click

from trialgraph import errors

EXIT_STATUS: Final[dict[type[errors.TrialgraphError], int]] = {
    errors.NonconformanceError: 1,
    errors.RecordError: 1,
    errors.SettingError: 2,
    errors.FormatError: 2,
    errors.StoreError: 3,
    errors.ReleaseBusy: 4,
    errors.QueryError: 5,
    errors.FetchError: 6,
    errors.SourceError: 7,
    errors.ShapeError: 7,
    errors.MappingError: 7,
}
"""What each error means for the exit status; an error not named here has that of its parent."""

SOME_SET_ASIDE: Final = 8
"""Exit status of a build or update that published a release, but set records aside."""

P = ParamSpec("P")
R = TypeVar("R")


def exit_status(error: errors.TrialgraphError) -> int:
    """Return the exit status of an error.

    >>> exit_status(errors.ReleaseBusy("release", "busy", "wait")), exit_status(errors.QueryTimeout(30.0))
    (4, 5)
    """
    return next(EXIT_STATUS[kind] for kind in type(error).__mro__ if kind in EXIT_STATUS)


def reports_errors(command: Callable[P, R]) -> Callable[P, R]:
    """Let a command end with the message and the exit status of what goes wrong, not with a traceback."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except errors.TrialgraphError as error:
            fail(error)

    return run


def fail(error: errors.TrialgraphError) -> NoReturn:
    """Print the error and end with its exit status."""
    click.echo(f"trialgraph: {error}", err=True)
    sys.exit(exit_status(error))
