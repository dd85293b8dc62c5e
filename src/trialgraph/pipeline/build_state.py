"""What a build and an update have in common: how they begin, what they carry along, how they finish."""

import hashlib
import json
import shutil
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import IO, Any, Final

import trialgraph
from trialgraph.mapping import Plan, shared_query, shared_triples
from trialgraph.pipeline.build_report import BuildReport, OnProgress, Progress
from trialgraph.pipeline.describe_release import CHANGE_DOCUMENT, Changed, describe_release
from trialgraph.pipeline.export import score
from trialgraph.pipeline.manifest import manifest
from trialgraph.pipeline.process_pool import Pool, open_pool
from trialgraph.pipeline.record_intake import Rejected, gather
from trialgraph.pipeline.record_order import Gathering, Line, chunks
from trialgraph.pipeline.release_validation import Findings, write_report
from trialgraph.pipeline.release_writer import Text, Writing, texts_of
from trialgraph.pipeline.shard_files import Made, part_blocks
from trialgraph.pipeline.shard_maker import Making, Recipe, start_worker
from trialgraph.pipeline.shards import OrdersNow, Parts
from trialgraph.pipeline.shared_facts import SharedFacts, Undeclared
from trialgraph.pipeline.sources import Graphs, Sources, read_graphs
from trialgraph.release.checksums import write_checksums
from trialgraph.release.dumps import LINES_ONLY, DumpFile, DumpPolicy
from trialgraph.release.search_index import FILE_NAME as SEARCH_INDEX
from trialgraph.release.search_index import names, write_index
from trialgraph.release.trial_index import write_trial_index
from trialgraph.settings import Settings
from trialgraph.store import Draft, Memory, Reader, begin_release, finishing, keep_union, publish, sha256, version_for
from trialgraph.terms import Triple, iri_value
from trialgraph.validation import read_shapes
from trialgraph.validation import validate as validate_graph
from trialgraph.vocabulary import Graph

DEFAULT_SITE: Final = Settings().site
"""Where a server of this machine answers unless it is told otherwise."""
_RECORDS: Final = "records"
_SCRATCH: Final = "scratch"
_QUADS_A_RECORD: Final = 1000
"""About; it only decides which dumps are worth making."""
_WHOLE_UNION_QUADS: Final = 2_500_000
"""About; up to this size the store's default graph holds the registry's triples too, at half as much again of loading
and disk. A query then meets one graph where it would meet two."""
_SERVING: Final = {"web", "query", "cli"}


