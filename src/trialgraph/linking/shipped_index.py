"""Names that need no vocabulary: MONDO diseases of the shipped table, MeSH terms of a record.

>>> index = ShippedIndex.packaged()
>>> [entry.id for entry in index.lookup("breast neoplasm")]
['MONDO:0021100']
>>> [found.target for found in index.mapping("MESH:D001943")]
['MONDO:0021100']
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Final, Self

from trialgraph.linking.label_index import Entry, MappedTerm
from trialgraph.linking.link_result import NamedTerm, NameIndex, TermMapping
from trialgraph.resource.name_key import keys
from trialgraph.settings import packaged

_MATCH: Final = "skos:exactMatch"


@dataclass(frozen=True, slots=True)
class ShippedIndex:
    """The tables of facts `mesh-to-mondo.tsv` and `equal-labels.tsv` of `data/links`, asked like an index."""

    names: dict[str, list[Entry]]
    labels: dict[str, str]
    mappings: dict[str, list[MappedTerm]]

    @classmethod
    def packaged(cls) -> Self:
        """Return the tables as they travel with the package: what Mondo maps, and what has one label."""
        folder = packaged("data") / "links"
        index = cls.read(folder / "mesh-to-mondo.tsv", folder / "equal-labels.tsv")
        # What a decided name leads to has a label, also where no vocabulary is installed.
        for line in (folder / "labels.tsv").read_text(encoding="utf-8").splitlines()[1:]:
            id_, label, _ = line.split("\t")
            index.labels.setdefault(id_, label)
        return index

    @classmethod
    def read(cls, *paths: Path) -> Self:
        """Read tables with the columns mesh, mondo, mondo label, source."""
        names: dict[str, list[Entry]] = defaultdict(list)
        labels: dict[str, str] = {}
        mappings: dict[str, list[MappedTerm]] = defaultdict(list)
        for line in (line for path in paths for line in path.read_text(encoding="utf-8").splitlines()[1:]):
            mesh, mondo, label, source = line.split("\t")
            mappings[mesh].append(MappedTerm(mondo, _MATCH, source))
            mappings[mondo].append(MappedTerm(mesh, _MATCH, source))
            if mondo not in labels:
                labels[mondo] = label
                for key in keys(label, "disease"):
                    names[key].append(Entry(mondo, label, "label", "mondo", "disease", label))
        return cls(dict(names), labels, dict(mappings))

    def lookup(self, key: str) -> Sequence[NamedTerm]:
        """Return the diseases of the table that have a label with this key."""
        return self.names.get(key, ())

    def among(self, keys: Iterable[str]) -> set[str]:
        """Return those of some keys that the table has."""
        return {key for key in keys if key in self.names}

    def mapping(self, id_: str) -> Sequence[TermMapping]:
        """Return the exact matches of a term of the table."""
        return self.mappings.get(id_, ())

    def label(self, id_: str) -> str | None:
        """Return the label of a disease of the table, or None."""
        return self.labels.get(id_)


@lru_cache(maxsize=1)
def shipped_index() -> ShippedIndex:
    """Return the table as it travels with the package, read once."""
    return ShippedIndex.packaged()


@dataclass(slots=True)
class RecordIndex:
    """An index together with the MeSH terms that the registry gave one record, which have labels."""

    base: NameIndex
    terms: Iterable[tuple[str, str]]
    """Identifiers (`MESH:D001943`) and labels."""
    kind: str
    """`disease` or `drug`: what the terms are."""
    _names: dict[str, list[NamedTerm]] = field(default_factory=dict)
    _labels: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for id_, label in self.terms:
            self._labels[id_] = label
            for key in keys(label, self.kind):
                self._names.setdefault(key, []).append(Entry(id_, label, "label", "mesh", self.kind, label))

    def lookup(self, key: str) -> Sequence[NamedTerm]:
        """Return the terms of the index and of the record that have a name with this key."""
        own = self._names.get(key)
        return [*self.base.lookup(key), *own] if own else self.base.lookup(key)

    def among(self, keys: Iterable[str]) -> set[str]:
        """Return those of some keys that the index may have, or the record has."""
        asked = list(keys)
        return self.base.among(asked) | {key for key in asked if key in self._names}

    def mapping(self, id_: str) -> Sequence[TermMapping]:
        """Return the mappings of a term."""
        return self.base.mapping(id_)

    def label(self, id_: str) -> str | None:
        """Return the label of a term."""
        return self.base.label(id_) or self._labels.get(id_)
