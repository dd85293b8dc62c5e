"""The build, step by step; each step is a short function, and this file is their order."""

import hashlib
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

import trialgraph
from trialgraph.build.outcome import BuildReport, OnProgress, Progress, silent
from trialgraph.build.sources import Graphs, digests, read_files, read_graphs, read_turtle, turtle_files
from trialgraph.release.dumps import DumpFile, DumpPolicy, DumpWriter
from trialgraph.release.syntaxes import SYNTAXES
from trialgraph.store import Draft, begin_release, bulk_load, publish, sha256, version_for
from trialgraph.terms import sorted_lines
from trialgraph.validation import ValidationReport
from trialgraph.validation import validate as validate_graph
from trialgraph.vocabulary import GRAPHS

_BLOCK: Final = 4 * 2**20
"""Bytes of N-Triples that go to the dumps and the store at a time."""


@dataclass(frozen=True)
class Sources:
    """The folders a release is made from."""

    ontology: Path
    data: Path
    shapes: Path


@dataclass
class _Work:
    """A build under way."""

    sources: Sources
    issued: date
    draft: Draft
    on_progress: OnProgress
    pool: Executor | None
    graphs: Graphs = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Measure a stage."""
        start = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - start


def build(
    *,
    data: Path,
    ontology: Path,
    shapes: Path,
    root: Path,
    issued: date,
    records: Sequence[Path] = (),
    validate: bool = True,
    strict: bool = False,
    optimize: bool = True,
    workers: int = 2,
    policy: DumpPolicy | None = None,
    on_progress: OnProgress = silent,
) -> BuildReport:
    """Make a release of the sources and publish it under `root`.

    `workers` is the number of processes beside this one; it changes no byte of what is made. With `strict` a record
    that would be set aside stops the build.

    Raises ReleaseBusy, SourceError, ShapeError, NonconformanceError when curated data break a shape of severity
    Violation, and the RecordError that `strict` stops at. Nothing is published then.
    """
    sources = Sources(ontology.resolve(), data.resolve(), shapes.resolve())
    with begin_release(root) as draft, _pool(workers) as pool:
        work = _Work(sources, issued, draft, on_progress, pool)
        with work.stage("reading"):
            work.graphs = read_graphs(sources.ontology, sources.data)
        report = _validated(work) if validate else ValidationReport.of([])
        return _finish(work, report, policy, optimize=optimize)


@contextmanager
def _pool(workers: int) -> Iterator[Executor | None]:
    # Workers are started afresh rather than forked: a fork of a process with threads may hang.
    if workers < 2:
        yield None
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("forkserver")) as pool:
        yield pool


def validate_files(files: Iterable[Path], shapes: Path, ontology: Path) -> ValidationReport:
    """Return the report of RDF files, read together, against the shapes; the ontology is what they are read against.

    Raises FormatError, SourceError and ShapeError.
    """
    background = read_turtle("ontology", sorted(ontology.glob("*.ttl")))
    return validate_graph(read_files(files), shapes.resolve(), background=background)


def _validated(work: _Work) -> ValidationReport:
    """Return the report of the curated graphs; the ontology is what they are read against."""
    with work.stage("validating"):
        work.on_progress(Progress("validating", 0, None, "curated triples"))
        checked = [triple for name, triples in work.graphs.items() if name != "ontology" for triple in triples]
        report = validate_graph(checked, work.sources.shapes, background=work.graphs.get("ontology", []))
    report.raise_for_results()
    return report


def _finish(work: _Work, report: ValidationReport, policy: DumpPolicy | None, *, optimize: bool) -> BuildReport:
    draft = work.draft
    draft.version = version_for(draft.root, work.issued.isoformat(), content := _content(work))
    work.counts = {name: len(triples) for name, triples in work.graphs.items()}
    with work.stage("writing"):
        dumps = _write(work, policy or DumpPolicy.for_size(sum(work.counts.values())), optimize=optimize)
    (draft.path / "report.ttl").write_text(report_turtle(report), encoding="utf-8")
    (draft.path / "rejected.jsonl").write_bytes(b"")
    draft.write_manifest(_manifest(work, content, dumps, report))
    with work.stage("publishing"):
        release = publish(draft)
    return BuildReport(
        release=release,
        counts=work.counts,
        records=0,
        rejected=0,
        results=report.counts(),
        seconds=work.seconds,
    )


def _write(work: _Work, policy: DumpPolicy, *, optimize: bool) -> list[DumpFile]:
    """Give every triple to the dumps and to the store in one pass; return the dumps."""
    folder = work.draft.path / "dumps"
    folder.mkdir()
    writer = DumpWriter(folder, policy, executor=work.pool)

    def quads() -> Iterator[bytes]:
        for name, text in _blocks(work.graphs):
            graph = GRAPHS[name]
            writer.write(graph, text)
            yield text.replace(b" .\n", f" <{graph}> .\n".encode())

    bulk_load(work.draft.store, quads(), optimize=optimize)
    return writer.finish()


def _blocks(graphs: Graphs) -> Iterator[tuple[str, bytes]]:
    for name, triples in graphs.items():
        for text in _portions(sorted_lines(triples)):
            yield name, text


def _portions(lines: Iterable[str]) -> Iterator[bytes]:
    """Yield lines as blocks of some megabytes."""
    portion: list[str] = []
    size = 0
    for line in lines:
        portion.append(line)
        size += len(line)
        if size >= _BLOCK:
            yield "".join(portion).encode()
            portion, size = [], 0
    if portion:
        yield "".join(portion).encode()


def _content(work: _Work) -> str:
    """Return a digest of what the release says and of the program that says it."""
    digest = hashlib.sha256(program_digest().encode())
    for name, triples in sorted(work.graphs.items()):
        digest.update(name.encode())
        for portion in _portions(sorted_lines(triples)):
            digest.update(portion)
    return digest.hexdigest()


def program_digest() -> str:
    """Return a digest of this package's source, so that what an older program made is not taken for our own."""
    package = Path(trialgraph.__file__).parent
    files = [path for path in sorted(package.rglob("*.py")) if path.relative_to(package).parts[0] not in _SERVING]
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


