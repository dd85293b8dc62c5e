"""The build: all sources to a release."""

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import IO

from trialgraph.pipeline.build_report import BuildReport, OnProgress, silent
from trialgraph.pipeline.build_state import DEFAULT_SITE, begin, finish, gather_records
from trialgraph.pipeline.sources import Sources, read_files, read_turtle
from trialgraph.release.dumps import DumpPolicy
from trialgraph.validation import ValidationReport
from trialgraph.validation import validate as validate_graph


def build(
    *,
    data: Path,
    ontology: Path,
    shapes: Path,
    root: Path,
    issued: date,
    site: str = DEFAULT_SITE,
    records: Sequence[Path] = (),
    standard_input: IO[bytes] | None = None,
    validate: bool = True,
    strict: bool = False,
    optimize: bool = True,
    whole_union: bool | None = None,
    workers: int = 2,
    policy: DumpPolicy | None = None,
    on_progress: OnProgress = silent,
) -> BuildReport:
    """Make a release of the sources and publish it under `root`.

    `site` is the address that the description gives for the server. `workers` is the number of processes that work
    beside this one; it changes no byte of what is made. `whole_union` keeps the registry's triples in the store's
    default graph too, for faster queries at half as much again of disk; None: while the release is small. With
    `strict` a record that would be set aside stops it.

    Raises ReleaseBusy, SourceError, ShapeError, MappingError, NonconformanceError when curated data break a shape of
    severity Violation, and the RecordError that `strict` stops at. Nothing is published then.
    """
    sources = Sources(ontology.resolve(), data.resolve(), shapes.resolve())
    doing = begin(
        sources, root, issued, site=site, validate=validate, strict=strict, whole_union=whole_union,
        workers=workers, on_progress=on_progress,
    )  # fmt: skip
    with doing as work:
        with work.stage("reading"):
            gathering = gather_records(work, records, standard_input)
        with work.writing(gathering.taken, policy) as writing:
            with work.stage("mapping and loading"):
                making = work.make(gathering.lines(), gathering.taken, writing.orders_of_records)
                writing.write(work.texts(making))
            return finish(work, writing, optimize=optimize)


def validate_files(files: Iterable[Path], shapes: Path, ontology: Path) -> ValidationReport:
    """Return the report of RDF files, read together, against the shapes; the ontology is what they are read against.

    Raises FormatError, SourceError and ShapeError.
    """
    background = read_turtle("ontology", sorted(ontology.glob("*.ttl")))
    return validate_graph(read_files(files), shapes.resolve(), background=background)
