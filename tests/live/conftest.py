"""A real server on a free port of loopback, for any release root; stopped whatever happens."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pyoxigraph as ox
import pytest
from tests.patience import TIME_LIMITS

from trialgraph.store import JOIN_COPY, begin_release, publish, save_join_copy

START_SECONDS = 300
_JOINS = "TRIALGRAPH_QUERY_JOINS"
"""The one setting of who runs the tests that holds for the servers, so that they are run on either engine."""
_SERVE = """
import sys
from trialgraph.settings import Settings
from trialgraph.web.server.production_server import serve
serve(Settings.from_environment())
"""


@dataclass
class Server:
    """A running server: its address, its process, and what it has logged so far."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path
    client: httpx.Client = field(repr=False)

    @property
    def sparql(self) -> str:
        return self.url + "/sparql"

    def get(self, path: str, **kwargs: Any) -> httpx.Response:
        return self.client.get(self.url + path, **kwargs)

    def ask(self, query: str, **kwargs: Any) -> httpx.Response:
        """POST a query as a form; keyword arguments go to httpx."""
        return self.client.post(self.sparql, data={"query": query}, **kwargs)

    def lines(self) -> list[dict[str, Any]]:
        """Return the access log as far as it is written."""
        return [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]


def free() -> int:
    """Return a port that is free now."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def free_port() -> int:
    """A port for a server whose address its release must know."""
    return free()


@contextmanager
def running(root: Path, log: Path, *, wait_for_health: bool = True, **settings: object) -> Iterator[Server]:
    """Serve a release root with settings (`query_timeout_seconds=2`), and stop when left."""
    port = settings.pop("port", 0) or free()
    limits = {} if settings.keys() & TIME_LIMITS.keys() else TIME_LIMITS
    given = {f"TRIALGRAPH_{name.upper()}": str(value) for name, value in {**limits, **settings}.items()}
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("TRIALGRAPH_") or name == _JOINS
    }
    environment |= {"TRIALGRAPH_RELEASE": str(root), "TRIALGRAPH_PORT": str(port), **given}
    with log.open("wb") as output, httpx.Client(timeout=TIME_LIMITS["query_timeout_seconds"]) as client:
        process = subprocess.Popen([sys.executable, "-c", _SERVE], env=environment, stdout=output, stderr=output)
        server = Server(f"http://127.0.0.1:{port}", process, log, client)
        try:
            _wait_ready(server, {200} if wait_for_health else {200, 503})
            yield server
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(40)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_ready(server: Server, statuses: set[int]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            break
        try:
            if server.get("/health").status_code in statuses:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    pytest.fail(f"the server did not start:\n{server.log.read_text()}")


def make_release(root: Path, nquads: bytes, version: str = "2026-11-23", **manifest: object) -> Path:
    """Publish a release that holds these N-Quads; return the root."""
    with begin_release(root, version) as draft:
        store = ox.Store(str(draft.store))
        store.bulk_load(nquads, format=ox.RdfFormat.N_QUADS)
        store.flush()
        lines = "".join(f"{quad.triple} .\n" for quad in store).encode()
        del store
        # Small as it is, it has a copy for the second engine, so that every test meets both.
        save_join_copy([lines], draft.path / JOIN_COPY)
        draft.write_manifest({"issued": version[:10], **manifest})
        publish(draft)
    return root


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Server]]:
    """Give a function that serves a release root until the tests end: `serve(root, query_workers=2)`."""
    with ExitStack() as stack:

        def start(root: Path, **settings: Any) -> Server:
            log = tmp_path_factory.mktemp("server") / "log.txt"
            return stack.enter_context(running(root, log, **settings))

        yield start


QUADS = "".join(
    f"<https://example.org/s{n}> <https://example.org/p{n % 7}> {value} <https://example.org/g{n % 3}> .\n"
    for n in range(20_000)
    for value in (f'"value {n}"', f"<https://example.org/s{(n * 7919) % 20_000}>")
).encode()


@pytest.fixture(scope="session")
def sample_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release of 40,000 made-up quads: enough to make a heavy query heavy."""
    return make_release(tmp_path_factory.mktemp("release"), QUADS)


@pytest.fixture(scope="session")
def server(serve: Callable[..., Server], sample_root: Path) -> Server:
    """The made-up release, served with default settings."""
    return serve(sample_root)