_SERVING: Final = {"web", "query", "cli.py"}


def report_turtle(report: ValidationReport) -> str:
    """Return a validation report as Turtle."""
    turtle = SYNTAXES["turtle"]
    return turtle.opening() + turtle.block("".join(sorted_lines(report.to_triples())), None)[0]


def _manifest(work: _Work, content: str, dumps: list[DumpFile], report: ValidationReport) -> dict[str, Any]:
    path = work.draft.path
    return {
        "version": work.draft.version,
        "issued": work.issued.isoformat(),
        "tool": {"name": "trialgraph", "version": trialgraph.__version__},
        "content": content,
        "graphs": {name: {"iri": GRAPHS[name], "triples": count} for name, count in work.counts.items()},
        "counts": {"quads": sum(work.counts.values()), "records": 0},
        "rejected": 0,
        "validation": {"conforms": report.conforms, "results": report.counts()},
        "dumps": [_dump_entry(path, dump) for dump in dumps],
        "files": [_file_entry(path, name) for name in ("rejected.jsonl", "report.ttl")],
        "inputs": _inputs(work.sources),
    }


def _dump_entry(folder: Path, dump: DumpFile) -> dict[str, Any]:
    return {
        "path": dump.path.relative_to(folder).as_posix(),
        "media_type": dump.format.media_type,
        "format": dump.format.name,
        "compression": dump.compression.name,
        "bytes": dump.bytes,
        "sha256": dump.sha256,
        "graph": dump.graph,
        "triples": dump.triples,
        "left_out": dump.left_out,
    }


def _file_entry(folder: Path, name: str) -> dict[str, Any]:
    return {"path": name, "bytes": (folder / name).stat().st_size, "sha256": sha256(folder / name)}


def _inputs(sources: Sources) -> list[dict[str, object]]:
    paths = [*turtle_files(sources.ontology, sources.data), *sorted(sources.shapes.glob("*.ttl"))]
    return list(digests(paths, [f"{path.parent.name}/{path.name}" for path in paths]))
