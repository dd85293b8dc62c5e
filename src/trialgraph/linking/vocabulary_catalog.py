"""Which vocabularies can be added, a row each of `data/links/vocabularies.tsv`; kinds of terms.

>>> vocabulary_kinds()["unii"].title
'UNII, names of substances of the Global Substance Registration System'
>>> kind_of_prefix("UNII"), kind_of_prefix("HGNC"), kind_of_prefix("X")
('drug', 'target', 'other')
"""

from dataclasses import dataclass
from functools import cache

from trialgraph.settings import packaged


@dataclass(frozen=True, slots=True)
class VocabularyKind:
    """One kind of vocabulary that has a reader."""

    kind: str
    rank: int
    """Place among all: where two name one thing, the smaller counts first."""
    reader: str
    prefix: str
    """Prefix of its terms, for ontologies; else empty."""
    title: str
    license: str
    """IRI of the owner's terms."""
    publish: str
    """`all`; `share-alike`: in a graph of its own; `ids`: identifiers only, no label."""
    homepage: str
    note: str
    """The files it is read from."""


@cache
def vocabulary_kinds() -> dict[str, VocabularyKind]:
    """Return the kinds by name, in the order of the table."""
    found = [VocabularyKind(kind, int(rank), *rest) for kind, rank, *rest in _rows("vocabularies.tsv")]
    return {kind.kind: kind for kind in found}


@cache
def kinds_by_root(prefix: str) -> dict[str, str]:
    """Return the kinds of an ontology's terms by the term above them; under the empty key what else is.

    >>> kinds_by_root("MONDO")
    {'': 'disease'}
    """
    return {root: kind for prefix_, root, kind, _ in _rows("term-kinds.tsv") if prefix_ == prefix}


def kind_of_prefix(prefix: str) -> str:
    """Return what the terms with a prefix are when nothing else is known of them."""
    return kinds_by_root(prefix).get("", "other")


@cache
def anchors() -> dict[str, str]:
    """Return the labels of some hundred terms of each vocabulary, known beforehand (`data/links/anchors.tsv`)."""
    return {id_: label for id_, label, _ in _rows("anchors.tsv")}


@cache
def not_exact() -> frozenset[tuple[str, str]]:
    """Return pairs of terms, both ways round, whose published exact mapping was read and is none.

    >>> ("MESH:D012640", "MONDO:0001386") in not_exact()
    True
    """
    pairs = [(subject, object_) for subject, object_, _ in _rows("not-exact.tsv")]
    return frozenset([*pairs, *((object_, subject) for subject, object_ in pairs)])


@cache
def equal_labels() -> dict[str, str]:
    """Return, both ways round, headings of MeSH that Mondo does not map and its term of the same label, each read.

    >>> equal_labels()["MESH:D012559"], equal_labels()["MONDO:0005090"]
    ('MONDO:0005090', 'MESH:D012559')
    """
    pairs = [(mesh, mondo) for mesh, mondo, _, _ in _rows("equal-labels.tsv")]
    return dict([*pairs, *((mondo, mesh) for mesh, mondo in pairs)])


def _rows(name: str) -> list[list[str]]:
    lines = (packaged("data") / "links" / name).read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines[1:]]
