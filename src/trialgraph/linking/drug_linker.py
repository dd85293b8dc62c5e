"""Links of a drug's name: itself, code, without dose and form, brackets, parts, other names."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from trialgraph.linking.drug_short_names import phrases_of_initials, words_begun_by
from trialgraph.linking.drug_text import (
    BRACKET,
    CARRIED,
    CLASS_END,
    COMPANY,
    IMAGED,
    JOINED,
    cleaned,
    parts_of,
    says_several,
    without_brackets,
    without_words,
    wordings,
)
from trialgraph.linking.drugs_within import KIND, DrugsWithin, components
from trialgraph.linking.link_result import (
    ABSENT,
    AMBIGUOUS,
    BROAD,
    CELL,
    CLASS,
    COMPONENT,
    EXACT,
    PLACEBO,
    PROCEDURE,
    SALT,
    Link,
    NamedTerm,
    NameIndex,
    Naming,
    RecordContext,
    Step,
)
from trialgraph.linking.name_rules import ANY, HEAD, WHOLE, Rules
from trialgraph.linking.substance_choice import Substance, SubstanceChoice
from trialgraph.resource.name_key import code_key, exact_key

_MOST_PARTS: Final = 16
_SHORT: Final = 4
_SHORTEST_REGIMEN: Final = 2
"""Letters of names of regimens that may be anything, also in a trial of cancer."""

_ONCOLOGY: Final = re.compile(
    r"cancer|carcinoma|lymphoma|leuk|myeloma|sarcoma|tumou?r|neoplas|glioma|blastoma|melanoma|mesothelioma",
    re.IGNORECASE,
)
"""Words of a title that tell that a short name in capitals is a regimen of chemotherapy."""

_FAR: Final = 390
"""Characters of a text of the record that are looked at for a label."""
_SUBSTANCES: Final = frozenset(("unii", "drugcentral", "chembl", "drugbank"))
"""Vocabularies without classes; what is called a class and only others know is one."""


@dataclass(slots=True)
class DrugLinker:
    """Links names of drugs by the vocabularies of an index and the tables of rules."""

    index: NameIndex
    rules: Rules
    _choice: SubstanceChoice = field(init=False)
    _words: DrugsWithin = field(init=False)

    def __post_init__(self) -> None:
        self._choice = SubstanceChoice(self.index, self.rules)
        self._words = DrugsWithin(self.index, self.rules)

    def link(self, text: str, record: RecordContext) -> Naming:
        """Return the links of an intervention as it stands in a record, or why there is none."""
        naming = Naming()
        name = cleaned(text)
        key = exact_key(name)
        reason = self._whole_reason(name, key)
        if reason is None:
            for tier in (self._decided, self._regimen, self._direct, self._reworded):
                naming.links = tier(name, record, naming.steps)
                if naming.links:
                    return naming
        if reason is None and IMAGED.match(name):
            reason = self._head_reason(name)
        elif reason != CELL or CARRIED.search(name) is None:
            naming.links = self._several(name, record, naming.steps, brackets=reason not in {PLACEBO, CELL})
        if reason == PLACEBO and all(exact_key(link.label) in self.rules.vehicles for link in naming.links):
            naming.links = []
        if not naming.links and reason is None:
            reason = self._head_reason(name)
            if not reason:
                for last in (self._begun, self._other_names, self._within):
                    if links := last(name, record, naming.steps):
                        naming.links = links
                        break
            elif reason == CLASS:  # carboplatin-paclitaxel chemotherapy
                said = self._within(name, record, naming.steps)
                naming.links = said if all(link.relation == COMPONENT for link in said) else []
        if not naming.links:
            naming.none = reason or ABSENT
            naming.steps.append(Step("none", key, naming.none))
        return naming

    def _whole_reason(self, text: str, key: str) -> str | None:
        """Return why the whole string is not linked: placebo, control, nothing named, cells; else None."""
        for phrase in dict.fromkeys((key, exact_key(without_brackets(text)))):
            if reason := self.rules.drug_none.of(phrase, WHOLE, ANY):
                return reason
        return None

    def _head_reason(self, text: str) -> str | None:
        flat = exact_key(without_brackets(text)) or exact_key(text)
        left = without_words(flat, self.rules)
        first = exact_key(next(iter(parts_of(text)), ""))
        for phrase in dict.fromkeys((exact_key(text), flat, left, first)):
            if reason := self.rules.drug_none.of(phrase, WHOLE, ANY, HEAD):
                return reason
        return None if left else AMBIGUOUS

    def _decided(self, text: str, _: RecordContext, steps: list[Step]) -> list[Link]:
        found = self.rules.always.get((KIND, exact_key(text)), ())
        if found:
            steps.append(Step("decided", text, "read and decided"))
        return [
            Link(id_, self.index.label(id_) or "", relation, "decided", text, id_.partition(":")[0].lower())
            for id_, relation in found
        ]

    def _regimen(self, text: str, record: RecordContext, steps: list[Step]) -> list[Link]:
        """Link a named regimen of several drugs, when the string says so or the record names the parts."""
        name = re.sub(r"\s+(?:regimen|chemotherapy|protocol|therapy|scheme)$", "", text, flags=re.IGNORECASE)
        known = self.rules.regimens
        parts = known.get(exact_key(name)) or known.get(code_key(name) or "-")
        if not parts and len(bare := without_words(name, self.rules)) > _SHORT:
            parts = known.get(bare)
        if not parts:
            return []
        around = " ".join(exact_key(one[:_FAR]) for one in (record.title, record.description, *record.other_names))
        brand = name.istitle() and exact_key(name) in self.rules.regimen_brands
        doubtful = name == text and len(name) < _SHORT + 1 and not brand
        if doubtful and len(name) > _SHORTEST_REGIMEN and name.isupper():
            doubtful = not _ONCOLOGY.search(record.title)
        if doubtful and not all(exact_key(part) in around for part in parts):
            steps.append(Step("regimen", name, "a regimen has this name, but the record does not name its parts"))
            return []
        steps.append(Step("regimen", name, ", ".join(parts)))
        return components([self._direct(part, record, steps) for part in parts], "regimen")

    def _direct(self, text: str, record: RecordContext, steps: list[Step]) -> list[Link]:
        """Look a name up as it is, then as a code; the record must bear out a short bare one."""
        key = exact_key(text)
        told = phrases_of_initials(text, record, self.rules.small_words)
        spelled = (self._looked_up(phrase, phrase, "abbreviation", record, steps) for phrase in told)
        said = next(filter(None, spelled), [])
        meant = self.rules.drug_names.get(key)
        if meant is not None and (links := self._looked_up(meant, exact_key(meant), "other-name", record, steps)):
            return links if not said or {link.id for link in links} & {link.id for link in said} else said
        if said:
            return said
        if len(key) < 2 or key.isdigit() or self.rules.drug_none.of(key, WHOLE):
            return []
        if told and not self._borne_out(text, self.index.lookup(key), record):
            steps.append(Step("abbreviation", text, f"the record says: {', '.join(told)}"))
            return []
        if links := self._looked_up(text, key, "exact", record, steps):
            return links
        code = "" if key.startswith("anti ") else code_key(text)
        return self._looked_up(text, "#" + code, "code", record, steps) if code else []

    def _looked_up(self, text: str, key: str, tier: str, record: RecordContext, steps: list[Step]) -> list[Link]:
        never, name = self.rules.never, exact_key(text)
        every = self.index.lookup(key)
        entries = [entry for entry in every if entry.kind == KIND]
        weak = [e for e in entries if e.scope in {"code", "unknown", "brand"} or tier == "code"]
        shouted = _bare(text) and text.isupper() and text.isalpha() and len({e.vocabulary for e in entries}) < 2
        unnamed = not any(entry.scope == "label" for entry in entries)
        doubtful = _bare(text) and (shouted or ((unnamed or len(weak) == len(entries)) and not self._agreed(entries)))
        if doubtful and tier != "other-name" and not self._borne_out(text, entries, record):
            steps.append(Step(tier, key, "a short name that the record does not bear out" if entries else "no term"))
            return []
        found = [one for one in self._choice.choose(text, every, record) if (KIND, name, one.id) not in never]
        substance = tier == "other-name" or any(one.vocabulary in _SUBSTANCES for one in found)
        if not substance and (self.rules.drug_none.of(name, HEAD) == CLASS or any(map(self._heads_a_class, found))):
            found = []
        told = ", ".join(f"{one.id} {one.label}" for one in found)
        steps.append(Step(tier, key, told or ("several terms, and nothing decides" if entries else "no term")))
        return [
            Link(one.id, one.label, one.relation, tier, key, one.vocabulary, one.via, brand=one.scope == "brand")
            for one in found
        ]

    def _heads_a_class(self, found: Substance) -> bool:
        """Return whether a term is a heading of many substances: its label is that of a class, in the plural."""
        key = exact_key(found.label)
        return key.endswith("s") and self.rules.drug_none.of(key, HEAD) == CLASS

    def _agreed(self, entries: Sequence[NamedTerm]) -> bool:
        """Return whether UNII and MeSH know one substance by a name: its label is the same, or a name in UNII too."""
        found = {entry.vocabulary: entry for entry in entries}
        unii, mesh = found.get("unii"), found.get("mesh")
        if unii is None or mesh is None:
            return False
        return exact_key(unii.label) == exact_key(mesh.label) or any(
            other.id == unii.id for other in self.index.lookup(exact_key(mesh.label))
        )

    @staticmethod
    def _borne_out(text: str, entries: Sequence[NamedTerm], record: RecordContext) -> bool:
        """Return whether the record writes the label of a term that a short name could stand for."""
        said = (record.title, record.description, *record.other_names, *(term for _, term in record.mesh))
        around, key = f" {' '.join(exact_key(one[:_FAR]) for one in said)} ", exact_key(text)
        labels = {exact_key(entry.label) for entry in entries} - {key}
        return any(f" {label} " in around for label in labels)

    def _reworded(self, text: str, record: RecordContext, steps: list[Step]) -> list[Link]:
        """Look up without dose, form, route, schedule, company, isotope; before and in brackets."""
        for phrase, tier, broad in wordings(text, self.rules):
            key = exact_key(phrase)
            if self.rules.drug_none.of(key, WHOLE, ANY) or self.rules.drug_none.of(key, HEAD) not in {None, CLASS}:
                continue  # what is called a class may be a substance: olive oil
            if links := self._direct(phrase, record, steps):
                links = self._spelled_out(text, phrase, links, record, steps)
                return [
                    replace(link, tier=tier, relation=BROAD if broad and link.relation == EXACT else link.relation)
                    for link in links
                ]
        return []

    def _spelled_out(
        self, text: str, phrase: str, links: list[Link], record: RecordContext, steps: list[Step]
    ) -> list[Link]:
        """Return the links of the free form when a bracket names it beside a brand or code of its salt."""
        free = {link.id for link in links if link.relation == SALT}
        if not free or any(word in self.rules.salts for word in exact_key(text).split()):
            return links
        for inner in (part for bracket in BRACKET.findall(text) for part in parts_of(bracket) if part != phrase):
            named = self._direct(inner, record, steps)
            if {link.id for link in named if link.relation == EXACT} & free:
                return named
        return links

    def _several(self, text: str, record: RecordContext, steps: list[Step], *, brackets: bool) -> list[Link]:
        """Link what follows a label, the parts of a combination, each on its own, or what a bracket lists."""
        label, colon, rest = text.rpartition(": ")
        if colon and not says_several(rest) and not any(self._part(part, record, []) for part in parts_of(label)):
            return self._part(rest, record, steps)
        inside = [one for one in BRACKET.findall(text) if says_several(one)] if brackets else []
        for flat in dict.fromkeys((text, *inside)):
            parts = parts_of(flat)
            if not 1 < len(parts) <= _MOST_PARTS:
                continue
            named = [self._part(self._with_partner(part, parts), record, steps, inside) for part in parts]
            if any(named):
                return self._gathered(flat, parts, named)
        return []

    def _with_partner(self, part: str, parts: list[str]) -> str:
        """Return what a part means beside the others: hyaluronidase beside an antibody is the human one."""
        meant = self.rules.partners.get(without_words(part, self.rules))
        if meant and any(other.endswith(meant[0]) for one in parts for other in exact_key(one).split()):
            return meant[1]
        return part

    def _part(self, part: str, record: RecordContext, steps: list[Step], inside: Sequence[str] = ()) -> list[Link]:
        """Link one part of several; a class before a list in brackets stands for the list."""
        alone = record.alone()
        bare = without_brackets(part)
        if any(f"({one})" in part for one in inside) and (reason := self._part_reason(bare)) and reason == CLASS:
            listed = next(one for one in inside if f"({one})" in part)
            return self._several(listed, alone, steps, brackets=False)
        if bare != part and self._part_reason(bare) == CLASS and len(inner := BRACKET.findall(part)) == 1:
            return self._direct(inner[0], alone, steps) or self._reworded(inner[0], alone, steps)
        reason = self._part_reason(part)
        direct = self._direct(part, alone, steps) if reason == CLASS else []
        if any(link.vocabulary in _SUBSTANCES for link in direct):
            return direct  # a nitrate is a class, potassium nitrate a substance
        if reason or not without_words(part, self.rules):
            return []
        return (
            self._regimen(bare, alone, steps)
            or self._direct(part, alone, steps)
            or self._reworded(part, alone, steps)
            or self._within(part, alone, steps)
        )

    def _part_reason(self, part: str) -> str | None:
        for phrase in dict.fromkeys((exact_key(part), exact_key(without_brackets(part)))):
            if reason := self.rules.drug_none.of(phrase, WHOLE, ANY, HEAD):
                return reason
        return None

    def _gathered(self, flat: str, parts: list[str], named: list[list[Link]]) -> list[Link]:
        """Return one thing when the other parts only speak of it (dose, class, code), else a component each."""
        real = [links for links in named if links]
        things = {frozenset(link.id for link in links if link.relation != "salt") for links in real}
        if (one := _one_substance(real)) is not None and all(named):
            return [replace(link, tier="reworded") for link in one]
        joined = JOINED.search(without_brackets(flat)) is not None
        first = next(at for at, links in enumerate(named) if links)
        silent = [(part, at < first) for at, (part, links) in enumerate(zip(parts, named, strict=True)) if not links]
        if len(things) == 1 and not any(self._something(part, joined=joined or before) for part, before in silent):
            return [replace(link, tier="reworded") for link in real[0]]
        return components(named, "combination")

    def _something(self, part: str, *, joined: bool) -> bool:
        """Return whether a part that is not linked is a thing of its own, not words about the other one.

        A class or several plain words after a comma say what the other part is; after "and" they are one more
        treatment. A code or one word is a name.
        """
        reason = self._part_reason(part)
        if reason == AMBIGUOUS or COMPANY.search(part):
            return False
        left = without_words(without_brackets(part), self.rules)
        if reason or CLASS_END.search(part) or (" " in left and not any(map(str.isdigit, left))):
            return joined
        return len(left) > 1

    def _within(self, text: str, record: RecordContext, steps: list[Step]) -> list[Link]:
        return self._words.link(text, record, steps, self._looked_up)

    def _begun(self, text: str, record: RecordContext, steps: list[Step]) -> list[Link]:
        """Link the one drug of title and other names whose name a short word begins."""
        found: dict[str, list[Link]] = {}
        for word in words_begun_by(text, record):
            if links := self._looked_up(word, word, "abbreviation", record, steps):
                found.setdefault(links[0].id, links)
        return next(iter(found.values())) if len(found) == 1 else []

    def _other_names(self, text: str, record: RecordContext, steps: list[Step]) -> list[Link]:
        """Link by other names that the record gives the same thing; they must agree, none a placebo or a list."""
        if not _bare(text) and len(without_words(without_brackets(text), self.rules).split()) > _SHORT:
            return []
        alone = record.alone()
        things: dict[frozenset[str], list[Link]] = {}
        for other in record.other_names:
            reason = self._head_reason(other)
            if reason == PROCEDURE:
                return []
            if reason or says_several(other):
                continue
            named = self._regimen(other, alone, steps) or self._direct(other, alone, steps)
            if links := named or self._reworded(other, alone, steps):
                ids = frozenset(link.id for link in links if link.relation != SALT)
                same = next((known for known in things if known & ids), None)
                if same is None or len(ids) > len(same):
                    things.pop(same or ids, None)
                    things[ids] = links
        if len(things) != 1:
            steps.append(Step("other-names", text, "no other name is known" if not things else "other names differ"))
            return []
        return [replace(link, tier="other-names") for link in next(iter(things.values()))]


def _one_substance(named: list[list[Link]]) -> list[Link] | None:
    """Return the links of the part that names the salt, when all parts name one substance, free or as that salt."""
    salted = [links for links in named if any(link.relation == SALT for link in links)]
    if len(named) < 2 or len(salted) != 1:
        return None
    free = {link.id for link in salted[0] if link.relation == SALT}
    others = ({link.id for link in links} for links in named if links is not salted[0])
    return salted[0] if all(ids & free for ids in others) else None


def _bare(text: str) -> bool:
    """Return whether a name is so short that many things bear it."""
    return len(exact_key(text).replace(" ", "")) <= _SHORT
