"""The records of a release and those given to an update, as one stream in order; what changed is noted on the way."""

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import groupby
from pathlib import Path

from trialgraph.errors import RecordError
from trialgraph.pipeline.external_sort import Sorter
from trialgraph.pipeline.history import Version, described, revision, vanished
from trialgraph.pipeline.record_diff import changes
from trialgraph.pipeline.record_intake import Rejected
from trialgraph.pipeline.record_order import Line, id_of
from trialgraph.pipeline.shard_files import read_part
from trialgraph.pipeline.shards import read_index
from trialgraph.registry.json_decoder import decode
from trialgraph.registry.record import Record, RecordText
from trialgraph.terms import Triple, line


def kept_records(folder: Path) -> Iterator[Line]:
    """Yield the records that a release was made of, in order."""
    for made in read_index(folder):
        for raw in read_part(made, folder, "jsonl").splitlines():
            text = RecordText(raw, str(folder))
            yield Line(id_of(text), text)


class RecordMerge:
    """Merges records; counts what is new, changed, unchanged or gone, and writes the history of it."""

    def __init__(self, history: Sorter, known: Counter[tuple[str, str]], rejected: Rejected, today: date) -> None:
        self._history = history
        self._known = known
        self._rejected = rejected
        self._today = today
        self.counts = {"new": 0, "changed": 0, "unchanged": 0, "vanished": 0}

    def merge(self, old: Iterable[Line], given: Iterable[Line], gone: "Gone") -> Iterator[Line]:
        """Yield the records as they are now, in order; both streams are in order."""
        tagged = heapq.merge(
            ((each.nct_id, 0, each) for each in old), ((each.nct_id, 1, each) for each in given), key=lambda t: t[:2]
        )
        for nct_id, group in groupby(tagged, key=lambda each: each[0]):
            lines = {kind: each for _, kind, each in group}
            now = self._now(lines.get(0), lines.get(1), vanished=gone.holds(nct_id))
            if now:
                yield now

    def _now(self, was: Line | None, given: Line | None, *, vanished: bool) -> Line | None:
        if given is None and was is not None:
            return self._kept(was, vanished=vanished)
        if was is None and given is not None:
            return self._new(given)
        return self._revised(was, given) if was and given else None

    def _kept(self, was: Line, *, vanished: bool) -> Line | None:
        if not vanished:
            self.counts["unchanged"] += 1
            return was
        self.counts["vanished"] += 1
        self._note(_vanished(self._version_before(decode(was.text)), self._today))
        return None

    def _new(self, given: Line) -> Line:
        self.counts["new"] += 1
        try:
            self._note(described(self._version_after(decode(given.text))))
        except RecordError:
            self.counts["new"] -= 1  # it is set aside when it is made into triples
        return given

    def _revised(self, was: Line, given: Line) -> Line:
        """Return the record given, or the one before when that cannot be read."""
        if was.text.raw == given.text.raw:
            self.counts["unchanged"] += 1
            return was
        try:
            old, new = decode(was.text), decode(given.text)
        except RecordError as error:
            self._rejected.add(error, given.text.raw)
            self.counts["unchanged"] += 1
            return was
        found = changes(old.document, new.document)
        self.counts["changed" if found else "unchanged"] += 1
        if found:
            before = self._version_before(old)
            self._note(revision(self._version_after(new), before, found))
        return given

    def _version_before(self, record: Record) -> Version:
        """Return the version that a record of the release is: the last one with its date."""
        key = record.nct_id, record.version or ""
        self._known[key] = max(1, self._known[key])
        return Version(*key, self._known[key])

    def _version_after(self, record: Record) -> Version:
        """Return the next version with the date of a record."""
        key = record.nct_id, record.version or ""
        self._known[key] += 1
        return Version(*key, self._known[key])

    def _note(self, triples: Iterable[Triple]) -> None:
        for triple in triples:
            self._history.add(line(triple).encode())


_vanished = vanished


class Gone:
    """Which records of a release are not in the registry any more."""

    def __init__(self, nct_ids: Iterable[str], *, complete: bool) -> None:
        self._nct_ids = frozenset(nct_ids)
        self._complete = complete

    def holds(self, nct_id: str) -> bool:
        """Tell whether a record that was not given is gone: it is named, or all there are were given."""
        return self._complete or nct_id in self._nct_ids
