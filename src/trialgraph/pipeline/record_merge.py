"""The records of a release and those given, as one stream in order: of each trial the newest version.

Older versions are kept beside it, and make its history, in whatever order they come (`version_order`). What does not
become the record is set aside with its reason: an older version, the same again, one that lacks most of an older one.
"""

import heapq
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any

from trialgraph.errors import RecordError, RepeatedRecord
from trialgraph.pipeline.history import absorbed, chain, is_absorption
from trialgraph.pipeline.record_diff import changes
from trialgraph.pipeline.record_intake import Rejected
from trialgraph.pipeline.record_order import Line, id_of
from trialgraph.pipeline.shard_files import read_index, read_part
from trialgraph.pipeline.version_order import Version, in_order, kept_versions, readable, told
from trialgraph.pipeline.version_store import PastVersion, VersionStore, history_lines, past_versions
from trialgraph.registry.record import RecordText, aliases_in
from trialgraph.terms import Triple

_WAS, _PAST, _LINE, _GIVEN = range(4)
_Tagged = tuple[str, int, Any]


@dataclass(frozen=True)
class Before:
    """The release that is updated; by default there is none, as in a build."""

    release: Path | None = None

    def tagged(self) -> Iterator[Iterable[_Tagged]]:
        """Yield its records, its older versions and the lines of its history, each in order of NCT ids."""
        if self.release:
            yield ((each.nct_id, _WAS, each) for each in kept_records(self.release / "records"))
            yield ((each.nct_id, _PAST, each) for each in past_versions(self.release))
            yield ((nct_id, _LINE, each) for nct_id, each in history_lines(self.release))


def kept_records(folder: Path) -> Iterator[Line]:
    """Yield the records that a release was made of, in order."""
    for made in read_index(folder):
        for raw in read_part(made, folder, "jsonl").splitlines():
            text = RecordText(raw, str(folder))
            yield Line(id_of(text), text)


@dataclass
class _Found:
    """What there is of one trial."""

    nct_id: str
    was: Line | None = None
    past: list[PastVersion] = field(default_factory=list)
    lines: list[bytes] = field(default_factory=list)
    """Its history, as the release before has it."""
    given: list[Line] = field(default_factory=list)

    def add(self, kind: int, each: Any) -> None:
        if kind == _WAS:
            self.was = each
        else:
            (self.past, self.lines, self.given)[kind - 1].append(each)

    @property
    def is_absorbed(self) -> bool:
        """Whether another trial had absorbed it before."""
        return any(map(is_absorption, self.lines))

    def kept(self) -> list[Version]:
        """Return what the release before holds of it, oldest first."""
        return kept_versions(self.past, self.was, is_absorbed=self.is_absorbed)


