"""How well and how fast texts are read: agreement with labels by slot, records a second by reader.

    python benchmarks/interpretation.py
    python benchmarks/interpretation.py --gold my-labels --records my-records.jsonl.gz --sample 3

Labels and their scorers stand in a folder of their own (`../shared/gold`), never in the project; every reader whose
labels are there is scored. Speed is processor time over every N-th record, beside decoding the same records' JSON.
"""

import argparse
import collections
import gc
import hashlib
import json
import multiprocessing
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from records import RECORDS, lines

from trialgraph.interpretation import eligibility_reader, endpoint_reader
from trialgraph.interpretation.criterion_tokenizer import TOKEN
from trialgraph.interpretation.interpretation_triples import TRIPLES, interpretation_triples
from trialgraph.interpretation.lexicon import rows
from trialgraph.interpretation.lexicon_groups import pattern_group
from trialgraph.interpretation.provenance_nodes import Origin
from trialgraph.interpretation.quantities import quantity_pattern
from trialgraph.interpretation.readers import READERS, interpret_line, interpret_record
from trialgraph.interpretation.record_texts import regimen_line
from trialgraph.terms import line

GOLD = Path(__file__).resolve().parents[2] / "shared" / "gold"
_SETS = (
    ("regimen", "score.py", ("regimen",), "regimen-open.texts.jsonl", "regimen-open.labels.jsonl"),
    ("endpoint", "score.py", ("endpoint",), "endpoint-open.texts.jsonl", "endpoint-open.labels.jsonl"),
    ("eligibility", "score_eligibility.py", (), "eligibility-open-own.jsonl", "eligibility-open-own.jsonl"),
    ("eligibility", "score_eligibility.py", (), "eligibility-open-chia.jsonl", "eligibility-open-chia.jsonl"),
)
"""Kind, scorer, what stands before its files, texts, labels."""
_VERSION = "<https://w3id.org/trialgraph/id/version>"


def predicted(kind: str, texts: Path) -> Iterator[str]:
    """Yield the line of each line of texts."""
    for given in texts.read_text(encoding="utf-8").splitlines():
        yield json.dumps(interpret_line(kind, json.loads(given)), ensure_ascii=False) + "\n"


def score(gold: Path) -> None:
    """Print what each scorer says of its labels."""
    for kind, scorer, before, texts, labels in _SETS:
        if not (gold / texts).is_file():
            print(f"{texts}: not there")
            continue
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "predicted.jsonl"
            path.write_text("".join(predicted(kind, gold / texts)), encoding="utf-8")
            command = [sys.executable, str(gold / scorer), *before, str(gold / labels), str(path)]
            told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        print(f"## {labels}\n{told}")


def seconds(make: Any, documents: list[dict[str, Any]]) -> float:
    """Return the processor time of a function over all documents."""
    start = time.process_time()
    for document in documents:
        make(document)
    return time.process_time() - start


def speed(records: Path, sample: int) -> None:
    """Print records a second of each reader, of what it says in RDF, and of decoding alone.

    Garbage is not collected, as in `trialgraph interpret` and in the processes of a build.
    """
    gc.disable()
    texts = list(islice(lines(records), 0, None, sample))
    start = time.process_time()
    documents = [json.loads(text) for text in texts]
    took = time.process_time() - start
    count = len(documents)
    for text in islice(lines(records), 1, None, 4 * sample):
        interpret_record(json.loads(text))  # tables and patterns are there before anything is measured
    print(f"## {count} records\ndecoding JSON: {count / took:,.0f} records a second")
    for reader in READERS:
        spent = seconds(reader.of_record, documents)
        print(f"reader {reader.kind or reader.of_record.__module__.rpartition('.')[2]}: {count / spent:,.0f}")
    together = seconds(interpret_record, documents)
    plain = seconds(plain_pass, documents)
    print(
        f"all readers: {count / together:,.0f}; `re` with {len(patterns())} of their patterns: {count / plain:,.0f};"
        f" ratio {plain / together:.1f}"
    )
    for line_of, triples in TRIPLES:
        origin = Origin(_VERSION, "1")
        spent = seconds(
            lambda document, f=triples, g=line_of, o=origin: sum(1 for _ in f(g(document), o, {})), documents
        )
        print(f"triples {triples.__name__}: {count / spent:,.0f}")
    spent = seconds(lambda document: sum(1 for _ in interpretation_triples(document, _VERSION)), documents)
    print(f"all triples: {count / spent:,.0f} records a second")
    apart = [digest(documents, number) for number in (1, 2)]
    print(f"1 and 2 processes give {'the same bytes' if apart[0] == apart[1] else 'DIFFERENT bytes'}")


@cache
def patterns() -> tuple[re.Pattern[str], ...]:
    """Return the patterns of amounts, tokens and outcomes: what readers search for without knowing any text."""
    groups = dict.fromkeys(row["group"] for row in rows("outcome-patterns"))
    return (TOKEN, quantity_pattern(), *(pattern_group("outcome-patterns", group) for group in groups))


def plain_pass(document: dict[str, Any]) -> None:
    """Find all patterns in all texts that are read of a record, one after another: what `re` alone would cost."""
    outcomes = endpoint_reader.line_of(document)["outcomes"].values()
    texts = [*regimen_line(document)["texts"].values(), *(text for one in outcomes for text in one.values() if text)]
    for text in (*texts, eligibility_reader.eligibility_line(document)["text"]):
        folded = text.lower()
        for pattern in patterns():
            collections.deque(pattern.finditer(folded), maxlen=0)


def line_digest(document: dict[str, Any]) -> bytes:
    """Return a digest of what a record's texts say, as triples."""
    said = "".join(map(line, interpretation_triples(document, _VERSION)))
    return hashlib.sha256(said.encode()).digest()


def digest(documents: list[dict[str, Any]], processes: int) -> bytes:
    """Return a digest of what all records say, read by some processes."""
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        return hashlib.sha256(b"".join(pool.imap(line_digest, documents, chunksize=20))).digest()


def main() -> None:
    """Score and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gold", type=Path, default=GOLD, help="folder of labels and scorers")
    parser.add_argument("--records", type=Path, default=RECORDS, help="records to measure speed on")
    parser.add_argument("--sample", type=int, default=5, help="take every N-th record")
    given = parser.parse_args()
    score(given.gold)
    if given.records.is_file():
        speed(given.records, given.sample)


if __name__ == "__main__":
    main()
