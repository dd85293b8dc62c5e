"""Releases as folders: begun beside the others, published by one rename, found, ordered and checked."""

import fcntl
import hashlib
import json
import os
import re
import shutil
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Final, Self

from trialgraph.errors import ReleaseBusy, ReleaseDamaged, ReleaseNotFound

CURRENT: Final = "current"
MANIFEST: Final = "manifest.json"
SCORE_NOTE: Final = "score"
"""Name of the note in which a server keeps what it measured of itself."""
_DRAFT: Final = ".draft"
_VERSION: Final = re.compile(r"(\d{4}-\d{2}-\d{2})(?:\.([1-9]\d*))?")


@dataclass(frozen=True)
class Release:
    """A published release; nothing in its folder changes any more."""

    path: Path
    """Its own folder, not the `current` link, so it stays the same when another is published."""
    manifest: dict[str, Any]

    @cached_property
    def version(self) -> str:
        """Its name: the date of issue, with a number behind it when that date has several."""
        return self.path.name

    @cached_property
    def store(self) -> Path:
        """The folder of the pyoxigraph store."""
        return self.path / "store"

    @cached_property
    def apart(self) -> tuple[str, ...] | None:
        """The graphs, by their IRIs, that a query's default graph has beside the store's own (see `keep_union`).

        None where the manifest does not say: the store's own is then empty, or the release older than this program.
        """
        return tuple(self.manifest["apart"]) if "apart" in self.manifest else None


