"""Which of the terms that bear a name is meant: label, then agreement of vocabularies, then record."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from trialgraph.linking.link_result import NamedTerm, NameIndex, RecordContext
from trialgraph.resource.name_key import exact_key, is_obsolete, words

MATCH: Final = "skos:exactMatch"
DISEASE_ORDER: Final = ("mondo", "mesh", "hp", "efo", "doid", "ncit")
"""Vocabularies of diseases, the one that names a thing first."""

_STRENGTH: Final = {
    "label": 4,
    "exact": 2,
    "brand": 1,
    "code": 1,
    "unknown": 1,
    "narrow": 0,
    "broad": 0,
    "related": 0,
}

_FORMS: Final = frozenset(
    "primary secondary familial hereditary congenital acquired idiopathic adult childhood juvenile infantile newborn "
    "isolated psychologic inherited".split()
)
"""Words that make one form of a thing."""

_DISPOSITION: Final = frozenset(("protection", "against", "susceptibility", "resistance"))
"""Words of names that say who gets a disease; such a name is not one of the disease."""

_OF_CHILDREN: Final = frozenset(("pediatric", "paediatric"))
_EMPTY_WORDS: Final = frozenset(("disease", "syndrome", "type", "and", "with"))


@dataclass(frozen=True, slots=True)
class Chosen:
    """A term that is meant."""

    id: str
    label: str
    vocabulary: str
    strength: int
    """4 by label, 3 and 2 by a synonym that others bear out or that is exact, 1 by one of unknown scope."""
    via: str = ""
    """The term whose exact match led here."""
    scope: str = ""


def matches(index: NameIndex, id_: str, prefix: str) -> list[str]:
    """Return the exact matches of a term in the vocabulary of this prefix, descriptors before supplements."""
    found = {m.target for m in index.mapping(id_) if m.predicate == MATCH and m.target.startswith(prefix)}
    return sorted(found, key=lambda target: (":C" in target, target))


def choose_disease(
    index: NameIndex, found: Sequence[Sequence[NamedTerm]], record: RecordContext, vocabularies: Sequence[str] = ()
) -> list[Chosen]:
    """Return the one thing that a name of a condition names, as its identifiers; empty when it names none or several.

    `found` are the terms of each way to look the name up, the strictest first; a later way fills in the vocabularies
    that an earlier one is silent about. MONDO and MeSH go together: what one lacks comes from their exact mapping.
    """
    names = vocabularies or DISEASE_ORDER
    present = {entry.vocabulary for entries in found for entry in entries}
    by_vocabulary = {name: _strictest(index, found, name, record) if name in present else None for name in names}
    if "mesh" in names and not by_vocabulary["mesh"] and (heading := _heading(found)):
        borne_out = any(one and one.strength > 1 for one in by_vocabulary.values())
        if not borne_out:
            return []  # a part of the body, a measure or a habit: skin is no neoplasm of the skin
        if by_vocabulary.get("mondo") or by_vocabulary.get("hp"):
            by_vocabulary["mesh"] = heading
    mondo, mesh = _agreeing(index, by_vocabulary.get("mondo"), by_vocabulary.get("mesh"), record)
    chosen = [one for one in (mondo, mesh) if one]
    if mondo and not mesh:
        chosen += _matched(index, mondo, "MESH:", "mesh")
    if mesh and not mondo:
        chosen = _matched(index, mesh, "MONDO:", "mondo") + chosen
    if any(one.vocabulary == "mondo" for one in chosen):
        return chosen
    for name in names:
        if (other := by_vocabulary[name]) and other.vocabulary not in {"mondo", "mesh"} and other.strength > 1:
            led = [] if chosen else _matched(index, other, "MONDO:", "mondo")
            return [*led, *chosen, other]
    return chosen


def _strictest(
    index: NameIndex, found: Sequence[Sequence[NamedTerm]], vocabulary: str, record: RecordContext
) -> Chosen | None:
    """Return the term of the first way that has one; a later way may have the same term by a surer name."""
    hits = [one for entries in found if (one := _one(index, entries, vocabulary, record))]
    return max((one for one in hits if one.id == hits[0].id), key=lambda one: one.strength, default=None)


def _heading(found: Sequence[Sequence[NamedTerm]]) -> Chosen | None:
    """Return a MeSH heading outside the trees of diseases that has the very name: depression, anxiety."""
    for entries in found:
        named = {e.id: e for e in entries if e.vocabulary == "mesh" and e.kind == "other" and e.scope == "label"}
        if len(named) == 1:
            entry = next(iter(named.values()))
            return Chosen(entry.id, entry.label, "mesh", _STRENGTH["label"], scope=entry.scope)
    return None


def _matched(index: NameIndex, found: Chosen, prefix: str, vocabulary: str) -> list[Chosen]:
    targets = [target for target in matches(index, found.id, prefix) if not _numbered(index.label(target), found)]
    if len(targets) > 1:
        targets = [target for target in targets if index.label(target) == found.label] or targets[:1]
    return [
        Chosen(target, label, vocabulary, found.strength, found.id)
        for target in targets[:1]
        if (label := index.label(target)) is not None and not is_obsolete(label)
    ]


def _numbered(label: str | None, found: Chosen) -> bool:
    """Return whether a label is that of one numbered form, where the term it matches bears no number."""
    last = (words(label or "") or [""])[-1]
    return last.isdigit() and not any(sign.isdigit() for word in words(found.label) for sign in word)


def _one(index: NameIndex, entries: Iterable[NamedTerm], vocabulary: str, record: RecordContext) -> Chosen | None:
    """Return the surest term of one vocabulary, or None when several are equally sure and nothing decides."""
    entries = list(entries)
    own = [entry for entry in entries if entry.vocabulary == vocabulary and entry.kind == "disease"]
    strengths = {entry.id: _strength(index, entry, entries) for entry in own}
    own = [entry for entry in own if strengths[entry.id] > 0 and not is_obsolete(entry.label)]
    if not own:
        return None
    best = max(strengths[entry.id] for entry in own)
    surest = {entry.id: entry for entry in own if strengths[entry.id] == best}
    if len(surest) > 1:
        assigned = {id_ for id_, _ in record.mesh}
        surest = {
            id_: entry
            for id_, entry in surest.items()
            if id_ in assigned or assigned & set(matches(index, id_, "MESH:"))
        }
    if len(surest) != 1:
        return None
    entry = next(iter(surest.values()))
    return Chosen(entry.id, entry.label, vocabulary, best, scope=entry.scope)


def _strength(index: NameIndex, entry: NamedTerm, entries: Sequence[NamedTerm]) -> int:
    """Return how sure a name is of a term, 0 when it is not to be linked by it.

    A synonym whose scope the file does not tell is as sure as the surest name of its exact matches that is the same.
    Without a sure one it must look like the label, and may not stand for one form of what it names.
    """
    own = _STRENGTH.get(entry.scope, 0)
    if own != _STRENGTH["unknown"]:
        return own
    if (
        _other_number(entry)
        or _denied(entry)
        or set(words(getattr(entry, "matched", ""))) & _DISPOSITION - set(words(entry.label))
    ):
        return 0
    same = {m.target for m in index.mapping(entry.id) if m.predicate == MATCH}
    agreed = max((_agreement(other) for other in entries if other.id in same), default=0)
    told = agreed > own or (agreed and getattr(entry, "matched", entry.label).isupper())
    return agreed if told else own * (not is_unlike(entry))


def _several(name: str) -> bool:
    return " and " in f" {name.casefold()} "


def _agreement(other: NamedTerm) -> int:
    """Return how sure a name is by an exact match that bears it too; MeSH, which people index with, before others."""
    sure = min(_STRENGTH.get(other.scope, 0), _STRENGTH["exact"])
    return sure + 1 if other.vocabulary == "mesh" and sure else sure


def _other_number(entry: NamedTerm) -> bool:
    """Return whether name and label are one disease but for the number of its type: Ic and Ib."""
    label, name = words(entry.label), words(getattr(entry, "matched", entry.label))
    numbers = [found[-1:] for found in (label, name) if any(sign.isdigit() for sign in "".join(found[-1:]))]
    return len(numbers) == 2 and numbers[0] != numbers[1] and label[:-1] == name[:-1]


def _denied(entry: NamedTerm) -> bool:
    """Return whether a name denies a word that the label says, or the other way round: non-squamous, squamous."""
    said = [exact_key(one).split() for one in (entry.label, getattr(entry, "matched", entry.label))]
    after = [{word for before, word in pairwise(one) if before == "non"} for one in said]
    return any((after[at] & set(said[1 - at])) - after[1 - at] for at in (0, 1))


def is_unlike(entry: NamedTerm) -> bool:
    """Return whether the label of a term tells that a name of it means something narrower, or else.

    The label has no word of the name; or is far longer; or is the name and the number or kind of one of its forms.
    """
    matched = getattr(entry, "matched", entry.label)
    label, name = words(entry.label), words(matched)
    if set(name) & _OF_CHILDREN:
        name = [*name, "childhood"]
    if len(entry.label.split()) > 2 * len(matched.split()) + 2 or not set(label) & set(name) - _EMPTY_WORDS:
        return True
    more = set(label) - set(name)
    if (_several(entry.label) and not _several(matched)) or "susceptibility" in label:
        return True
    numbered = bool(label) and any(sign.isdigit() for sign in label[-1]) and more == {label[-1]}
    return numbered or bool(more & _FORMS and more | set(name) == set(label))


def _agreeing(
    index: NameIndex, mondo: Chosen | None, mesh: Chosen | None, record: RecordContext
) -> tuple[Chosen | None, Chosen | None]:
    """Return the two hits, less the one that the surer one contradicts."""
    if mondo is None or mesh is None:
        return mondo, mesh
    there, back = matches(index, mondo.id, "MESH:"), matches(index, mesh.id, "MONDO:")
    if mesh.id in there:
        return mondo, mesh
    if mondo.strength > mesh.strength and mesh.id.startswith("MESH:C"):
        return mondo, None
    if not (there or back) or mondo.strength == max(_STRENGTH.values()):
        return mondo, mesh
    assigned = {id_ for id_, _ in record.mesh}
    if mesh.strength > mondo.strength or (mesh.id in assigned and not assigned & set(there)):
        return None, mesh
    return (mondo, None) if assigned & set(there) else (None, None)
