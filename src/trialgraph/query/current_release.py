"""Which release is served: follows the `current` link, so a new one needs no restart."""

import threading
import time
from pathlib import Path
from typing import Final

from trialgraph.errors import StoreError
from trialgraph.store import CURRENT, Release, open_release

_LOOK_SECONDS: Final = 0.5
"""How often the link is read again."""


class CurrentRelease:
    """The release that is served now; follows the `current` link."""

    def __init__(self, root: Path) -> None:
        """Open it; raises ReleaseNotFound or ReleaseDamaged when there is none to begin with."""
        self._root = root
        self._lock = threading.Lock()
        self._release = open_release(root)
        self._looked = time.monotonic()

    def get(self) -> Release:
        """Return it; a link that cannot be followed leaves the release before in place."""
        now = time.monotonic()
        if now - self._looked > _LOOK_SECONDS and self._lock.acquire(blocking=False):
            try:
                self._looked = now
                if (self._root / CURRENT).resolve() != self._release.path:
                    self._release = open_release(self._root)
            except (StoreError, OSError):
                pass  # being swapped or taken away: what is open still answers
            finally:
                self._lock.release()
        return self._release
