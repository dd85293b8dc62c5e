"""The ClinicalTrials.gov API v2: what to fetch, and its pages of records.

API reference: https://clinicaltrials.gov/data-api/api

>>> Selection.since(date(2024, 1, 1)).parameters
(('filter.advanced', 'AREA[LastUpdatePostDate]RANGE[2024-01-01,MAX]'),)
"""

import random
import re
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from types import TracebackType
from typing import Final, Self, TypeVar

import msgspec

from trialgraph.errors import FetchError
from trialgraph.registry.http_client import PATIENCE, Asking, Patience, UnusableAnswerError
from trialgraph.registry.json_decoder import likely_id
from trialgraph.vocabulary import NCT_ID

BASE_URL: Final = "https://clinicaltrials.gov/api/v2"
LARGEST_PAGE: Final = 1000
_IDS_PER_PAGE: Final = 100

T = TypeVar("T")


@dataclass(frozen=True)
class Selection:
    """Which records to fetch: some by id, or all that match, in pages that the API makes."""

    parameters: tuple[tuple[str, str], ...] = ()
    """Query parameters of `GET /studies`; empty: every record there is."""
    nct_ids: tuple[str, ...] = ()

    @classmethod
    def ids(cls, nct_ids: Iterable[str]) -> Self:
        """Return a selection of these records, each once, in this order.

        Raises FetchError for what is not NCT and eight digits.
        """
        distinct = tuple(dict.fromkeys(each.strip() for each in nct_ids))
        for nct_id in distinct:
            if not (NCT_ID.fullmatch(nct_id) and nct_id.isascii()):
                raise FetchError(repr(nct_id), "not an NCT id", "give NCT and eight digits")
        return cls((), distinct)

    @classmethod
    def search(cls, query: str) -> Self:
        """Return a selection of what the registry's search finds, in its Essie syntax (`query.term`)."""
        return cls((("query.term", query),))

    @classmethod
    def since(cls, day: date) -> Self:
        """Return a selection of the records whose last update was posted on that day or later."""
        return cls((("filter.advanced", f"AREA[LastUpdatePostDate]RANGE[{day.isoformat()},MAX]"),))

    @classmethod
    def all_studies(cls) -> Self:
        """Return a selection of every record."""
        return cls()


_ADDRESS: Final = re.compile(r"https?://[^\s/?#]+(?:/[^\s?#]*)?\Z")
_NOT_THE_API: Final = (200, 400, 403, 404, 405, 410)
"""Status of an answer of something else, or of the API at another path."""


@dataclass(frozen=True)
class Page:
    """Some records of a selection."""

    studies: tuple[bytes, ...]
    """The JSON text of each record, on one line, otherwise as the API gave it."""
    next_token: str | None
    """What to give to `pages` to go on behind this page; None: this is the last."""
    announced: int | None = None
    """How many records the API says there are in all; it says so on the first page."""
    aliases: dict[str, str] = field(default_factory=dict)
    """Ids asked for that the registry has merged into others, and these."""
    missing: tuple[FetchError, ...] = ()
    """One error for each id that the registry does not have."""


