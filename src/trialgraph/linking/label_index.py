"""The compiled vocabularies: one memory-mapped SQLite file that answers which terms bear a name.

Names are filed under the keys of `name_key`, as 64-bit hashes; a hit is held against the name itself, so two keys of
one hash are never one. Several processes may read one file; it is replaced whole, never changed in place.

>>> from trialgraph.linking.index_builder import example_index
>>> index = LabelIndex.open(example_index())
>>> [(entry.id, entry.scope, entry.matched) for entry in index.lookup("breast carcinoma")]
[('MONDO:0007254', 'exact', 'breast carcinoma')]
>>> index.label("MONDO:0007254"), index.parents("MONDO:0007254")
('breast cancer', ('MONDO:0004992',))
>>> [(found.target, found.predicate, found.source) for found in index.mapping("MESH:D001943")]
[('MONDO:0007254', 'skos:exactMatch', 'mondo')]
>>> index.close()
"""

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Final, Self

import xxhash

from trialgraph.errors import SourceError
from trialgraph.linking.vocabulary_catalog import anchors, equal_labels, not_exact
from trialgraph.linking.vocabulary_items import SCOPES, Mechanism
from trialgraph.resource.name_key import DISEASE, DRUG, bag_key, code_key, exact_key, keys
from trialgraph.settings import packaged

FORMAT: Final = 2
"""Version of the tables below; a file of another version is compiled again."""

INDEX_FILE: Final = "vocabularies.sqlite"
"""Name of the index in the folder of the vocabularies."""

_EVERY: Final = 10
"""Every so many of the known names is part of the fingerprint."""
_MMAP_BYTES: Final = 1 << 33
_LOOKUP: Final = """
SELECT term.id, term.label, name.scope, vocabulary.name, term.kind, name.text, vocabulary.rank
FROM filed JOIN name ON name.number = filed.name JOIN term ON term.number = name.term
JOIN vocabulary ON vocabulary.number = term.vocabulary
WHERE filed.hash = ? AND vocabulary.state = 'active'
"""
_FILED: Final = "SELECT DISTINCT hash FROM filed WHERE hash IN "
_REMEMBERED: Final = 1 << 15
"""Keys whose terms are remembered: the heads of names are asked for again and again."""
_REMEMBERED_MAPPINGS: Final = 1 << 13
"""Terms whose mappings are remembered."""
_AT_ONCE: Final = 500
"""Keys that are looked up by one query."""
_WRITTEN: Final = """
SELECT name.text FROM name JOIN term ON term.number = name.term
JOIN vocabulary ON vocabulary.number = term.vocabulary WHERE term.kind = 'disease' AND vocabulary.state = 'active'
"""
_TERM: Final = """
SELECT term.label, term.kind, vocabulary.name FROM term JOIN vocabulary ON vocabulary.number = term.vocabulary
WHERE term.id = ? AND vocabulary.state = 'active' ORDER BY vocabulary.rank, vocabulary.name
"""
_NAMES: Final = """
SELECT DISTINCT name.text, name.scope FROM name JOIN term ON term.number = name.term
JOIN vocabulary ON vocabulary.number = term.vocabulary
WHERE term.id = ? AND vocabulary.state = 'active' ORDER BY name.scope, name.text
"""
_PARENTS: Final = """
SELECT DISTINCT parent.parent FROM parent JOIN vocabulary ON vocabulary.number = parent.vocabulary
WHERE parent.child = ? AND vocabulary.state = 'active' ORDER BY parent.parent
"""
_MAPPINGS: Final = """
SELECT mapping.object, mapping.predicate, vocabulary.name
FROM mapping JOIN vocabulary ON vocabulary.number = mapping.vocabulary
WHERE mapping.subject = ? AND vocabulary.state = 'active'
UNION SELECT mapping.subject, inverse.back, vocabulary.name
FROM mapping JOIN vocabulary ON vocabulary.number = mapping.vocabulary
JOIN inverse ON inverse.predicate = mapping.predicate
WHERE mapping.object = ? AND vocabulary.state = 'active'
ORDER BY 1, 2, 3
"""
_MECHANISMS: Final = """
SELECT DISTINCT mechanism.drug, target, gene, target_name, action, organism, vocabulary.name
FROM mechanism JOIN vocabulary ON vocabulary.number = mechanism.vocabulary
WHERE mechanism.drug = ? AND vocabulary.state = 'active'
ORDER BY target, action, gene, vocabulary.name
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One term that bears a name."""

    id: str
    """CURIE of the term."""
    label: str
    """Its preferred name."""
    scope: str
    """How the matched name relates to it: one of `SCOPES`."""
    vocabulary: str
    """Name of the vocabulary that says so."""
    kind: str
    """`disease`, `drug`, `target`, `organization` or `other`."""
    matched: str
    """The name as the vocabulary writes it."""
    medicine: bool = False
    """Whether a list that holds nothing but medicines has the term; known of shipped names only."""


