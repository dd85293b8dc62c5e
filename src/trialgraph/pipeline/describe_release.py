"""The description of a release: made last, from the figures of everything else in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from trialgraph.release.change_set import FILE_NAME, ChangedQuads, Changes, change_document
from trialgraph.release.description import describe, write_description
from trialgraph.release.description_input import ReleaseFacts, counts
from trialgraph.release.dump_writer import DumpFile
from trialgraph.release.graph_statistics import GraphStatistics
from trialgraph.store import Draft, releases, sha256, version_key
from trialgraph.terms import Triple

CHANGES: Final = "changes"
"""Folder of the change set in a release."""
CHANGE_DOCUMENT: Final = f"{CHANGES}/{FILE_NAME}"


@dataclass(frozen=True)
class Changed:
    """What an update adds to the manifest and the report of its release."""

    base: str
    """Version of the release before."""
    counts: dict[str, int]
    files: tuple[str, ...]
    """Files of the change set."""

    def to_json(self) -> dict[str, Any]:
        """Return the entry of the manifest."""
        return {"base": self.base, "counts": self.counts, "files": list(self.files)}

    def changes(self, folder: Path) -> Changes:
        """Return what the description says of it; `folder` is that of the release."""
        files = [
            ChangedQuads(kind, path.name, self.counts[f"quads {kind}"], path.stat().st_size, sha256(path))
            for kind in ("added", "removed")
            if (path := folder / CHANGES / f"{kind}.nq.gz").is_file()
        ]
        records = {name: number for name, number in self.counts.items() if not name.startswith("quads ")}
        return Changes(self.base, records, tuple(files))


@dataclass(frozen=True)
class Described:
    """A description, and the files it stands in."""

    triples: list[Triple]
    dumps: list[DumpFile]


def describe_release(
    draft: Draft,
    told: Mapping[str, Any],
    statistics: Mapping[str, GraphStatistics],
    site: str,
    changed: Changed | None,
) -> Described:
    """Describe a draft whose dumps are written, by what its manifest is going to tell."""
    facts = ReleaseFacts.of(told, statistics, site, _before(draft))
    changes = changed.changes(draft.path) if changed else None
    if changes:
        (draft.path / CHANGE_DOCUMENT).write_bytes(change_document(facts, changes))
    triples = describe(facts, changes)
    counts(facts.total, triples).write(draft.path)
    return Described(triples, write_description(draft.path / "dumps", triples))


def _before(draft: Draft) -> list[str]:
    """Return the versions that come before that of the draft, oldest first."""
    key = version_key(draft.version)
    return [release.version for release in releases(draft.root) if version_key(release.version) < key]
