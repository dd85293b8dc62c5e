"""A long run: the server with default settings under a mixed load with attacks.

Does it stay up, small and quick?

    python benchmarks/soak.py RELEASE_ROOT [--minutes 60]

Readers ask the queries of `endpoint.py`, pages and downloads; attackers send queries that would never end, bombs, deep
nesting, broken HTTP, and leave while they are answered. A probe asks a cheap ASK, each a new one, ten times a second.
Prints Markdown, and ends with status 1 when the server died, gave a 5xx other than 503, or broke a transfer of a reader.
"""

# ruff: noqa: S311 - chance decides what comes next, and nothing else
import argparse
import contextlib
import http.client
import itertools
import os
import random
import re
import socket
import statistics
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from endpoint import PREFIXES, QUERIES
from servers import Peer, ours

_READERS, _ATTACKERS = 3, 3
_PROBE_SECONDS, _SAMPLE_SECONDS = 0.1, 10.0
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_COUNT = "SELECT (COUNT(*) AS ?n) "
ATTACKS = {
    "product": _COUNT + "{ ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(?a != ?d) }",
    "sorted product": "SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY ?c ?f",
    "everything": "SELECT * { ?s ?p ?o }",
    "paths": _COUNT + "{ ?a (!<x:p>)* ?b }",
    "bomb": 'SELECT (STRLEN(?c) AS ?n) { BIND("' + "x" * 1000 + '" AS ?a) '
    + "".join(f'BIND(REPLACE(?{old}, "x", "{"x" * 1000}") AS ?{new}) ' for old, new in ("ab", "bc")) + "}",
    "concatenation": "SELECT (STRLEN(GROUP_CONCAT(CONCAT(STR(?x), STR(?y)))) AS ?n) { ?a ?b ?x . ?c ?d ?y }",
    "groups": "ASK {" + "{" * 20_000 + "}" * 20_000 + "}",
    "brackets": "ASK { FILTER(" + "(" * 50_000 + "1" + ")" * 50_000 + ") }",
    "list": "ASK { ?s ?p ?o FILTER(?o IN (" + ",".join(map(str, range(10_000))) + ")) }",
    "optionals": "ASK { ?s ?p ?o " + "OPTIONAL { ?s ?p ?o " * 2_000 + "}" * 2_000 + "}",
    "update": "DROP ALL",
    "service": "SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }",
    "syntax": "SELECT * {",
    "too long": "ASK {} #" + "x" * 300_000,
}  # fmt: skip
BROKEN = (
    b"\x16\x03\x01 not http at all\r\n\r\n",
    b"GET /static/../../../../etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n",
    b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\nASK",
    b"GET /sparql?query=%FF%00 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
)


@dataclass
class Notes:
    """What was seen, from all threads."""

    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    asks: list[tuple[float, float]] = field(default_factory=list)
    """Seconds since the beginning, and seconds the ASK took."""
    samples: list[tuple[float, float, int]] = field(default_factory=list)
    """Seconds since the beginning, MiB of the whole tree, workers."""

    def answered(self, kind: str, status: int) -> None:
        self.statuses[kind, status] += 1
        if status >= 500 and status != 503:
            self.faults[f"{kind}: {status}"] += 1


class Load:
    """The clients of one server."""

    def __init__(self, peer: Peer, trials: list[str], notes: Notes) -> None:
        self._peer, self._trials, self._notes = peer, trials, notes
        self._queries = [PREFIXES + text for text in QUERIES.values()]
        self._numbers = itertools.count()
        self._begun = time.monotonic()

    def seconds(self) -> float:
        return time.monotonic() - self._begun

    def _request(
        self, kind: str, method: str, path: str, body: str = "", headers: dict[str, str] | None = None
    ) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._peer.port, timeout=120)
        try:
            connection.request(method, path, body or None, headers or {})
            response = connection.getresponse()
            while response.read(2**20):
                pass
            self._notes.answered(kind, response.status)
        except (OSError, http.client.HTTPException) as error:
            # A query that is too long may be cut off while it is still being sent.
            if kind != "attack":
                self._notes.faults[f"{kind}: {type(error).__name__}"] += 1
        finally:
            connection.close()

    def _ask(self, kind: str, query: str) -> None:
        self._request(kind, "POST", "/sparql", urlencode({"query": query}), _FORM)

    def read(self) -> None:
        """Do what one reader does next."""
        trial, number = random.choice(self._trials), next(self._numbers)
        turn = number % 10
        if turn < 6:
            query = random.choice(self._queries).replace("%TRIAL%", trial)
            self._ask("query", query if turn % 2 else f"{query} # {number}")
        elif turn == 6:
            self._ask(
                "query", f"SELECT * {{ SERVICE <http://127.0.0.1:{self._peer.port}/sparql> {{ ?s ?p {number} }} }}"
            )
        else:
            pages = ("/", f"/page/{trial}", f"/data/{trial}.ttl", f"/search?q={trial}", "/downloads/", "/ontology",
                     "/downloads/latest/trialgraph.nt.gz", "/sparql", "/void", f"/lookup?q=cancer+{number}")  # fmt: skip
            accept = {"Accept": random.choice(("text/html", "*/*", "text/turtle;q=0.9, */*;q=0.1"))}
            self._request("page", "GET", random.choice(pages), headers=accept)
        time.sleep(0.02)

    def attack(self) -> None:
        """Do what one attacker does next."""
        number = next(self._numbers)
        turn = number % 8
        if turn == 0:
            self._send(random.choice(BROKEN))
        elif turn == 1:
            body = urlencode({"query": f"{ATTACKS['product']} # {number}"}).encode()
            head = b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            self._send(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
        else:
            self._ask("attack", f"{random.choice(list(ATTACKS.values()))} # {number}")

    def _send(self, octets: bytes) -> None:
        """Send, look for half a second whether something comes, and leave."""
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self._peer.port)) as connection:
            connection.settimeout(0.5)
            connection.sendall(octets)
            found = re.match(rb"HTTP/1\.[01] (\d{3})", connection.recv(2000))
            if found:
                self._notes.answered("attack", int(found[1]))

    def probe(self) -> None:
        """Ask something cheap that was never asked before."""
        begun = time.perf_counter()
        self._ask("probe", f"ASK {{ <x:{next(self._numbers)}> ?p ?o }}")
        self._notes.asks.append((self.seconds(), time.perf_counter() - begun))
        time.sleep(_PROBE_SECONDS)

    def sample(self) -> None:
        """Look at memory and workers."""
        with contextlib.suppress(OSError):
            self._notes.samples.append((self.seconds(), self._peer.memory_mib(), self._workers()))
        time.sleep(_SAMPLE_SECONDS)

    def _workers(self) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self._peer.port, timeout=120)
        connection.request("GET", "/metrics")
        found = re.search(rb"^trialgraph_engine_alive (\d+)", connection.getresponse().read(), re.MULTILINE)
        connection.close()
        return int(found[1]) if found else -1


