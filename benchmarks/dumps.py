"""What a dump costs, against serializing and compressing the same store, and against compressing its text alone.

    python benchmarks/dumps.py [--triples 10000000] [--workers 2] [--kinds "nq.gz nq.zst ttl.gz"]

Real records, repeated under new NCT numbers (`records.py`). Ours starts from N-Triples text, pyoxigraph from a store
loaded before, the compressor alone from the finished text of our dump; gzip is Python's, at its customary level 6.
Wall-clock seconds; ours divided by the second must stay under 1.3. The last line gives the highest memory of this
process and of its workers.
"""

import argparse
import gzip
import json
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import IO, Final

import pyoxigraph as ox
import records
import zstandard

from trialgraph.release.compressed_files import ZSTD_LEVEL
from trialgraph.release.dump_policy import DumpKind, DumpPolicy
from trialgraph.release.dump_writer import DumpWriter
from trialgraph.syntaxes.subject_groups import Passage
from trialgraph.vocabulary import PREFIXES, Graph

GZIP_LEVEL: Final = 6
RECORDS_A_TEXT: Final = 100


def portions(triples: int) -> Iterator[bytes]:
    """Yield the text of about so many triples, some records at a time."""
    plan, all_lines = records.plan(), records.repeated(triples)
    while lines := list(islice(all_lines, RECORDS_A_TEXT)):
        yield Passage.of([triple for line in lines for triple in plan.to_triples(json.loads(line))]).text


def ours(texts: list[Path], kind: str, folder: Path, workers: int) -> tuple[float, Path]:
    """Return the seconds our dump takes from text on disk, and the dump."""
    policy = DumpPolicy.parse(*((kind, "") if DumpKind.parse(kind).format.holds_named_graphs else ("", kind)))
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        pool.submit(len, "").result()
        started = time.perf_counter()
        with DumpWriter(folder, policy, executor=pool) as writer:
            for path in texts:
                writer.write(Graph.REGISTRY, path.read_bytes())
            files = writer.finish()
        return time.perf_counter() - started, files[0].path


def theirs(store: ox.Store, kind: str, folder: Path) -> float:
    """Return the seconds pyoxigraph and the compressor take, streaming one into the other."""
    chosen = DumpKind.parse(kind)
    graph = None if chosen.format.holds_named_graphs else ox.NamedNode(Graph.REGISTRY)
    started = time.perf_counter()
    with packed(folder / "theirs", chosen) as file:
        store.dump(file, chosen.format.oxigraph, from_graph=graph, prefixes=PREFIXES)
    return time.perf_counter() - started


def alone(dump: Path, kind: str, folder: Path) -> float:
    """Return the seconds the compressor takes for the text of a dump."""
    chosen, text = DumpKind.parse(kind), folder / "text"
    with dump.open("rb") as file, text.open("wb") as to:
        if chosen.compression.name == "gzip":
            shutil.copyfileobj(gzip.GzipFile(fileobj=file), to, 2**20)
        else:
            zstandard.ZstdDecompressor().copy_stream(file, to)
    started = time.perf_counter()
    with text.open("rb") as source, packed(folder / "alone", chosen) as file:
        shutil.copyfileobj(source, file, 2**20)
    return time.perf_counter() - started


@contextmanager
def packed(path: Path, kind: DumpKind) -> Iterator[IO[bytes]]:
    """Open a file that is compressed while it is written."""
    with path.open("wb") as file:
        if kind.compression.name == "gzip":
            with gzip.GzipFile(fileobj=file, mode="wb", compresslevel=GZIP_LEVEL, mtime=0) as through:
                yield through
        else:
            with zstandard.ZstdCompressor(level=ZSTD_LEVEL, threads=2).stream_writer(file, closefd=False) as through:
                yield through


def main() -> None:
    """Compare, kind by kind."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
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
        print(f"{count:,} triples\n")
        print("| dump | ours s | store and compression s | ratio | compression alone s | ratio | MB |")
        print("|---|---:|---:|---:|---:|---:|---:|")
        for kind, (seconds, dump) in own.items():
            store_seconds, least = theirs(store, kind, folder), alone(dump, kind, folder)
            print(
                f"| {kind} | {seconds:.1f} | {store_seconds:.1f} | {seconds / store_seconds:.2f} | {least:.1f} | "
                f"{seconds / least:.2f} | {dump.stat().st_size / 1e6:.1f} |"
            )
            sys.stdout.flush()
    print(f"\nMemory of ours: {memory[0]} MB, of its largest worker {memory[1]} MB.")


if __name__ == "__main__":
    main()
