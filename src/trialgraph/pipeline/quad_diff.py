"""The change set between two releases: which N-Quads of records were removed and which added."""

import gzip
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Final

from trialgraph.pipeline.shard_files import Shard, read_part
from trialgraph.syntaxes.subject_groups import quads_of
from trialgraph.vocabulary import GRAPHS, RESOURCE, Graph

_ID: Final = slice(len("<" + RESOURCE), len("<" + RESOURCE) + len("NCT00000000"))
"""Where in a line the NCT id stands: every subject of a record is the trial or a part of it."""

Record = tuple[bytes, list[bytes]]
"""NCT id and lines of a record."""


@dataclass(frozen=True)
class Difference:
    """How the lines of one record differ."""

    removed: list[bytes]
    added: list[bytes]
    again: list[bytes]
    """Lines that stay, but whose literal a store may have taken for the same as a removed one (`"1.0"`, `"1.00"`)."""


def differences(
    old: Iterable[Shard], old_folder: Path, new: Iterable[Shard], new_folder: Path
) -> Iterator[Difference]:
    """Yield how records differ, in order of their NCT ids; chunks that are the same are not even looked into."""
    old, new = list(old), list(new)
    same = {made.key for made in old} & {made.key for made in new}
    before = _records([made for made in old if made.key not in same], old_folder)
    after = _records([made for made in new if made.key not in same], new_folder)
    for was, now in _paired(before, after):
        if was != now:
            yield _difference(was, now)


def _records(made: list[Shard], folder: Path) -> Iterator[Record]:
    for each in made:
        lines = read_part(each, folder, "nt").splitlines(keepends=True)
        for nct_id, own in groupby(lines, key=lambda line: line[_ID]):
            yield nct_id, list(own)


def _paired(before: Iterator[Record], after: Iterator[Record]) -> Iterator[tuple[list[bytes], list[bytes]]]:
    """Yield the lines of each record before and after; no lines where there is no record."""
    was, now = next(before, None), next(after, None)
    while was or now:
        if now is None or (was is not None and was[0] < now[0]):
            yield was[1] if was else [], []
            was = next(before, None)
        elif was is None or now[0] < was[0]:
            yield [], now[1]
            now = next(after, None)
        else:
            yield was[1], now[1]
            was, now = next(before, None), next(after, None)


def _difference(was: list[bytes], now: list[bytes]) -> Difference:
    old, new = set(was), set(now)
    removed = [line for line in was if line not in new]
    touched = {tuple(line.split(b" ", 2)[:2]) for line in removed}
    kept = [line for line in now if line in old]
    return Difference(
        removed=removed,
        added=[line for line in now if line not in old],
        again=[line for line in kept if tuple(line.split(b" ", 2)[:2]) in touched] if touched else [],
    )


class ChangeSet:
    """Writes `removed.nq.gz` and `added.nq.gz`, and what to load into a copy of the store."""

    def __init__(self, folder: Path, scratch: Path) -> None:
        folder.mkdir()
        self.removed = folder / "removed.nq.gz"
        self.added = folder / "added.nq.gz"
        self._again = scratch / "again.nq.gz"
        self.counts = {"quads removed": 0, "quads added": 0}

    def write(self, found: Iterable[Difference], derived: Iterable[tuple[str, bytes, bool]] = ()) -> None:
        """Write all differences: of records, then those of derived graphs (short name, line, whether it is new)."""
        with _writer(self.removed) as removed, _writer(self.added) as added, _writer(self._again) as again:
            for difference in found:
                self.counts["quads removed"] += len(difference.removed)
                self.counts["quads added"] += len(difference.added)
                for file, lines in (
                    (removed, difference.removed),
                    (added, difference.added),
                    (again, difference.again),
                ):
                    file.write(quads_of(b"".join(lines), Graph.REGISTRY))
            for name, line, is_new in derived:
                way = "added" if is_new else "removed"
                for count in (f"quads {way}", f"quads of {name} {way}"):
                    self.counts[count] = self.counts.get(count, 0) + 1
                (added if is_new else removed).write(quads_of(line, GRAPHS[name]))

    def to_load(self) -> Iterator[bytes]:
        """Yield what is to be loaded once the removed quads are gone, in blocks of whole lines."""
        for path in (self.added, self._again):
            yield from blocks(path)


@contextmanager
def _writer(path: Path) -> Iterator[gzip.GzipFile]:
    """Open a gzip file that says nothing of its name and time, so that the same lines are the same bytes."""
    with path.open("wb") as file, gzip.GzipFile("", "wb", 6, file, mtime=0) as packed:
        yield packed


def blocks(path: Path) -> Iterator[bytes]:
    """Yield a gzip file of lines in blocks of whole lines, of about a megabyte."""
    with gzip.open(path) as file:
        while lines := file.readlines(2**20):
            yield b"".join(lines)
