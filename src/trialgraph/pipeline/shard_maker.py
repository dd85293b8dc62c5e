"""A chunk of records made into the parts of a release, in whatever process there is time for it.

The parts stand in `records/` of the release, each a Zstandard file named after the first record of its chunk:

    NCT00000102-1f3b….jsonl.zst    the records, one in a line, in order of their NCT ids
    NCT00000102-1f3b….nt.zst       what they say: N-Triples, record by record
    NCT00000102-1f3b….report.zst   what validation found in that: N-Triples
    NCT00000102-1f3b….shared.zst   what they say of things that no one record owns: JSON

They depend on the records, the ontology and the shapes alone, so a build that was killed and an update take over the
parts that are there.
"""

import gc
import hashlib
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import zstandard

from trialgraph.errors import RecordError, UnmappableRecord
from trialgraph.mapping import Plan
from trialgraph.pipeline.record_order import Chunk, Line
from trialgraph.pipeline.release_validation import report_lines
from trialgraph.pipeline.shard_files import Shard, read_part
from trialgraph.pipeline.shared_facts import PART as SHARED
from trialgraph.pipeline.shared_facts import SharedFacts
from trialgraph.pipeline.sources import Sources, read_turtle
from trialgraph.registry.json_decoder import decode
from trialgraph.registry.record import rejected_line
from trialgraph.release.dump_pieces import DumpPieces, DumpPlan, write_pieces
from trialgraph.syntaxes.subject_groups import Passage, passages, triples_in
from trialgraph.terms import Triple, lexical
from trialgraph.validation import Checker, ValidationReport, compile_shapes, read_shapes

_LEVEL: Final = 3
_PASSAGE: Final = 20_000
"""Triples that are written in all syntaxes at a time: some megabytes of text."""


MadeShard = tuple[Shard, DumpPieces | None]
"""What a chunk was made into, and its triples as the dumps need them; nothing when there are none, or no plan."""


@dataclass(frozen=True)
class Recipe:
    """What a process needs to make parts."""

    sources: Sources
    folder: Path
    """Where the parts go."""
    digest: str
    """Of everything but the records that decides what is made."""
    validate: bool = True


class ShardMaker:
    """Makes the parts of chunks; compiling the plan and the shapes takes a moment, so one is made in each process."""

    def __init__(self, recipe: Recipe) -> None:
        ontology = read_turtle("ontology", recipe.sources.ontology_files)
        self._recipe = recipe
        self._plan = Plan.compile(ontology)
        self._checker = _checker(recipe.sources, ontology) if recipe.validate else None

    def make(self, chunk: Chunk, plan: DumpPlan | None) -> "MadeShard":
        """Write the parts of a chunk; return what they are, and its triples as the dumps need them."""
        texts = _Texts()
        for record in chunk.lines:
            try:
                document, triples = self._triples(record)
                report = self._checked(record, triples)
            except RecordError as error:
                texts.rejected.append(rejected_line(error, record.text.raw).decode())
            else:
                texts.add(record, triples, report)
                texts.shared.add(document, triples, self._plan)
        written = write_pieces(texts.passages(), plan) if plan and texts.triples else None
        if written is None:
            deque(texts.passages(), maxlen=0)
        return self._made(chunk, texts), written

    def _triples(self, record: Line) -> tuple[dict[str, Any], list[Triple]]:
        document = decode(record.text)
        if document.nct_id != record.nct_id:
            raise _rejection(record, f"its NCT id is {document.nct_id} in one place, {record.nct_id} in another")
        return document.document, self._plan.to_triples(document.document)

    def _checked(self, record: Line, triples: list[Triple]) -> ValidationReport:
        report = ValidationReport.of(self._checker.check(triples) if self._checker else ())
        if report.violations:
            first = report.violations[0]
            said = "; ".join(lexical(message) for message in first.messages) or first.component
            raise _rejection(record, f"{said} (at {first.focus_node}, {first.path or 'the node itself'})")
        return report

    def _made(self, chunk: Chunk, texts: "_Texts") -> Shard:
        packed = texts.parts()
        made = Shard(
            key=key_of(chunk, self._recipe.digest),
            first=chunk.lines[0].nct_id,
            last=chunk.lines[-1].nct_id,
            records=len(texts.records),
            triples=len(texts.triples),
            results=dict(sorted(texts.results.items())),
            parts={part: (len(content), hashlib.sha256(content).hexdigest()) for part, content in packed.items()},
            rejected=tuple(texts.rejected),
        )
        for part, content in packed.items():
            made.path(self._recipe.folder, part).write_bytes(content)
        return made


@dataclass
class _Texts:
    """What goes into the parts of a chunk."""

    records: list[bytes] = field(default_factory=list)
    triples: list[Triple] = field(default_factory=list)
    packed: list[bytes] = field(default_factory=list)
    report: list[str] = field(default_factory=list)
    results: Counter[str] = field(default_factory=Counter)
    rejected: list[str] = field(default_factory=list)
    shared: SharedFacts = field(default_factory=SharedFacts)

    def add(self, record: Line, triples: list[Triple], report: ValidationReport) -> None:
        """Take a record, what it became and what was found in that."""
        self.records.append(record.text.raw + b"\n")
        self.triples += triples
        self.report += report_lines(record.nct_id, report)
        self.results.update(report.counts())

    def passages(self) -> Iterator[Passage]:
        """Yield the triples in passages, and pack the lines of each for the parts: text is far larger than packed."""
        packer = zstandard.ZstdCompressor(level=_LEVEL).compressobj()
        for passage in passages(self.triples, _PASSAGE):
            self.packed.append(packer.compress(passage.text))
            yield passage
        self.packed.append(packer.flush())

    def parts(self) -> dict[str, bytes]:
        """Return the content of each part."""
        packer = zstandard.ZstdCompressor(level=_LEVEL)
        return {
            "jsonl": packer.compress(b"".join(self.records)),
            "nt": b"".join(self.packed),
            "report": packer.compress("".join(self.report).encode()),
            SHARED: packer.compress(self.shared.encoded()),
        }


def key_of(chunk: Chunk, digest: str) -> str:
    """Return the key of a chunk's parts."""
    return hashlib.sha256(f"{digest} {chunk.key}".encode()).hexdigest()[:32]


_maker: list[ShardMaker] = []


def start_worker(recipe: Recipe) -> None:
    """Make this process ready for `make_shard`.

    Automatic garbage collection is off: it would look through the hundreds of thousands of tuples of a chunk again
    and again, at a quarter of all time, and find no cycle. What cycles there are go between two chunks.
    """
    _maker[:] = [ShardMaker(recipe)]
    gc.disable()
    gc.freeze()


def make_shard(chunk: Chunk, plan: DumpPlan | None) -> MadeShard:
    """Write the parts of a chunk, in a process that `start_worker` made ready."""
    making = _maker[0].make(chunk, plan)
    gc.collect()
    return making


def take_over(made: Shard, folder: Path, plan: DumpPlan | None) -> MadeShard:
    """Return what `make_shard` does for a chunk whose parts are there already."""
    if not plan or not made.triples:
        return made, None
    triples = list(triples_in(read_part(made, folder, "nt").decode()))
    return made, write_pieces(passages(triples, _PASSAGE), plan)


def _checker(sources: Sources, ontology: list[Triple]) -> Checker:
    return compile_shapes(read_shapes(*sources.record_shapes), background=ontology)


def _rejection(record: Line, reason: str, **place: Any) -> UnmappableRecord:
    text = record.text
    remedy = "mend the record, or tell the registry"
    return UnmappableRecord(reason, remedy, record.nct_id, text.source, text.line, text.byte, **place)
