"""What the whole build costs, beside bulk-loading the finished N-Quads alone and beside rdflib.

    python benchmarks/build.py [--quads 2400000 10000000] [--repeat 5] [--chart benchmarks/build.svg]

Real records, repeated under new NCT numbers until they make so many quads (`records.py`). For each size:

    load          the N-Quads of the release, finished, into a store, rewritten for fast reading
    build         from JSON lines to a published release: store, dumps, statistics, search index, description
    + validation  the same, every record checked against the shapes
    rdflib        JSON mapped, put into an rdflib graph, checked by pySHACL, written as N-Quads and Turtle, gzipped; a sample of records

Each run is a process of its own; wall-clock and processor time and the memory of it and all its children are taken
from /proc, twenty times a second (resident memory, so pages that processes share count in each). Medians of the
repetitions are printed as Markdown, then what the whole registry would take by its bytes of JSON.
"""

import argparse
import gzip
import itertools
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import pyshacl
import rdflib
import records
import zstandard

from trialgraph import terms
from trialgraph.pipeline import BuildOptions, build
from trialgraph.settings import packaged
from trialgraph.store import bulk_load
from trialgraph.terms import Triple
from trialgraph.vocabulary import Graph

REGISTRY_RECORDS: Final = 577_000
REGISTRY_RECORD_BYTES: Final = 17_000
GOALS: Final = {"load": 1.0, "build": 1.5, "+ validation": 3.0}
RDFLIB_RECORDS: Final = 25
_TICKS: Final = os.sysconf("SC_CLK_TCK")
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Run:
    """What one run took."""

    wall: float
    cpu: float
    memory: int
    """Highest resident memory of the processes together, in bytes."""


# ---- measuring ----


def measured(*arguments: str) -> Run:
    """Run this file with arguments in a process of its own."""
    command = [sys.executable, __file__, "--run", *arguments]
    started = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    ticks: dict[int, int] = {}
    peak = 0
    while child.poll() is None:
        tree = _tree(child.pid)
        ticks.update({pid: used for pid, (used, _) in tree.items()})
        peak = max(peak, sum(pages for _, pages in tree.values()) * _PAGE)
        time.sleep(0.05)
    if child.returncode:
        raise RuntimeError(f"{arguments} ended with status {child.returncode}")
    return Run(time.perf_counter() - started, sum(ticks.values()) / _TICKS, peak)


def _tree(root: int) -> dict[int, tuple[int, int]]:
    """Return clock ticks and resident pages of a process and its descendants."""
    stats = {int(path.name): _stat(path) for path in Path("/proc").iterdir() if path.name.isdigit()}
    found, waiting = {}, [root]
    while waiting:
        pid = waiting.pop()
        if known := stats.get(pid):
            found[pid] = known[1:]
            waiting += [child for child, stat in stats.items() if stat and stat[0] == pid]
    return found


