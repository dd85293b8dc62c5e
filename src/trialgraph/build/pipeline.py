"""The build, step by step; each step is a short function, and this file is their order."""

import hashlib
import json
import shutil
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from typing import IO, Final

import trialgraph
from trialgraph.build.chunks import Made, Recipe, read_part, start_worker
from trialgraph.build.gathering import Gathering
from trialgraph.build.manifest import manifest
from trialgraph.build.outcome import BuildReport, OnProgress, Progress, silent
from trialgraph.build.parts import Parts
from trialgraph.build.reading import Rejected, gather, make_parts
from trialgraph.build.reporting import Findings, write_report
from trialgraph.build.sources import Graphs, Sources, read_files, read_graphs, read_turtle
from trialgraph.build.writing import Text, Writing, texts_of
from trialgraph.release.dumps import DumpPolicy
from trialgraph.store import Draft, begin_release, publish, version_for
from trialgraph.validation import ValidationReport, read_shapes
from trialgraph.validation import validate as validate_graph

_RECORDS: Final = "records"
_SCRATCH: Final = "scratch"
_QUADS_A_RECORD: Final = 1000
"""About; it only decides which dumps are worth making."""


@dataclass
class Work:
    """A build or update under way."""

    sources: Sources
    issued: date
    draft: Draft
    parts: Parts
    recipe: Recipe
    pool: Executor | None
    rejected: Rejected
    on_progress: OnProgress
    graphs: Graphs = field(default_factory=dict)
    findings: Findings | None = None
    made: list[Made] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Measure a stage."""
        start = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - start

    def texts(self, gathering: Gathering) -> Iterator[Text]:
        """Yield all triples: those of the graphs, then those of the records, which are made on the way."""
        for name, triples in self.graphs.items():
            yield from texts_of(name, triples)
        for made in make_parts(gathering, self.parts, self.recipe, self.pool, self.on_progress):
            self.made.append(made)
            self.rejected.add_lines(made.rejected)
            if made.triples:
                yield "registry", read_part(made, self.parts.folder, "nt")


def build(
    *,
    data: Path,
    ontology: Path,
    shapes: Path,
    root: Path,
    issued: date,
    records: Sequence[Path] = (),
    standard_input: IO[bytes] | None = None,
    validate: bool = True,
    strict: bool = False,
    optimize: bool = True,
    workers: int = 2,
    policy: DumpPolicy | None = None,
    on_progress: OnProgress = silent,
) -> BuildReport:
    """Make a release of the sources and publish it under `root`.

    `workers` is the number of processes that work beside this one; it changes no byte of what is made. With `strict`
    a record that would be set aside stops the build.

    Raises ReleaseBusy, SourceError, ShapeError, MappingError, NonconformanceError when curated data break a shape of
    severity Violation, and the RecordError that `strict` stops at. Nothing is published then.
    """
    sources = Sources(ontology.resolve(), data.resolve(), shapes.resolve())
    doing = _begin(sources, root, issued, validate=validate, strict=strict, workers=workers, on_progress=on_progress)
    with doing as work:
        with work.stage("reading"):
            gathering = _gather(work, records, standard_input)
        policy = policy or DumpPolicy.for_size(_about_how_many(work, gathering))
        writing = Writing(work.draft, policy, work.pool)
        with work.stage("mapping and loading"):
            writing.write(work.texts(gathering), optimize=optimize)
        return finish(work, writing)


@contextmanager
def _begin(
    sources: Sources,
    root: Path,
    issued: date,
    *,
    validate: bool,
    strict: bool,
    workers: int,
    on_progress: OnProgress,
) -> Iterator[Work]:
    with begin_release(root, resume=True) as draft:
        draft.clear(but=(_RECORDS,))
        parts = Parts(draft.path / _RECORDS)
        recipe = Recipe(sources, parts.folder, _recipe_digest(sources, validate), validate)
        with _pool(workers, recipe) as pool, Rejected(draft.path / "rejected.jsonl", strict=strict) as rejected:
            work = Work(sources, issued, draft, parts, recipe, pool, rejected, on_progress)
            with work.stage("validating"):
                _read_curated(work, validate)
            yield work


@contextmanager
def _pool(workers: int, recipe: Recipe) -> Iterator[Executor | None]:
    # Workers are started afresh rather than forked: a fork of a process with threads may hang.
    if workers < 2:
        yield None
        return
    with ProcessPoolExecutor(
        workers, mp_context=get_context("forkserver"), initializer=start_worker, initargs=(recipe,)
    ) as pool:
        yield pool


def _read_curated(work: Work, validate: bool) -> None:
    """Read the curated graphs, and check them; the ontology is what they are read against."""
    work.graphs = read_graphs(work.sources.ontology, work.sources.data)
    if validate:
        work.on_progress(Progress("validating", 0, None, "curated triples"))
        checked = [triple for name, triples in work.graphs.items() if name != "ontology" for triple in triples]
        shapes = read_shapes(*work.sources.curated_shapes)
        report = validate_graph(checked, shapes, background=work.graphs.get("ontology", []))
        report.raise_for_results()
        work.findings = Findings(report)


def _gather(work: Work, records: Sequence[Path], standard_input: IO[bytes] | None) -> Gathering:
    scratch = work.draft.path / _SCRATCH
    scratch.mkdir()
    return gather(records, scratch, work.rejected, standard_input, work.on_progress)


def _about_how_many(work: Work, gathering: Gathering) -> int:
    return sum(map(len, work.graphs.values())) + _QUADS_A_RECORD * gathering.taken


def finish(work: Work, writing: Writing) -> BuildReport:
    """Settle the version, describe, write what is left, publish."""
    draft = work.draft
    content = _content(work)
    draft.version = version_for(draft.root, work.issued.isoformat(), content)
    with work.stage("finishing"):
        work.parts.finish(work.made)
        dumps = writing.finish()
        _write_report(work)
        shutil.rmtree(draft.path / _SCRATCH)
        records = sum(made.records for made in work.made)
        draft.write_manifest(
            manifest(
                draft,
                issued=work.issued,
                content=content,
                sources=work.sources,
                counts=writing.counts,
                records=records,
                rejected=work.rejected.count,
                findings=work.findings,
                dumps=dumps,
            )
        )
    with work.stage("publishing"):
        release = publish(draft)
    return BuildReport(
        release=release,
        counts=writing.counts,
        records=records,
        rejected=work.rejected.count,
        results=work.findings.counts() if work.findings else {},
        seconds=work.seconds,
    )


def _write_report(work: Work) -> None:
    if work.findings:
        for made in work.made:
            work.findings.records.update(made.results)
    write_report(work.draft.path / "report.ttl", work.findings, work.made, work.parts.folder)


def _content(work: Work) -> str:
    """Return a digest of what the release is made of."""
    inputs = [work.recipe.digest, [made.key for made in work.made], list(work.sources.digests())]
    return hashlib.sha256(json.dumps(inputs).encode()).hexdigest()


def _recipe_digest(sources: Sources, validate: bool) -> str:
    """Return a digest of all but the records that decides what they are made into."""
    files = [path.read_bytes() for path in (*sources.ontology_files, *sources.record_shapes)]
    texts = [program_digest().encode(), b"validated" if validate else b"", *files]
    return hashlib.sha256(b"".join(hashlib.sha256(text).digest() for text in texts)).hexdigest()


_SERVING: Final = {"web", "query", "cli.py"}


def program_digest() -> str:
    """Return a digest of this package's source, so that what another program made is not taken for our own."""
    package = Path(trialgraph.__file__).parent
    files = [path for path in sorted(package.rglob("*.py")) if path.relative_to(package).parts[0] not in _SERVING]
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def validate_files(files: Iterable[Path], shapes: Path, ontology: Path) -> ValidationReport:
    """Return the report of RDF files, read together, against the shapes; the ontology is what they are read against.

    Raises FormatError, SourceError and ShapeError.
    """
    background = read_turtle("ontology", sorted(ontology.glob("*.ttl")))
    return validate_graph(read_files(files), shapes.resolve(), background=background)
