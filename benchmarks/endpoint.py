"""Compare the endpoint with Oxigraph's own server (and rdflib-endpoint) on one release: time, processor time, memory.

    python benchmarks/endpoint.py RELEASE_ROOT [--requests N] [--rdflib]

Writes the default graph of the release as N-Triples, loads it into a store for Oxigraph's server, starts the servers on
free ports, checks that they give the same answers, and prints Markdown. "First" means that no text is asked twice (a
comment makes each its own), "again" that all are. Processor time is that of the server and all its children.
"""

import argparse
import contextlib
import http.client
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlencode

import pyoxigraph as ox

from trialgraph.store import open_release
from trialgraph.vocabulary import Graph

PREFIXES = """PREFIX tg: <https://w3id.org/trialgraph/ontology#>
PREFIX id: <https://w3id.org/trialgraph/id/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
"""
_CARD = "".join(
    f"OPTIONAL {{ ?t tg:{name} ?{name} }} "
    for name in "officialTitle startDate completionDate enrollmentCount overallStatus studyType sex minimumAge "
    "maximumAge leadSponsorName primaryPurpose allocation masking interventionModel".split()
)
QUERIES = {
    "point lookup": "SELECT ?p ?o { id:%TRIAL% ?p ?o }",
    "by drug": 'SELECT ?t { ?t tg:intervention ?i . ?i rdfs:label "Pembrolizumab" }',
    "drugs by target": "SELECT ?d ?n { ?d tg:target ?x ; rdfs:label ?n }",
    "counts by phase and year": "SELECT ?p ?y (COUNT(*) AS ?n) { ?t tg:phase ?p ; tg:startYear ?y } GROUP BY ?p ?y",
    "text filter": 'SELECT ?t { ?t tg:briefTitle ?l FILTER(CONTAINS(LCASE(?l), "lung cancer")) }',
    "trial card": "SELECT * { VALUES ?t { id:%TRIAL% } ?t tg:briefTitle ?l " + _CARD + "}",
    "describe": "DESCRIBE id:%TRIAL%",
    "construct": "CONSTRUCT { ?t tg:arm ?a . ?a ?p ?o } { VALUES ?t { id:%TRIAL% } ?t tg:arm ?a . ?a ?p ?o }",
    "top-k": "SELECT ?t ?n { ?t tg:enrollmentCount ?n } ORDER BY DESC(?n) ?t LIMIT 10",
    "negation": "SELECT (COUNT(*) AS ?n) { ?t tg:briefTitle ?l FILTER NOT EXISTS { ?t tg:phase ?p } }",
    "property path": "SELECT ?x { id:%TRIAL% (tg:arm|tg:intervention)/tg:intervention? ?x }",
    "export of 100,000 rows": "SELECT ?s ?l { ?s rdfs:label ?l } ORDER BY ?s LIMIT 100000",
    "sites by country": "SELECT ?c (COUNT(*) AS ?n) { ?t tg:site ?s . ?s tg:country ?c } GROUP BY ?c ORDER BY ?c",
    "doses": "SELECT ?t ?l ?d { ?t tg:arm ?a . ?a tg:intervention ?i . ?i rdfs:label ?l ; tg:description ?d } LIMIT 200",
}
HEAVY = {"export of 100,000 rows", "sites by country", "text filter", "counts by phase and year", "negation"}


class Peer:
    """A running server."""

    def __init__(self, name: str, port: int, path: str, process: subprocess.Popen[bytes]) -> None:
        self.name, self.port, self.path, self.process = name, port, path, process

    def pids(self) -> list[int]:
        """Return it and all processes below it."""
        below = [self.process.pid]
        for pid in below:
            for task in Path(f"/proc/{pid}/task").glob("*/children"):
                below += [int(child) for child in task.read_text().split()]
        return below

    def cpu_seconds(self) -> float:
        """Return the processor time they have used, and that of children that ended."""
        ticks = 0
        for pid in self.pids():
            if not Path(f"/proc/{pid}").exists():
                continue  # a worker that was one too many
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += sum(int(field) for field in fields[11:15])
        return ticks / os.sysconf("SC_CLK_TCK")

    def memory_mib(self) -> float:
        """Return their memory, what they share counted once."""
        total = 0
        for pid in self.pids():
            with contextlib.suppress(OSError):  # a worker that was one too many may go meanwhile
                for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                    total += int(line.split()[1]) if line.startswith("Pss:") else 0
        return total / 1024


