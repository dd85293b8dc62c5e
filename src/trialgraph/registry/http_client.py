"""GET requests to one server: paced, tried again while that can help, bounded in size and time.

What can pass (a busy server, a broken line, a body cut short) is tried again, ever later; what cannot (not found,
a redirect to another host) is a FetchError at once. Waiting, chance and the clock are given in.
"""

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Final, Self, TypeVar

import httpx

from trialgraph import __version__
from trialgraph.errors import FetchError
from trialgraph.vocabulary import BASE

_REDIRECTS: Final = 5
_FIRST_WAIT_SECONDS: Final = 1.0
_LONGEST_WAIT_SECONDS: Final = 60.0
_LONGEST_RETRY_AFTER_SECONDS: Final = 900.0
_LATER: Final = "try again later; what is fetched already is kept"
_UNREACHED: Final = "check the address and the network; what is fetched already is kept"
_PASSING: Final = frozenset((408, 425, 429))
"""Statuses below 500 that say nothing about the request itself."""

T = TypeVar("T")


class UnusableAnswerError(ValueError):
    """An answer with status 200 that does not hold what was asked for; raised by those who read answers."""


@dataclass(frozen=True)
class Patience:
    """How hard to try, and how much to take."""

    requests_per_second: float = 0.8
    """The registry allows about 50 requests a minute."""
    attempts: int = 7
    """Waiting doubles from one second, so seven attempts last about a minute."""
    timeout_seconds: float = 60.0
    """For connecting, and for each piece of an answer."""
    answer_seconds: float = 900.0
    """For a whole answer."""
    answer_bytes: int = 2**30
    """A page of 1,000 records has 20 MB on average."""


PATIENCE: Final = Patience()
"""The patience when none is given."""


@dataclass(frozen=True)
class _Answer:
    url: httpx.URL
    status: int
    headers: httpx.Headers
    body: bytes


class _TryAgainError(Exception):
    """This attempt failed in a way that may pass."""

    def __init__(
        self, reason: str, wait_seconds: float | None = None, status: int | None = None, remedy: str = _LATER
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.wait_seconds = wait_seconds
        self.status = status
        self.remedy = remedy


class Asking:
    """Asks one server; a context manager. `on_wait` is told why it waits, and how many seconds."""

    def __init__(
        self,
        base_url: str,
        patience: Patience,
        *,
        on_wait: Callable[[str, float], None] = lambda _reason, _seconds: None,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._base = httpx.URL(base_url.rstrip("/") + "/")
        self._patience = patience
        self._on_wait = on_wait
        self._sleep = sleep
        self._jitter = jitter
        self._clock = clock
        self._next_request_at = clock()
        agent = f"trialgraph/{__version__} (+{BASE})"
        headers = {"User-Agent": agent, "Accept": "application/json"}
        self._client = httpx.Client(headers=headers, timeout=patience.timeout_seconds, follow_redirects=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def get(self, path: str, parameters: Mapping[str, str], read: Callable[[bytes], T]) -> T:
        """Return what `read` makes of the answer's body; `read` may raise UnusableAnswerError.

        Raises FetchError when the server refuses, sends elsewhere, sends too much, or fails at every attempt.
        """
        url = self._base.join(path).copy_merge_params(parameters)
        for attempt in range(self._patience.attempts):
            try:
                return read(self._answer(url).body)
            except _TryAgainError as error:
                failure = error
            except UnusableAnswerError as error:
                failure = _TryAgainError(str(error), status=200)
            except httpx.ConnectError as error:
                failure = _TryAgainError(f"ConnectError: {error}", remedy=_UNREACHED)
            except (httpx.TransportError, httpx.DecodingError) as error:
                failure = _TryAgainError(f"{type(error).__name__}: {error}")
            if attempt + 1 < self._patience.attempts:
                seconds = self._wait_seconds(url, attempt, failure)
                self._on_wait(failure.reason, seconds)
                self._sleep(seconds)
        reason = f"{failure.reason}, at each of {self._patience.attempts} attempts"
        raise FetchError(str(url), reason, failure.remedy, failure.status)

    def _wait_seconds(self, url: httpx.URL, attempt: int, failure: _TryAgainError) -> float:
        asked = failure.wait_seconds or 0.0
        if asked > _LONGEST_RETRY_AFTER_SECONDS:
            raise FetchError(str(url), f"the server asks to wait {asked:.0f} seconds", _LATER, failure.status)
        backoff = min(_LONGEST_WAIT_SECONDS, _FIRST_WAIT_SECONDS * 2.0**attempt)
        return max(asked, backoff * (0.5 + self._jitter() / 2))

    def _answer(self, url: httpx.URL) -> _Answer:
        asked = url
        for _ in range(_REDIRECTS):
            answer = self._one_answer(url)
            if answer.status not in (301, 302, 303, 307, 308):
                _check_status(answer)
                return answer
            url = _same_host(url, answer.headers.get("location", ""))
        raise FetchError(str(asked), f"more than {_REDIRECTS} redirects", "check the address", answer.status)

    def _one_answer(self, url: httpx.URL) -> _Answer:
        self._keep_pace()
        deadline = self._clock() + self._patience.answer_seconds
        with self._client.stream("GET", url) as response:
            parts, size = [], 0
            for part in response.iter_bytes():
                parts.append(part)
                size += len(part)
                if size > self._patience.answer_bytes:
                    reason = f"the answer is larger than {self._patience.answer_bytes} bytes"
                    raise FetchError(str(url), reason, "ask for smaller pages", response.status_code)
                if self._clock() > deadline:
                    raise _TryAgainError(f"the answer takes longer than {self._patience.answer_seconds:g} seconds")
            return _Answer(url, response.status_code, response.headers, b"".join(parts))

    def _keep_pace(self) -> None:
        now = self._clock()
        if now < self._next_request_at:
            self._sleep(self._next_request_at - now)
        self._next_request_at = max(now, self._next_request_at) + 1 / self._patience.requests_per_second


def _check_status(answer: _Answer) -> None:
    status, url = answer.status, str(answer.url)
    if status == 200:
        return
    said = " ".join(answer.body[:200].decode("utf-8", "replace").split())
    if status in _PASSING or status >= 500:
        raise _TryAgainError(f"status {status}: {said}", _retry_after(answer.headers), status)
    if status == 404:
        raise FetchError(url, "there is no such record", "check the id at clinicaltrials.gov", status)
    raise FetchError(url, f"the server refuses with status {status}: {said}", "check what is asked for", status)


def _retry_after(headers: httpx.Headers) -> float | None:
    """Return the seconds of a Retry-After, given in seconds or as a date (RFC 9110, section 10.2.3)."""
    value = headers.get("retry-after", "").strip()
    if value.isdecimal() and value.isascii():
        return float(value[:9])
    try:
        # The server's own Date is what its Retry-After is relative to, whatever our clock says.
        wait = parsedate_to_datetime(value) - parsedate_to_datetime(headers.get("date", ""))
        return float(wait.total_seconds())
    except (TypeError, ValueError):
        return None


def _same_host(url: httpx.URL, location: str) -> httpx.URL:
    try:
        target = url.join(location)
    except httpx.InvalidURL:
        raise FetchError(str(url), f"a redirect to {location!r}", "check the address") from None
    if (target.scheme, target.host, target.port) != (url.scheme, url.host, url.port):
        raise FetchError(str(url), f"a redirect to another host, {target}", "check the address; it is not followed")
    return target
