"""Files, folders and what packs them: gzip, xz, bzip2, Zstandard, zip and tar, nested.

What a file is, its first bytes say; names only help to tell a record from a file beside it. Nothing is unpacked to
disk but a zip that cannot be read in place, nothing is held in memory but a window, and what comes out of a container
is bounded, so an archive made to burst one does not.
"""

import io
import lzma
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from trialgraph.errors import ForeignFile, NotTaken, UnreadableRecord
from trialgraph.registry.decompression import CHUNK, GET_IT_AGAIN, Inflation, bounded, printable, unpacker, unreadable
from trialgraph.registry.foreign_files import Foreign, foreign, foreign_archive, is_document
from trialgraph.registry.record import Limits

NOTE_SUFFIX: Final = ".fetched.json"
"""Ends the name of the note beside a downloaded file."""
_NESTED: Final = 3
"""Containers within containers: a zip of gzip files is two."""

_TAR: Final = slice(257, 262)
"""Where `ustar` stands in the first header of a tar archive."""
_HEAD: Final = 512
_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_PACKED_SUFFIXES: Final = (".gz", ".zst", ".zstd", ".xz", ".bz2")
_DAMAGE: Final = (
    tarfile.TarError,
    lzma.LZMAError,
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    RuntimeError,
    ValueError,
)
"""What `zipfile` raises for a damaged archive; RuntimeError is also its NotImplementedError."""
_NAMES_SHOWN: Final = 10


@dataclass(frozen=True, slots=True)
class Stream:
    """Bytes that should be JSON."""

    source: str
    """Name for people: the file, or the archive and its member."""
    name: str
    """The file's name without the suffixes of what it was packed in."""
    chunks: Iterator[bytes]
    """Raises UnreadableRecord where no more can be had."""


Found = Stream | UnreadableRecord | NotTaken


def in_path(path: Path, limits: Limits) -> Iterator[Found]:
    """Yield the streams of a file, or of the files of a folder in the order of their names.

    Of a folder, hidden files, the notes that `download` leaves, and what by its name stands beside data (a README, a
    program, checksums) and does not begin like records are passed over. Everything else is taken or named, and so is
    everything where nothing else is there.
    """
    if not path.is_dir():
        yield from _in_regular_file(path, limits)
        return
    empty, passed = True, list[str]()
    for inner in _walk(path):
        if isinstance(inner, UnreadableRecord):
            empty = False
            yield inner
            continue
        head = _first_bytes(inner)
        if not is_document(inner.name) or foreign(inner.name, head) or _starts_like_records(head):
            empty = False
            yield from _in_regular_file(inner, limits)
        else:
            passed.append(inner.name)
    if empty:
        reason = f"no file in it is a record; there {_listed(passed)}" if passed else "the folder is empty"
        yield unreadable(str(path), reason, "name the folder or the files that hold records")
    elif passed:
        yield _passed_over(str(path), passed)


def _passed_over(source: str, names: list[str]) -> NotTaken:
    reason = f"there {_listed(names)}, passed over as no data by the name"
    return NotTaken(reason, "name the file itself if it holds records", source=printable(source))


def _foreign_file(source: str, found: Foreign) -> ForeignFile:
    reason = f"it is {found.kind}, not JSON"
    return ForeignFile(reason, found.remedy, source=printable(source), holds_trials=found.holds_trials)


def _listed(names: list[str]) -> str:
    shown = ", ".join(names[:_NAMES_SHOWN])
    more = f" and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else ""
    return f"{'is' if len(names) == 1 else 'are'} {shown}{more}"


def _walk(folder: Path) -> Iterator[Path | UnreadableRecord]:
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        yield unreadable(str(folder), f"the folder cannot be read: {error.strerror}", "check its permissions")
        return
    for entry in entries:
        if entry.name.startswith(".") or entry.name.endswith(NOTE_SUFFIX):
            continue
        if not entry.is_dir():
            yield entry
        elif entry.is_symlink():
            reason = "a symbolic link to a folder is not followed"
            yield unreadable(str(entry), reason, "name the folder itself")
        else:
            yield from _walk(entry)


def _first_bytes(path: Path) -> bytes:
    try:
        if path.is_file():  # to open a pipe would wait for somebody to write into it
            with path.open("rb") as file:
                return file.read(_HEAD)
    except OSError:
        pass
    return b"{"  # it is looked at again, and then the error is reported


