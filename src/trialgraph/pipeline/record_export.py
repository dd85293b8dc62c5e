"""Records made again from their graph: shard by shard from N-Triples, in several processes.

Whatever was asked for, what comes back is made from triples and never read from the records that were given.
"""

import gc
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from operator import itemgetter
from pathlib import Path
from typing import Final

import msgspec

from trialgraph.errors import UnmappableRecord
from trialgraph.mapping import Plan
from trialgraph.pipeline.process_pool import open_pool
from trialgraph.pipeline.shard_files import Shard, part_blocks, read_index
from trialgraph.release.former_numbers import now_registered_as
from trialgraph.store import Reader, Release
from trialgraph.terms import Triple
from trialgraph.vocabulary import RESOURCE, Graph

_FOLDER: Final = "records"
_ID: Final = slice(len("<" + RESOURCE), len("<" + RESOURCE) + len("NCT00000000"))
"""Where in a line the NCT id stands: every subject of a record is the trial or a part of it."""
_BLOCK: Final = 1 << 18
"""Bytes that are taken apart at a time: so much stays in the cache of a processor until it is read."""
_MANY: Final = 4
"""Shards from which on several processes are quicker than one."""


def records(release: Release, nct_ids: Sequence[str] = (), *, workers: int = 1) -> Iterator[bytes]:
    """Yield the records of trials as JSON lines; without ids all, in order of their ids.

    Raises UnmappableRecord for a trial of which the registry graph holds no record.
    """
    folder = release.path / _FOLDER
    made = [each for each in read_index(folder) if each.triples]
    ontology = list(Reader(release).quads(Graph.ONTOLOGY))
    if nct_ids:
        plan = Plan.compile(ontology)
        for nct_id in nct_ids:
            yield _one(plan, made, folder, now_registered_as(release, nct_id) or nct_id)
        return
    with open_pool(workers if len(made) >= _MANY else 1, start_worker, (ontology,)) as pool:
        if pool.executor is None:
            start_worker(ontology)
        for block in pool.in_order(pool.submit(records_of_shard, each, folder) for each in made):
            yield from block.splitlines(keepends=True)


_plan: list[Plan] = []


def start_worker(ontology: list[Triple]) -> None:
    """Make this process ready for `records_of_shard`."""
    _plan[:] = [Plan.compile(ontology)]


def records_of_shard(made: Shard, folder: Path) -> bytes:
    """Return the records of a shard as JSON lines, in a process that `start_worker` made ready."""
    to_record, encode = _plan[0].lines_to_record, msgspec.json.encode
    # Records are trees without cycles: looking for some among them took a fifth of the time.
    collects = gc.isenabled()
    gc.disable()
    try:
        return b"".join(encode(to_record(lines)) + b"\n" for _, lines in _trials(made, folder))
    finally:
        if collects:
            gc.enable()


def _one(plan: Plan, made: Sequence[Shard], folder: Path, nct_id: str) -> bytes:
    place = bisect_right([each.first for each in made], nct_id) - 1
    if place >= 0 and nct_id <= made[place].last:
        for found, lines in _trials(made[place], folder):
            if found == nct_id:
                return msgspec.json.encode(plan.lines_to_record(lines)) + b"\n"
    raise UnmappableRecord(
        "this release holds no record of it", "build one with its record", nct_id, str(folder.parent)
    )


def _trials(made: Shard, folder: Path) -> Iterator[tuple[str, list[bytes]]]:
    """Yield NCT id and lines of each trial; those of a trial stand together, the trials in order."""
    id_of = itemgetter(_ID)
    held: list[bytes] = []
    for block in part_blocks(made, folder, "nt", _BLOCK):
        lines = block.split(b"\n")
        if not lines[-1]:
            lines.pop()
        start = 0
        while start < len(lines):
            nct_id = lines[start][_ID]
            if held and held[0][_ID] != nct_id:
                yield held[0][_ID].decode(), held
                held = []
            end = bisect_right(lines, nct_id, lo=start, key=id_of)
            held += lines[start:end]
            start = end
    if held:
        yield held[0][_ID].decode(), held
