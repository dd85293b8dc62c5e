"""The result cache: a release does not change, so a question keeps its answer while it is served."""

import threading
from collections import OrderedDict
from dataclasses import replace
from typing import Final

from trialgraph.query.request import Result

_ENTRY_BYTES: Final = 1024
"""What an entry costs besides its text and answer."""
_LARGEST_SHARE: Final = 4
"""An answer of more than one part in so many of the room is not kept."""

Key = tuple[str, str, tuple[str, ...] | None, tuple[str, ...] | None, str, str, bool]
"""Version of the release, text, default and named graphs, formats of tables and graphs, whether rows are capped."""


class ResultCache:
    """Results in bounded room; those used longest ago make way."""

    def __init__(self, room_bytes: int) -> None:
        self._room = room_bytes
        self._lock = threading.Lock()
        self._kept: OrderedDict[Key, Result] = OrderedDict()
        self._kept_bytes = 0
        self._hits = self._misses = 0

    def counts(self) -> dict[str, int]:
        """Return figures for the operator."""
        with self._lock:
            kept = {"cached_answers": len(self._kept), "cached_bytes": self._kept_bytes}
            return kept | {"cache_hits": self._hits, "cache_misses": self._misses}

    def get(self, key: Key) -> Result | None:
        """Return what is kept, or None."""
        with self._lock:
            kept = self._kept.get(key)
            if kept is None:
                self._misses += 1
            else:
                self._kept.move_to_end(key)
                self._hits += 1
            return kept

    def keep(self, key: Key, result: Result) -> None:
        """Keep a result, unless it is too large, or of another release than the key's."""
        cost = _cost(key, result)
        if cost * _LARGEST_SHARE > self._room or result.release not in {"", key[0]}:
            return
        with self._lock:
            # One object more, so that the first answer still says what it cost; the room for variants is shared.
            self._kept[key] = replace(result, cached=True)
            self._kept_bytes += cost
            while self._kept_bytes > self._room:
                old_key, old = self._kept.popitem(last=False)
                self._kept_bytes -= _cost(old_key, old)


def _cost(key: Key, result: Result) -> int:
    # Twice the size leaves room for the compressed forms that a server keeps with it.
    return _ENTRY_BYTES + 2 * len(key[1]) + 2 * result.size
