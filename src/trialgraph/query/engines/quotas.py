"""The disk that large answers take while clients fetch them: slow readers of many must not fill it."""

import shutil
import tempfile
import threading
import weakref
from typing import Final

from trialgraph.errors import EngineBusy
from trialgraph.query.request import Result, Spool

_RETRY_SECONDS: Final = 5


class SpoolRoom:
    """Room for all spooled answers that somebody still holds.

    >>> from trialgraph.formats import SPARQL_JSON
    >>> room, first = SpoolRoom(10), Result("solutions", SPARQL_JSON, 8, spool=Spool())
    >>> _ = room.hold(first)
    >>> room.bytes_held()
    8
    >>> room.hold(Result("solutions", SPARQL_JSON, 8, spool=Spool()))
    Traceback (most recent call last):
        ...
    trialgraph.errors.EngineBusy: the room for large results is taken by those being fetched; try again in 5 s
    """

    def __init__(self, asked: int) -> None:
        """Take so many bytes of the disk with the temporary files, or half of what is free there when 0 is asked."""
        self._most = asked or shutil.disk_usage(tempfile.gettempdir()).free // 2
        self._lock = threading.Lock()
        self._sizes: weakref.WeakKeyDictionary[Spool, int] = weakref.WeakKeyDictionary()

    def hold(self, result: Result) -> Result:
        """Return the result, whose room is taken from now on until its last reader lets go of it.

        Raises EngineBusy when there is no room for it.
        """
        if result.spool is not None:
            with self._lock:
                if self.bytes_held() + result.size > self._most:
                    raise EngineBusy(_RETRY_SECONDS, "the room for large results is taken by those being fetched")
                self._sizes[result.spool] = result.size
        return result

    def bytes_held(self) -> int:
        """Return the room taken now."""
        return sum(list(self._sizes.values()))
