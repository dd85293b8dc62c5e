"""What planning by counts changes: answers never, processor time how much.

    python benchmarks/planning.py RELEASE_ROOT [--seconds 60] [--seed 1]

Takes the example queries of `data/examples`, and then random connected patterns of the predicates that a release has
between 200 and 20,000 times, some with NOT EXISTS. Each that is planned is evaluated both as it was asked and as it
is planned, by pyoxigraph in this process. Prints Markdown; ends with status 1 when two answers differ.
"""

# ruff: noqa: S311 - chance decides what is asked, and nothing else
import argparse
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from trialgraph.query.text.optimizer import plan
from trialgraph.settings import packaged
from trialgraph.store import Release, Statistics, open_release
from trialgraph.vocabulary import ONTOLOGY

_SELECT = "SELECT ?q { ?e <http://www.w3.org/ns/shacl#select> ?q } ORDER BY ?e"


@dataclass
class Tally:
    """What was found of some queries."""

    asked: int = 0
    planned: int = 0
    differing: int = 0
    slower: int = 0
    """By more than a quarter, and 5 ms."""
    before: float = 0.0
    after: float = 0.0
    """Seconds of processor time."""

    def row(self, name: str) -> str:
        """Return a row of the table."""
        factor = self.before / self.after if self.after else 1.0
        return (
            f"| {name} | {self.asked:,} | {self.planned:,} | {self.differing} | {self.before:.2f} | {self.after:.2f} "
            f"| {factor:.1f} | {self.slower} |"
        )


def evaluated(store: ox.Store, release: Release, text: str) -> tuple[list[str], float]:
    """Return the solutions, sorted, and the seconds of processor time."""
    graphs = [ox.DefaultGraph(), *map(ox.NamedNode, release.apart or ())]
    started = time.process_time()
    found = sorted(str(row) for row in store.query(text, default_graph=None if "FROM" in text else graphs))
    return found, time.process_time() - started


def compare(queries: Iterator[str], release: Release) -> Tally:
    """Evaluate each query that is planned in both ways."""
    store, statistics, tally = ox.Store.read_only(str(release.store)), Statistics.read(release.path), Tally()
    if statistics is None:
        raise SystemExit("this release has no counts; build it again")
    for text in queries:
        tally.asked += 1
        if other := plan(text, statistics):
            tally.planned += 1
            one, before = evaluated(store, release, text)
            two, after = evaluated(store, release, other)
            if one != two:
                tally.differing += 1
                print(f"DIFFERENT\n{text}\n{other}", file=sys.stderr)
            tally.slower += after > max(before * 1.25, before + 0.005)
            tally.before += before
            tally.after += after
    return tally


def examples() -> Iterator[str]:
    """Yield the SELECT queries of the example files."""
    store = ox.Store()
    for path in sorted((packaged("data") / "examples").rglob("*.ttl")):
        store.bulk_load(path=str(path))
    for row in store.query(_SELECT):
        yield row["q"].value


def random_queries(release: Release, chance: random.Random, seconds: float) -> Iterator[str]:
    """Yield counts of random joins for so many seconds."""
    statistics = Statistics.read(release.path)
    known = sorted(statistics.predicates.items()) if statistics else []
    predicates = [iri for iri, counts in known if iri.startswith(ONTOLOGY) and 200 < counts[0] < 20_000]
    stop = time.monotonic() + seconds
    while time.monotonic() < stop:
        names, patterns = ["?a"], []
        for number in range(chance.choice((2, 2, 3))):
            ends = chance.choice(names), f"?b{number}"
            subject, object_ = ends if chance.random() < 0.75 else ends[::-1]
            patterns.append(f"{subject} <{chance.choice(predicates)}> {object_} .")
            names.append(ends[1])
        chance.shuffle(patterns)
        if chance.random() < 0.3:
            patterns.append(f"FILTER NOT EXISTS {{ {chance.choice(names)} <{chance.choice(predicates)}> ?none }}")
        counted = chance.choice(("*", "DISTINCT ?a"))
        yield f"SELECT (COUNT({counted}) AS ?n) {{ {' '.join(patterns)} }}"


def main() -> None:
    """Compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("root", type=Path)
    parser.add_argument("--seconds", type=float, default=60.0, help="for the random queries")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    release = open_release(given.root)
    print("| queries | asked | planned | differing | CPU s as asked | CPU s as planned | times | slower |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    differing = 0
    asked = {
        "of the examples": examples(),
        "random": random_queries(release, random.Random(given.seed), given.seconds),
    }
    for name, queries in asked.items():
        tally = compare(queries, release)
        differing += tally.differing
        print(tally.row(name), flush=True)
    sys.exit(bool(differing))


if __name__ == "__main__":
    main()
