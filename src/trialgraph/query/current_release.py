"""The served release: with all that queries on it need, swapped by one assignment."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from trialgraph.errors import StoreError
from trialgraph.store import CURRENT, JOIN_COPY, Merges, Release, Statistics, open_release
from trialgraph.vocabulary import BASE

_LOOK_SECONDS: Final = 0.3
"""How often the link is read again."""


@dataclass(frozen=True, slots=True, eq=False)
class Served:
    """A release that is served; whoever carries it, a request or a worker, goes on with it to the end."""

    release: Release
    statistics: Statistics | None
    merges: Merges | None
    has_join_copy: bool
    dataset: Mapping[str, Any]
    """What a worker must know of its graphs."""

    @classmethod
    def of(cls, release: Release) -> Self:
        """Return a release with what lies beside its store.

        Raises ReleaseDamaged.
        """
        has_join_copy, merges = (release.path / JOIN_COPY).is_dir(), Merges.read(release.path)
        dataset = {"base": BASE, "apart": release.apart, "graphs": merges.graphs if merges else None}
        return cls(release, Statistics.read(release.path), merges, has_join_copy, dataset)


class CurrentRelease:
    """Follows the `current` link in a thread of its own, so that no request waits for a release to be opened."""

    def __init__(self, root: Path) -> None:
        """Open the release that is current now; it stays the one until `follow` is called.

        Raises ReleaseNotFound or ReleaseDamaged when there is none to begin with.
        """
        self._root = root
        self.served = Served.of(open_release(root))
        """Read it once for whatever must not mix two releases."""
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    def follow(self, swapped: Callable[[], None] = lambda: None) -> None:
        """Follow the link from now on; `swapped` is called after each change, so all that it needs must be there."""
        self._thread = threading.Thread(target=self._follow, args=(swapped,), name="release-watch", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop following."""
        self._closing.set()
        if self._thread:
            self._thread.join()

    def _follow(self, swapped: Callable[[], None]) -> None:
        while not self._closing.wait(_LOOK_SECONDS):
            try:
                if (self._root / CURRENT).resolve() != self.served.release.path:
                    self.served = Served.of(open_release(self._root))
                    swapped()
            except (StoreError, OSError):
                pass  # being swapped or taken away: what is open still answers