@dataclass(frozen=True, slots=True)
class MappedTerm:
    """One mapping of a term, seen from it: `target` is the other end."""

    target: str
    predicate: str
    source: str
    """Name of the vocabulary that states it."""


@dataclass(frozen=True, slots=True)
class DrugTarget:
    """A mechanism of a drug, and how the drug's record in that vocabulary was reached."""

    mechanism: Mechanism
    source: str
    """Name of the vocabulary that states it."""
    via: str
    """`id`: the term itself; `mapping`: its exact match; `label`: the term of the same label or exact synonym."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What is known of one compiled vocabulary."""

    name: str
    kind: str
    title: str
    version: str
    date: str
    license: str
    """IRI of the licence."""
    publish: str
    """What may be published of it: `all`, `share-alike` (in a graph of its own), or `ids` (no label)."""
    homepage: str
    rank: int
    """Its place among all, surest first."""
    files: str
    """JSON: name, size and SHA-256 of each file."""
    terms: int
    names: int
    mappings: int
    mechanisms: int
    state: str
    """`active` or `quarantined`."""
    reason: str
    """Why it is quarantined, or what the checks found; empty when nothing was checked."""
    pairs: int
    """Names that were held against names."""
    agreeing: int


@cache
def key_fingerprint() -> str:
    """Return a digest of how names become keys; an index with another one has its names filed in another way."""
    digest = hashlib.sha256((packaged("data") / "lexicons" / "linking" / "word-forms.tsv").read_bytes())
    for number, label in enumerate(anchors().values()):
        if number % _EVERY == 0:
            digest.update("\n".join((*keys(label, DISEASE), *keys(label, DRUG))).encode())
    return digest.hexdigest()


def key_hash(key: str) -> int:
    """Return the signed 64-bit hash under which a key is filed.

    >>> key_hash("breast cancer") == key_hash("breast cancer") != key_hash("breast")
    True
    """
    number = xxhash.xxh3_64_intdigest(key.encode("utf-8", "surrogatepass"))
    return number - (1 << 64) if number >> 63 else number


