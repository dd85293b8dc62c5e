"""Bundles of libraries that pages load on demand (`scripts/assets.py`); pages work without.

Each bundle is one file beside a manifest that says what is in it, under which licence.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import msgspec

FOLDER: Final = Path(__file__).resolve().parents[1] / "static" / "bundles"
LICENCES: Final = "licences.txt"


class Library(msgspec.Struct, frozen=True):
    """A library of others that is part of a bundle."""

    name: str
    version: str
    licence: str


class Bundle(msgspec.Struct, frozen=True):
    """A file that a page may load: its name bears a digest of what is in it, its size is in bytes."""

    file: str
    bytes: int
    sha256: str
    libraries: tuple[Library, ...] = ()


class _Manifest(msgspec.Struct, frozen=True):
    bundles: dict[str, Bundle] = {}


@dataclass(frozen=True, slots=True)
class Bundles:
    """The bundles of a folder; empty where they were not made."""

    bundles: dict[str, Bundle]

    def address(self, name: str) -> str:
        """Return the address of a bundle on this server, empty when it is not there.

        >>> Bundles({"vega": Bundle("vega-1.js", 1, "")}).address("vega"), Bundles({}).address("vega")
        ('/static/bundles/vega-1.js', '')
        """
        found = self.bundles.get(name)
        return f"/static/bundles/{found.file}" if found else ""


@cache
def read_bundles(folder: Path = FOLDER) -> Bundles:
    """Return the bundles of a folder, once a process: those of a running server do not change.

    Raises msgspec.DecodeError when the manifest is not what `scripts/assets.py` writes.
    """
    path = folder / "manifest.json"
    if not path.is_file():
        return Bundles({})
    return Bundles(msgspec.json.decode(path.read_bytes(), type=_Manifest).bundles)
