r"""Graphs that are derived from the records as mapped: made shard by shard, merged into one graph each.

What a derivation makes of a record depends on that record and its triples alone. Each shard's lines stand in
`derived/` of the release, a Zstandard file for each graph, under a key of the shard and of the derivation: an update
takes over what neither has changed, so a new vocabulary links again without mapping again, and a record that changed
is derived again alone. Things that several records name come with each of them, the same lines each time; merging
keeps one.
"""

import gc
import hashlib
import logging
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Final

import msgspec
import zstandard

from trialgraph.errors import TrialgraphError
from trialgraph.pipeline.external_sort import Sorter, read_lines
from trialgraph.pipeline.process_pool import Pool
from trialgraph.pipeline.release_validation import FINDINGS, fault_lines
from trialgraph.pipeline.shard_files import Shard, read_part
from trialgraph.store import link
from trialgraph.syntaxes.subject_groups import triples_in
from trialgraph.terms import Term, Triple, iri
from trialgraph.vocabulary import RESOURCE, TG

_log: Final = logging.getLogger(__name__)
FOLDER: Final = "derived"
INDEX: Final = f"{FOLDER}/index.json"
_LEVEL: Final = 3
_ID: Final = slice(len("<" + RESOURCE), len("<" + RESOURCE) + len("NCT00000000"))
"""Where in a line the NCT id stands: every subject of a record is the trial or a part of it."""
_NCT_ID: Final = iri(TG.nctId)
"""Every record has it once."""

Line = tuple[str, str]
"""The part that a line belongs to, and the line with its end: N-Triples, for a part that is a graph."""
Derive = Callable[[bytes, list[Triple]], Iterable[Line]]
"""Makes lines of one record: its JSON, and those of its triples that have a predicate asked for."""


@dataclass(frozen=True)
class Derivation:
    """One way of deriving: what it makes, and how a process begins with it."""

    name: str
    parts: tuple[str, ...]
    """Short names of its graphs; a name that is none is a table beside them."""
    digest: str
    """Of everything but records and program that decides what is made."""
    start: Callable[[], Derive] = field(compare=False)
    """Makes a process ready. It is sent to other processes: a function of a module, or a partial of one."""
    predicates: frozenset[Term] = frozenset()
    """Predicates of the triples that it looks at; others are not even read."""
    constant: tuple[Triple, ...] = field(default=(), compare=False)
    """What every release says beside it, in its first graph."""


class DerivedShard(msgspec.Struct, frozen=True):
    """What is known of the parts that a derivation has made of a shard."""

    key: str
    derivation: str
    stem: str
    parts: dict[str, tuple[int, str]]
    """Size and SHA-256 of each part that holds anything."""

    def path(self, folder: Path, part: str) -> Path:
        """Return the path of a part."""
        return folder / f"{self.stem}.{part}.zst"


_index: Final = msgspec.json.Decoder(list[DerivedShard])


class DerivedParts:
    """The derived parts of a release in the making."""

    def __init__(self, release: Path) -> None:
        self.folder = release / FOLDER
        self.shards: list[DerivedShard] = []
        self._known: dict[str, tuple[DerivedShard, Path]] = {}

    def know(self, release: Path) -> None:
        """Take over what is needed from the derived parts of another release."""
        for shard in read_shards(release):
            self._known.setdefault(shard.key, (shard, release / FOLDER))

    def derive(
        self, derivations: Iterable[Derivation], made: Iterable[Shard], records: Path, pool: Pool
    ) -> Iterator[DerivedShard]:
        """Derive from every shard, in order; yield each when it is done."""
        self.folder.mkdir(exist_ok=True)
        made = [each for each in made if each.triples]
        for derivation in derivations:
            tasks = (
                pool.submit(_taken, *known, self.folder)
                if (known := self._known.get(_key(each, derivation))) and _is_whole(*known)
                else pool.submit(derive_shard, derivation, each, records, self.folder)
                for each in made
            )
            for shard in pool.in_order(tasks):
                self.shards.append(shard)
                yield shard
        lines = b",\n".join(msgspec.json.encode(shard) for shard in self.shards)
        (self.folder / "index.json").write_bytes(b"[\n" + lines + b"\n]\n")

    def merged(self, part: str, scratch: Path, more: Iterable[bytes] = ()) -> Iterator[bytes]:
        """Yield the lines of a part of all shards, and more, sorted, each once."""
        return merged_lines(self.shards, self.folder, part, scratch, more)