@dataclass
class Draft:
    """A release in the making; it holds the lock of its root until it is left."""

    root: Path
    version: str
    """May be settled late, but before `publish`."""
    _lock: BinaryIO = field(repr=False)
    apart: tuple[str, ...] | None = None
    """As of a release, once `keep_union` has made the default graph; until then None."""

    @property
    def path(self) -> Path:
        """The folder to write into."""
        return self.root / "versions" / _DRAFT

    @property
    def store(self) -> Path:
        """The folder for the pyoxigraph store."""
        return self.path / "store"

    def write_manifest(self, manifest: dict[str, Any]) -> None:
        """Write `manifest.json`, keys sorted, so that equal manifests are equal bytes."""
        text = json.dumps(manifest, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
        (self.path / MANIFEST).write_text(text, encoding="utf-8")

    def clear(self, *, but: tuple[str, ...] = ()) -> None:
        """Remove what the draft holds, such as what a killed build left, except what is named."""
        self.path.mkdir(parents=True, exist_ok=True)
        for inner in self.path.iterdir():
            if inner.name in but:
                continue
            if inner.is_dir() and not inner.is_symlink():
                shutil.rmtree(inner)
            else:
                inner.unlink()

    def discard(self) -> None:
        """Remove the draft."""
        shutil.rmtree(self.path, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.close()


def begin_release(root: Path, version: str = "", *, resume: bool = False) -> Draft:
    """Return a draft under the lock of `root`, which is made when it is not there.

    The draft is empty, unless `resume` is true and a killed build left one. The lock belongs to the open file,
    so it ends with its maker however that dies.

    Raises ReleaseBusy when another build or update is writing here.
    """
    (root / "versions").mkdir(parents=True, exist_ok=True)
    lock = (root / ".lock").open("wb")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise ReleaseBusy(str(root), "another build or update is writing here", "wait until it is done") from None
    draft = Draft(root, version, lock)
    if not resume:
        draft.clear()
    draft.path.mkdir(exist_ok=True)
    return draft


def publish(draft: Draft) -> Release:
    """Give the draft its place among the versions and make it the current release, in one rename.

    A release of this version that holds the same manifest and is whole is kept, and made current.

    Raises ValueError for a version that is not a date with an optional number, ReleaseDamaged when the draft has
    no manifest or the version is taken by something else.
    """
    if not _VERSION.fullmatch(draft.version):
        raise ValueError(f"not the version of a release: {draft.version!r}; it is like 2026-11-23 or 2026-11-23.2")
    target = draft.path.with_name(draft.version)
    manifest = _read_manifest(draft.path)
    if target.exists():
        kept = Release(target, _read_manifest(target))
        if kept.manifest != manifest:
            raise ReleaseDamaged(str(target), "the version is taken by a different release", "take the next number")
        verify(kept)
        draft.discard()
    else:
        _sync(draft.path)
        draft.path.rename(target)
        _sync_folder(target.parent)
    point = draft.root / f".{CURRENT}"
    point.unlink(missing_ok=True)
    point.symlink_to(Path("versions") / draft.version)
    point.replace(draft.root / CURRENT)
    _sync_folder(draft.root)
    return Release(target, manifest)


def open_release(root: Path) -> Release:
    """Return the current release.

    Raises ReleaseNotFound when none is published there, ReleaseDamaged when what is there is not whole.
    """
    current = root / CURRENT
    if not current.is_symlink():
        raise ReleaseNotFound(str(root), "no release is published here", "make one with `trialgraph build`")
    path = current.resolve()
    manifest = _read_manifest(path)
    if not (path / "store").is_dir():
        raise ReleaseDamaged(str(path), "the store is missing", "build the release again")
    return Release(path, manifest)


def releases(root: Path) -> list[Release]:
    """Return all published releases, oldest first; their paths are absolute, as that of `open_release` is."""
    folder = root.resolve() / "versions"
    found = [path for path in folder.iterdir() if _VERSION.fullmatch(path.name)] if folder.is_dir() else []
    return [Release(path, _read_manifest(path)) for path in sorted(found, key=lambda path: version_key(path.name))]


def version_key(version: str) -> tuple[str, int]:
    """Return what orders versions: the date, then the number.

    >>> sorted(["2026-11-23.10", "2026-11-24", "2026-11-23", "2026-11-23.2"], key=version_key)
    ['2026-11-23', '2026-11-23.2', '2026-11-23.10', '2026-11-24']
    """
    date, _, number = version.partition(".")
    return date, int(number or 1)


def version_for(root: Path, issued: str, content: str) -> str:
    """Return the version that content issued on a date has, or is to get.

    `content` is any digest; a release carries its own under `content` in the manifest.
    """
    same_date = [release for release in releases(root) if version_key(release.version)[0] == issued]
    for release in same_date:
        if release.manifest.get("content") == content and _is_whole(release):
            return release.version
    number = max((version_key(release.version)[1] for release in same_date), default=0) + 1
    return issued if number == 1 else f"{issued}.{number}"


def write_note(root: Path, name: str, note: dict[str, Any]) -> None:
    """Write JSON beside the releases, whole or not at all; it belongs to none of them and may change."""
    path = root / f".{name}.json.{os.getpid()}"
    path.write_text(json.dumps(note, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    path.replace(root / f"{name}.json")


def read_note(root: Path, name: str) -> dict[str, Any]:
    """Return what `write_note` wrote; nothing when there is none that can be read."""
    try:
        note = json.loads((root / f"{name}.json").read_bytes())
    except (OSError, ValueError):
        return {}
    return note if isinstance(note, dict) else {}


def verify(release: Release) -> None:
    """Check every file that the manifest lists under `files` or `dumps` against its size and SHA-256.

    Raises ReleaseDamaged for the first that differs or is missing.
    """
    for listed in (*release.manifest.get("dumps", []), *release.manifest.get("files", [])):
        path = release.path / listed["path"]
        if not path.is_file():
            raise ReleaseDamaged(str(path), "the file is missing", "build the release again")
        if path.stat().st_size != listed["bytes"] or sha256(path) != listed["sha256"]:
            raise ReleaseDamaged(str(path), "size or SHA-256 differ from the manifest", "build the release again")
    if not (release.store / "CURRENT").is_file():
        raise ReleaseDamaged(str(release.store), "the store is missing", "build the release again")


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read_manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
    except (OSError, ValueError) as error:
        raise ReleaseDamaged(str(folder), f"no readable {MANIFEST}: {error}", "build the release again") from None
    if not isinstance(manifest, dict):
        raise ReleaseDamaged(str(folder), f"{MANIFEST} is not an object", "build the release again")
    return manifest


def _is_whole(release: Release) -> bool:
    try:
        verify(release)
    except ReleaseDamaged:
        return False
    return True


def _sync(folder: Path) -> None:
    """Bring a folder and all in it to the disk, so that the rename cannot survive a power cut without them."""
    for parent, _, names in os.walk(folder):
        for name in names:
            with Path(parent, name).open("rb") as file:
                os.fsync(file.fileno())
        _sync_folder(Path(parent))


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
