"""SPARQL servers to compare: ours, Oxigraph's, Virtuoso and rdflib-endpoint, each started on the same triples.

What each used is read from /proc: processor time and memory of a server and of all processes below it.
"""

import contextlib
import http.client
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlencode

import pyoxigraph as ox
import server_process
from server_process import free_port, virtuoso_settings

from trialgraph.store import Release

ACCEPT = "application/sparql-results+json, application/n-triples;q=0.9"
GRAPH = "urn:x-trialgraph:release"
"""The graph that Virtuoso, which has no default graph of its own, keeps the triples in."""
_VIRTUOSO = {
    "Parameters": {
        "NumberOfBuffers": 340000,
        "MaxDirtyBuffers": 250000,
        "MaxQueryMem": "2G",
        "ThreadsPerQuery": 2,
        "AsyncQueueMaxThreads": 4,
    },
    "HTTPServer": {"ServerThreads": 16, "MaxClientConnections": 16},
    "SPARQL": {"MaxQueryCostEstimationTime": 100000, "MaxQueryExecutionTime": 600},
}


class Peer:
    """A running server."""

    def __init__(self, name: str, port: int, path: str, process: subprocess.Popen[bytes]) -> None:
        self.name, self.port, self.path, self.process = name, port, path, process

    def pids(self) -> list[int]:
        """Return it and all processes below it."""
        below = [self.process.pid]
        for pid in below:
            with contextlib.suppress(OSError):
                for task in Path(f"/proc/{pid}/task").glob("*/children"):
                    below += [int(child) for child in task.read_text().split()]
        return below

    def cpu_seconds(self) -> float:
        """Return the processor time they have used, and that of children that ended."""
        ticks = 0
        for pid in self.pids():
            with contextlib.suppress(OSError):  # a worker that was one too many may go meanwhile
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                ticks += sum(int(field) for field in fields[11:15])
        return ticks / os.sysconf("SC_CLK_TCK")

    def memory_mib(self) -> float:
        """Return their memory, what they share counted once."""
        total = 0
        for pid in self.pids():
            with contextlib.suppress(OSError):
                for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                    total += int(line.split()[1]) if line.startswith("Pss:") else 0
        return total / 1024


class Client:
    """One connection, kept open."""

    def __init__(self, peer: Peer) -> None:
        self._path = peer.path
        self._connection = http.client.HTTPConnection("127.0.0.1", peer.port, timeout=600)

    def ask(self, query: str) -> bytes:
        """Return the answer to a query.

        Raises RuntimeError when it is not 200.
        """
        headers = {"Accept": ACCEPT, "Content-Type": "application/x-www-form-urlencoded"}
        self._connection.request("POST", self._path, urlencode({"query": query}), headers)
        response = self._connection.getresponse()
        content = response.read()
        if response.status != http.client.OK:
            raise RuntimeError(f"{response.status}: {content[:300]!r}")
        return content


@contextmanager
def started(name: str, command: list[str], port: int, path: str, folder: Path | None = None, **environment: str) -> Iterator[Peer]:  # fmt: skip
    """Run a server until left.

    Raises RuntimeError when it does not answer within ten minutes, or ends.
    """
    with TemporaryDirectory() as own:
        url = f"http://127.0.0.1:{port}{path}"
        with server_process.started(command, url, folder or Path(own), **environment) as process:
            yield Peer(name, port, path, process)


def write_triples(release: Release, target: Path) -> int:
    """Write the default graph of a release, each triple once; return their number."""
    store = ox.Store.read_only(str(release.store))
    count = 0

    def triples() -> Iterator[ox.Triple]:
        nonlocal count
        for graph in (ox.DefaultGraph(), *map(ox.NamedNode, release.apart or ())):
            for quad in store.quads_for_pattern(None, None, None, graph):
                count += 1
                yield ox.Triple(quad.subject, quad.predicate, quad.object)

    ox.serialize(triples(), str(target), ox.RdfFormat.N_TRIPLES)
    return count


@contextmanager
def ours(root: Path, **settings: str) -> Iterator[Peer]:
    """Run our server, at its default settings but for those given."""
    port = free_port()
    command = [sys.executable, "-m", "trialgraph.cli", "serve", "--release", str(root.resolve()), "--port", str(port)]
    with started("trialgraph", command, port, "/sparql", **settings) as peer:
        yield peer


@contextmanager
def oxigraph(folder: Path, triples: Path) -> Iterator[Peer]:
    """Run Oxigraph's server on a store loaded and optimized as its documentation says."""
    program, port, store = str(Path(sys.executable).with_name("oxigraph")), free_port(), str(folder / "oxigraph")
    subprocess.run([program, "load", "-l", store, "-f", str(triples)], check=True, capture_output=True)
    subprocess.run([program, "optimize", "-l", store], check=True, capture_output=True)
    command = [program, "serve-read-only", "-l", store, "-b", f"127.0.0.1:{port}"]
    with started("Oxigraph", command, port, "/query") as peer:
        yield peer


@contextmanager
def virtuoso(folder: Path, triples: Path) -> Iterator[Peer]:
    """Run Virtuoso (Debian's virtuoso-opensource), loaded by its bulk loader."""
    home = folder / "virtuoso"
    home.mkdir()
    sql, port = free_port(), free_port()
    (home / "virtuoso.ini").write_text(virtuoso_settings(sql, port, triples.parent, **_VIRTUOSO))
    with started("Virtuoso", ["virtuoso-t", "-f", "-c", "virtuoso.ini"], port, "/sparql", home) as peer:
        load = f"ld_dir('{triples.parent}', '{triples.name}', '{GRAPH}'); rdf_loader_run(); checkpoint;"
        program = shutil.which("isql-vt") or "isql"
        subprocess.run([program, f"127.0.0.1:{sql}", "dba", "dba", f"EXEC={load}"], check=True, capture_output=True)
        yield peer


@contextmanager
def rdflib_endpoint(_folder: Path, triples: Path) -> Iterator[Peer]:
    """Run rdflib-endpoint, which reads the triples into memory first: minutes for millions."""
    port = free_port()
    program = str(Path(sys.executable).with_name("rdflib-endpoint"))
    with started("rdflib-endpoint", [program, "serve", str(triples), "--port", str(port)], port, "/") as peer:
        yield peer


PEERS = {"oxigraph": oxigraph, "virtuoso": virtuoso, "rdflib": rdflib_endpoint}


def installed(name: str) -> bool:
    """Return whether a peer can be started here."""
    beside = {"oxigraph": "oxigraph", "rdflib": "rdflib-endpoint"}.get(name)
    return Path(sys.executable).with_name(beside).exists() if beside else shutil.which("virtuoso-t") is not None
