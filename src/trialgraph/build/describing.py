"""The description of a release: made last, from the figures of everything else in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from trialgraph.release.description import describe, write_description
from trialgraph.release.dumps import DumpFile
from trialgraph.release.facts import ReleaseFacts
from trialgraph.release.provenance import Changes
from trialgraph.release.statistics import GraphStatistics
from trialgraph.store import Draft, releases, version_key
from trialgraph.terms import Triple


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

    def summary(self) -> Changes:
        """Return what the description says of it."""
        return Changes(self.base, self.counts["quads added"], self.counts["quads removed"])


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
    triples = describe(facts, changed.summary() if changed else None)
    return Described(triples, write_description(draft.path / "dumps", triples))


def _before(draft: Draft) -> str | None:
    """Return the version that comes before that of the draft."""
    key = version_key(draft.version)
    earlier = [release.version for release in releases(draft.root) if version_key(release.version) < key]
    return earlier[-1] if earlier else None