def derive_shard(derivation: Derivation, made: Shard, records: Path, folder: Path) -> DerivedShard:
    """Derive from one shard; write its parts and return what they are."""
    derive = _started(derivation)
    texts: dict[str, set[str]] = {}
    documents = read_part(made, records, "jsonl").splitlines()
    triples_of: Iterable[list[Triple]] = ([] for _ in documents)
    if derivation.predicates:
        triples_of = _triples_of(read_part(made, records, "nt"), derivation.predicates)
    for document, triples in zip(documents, triples_of, strict=True):
        for part, line in _lines(derivation.name, derive, document, triples):
            texts.setdefault(part, set()).add(line)
    key = _key(made, derivation)
    shard = DerivedShard(key, derivation.name, f"{made.first}-{key[:16]}", {})
    packer = zstandard.ZstdCompressor(level=_LEVEL)
    for part, lines in sorted(texts.items()):
        content = packer.compress("".join(sorted(lines)).encode())
        shard.path(folder, part).write_bytes(content)
        shard.parts[part] = len(content), hashlib.sha256(content).hexdigest()
    gc.collect(0)
    return shard


def _lines(name: str, derive: Derive, document: bytes, triples: list[Triple]) -> list[Line]:
    """Return the lines of a record; where it cannot be done, those that say so in the report."""
    try:
        return list(derive(document, triples))
    except (TrialgraphError, MemoryError):
        raise
    except Exception as fault:  # noqa: BLE001
        # A text that a rule stumbles over costs what is derived from its record, not the release of all others.
        nct_id = msgspec.json.decode(document)["protocolSection"]["identificationModule"]["nctId"]
        _log.exception("the %s of %s could not be made", name, nct_id)
        return [(FINDINGS, line) for line in fault_lines(nct_id, name, fault)]


def _triples_of(text: bytes, predicates: frozenset[Term]) -> list[list[Triple]]:
    """Return for each record, in order, its triples with one of the predicates.

    They are found by searching: most lines are not even cut. A literal may hold what looks like a predicate, but what
    stands before it in its line then holds a space.
    """
    wanted = b"|".join(re.escape(predicate.encode()) for predicate in (_NCT_ID, *sorted(predicates)))
    found: dict[bytes, list[Triple]] = {}
    records: list[bytes] = []
    for hit in re.finditer(b"> (" + wanted + b") ", text):
        start = text.rfind(b"\n", 0, hit.start()) + 1
        if b" " in text[start : hit.start()]:
            continue
        nct_id = text[start + _ID.start : start + _ID.stop]
        if hit[1] == _NCT_ID.encode():
            records.append(nct_id)
        else:
            line = text[start : text.index(b"\n", hit.end()) + 1].decode()
            found.setdefault(nct_id, []).extend(triples_in(line))
    return [found.get(nct_id, []) for nct_id in records]


def merged_lines(
    shards: Iterable[DerivedShard], folder: Path, part: str, scratch: Path, more: Iterable[bytes] = ()
) -> Iterator[bytes]:
    """Yield the lines of a part of shards, and more, sorted, each once."""
    sorter = Sorter(scratch, unique=True)
    for line in more:
        sorter.add(line)
    for shard in shards:
        if part in shard.parts:
            for line in read_lines(shard.path(folder, part)):
                sorter.add(line)
    return sorter.sorted()


def read_shards(release: Path) -> list[DerivedShard]:
    """Return the derived parts of a release; none for one without."""
    index = release / INDEX
    return _index.decode(index.read_bytes()) if index.is_file() else []


def line_differences(old: Iterator[bytes], new: Iterator[bytes]) -> Iterator[tuple[bytes, bool]]:
    r"""Yield the lines that two sorted runs do not share, each with whether it is new.

    >>> list(line_differences(iter([b"a\n", b"b\n"]), iter([b"b\n", b"c\n"])))
    [(b'a\n', False), (b'c\n', True)]
    """
    was, now = next(old, None), next(new, None)
    while was is not None or now is not None:
        if now is None or (was is not None and was < now):
            yield was or b"", False
            was = next(old, None)
        elif was is None or now < was:
            yield now, True
            now = next(new, None)
        else:
            was, now = next(old, None), next(new, None)


@lru_cache(maxsize=4)
def _started(derivation: Derivation) -> Derive:
    return derivation.start()


def _key(made: Shard, derivation: Derivation) -> str:
    return hashlib.sha256(f"{made.key} {derivation.name} {derivation.digest}".encode()).hexdigest()[:32]


def _is_whole(shard: DerivedShard, folder: Path) -> bool:
    for part, (size, digest) in shard.parts.items():
        path = shard.path(folder, part)
        if not path.is_file() or path.stat().st_size != size:
            return False
        if hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            return False
    return True


def _taken(shard: DerivedShard, source: Path, target: Path) -> DerivedShard:
    for part in shard.parts:
        link(shard.path(source, part), shard.path(target, part))
    return shard
