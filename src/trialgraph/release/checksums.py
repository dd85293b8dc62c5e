"""The list of checksums that stands beside the dumps, as `sha256sum --check` reads it.

>>> from trialgraph.release.compressed_files import NONE
>>> from trialgraph import formats
>>> print(listing([DumpFile(Path("dumps/a.nq"), None, formats.N_QUADS, NONE, 3, "ab", 1)]), end="")
ab  a.nq
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from trialgraph.release.dump_writer import DumpFile

FILE_NAME: Final = "SHA256SUMS"


def listing(files: Iterable[DumpFile]) -> str:
    """Return a line for each file, in the order of their names."""
    return "".join(f"{file.sha256}  {file.path.name}\n" for file in sorted(files, key=lambda file: file.path.name))


def write_checksums(folder: Path, files: Iterable[DumpFile]) -> Path:
    """Write the list into the folder of the files; return its path."""
    path = folder / FILE_NAME
    path.write_text(listing(files), encoding="utf-8")
    return path
