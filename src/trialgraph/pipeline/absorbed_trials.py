"""Which trials others have absorbed: the former numbers that the newest version of each trial names.

A version that newer ones replace does not count, whether it is given or stands in the release. What a trial names
that is itself a former number leads on; the history graph keeps it.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from trialgraph.errors import RecordError
from trialgraph.pipeline.history import former_number_in
from trialgraph.pipeline.record_order import Line, RecordOrder, id_of
from trialgraph.pipeline.shard_files import Shard, read_index, read_part
from trialgraph.pipeline.shared_facts import SharedFacts
from trialgraph.pipeline.version_store import history_lines
from trialgraph.registry.json_decoder import decode
from trialgraph.registry.record import RecordText, aliases_in, version_key

RECORDS = "records"
_Named = tuple[tuple[str, str, str], list[str]]
"""Dates of a version, and the former numbers that it names."""


def absorbed_trials(given: RecordOrder, release: Path | None = None) -> dict[str, str]:
    """Return of each former number the trial that names it, in the records given and those of the release before.

    Of several trials that name one number, the one with the lowest number of its own is taken.
    """
    known = dict(_known(release)) if release else {}
    owners = given.owners.union(known.values())
    newest: dict[str, _Named] = {}
    for line in given.lines_of(owners) if owners else ():
        named = _named(line)
        if named and named[0] >= newest.get(line.nct_id, named)[0]:
            newest[line.nct_id] = named
    if release:
        for line in records_of(release, sorted(newest)):
            named = _named(line)
            if named and named[0] > newest[line.nct_id][0]:
                newest[line.nct_id] = named
    pairs = [(former, owner) for former, owner in known.items() if owner not in newest]
    pairs += [(former, owner) for owner, (_, names) in newest.items() for former in names]
    return dict(sorted(pairs, key=lambda pair: pair[1], reverse=True))


def _known(release: Path) -> Iterator[tuple[str, str]]:
    for nct_id, line in history_lines(release):
        if former := former_number_in(line):
            yield former, nct_id
    yield from SharedFacts.of(read_index(release / RECORDS), release / RECORDS).aliases.items()


def _named(line: Line) -> _Named | None:
    try:
        document = decode(line.text).document
    except RecordError:
        return None  # it is set aside later
    return version_key(document), aliases_in(document)


def records_of(release: Path, nct_ids: Iterable[str]) -> Iterator[Line]:
    """Yield the records that a release holds of some trials."""
    folder = release / RECORDS
    made = read_index(folder)
    firsts = [each.first for each in made]
    wanted: Mapping[int, set[str]] = _by_shard(firsts, nct_ids)
    for place, ids in wanted.items():
        yield from (line for line in _records(made[place], folder) if line.nct_id in ids)


def _by_shard(firsts: list[str], nct_ids: Iterable[str]) -> dict[int, set[str]]:
    places: dict[int, set[str]] = {}
    for nct_id in nct_ids:
        if (place := bisect_right(firsts, nct_id) - 1) >= 0:
            places.setdefault(place, set()).add(nct_id)
    return places


def _records(made: Shard, folder: Path) -> Iterator[Line]:
    for raw in read_part(made, folder, "jsonl").splitlines():
        text = RecordText(raw, str(folder))
        yield Line(id_of(text), text)
