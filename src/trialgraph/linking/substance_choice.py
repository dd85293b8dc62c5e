"""Which substance a name means: UNII and MeSH together, salts told from free forms, brands, codes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from trialgraph.linking.link_result import EXACT, SALT, NamedTerm, NameIndex, RecordContext
from trialgraph.linking.name_rules import Rules
from trialgraph.linking.recent_answers import RecentAnswers
from trialgraph.resource.name_key import exact_key

ORDER: Final = ("unii", "mesh", "chebi", "ncit", "rxnorm", "chembl", "drugbank", "drugcentral")
_CHEMICALS: Final = frozenset(("chebi", "ncit", "rxnorm"))
"""Vocabularies that hold classes and roles beside substances; what only they know is not linked."""

_FIRST: Final = ("unii", "mesh")
_REMEMBERED: Final = 1 << 14
_STRENGTH: Final = {"label": 4, "exact": 3, "brand": 2, "code": 2, "unknown": 2}


@dataclass(frozen=True, slots=True)
class Substance:
    """A term that is meant, and how the name relates to it."""

    id: str
    label: str
    vocabulary: str
    relation: str
    scope: str
    via: str = ""


@dataclass(slots=True)
class SubstanceChoice:
    """Chooses among the terms that bear the name of a drug."""

    index: NameIndex
    rules: Rules
    _of_label: RecentAnswers[tuple[NamedTerm, ...]] = field(default_factory=lambda: RecentAnswers(_REMEMBERED))

    def choose(self, name: str, entries: Sequence[NamedTerm], record: RecordContext) -> list[Substance]:
        """Return the one substance of this name in every vocabulary that has it; empty when it names none or several.

        Each vocabulary is asked by the name itself, and one that is silent by the label that another gives. Where the
        name has a salt and the term has not, or the other way round, the relation is `salt`.
        """
        if any(entry.kind == "target" and entry.scope == "label" for entry in entries):
            entries = [entry for entry in entries if entry.scope == "label" and entry.kind == "drug"]
        picked = {name_: found for name_ in ORDER if (found := self._one(name, entries, name_, record))}
        if picked.keys() <= _CHEMICALS:
            return []
        self._drop_homonyms(picked)
        chosen = [self._said(name, entry) for entry in picked.values()]
        chosen += self._by_label(name, picked)
        return chosen + self._free_forms(chosen)

    def _one(
        self, name: str, entries: Iterable[NamedTerm], vocabulary: str, record: RecordContext
    ) -> NamedTerm | None:
        own = [e for e in entries if e.vocabulary == vocabulary and e.kind == "drug" and e.scope in _STRENGTH]
        if not own:
            return None
        best = max(_STRENGTH[entry.scope] for entry in own)
        surest = {entry.id: entry for entry in own if _STRENGTH[entry.scope] == best}
        if len(surest) > 1:
            surest = {id_: e for id_, e in surest.items() if e.label.casefold() == name.casefold()} or surest
        if len(surest) > 1:
            surest = self._same_salt(name, surest)
        if len(surest) > 1:
            said = {exact_key(other) for other in record.other_names} | {exact_key(term) for _, term in record.mesh}
            surest = {id_: e for id_, e in surest.items() if exact_key(e.label) in said}
        return next(iter(surest.values())) if len(surest) == 1 else None

    def _same_salt(self, name: str, found: dict[str, NamedTerm]) -> dict[str, NamedTerm]:
        """Return, of terms that differ by their salt only, the one with the salt of the name."""
        bases = {self._base(entry.label) for entry in found.values()}
        if len(bases) > 1:
            return found
        wanted = self._salts(name)
        return {id_: e for id_, e in found.items() if self._salts(e.label) == wanted} or found

    def _drop_homonyms(self, picked: dict[str, NamedTerm]) -> None:
        """Leave out what a surer vocabulary contradicts: the same code or brand on another substance."""
        first, second = (picked.get(vocabulary) for vocabulary in _FIRST)
        if first is None or second is None:
            return
        own = self._labelled(first.label, "mesh")
        if own is None or own.id == second.id or self._base(own.label) == self._base(second.label):
            return
        if _STRENGTH[first.scope] >= _STRENGTH[second.scope]:
            del picked["mesh"]
        else:
            del picked["unii"]

    def _by_label(self, name: str, picked: dict[str, NamedTerm]) -> list[Substance]:
        """Return the terms that vocabularies without a hit hold under the label of one with a hit."""
        found = []
        led = next(picked[name_] for name_ in ORDER if name_ in picked)
        for vocabulary in _FIRST:
            if vocabulary not in picked:
                other = self._labelled(led.label, vocabulary) or self._matched(led.id, vocabulary)
                if other is not None:
                    said = self._said(name if led.scope != "brand" else led.label, other)
                    found.append(Substance(said.id, said.label, vocabulary, said.relation, led.scope, led.id))
        return found

    def _free_forms(self, chosen: list[Substance]) -> list[Substance]:
        """Return the free forms of the salts that were named, as `salt`."""
        found: list[Substance] = []
        have = {one.id for one in chosen}
        for one in chosen:
            if (
                one.relation == EXACT
                and self._salts(one.label)
                and (base := self._base(one.label))
                and not _inorganic(base)
            ):
                for vocabulary in _FIRST:
                    free = self._labelled(base, vocabulary)
                    if (
                        free is not None
                        and free.id not in have
                        and not any(x.vocabulary == vocabulary and x.relation == SALT for x in chosen)
                    ):
                        have.add(free.id)
                        found.append(Substance(free.id, free.label, vocabulary, SALT, one.scope, one.id))
        return found

    def _said(self, name: str, entry: NamedTerm) -> Substance:
        """Return the term with its relation: exact, or salt where only one of name and label has one."""
        relation = EXACT
        if entry.scope not in {"brand", "code"} and self._base(name) == self._base(entry.label):
            relation = EXACT if self._salts(name) == self._salts(entry.label) else SALT
        elif entry.vocabulary == "mesh" and entry.scope == "unknown" and self._salts(entry.label) - self._salts(name):
            relation = SALT if self._base(entry.label) in exact_key(name) else EXACT
        return Substance(entry.id, entry.label, entry.vocabulary, relation, entry.scope)

    def _labelled(self, label: str, vocabulary: str) -> NamedTerm | None:
        """Return the term of a vocabulary with this label, or the only one with it as a synonym."""
        known = self._of_label.recall((label, vocabulary))
        if known is None:
            known = self._of_label.keep((label, vocabulary), self._with_label(label, vocabulary))
        return known[0] if known else None

    def _with_label(self, label: str, vocabulary: str) -> tuple[NamedTerm, ...]:
        own = [e for e in self.index.lookup(exact_key(label)) if e.vocabulary == vocabulary and e.kind == "drug"]
        best = [e for e in own if e.scope == "label"] or own
        best = [e for e in best if e.label.casefold() == label.casefold()] or best
        return (best[0],) if len({e.id for e in best}) == 1 else ()

    def _matched(self, id_: str, vocabulary: str) -> NamedTerm | None:
        """Return the term of a vocabulary that is an exact match of this one, or None."""
        prefix = vocabulary.upper() + ":"
        targets = {
            m.target
            for m in self.index.mapping(id_)
            if m.predicate == "skos:exactMatch" and m.target.startswith(prefix)
        }
        if len(targets) != 1:
            return None
        label = self.index.label(next(iter(targets)))
        found = self._labelled(label, vocabulary) if label else None
        return found if found is not None and found.id in targets else None

    def _base(self, name: str) -> str:
        """Return a name without its salt, in the letters of a key."""
        tokens = exact_key(name).split()
        salts = [self._is_salt(word, at) for at, word in enumerate(tokens)]
        for at, word in enumerate(tokens[1:-1], 1):  # the hand of an acid, and its number: S-malate
            salts[at] = salts[at] or (len(word) == 1 and salts[at + 1])
        return " ".join(word for word, salt in zip(tokens, salts, strict=True) if not salt)

    def _salts(self, name: str) -> frozenset[str]:
        """Return the salt words of a name, but for one that is nothing else: sodium chloride."""
        tokens = exact_key(name).split()
        found = frozenset(self.rules.salts[word] for at, word in enumerate(tokens) if self._is_salt(word, at))
        return found if any(word not in self.rules.salts for word in tokens) else frozenset()

    def _is_salt(self, word: str, at: int) -> bool:
        """Return whether a word at this place is a salt; in front only a metal is: glutamate decarboxylase."""
        return word in self.rules.salts and (at > 0 or word in _METALS)


_METALS: Final = frozenset("sodium disodium potassium dipotassium calcium magnesium zinc lithium".split())
_ELEMENTS: Final = frozenset(
    "hydrogen lithium boron carbon nitrogen oxygen fluorine sodium magnesium aluminum aluminium silicon "
    "phosphorus sulfur chlorine potassium calcium titanium chromium manganese iron ferrous ferric cobalt "
    "nickel copper cupric zinc arsenic selenium bromine rubidium strontium yttrium zirconium silver tin iodine "
    "barium cesium lanthanum samarium gadolinium lutetium hafnium gold mercury thallium lead bismuth radium "
    "ammonia water per di tri super".split()
)


def _inorganic(base: str) -> bool:
    """Return whether what is left of a salt is an element or a small ion, which is no free form of a drug.

    >>> _inorganic("iron"), _inorganic("nitrite"), _inorganic("sildenafil")
    (True, True, False)
    """
    return base in _ELEMENTS or (len(base) <= 9 and base.endswith(("ite", "ide", "ates", "ites", "ides")))