def _stat(path: Path) -> tuple[int, int, int] | None:
    """Return parent, clock ticks and resident pages of a process; None when it is gone."""
    try:
        fields = (path / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return int(fields[1]), int(fields[11]) + int(fields[12]), int(fields[21])


def median(runs: list[Run]) -> Run:
    """Return the medians of wall-clock and processor time, and the highest memory."""
    wall, cpu = (statistics.median(getattr(run, name) for run in runs) for name in ("wall", "cpu"))
    return Run(wall, cpu, max(run.memory for run in runs))


# ---- what is measured ----


def load(quads: Path, store: Path) -> None:
    """Load N-Quads alone, each into its graph, and rewrite the store for fast reading."""
    with quads.open("rb") as file:
        bulk_load(store, iter(lambda: b"".join(file.readlines(2**22)), b""))


def build_release(source: Path, root: Path, *, validate: bool) -> None:
    """Build a release of records and the curated data."""
    sources = {name: packaged(name) for name in ("data", "ontology", "shapes")}
    build(BuildOptions(**sources, root=root, issued=date(2026, 11, 28), records=[source], validate=validate))


def rdflib_pipeline(source: Path, to: Path) -> None:
    """Map, check and write a sample of records with rdflib; write how many quads and how long."""
    plan = records.plan()
    shapes = rdflib.Graph()
    for file in (*sorted(packaged("shapes").glob("registry*.ttl")), *sorted(packaged("ontology").glob("*.ttl"))):
        shapes.parse(file)
    with source.open("rb") as file:
        lines = list(itertools.islice(file, 0, 50 * RDFLIB_RECORDS, 50))
    started = time.perf_counter()
    dataset = rdflib.Dataset()
    graph = dataset.graph(rdflib.URIRef(Graph.REGISTRY))
    for line in lines:
        for triple in plan.to_triples(json.loads(line)):
            graph.add(_rdflib(triple))
    pyshacl.validate(graph, shacl_graph=shapes, inplace=True)
    for of, name in ((dataset, "nquads"), (graph, "turtle")):
        with gzip.open(to.with_suffix(f".{name}.gz"), "wb", 6) as file:
            of.serialize(file, format=name, encoding="utf-8")
    to.write_text(json.dumps({"seconds": time.perf_counter() - started, "quads": len(graph)}))


def _rdflib(triple: Triple) -> tuple[rdflib.URIRef, rdflib.URIRef, rdflib.URIRef | rdflib.Literal]:
    subject, predicate, value = triple
    if terms.is_iri(value):
        return rdflib.URIRef(subject[1:-1]), rdflib.URIRef(predicate[1:-1]), rdflib.URIRef(value[1:-1])
    literal = rdflib.Literal(terms.lexical(value), datatype=rdflib.URIRef(terms.datatype(value)))
    return rdflib.URIRef(subject[1:-1]), rdflib.URIRef(predicate[1:-1]), literal


def run(kind: str, source: Path, to: Path) -> None:
    """Do what is measured; this is the process that `measured` starts."""
    if kind == "load":
        load(source, to)
    elif kind == "rdflib":
        rdflib_pipeline(source, to)
    else:
        build_release(source, to, validate=kind == "+ validation")


# ---- the comparison ----


@dataclass(frozen=True)
class Size:
    """What was found at one size."""

    quads: int
    json_bytes: int
    release_bytes: int
    runs: dict[str, Run]
    rdflib_rate: float
    """Quads a second."""


def compare(quads: int, repeat: int, folder: Path) -> Size:
    """Measure at one size; turns are interleaved, so that what else the machine does meets all alike."""
    source, finished = folder / "records.jsonl", folder / "finished.nq"
    with source.open("wb") as file:
        file.writelines(records.repeated(quads))
    runs: dict[str, list[Run]] = {kind: [] for kind in GOALS}
    rates, release_bytes, made = [], 0, 0
    for _ in range(repeat):
        for kind in ("+ validation", "build", "load"):
            to = folder / "made"
            runs[kind].append(measured(kind, str(finished if kind == "load" else source), str(to)))
            if kind == "+ validation":
                current = (to / "current").resolve()
                release_bytes = sum(path.stat().st_size for path in current.rglob("*"))
                made = json.loads((current / "manifest.json").read_bytes())["counts"]["quads"]
                _unpack(current / "dumps" / "trialgraph.nq.zst", finished)
            shutil.rmtree(to)
        measured("rdflib", str(source), str(folder / "rdflib"))
        sample = json.loads((folder / "rdflib").read_bytes())
        rates.append(sample["quads"] / sample["seconds"])
        print(f"{made:,} quads: {len(rates)} of {repeat}", file=sys.stderr, flush=True)
    medians = {kind: median(each) for kind, each in runs.items()}
    return Size(made, source.stat().st_size, release_bytes, medians, statistics.median(rates))


def _unpack(packed: Path, to: Path) -> None:
    with packed.open("rb") as source, to.open("wb") as target:
        zstandard.ZstdDecompressor().copy_stream(source, target)


# ---- what is shown ----


def table(size: Size) -> str:
    """Return the results of one size as Markdown."""
    limit = size.runs["load"]
    lines = [
        f"{size.quads:,} quads, {size.json_bytes / 1e6:,.0f} MB of JSON, release {size.release_bytes / 1e9:.2f} GB\n",
        "| | wall s | times load | goal | CPU s | peak memory MB | quads a second | times rdflib |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for kind, goal in GOALS.items():
        each = size.runs[kind]
        rate = size.quads / each.wall
        lines.append(
            f"| {kind} | {each.wall:.1f} | {each.wall / limit.wall:.2f} | {goal} | {each.cpu:.1f} | "
            f"{each.memory / 2**20:,.0f} | {rate:,.0f} | {rate / size.rdflib_rate:.0f} |"
        )
    lines.append(f"| rdflib and pySHACL, {RDFLIB_RECORDS} records | | | | | | {size.rdflib_rate:,.0f} | 1 |")
    return "\n".join(lines) + "\n"


def registry(size: Size) -> str:
    """Return what the whole registry would take, by bytes of JSON."""
    factor = REGISTRY_RECORDS * REGISTRY_RECORD_BYTES / size.json_bytes
    each = size.runs["+ validation"]
    return (
        f"The registry ({REGISTRY_RECORDS:,} records of {REGISTRY_RECORD_BYTES // 1000} kB) is {factor:.0f} times that: "
        f"{size.quads * factor / 1e6:,.0f} million quads, {each.wall * factor / 3600:.1f} hours, "
        f"{size.release_bytes * factor / 1e9:,.0f} GB of disk, if time grows with size.\n"
    )


def chart(sizes: list[Size]) -> str:
    """Return the wall-clock times, divided by that of loading alone, as SVG."""
    bar, left, unit = 22, 150, 130
    parts, y = [], 50
    for size in sizes:
        parts.append(f'<text x="8" y="{y}" class="b">{size.quads / 1e6:.1f} million quads</text>')
        for kind, goal in GOALS.items():
            y += bar + 4
            times = size.runs[kind].wall / size.runs["load"].wall
            goal_x = left + goal * unit
            parts.append(
                f'<text x="8" y="{y}">{kind}</text>'
                f'<rect x="{left}" y="{y - 15}" width="{times * unit:.0f}" height="{bar - 2}" fill="#4477aa"/>'
                f'<text x="{left + times * unit + 6:.0f}" y="{y}">{times:.2f}</text>'
                f'<path d="M{goal_x:.0f} {y - 17}v{bar + 2}" stroke="#cc3311" stroke-width="2"/>'
            )
        y += bar + 20
    style = "text{font:14px sans-serif;fill:#222}.b{font-weight:bold}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="640" height="{y}" viewBox="0 0 640 {y}" role="img">'
        f"<title>Time of a build, divided by that of loading alone</title><style>{style}</style>"
        f'<rect width="640" height="{y}" fill="#fff"/>'
        f'<text x="8" y="22">Time, divided by bulk-loading the finished N-Quads alone; red: the goal</text>'
        f"{''.join(parts)}</svg>\n"
    )


def main() -> None:
    """Compare size by size; print as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quads", type=int, nargs="+", default=[2_400_000, 10_000_000])
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--chart", type=Path, help="Where to write the chart, as SVG.")
    parser.add_argument("--run", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        kind, source, to = options.run
        run(kind, Path(source), Path(to))
        return
    sizes = []
    for quads in options.quads:
        with tempfile.TemporaryDirectory() as name:
            sizes.append(compare(quads, options.repeat, Path(name)))
        print(table(sizes[-1]), flush=True)
    print(registry(sizes[-1]))
    if options.chart:
        options.chart.write_text(chart(sizes), encoding="utf-8")


if __name__ == "__main__":
    main()