@dataclass
class RecordMerge:
    """Merges records; counts what is new, changed, unchanged or gone, and keeps older versions and their history."""

    store: VersionStore
    rejected: Rejected
    today: date
    accept_partial: bool = False
    aliases: Mapping[str, str] = field(default_factory=dict)
    """Of former NCT ids the trial that says it has absorbed them."""
    gone: "Gone" = field(default_factory=lambda: Gone((), complete=False))
    counts: dict[str, int] = field(default_factory=lambda: {"new": 0, "changed": 0, "unchanged": 0, "vanished": 0})
    notes: list[str] = field(default_factory=list)
    """What a person should know of records that were taken all the same."""

    def merge(self, before: Before, given: Iterable[Line]) -> Iterator[Line]:
        """Yield the records as they are now, in order; those given are in order, versions in that of reading."""
        tagged = heapq.merge(
            *before.tagged(), ((each.nct_id, _GIVEN, each) for each in given), key=lambda each: each[:2]
        )
        for nct_id, group in groupby(tagged, key=lambda each: each[0]):
            found = _Found(nct_id)
            for _, kind, each in group:
                found.add(kind, each)
            now = self._one(found)
            if found.was or found.given:
                self.gone.missing.discard(nct_id)
            if found.given and self.gone.names(nct_id):
                self.notes.append(f"{nct_id}: it is given, so it was not withdrawn.")
            if now:
                yield now
        missing = sorted(self.gone.missing)
        self.notes += [f"{nct_id}: there is no record of it here to withdraw." for nct_id in missing]

    def _one(self, found: "_Found") -> Line | None:
        was, given = found.was, found.given
        if owner := self._owner(found.nct_id):
            self._absorb(found, owner)
            return None
        if was and not given and self.gone.holds(found.nct_id):
            self.counts["vanished"] += 1
            self._end(found.kept(), self.today.isoformat())
            return None
        if found.past and found.is_absorbed:
            self.notes.append(f"{found.nct_id}: it is a trial of its own again; no record names it any more.")
            return self._newest(found)
        if not given or (was and len(given) == 1 and was.text.raw == given[0].text.raw):
            self.counts["unchanged"] += was is not None
            self.store.copy(found.past, found.lines)
            return was
        if was is None and not found.past and len(given) == 1:
            self.counts["new"] += 1
            return given[0]
        return self._newest(found)

    def _newest(self, found: "_Found") -> Line | None:
        """Return the newest of several versions of one record, and keep the others."""
        kept = found.kept()
        before = kept[-1] if found.was else None
        ordered = in_order(kept, self._decoded(found.given), accept_partial=self.accept_partial)
        if not ordered.versions:
            self.store.copy(found.past, found.lines)
            return None
        for error, raw in told(ordered):
            self.rejected.add(error, raw)
        *older, now = ordered.versions
        if kept and kept[-1].gone and not now.gone:
            self.notes.append(f"{found.nct_id}: it is here again; it was gone since {kept[-1].gone}.")
        elif before and before in older and before.key == now.key:
            self.notes.append(
                f"{found.nct_id}: another text with the same dates ({now.record.version or 'none'}) was taken."
            )
        self._count(before, now)
        past = [each.past for each in (ordered.versions if now.gone else older)]
        self.store.add(past, chain([(each.record, each.gone) for each in ordered.versions]))
        return None if now.gone else now.line

    def _decoded(self, given: Iterable[Line]) -> Iterator[Version]:
        """Yield the versions that texts are; one that is no record is set aside."""
        for line in given:
            try:
                yield Version.of(line, is_given=True)
            except RecordError as error:
                self.rejected.add(error, line.text.raw)

    def _owner(self, nct_id: str) -> str | None:
        """Return the trial that has absorbed another, itself or through others; None where none has.

        Of trials that name each other, in a circle of any length, the one with the lowest number is taken.
        """
        way = [nct_id]
        while (owner := self.aliases.get(way[-1])) and owner not in way:
            way.append(owner)
        last = way[-1] if owner is None else min(way[way.index(owner) :])
        return None if last == nct_id else last

    def _absorb(self, found: "_Found", owner: str) -> None:
        """Set aside what is given of a trial that another has absorbed; its versions become history."""
        for line in found.given:
            text, reason = line.text, f"{found.nct_id} is a former number of {owner}, which is taken"
            remedy = "nothing to do: it is kept in its history"
            error = RepeatedRecord(reason, remedy, found.nct_id, text.source, text.line, text.byte)
            self.rejected.add(error, text.raw)
        if found.was is not None:
            self.counts["absorbed"] = self.counts.get("absorbed", 0) + 1
        versions = in_order(found.kept(), readable(found.given), accept_partial=self.accept_partial).versions
        if not versions or not (found.was or found.given or found.is_absorbed):
            self.store.copy(found.past, found.lines)
            return
        since = found.past[-1].gone if found.is_absorbed and found.past else self.today.isoformat()
        self._end(versions, since, self._names(found, versions[-1], since))

    def _names(self, found: "_Found", now: Version, since: str) -> Iterator[Triple]:
        """Yield what is said of a trial that is a former number, and which numbers it had before."""
        named = set(aliases_in(now.record.document)) - {found.nct_id}
        return absorbed(found.nct_id, self.aliases[found.nct_id], named, date.fromisoformat(since))

    def _end(self, versions: list[Version], since: str, more: Iterable[Triple] = ()) -> None:
        """Keep the history of a record that is here no more."""
        versions[-1].gone = versions[-1].gone or since
        said = chain([(each.record, each.gone) for each in versions])
        self.store.add([each.past for each in versions], [*said, *more])

    def _count(self, before: Version | None, now: Version) -> None:
        if before is None:
            self.counts["new"] += not now.gone
        else:
            changed = changes(before.record.document, now.record.document)
            self.counts["changed" if changed else "unchanged"] += 1


class Gone:
    """Which records of a release are not in the registry any more."""

    def __init__(self, nct_ids: Iterable[str], *, complete: bool) -> None:
        self._nct_ids = frozenset(nct_ids)
        self._complete = complete
        self.missing = set(self._nct_ids)
        """Those named of which no record was met yet."""

    def names(self, nct_id: str) -> bool:
        """Tell whether a record is gone by name."""
        return nct_id in self._nct_ids

    def holds(self, nct_id: str) -> bool:
        """Tell whether a record that was not given is gone: it is named, or all there are were given."""
        return self._complete or nct_id in self._nct_ids
