"""A SPARQL client over HTTP: bounded in time and size, no redirects, refusals as our errors.

What it gets is taken in whole before anything is passed on, so a transfer that breaks is an error here too, and never
a short answer.
"""

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import httpx

from trialgraph.errors import (
    EngineBusy,
    EngineUnavailable,
    QueryAbandoned,
    QueryError,
    QueryNotEvaluable,
    QueryRefused,
    QuerySyntaxError,
    QueryTimeout,
    ResultTooLarge,
)
from trialgraph.query.request import Disconnected, Result, Spool
from trialgraph.query.workers.worker.messages import INLINE_BYTES

CONNECT_SECONDS: Final = 5.0
ROW_CAP: Final = "X-SPARQL-MaxRows"
"""Header by which Virtuoso and we announce that a row cap has cut the result."""
_PARTIAL: Final = "X-SQL-State"
"""Header by which Virtuoso says, under status 200, that the answer is what it had when the time was over."""
_VIRTUOSO_STATE: Final = re.compile(r"Virtuoso (\w{5}) Error (.*)")
_ERROR_BYTES: Final = 2000


class Peer:
    """Asks other endpoints; safe to use from many threads."""

    def __init__(self, connections: int, transport: httpx.BaseTransport | None = None) -> None:
        """`transport` stands in for the network in tests."""
        limits = httpx.Limits(max_connections=connections, max_keepalive_connections=8)
        # The environment's proxies and .netrc are the operator's shell, not what the operator named as endpoint.
        self._client = httpx.Client(limits=limits, transport=transport, follow_redirects=False, trust_env=False)

    def close(self) -> None:
        """Close the connections; what still runs ends with EngineUnavailable."""
        self._client.close()

    def ask(
        self,
        address: str,
        fields: Mapping[str, str | Sequence[str]],
        result: Result,
        *,
        accept: Sequence[str],
        seconds: float,
        limit_bytes: int,
        disconnected: Disconnected | None,
    ) -> None:
        """Send a query and take its whole answer into `result`, in one of the media types in `accept`.

        Raises QueryTimeout, ResultTooLarge, QueryAbandoned, EngineUnavailable, or what its refusal means.
        """
        started = time.monotonic()
        timeout = httpx.Timeout(seconds, connect=min(seconds, CONNECT_SECONDS))
        headers = {"Accept": ", ".join(accept)}
        try:
            with self._client.stream("POST", address, data=fields, headers=headers, timeout=timeout) as response:
                blocks = _within(response, result, started + seconds, disconnected)
                _check(response, accept, seconds, blocks)
                for block in blocks:
                    _take(result, block, limit_bytes)
        except httpx.TimeoutException:
            raise QueryTimeout(seconds) from None
        except (httpx.HTTPError, httpx.InvalidURL, RuntimeError) as error:  # RuntimeError: the client was closed
            raise EngineUnavailable(str(error) or type(error).__name__) from error
        cap = response.headers.get(ROW_CAP, "")
        result.row_cap = int(cap) if cap.isdecimal() else None
        result.seconds = time.monotonic() - started


def _check(response: httpx.Response, accept: Sequence[str], seconds: float, blocks: Iterator[bytes]) -> None:
    if response.headers.get(_PARTIAL):
        raise QueryTimeout(seconds)
    if response.status_code == httpx.codes.OK:
        given = response.headers.get("Content-Type", "").split(";")[0].strip().lower()
        if given not in accept:
            raise EngineUnavailable(f"it answered {given or 'without a type'} where {accept[0]} was asked")
        return
    words = b""
    for block in blocks:
        words += block
        if len(words) >= _ERROR_BYTES:
            break
    raise _error(response, words[:_ERROR_BYTES].decode(errors="replace").strip(), seconds)


def _error(response: httpx.Response, words: str, seconds: float) -> QueryError:
    """Say what another endpoint's refusal means."""
    retry, status = response.headers.get("Retry-After", ""), response.status_code
    meanings: dict[int, QueryError] = {
        400: QueryNotEvaluable(words) if "evaluat" in words else QuerySyntaxError(words),
        413: ResultTooLarge(len(words)),
        **dict.fromkeys((401, 403, 405), QueryRefused(words)),
        **dict.fromkeys((206, 408, 504), QueryTimeout(seconds)),
        **dict.fromkeys((429, 503), EngineBusy(int(retry) if retry.isdigit() else 5, words[:200] or "it is busy")),
    }
    known = _fault(words, seconds) if status == httpx.codes.INTERNAL_SERVER_ERROR else meanings.get(status)
    return known or EngineUnavailable(f"it answered {status}: {words[:200]}")


def _fault(words: str, seconds: float) -> QueryError | None:
    """Say what a fault of the other side means, if it is the query's.

    Oxigraph says so of functions it does not know, Virtuoso of nearly everything, with the state of SQL in the text.
    """
    if words.startswith("The custom function"):
        return QueryNotEvaluable(words)
    found = _VIRTUOSO_STATE.match(words)
    if not found:
        return None
    state, reason = found[1], found[2].strip()
    if state == "S1T00" or "estimated execution time" in reason:
        return QueryTimeout(seconds)
    if "SECURITY" in reason:
        return QueryRefused(reason)
    # Classes of SQL: 22 is a fault of values, such as a division by zero, 42 and 37 one of what is called.
    return QueryNotEvaluable(reason) if state[:2] in {"22", "37", "42"} else None


def _within(
    response: httpx.Response, result: Result, deadline: float, disconnected: Disconnected | None
) -> Iterator[bytes]:
    """Yield what comes while there is time and somebody waits for it."""
    for block in response.iter_bytes():  # as they come: waiting for full ones would let a trickle pass the deadline
        if time.monotonic() > deadline:
            raise httpx.ReadTimeout("the time is over")
        if result.spool and disconnected and disconnected():
            raise QueryAbandoned
        yield block


def _take(result: Result, block: bytes, limit: int) -> None:
    result.size += len(block)
    if result.size > limit:
        raise ResultTooLarge(limit)
    if result.spool is None and result.size <= INLINE_BYTES:
        result.body += block
        return
    if result.spool is None:
        result.spool = Spool()
        result.spool.append(result.body)
        result.body = b""
    result.spool.append(block)