@dataclass
class Work:
    """A build or update under way."""

    sources: Sources
    issued: date
    site: str
    """Address of the server that will serve it, as its description says."""
    draft: Draft
    parts: Parts
    recipe: Recipe
    pool: Pool
    rejected: Rejected
    on_progress: OnProgress
    whole_union: bool | None
    """Whether the default graph of the store leaves nothing out; None: while the release is small."""
    graphs: Graphs = field(default_factory=dict)
    apart: tuple[str, ...] = ()
    """Graphs, by their IRIs, that the default graph of the store leaves out."""
    findings: Findings | None = None
    made: list[Made] = field(default_factory=list)
    undeclared: list[Undeclared] = field(default_factory=list)
    """Values of records that no enumeration declares."""
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Measure a stage."""
        start = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - start

    @property
    def taken(self) -> int:
        """How many records were taken."""
        return sum(made.records for made in self.made)

    @property
    def scratch(self) -> Path:
        """A folder for what is not part of the release."""
        return self.draft.path / _SCRATCH

    def writing(self, records: int, policy: DumpPolicy | None) -> Writing:
        """Return what writes the triples of about so many records."""
        about = sum(map(len, self.graphs.values())) + _QUADS_A_RECORD * records
        whole = about <= _WHOLE_UNION_QUADS if self.whole_union is None else self.whole_union
        self.apart = () if whole else (Graph.REGISTRY,)
        return Writing(
            self.draft, policy or DumpPolicy.for_size(about), self.pool.executor, whole_union=not self.apart
        )

    def make(self, lines: Iterable[Line], about: int, orders: OrdersNow) -> Iterator[Making]:
        """Yield what the records, given in order, are made into, chunk by chunk."""
        done = 0
        for made, written in self.parts.make(chunks(lines), self.recipe, self.pool, orders):
            self.made.append(made)
            self.rejected.add_lines(made.rejected)
            done += made.records + len(made.rejected)
            self.on_progress(Progress("mapping", done, about, "records"))
            yield made, written

    def made_again(self, orders: OrdersNow) -> Iterator[Making]:
        """Yield all chunks that were made, with their triples as the dumps need them."""
        return self.parts.again(self.made, self.pool, orders)

    def texts(self, making: Iterable[Making]) -> Iterator[Text]:
        """Yield the triples of the graphs, then those of the records."""
        for name, triples in self.graphs.items():
            yield from texts_of(name, triples)
        yield from self.record_texts(making)

    def record_texts(self, making: Iterable[Making]) -> Iterator[Text]:
        """Yield the triples of the records."""
        for made, written in making:
            if made.triples:
                for block in part_blocks(made, self.parts.folder, "nt"):
                    yield "registry", block, LINES_ONLY
                yield "registry", b"", written


@contextmanager
def begin(
    sources: Sources,
    root: Path,
    issued: date,
    *,
    site: str,
    validate: bool,
    strict: bool,
    whole_union: bool | None,
    workers: int,
    on_progress: OnProgress,
) -> Iterator[Work]:
    """Lock the root, take up what a killed build left, read and check the curated graphs."""
    with begin_release(root, resume=True) as draft:
        draft.clear(but=(_RECORDS,))
        (draft.path / _SCRATCH).mkdir()
        parts = Parts(draft.path / _RECORDS)
        recipe = Recipe(sources, parts.folder, _recipe_digest(sources, validate), validate)
        with (
            open_pool(workers, start_worker, (recipe,)) as pool,
            Rejected(draft.path / "rejected.jsonl", strict=strict) as rejected,
        ):
            work = Work(sources, issued, site, draft, parts, recipe, pool, rejected, on_progress, whole_union)
            with work.stage("validating"):
                _read_curated(work, validate)
            yield work


def _read_curated(work: Work, validate: bool) -> None:
    """Read the curated graphs, and check them; the ontology is what they are read against."""
    work.graphs = read_graphs(work.sources.ontology, work.sources.data)
    if validate:
        work.on_progress(Progress("validating", 0, None, "curated triples"))
        checked = [triple for name, triples in work.graphs.items() if name != "ontology" for triple in triples]
        shapes = read_shapes(*work.sources.curated_shapes)
        known = work.graphs.get("ontology", [])
        rules = Memory([*checked, *known]).select
        report = validate_graph(checked, shapes, background=known, engine="fast", select=rules)
        report.raise_for_results()
        work.findings = Findings(report)


def gather_records(work: Work, records: Sequence[Path], standard_input: IO[bytes] | None) -> Gathering:
    """Read the records given and put them in order."""
    return gather(records, work.scratch, work.rejected, standard_input, work.on_progress)


def finish(work: Work, writing: Writing, *, optimize: bool, changed: Changed | None = None) -> BuildReport:
    """Settle the version, describe, write what is left, publish."""
    draft = work.draft
    work.rejected.close()
    content = content_of(work, changed, sha256(work.rejected.path))
    draft.version = version_for(draft.root, work.issued.isoformat(), content)
    with work.stage("finishing"):
        work.parts.finish(work.made)
        _write_report(work)
        writing.write(texts_of("links", _shared(work)))
        dumps = writing.finish()
        told = _told(work, writing, dumps, changed) | {"content": content}
        described = describe_release(draft, told, writing.statistics, work.site, changed)
        writing.load("description", described.triples, optimize=False)
        keep_union(draft.store, work.apart)
        draft.apart = work.apart
        with finishing(draft, optimize=optimize) as reader:
            write_index(draft.path / SEARCH_INDEX, names(reader))
            write_trial_index(draft.path, reader)
            dumps += described.dumps
            write_checksums(draft.path / "dumps", dumps)
            scored = score(reader, draft.version, work.site, work.issued).to_json()
        draft.write_manifest(_told(work, writing, dumps, changed) | {"content": content, "score": scored})
        shutil.rmtree(work.scratch)
    with work.stage("publishing"):
        release = publish(draft)
    return BuildReport(
        release=release,
        counts=writing.counts,
        records=work.taken,
        rejected=work.rejected.count,
        results=work.findings.counts() if work.findings else {},
        seconds=work.seconds,
        changes=changed.counts if changed else {},
        undeclared=work.undeclared,
    )


def _shared(work: Work) -> list[Triple]:
    """Return what is said of the things that records name; no one record may state it.

    Those are conditions, organizations, MeSH descriptors, and values of enumerations that nobody declared.
    """
    if not work.taken:
        return []
    plan = Plan.compile(work.graphs["ontology"])
    things = (row[0] for row in Reader(work.draft).select(shared_query(plan.declarations)))
    named = shared_triples((iri_value(thing) for thing in things if thing), plan.declarations)
    facts = SharedFacts.of(work.made, work.parts.folder)
    work.undeclared = facts.values(plan)
    return [*named, *facts.triples(plan)]


def _told(work: Work, writing: Writing, dumps: list[DumpFile], changed: Changed | None) -> dict[str, Any]:
    """Return what the manifest says of the files that are written by now."""
    return manifest(
        work.draft,
        issued=work.issued,
        sources=work.sources,
        counts=writing.counts,
        records=work.taken,
        rejected=work.rejected.count,
        findings=work.findings,
        dumps=dumps,
        more_files=(*((*changed.files, CHANGE_DOCUMENT) if changed else ()), SEARCH_INDEX),
        changes=changed.to_json() if changed else None,
        made_of=content_of(work),
        apart=list(work.apart),
        undeclared=[each._asdict() for each in work.undeclared],
    )


def _write_report(work: Work) -> None:
    if work.findings:
        for made in work.made:
            work.findings.records.update(made.results)
    write_report(work.draft.path / "report.ttl", work.findings, work.made, work.parts.folder)


def content_of(work: Work, changed: Changed | None = None, rejected: str = "") -> str:
    """Return a digest of what the release is made of, of the release it changes, and of what was set aside."""
    inputs: list[Any] = [
        work.recipe.digest,
        work.site,
        [made.key for made in work.made],
        list(work.sources.digests()),
    ]
    inputs += [changed.to_json()] if changed else []
    inputs += [rejected] if rejected else []
    return hashlib.sha256(json.dumps(inputs).encode()).hexdigest()


def _recipe_digest(sources: Sources, validate: bool) -> str:
    """Return a digest of all but the records that decides what they are made into."""
    files = [path.read_bytes() for path in (*sources.ontology_files, *sources.record_shapes)]
    texts = [program_digest().encode(), b"validated" if validate else b"", *files]
    return hashlib.sha256(b"".join(hashlib.sha256(text).digest() for text in texts)).hexdigest()


def program_digest() -> str:
    """Return a digest of this package's source, so that what another program made is not taken for our own."""
    package = Path(trialgraph.__file__).parent
    files = [path for path in sorted(package.rglob("*.py")) if path.relative_to(package).parts[0] not in _SERVING]
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()
