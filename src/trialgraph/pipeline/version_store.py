"""The versions of records that newer ones replaced, and the history graph made of all of them.

Both are files of a release, in order of NCT ids: the texts of the older versions, oldest first, and the N-Triples of
the graph. The graph depends on the texts alone, so it is the same in whatever order versions were given.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, Self

import zstandard

from trialgraph.pipeline.external_sort import read_lines
from trialgraph.terms import Triple, line
from trialgraph.vocabulary import RESOURCE

FOLDER: Final = "history"
VERSIONS: Final = f"{FOLDER}/versions.zst"
GRAPH: Final = f"{FOLDER}/history.nt.zst"
_ID: Final = slice(len("<" + RESOURCE), len("<" + RESOURCE) + len("NCT00000000"))


@dataclass(frozen=True, slots=True)
class PastVersion:
    """A version of a record that is not what the release holds."""

    nct_id: str
    raw: bytes
    """Its JSON text, in one line."""
    gone: str = ""
    """When the registry was found to hold the record no more, as a date, where this was the last version before."""


def past_versions(release: Path) -> Iterator[PastVersion]:
    """Yield the older versions that a release keeps, by NCT id and age."""
    path = release / VERSIONS
    for each in read_lines(path) if path.is_file() else ():
        nct_id, gone, raw = each[:-1].split(b"\t", 2)
        yield PastVersion(nct_id.decode(), raw, gone.decode())


def history_lines(release: Path) -> Iterator[tuple[str, bytes]]:
    """Yield NCT id and line of the triples of a release's history graph, in order."""
    path = release / GRAPH
    for each in read_lines(path) if path.is_file() else ():
        yield each[_ID].decode(), each


class VersionStore:
    """Writes both files, a record at a time, in order of NCT ids; a context manager."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, IO[bytes]] = {}
        self._digest = hashlib.sha256()

    def add(self, versions: Iterable[PastVersion], triples: Iterable[Triple]) -> None:
        """Keep the older versions of a record, and what its history says."""
        self.copy(versions, sorted({line(triple).encode() for triple in triples}))

    def copy(self, versions: Iterable[PastVersion], lines: Iterable[bytes]) -> None:
        """Keep what another release has kept of a record."""
        for each in versions:
            self._write(VERSIONS, b"%b\t%b\t%b\n" % (each.nct_id.encode(), each.gone.encode(), each.raw))
        for each_line in lines:
            self._write(GRAPH, each_line)

    def _write(self, name: str, text: bytes) -> None:
        self._digest.update(text)
        if name not in self._files:
            (self._folder / FOLDER).mkdir(exist_ok=True)
            self._files[name] = zstandard.open(self._folder / name, "wb")
        self._files[name].write(text)

    @property
    def digest(self) -> str:
        """Digest of what is kept; empty where nothing is."""
        return self._digest.hexdigest() if self._files else ""

    @property
    def names(self) -> tuple[str, ...]:
        """The files there are."""
        return tuple(sorted(self._files))

    def close(self) -> None:
        """End the files."""
        for file in self._files.values():
            file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
