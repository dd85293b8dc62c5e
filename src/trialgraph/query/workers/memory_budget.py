"""The memory of all workers together: what there may be, what there is."""

import contextlib
import os
from pathlib import Path
from typing import Final

_PAGE: Final = os.sysconf("SC_PAGE_SIZE")
_CONTAINER_LIMIT: Final = Path("/sys/fs/cgroup/memory.max")


def private_bytes(pid: int) -> int:
    """Return the memory that a process shares with no other; 0 when it has gone.

    >>> private_bytes(os.getpid()) > 2**20
    True
    """
    try:
        fields = Path(f"/proc/{pid}/statm").read_text().split()
    except OSError:
        return 0
    return (int(fields[1]) - int(fields[2])) * _PAGE


def memory_for_queries(asked: int) -> int:
    """Return how much memory all queries together may use: what was asked, or half of what this machine lets us use.

    >>> memory_for_queries(2**30)
    1073741824
    """
    if asked:
        return asked
    machine = os.sysconf("SC_PHYS_PAGES") * _PAGE
    with contextlib.suppress(OSError, ValueError):  # no container, or one without a limit ("max")
        machine = min(machine, int(_CONTAINER_LIMIT.read_text()))
    return machine // 2
