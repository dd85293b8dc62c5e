"""Looking up one name of a condition: as decided, label, synonym, bag of words, another spelling."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from trialgraph.linking.concept_choice import Chosen, choose_disease
from trialgraph.linking.condition_text import ABBREVIATION, SYMBOL, respelled, said_in
from trialgraph.linking.link_result import BROAD, EXACT, Link, NameIndex, RecordContext, Step
from trialgraph.linking.name_rules import HEAD, WHOLE, Rules
from trialgraph.resource.name_key import bag_key, exact_key

KIND: Final = "condition"
_SURE: Final = ("mondo", "mesh", "hp")
"""Vocabularies that hold a shortened name."""


@dataclass(frozen=True, slots=True)
class ConditionNames:
    """Looks names up, each as it is; what to leave away from a longer one is the linker's."""

    index: NameIndex
    rules: Rules

    def named(self, text: str, record: RecordContext, steps: list[Step], *, narrow: bool = False) -> list[Link]:
        """Look up what is left of a longer name: as another name of something, then as a name of its own."""
        name, when = self.rules.stands_for(text)
        if name and (when == "always" or said_in(name, record) or self.assigned(name, record)):
            return self.direct(name, record, steps, narrow=narrow)
        return self.decided(text, record, steps) or self.direct(text, record, steps, narrow=narrow)

    def decided(self, text: str, _: RecordContext, steps: list[Step]) -> list[Link]:
        """Return the links of a name that was read and decided."""
        key = exact_key(text)
        always = self.rules.always
        found = always.get((KIND, key)) or always.get((KIND, "~" + bag_key(text)), ())
        if found:
            steps.append(Step("decided", key, "read and decided"))
        return [
            Link(id_, self.index.label(id_) or "", relation, "decided", key, id_.partition(":")[0].lower())
            for id_, relation in found
        ]

    def direct(self, text: str, record: RecordContext, steps: list[Step], *, narrow: bool = False) -> list[Link]:
        """Look a name up as label, synonym, then as a bag of words."""
        if ABBREVIATION.fullmatch(text) and len(text) <= 6 and not self._supported(text, record):
            steps.append(Step("exact", text, "a short form is not looked up as a name"))
            return []
        key, bag = exact_key(text), bag_key(text)
        if len(key) < 3 or (narrow and not any(len(word) > 2 and word.isalpha() for word in bag.split())):
            return []
        if found := self.decided(text, record, steps):
            return found
        never = self.rules.never
        exact, normal = (
            [e for e in self.index.lookup(tried) if (KIND, key, e.id) not in never] for tried in (key, "~" + bag)
        )
        vocabularies = _SURE if narrow or self.rules.not_disease.of(key, WHOLE, HEAD) else ()
        if "/" in text:
            normal = []
        number = [] if exact else [e for e in self.index.lookup(_other_number(key)) if (KIND, key, e.id) not in never]
        chosen = choose_disease(self.index, (exact or number, normal), record, vocabularies)
        if not chosen and "/" not in text:
            tried = ("~" + bag_key(other) for other in respelled(text))
            normal = [e for other in tried for e in self.index.lookup(other) if (KIND, key, e.id) not in never]
            chosen = choose_disease(self.index, (normal,), record, vocabularies) if normal else []
        tier = "exact" if any(entry.id == found.id for found in chosen for entry in exact) else "normalised"
        steps.append(Step(tier, key if tier == "exact" else "~" + bag, _told(chosen, [*exact, *normal])))
        if self.rules.not_disease.of(key, WHOLE, HEAD) and not any(found.vocabulary == "mondo" for found in chosen):
            return []
        links = [_as_link(found, EXACT, tier, key) for found in chosen]
        return links + self._neoplasms(bag, key, links, record)

    def assigned(self, name: str, record: RecordContext) -> bool:
        """Return whether the registry gave the record a heading for this name."""
        assigned = {id_ for id_, _ in record.mesh}
        return any(link.id in assigned for link in self.direct(name, record, []))

    def _neoplasms(self, bag: str, key: str, links: list[Link], record: RecordContext) -> list[Link]:
        """MeSH files cancers under the neoplasms of their site, which are wider."""
        if "cancer" not in bag.split() or any(link.id.startswith("MESH:") for link in links):
            return []
        wider = "~" + bag_key(bag.replace("cancer", "neoplasm"))
        chosen = choose_disease(self.index, (self.index.lookup(wider),), record, ("mesh",))
        return [_as_link(found, BROAD, "normalised", key) for found in chosen if found.vocabulary == "mesh"]

    def _supported(self, text: str, record: RecordContext) -> bool:
        """Return whether the record's headings hold what this short form names in a vocabulary.

        The symbol of an inherited disease, letters and a number, bears itself out when it is one disease and no gene.
        """
        assigned = {id_ for id_, _ in record.mesh}
        entries = self.index.lookup(exact_key(text))
        if SYMBOL.fullmatch(text) and not any(entry.kind == "target" for entry in entries):
            return len({entry.id for entry in entries if entry.vocabulary == "mondo"}) == 1
        chosen = choose_disease(self.index, (entries,), record)
        return any(found.id in assigned or said_in(found.label, record) for found in chosen)


def _other_number(key: str) -> str:
    """Return a name in the plural, or in the singular when it has an s: respiratory disease, respiratory diseases."""
    return key + "s" if not key.endswith("s") else key[:-1]


def _as_link(found: Chosen, relation: str, tier: str, matched: str) -> Link:
    return Link(found.id, found.label, relation, tier, matched, found.vocabulary, found.via)


def _told(chosen: Sequence[Chosen], entries: Sequence[object]) -> str:
    if chosen:
        return ", ".join(f"{found.id} {found.label}" for found in chosen)
    return "several terms, and nothing decides" if entries else "no term"
