r"""Sorting more lines than memory holds: sorted runs on disk, then one merge.

>>> import tempfile
>>> sorter = Sorter(Path(tempfile.mkdtemp()), memory_bytes=1)
>>> for line in (b"b\n", b"a\n", b"c\n"):
...     sorter.add(line)
>>> list(sorter.sorted())
[b'a\n', b'b\n', b'c\n']
"""

import heapq
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import zstandard

_RUN_LEVEL: Final = 1
_OVERHEAD: Final = 60
"""Bytes that a line takes in memory beyond its own."""


class Sorter:
    """Takes lines in any order and gives them back in byte order; equal lines as often as they came, or once."""

    def __init__(self, folder: Path, *, unique: bool = False, memory_bytes: int = 96 * 2**20) -> None:
        self._folder = folder
        self._unique = unique
        self._limit = memory_bytes
        self._lines: list[bytes] = []
        self._size = 0
        self._runs: list[Path] = []

    def add(self, line: bytes) -> None:
        """Take a line, with its line end."""
        self._lines.append(line)
        self._size += len(line) + _OVERHEAD
        if self._size >= self._limit:
            self._shrink()

    def sorted(self, *, keep: bool = False) -> Iterator[bytes]:
        """Yield all lines in order; the runs on disk are removed behind it, unless they are kept to go on from."""
        merged = heapq.merge(*map(read_lines, self._runs), self._in_order()) if self._runs else iter(self._in_order())
        last = None
        for line in merged:
            if self._unique and line == last:
                continue
            yield line
            last = line
        for run in self._runs if not keep else ():
            run.unlink()

    def _in_order(self) -> list[bytes]:
        return sorted(set(self._lines)) if self._unique else sorted(self._lines)

    def _shrink(self) -> None:
        """Make room: by dropping equal lines where that is allowed and enough, or by writing a run."""
        lines = self._in_order()
        self._lines, self._size = lines, sum(map(len, lines)) + _OVERHEAD * len(lines)
        if self._size < self._limit // 2:
            return
        run = self._folder / f"run-{id(self):x}-{len(self._runs)}.zst"
        with zstandard.open(run, "wb", cctx=zstandard.ZstdCompressor(level=_RUN_LEVEL)) as file:
            file.write(b"".join(lines))
        self._runs.append(run)
        self._lines, self._size = [], 0


def read_lines(run: Path) -> Iterator[bytes]:
    """Yield the lines of a Zstandard file."""
    with run.open("rb") as file, zstandard.ZstdDecompressor().stream_reader(file) as stream:
        yield from io.BufferedReader(stream, 2**18)
