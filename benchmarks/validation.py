"""Validation of records: the fast path against pySHACL and pyrudof, in triples per CPU second.

    python benchmarks/validation.py
    python benchmarks/validation.py --triples 200000 --runs 3

Every engine gets the same triples of real records, one in a thousand damaged, and the same SHACL Core shapes
(`shapes/registry*.ttl`); how many results it finds stands beside its speed. The figures are medians of the runs, each
with loading and without: for the fast path loading is the indexing, for the others the parsing of N-Triples. The fast
path goes record by record, the others take one graph of all records. Shapes are read beforehand. pyrudof is left out
when it is not installed.
"""

import argparse
import importlib
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyshacl
import rdflib
from records import RECORDS, lines, plan

from trialgraph.settings import packaged
from trialgraph.terms import Triple, line
from trialgraph.validation import compile_shapes, read_shapes
from trialgraph.validation.triple_index import index_triples

SHAPES = sorted(packaged("shapes").glob("registry*.ttl"))
Run = Callable[[], tuple[float, float, int]]
"""One measured run: CPU seconds of loading, of validation, and the number of results."""


def sample(triples: int, path: Path) -> list[list[Triple]]:
    """Return the triples of real records, large ones among small, until there are so many; some are damaged."""
    documents, mapping = lines(path), plan()
    graphs: list[list[Triple]] = []
    for place in range(len(documents)):
        # A stride prime to the number of records visits each of them once.
        graphs.append(mapping.to_triples(json.loads(documents[place * 377 % len(documents)])))
        if sum(map(len, graphs)) >= triples:
            break
    return [
        [(s, p, "<https://example.org/wrong>" if place % 1000 == 999 else o) for place, (s, p, o) in enumerate(graph)]
        for graph in graphs
    ]


def fast(graphs: list[list[Triple]]) -> Run:
    """Return a run of the fast path."""
    checker = compile_shapes(read_shapes(*SHAPES))

    def run() -> tuple[float, float, int]:
        start = time.process_time()
        for graph in graphs:
            index_triples(graph)
        loaded = time.process_time()
        found = sum(len(checker.check(graph)) for graph in graphs)
        # `check` indexes for itself, so its time holds the loading too.
        return loaded - start, time.process_time() - loaded - (loaded - start), found

    return run


def pyshacl_engine(graphs: list[list[Triple]]) -> Run:
    """Return a run of pySHACL over rdflib."""
    text = "".join(line(triple) for graph in graphs for triple in graph)

    def run() -> tuple[float, float, int]:
        shapes = rdflib.Graph()
        for file in SHAPES:
            shapes.parse(file)
        start = time.process_time()
        graph = rdflib.Graph().parse(data=text, format="nt")
        loaded = time.process_time()
        _, report, _ = pyshacl.validate(graph, shacl_graph=shapes, inplace=True)
        found = len(list(report.objects(None, rdflib.SH.result)))
        return loaded - start, time.process_time() - loaded, found

    return run


def pyrudof_engine(graphs: list[list[Triple]]) -> Run | None:
    """Return a run of pyrudof, or None when it is not installed."""
    try:
        pyrudof: Any = importlib.import_module("pyrudof")
    except ModuleNotFoundError:
        return None
    text = "".join(line(triple) for graph in graphs for triple in graph)
    shapes = "\n".join(file.read_text() for file in SHAPES)

    def run() -> tuple[float, float, int]:
        rudof = pyrudof.Rudof(pyrudof.RudofConfig())
        rudof.read_shacl(shapes)
        start = time.process_time()
        rudof.read_data(text, pyrudof.RDFFormat.NTriples)
        loaded = time.process_time()
        found = len(rudof.validate_shacl())
        return loaded - start, time.process_time() - loaded, found

    return run


def main() -> None:
    """Print one line for each engine."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--triples", type=int, default=50_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--records", type=Path, default=RECORDS)
    options = parser.parse_args()
    graphs = sample(options.triples, options.records)
    triples = sum(map(len, graphs))
    print(f"{len(graphs)} records, {triples} triples, median of {options.runs}; triples per CPU second")
    engines = {"fast": fast(graphs), "pySHACL": pyshacl_engine(graphs), "pyrudof": pyrudof_engine(graphs)}
    for name, run in engines.items():
        if run is None:
            print(f"{name:8}  not installed")
            continue
        runs = [run() for _ in range(options.runs)]
        load, check = (statistics.median(times) for times in list(zip(*runs, strict=True))[:2])
        print(
            f"{name:8}  validation {triples / check:>10,.0f}   with loading {triples / (load + check):>10,.0f}"
            f"   results {runs[0][2]}"
        )


if __name__ == "__main__":
    main()