def _starts_like_records(head: bytes) -> bool:
    text = head.removeprefix(b"\xef\xbb\xbf").split()
    bracketed = text[:1] and text[0][:1] in (b"{", b"[") and (b"".join(text)[1:2] or b'"') in b'"{[]}'
    return bool(bracketed) or unpacker(head) is not None or head.startswith(_ZIP) or _is_tar(head)


def _is_tar(head: bytes) -> bool:
    return head[_TAR] == b"ustar"


def _in_regular_file(path: Path, limits: Limits) -> Iterator[Found]:
    try:
        if not path.is_file():
            reason = "there is no such file" if not path.exists() else "it is not a regular file"
            yield unreadable(str(path), reason, "check the path")
            return
        with path.open("rb") as file:
            yield from in_file(str(path), file, limits)
    except OSError as error:
        yield unreadable(str(path), f"it cannot be opened: {error.strerror}", "check the path and its permissions")


def in_file(source: str, file: IO[bytes], limits: Limits) -> Iterator[Found]:
    """Yield the streams of an open file that can seek; it is read from its start."""
    file.seek(0)
    head = file.read(4)
    file.seek(0)
    if head.startswith(_ZIP):
        yield from _in_zip(source, file, limits, 1)
    else:
        name = source.rsplit("/", 1)[-1]
        yield from _expand(Stream(printable(source), name, _chunks(source, file)), limits, 0)


def _chunks(source: str, file: IO[bytes]) -> Iterator[bytes]:
    try:
        while chunk := file.read(CHUNK):
            yield chunk
    except _DAMAGE as error:
        reason = (
            "it is encrypted" if "password" in str(error) else f"it cannot be read on: {error or 'it ends early'}"
        )
        raise unreadable(source, reason, GET_IT_AGAIN) from None


def _expand(stream: Stream, limits: Limits, level: int) -> Iterator[Found]:
    head, chunks = _peek(stream.chunks)
    unpack = unpacker(head)
    if unpack is None and not head.startswith(_ZIP) and not _is_tar(head):
        if other := foreign(stream.name, head):
            yield _foreign_file(stream.source, other)
        else:
            yield Stream(stream.source, stream.name, chunks)
    elif level == _NESTED:
        yield unreadable(stream.source, f"more than {_NESTED} containers within each other", "unpack it first")
    elif unpack:
        inner = bounded(stream.source, chunks, unpack, limits)
        yield from _expand(Stream(stream.source, _without_packed_suffix(stream.name), inner), limits, level + 1)
    elif _is_tar(head):
        yield from _in_tar(Stream(stream.source, stream.name, chunks), limits, level + 1)
    else:
        yield from _in_spooled_zip(Stream(stream.source, stream.name, chunks), limits, level + 1)


