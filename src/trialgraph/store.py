"""Releases on disk: made beside the one that is served, swapped in whole, read by anyone.

    ROOT/
      .lock                    held by the one build or update that may write
      score.json               what a server measured of itself when it started
      current -> versions/…    the only thing that publishing changes, in one rename
      versions/
        2026-11-23/            manifest.json  store/  dumps/  records/  report.ttl  rejected.jsonl
        .draft/                what a build is writing, or a killed one left for the next to resume

A reader sees the old release or the new one, never half of either, whenever a build is killed. This room knows
nothing of trials; it is also the only one, with the query worker, that opens a pyoxigraph store.

>>> import tempfile
>>> root = Path(tempfile.mkdtemp())
>>> with begin_release(root, "2026-11-23") as draft:
...     bulk_load(draft.store, [b"<https://e.org/s> <https://e.org/p> <https://e.org/o> <https://e.org/g> .\\n"])
...     draft.write_manifest({"issued": "2026-11-23"})
...     published = publish(draft)
>>> open_release(root).version, [release.version for release in releases(root)]
('2026-11-23', ['2026-11-23'])
>>> len(list(Reader(published).quads("https://e.org/g")))
1
"""

import fcntl
import hashlib
import json
import os
import re
import shutil
import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Final, Self

import pyoxigraph as ox

from trialgraph.errors import ReleaseBusy, ReleaseDamaged, ReleaseNotFound
from trialgraph.terms import Term, Triple, from_oxigraph, line

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

    @property
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


class Reader:
    """The store of a release, opened for reading by the making wing; its results belong to the asking thread.

    Queries of ours see the default graph that those of users see, where the store has one (see `keep_union`).
    """

    def __init__(self, release: Release | Draft, opened: ox.Store | None = None) -> None:
        """Read from `opened` where the store is open already."""
        self._store = opened or ox.Store.read_only(str(release.store))
        kept = release.apart
        self._kept = None if kept is None else [ox.DefaultGraph(), *map(ox.NamedNode, kept)]

    def close(self) -> None:
        """Let go of the store."""
        del self._store

    def quads(self, graph: str, subject: str | None = None) -> Iterator[Triple]:
        """Yield the triples of a named graph, given by its IRI, or of one subject in it."""
        node = None if subject is None else ox.NamedNode(subject)
        for quad in self._store.quads_for_pattern(node, None, None, ox.NamedNode(graph)):
            yield from_oxigraph(quad.subject), from_oxigraph(quad.predicate), from_oxigraph(quad.object)

    def tree(self, graph: str, root: str) -> Iterator[Triple]:
        """Yield the triples of a resource and of its parts: what it leads to whose IRI begins with its own."""
        waiting, seen, prefix = [root], {root}, f"<{root}/"
        while waiting:
            for triple in self.quads(graph, waiting.pop()):
                yield triple
                part = triple[2][1:-1]
                if triple[2].startswith(prefix) and part not in seen:
                    seen.add(part)
                    waiting.append(part)

    def select(self, query: str) -> Iterator[tuple[Term | None, ...]]:
        """Yield the rows of a SELECT of our own, over the union of all graphs; never give it a query of a user's.

        While the store of a draft has no default graph yet, a triple of several graphs is met once in each of them.
        """
        solutions = self._query(query)
        if not isinstance(solutions, ox.QuerySolutions):
            raise TypeError("only SELECT gives rows")
        for row in solutions:
            yield tuple(None if term is None else from_oxigraph(term) for term in row)

    def answer(self, query: str) -> bytes:
        """Return the answer to a SELECT or ASK of our own, over the same graphs, as SPARQL 1.1 Query Results JSON."""
        found = self._query(query)
        if isinstance(found, ox.QueryTriples):
            raise TypeError("only SELECT and ASK give results")
        return found.serialize(format=ox.QueryResultsFormat.JSON) or b""

    def _query(self, query: str) -> Any:
        kept: Any = self._kept
        return self._store.query(query, use_default_graph_as_union=kept is None, default_graph=kept)


