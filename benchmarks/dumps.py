"""What a dump costs, against serializing and compressing the same store alone.

    python benchmarks/dumps.py [--triples 10000000] [--workers 2] [--kinds "nq.gz nq.zst ttl.gz"]

Both sides start from what they would have: ours from N-Triples text, pyoxigraph from a store loaded before.
The figures are wall-clock seconds; "ratio" is ours divided by the other, and must stay under 1.3.
The last line gives the highest memory of this process and of its workers.
"""

import argparse
import gzip
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pyoxigraph as ox
import zstandard

from trialgraph import terms
from trialgraph.release.compression import GZIP_LEVEL, ZSTD_LEVEL
from trialgraph.release.dumps import DumpKind, DumpPolicy, DumpWriter
from trialgraph.vocabulary import ONTOLOGY, PREFIXES, RESOURCE, Graph

TRIPLES_PER_TRIAL = 208


def trial(number: int) -> bytes:
    """Return the lines of one made-up trial: 26 parts of 8 triples each."""
    iri = f"{RESOURCE}NCT{number:08}"
    lines = []
    for place in range(26):
        part = f"<{iri}/location/{place}>" if place else f"<{iri}>"
        lines += [
            f"{part} {terms.RDF_TYPE} <{ONTOLOGY}#{'Location' if place else 'Trial'}> .\n",
            f'{part} {terms.RDFS_LABEL} "Hospital {number * 31 % 9973} of district {place}" .\n',
            f'{part} <{ONTOLOGY}#city> "City {number * 17 % 1999}" .\n',
            f'{part} <{ONTOLOGY}#status> "{("RECRUITING", "COMPLETED", "WITHDRAWN")[number % 3]}" .\n',
            f'{part} <{ONTOLOGY}#position> "{place}"^^<{terms.XSD}integer> .\n',
            f'{part} <{ONTOLOGY}#date> "20{number % 26:02}-0{1 + place % 9}-11"^^<{terms.XSD}date> .\n',
            f"{part} <{ONTOLOGY}#partOf> <{iri}> .\n",
            f'{part} <{ONTOLOGY}#note> "Note {number * place * 7919 % 1000003}:\\nsecond line, {number:x}" .\n',
        ]
    return "".join(lines).encode()


def portions(triples: int) -> Iterator[bytes]:
    """Yield the text of about so many triples, 100 trials at a time."""
    for start in range(0, triples // TRIPLES_PER_TRIAL, 100):
        yield b"".join(trial(number) for number in range(start, start + 100))


def ours(texts: list[Path], kind: str, folder: Path, workers: int) -> float:
    """Return the seconds our dump takes from text on disk."""
    policy = DumpPolicy.parse(*((kind, "") if DumpKind.parse(kind).format.holds_named_graphs else ("", kind)))
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        pool.submit(len, "").result()
        started = time.perf_counter()
        with DumpWriter(folder, policy, executor=pool) as writer:
            for path in texts:
                writer.write(Graph.REGISTRY, path.read_bytes())
            files = writer.finish()
        seconds = time.perf_counter() - started
    for file in files:
        file.path.unlink()
    return seconds


def theirs(store: ox.Store, kind: str, folder: Path) -> float:
    """Return the seconds pyoxigraph and the compressor take, streaming one into the other."""
    chosen = DumpKind.parse(kind)
    path = folder / f"theirs.{kind}"
    graph = None if chosen.format.holds_named_graphs else ox.NamedNode(Graph.REGISTRY)
    started = time.perf_counter()
    with path.open("wb") as file:
        if chosen.compression.name == "gzip":
            with gzip.GzipFile(fileobj=file, mode="wb", compresslevel=GZIP_LEVEL, mtime=0) as packed:
                store.dump(packed, chosen.format.oxigraph, from_graph=graph, prefixes=PREFIXES)
        elif chosen.compression.name == "zstd":
            with zstandard.ZstdCompressor(level=ZSTD_LEVEL, threads=2).stream_writer(file, closefd=False) as packed:
                store.dump(packed, chosen.format.oxigraph, from_graph=graph, prefixes=PREFIXES)
        else:
            store.dump(file, chosen.format.oxigraph, from_graph=graph, prefixes=PREFIXES)
    seconds = time.perf_counter() - started
    path.unlink()
    return seconds


def main() -> None:
    """Compare, kind by kind."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--triples", type=int, default=10_000_000)
    options.add_argument("--workers", type=int, default=2)
    options.add_argument("--kinds", default="nq.gz nq.zst ttl.gz nt.zst")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        texts, count = [], 0
        for number, text in enumerate(portions(chosen.triples)):
            texts.append(folder / f"{number}.nt")
            texts[-1].write_bytes(text)
            count += text.count(b"\n")
        own = {kind: ours(texts, kind, folder, chosen.workers) for kind in chosen.kinds.split()}
        memory = [
            resource.getrusage(who).ru_maxrss // 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        ]
        store = ox.Store(folder / "store")
        for path in texts:
            store.bulk_load(path=str(path), format=ox.RdfFormat.N_TRIPLES, to_graph=ox.NamedNode(Graph.REGISTRY))
        for kind, seconds in own.items():
            other = theirs(store, kind, folder)
            print(
                f"{kind:8} {count:,} triples: ours {seconds:.1f} s, store {other:.1f} s, ratio {seconds / other:.2f}"
            )
            sys.stdout.flush()
    print(f"memory of ours: {memory[0]} MB, of its largest worker {memory[1]} MB")


if __name__ == "__main__":
    main()
