"""Linking measured: coverage by kind, vocabulary and tier; precision on the open gold; speed, memory and size.

`python benchmarks/linking.py VOCABULARIES RECORDS [--gold FOLDER] [--times N] [--names N]` links the records with the vocabularies
of a folder made by `trialgraph vocabularies add`. With --times, every record comes N times with its names rewritten
(a word more, another dose), so that no answer is remembered that a larger registry would not repeat. With --gold, the
scorer of that folder is run too. With --names, an index of so many names, rewritten from those installed, is compiled
in a temporary folder and asked: its size, memory, look-ups a second. Vocabularies are the owners' files and are downloaded by nobody here.
"""

import argparse
import collections
import hashlib
import json
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

from trialgraph import terms
from trialgraph.linking.index_builder import VocabularySource, build_index
from trialgraph.linking.label_index import INDEX_FILE, LabelIndex
from trialgraph.linking.record_links import RecordLinker
from trialgraph.linking.vocabulary_items import Name, Term
from trialgraph.registry.record_reader import read
from trialgraph.resource.name_key import exact_key
from trialgraph.vocabulary import TG

Counts = collections.Counter[tuple[str, str]]
_LABELS = "SELECT id, label, kind FROM term WHERE label <> '' AND kind IN ('disease', 'drug') ORDER BY id"
DIGESTED = 3
"""Turns whose triples are part of the digest by which two runs are compared."""

REWRITTEN = (" {} mg", "{}", "{} ", "Stage {}", "{} in adults")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("vocabularies", type=Path)
    parser.add_argument("records", type=Path)
    parser.add_argument("--gold", type=Path)
    parser.add_argument("--times", type=int, default=1)
    parser.add_argument("--names", type=int, default=0)
    given = parser.parse_args()
    if given.names:
        compile_names(given.vocabularies / INDEX_FILE, given.names)
        return
    with LabelIndex.open(given.vocabularies / INDEX_FILE) as index:
        print(f"{sum(one.names for one in index.vocabularies()):,} names of {len(index.vocabularies())} vocabularies")
        measure(index, given.records, given.times)
    if given.gold:
        score(given.vocabularies, given.gold)


def measure(index: LabelIndex, path: Path, times: int) -> None:
    linker = RecordLinker(index)
    records = [record.document for record in read([path], lambda _error, _record: None)]
    counts: Counts = collections.Counter()
    graphs: dict[str, set[str]] = collections.defaultdict(set)
    with_mondo, spent, digest = 0, 0.0, hashlib.sha256()
    for turn in range(times):
        for original in records:
            record = original if turn == 0 else rewritten(original, turn)
            start = time.process_time()
            found = list(linker.triples(record))
            spent += time.process_time() - start
            diseases = {triple[2] for _, triple in found if triple[1] == terms.iri(TG.studiesDisease)}
            with_mondo += any("MONDO:" in disease or "/condition/" in disease for disease in diseases)
            if turn == 0:
                for graph, triple in found:
                    graphs[graph].add(terms.line(triple))
                count(record, linker, counts)
            if turn < DIGESTED:
                digest.update("".join(terms.line(triple) for _, triple in found).encode())
    done = len(records) * times
    print(f"{done:,} records in {spent:.1f} s of processor time: {done / spent:,.0f} a second on one core")
    print(
        f"memory {memory():,.0f} MiB; SHA-256 of the triples of the first {DIGESTED} turns {digest.hexdigest()[:16]}"
    )
    print(f"records with a MONDO disease {with_mondo:,} of {done:,} = {with_mondo / done:.1%}")
    for graph, lines in sorted(graphs.items()):
        print(f"graph {graph}: {len(lines):,} triples, {sum(map(len, lines)) / 1e6:.1f} MB as N-Triples")
    for key, number in sorted(counts.items()):
        print(f"{key[0]:10s} {key[1]:28s} {number:7,}")


def compile_names(installed: Path, wanted: int) -> None:
    """Compile an index of so many names, and ask for every hundredth and as many that it has not."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / INDEX_FILE
        start = time.process_time()
        build_index(path, [VocabularySource("many", "mesh", rewritten_terms(installed, wanted))])
        print(f"{wanted:,} names compiled in {time.process_time() - start:.0f} s of processor time")
        print(f"index {path.stat().st_size / 1e6:,.0f} MB, memory {memory():,.0f} MiB")
        asked = [term.label for term in islice(rewritten_terms(installed, wanted), 0, None, 50)]
        with LabelIndex.open(path) as index:
            start = time.process_time()
            hits = sum(bool(index.lookup(exact_key(name))) for name in asked)
            misses = sum(not index.lookup(exact_key(name + " zq")) for name in asked)
            spent = time.process_time() - start
        print(
            f"{hits:,} and {misses:,} of {len(asked):,} told right: {2 * len(asked) / spent:,.0f} look-ups a second"
        )
        print(f"memory {memory():,.0f} MiB")


def rewritten_terms(installed: Path, wanted: int) -> Iterator[Term]:
    """Yield terms with two names each, rewritten from the labels of an index, until there are so many names."""
    with closing(sqlite3.connect(f"{installed.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        for turn in range(wanted):
            for id_, label, kind in connection.execute(_LABELS):
                if wanted <= 0:
                    return
                names = (Name(f"{turn} {label} again", "exact"),)
                yield Term(f"N{turn}:{id_}", f"{label} of kind {turn}", kind, names)
                wanted -= 2


def memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def count(record: dict[str, Any], linker: RecordLinker, counts: Counts) -> None:
    for kind, naming in linker.namings(record):
        counts[kind, "mentions"] += 1
        counts[kind, "tier " + naming.links[0].tier if naming.links else "no link: " + (naming.none or "")] += 1
        for prefix in {link.id.partition(":")[0] for link in naming.links}:
            counts[kind, "vocabulary " + prefix] += 1


def rewritten(record: dict[str, Any], turn: int) -> dict[str, Any]:
    """Return a record with other names: each gets a number and words around it."""
    pattern = REWRITTEN[turn % len(REWRITTEN)]
    made = json.loads(json.dumps(record))
    protocol = made["protocolSection"]
    conditions = protocol.get("conditionsModule", {})
    conditions["conditions"] = [f"{pattern.format(name)} {turn}" for name in conditions.get("conditions") or ()]
    for one in protocol.get("armsInterventionsModule", {}).get("interventions") or ():
        one["name"] = f"{one.get('name', '')} {turn} mg"
    return made


def score(vocabularies: Path, gold: Path) -> None:
    lines = (gold / "linking-open.jsonl").read_text().splitlines()
    asked = [{key: json.loads(line)[key] for key in ("kind", "string", "context")} for line in lines]
    command = [sys.executable, "-m", "trialgraph.cli", "link", "--json"]
    done = subprocess.run(
        command,
        input="\n".join(map(json.dumps, asked)),
        capture_output=True,
        text=True,
        check=True,
        env={"TRIALGRAPH_VOCABULARIES": str(vocabularies)},
    )
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as predicted:
        predicted.write(done.stdout)
        predicted.flush()
        scorer = [sys.executable, str(gold / "score_linking.py"), str(gold / "linking-open.jsonl"), predicted.name]
        print(subprocess.run(scorer, capture_output=True, text=True, check=True).stdout)


if __name__ == "__main__":
    main()
