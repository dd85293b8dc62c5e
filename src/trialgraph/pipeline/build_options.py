"""What a build and an update are told: the sources, where the release goes, and how it is made."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import IO, Final

from trialgraph.pipeline.build_report import OnProgress, silent
from trialgraph.pipeline.sources import Sources
from trialgraph.release.dump_policy import DumpPolicy
from trialgraph.settings import Settings

DEFAULT_SITE: Final = Settings().site
"""Where a server of this machine answers unless it is told otherwise."""


@dataclass(frozen=True, kw_only=True)
class BuildOptions:
    """What a build and an update are told.

    >>> BuildOptions(data=Path(), ontology=Path(), shapes=Path(), root=Path("r"), issued=date(2026, 11, 30)).workers
    2
    """

    data: Path
    ontology: Path
    shapes: Path
    root: Path
    """Folder that holds the releases."""
    issued: date
    site: str = DEFAULT_SITE
    """Address of the server that will serve it, as its description says."""
    records: Sequence[Path] = ()
    """Files and folders of registry records; `-` is `standard_input`."""
    standard_input: IO[bytes] | None = None
    validate: bool = True
    strict: bool = False
    """Stop at a record that would be set aside."""
    accept_partial: bool = False
    """Let an update take a record that lacks its dates, or most of what the release has of it."""
    optimize: bool = True
    """Rewrite the store for fast reading."""
    whole_union: bool | None = None
    """Keep the registry's triples in the store's default graph too, for faster queries at half as much again of disk;
    None: while the release is small."""
    link: bool = True
    """Derive links from the records."""
    interpret: bool = True
    """Read what the texts of the records say."""
    vocabularies: Path | None = None
    """Folder of the vocabularies that names are linked by; without any, links are those that need none."""
    workers: int = 2
    """Processes that work beside this one; they change no byte of what is made."""
    policy: DumpPolicy | None = None
    """Which dumps it gets; None: as its size suggests."""
    on_progress: OnProgress = silent

    @property
    def sources(self) -> Sources:
        """The folders it is made from, wherever this process goes."""
        return Sources(self.ontology.resolve(), self.data.resolve(), self.shapes.resolve())
