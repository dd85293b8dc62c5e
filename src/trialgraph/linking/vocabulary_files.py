"""The owners' files as members to read: plain, .gz, .zst, or in a .zip or wheel, as data only.

>>> import tempfile, zipfile
>>> path = Path(tempfile.mkdtemp()) / "some.whl"
>>> with zipfile.ZipFile(path, "w") as archive:
...     archive.writestr("inside/terms.tsv", "a\\tb\\n")
>>> [(member.name, list(member.lines())) for member in members([path])]
[('inside/terms.tsv', ['a\\tb'])]
"""

import gzip
import io
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Final, cast

import zstandard

from trialgraph.errors import SourceError

_ARCHIVES: Final = (".zip", ".whl")
_REMEDY: Final = "take the owner's file again and check its size"


@dataclass(frozen=True)
class Member:
    """One file of a vocabulary, maybe inside an archive; opened anew at each reading."""

    name: str
    """Its name without the ending of a compression; inside an archive with its folders."""
    place: str
    """What an error calls it."""
    opened: Callable[[], AbstractContextManager[IO[bytes]]]
    path: Path
    """The file on disk: the member itself, or what holds it."""

    @property
    def basename(self) -> str:
        """The name without folders."""
        return PurePosixPath(self.name).name

    @property
    def archived(self) -> bool:
        """Whether it stands inside an archive, among files that may be of other vocabularies."""
        return self.path.suffix.lower() in _ARCHIVES

    def error(self, reason: str, remedy: str = _REMEDY) -> SourceError:
        """Return an error about this member."""
        return SourceError(self.place, reason, remedy)

    def lines(self, encoding: str = "utf-8") -> Iterator[str]:
        """Yield its lines without their ends. Raises SourceError for what cannot be unpacked or is no text."""
        try:
            with self.opened() as file, closing(io.TextIOWrapper(file, encoding=encoding, newline="")) as text:
                for line in text:
                    yield line.rstrip("\r\n")
        except UnicodeDecodeError as error:
            raise self.error(f"it is not {encoding}: {error}") from None
        except (OSError, EOFError, zipfile.BadZipFile, zstandard.ZstdError) as error:
            raise self.error(f"it cannot be read: {error}") from None

    def content(self) -> bytes:
        """Return all its bytes. Raises SourceError for what cannot be unpacked."""
        try:
            with self.opened() as file:
                return file.read()
        except (OSError, EOFError, zipfile.BadZipFile, zstandard.ZstdError) as error:
            raise self.error(f"it cannot be read: {error}") from None


def members(paths: Sequence[Path]) -> list[Member]:
    """Return the members of files, in the order given, those of an archive by name. Raises SourceError."""
    return [member for path in paths for member in _members(path)]


def _members(path: Path) -> Iterator[Member]:
    if not path.is_file():
        raise SourceError(str(path), "there is no such file", "give the path of the vocabulary's file")
    if path.suffix.lower() not in _ARCHIVES:
        yield Member(_uncompressed(path.name), str(path), lambda: _open(path), path)
        return
    try:
        with zipfile.ZipFile(path) as archive:
            names = sorted(info.filename for info in archive.infolist() if not info.is_dir())
    except (OSError, zipfile.BadZipFile) as error:
        raise SourceError(str(path), f"it is no zip file: {error}", _REMEDY) from None
    for name in names:
        yield Member(_uncompressed(name), f"{path}, member {name}", _opener(path, name), path)


def _opener(path: Path, name: str) -> Callable[[], AbstractContextManager[IO[bytes]]]:
    return lambda: _open_inside(path, name)


@contextmanager
def _open_inside(path: Path, name: str) -> Iterator[IO[bytes]]:
    with zipfile.ZipFile(path) as archive, archive.open(name) as file, _decompressed(file, name) as content:
        yield content


@contextmanager
def _open(path: Path) -> Iterator[IO[bytes]]:
    with path.open("rb") as file, _decompressed(file, path.name) as content:
        yield content


@contextmanager
def _decompressed(file: IO[bytes], name: str) -> Iterator[IO[bytes]]:
    with ExitStack() as stack:
        if name.lower().endswith(".gz"):
            yield cast(IO[bytes], stack.enter_context(gzip.GzipFile(fileobj=file)))
        elif name.lower().endswith(".zst"):
            yield stack.enter_context(zstandard.ZstdDecompressor().stream_reader(file))
        else:
            yield file


def _uncompressed(name: str) -> str:
    return name.removesuffix(".gz").removesuffix(".zst")
