"""Compare the endpoint with other servers on one release: latency, throughput, processor time, memory.

    python benchmarks/endpoint.py RELEASE_ROOT [--peers oxigraph,virtuoso,rdflib] [--seconds N] [--repeat N]

Writes the default graph of the release as N-Triples, loads it into each peer that is installed, checks that all give
the same answers, and prints Markdown. "First" means that no text is asked twice (a comment makes each its own),
"again" that all are. Processor time is that of a server and all processes below it; figures are medians of the
repetitions, in each of which the servers take turns, query by query.
"""

import argparse
import json
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path

from servers import PEERS, Client, Peer, installed, ours, write_triples

from trialgraph.store import open_release

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
    "export of 100,000 rows": "SELECT ?s ?l { ?s rdfs:label ?l } LIMIT 100000",
    "sites by country": "SELECT ?c (COUNT(*) AS ?n) { ?t tg:site ?s . ?s tg:country ?c } GROUP BY ?c ORDER BY ?c",
    "doses": "SELECT ?t ?n ?d { ?t tg:arm/tg:doseSpecification ?s . ?s tg:drug/rdfs:label ?n ; tg:dose/rdfs:label ?d }",
}
UNORDERED = {"export of 100,000 rows"}
"""Any rows will do, so only their number is compared."""


def comparable(name: str, answer: bytes) -> object:
    """Return an answer so that order of rows, form of numbers and names of datatypes do not matter."""
    if answer.lstrip()[:1] != b"{":
        return sorted(line.split("^^")[0].rstrip(" .") for line in answer.decode().splitlines() if line[:1] == "<")
    bindings = json.loads(answer)["results"]["bindings"]
    if name in UNORDERED:
        return len(bindings)
    return sorted(json.dumps({key: _plain(term["value"]) for key, term in sorted(row.items())}) for row in bindings)


def _plain(value: str) -> str | float:
    try:
        return float(value)
    except ValueError:
        return value


def most_arms(peer: Peer) -> str:
    """Return the NCT id of the trial with most arms."""
    query = "SELECT ?id { ?t tg:nctId ?id ; tg:arm ?a } GROUP BY ?id ORDER BY DESC(COUNT(?a)) ?id LIMIT 1"
    found: str = json.loads(Client(peer).ask(PREFIXES + query))["results"]["bindings"][0]["id"]["value"]
    return found


def measure(peer: Peer, queries: Iterator[str], seconds: float) -> tuple[float, float]:
    """Return milliseconds of latency (median) and of processor time per request, over some time."""
    client, times = Client(peer), []
    client.ask(next(queries))
    before, stop = peer.cpu_seconds(), time.perf_counter() + seconds
    while not times or time.perf_counter() < stop:
        begun = time.perf_counter()
        client.ask(next(queries))
        times.append(time.perf_counter() - begun)
    return 1000 * statistics.median(times), 1000 * (peer.cpu_seconds() - before) / len(times)


_numbers = count()


def fresh(query: str) -> Iterator[str]:
    """Yield a query with a comment that no one had before."""
    while True:
        yield f"{query} #{next(_numbers)}"


def same(query: str) -> Iterator[str]:
    """Yield a query again and again."""
    while True:
        yield query


