"""What a build or an update tells of itself: on its way, and when it is done."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from trialgraph.pipeline.shared_facts import Undeclared
from trialgraph.store import Release


@dataclass(frozen=True)
class Progress:
    """How far a stage has come."""

    stage: str
    """What is being done, in a word or two: `reading`, `mapping`, `loading`."""
    done: int
    total: int | None
    """How many there will be; None while that is not known."""
    unit: str

    def text(self, seconds: float) -> str:
        """Return it as one line, given how long the stage has run: how far, how fast, how long it will take.

        >>> Progress("mapping", 1000, 4000, "records").text(10)
        'mapping: 1,000 of 4,000 records, 100 a second, 30 s left'
        """
        if not self.done:
            return f"{self.stage}: {self.unit}"
        rate = self.done / seconds if seconds > 0 else 0.0
        of = f" of {self.total:,}" if self.total else ""
        left = f", {max(0, self.total - self.done) / rate:,.0f} s left" if self.total and rate else ""
        return f"{self.stage}: {self.done:,}{of} {self.unit}, {rate:,.0f} a second{left}"


_NOTES_SHOWN: Final = 20
OnProgress = Callable[[Progress], None]


def silent(_: Progress) -> None:
    """Report nothing."""


@dataclass(frozen=True)
class BuildReport:
    """What a build or update made."""

    release: Release
    counts: dict[str, int]
    """Triples in each graph, by its short name."""
    records: int
    """Records that were taken."""
    rejected: int
    """Records that were set aside; `rejected.jsonl` of the release says each with its reason."""
    results: dict[str, int]
    """Validation results by severity (`Violation`, `Warning`, `Info`), over everything that was checked."""
    seconds: dict[str, float]
    """Wall time of each stage."""
    changes: dict[str, int] = field(default_factory=dict)
    """Of an update: records that are new, changed, vanished, unchanged; quads added and removed."""
    notes: Sequence[str] = ()
    """What a person should know of records that were taken all the same."""
    reasons: Sequence[str] = ()
    """Of the first records that were set aside what a person should read."""
    rejected_file: Path | None = None
    """Where all of them stand; None: in the release."""
    not_taken: Sequence[str] = ()
    """Files given that hold no record, beside those that do."""
    undeclared: Sequence[Undeclared] = ()
    """Values of records that no enumeration of the ontology declares; they are concepts all the same."""

    def to_json(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return {
            "version": self.release.version,
            "path": str(self.release.path),
            "triples": self.counts,
            "records": self.records,
            "rejected": self.rejected,
            "results": self.results,
            "changes": self.changes,
            "notes": list(self.notes),
            "set_aside": list(self.reasons),
            "not_taken": list(self.not_taken),
            "undeclared": [each._asdict() for each in self.undeclared],
            "seconds": {stage: round(seconds, 3) for stage, seconds in self.seconds.items()},
        }

    def text(self) -> str:
        """Return it as a person reads it."""
        quads = sum(self.counts.values())
        lines = [f"Release {self.release.version} at {self.release.path}: {quads:,} quads, {self.records:,} records."]
        if self.changes:
            lines.append(", ".join(f"{number:,} {what}" for what, number in self.changes.items()) + ".")
        if self.results:
            lines.append("Validation: " + ", ".join(f"{n:,} {name}" for name, n in self.results.items()) + ".")
        lines += [
            f"Not declared, kept as a concept: {field} {value!r} ({times:,})."
            for field, value, times in self.undeclared
        ]
        lines += _first(self.notes, len(self.notes))
        lines += [f"Not taken: {each}" for each in _first(self.not_taken, len(self.not_taken))]
        if self.rejected:
            some = "1 record was" if self.rejected == 1 else f"{self.rejected:,} records were"
            lines.append(f"{some} set aside; see {self.rejected_file or self.release.path / 'rejected.jsonl'}.")
            lines += [f"  {each}" for each in _first(self.reasons, self.rejected)]
        return "\n".join(lines)


def _first(texts: Sequence[str], number: int) -> list[str]:
    """Return the first of so many texts, and that there are more."""
    shown = list(texts[:_NOTES_SHOWN])
    return [*shown, f"... and {number - len(shown):,} like these."] if number > len(shown) else shown
