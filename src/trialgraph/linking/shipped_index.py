"""Names that need no vocabulary: those of the shipped tables of facts, MeSH terms of a record.

>>> index = ShippedIndex.packaged()
>>> [(entry.id, entry.scope) for entry in index.lookup("breast neoplasms")]
[('MESH:D001943', 'label')]
>>> [(entry.id, entry.label, entry.scope) for entry in index.lookup("keytruda")]
[('UNII:DPT0O3T46P', 'PEMBROLIZUMAB', 'brand')]
>>> [found.target for found in index.mapping("MESH:D001943")]
['MONDO:0021100']
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Final, Self

from trialgraph.linking.label_index import Entry, LabelIndex, MappedTerm
from trialgraph.linking.link_result import NamedTerm, NameIndex, TermMapping
from trialgraph.linking.recent_answers import RecentAnswers
from trialgraph.linking.vocabulary_items import SCOPES
from trialgraph.resource.name_key import DISEASE, DRUG, bag_key, code_key, exact_key, is_obsolete, keys
from trialgraph.settings import packaged

_MATCH: Final = "skos:exactMatch"
_RANKS: Final = ("mondo", "mesh", "unii")
"""Vocabularies of the tables, the one that counts first before the others."""


_REMEMBERED: Final = 1 << 14
"""Keys whose terms are remembered; an entry of the tables is made anew each time it is asked for."""

_KEPT: Final = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789|\n")
_BREAKS: Final = bytes(sign if sign in _KEPT else ord(" ") for sign in range(256))
"""What each sign of a table in lower case becomes in a key."""

_SPACES: Final = re.compile(rb"  +")
_DIGIT: Final = re.compile(r"\d")
_SCOPES: Final = ("", "label", "exact", "brand", "code")
"""What stands in each column of a table of names, the identifier first."""


@dataclass(slots=True)
class ShippedIndex:
    """The tables of facts and names in `data/links`, asked like an index of vocabularies.

    A process reads them in a fraction of a second: names become keys all at once, and a line is taken apart only
    when one of its names is asked for.
    """

    labels: dict[str, str] = field(default_factory=dict)
    mappings: dict[str, list[MappedTerm]] = field(default_factory=lambda: defaultdict(list))
    _lines: list[tuple[str, str]] = field(default_factory=list)
    """Lines of the tables, each with the kind of its term."""
    _names: dict[str, tuple[int, ...]] = field(default_factory=dict)
    """Numbers of the lines that have a name with this key."""
    _others: dict[str, dict[str, tuple[int, ...]]] = field(default_factory=dict)
    """The same for codes (`#`) and bags of words (`~`), made when first asked for."""
    _words: frozenset[str] | None = None

    @classmethod
    def packaged(cls) -> Self:
        """Return the tables as they travel with the package."""
        folder = packaged("data") / "links"
        index = cls()
        for table in ("mesh-to-mondo.tsv", "equal-labels.tsv"):
            index.read_matches(folder / table)
        for table, kind in (("disease-names.tsv", DISEASE), ("drug-names.tsv", DRUG)):
            index.read_names(folder / table, kind)
        # What a decided name leads to has a label, also where no vocabulary is installed.
        for line in (folder / "labels.tsv").read_text(encoding="utf-8").splitlines()[1:]:
            id_, label, _ = line.split("\t")
            index.labels.setdefault(id_, label)
        return index

    def read_names(self, path: Path, kind: str) -> None:
        """Read a table with the columns id, label, names, brands, codes, source; bars part several in a cell."""
        text = path.read_text(encoding="utf-8").partition("\n")[2].removesuffix("\n")
        for line, keys_ in zip(text.split("\n"), _keys_of_lines(text), strict=True):
            id_, label, _ = line.split("\t", 2)
            self.labels[id_] = label
            number = len(self._lines)
            self._lines.append((line, kind))
            for key in keys_:
                self._names[key] = (*self._names.get(key, ()), number)

    def read_matches(self, path: Path) -> None:
        """Read a table with the columns mesh, mondo, mondo label, source."""
        for line in path.read_text(encoding="utf-8").splitlines()[1:]:
            mesh, mondo, label, source = line.split("\t")
            self.mappings[mesh].append(MappedTerm(mondo, _MATCH, source))
            self.mappings[mondo].append(MappedTerm(mesh, _MATCH, source))
            self.labels.setdefault(mondo, label)

    def lookup(self, key: str) -> Sequence[NamedTerm]:
        """Return the terms of the tables that have a name with this key, surest first; none for an empty key."""
        found = [entry for number in self._filed(key).get(key, ()) if (entry := self._entry(number, key))]
        found.sort(key=lambda entry: (SCOPES.index(entry.scope), _RANKS.index(entry.vocabulary), entry.id))
        return found

    def among(self, keys: Iterable[str]) -> set[str]:
        """Return those of some keys that the tables have."""
        names = self._names
        return {key for key in keys if key in (self._filed(key) if key[:1] in "#~" else names)}

    def words(self) -> frozenset[str]:
        """Return the words of the exact keys of diseases' names, and their plurals."""
        if self._words is None:
            named = (
                name
                for name, numbers in self._names.items()
                if any(self._lines[number][1] == DISEASE for number in numbers)
            )
            written = {word for name in named for word in name.split()}
            self._words = frozenset(written | {word + "s" for word in written})
        return self._words

    def mapping(self, id_: str) -> Sequence[TermMapping]:
        """Return the exact matches of a term of the tables."""
        return self.mappings.get(id_, ())

    def label(self, id_: str) -> str | None:
        """Return the label of a term of the tables, or None."""
        return self.labels.get(id_)

    def names(self, id_: str) -> Sequence[tuple[str, str]]:
        """Return the names of a term of the tables, its label among them, each with its scope, surest first."""
        cells = next((line.split("\t")[1:-1] for line in self._lines_of(id_)), [])
        named = zip(_SCOPES[1:], cells, strict=False)
        return [(name, scope) for scope, cell in named for name in cell.split("|") if name]

    def _lines_of(self, id_: str) -> Iterator[str]:
        """Yield the line of a term, if it has one."""
        for number in self._names.get(exact_key(self.labels.get(id_, "")), ()):
            if self._lines[number][0].startswith(id_ + "\t"):
                yield self._lines[number][0]

    def _entry(self, number: int, key: str) -> Entry | None:
        """Return what a line says of the term that has a name with this key, by its surest name."""
        line, kind = self._lines[number]
        id_, *cells, source = line.split("\t")
        for scope, cell in zip(_SCOPES[1:], cells, strict=True):
            for name in cell.split("|"):
                if key in keys(name, kind):
                    vocabulary = id_.partition(":")[0].lower()
                    return Entry(id_, cells[0], scope, vocabulary, kind, name, source.endswith("INN"))
        return None

    def _filed(self, key: str) -> dict[str, tuple[int, ...]]:
        """Return the names that are filed as this key is: as they are, as codes, as bags of words."""
        way = key[:1]
        if way not in {"#", "~"}:
            return self._names
        if way not in self._others:
            kind, made = (DRUG, code_key) if way == "#" else (DISEASE, bag_key)
            filed = self._others[way] = {}
            for name, numbers in self._names.items():
                if way == "#" and not _DIGIT.search(name):
                    continue
                own = tuple(number for number in numbers if self._lines[number][1] == kind)
                if own and (other := made(name)):
                    filed[way + other] = (*filed.get(way + other, ()), *own)
        return self._others[way]