class ClinicalTrials:
    """A client of the API; a context manager. `on_wait` is told why it waits before it tries again, and how long.

    `sleep`, `jitter` (0 to 1) and `clock` (seconds) are there for tests; other code leaves them out.
    """

    def __init__(
        self,
        base_url: str = BASE_URL,
        patience: Patience = PATIENCE,
        *,
        page_size: int = LARGEST_PAGE,
        on_wait: Callable[[str, float], None] = lambda _reason, _seconds: None,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if not _ADDRESS.match(base_url):
            raise FetchError(base_url, "not the address of an API", f"check --api; the registry's is {BASE_URL}")
        self.base_url = base_url
        self._page_size = page_size
        self._asking = Asking(base_url, patience, on_wait=on_wait, sleep=sleep, jitter=jitter, clock=clock)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._asking.__exit__(kind, error, trace)

    def data_timestamp(self) -> str:
        """Return when the API's data were made (`dataTimestamp` of `GET /version`). Raises FetchError."""
        try:
            return self._asking.get("version", {}, lambda body: _read(body, _version)).dataTimestamp
        except FetchError as error:
            if error.status in _NOT_THE_API:
                said = "status 404" if error.status == 404 else error.reason
                reason = f"no ClinicalTrials.gov API v2 answers at {self.base_url} ({said})"
                raise FetchError(
                    error.url, reason, f"check --api; the registry's is {BASE_URL}", error.status
                ) from None
            raise

    def study(self, nct_id: str) -> bytes:
        """Return the text of one record, whichever id it has now. Raises FetchError, for instance with status 404."""
        return self._asking.get(f"studies/{nct_id}", {"format": "json"}, _one_study)

    def pages(self, selection: Selection, token: str | None = None) -> Iterator[Page]:
        """Yield the pages of a selection, from the start or from where a token says.

        Raises FetchError, also when a page leads back to one that came before: that would never end.
        """
        before = {token}
        while True:
            page = self._of_ids(selection, token) if selection.nct_ids else self._of_search(selection, token)
            if page.next_token in before - {None}:
                reason = f"the pages go in circles: one names {page.next_token!r} as the next, which came before"
                raise FetchError(self.base_url, reason, "report it to the registry")
            yield page
            token = page.next_token
            if token is None:
                return
            before.add(token)

    def _of_search(self, selection: Selection, token: str | None) -> Page:
        paging = {"countTotal": "true"} if token is None else {"pageToken": token}
        return self._page({**dict(selection.parameters), **paging}, self._page_size)

    def _of_ids(self, selection: Selection, token: str | None) -> Page:
        start = int(token or 0)
        end = start + _IDS_PER_PAGE
        asked = selection.nct_ids[start:end]
        found = self._by_id(asked) if len(asked) > 1 else {}
        aliases, missing = {}, []
        for nct_id in asked:
            if nct_id in found:
                continue
            try:
                study = self.study(nct_id)
            except FetchError as error:
                if error.status != 404:
                    raise
                missing.append(error)
                continue
            current = _nct_id(study)
            found.setdefault(current, study)
            if current != nct_id:
                aliases[nct_id] = current
        next_token = str(end) if end < len(selection.nct_ids) else None
        return Page(tuple(found.values()), next_token, len(selection.nct_ids), aliases, tuple(missing))

    def _by_id(self, nct_ids: tuple[str, ...]) -> dict[str, bytes]:
        page = self._page({"filter.ids": ",".join(nct_ids)}, len(nct_ids))
        found = {likely_id(text): text for text in page.studies}
        return {nct_id: found[nct_id] for nct_id in nct_ids if nct_id in found}

    def _page(self, parameters: dict[str, str], page_size: int) -> Page:
        parameters = {"format": "json", "pageSize": str(page_size), **parameters}
        return self._asking.get("studies", parameters, _one_page)


# --- what the API answers -----------------------------------------------------------------------------------------


class _Version(msgspec.Struct):
    dataTimestamp: str  # noqa: N815 (the API's name)


class _Studies(msgspec.Struct):
    studies: list[msgspec.Raw]
    nextPageToken: str | None = None  # noqa: N815 (the API's name)
    totalCount: int | None = None  # noqa: N815 (the API's name)


class _Identification(msgspec.Struct):
    nctId: str  # noqa: N815 (the API's name)


class _Protocol(msgspec.Struct):
    identificationModule: _Identification  # noqa: N815 (the API's name)


class _Study(msgspec.Struct):
    protocolSection: _Protocol  # noqa: N815 (the API's name)


_version: Final = msgspec.json.Decoder(_Version)
_studies: Final = msgspec.json.Decoder(_Studies)
_study: Final = msgspec.json.Decoder(_Study)


def _read(body: bytes, decoder: msgspec.json.Decoder[T]) -> T:
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        start = body[:40].decode("utf-8", "backslashreplace")
        reason = f"an answer of {len(body)} bytes that is not the API's JSON ({error}): {start!r}"
        raise UnusableAnswerError(reason) from None


def _one_page(body: bytes) -> Page:
    page = _read(body, _studies)
    studies = tuple(_on_one_line(bytes(study)) for study in page.studies)
    return Page(studies, page.nextPageToken or None, page.totalCount)


def _one_study(body: bytes) -> bytes:
    _nct_id(body)
    return _on_one_line(body)


def _nct_id(text: bytes) -> str:
    return _read(text, _study).protocolSection.identificationModule.nctId


def _on_one_line(study: bytes) -> bytes:
    text = msgspec.json.format(study, indent=-1)
    if b"\n" in text or b"\r" in text:
        raise UnusableAnswerError("a record with a line break inside a string, which JSON forbids")
    return text
