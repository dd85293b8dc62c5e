"""Which trials others have absorbed: the former numbers that the newest version of each trial names.

A version that newer ones replace does not count, whether it is given or stands in the release. What a trial names
that is itself a former number leads on; the history graph keeps it.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path

from trialgraph.pipeline.history import former_number_in, is_absorption
from trialgraph.pipeline.record_order import Line, RecordOrder, id_of
from trialgraph.pipeline.shard_files import Shard, read_index, read_part
from trialgraph.pipeline.shared_facts import SharedFacts
from trialgraph.pipeline.version_order import Version, in_order, kept_versions, readable
from trialgraph.pipeline.version_store import PastVersion, history_lines, past_versions
from trialgraph.registry.record import RecordText, aliases_in

RECORDS = "records"


def absorbed_trials(
    given: RecordOrder, release: Path | None = None, *, accept_partial: bool = False
) -> dict[str, str]:
    """Return of each former number the trial that names it, in the records given and those of the release before.

    Of several trials that name one number, the one with the lowest number of its own is taken.
    """
    known, absorbed = _known(release) if release else ({}, frozenset[str]())
    owners = given.owners.union(known.values())
    lines = groupby(given.lines_of(owners) if owners else (), key=lambda line: line.nct_id)
    texts = {nct_id: list(readable(group)) for nct_id, group in lines}
    kept = _kept(release, texts.keys(), absorbed) if release and texts else {}
    named: dict[str, list[str]] = {}
    for nct_id, versions in texts.items():
        ordered = in_order(kept.get(nct_id, ()), versions, accept_partial=accept_partial)
        is_here = ordered.versions and not ordered.now.gone
        named[nct_id] = aliases_in(ordered.now.record.document) if is_here else []
    pairs = [(former, owner) for former, owner in known.items() if owner not in named]
    pairs += [(former, owner) for owner, names in named.items() for former in names]
    return dict(sorted(pairs, key=lambda pair: pair[1], reverse=True))


def _known(release: Path) -> tuple[dict[str, str], frozenset[str]]:
    """Return who names which former number in a release, and which trials others have absorbed there."""
    owners: dict[str, str] = {}
    absorbed: set[str] = set()
    for nct_id, line in history_lines(release):
        if former := former_number_in(line):
            owners[former] = nct_id
        if is_absorption(line):
            absorbed.add(nct_id)
    owners |= SharedFacts.of(read_index(release / RECORDS), release / RECORDS).aliases
    return owners, frozenset(absorbed)


def _kept(release: Path, nct_ids: Collection[str], absorbed: Collection[str]) -> dict[str, list[Version]]:
    """Return the versions that a release keeps of some trials, oldest first."""
    past: dict[str, list[PastVersion]] = {}
    for each in past_versions(release):
        if each.nct_id in nct_ids:
            past.setdefault(each.nct_id, []).append(each)
    now = {line.nct_id: line for line in records_of(release, sorted(nct_ids))}
    return {
        nct_id: kept_versions(past.get(nct_id, ()), now.get(nct_id), is_absorbed=nct_id in absorbed)
        for nct_id in {*past, *now}
    }


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
