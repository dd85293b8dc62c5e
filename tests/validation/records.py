"""Both engines over real records, as they came and damaged.

    python -m tests.validation.records            every record; some minutes, most of them pySHACL's
    python -m tests.validation.records --every 20

Prints how many records and results were compared; stops at the first disagreement.
"""

import argparse
import gzip
import json
import random
from collections.abc import Iterator
from pathlib import Path

from tests.validation_agreement import assert_same_verdicts

from trialgraph import formats
from trialgraph.mapping import Plan
from trialgraph.settings import packaged
from trialgraph.terms import XSD, Triple, integer, parse, string, typed
from trialgraph.validation import read_shapes

RECORDS = Path(__file__).resolve().parents[3] / "shared" / "records" / "ctgov-v2.jsonl.gz"
SHAPES = read_shapes(*sorted(packaged("shapes").glob("registry*.ttl")))
ILL_FORMED = typed("2024-02-30", XSD + "date")
_WRONG = ["<https://example.org/wrong>", string("wrong"), ILL_FORMED, integer(-5), "_:wrong"]


def ontology() -> list[Triple]:
    """Return the triples of the ontology."""
    files = sorted(packaged("ontology").glob("*.ttl"))
    return [triple for file in files for triple, _ in parse(file.read_bytes(), formats.TURTLE.oxigraph)]


def graphs(every: int) -> Iterator[list[Triple]]:
    """Yield the triples of every so-manieth real record."""
    plan = Plan.compile(ontology())
    with gzip.open(RECORDS) as lines:
        for place, line in enumerate(lines):
            if place % every == 0:
                yield plan.to_triples(json.loads(line))


def damaged(graph: list[Triple], seed: int) -> list[Triple]:
    """Return the graph with one triple in thirty taken away, changed, or joined by a second value."""
    chance = random.Random(seed)  # noqa: S311 - damage that can be repeated, no secret
    found: list[Triple] = []
    for subject, predicate, object_ in graph:
        harm = chance.randrange(120)
        if harm == 0:
            continue
        if harm == 1:
            predicate = "<https://example.org/nothing>"  # noqa: PLW2901
        if harm != 2:
            found.append((subject, predicate, object_))
        if harm in (2, 3):
            found.append((subject, predicate, chance.choice(_WRONG)))
    return list(dict.fromkeys(found))


def compare(batch: list[list[Triple]]) -> int:
    """Compare the engines on a batch of records and on its damaged double; return the number of results."""
    clean = [triple for graph in batch for triple in graph]
    spoilt = [triple for seed, graph in enumerate(batch) for triple in damaged(graph, seed)]
    return sum(len(assert_same_verdicts(triples, SHAPES).results) for triples in (clean, spoilt))


def main() -> None:
    """Compare in batches, so that pySHACL stays in memory."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--every", type=int, default=1)
    options = parser.parse_args()
    batch: list[list[Triple]] = []
    records = results = 0
    for graph in graphs(options.every):
        batch.append(graph)
        if sum(map(len, batch)) > 40_000:
            records, results, batch = records + len(batch), results + compare(batch), []
            print(f"{records} records, clean and damaged: {results} results agree", flush=True)  # noqa: T201
    records, results = records + len(batch), results + compare(batch)
    print(f"{records} records, clean and damaged: {results} results agree")  # noqa: T201


if __name__ == "__main__":
    main()