class Memory:
    """Triples in memory that answer SELECT queries of our own, such as the rules of shapes."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self._store = ox.Store()
        text = "".join(line(triple) for triple in triples)
        self._store.bulk_load(text.encode(), ox.RdfFormat.N_TRIPLES)

    def select(self, query: str) -> Iterator[dict[str, Term | None]]:
        """Yield the rows, by name of variable."""
        solutions = self._store.query(query)
        if not isinstance(solutions, ox.QuerySolutions):
            raise TypeError("only SELECT gives rows")
        names = [variable.value for variable in solutions.variables]
        for row in solutions:
            yield {n: None if term is None else from_oxigraph(term) for n, term in zip(names, row, strict=True)}


_LOADERS: Final = 2
"""Threads that load one store: two double the rate, a third adds nothing."""
_BYTES_A_CALL: Final = 32 * 2**20
"""N-Quads of one bulk_load call (about 150,000): its memory grows with what it is given, its rate does not."""


def bulk_load(path: Path, blocks: Iterable[bytes], *, optimize: bool = True) -> None:
    """Load blocks of N-Quads into the store at `path`, each of whole lines.

    `optimize` then rewrites the store for fast reading, at a sixth of the time of loading. The N-Quads are trusted:
    IRIs are not checked again.

    Raises SyntaxError for what is not N-Quads.
    """
    opened = [ox.Store(str(path))]
    portions, lock = _portions(blocks), threading.Lock()

    def load() -> None:
        while portion := _next(portions, lock):
            opened[0].bulk_load(portion, ox.RdfFormat.N_QUADS, lenient=True)

    try:
        with ThreadPoolExecutor(_LOADERS) as pool:
            for loading in [pool.submit(load) for _ in range(_LOADERS)]:
                loading.result()
        if optimize:
            opened[0].optimize()
        opened[0].flush()
    finally:
        opened.clear()  # or an error's traceback would keep it open, and locked


def _next(portions: Iterator[bytes], lock: threading.Lock) -> bytes:
    with lock:
        return next(portions, b"")


def _portions(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield blocks put together to about what one call is to load; none is cut, for it may share blank nodes."""
    waiting: list[bytes] = []
    size = 0
    for block in blocks:
        waiting.append(block)
        size += len(block)
        if size >= _BYTES_A_CALL:
            yield b"".join(waiting)
            waiting, size = [], 0
    if waiting:
        yield b"".join(waiting)


def keep_union(path: Path, apart: Sequence[str]) -> None:
    """Keep in the default graph what the named graphs hold together, each triple once, without the graphs `apart`.

    The default graph of a query is the union of all graphs (RDF 1.1 Semantics, section 5.2: a set), but Oxigraph
    answers from each graph that holds a triple. So queries are given the default graph and a large graph that is kept
    apart, which have no triple in common; nothing large is stored twice. With nothing apart, loading has put every
    triple there already.
    """
    if not apart:
        return
    store, large = ox.Store(str(path)), [ox.NamedNode(graph) for graph in apart]
    store.clear_graph(ox.DefaultGraph())
    small = [graph for graph in store.named_graphs() if graph not in large]

    @lru_cache(maxsize=2**16)
    def is_in_large(subject: ox.NamedNode | ox.BlankNode | ox.Triple) -> bool:
        return any(next(iter(store.quads_for_pattern(subject, None, None, graph)), None) for graph in large)

    store.bulk_extend(
        ox.Quad(quad.subject, quad.predicate, quad.object)
        for graph in small
        for quad in store.quads_for_pattern(None, None, None, graph)
        if not is_in_large(quad.subject)
        or not any(ox.Quad(quad.subject, quad.predicate, quad.object, other) in store for other in large)
    )
    store.flush()


@contextmanager
def finishing(draft: Draft, *, optimize: bool = True) -> Iterator["Reader"]:
    """Give a reader of the complete store of a draft, and meanwhile rewrite it for fast reading.

    Rewriting keeps one core busy for a sixth of the time of loading; what else is to be done can go on beside it.
    """
    store = ox.Store(str(draft.store))
    reader = Reader(draft, store)
    try:
        with ThreadPoolExecutor(1) as pool:
            optimized = pool.submit(store.optimize) if optimize else None
            yield reader
            if optimized:
                optimized.result()
        store.flush()
    finally:
        # An open store goes on rewriting its files; none may be held when they are counted and published.
        reader.close()
        del store, optimized


def copy_store(source: Path, target: Path) -> None:
    """Copy a store that nobody writes to; its tables, which never change, are shared where the file system can."""
    target.mkdir()
    for path in source.iterdir():
        if path.suffix == ".sst":
            link(path, target / path.name)
        elif path.name != "LOCK":
            shutil.copyfile(path, target / path.name)


def link(source: Path, target: Path) -> None:
    """Give a file that is never written to again a second place, without a second copy where that can be."""
    target.unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError:  # a file system without hard links
        shutil.copyfile(source, target)


def change_store(path: Path, *, cleared: Iterable[str], removed: Iterable[bytes]) -> None:
    """Take graphs, given by their IRIs, and quads, given as blocks of N-Quads, out of a store of our own."""
    store = ox.Store(str(path))
    for graph in cleared:
        store.remove_graph(ox.NamedNode(graph))
    for block in removed:
        for quad in ox.parse(block, ox.RdfFormat.N_QUADS, lenient=True):
            store.remove(quad)
    store.flush()


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