def throughput(peer: Peer, queries: dict[str, str], clients: int, seconds: float) -> str:
    """Return what so many clients that ask the mix in turn see: requests a second, median and 95th percentile of ms."""
    times: list[list[float]] = [[] for _ in range(clients)]
    refused: list[int] = []
    stop = time.perf_counter() + seconds

    def run(place: int) -> None:
        client, mix = Client(peer), list(queries.values())
        for number in count(place):
            begun = time.perf_counter()
            if begun >= stop:
                return
            try:
                client.ask(next(fresh(mix[number % len(mix)])))
            except RuntimeError:
                refused.append(number)
            else:
                times[place].append(time.perf_counter() - begun)

    threads = [threading.Thread(target=run, args=(place,)) for place in range(clients)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = sorted(1000 * each for one in times for each in one)
    rate = len(took) / (time.perf_counter() - begun)
    said = f"{rate:.0f}/s, {statistics.median(took):.1f} ms, {took[int(len(took) * 0.95)]:.0f} ms"
    return said + (f", {len(refused)} refused" if refused else "")


Figures = dict[str, dict[str, tuple[float, float]]]
"""By query and peer: milliseconds of latency and of processor time."""


def medians(rounds: list[Figures]) -> Figures:
    """Return the median of each figure."""
    return {
        query: {
            peer: tuple(
                statistics.median(values) for values in zip(*(each[query][peer] for each in rounds), strict=True)
            )
            for peer in rounds[0][query]
        }  # type: ignore[misc]
        for query in rounds[0]
    }


def table(peers: list[Peer], first: Figures, again: Figures) -> None:
    """Print a row for each query, and the geometric means."""
    names = [peer.name for peer in peers]
    mine, base, others = names[0], names[1], names[1:]
    print(f"| query | {' | '.join(names)} | to {base} | to the best | again | again to {base} |")
    print("|---" + "|---:" * (len(names) + 4) + "|")
    ratios: dict[str, list[float]] = {"first": [], "again": []}
    for query, figures in first.items():
        cells = " | ".join(f"{figures[name][0]:.2f}, {figures[name][1]:.2f}" for name in names)
        ratio, best = figures[mine][1] / figures[base][1], min(figures[name][1] for name in others)
        repeated = again[query][mine][1]
        ratios["first"].append(ratio)
        ratios["again"].append(repeated / figures[base][1])
        print(
            f"| {query} | {cells} | {ratio:.2f} | {figures[mine][1] / best:.2f} | {repeated:.2f} "
            f"| {ratios['again'][-1]:.2f} |"
        )
    means = {name: statistics.geometric_mean(max(value, 1e-4) for value in values) for name, values in ratios.items()}
    print("\nCells: ms of latency, ms of processor time. Again: ms of processor time of an answer asked before.")
    print(f"Geometric mean of processor time to {base}: first {means['first']:.2f}, again {means['again']:.2f}.\n")


def check(peers: list[Peer], queries: dict[str, str]) -> None:
    """Print whether all give the same answers."""
    for name, query in queries.items():
        answers = [comparable(name, Client(peer).ask(query)) for peer in peers]
        differing = [peer.name for peer, answer in zip(peers, answers, strict=True) if answer != answers[0]]
        rows = answers[0] if isinstance(answers[0], int) else len(answers[0])  # type: ignore[arg-type]
        print(
            f"{name}: {rows} rows, "
            + (f"DIFFERENT from {', '.join(differing)}" if differing else "the same from all")
        )
        for peer, answer in zip(peers, answers, strict=True):
            if answer != answers[0] and isinstance(answer, list) and isinstance(answers[0], list):
                only = sorted(set(answers[0]) - set(answer)), sorted(set(answer) - set(answers[0]))
                print(
                    f"    only ours ({len(only[0])}): {only[0][:2]}\n    only {peer.name} ({len(only[1])}): {only[1][:2]}"
                )
    print()


def main() -> None:
    """Compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("root", type=Path)
    parser.add_argument("--trial", help="a trial of the release  [default: the one with most arms]")
    parser.add_argument(
        "--peers", default="oxigraph,virtuoso", help="of oxigraph, virtuoso, rdflib; those installed run"
    )
    parser.add_argument("--seconds", type=float, default=1.0, help="for each figure")
    parser.add_argument("--repeat", type=int, default=5)
    given = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        (folder / "load").mkdir()
        triples = folder / "load" / "release.nt"
        print(f"{write_triples(open_release(given.root), triples):,} triples\n")
        peers = [stack.enter_context(ours(given.root))]
        trial = given.trial or most_arms(peers[0])
        queries = {name: PREFIXES + text.replace("%TRIAL%", trial) for name, text in QUERIES.items()}
        print(f"The trial that is looked up: {trial}.\n")
        for name in given.peers.split(","):
            if installed(name):
                peers.append(stack.enter_context(PEERS[name](folder, triples)))
            else:
                print(f"{name} is not installed, and left out.\n")
        check(peers, queries)
        first, again = [], []
        for _ in range(given.repeat):
            first.append(
                {q: {p.name: measure(p, fresh(text), given.seconds) for p in peers} for q, text in queries.items()}
            )
            again.append({q: {peers[0].name: measure(peers[0], same(t), given.seconds)} for q, t in queries.items()})
        table(peers, medians(first), medians(again))
        print("| clients | " + " | ".join(peer.name for peer in peers) + " |\n|---" + "|---:" * len(peers) + "|")
        for clients in (1, 2, 8):
            rates = [throughput(peer, queries, clients, 5 * given.seconds) for peer in peers]
            print(f"| {clients} | {' | '.join(rates)} |", flush=True)
        print("\nThe mix, asked in turn: requests a second, median and 95th percentile of latency.\n")
        print("Memory (PSS, MiB): " + ", ".join(f"{peer.name} {peer.memory_mib():.0f}" for peer in peers))


if __name__ == "__main__":
    main()