def run(load: Load, minutes: float) -> None:
    """Let all clients work for so long."""
    end = time.monotonic() + 60 * minutes

    def repeat(action: Callable[[], None]) -> None:
        while time.monotonic() < end:
            action()

    actions = [load.probe, load.sample, *[load.read] * _READERS, *[load.attack] * _ATTACKERS]
    threads = [threading.Thread(target=repeat, args=(action,)) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def trials_of(peer: Peer) -> list[str]:
    """Return the ids of some trials."""
    connection = http.client.HTTPConnection("127.0.0.1", peer.port)
    query = PREFIXES + "SELECT ?n { ?t tg:nctId ?n } ORDER BY ?n LIMIT 200"
    connection.request("POST", "/sparql", urlencode({"query": query}), _FORM | {"Accept": "text/csv"})
    return connection.getresponse().read().decode().split()[1:]


def thirds(notes: Notes, seconds: float) -> Iterator[tuple[str, list[float], list[float], list[int]]]:
    """Yield the beginning, the middle and the end: their name, seconds of ASKs, MiB, workers."""
    for number, name in enumerate(("first third", "second third", "last third")):
        low, high = number * seconds / 3, (number + 1) * seconds / 3 if number < 2 else float("inf")
        yield (
            name,
            [took for at, took in notes.asks if low <= at < high],
            [size for at, size, _ in notes.samples if low <= at < high],
            [workers for at, _, workers in notes.samples if low <= at < high],
        )


def report(notes: Notes, seconds: float) -> None:
    """Print the tables."""
    print("| kind | answers by status |\n|---|---|")
    for kind in sorted({kind for kind, _ in notes.statuses}):
        counts = sorted((status, count) for (each, status), count in notes.statuses.items() if each == kind)
        print(f"| {kind} | " + ", ".join(f"{status}: {count:,}" for status, count in counts) + " |")
    print(
        "\n| | ASKs | p50 ms | p99 ms | memory MiB: median, highest | workers: median, fewest |\n|---|---:|---:|---:|---:|---:|"
    )
    for name, asks, sizes, workers in thirds(notes, seconds):
        if len(asks) > 1 and sizes:
            p50, p99 = 1000 * statistics.median(asks), 1000 * statistics.quantiles(asks, n=100)[98]
            print(f"| {name} | {len(asks):,} | {p50:.1f} | {p99:.0f} | {statistics.median(sizes):.0f}, {max(sizes):.0f} "
                  f"| {statistics.median(workers):.0f}, {min(workers)} |")  # fmt: skip
    faults = ", ".join(f"{what} ({count})" for what, count in notes.faults.items())
    print(f"\nFaults: {faults or 'none'}.")


def main() -> None:
    """Run, report, judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("root", type=Path)
    parser.add_argument("--minutes", type=float, default=60)
    given = parser.parse_args()
    notes = Notes()
    with ours(given.root) as peer:
        load = Load(peer, trials_of(peer), notes)
        run(load, given.minutes)
        idle = peer.memory_mib()
        died = peer.process.poll() is not None
    print(
        f"{given.minutes:g} minutes, {os.cpu_count()} processors, load average at the end {os.getloadavg()[1]:.1f}\n"
    )
    report(notes, 60 * given.minutes)
    print(f"Memory at the end: {idle:.0f} MiB." + (" The server died." if died else ""))
    sys.exit(1 if died or notes.faults else 0)


if __name__ == "__main__":
    main()