class LabelIndex:
    """The compiled vocabularies, open for reading. Quarantined vocabularies are not seen."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._cursor = connection.cursor()
        self._words: frozenset[str] | None = None
        self.lookup = lru_cache(maxsize=_REMEMBERED)(self._lookup)
        """Return the terms that have a name with a key of `name_key`, surest first; none for an empty key.

        Order: scope, rank of the vocabulary, identifier. A term comes once, by its surest name.
        """
        self.term = lru_cache(maxsize=_REMEMBERED)(self._term)
        """Return label, kind and vocabulary of a term by the vocabulary of the first rank that has it, or None."""
        self.mapping = lru_cache(maxsize=_REMEMBERED_MAPPINGS)(self._mapping)
        """Return the mappings of a term in both directions; one read backwards has the inverse predicate.

        Pairs that were read and are not the same (`data/links/not-exact.tsv`) are left out; pairs of one label that
        the owners do not map (`data/links/equal-labels.tsv`) are added.
        """

    @classmethod
    def open(cls, path: Path, *, any_filing: bool = False) -> Self:
        """Open a file of `build_index`; with `any_filing` also one whose names are not to be looked up.

        Raises SourceError when it is missing, damaged or of another version.
        """
        if not path.is_file():
            remedy = "add one: trialgraph vocabularies add KIND FILE"
            raise SourceError(str(path), "no vocabulary is installed here", remedy)
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
        try:
            connection.execute(f"PRAGMA mmap_size = {_MMAP_BYTES}")
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            connection.execute("SELECT count(*) FROM vocabulary WHERE state = 'active'").fetchone()
        except sqlite3.DatabaseError as error:
            connection.close()
            raise SourceError(
                str(path), f"it is damaged: {error}", "remove it and add the vocabularies again"
            ) from None
        if version != FORMAT:
            connection.close()
            raise SourceError(str(path), f"its format is {version}, not {FORMAT}", "add the vocabularies again")
        filed = connection.execute("SELECT fingerprint FROM filing").fetchone()
        if filed != (key_fingerprint(),) and not any_filing:
            connection.close()
            remedy = "file them again: trialgraph vocabularies check"
            raise SourceError(str(path), "its names are filed by the rules of another version", remedy)
        return cls(connection)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _lookup(self, key: str) -> Sequence[Entry]:
        rows = self._cursor.execute(_LOOKUP, (key_hash(key),)).fetchall()
        if not rows:
            return ()
        rows = [row for row in rows if _filed_under(row[5], row[4], key)]
        rows.sort(key=lambda row: (row[2], row[6], row[0], row[5]))
        found: dict[tuple[str, str], Entry] = {}
        for id_, label, scope, vocabulary, kind, matched, _ in rows:
            found.setdefault((id_, vocabulary), Entry(id_, label, SCOPES[scope], vocabulary, kind, matched))
        return tuple(found.values())

    def among(self, keys: Iterable[str]) -> set[str]:
        """Return those of some keys that `lookup` may find a name by; it surely finds none by the others."""
        hashes = {key: key_hash(key) for key in keys}
        asked = list(hashes.values())
        filed: set[int] = set()
        for start in range(0, len(asked), _AT_ONCE):
            some = asked[start : start + _AT_ONCE]
            rows = self._cursor.execute(f"{_FILED}({','.join('?' * len(some))})", some)
            filed.update(number for (number,) in rows)
        return {key for key, number in hashes.items() if number in filed}

    def words(self) -> frozenset[str]:
        """Return the words of diseases' exact keys and their plurals, read once: a second for 150,000 names."""
        if self._words is None:
            rows = self._connection.execute(_WRITTEN)
            written = {word for (text,) in rows for word in exact_key(text).split()}
            self._words = frozenset(written | {word + "s" for word in written})
        return self._words

    def label(self, id_: str) -> str | None:
        """Return the label of a term by the vocabulary of the first rank that has it, or None."""
        term = self.term(id_)
        return term[0] if term else None

    def _term(self, id_: str) -> tuple[str, str, str] | None:
        row = self._cursor.execute(_TERM, (id_,)).fetchone()
        return (row[0], row[1], row[2]) if row else None

    def names(self, id_: str) -> Sequence[tuple[str, str]]:
        """Return the names of a term, its label among them, each with its scope, surest first."""
        return [(text, SCOPES[scope]) for text, scope in self._cursor.execute(_NAMES, (id_,))]

    def parents(self, id_: str) -> tuple[str, ...]:
        """Return the terms right above a term, sorted."""
        return tuple(parent for (parent,) in self._cursor.execute(_PARENTS, (id_,)))

    def _mapping(self, id_: str) -> Sequence[MappedTerm]:
        rows = self._cursor.execute(_MAPPINGS, (id_, id_))
        found = [MappedTerm(*row) for row in rows if (id_, row[0]) not in not_exact()]
        same = equal_labels().get(id_)
        if same is not None and self.term(same) is not None and all(one.target != same for one in found):
            found.append(MappedTerm(same, "skos:exactMatch", "equal-labels"))
        return tuple(found)

    def mechanisms(self, id_: str) -> Sequence[DrugTarget]:
        """Return the mechanisms of a drug: of the term itself, else of its exact matches, else of its namesakes."""
        for via, ids in (("id", [id_]), ("mapping", self._exact(id_)), ("label", self._namesakes(id_))):
            found = [
                DrugTarget(Mechanism(*row[:6]), row[6], via)
                for other in ids
                for row in self._cursor.execute(_MECHANISMS, (other,)).fetchall()
            ]
            if found:
                return found
        return ()

    def vocabularies(self) -> list[Vocabulary]:
        """Return what is known of the vocabularies, quarantined ones too, by rank."""
        columns = ", ".join(Vocabulary.__dataclass_fields__)
        rows = self._connection.execute(f"SELECT {columns} FROM vocabulary ORDER BY rank, name")  # noqa: S608
        return [Vocabulary(*row) for row in rows]

    def _exact(self, id_: str) -> list[str]:
        return [found.target for found in self.mapping(id_) if found.predicate == "skos:exactMatch"]

    def _namesakes(self, id_: str) -> Iterator[str]:
        """Yield the terms whose label is the label of this one."""
        label = self.label(id_)
        entries = self.lookup(exact_key(label)) if label else ()
        yield from (entry.id for entry in entries if entry.scope == "label" and entry.kind == "drug")


def _filed_under(name: str, kind: str, key: str) -> bool:
    if key[:1] == "~":
        return kind == DISEASE and bag_key(name) == key[1:]
    if key[:1] == "#":
        return kind == DRUG and code_key(name) == key[1:]
    return exact_key(name) == key