def _peek(chunks: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    first = b""
    try:
        while len(first) < _HEAD and (chunk := next(chunks, b"")):
            first += chunk
    except UnreadableRecord as error:
        return first, _again(first, _raising(error))
    return first[:_HEAD], _again(first, chunks)


def _again(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    if first:
        yield first
    yield from rest


def _raising(error: UnreadableRecord) -> Iterator[bytes]:
    yield b""
    raise error


def _without_packed_suffix(name: str) -> str:
    suffix = next((suffix for suffix in _PACKED_SUFFIXES if name.lower().endswith(suffix)), "")
    return name[: len(name) - len(suffix)]


# --- zip ----------------------------------------------------------------------------------------------------------


def _in_spooled_zip(stream: Stream, limits: Limits, level: int) -> Iterator[Found]:
    with tempfile.TemporaryFile() as file:
        try:
            for chunk in stream.chunks:
                file.write(chunk)
        except UnreadableRecord as error:
            yield error
            return
        yield from _in_zip(stream.source, file, limits, level)


def _in_zip(source: str, file: IO[bytes], limits: Limits, level: int) -> Iterator[Found]:
    try:
        archive = zipfile.ZipFile(file)
    except _DAMAGE as error:
        yield unreadable(source, f"the zip file is damaged or cut off: {error}", GET_IT_AGAIN)
        return
    if other := foreign_archive(source, archive.namelist()):
        yield _foreign_file(source, other)
        return
    with archive:
        opened = _Archive(source, archive, Inflation(source, limits, file.seek(0, 2)), limits)
        empty, passed = True, list[str]()
        for member in sorted(archive.infolist(), key=lambda each: (each.filename, each.header_offset)):
            for found in opened.member(member, passed):
                empty = False
                yield from _expand(found, limits, level) if isinstance(found, Stream) else (found,)
    if empty:
        yield unreadable(source, "no file in it is a record, or its directory is damaged", "look into it")
    elif passed:
        yield _passed_over(source, passed)


class _Reader(io.RawIOBase):
    """Chunks as a file that is read from its start."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._left = b""
        self._size = 0
        self._last = b""

    def is_whole(self) -> bool:
        """Tell, once all is read, whether it ends as a tar archive does: with a block of zeros."""
        while self._next():
            pass
        return self._size % _HEAD == 0 and not self._last.strip(b"\0")

    def _next(self) -> bytes:
        chunk = next(self._chunks, b"")
        self._size += len(chunk)
        self._last = (self._last + chunk)[-_HEAD:]
        return chunk

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer)
        while not self._left:
            self._left = self._next()
            if not self._left:
                return 0
        part, self._left = self._left[: len(view)], self._left[len(view) :]
        view[: len(part)] = part
        return len(part)


def _in_tar(stream: Stream, limits: Limits, level: int) -> Iterator[Found]:
    empty, reader, passed = True, _Reader(stream.chunks), list[str]()
    try:
        with tarfile.open(fileobj=io.BufferedReader(reader, CHUNK), mode="r|") as archive:
            for member in archive:
                source = printable(f"{stream.source}/{member.name}")
                file = archive.extractfile(member) if member.isreg() and not _hidden(member.name) else None
                if file is None:
                    continue
                head, chunks = _peek(_chunks(source, file))
                name = member.name.rsplit("/", 1)[-1]
                if not is_document(name) or foreign(name, head) or _starts_like_records(head):
                    empty = False
                    yield from _expand(Stream(source, name, chunks), limits, level)
                else:
                    passed.append(member.name)
        if not reader.is_whole():
            yield unreadable(stream.source, "the tar archive is cut off", GET_IT_AGAIN)
            return
    except UnreadableRecord as error:
        yield error
        return
    except _DAMAGE as error:
        yield unreadable(stream.source, f"the tar archive is damaged or cut off: {error}", GET_IT_AGAIN)
        return
    if empty:
        yield unreadable(stream.source, "no file in it is a record", "look into it")
    elif passed:
        yield _passed_over(stream.source, passed)


def _hidden(name: str) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in name.split("/") if part != "..")


@dataclass(frozen=True, slots=True)
class _Archive:
    source: str
    archive: zipfile.ZipFile
    counter: Inflation
    limits: Limits

    def member(self, member: zipfile.ZipInfo, passed: list[str]) -> Iterator[Found]:
        """Yield the stream of a member, or why there is none; the name of one that is no data goes to `passed`."""
        source = printable(f"{self.source}/{member.filename}")
        if member.filename.endswith("/") or _hidden(member.filename):
            return
        if member.flag_bits & 1:
            yield unreadable(source, "it is encrypted", "unpack the archive with its password first")
            return
        try:
            file = self.archive.open(member)
        except _DAMAGE as error:
            yield unreadable(source, f"it cannot be unpacked: {error}", GET_IT_AGAIN)
            return
        with file:
            head, chunks = _peek(self._chunks(source, member, file))
            if not is_document(member.filename) or foreign(member.filename, head) or _starts_like_records(head):
                yield Stream(source, member.filename.rsplit("/", 1)[-1], chunks)
            else:
                passed.append(member.filename)

    def _chunks(self, source: str, member: zipfile.ZipInfo, file: IO[bytes]) -> Iterator[bytes]:
        chunks = (self.counter.unpacked(chunk) for chunk in _chunks(source, file))
        # A member that a record could fill is read whole, so that its checksum is known before it is believed.
        return _joined(chunks) if member.file_size <= self.limits.record_bytes else chunks


def _joined(chunks: Iterable[bytes]) -> Iterator[bytes]:
    yield b"".join(chunks)
