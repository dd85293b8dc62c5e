"""A selection of the registry written to JSON lines, so that a stop at any moment does no harm.

Pages are appended to a hidden part file; after each, a hidden state file says how far it is good. A later call goes
on behind the last page it names, and cuts off what was written after it. When all is there, the part file becomes
the output in one rename, with a note beside it (`<output>.fetched.json`): what was asked, of which API, of what date.
"""

import fcntl
import gzip
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import msgspec
import zstandard

from trialgraph.errors import FetchError
from trialgraph.registry.archives import NOTE_SUFFIX
from trialgraph.registry.clinicaltrials import ClinicalTrials, Page, Selection


class Fetched(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """How far a download is, and, when it is done, the note that stays beside the file."""

    base_url: str
    parameters: dict[str, str]
    nct_ids: tuple[str, ...]
    data_timestamp: str
    """Of the API's data when the download began; RFC 3339 without a zone, as the API writes it."""
    records: int = 0
    announced: int | None = None
    """How many the API said there would be."""
    aliases: dict[str, str] = {}
    missing: tuple[str, ...] = ()
    """Ids that the registry does not have."""
    size: int = 0
    """Bytes of the file that are good."""
    token: str | None = None
    done: bool = False


def fetched(path: Path) -> Fetched | None:
    """Return the note beside a downloaded file, or None when there is none that can be read."""
    return _stored(path.with_name(path.name + NOTE_SUFFIX))


def download(
    client: ClinicalTrials, selection: Selection, path: Path, *, on_page: Callable[[Fetched], None] = lambda _: None
) -> Fetched:
    """Write the records of a selection as JSON lines, and return the note about it.

    A name that ends in `.gz` or `.zst` gives a compressed file. A download that was stopped is taken up again, unless
    the API's data have changed since: then it begins anew, for pages of different data do not fit together.

    Raises FetchError, also when another selection was stopped here or another process is writing; what is fetched
    is kept.
    """
    parts = _Parts(path)
    now = client.data_timestamp()
    start = Fetched(client.base_url, dict(selection.parameters), selection.nct_ids, now)
    with parts.locked() as file:
        state = parts.state_to_resume(start)
        if not state.done:
            try:
                state = _append_pages(client.pages(selection, state.token), parts, file, state, on_page)
            except FetchError as error:
                # A token of an earlier run that the API no longer knows is refused as a bad request.
                if error.status != 400 or state.token is None:
                    raise
                state = _append_pages(client.pages(selection), parts, file, start, on_page)
        parts.publish(file, state)
    return state


def _append_pages(
    pages: Iterator[Page], parts: "_Parts", file: IO[bytes], state: Fetched, on_page: Callable[[Fetched], None]
) -> Fetched:
    file.truncate(state.size)
    file.seek(state.size)
    for page in pages:
        packed = parts.pack(page)
        file.write(packed)
        file.flush()
        os.fsync(file.fileno())
        state = _after(state, page, len(packed))
        parts.store(state)
        on_page(state)
    return state


def _after(state: Fetched, page: Page, size: int) -> Fetched:
    return msgspec.structs.replace(
        state,
        records=state.records + len(page.studies),
        announced=state.announced if page.announced is None else page.announced,
        aliases={**state.aliases, **page.aliases},
        missing=(*state.missing, *(error.url.rpartition("/")[2].partition("?")[0] for error in page.missing)),
        size=state.size + size,
        token=page.next_token,
        done=page.next_token is None,
    )


class _Parts:
    """The hidden files beside an output: what is written so far, and how far it is good."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._part = path.with_name(f".{path.name}.part")
        self._state = path.with_name(f".{path.name}.state")

    @contextmanager
    def locked(self) -> Iterator[IO[bytes]]:
        """Open the part file for this process alone."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._part.open("ab") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise FetchError(str(self._path), "another process is writing it", "wait until it is done") from None
            yield file

    def state_to_resume(self, start: Fetched) -> Fetched:
        """Return the state of the download that was stopped here, or `start`.

        Raises FetchError when that was another selection, or of another API.
        """
        state = _stored(self._state)
        if state is None:
            return start
        if (state.base_url, state.parameters, state.nct_ids) != (start.base_url, start.parameters, start.nct_ids):
            reason = "the download of another selection was stopped here"
            raise FetchError(str(self._path), reason, f"finish it, or delete {self._state}, or name another file")
        good = state.data_timestamp == start.data_timestamp and self._part.stat().st_size >= state.size
        return state if good else start

    def pack(self, page: Page) -> bytes:
        """Return a page as it goes to the file: gzip members and Zstandard frames can be appended, as lines can."""
        text = b"".join(study + b"\n" for study in page.studies)
        if self._path.name.endswith(".gz"):
            return gzip.compress(text, mtime=0)
        return zstandard.compress(text) if self._path.name.endswith(".zst") else text

    def store(self, state: Fetched) -> None:
        """Write the state, whole or not at all."""
        _write(self._state, state)

    def publish(self, file: IO[bytes], state: Fetched) -> None:
        """Make the part file the output."""
        file.truncate(state.size)
        _write(self._path.with_name(self._path.name + NOTE_SUFFIX), state)
        self._part.rename(self._path)
        self._state.unlink(missing_ok=True)


def _stored(path: Path) -> Fetched | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Fetched)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None


def _write(path: Path, state: Fetched) -> None:
    written = path.with_name(f".{path.name.lstrip('.')}.new")
    with written.open("wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(state), indent=1) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    written.rename(path)
