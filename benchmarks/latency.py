"""How long a cheap question takes while others ask heavy ones: percentiles beside 0, 6, 16 and 48 heavy clients.

    python benchmarks/latency.py RELEASE_ROOT [--heavy 0,6,16,48] [--seconds S] [--rounds N]

Serves the release with default settings. Each heavy client asks queries that cannot end in time, no text twice, and
asks again as soon as it is refused. One client meanwhile asks ASK queries about subjects of the release, no text
twice. "Alone" is the same client beside as many idle processes that only burn processor time at the lowest priority:
what this machine takes for the same answers under such a load. Prints Markdown.
"""

import argparse
import http.client
import multiprocessing
import os
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.synchronize import Event
from pathlib import Path
from urllib.parse import urlencode

from servers import ours

HEAVY = (
    "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(?a != ?d) }",
    "SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY ?c ?f",
    "SELECT (COUNT(*) AS ?n) { ?a (<x:p>|!<x:q>)* ?b }",
    "SELECT DISTINCT ?c ?f { ?a ?b ?c . ?d ?e ?f }",
    "SELECT ?c (SAMPLE(?f) AS ?x) { ?a ?b ?c . ?d ?e ?f } GROUP BY ?c",
    'SELECT (COUNT(*) AS ?n) { ?a ?b ?c FILTER(REGEX(STR(?c), "(a|b)*c(d|e)*f", "i")) . ?d ?e ?f }',
    "SELECT (STRLEN(GROUP_CONCAT(CONCAT(STR(?x), STR(?y)))) AS ?n) { ?a ?b ?x . ?c ?d ?y }",
    "CONSTRUCT { ?a ?e ?f } { ?a ?b ?c . ?d ?e ?f }",
)


class Client:
    """One connection, kept open."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)

    def ask(self, query: str) -> tuple[int, bytes]:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        self._connection.request("POST", "/sparql", urlencode({"query": query}), headers)
        response = self._connection.getresponse()
        return response.status, response.read()


def heavy_client(number: int, port: int, stop: Event, outcomes: "multiprocessing.Queue[str]") -> None:
    """Ask heavy queries until told to stop."""
    client, asked = Client(port), 0
    while not stop.is_set():
        status, body = client.ask(f"{HEAVY[(number + asked) % len(HEAVY)]} # {number} {asked}")
        reason = body.decode(errors="replace").partition("\n")[0] if status != 200 else ""
        outcomes.put(f"{status} {reason}".strip())
        asked += 1


def burn(_number: int, _port: int, stop: Event, _outcomes: "multiprocessing.Queue[str]") -> None:
    """Use a processor at the lowest priority until told to stop."""
    os.nice(19)
    while not stop.is_set():
        sum(range(20_000))


@contextmanager
def beside(work: object, count: int, port: int, outcomes: "multiprocessing.Queue[str]") -> Iterator[None]:
    """Have so many processes at work while inside."""
    stop = multiprocessing.Event()
    processes = [
        multiprocessing.Process(target=work, args=(number, port, stop, outcomes), daemon=True)  # type: ignore[arg-type]
        for number in range(count)
    ]
    for process in processes:
        process.start()
    try:
        yield
    finally:
        stop.set()
        for process in processes:
            process.terminate()
            process.join()


def times(port: int, seconds: float, label: str) -> list[float]:
    """Return how long each cheap question took, in milliseconds."""
    client, taken = Client(port), []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        trial = f"https://w3id.org/trialgraph/id/NCT{len(taken):08}"
        started_at = time.perf_counter()
        status, _ = client.ask(f"ASK {{ <{trial}> ?p ?o }} # {label}")
        taken.append((time.perf_counter() - started_at) * 1000)
        if status != 200:
            raise RuntimeError(f"a cheap question got {status}")
        time.sleep(0.002)
    return sorted(taken)


def figures(taken: list[float]) -> str:
    """Return median, 99th percentile and maximum."""
    at = taken[min(len(taken) - 1, int(len(taken) * 0.99))]
    return f"{statistics.median(taken):.1f} | {at:.1f} | {taken[-1]:.1f}"


def measure(port: int, count: int, seconds: float, label: str) -> None:
    """Print the rows for one number of heavy clients."""
    outcomes: multiprocessing.Queue[str] = multiprocessing.Queue()
    with beside(burn, count, port, outcomes):
        alone = times(port, seconds / 3, label + " alone")
    print(f"| {count} | burning | {figures(alone)} | |", flush=True)
    with beside(heavy_client, count, port, outcomes):
        time.sleep(0.5)
        among = times(port, seconds, label + " among")
    seen: Counter[str] = Counter()
    while not outcomes.empty():
        seen[outcomes.get()] += 1
    told = "; ".join(f"{number} × {what}" for what, number in seen.most_common())
    load = os.getloadavg()[0]
    print(f"| {count} | asking | {figures(among)} | {told} (load {load:.1f}) |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("root", type=Path)
    parser.add_argument("--heavy", default="0,6,16,48")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rounds", type=int, default=1)
    given = parser.parse_args()
    print("| heavy clients | doing what | p50 ms | p99 ms | max ms | what they got |\n|---|---|---|---|---|---|")
    with ours(given.root) as server:
        for turn in range(given.rounds):
            for count in map(int, given.heavy.split(",")):
                measure(server.port, count, given.seconds, f"{turn} {count}")


if __name__ == "__main__":
    main()