def _keys_of_lines(text: str) -> Iterator[set[str]]:
    """Yield the exact keys of the names in each line of a table, made for all lines at once.

    >>> [sorted(keys_) for keys_ in _keys_of_lines("X:1\\tSJÖGREN'S (SYNDROME)\\tdry-eye|Dry Eye\\t\\t\\ta table")]
    [['dry eye', 'sjogrens syndrome']]
    """
    plain = text.encode().replace(b"\t", b"|").replace(b"'", b"").lower().translate(_BREAKS)
    for line, raw in zip(_SPACES.sub(b" ", plain).decode().split("\n"), text.split("\n"), strict=True):
        if raw.isascii():
            yield {key.strip() for key in line.split("|")[1:-1]} - {""}
        else:
            yield {exact_key(name) for cell in raw.split("\t")[1:-1] for name in cell.split("|")} - {""}


@lru_cache(maxsize=1)
def shipped_index() -> ShippedIndex:
    """Return the table as it travels with the package, read once."""
    return ShippedIndex.packaged()


@dataclass(slots=True)
class CombinedIndex:
    """Installed vocabularies, and the shipped names where they are silent.

    A shipped name of an installed vocabulary counts when that vocabulary has the term, and no term of this name.
    """

    installed: LabelIndex
    shipped: ShippedIndex
    have: frozenset[str]
    """Names of the vocabularies that are installed."""
    _words: frozenset[str] | None = None
    _answers: RecentAnswers[Sequence[NamedTerm]] = field(default_factory=lambda: RecentAnswers(_REMEMBERED))

    def lookup(self, key: str) -> Sequence[NamedTerm]:
        """Return the terms that have a name with this key, the installed ones first."""
        known = self._answers.recall(key)
        return self._answers.keep(key, self._asked(key)) if known is None else known

    def _asked(self, key: str) -> Sequence[NamedTerm]:
        own = self.installed.lookup(key)
        if not (shipped := self.shipped.lookup(key)):
            return own
        told = {entry.vocabulary for entry in own}
        more = [entry for entry in shipped if entry.vocabulary not in told and self._known(entry)]
        medicines = {entry.id for entry in shipped if getattr(entry, "medicine", False)}
        return [*(replace(one, medicine=True) if one.id in medicines else one for one in own), *more]

    def _known(self, entry: NamedTerm) -> bool:
        """Return whether a shipped term counts: its vocabulary is not installed, or has it."""
        if entry.vocabulary not in self.have:
            return True
        label = self.installed.label(entry.id)
        return label is not None and not is_obsolete(label)

    def among(self, keys: Iterable[str]) -> set[str]:
        """Return those of some keys that may have a term."""
        asked = list(keys)
        return self.installed.among(asked) | self.shipped.among(asked)

    def words(self) -> frozenset[str]:
        """Return the words of diseases' exact keys, and their plurals."""
        if self._words is None:
            self._words = self.installed.words() | self.shipped.words()
        return self._words

    def mapping(self, id_: str) -> Sequence[TermMapping]:
        """Return the mappings of a term; the shipped ones where Mondo is not installed."""
        own = self.installed.mapping(id_)
        return own if "mondo" in self.have else [*own, *self.shipped.mapping(id_)]

    def label(self, id_: str) -> str | None:
        """Return the label of a term, or None."""
        return self.installed.label(id_) or self.shipped.label(id_)

    def names(self, id_: str) -> Sequence[tuple[str, str]]:
        """Return the names of a term, each with its scope, surest first."""
        return self.installed.names(id_) or self.shipped.names(id_)


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

    def words(self) -> frozenset[str]:
        """Return the words of the index; those of the record's own terms are spelled as they should be."""
        return self.base.words()

    def mapping(self, id_: str) -> Sequence[TermMapping]:
        """Return the mappings of a term."""
        return self.base.mapping(id_)

    def label(self, id_: str) -> str | None:
        """Return the label of a term."""
        return self.base.label(id_) or self._labels.get(id_)
