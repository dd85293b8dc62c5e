"""The links of a release as a derivation: what it depends on, and how a process begins with it."""

import hashlib
from collections.abc import Iterable, Iterator
from functools import lru_cache, partial
from itertools import groupby
from pathlib import Path
from typing import Final

import msgspec

from trialgraph.linking.country_links import country_triples
from trialgraph.linking.label_index import INDEX_FILE, LabelIndex
from trialgraph.linking.organization_linker import organization_triples
from trialgraph.linking.publication_links import publication_triples
from trialgraph.linking.record_links import UNLINKED, RecordLinker, constant_triples
from trialgraph.linking.trial_number_links import trial_number_triples
from trialgraph.pipeline.derived_graphs import Derivation, Derive, Line
from trialgraph.pipeline.external_sort import Sorter
from trialgraph.settings import packaged
from trialgraph.store import sha256
from trialgraph.terms import Triple, iri, line
from trialgraph.vocabulary import TG

NAME: Final = "links"
SHARE_ALIKE: Final = "links-sa"
UNLINKED_TABLE: Final = "unlinked.tsv"
"""The names of a release that are not linked, and why."""
_MANY: Final = 10**12
_PREDICATES: Final = frozenset(
    map(iri, (TG.country, TG.pmid, TG.citationText, TG.secondaryId, TG.sponsor, TG.collaborator))
)


def link_derivation(vocabularies: Path | None) -> Derivation:
    """Return how links are derived, by the vocabularies installed in a folder, if any are.

    Raises SourceError for a damaged index, or one of another version.
    """
    index = usable_index(vocabularies)
    start = partial(start_linking, index)
    return Derivation(
        NAME, (NAME, SHARE_ALIKE, UNLINKED), _digest(index), start, _PREDICATES, tuple(constant_triples())
    )


def usable_index(vocabularies: Path | None) -> Path | None:
    """Return the index in a folder, None when there is none.

    Raises SourceError for a damaged index, or one of another version.
    """
    index = vocabularies / INDEX_FILE if vocabularies else None
    if index is None or not index.is_file():
        return None
    LabelIndex.open(index).close()
    return index


def start_linking(index: Path | None) -> Derive:
    """Return what links the records of one process."""
    return _Linking(record_linker(index))


def record_linker(index: Path | None) -> RecordLinker:
    """Return what links the records of one process; all that derive there share it, and what it remembers."""
    return _linker(index, index.stat().st_mtime_ns if index else 0)


@lru_cache(maxsize=1)
def _linker(index: Path | None, changed: int) -> RecordLinker:  # noqa: ARG001
    return RecordLinker(LabelIndex.open(index) if index else None)


class _Linking:
    def __init__(self, linker: RecordLinker) -> None:
        self._index = linker.index
        self._linker = linker

    def __call__(self, record: bytes, triples: list[Triple]) -> Iterator[Line]:
        document = msgspec.json.decode(record)
        yield from ((graph, line(triple)) for graph, triple in self._linker.triples(document))
        nct_id = document["protocolSection"]["identificationModule"]["nctId"]
        yield from ((UNLINKED, f"{row}\t{nct_id}\n") for row in self._linker.unlinked(document))
        found: Iterable[Triple]
        for found in (country_triples(triples), publication_triples(triples), trial_number_triples(triples)):
            yield from ((NAME, line(triple)) for triple in found)
        if self._index is not None:
            yield from ((NAME, line(triple)) for triple in organization_triples(self._index, triples))


def write_unlinked(path: Path, lines: Iterable[bytes], scratch: Path) -> int:
    """Write the names that are not linked, those of most trials first; return how many there are.

    `lines` are those of the part `unlinked`, sorted: kind, name, reason and trial.
    """
    sorter = Sorter(scratch)
    for name, group in groupby(lines, key=lambda line: line.rpartition(b"\t")[0]):
        trials = [line.rpartition(b"\t")[2].strip() for line in group]
        kind, _, rest = name.partition(b"\t")
        sorter.add(b"%s\t%012d\t%s\t%d\t%s\n" % (kind, _MANY - len(trials), rest, len(trials), trials[0]))
    count = 0
    with path.open("wb") as file:
        file.write(b"kind\tname\treason\ttrials\tone of them\n")
        for count, line in enumerate(sorter.sorted(), 1):  # noqa: B007
            kind, _, rest = line.split(b"\t", 2)
            file.write(kind + b"\t" + rest)
    return count


def _digest(index: Path | None) -> str:
    """Return a digest of the index and of the tables that links are made by."""
    data = packaged("data")
    tables = [*sorted((data / "links").glob("*.tsv")), *sorted((data / "lexicons" / "linking").glob("*.tsv"))]
    texts = [sha256(path) for path in (*tables, *([index] if index else []))]
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()
