"""The records of a release and those given, as one stream in order: of each trial the newest version.

Older versions are kept beside it, and make its history, in whatever order they come. What does not become the record
is set aside with its reason: an older version, the same again, one that lacks most of what the release has.
"""

import heapq
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from trialgraph.errors import PartialRecord, RecordError, RepeatedRecord
from trialgraph.pipeline.history import absorbed, chain, former_numbers
from trialgraph.pipeline.record_diff import changes, paths_in
from trialgraph.pipeline.record_intake import Rejected
from trialgraph.pipeline.record_order import ALIASES, Line, id_of
from trialgraph.pipeline.shard_files import read_index, read_part
from trialgraph.pipeline.version_store import PastVersion, VersionStore, history_lines, past_versions
from trialgraph.registry.json_decoder import decode
from trialgraph.registry.record import Record, RecordText, aliases_in, version_key
from trialgraph.terms import Triple
from trialgraph.terms import line as line_of

_MOST_LOST: Final = 0.5
"""Share of the fields of a record that a newer version may lack before it is taken for a part of it."""
_SECTION: Final = "protocolSection"
"""Where fields are counted: results and documents come and go."""
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
class _Version:
    """A version of one record while they are put in order."""

    key: tuple[str, str, str]
    record: Record
    line: Line
    gone: str = ""
    is_given: bool = False

    @property
    def past(self) -> PastVersion:
        return PastVersion(self.line.nct_id, self.line.text.raw, self.gone)


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
            self._end(found, was, ())
            return None
        if not given or (was and len(given) == 1 and was.text.raw == given[0].text.raw):
            self.counts["unchanged"] += was is not None
            self.store.copy(found.past, found.lines)
            return was
        if was is None and not found.past and len(given) == 1:
            self.counts["new"] += 1
            return given[0]
        return self._newest(was, found.past, given)

    def _newest(self, was: Line | None, past: list[PastVersion], given: list[Line]) -> Line | None:
        """Return the newest of several versions of one record, and keep the others."""
        nct_id = (was or given[0]).nct_id
        versions = [self._decoded(nct_id, each.raw, each.gone) for each in past]
        before = self._decoded(nct_id, was.text.raw) if was else None
        versions += [before] if before else []
        for line in given:
            try:
                record = decode(line.text)
            except RecordError as error:
                self.rejected.add(error, line.text.raw)
            else:
                self._place(versions, _Version(version_key(record.document), record, line, is_given=True), before)
        if not versions:
            return None
        *older, now = versions
        for each in older:
            if each.is_given and each.key != now.key:
                where = f"was taken from {now.line.text.place}" if now.is_given else "is here already"
                where = f"was here and is gone since {now.gone}" if now.gone else where
                reason = f"a newer version of this record, of {now.record.version}, {where}"
                self._set_aside(each, reason, "nothing to do: this one is kept in its history")
        self._count(before, now)
        kept = [each.past for each in (versions if now.gone else older)]
        self.store.add(kept, chain([(each.record, each.gone) for each in versions]))
        return None if now.gone else now.line

    def _place(self, versions: list[_Version], new: _Version, before: _Version | None) -> None:
        """Put a version among the others, or set it aside."""
        for place, known in enumerate(versions):
            again = place < len(versions) - 1 and known.key[:2] == versions[-1].key[:2]
            returns = known.gone and place == len(versions) - 1 and new.key >= known.key
            if not again and not returns and not changes(known.record.document, new.record.document):
                newer = place == len(versions) - 1 and not known.gone and new.key > known.key
                if newer:  # the same, copied on another day
                    versions[place] = new
                left = known if newer else new
                if known.is_given:
                    other = new if newer else known
                    where = f"was taken from {other.line.text.place}"
                    self._set_aside(left, f"the same version of this record {where}", _REPEATED)
                return
        last = versions[-1] if versions else None
        if last and before and not last.gone and not self._is_whole(new, last):
            return
        same = next((each for each in versions if each.key == new.key), None)
        if same and same.is_given:
            reason = f"a version with the same dates, but another text, was taken from {same.line.text.place}"
            self._set_aside(new, reason, _REPEATED)
            return
        if last and last.gone and new.key >= last.key:
            self.notes.append(f"{new.line.nct_id}: it is here again; it was gone since {last.gone}.")
        elif same:
            self.notes.append(
                f"{new.line.nct_id}: another text with the same dates ({new.record.version or 'none'}) was taken."
            )
        versions.insert(sum(each.key <= new.key for each in versions), new)

    def _is_whole(self, new: _Version, last: _Version) -> bool:
        """Tell whether a version can stand in the place of the last; a part of a record is set aside."""
        had, has = (paths_in(each.record.document.get(_SECTION)) for each in (last, new))
        undated = any(last.key[:2]) and not any(new.key[:2])
        lost = len(had - has)
        if not undated and (new.key < last.key or lost <= _MOST_LOST * len(had)):
            return True
        if self.accept_partial:
            if undated:
                new.key = last.key
            return True
        what = "it has no date, while the record here has" if undated else f"it lacks {lost} of the {len(had)} fields"
        text = new.line.text
        self.rejected.add(
            PartialRecord(
                f"{what}{'' if undated else ' that the record here has'}; it may be a part of a record",
                "fetch the whole record, without fields=, or say --accept-partial",
                new.line.nct_id, text.source, text.line, text.byte,
            ),
            text.raw,
        )  # fmt: skip
        return False

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
        """Set aside what is given of a trial that another has absorbed, and leave a tombstone of what was here."""
        for line in found.given:
            text, reason = line.text, f"{found.nct_id} is a former number of {owner}, which is taken"
            error = RepeatedRecord(reason, "nothing to do", found.nct_id, text.source, text.line, text.byte)
            self.rejected.add(error, text.raw)
        if found.was is not None:
            self.counts["absorbed"] = self.counts.get("absorbed", 0) + 1
        named = self._names(found)
        if found.was or (found.given and not found.lines):
            self._end(found, found.was, absorbed(found.nct_id, self.aliases[found.nct_id], named, self.today))
        else:
            said = {line_of(triple).encode() for triple in former_numbers(found.nct_id, named)}
            self.store.copy(found.past, sorted({*found.lines, *said}))

    @staticmethod
    def _names(found: "_Found") -> set[str]:
        """Return the former numbers that any text of a record names, those that cannot be read left out."""
        texts = [
            each.text for each in (*found.given, *((found.was,) if found.was else ())) if ALIASES in each.text.raw
        ]
        names = set[str]()
        for text in texts:
            try:
                names.update(aliases_in(decode(text).document))
            except RecordError:
                continue
        return names - {found.nct_id}

    def _end(self, found: "_Found", was: Line | None, more: Iterable[Triple]) -> None:
        """Keep the history of a record that is here no more."""
        versions = [self._decoded(found.nct_id, each.raw, each.gone) for each in found.past]
        versions += [self._decoded(found.nct_id, was.text.raw, self.today.isoformat())] if was else []
        said = chain([(each.record, each.gone) for each in versions])
        self.store.add([each.past for each in versions], [*said, *more])

    def _count(self, before: _Version | None, now: _Version) -> None:
        if before is None:
            self.counts["new"] += not now.gone
        else:
            changed = changes(before.record.document, now.record.document)
            self.counts["changed" if changed else "unchanged"] += 1

    def _set_aside(self, version: _Version, reason: str, remedy: str) -> None:
        text = version.line.text
        error = RepeatedRecord(reason, remedy, version.line.nct_id, text.source, text.line, text.byte)
        self.rejected.add(error, text.raw)

    @staticmethod
    def _decoded(nct_id: str, raw: bytes, gone: str = "") -> _Version:
        text = RecordText(raw, "the release")
        record = decode(text)
        return _Version(version_key(record.document), record, Line(nct_id, text), gone)


_REPEATED: Final = "nothing to do, or leave one of the two away"


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
