"""Questions with two sides: how long each takes as it is asked, as it is planned, and on another engine.

    python benchmarks/two_sided.py TRIPLES_STORE [--sparq FOLDER] [--statistics FOLDER] [--seconds 60]

TRIPLES_STORE is a pyoxigraph store whose default graph is asked, FOLDER what sparq saved of the same triples. Each
question runs in a process of its own that is killed after so many seconds, on sparq in the text that a server gives it.
Prints Markdown: seconds, rows, and whether the answers agree; ends with status 1 when two that finished do not.
"""

import argparse
import hashlib
import json
import multiprocessing
import sys
import time
import tomllib
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from trialgraph.query.text.analysis import analyze
from trialgraph.query.text.engine_text import rewritten
from trialgraph.query.text.optimizer import plan
from trialgraph.sparql.edits import edited
from trialgraph.sparql.parser import parse
from trialgraph.store import Statistics

try:
    import sparq
except ImportError:
    sparq = None

PREFIXES = """PREFIX tg: <https://w3id.org/trialgraph/ontology#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
"""
QUESTIONS = Path(__file__).with_name("two-sided-questions.toml")


def text_of(question: dict[str, str]) -> str:
    """Return the query of a row."""
    return f"{PREFIXES}SELECT {question['select']} {{ {question['where']} }} {question.get('after', '')}"


def rows_of(document: str | bytes) -> tuple[int, str]:
    """Return how many rows an answer has, and a digest of them that order and form of numbers do not change."""
    found = json.loads(document)["results"]["bindings"]
    rows = sorted(str(sorted((name, _plain(term)) for name, term in row.items())) for row in found)
    return len(rows), hashlib.sha256("\n".join(rows).encode()).hexdigest()[:12]


def _plain(term: dict[str, str]) -> str:
    try:
        return f"{float(term['value']):.6g}"
    except ValueError:
        return term["value"]


def _ask(engine: str, place: str, text: str, answer: Connection) -> None:
    if engine == "sparq":
        graph = sparq.Graph.open(place)
        started = time.perf_counter()
        document: Any = graph.query_json(text)
    else:
        store = ox.Store.read_only(place)
        started = time.perf_counter()
        results: Any = store.query(text)
        document = results.serialize(format=ox.QueryResultsFormat.JSON)
    answer.send((time.perf_counter() - started, *rows_of(document)))


def measured(engine: str, place: str, text: str, seconds: float) -> tuple[float, int, str] | None:
    """Return seconds, rows and their digest; None when it did not finish."""
    ours, theirs = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.Process(target=_ask, args=(engine, place, text, theirs))
    process.start()
    theirs.close()
    try:
        return ours.recv() if ours.poll(seconds) else None
    except EOFError:
        return None
    finally:
        process.kill()
        process.join()


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("store")
    parser.add_argument("--sparq")
    parser.add_argument("--statistics", type=Path)
    parser.add_argument("--seconds", type=float, default=60)
    options = parser.parse_args()
    statistics = Statistics.read(options.statistics) if options.statistics else None
    print("| question | rows | as asked | planned | sparq | same |\n|---|---:|---:|---:|---:|---|")
    differing = 0
    for question in tomllib.loads(QUESTIONS.read_text())["question"]:
        text = text_of(question)
        edits = plan(parse(text), statistics) if statistics else ()
        found = [measured("oxigraph", options.store, text, options.seconds)]
        found.append(measured("oxigraph", options.store, edited(text, edits), options.seconds) if edits else None)
        given = rewritten(analyze(text), statistics, joins=True).get("joined")
        found.append(measured("sparq", options.sparq, given, options.seconds) if options.sparq and given else None)
        done = [each for each in found if each]
        same = len({each[1:] for each in done}) < 2
        differing += not same
        cells = [f"{each[0]:.3f}" if each else "-" for each in found]
        print(
            f"| {question['name']} | {done[0][1] if done else ''} | {' | '.join(cells)} | {'yes' if same else 'NO'} |"
        )
        sys.stdout.flush()
    return int(differing > 0)


if __name__ == "__main__":
    sys.exit(main())
