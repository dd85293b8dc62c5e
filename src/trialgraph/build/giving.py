"""What a release gives back: dumps in any format, and the records, made again from the graph."""

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from trialgraph.errors import UnmappableRecord
from trialgraph.mapping import Plan
from trialgraph.store import Reader, Release
from trialgraph.terms import iri, iri_value, is_iri
from trialgraph.vocabulary import TG, Graph, nct_id, trial_iri

_TRIALS: Final = f"SELECT DISTINCT ?trial {{ GRAPH {iri(Graph.REGISTRY)} {{ ?trial a {iri(TG.Trial)} }} }}"


def records(release: Release, nct_ids: Sequence[str] = ()) -> Iterator[bytes]:
    """Yield the records of trials as JSON lines, made from the store; without ids those of all trials, in order.

    Raises UnmappableRecord for a trial that the registry graph does not hold.
    """
    reader = Reader(release)
    plan = Plan.compile(reader.quads(Graph.ONTOLOGY))
    for trial in map(trial_iri, nct_ids) if nct_ids else _trials(reader):
        triples = list(reader.tree(Graph.REGISTRY, trial))
        if not triples:
            reason, remedy = "this release holds no record of it", "build one with its record"
            raise UnmappableRecord(reason, remedy, nct_id(trial), str(release.path))
        yield msgspec.json.encode(plan.to_record(triples)) + b"\n"


def _trials(reader: Reader) -> list[str]:
    return sorted(iri_value(term) for (term,) in reader.select(_TRIALS) if term and is_iri(term))