class Client:
    """One connection, kept open."""

    def __init__(self, peer: Peer) -> None:
        self._path = peer.path
        self._connection = http.client.HTTPConnection("127.0.0.1", peer.port, timeout=300)

    def ask(self, query: str, accept: str = "application/sparql-results+json, application/n-triples;q=0.9") -> bytes:
        """Return the answer to a query."""
        body = urlencode({"query": query})
        headers = {"Accept": accept, "Content-Type": "application/x-www-form-urlencoded"}
        self._connection.request("POST", self._path, body, headers)
        response = self._connection.getresponse()
        content = response.read()
        if response.status != 200:
            raise RuntimeError(f"{response.status}: {content[:300]!r}")
        return content


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@contextmanager
def started(name: str, command: list[str], port: int, path: str, **environment: str) -> Iterator[Peer]:
    """Run a server until left."""
    process = subprocess.Popen(
        command, env=os.environ | environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    peer = Peer(name, port, path, process)
    try:
        for _ in range(600):
            try:
                Client(peer).ask("ASK {}")
                break
            except (OSError, RuntimeError):
                time.sleep(0.1)
        yield peer
    finally:
        process.terminate()
        process.wait(30)


def ours(root: Path) -> tuple[list[str], int, dict[str, str]]:
    """Return the command of our server, its port and its environment."""
    port = free_port()
    code = (
        "from trialgraph.settings import Settings; from trialgraph.web.server import serve;"
        "serve(Settings.from_environment())"
    )
    return [sys.executable, "-c", code], port, {"TRIALGRAPH_RELEASE": str(root), "TRIALGRAPH_PORT": str(port)}


def write_triples(store: Path, target: Path) -> int:
    """Write the default graph of a release, each triple once; return their number."""
    opened = ox.Store.read_only(str(store))
    count = 0

    def triples() -> Iterator[ox.Triple]:
        nonlocal count
        for graph in (ox.DefaultGraph(), ox.NamedNode(Graph.REGISTRY)):
            for quad in opened.quads_for_pattern(None, None, None, graph):
                count += 1
                yield ox.Triple(quad.subject, quad.predicate, quad.object)

    ox.serialize(triples(), str(target), ox.RdfFormat.N_TRIPLES)
    return count


def comparable(answer: bytes) -> list[str]:
    """Return an answer so that the order of its rows does not matter."""
    if answer[:1] != b"{":
        return sorted(answer.decode().splitlines())
    bindings = json.loads(answer)["results"]["bindings"]
    return sorted(json.dumps(row, sort_keys=True) for row in bindings)


def measure(peer: Peer, query: str, count: int, *, again: bool) -> tuple[float, float]:
    """Return milliseconds of latency (median) and of processor time per request."""
    client, times = Client(peer), []
    if again:
        client.ask(query + " #again")
    before = peer.cpu_seconds()
    for number in range(count):
        begun = time.perf_counter()
        client.ask(query + (" #again" if again else f" #{os.getpid()} {number}"))
        times.append(time.perf_counter() - begun)
    return 1000 * statistics.median(times), 1000 * (peer.cpu_seconds() - before) / count


def throughput(peer: Peer, query: str, clients: int, seconds: float = 3.0) -> float:
    """Return requests a second with so many clients, no text asked twice."""
    done, stop = [0] * clients, time.perf_counter() + seconds

    def run(place: int) -> None:
        client = Client(peer)
        while time.perf_counter() < stop:
            client.ask(f"{query} #t{clients} {place} {done[place]}")
            done[place] += 1

    threads = [threading.Thread(target=run, args=(place,)) for place in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / seconds


def report(peers: list[Peer], queries: dict[str, str], count: int) -> None:
    """Print the tables."""
    ours_, base = peers[0], peers[1]
    print(
        "| query | " + " | ".join(f"{p.name}: ms, CPU ms" for p in peers) + " | ratio first | again CPU ms | ratio |"
    )
    print("|---" * (len(peers) + 4) + "|")
    firsts, agains = [], []
    for name, query in queries.items():
        number = max(5, count // 20) if name in HEAVY else count
        first = [measure(peer, query, number, again=False) for peer in peers]
        again = measure(ours_, query, number, again=True)[1]
        peer_again = measure(base, query, number, again=True)[1]
        firsts.append(max(first[0][1], 0.01) / max(first[1][1], 0.01))
        agains.append(max(again, 0.01) / max(peer_again, 0.01))
        cells = " | ".join(f"{latency:.2f}, {cpu:.2f}" for latency, cpu in first)
        print(f"| {name} | {cells} | {firsts[-1]:.2f} | {again:.2f} | {agains[-1]:.2f} |", flush=True)
    means = [statistics.geometric_mean(values) for values in (firsts, agains)]
    print(f"\nCPU against {base.name}, geometric mean: first {means[0]:.2f}, again {means[1]:.2f}\n")
    print("| clients | " + " | ".join(f"{peer.name}: look-ups a second" for peer in peers) + " |")
    print("|---" * (len(peers) + 1) + "|")
    for clients in (1, 2, 8):
        rates = [throughput(peer, queries["point lookup"], clients) for peer in peers]
        print(f"| {clients} | " + " | ".join(f"{rate:.0f}" for rate in rates) + " |")
    print("\nMemory (PSS, MiB): " + ", ".join(f"{peer.name} {peer.memory_mib():.0f}" for peer in peers))


def main() -> None:
    """Compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("root", type=Path)
    parser.add_argument("--trial", default="NCT06095583")
    parser.add_argument("--requests", type=int, default=300)
    parser.add_argument("--rdflib", action="store_true", help="rdflib-endpoint too; it needs minutes to load")
    given = parser.parse_args()
    queries = {name: PREFIXES + text.replace("%TRIAL%", given.trial) for name, text in QUERIES.items()}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        triples = folder / "release.nt"
        count = write_triples(open_release(given.root).store, triples)
        print(f"{count:,} triples, {os.cpu_count()} processors\n")
        command, port, environment = ours(given.root)
        peers = [stack.enter_context(started("trialgraph", command, port, "/sparql", **environment))]
        peers.append(stack.enter_context(oxigraph(folder / "store", triples)))
        if given.rdflib:
            port = free_port()
            program = str(shutil.which("rdflib-endpoint"))
            command = [program, "serve", str(triples), "--port", str(port)]
            peers.append(stack.enter_context(started("rdflib-endpoint", command, port, "/")))
        for name, query in queries.items():
            answers = [comparable(Client(peer).ask(query)) for peer in peers]
            agree = all(answer == answers[0] for answer in answers)
            print(f"{'same' if agree else 'DIFFERENT'} answers, {len(answers[0])} rows: {name}")
        print()
        report(peers, queries, given.requests)


@contextmanager
def oxigraph(store: Path, triples: Path) -> Iterator[Peer]:
    """Run Oxigraph's server on a store loaded and optimized as its documentation says."""
    program, port = str(Path(sys.executable).with_name("oxigraph")), free_port()
    subprocess.run([program, "load", "-l", str(store), "-f", str(triples)], check=True, capture_output=True)
    subprocess.run([program, "optimize", "-l", str(store)], check=True, capture_output=True)
    command = [program, "serve-read-only", "-l", str(store), "-b", f"127.0.0.1:{port}"]
    with started("Oxigraph", command, port, "/query") as peer:
        yield peer


if __name__ == "__main__":
    main()
