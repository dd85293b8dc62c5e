"""Requests as bytes, answers as they come: no client library mends what is odd in them."""

import contextlib
import http.client
import io
import re
import socket
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

HERE = Path(__file__).resolve().parent
SECONDS = 30


def cases(name: str, kind: str) -> list[dict[str, Any]]:
    """Return the rows of a file of cases."""
    with (HERE / name).open("rb") as file:
        found: list[dict[str, Any]] = tomllib.load(file)[kind]
    return found


def name_of(case: dict[str, Any]) -> str:
    return str(case["name"])


def query_text(case: dict[str, Any]) -> str:
    """Return the query of a row of heavy.toml."""
    times, opening = case.get("times", 0), case.get("open", "")
    opened = "".join(opening.replace("{n}", str(n)) for n in range(times))
    return str(
        case.get("before", "")
        + opened
        + case.get("middle", "")
        + case.get("close", "") * times
        + case.get("after", "")
    )


def unfold(text: str) -> str:
    """Write out `{x*n}`."""
    return re.sub(r"\{([^{}]*)\*(\d+)\}", lambda found: found[1] * int(found[2]), text, flags=re.DOTALL)


def request_bytes(case: dict[str, Any], dump: str = "") -> bytes:
    """Return the request of a row of requests.toml."""
    body = unfold(case.get("body", "")).encode("latin-1")
    target = unfold(case.get("target", "/sparql").replace("{dump}", dump))
    headers = [unfold(header) for header in case.get("headers", [])]
    names = {header.partition(":")[0].lower() for header in headers}
    if "host" not in names:
        headers.append("Host: localhost")
    if "body" in case and not names & {"content-length", "transfer-encoding"}:
        headers.append(f"Content-Length: {len(body)}")
    line = f"{unfold(case.get('method', 'GET'))} {target} {case.get('version', 'HTTP/1.1')}"
    head = "\r\n".join([line, *headers, "Connection: close", "", ""])
    return head.encode("latin-1") + body


@dataclass
class Reply:
    """An answer, whole as its Content-Length says."""

    status: int
    head: str
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.head + self.body.decode("latin-1")


class _Received:
    def __init__(self, received: bytes) -> None:
        self._file = io.BytesIO(received)

    def makefile(self, _mode: str) -> io.BytesIO:
        return self._file


def exchange(url: str, request: bytes) -> bytes:
    """Return all that the server says to these bytes, until it closes the connection."""
    address = urlsplit(url)
    with socket.create_connection((address.hostname, address.port), SECONDS) as connection:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it may refuse before it has read all
            connection.sendall(request)
        received = b""
        with contextlib.suppress(ConnectionResetError):
            while chunk := connection.recv(65536):
                received += chunk
        return received


def parse(received: bytes, method: str = "GET") -> Reply:
    """Return the last answer of those received (100 Continue comes before it).

    Raises http.client.IncompleteRead when the body is shorter than was said.
    """
    while received.startswith(b"HTTP/1.1 100"):
        received = received.partition(b"\r\n\r\n")[2]
    response = http.client.HTTPResponse(_Received(received), method=method)  # type: ignore[arg-type]
    response.begin()
    head = received.partition(b"\r\n\r\n")[0].decode("latin-1") + "\r\n"
    return Reply(response.status, head, response.headers, response.read())
