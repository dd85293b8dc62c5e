"""Names held against names: whether what a vocabulary calls a term is what others call it.

No file can be trusted alone: one public export of a vocabulary has every name on a wrong identifier. So the names of
a vocabulary are held against those known beforehand (`anchors.tsv`), against those that other vocabularies give to
the same identifiers, and, over exact mappings, against those of the terms it is mapped to.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, TypeVar

from trialgraph.linking.vocabulary_catalog import anchors
from trialgraph.resource.name_key import DISEASE, DRUG, keys

_Row = TypeVar("_Row")

ENOUGH_PAIRS: Final = 200
LEAST_AGREEMENT: Final = 0.30
"""Below this share of at least `ENOUGH_PAIRS` pairs a vocabulary is quarantined: nothing is linked by it."""

_MOST_PAIRS: Final = 5000
"""Pairs of one kind that are looked at, spread over all."""

_SAME_ID: Final = """
SELECT mine.id, theirs.label FROM term mine JOIN term theirs ON theirs.id = mine.id AND theirs.vocabulary <> ?1
JOIN vocabulary v ON v.number = theirs.vocabulary AND v.state = 'active'
WHERE mine.vocabulary = ?1 AND theirs.label <> '' ORDER BY mine.id, theirs.label
"""
_ENDS: Final = """
SELECT m.subject, m.object FROM mapping m JOIN vocabulary v ON v.number = m.vocabulary
WHERE m.predicate = 'skos:exactMatch' AND (v.state = 'active' OR v.number = ?1)
AND (m.vocabulary = ?1 OR EXISTS (SELECT 1 FROM term t WHERE t.vocabulary = ?1 AND t.id IN (m.subject, m.object)))
ORDER BY m.subject, m.object
"""
_NAMES: Final = """
SELECT n.text FROM name n JOIN term t ON t.number = n.term JOIN vocabulary v ON v.number = t.vocabulary
WHERE t.id = ?1 AND (v.state = 'active' OR v.number = ?2)
"""
_GENES: Final = """
SELECT DISTINCT d.target, d.gene, t.label FROM mechanism d JOIN mapping m
ON m.object = d.target AND m.predicate = 'biolink:has_gene_product' JOIN term t ON t.id = m.subject
JOIN vocabulary v ON v.number = m.vocabulary AND v.state = 'active'
WHERE d.vocabulary = ?1 AND d.gene <> '' ORDER BY 1, 2, 3
"""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one way of holding names against names has found."""

    way: str
    pairs: int
    agreeing: int

    @property
    def condemns(self) -> bool:
        """Whether so few of enough pairs agree that the vocabulary cannot be right."""
        return self.pairs >= ENOUGH_PAIRS and self.agreeing < LEAST_AGREEMENT * self.pairs

    def __str__(self) -> str:
        return f"{self.way} {self.agreeing} of {self.pairs}"


def check_vocabulary(connection: sqlite3.Connection, name: str) -> list[Evidence]:
    """Hold the names of a vocabulary of an index against what is known, and write state and reason into the index.

    A quarantined vocabulary stays in the index, and is not seen by `LabelIndex`.
    """
    (number,) = connection.execute("SELECT number FROM vocabulary WHERE name = ?", (name,)).fetchone()
    found = [evidence for evidence in _evidence(connection, number) if evidence.pairs]
    condemned = [evidence for evidence in found if evidence.condemns]
    state = "quarantined" if condemned else "active"
    reason = "; ".join(map(str, condemned or found))
    row = state, reason, sum(e.pairs for e in found), sum(e.agreeing for e in found), number
    connection.execute("UPDATE vocabulary SET state = ?, reason = ?, pairs = ?, agreeing = ? WHERE number = ?", row)
    return found


def _evidence(connection: sqlite3.Connection, number: int) -> Iterator[Evidence]:
    names = _Names(connection, number)
    own = ((id_, label) for id_, label in anchors().items() if names.own(id_))
    yield _evidence_of("known names", [(names.own(id_), [label]) for id_, label in own])
    same = _spread(connection.execute(_SAME_ID, (number,)).fetchall())
    yield _evidence_of("names elsewhere", [(names.own(id_), [label]) for id_, label in same])
    ends = _spread(connection.execute(_ENDS, (number,)).fetchall())
    mapped = [(names.all(subject), names.all(object_)) for subject, object_ in ends]
    yield _evidence_of("names across exact mappings", [(left, right) for left, right in mapped if left and right])
    genes = connection.execute(_GENES, (number,)).fetchall()
    yield _evidence_of("genes of proteins", [([gene], [symbol]) for _, gene, symbol in _spread(genes)])


def _evidence_of(way: str, pairs: list[tuple[list[str], list[str]]]) -> Evidence:
    return Evidence(way, len(pairs), sum(1 for left, right in pairs if _forms(left) & _forms(right)))


def _forms(names: Iterable[str]) -> set[str]:
    """Return the keys of names as those of diseases and as those of drugs, for either may stand here."""
    return {key for name in names for kind in (DISEASE, DRUG) for key in keys(name, kind)}


def _spread(rows: list[_Row]) -> list[_Row]:
    """Return at most `_MOST_PAIRS` of the rows, evenly from all of them."""
    return rows[:: -(-len(rows) // _MOST_PAIRS)] if rows else []


@dataclass(frozen=True)
class _Names:
    connection: sqlite3.Connection
    number: int

    def own(self, id_: str) -> list[str]:
        """Return the names that the vocabulary gives to a term."""
        statement = "SELECT n.text FROM name n JOIN term t ON t.number = n.term WHERE t.id = ? AND t.vocabulary = ?"
        return [text for (text,) in self.connection.execute(statement, (id_, self.number))]

    def all(self, id_: str) -> list[str]:
        """Return the names that the vocabulary and the active ones give to a term."""
        return [text for (text,) in self.connection.execute(_NAMES, (id_, self.number))]
