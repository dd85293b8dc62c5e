"""Links of the name of a drug: the name itself, code, without dose and form, brackets, parts, other names."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from trialgraph.linking.link_result import (
    ABSENT,
    AMBIGUOUS,
    BROAD,
    CELL,
    CLASS,
    COMPONENT,
    EXACT,
    PLACEBO,
    Link,
    NamedTerm,
    NameIndex,
    Naming,
    RecordContext,
    Step,
)
from trialgraph.linking.name_key import code_key, exact_key
from trialgraph.linking.name_rules import ANY, HEAD, WHOLE, Rules
from trialgraph.linking.substance_choice import SubstanceChoice

KIND: Final = "drug"
_BRACKET: Final = re.compile(r"[(\[{]([^()\[\]{}]{1,300})[)\]}]")
_PARTS: Final = re.compile(
    r"\s*[+;,&，；、|]\s*(?:and\s+|or\s+|plus\s+)?|\s+(?:combined with|in combination with|combination with|"
    r"co-?administered with|followed by|together with|in addition to|added to|and/or|and|or|plus|with or without|"
    r"with/without|with|versus|vs\.?|then|either|in|on top of|prior to|after|before|for|to|using|containing|"
    r"formulated in|from|via|per|by|without|switch to|based on)\s+|\s*/\s*|\s+-\s+|:\s+",
    re.IGNORECASE,
)
_ISOTOPE: Final = re.compile(
    r"^\s*\[?\s*(\d{1,3}m?)\s*-?\s*(C|H|N|F|I|P|S|O|Ga|Tc|Lu|In|Y|Zr|Cu|Rb|At|Ac|Ra|Sm|Tl|Xe)\s*\]?[\s-]*(?=\S)"
)
_NUMBERS: Final = re.compile(r"(?<=\d)[.,](?=\d)")
_STRENGTHS: Final = re.compile(
    r"(?<![\w-])\d[\d.,]*(?:\s*[/x×–-]\s*\d[\d.,]*)+(?=\s*(?:mg|mcg|µg|μg|ug|g|ml|iu|units?|%|tab)\b)", re.IGNORECASE
)
_PERCENT: Final = re.compile(r"(?<![\w.])\d[\d.,]*\s*%")
_JOINED: Final = re.compile(r"\+|&|\b(?:and|with|plus|or|followed by)\b", re.IGNORECASE)
_MOST_PARTS: Final = 16
_SHORT: Final = 4
_FAR: Final = 390
_PLACEBO_OF: Final = re.compile(r"\b(?:placebo|sham|dummy|vehicle)", re.IGNORECASE)


@dataclass(slots=True)
class DrugLinker:
    """Links names of drugs by the vocabularies of an index and the tables of rules."""

    index: NameIndex
    rules: Rules
    _choice: SubstanceChoice = field(init=False)

    def __post_init__(self) -> None:
        self._choice = SubstanceChoice(self.index, self.rules)

    def link(self, text: str, record: RecordContext) -> Naming:
        """Return the links of an intervention as it stands in a record, or why there is none."""
        naming = Naming()
        cleaned = re.sub(r"\s+", " ", text.replace("\\", "")).strip(" .;,:")
        key = exact_key(cleaned)
        reason = self._whole_reason(cleaned, key)
        if reason is None:
            for tier in (self._decided, self._regimen, self._direct, self._reworded):
                naming.links = tier(cleaned, record, naming.steps)
                if naming.links:
                    return naming
        if reason not in {PLACEBO} or _PARTS.search(_BRACKET.sub(" ", cleaned)):
            naming.links = self._several(cleaned, record, naming.steps)
        if not naming.links and reason is None:
            reason = self._head_reason(cleaned)
            naming.links = [] if reason else self._other_names(cleaned, record, naming.steps)
        if not naming.links:
            naming.none = reason or self._head_reason(cleaned) or ABSENT
            naming.steps.append(Step("none", key, naming.none))
        return naming

    def _whole_reason(self, text: str, key: str) -> str | None:
        """Return why the whole string is not linked: placebo, control, nothing named, cells; else None."""
        stripped = exact_key(_BRACKET.sub(" ", text))
        for phrase in (key, stripped):
            if reason := self.rules.drug_none.of(phrase, WHOLE, ANY):
                return reason
        return None

    def _head_reason(self, text: str) -> str | None:
        flat = exact_key(_BRACKET.sub(" ", text)) or exact_key(text)
        for phrase in dict.fromkeys(
            (exact_key(text), flat, self._without_words(flat), exact_key(_PARTS.split(text)[0]))
        ):
            if reason := self.rules.drug_none.of(phrase, WHOLE, ANY, HEAD):
                return reason
        return None if self._without_words(flat) else AMBIGUOUS

    def _decided(self, text: str, _: RecordContext, steps: list[Step]) -> list[Link]:
        found = self.rules.always.get((KIND, exact_key(text)), ())
        steps.append(Step("decided", text, "read and decided" if found else "no row"))
        return [Link(id_, self.index.label(id_) or "", relation, "decided", text, "") for id_, relation in found]

    def _regimen(self, text: str, record: RecordContext, steps: list[Step]) -> list[Link]:
        """A named regimen of several drugs, when the string says so or the record names the parts."""
        name = re.sub(r"\s+(?:regimen|chemotherapy|protocol|therapy|scheme)$", "", text, flags=re.IGNORECASE)
        parts = self.rules.regimens.get(exact_key(name)) or self.rules.regimens.get(code_key(name) or "-")
        if not parts:
            return []
        around = " ".join(exact_key(one[:_FAR]) for one in (record.title, record.description, *record.other_names))
        if name == text and len(name) < _SHORT + 1 and not all(exact_key(part) in around for part in parts):
            steps.append(Step("regimen", name, "a regimen has this name, but the record does not name its parts"))
            return []
        steps.append(Step("regimen", name, ", ".join(parts)))
        return self._components([self._direct(part, record, steps) for part in parts], "regimen")

    def _direct(self, text: str, record: RecordContext, steps: list[Step]) -> list[Link]:
        """The name as it is, then as a code; a short bare code must be borne out by the record."""
        key = exact_key(text)
        meant = self.rules.drug_names.get(key)
        if meant is not None and (links := self._looked_up(meant, exact_key(meant), "other-name", record, steps)):
            return links
        if len(key) < 2 or key.isdigit() or self.rules.drug_none.of(key, WHOLE):
            return []
        if links := self._looked_up(text, key, "exact", record, steps):
            return links
        code = code_key(text)
        return self._looked_up(text, "#" + code, "code", record, steps) if code else []

    def _looked_up(self, text: str, key: str, tier: str, record: RecordContext, steps: list[Step]) -> list[Link]:
        never, name = self.rules.never, exact_key(text)
        entries = [entry for entry in self.index.lookup(key) if entry.kind == KIND]
        weak = [e for e in entries if e.scope in {"code", "unknown", "brand"} or tier == "code"]
        shouted = _bare(text) and text.isupper() and text.isalpha() and len({e.vocabulary for e in entries}) < 2
        if _bare(text) and (shouted or len(weak) == len(entries)) and not self._borne_out(text, entries, record):
            steps.append(Step(tier, key, "a short name that the record does not bear out" if entries else "no term"))
            return []
        found = [one for one in self._choice.choose(text, entries, record) if (KIND, name, one.id) not in never]
        told = ", ".join(f"{one.id} {one.label}" for one in found)
        steps.append(Step(tier, key, told or ("several terms, and nothing decides" if entries else "no term")))
        return [
            Link(one.id, one.label, one.relation, tier, key, one.vocabulary, one.via, brand=one.scope == "brand")
            for one in found
        ]

    @staticmethod
    def _borne_out(text: str, entries: Sequence[NamedTerm], record: RecordContext) -> bool:
        """Return whether the record writes the label of a term that a short name could stand for."""
        said = (record.title, record.description, *record.other_names, *(term for _, term in record.mesh))
        around, key = f" {' '.join(exact_key(one[:_FAR]) for one in said)} ", exact_key(text)
        labels = {exact_key(entry.label) for entry in entries} - {key}
        return any(f" {label} " in around for label in labels)

    def _reworded(self, text: str, record: RecordContext, steps: list[Step]) -> list[Link]:
        """Without dose, form, route, schedule, company; without isotope; what stands before or in brackets."""
        for phrase, tier, broad in self._wordings(text):
            if self.rules.drug_none.of(exact_key(phrase), WHOLE, ANY, HEAD):
                continue
            if links := self._direct(phrase, record, steps):
                return [
                    replace(link, tier=tier, relation=BROAD if broad and link.relation == EXACT else link.relation)
                    for link in links
                ]
        return []

    def _wordings(self, text: str) -> Iterator[tuple[str, str, bool]]:
        """Yield what is left of a name by each way of taking words away, with the tier and whether it is broader."""
        seen = {exact_key(text)}
        bare = _BRACKET.sub(" ", text)
        if found := _ISOTOPE.match(text):
            rest = text[found.end() :].strip(" -")
            yield f"{rest} {found[2]}-{found[1]}", "isotope", False
            yield rest, "isotope", True
        inner = [part.strip() for part in _BRACKET.findall(text)]
        for tried in (bare, text, *inner):
            for phrase in (tried, self._without_words(tried)):
                key = exact_key(phrase)
                if key and key not in seen and (tried not in inner or not self._says_several(tried)):
                    seen.add(key)
                    yield phrase, "reworded" if tried not in inner else "bracket", False

    @staticmethod
    def _says_several(text: str) -> bool:
        return len(_PARTS.split(text)) > 1

    def _without_words(self, text: str) -> str:
        """Return a name without the words of its dose, form, route, schedule, company and trial."""
        plain = _PERCENT.sub(" ", _STRENGTHS.sub(" 1 ", text))
        key = exact_key(_NUMBERS.sub("", plain).replace("µ", "u").replace("μ", "u"))
        return " ".join(self.rules.drug_words.sub(" ", key).split())

    def _several(self, text: str, record: RecordContext, steps: list[Step]) -> list[Link]:
        """The parts of a combination, each on its own."""
        for flat in dict.fromkeys((_BRACKET.sub(" ", text), *_BRACKET.findall(text), text)):
            parts = [part.strip(" ()[]{}-.") for part in _PARTS.split(flat)]
            parts = [part for part in parts if exact_key(part)]
            if not 1 < len(parts) <= _MOST_PARTS:
                continue
            named = [self._part(self._with_partner(part, parts), record, steps) for part in parts]
            if any(named):
                return self._gathered(flat, parts, named)
        return []

    def _with_partner(self, part: str, parts: list[str]) -> str:
        """Return what a part means beside the others: hyaluronidase beside an antibody is the human one."""
        meant = self.rules.partners.get(self._without_words(part))
        if meant and any(other.endswith(meant[0]) for one in parts for other in exact_key(one).split()):
            return meant[1]
        return part

    def _part(self, part: str, record: RecordContext, steps: list[Step]) -> list[Link]:
        key = exact_key(part)
        alone = replace(record, other_names=())
        if self.rules.drug_none.of(key, WHOLE, ANY, HEAD) or not self._without_words(part):
            return []
        found = (
            self._regimen(part, alone, steps)
            or self._direct(part, alone, steps)
            or self._reworded(part, alone, steps)
        )
        return found

    def _gathered(self, flat: str, parts: list[str], named: list[list[Link]]) -> list[Link]:
        """One thing when the other parts only speak of it (dose, class, code), else a component each."""
        real = [links for links in named if links]
        things = {frozenset(link.id for link in links if link.relation != "salt") for links in real}
        silent = [part for part, links in zip(parts, named, strict=True) if not links]
        joined = _JOINED.search(flat) is not None
        if len(things) == 1 and not any(self._something(part, joined=joined) for part in silent):
            return [replace(link, tier="reworded") for link in real[0]]
        return self._components(named, "combination")

    def _something(self, part: str, *, joined: bool) -> bool:
        """Return whether a part that is not linked is a thing of its own, not words about the other one.

        A class after a comma says what the other part is; a class after "and" is one more treatment.
        """
        rest = self._without_words(part)
        if self.rules.drug_none.of(exact_key(part), HEAD, WHOLE) == CLASS:
            return joined
        return len(rest) > 1

    @staticmethod
    def _components(named: list[list[Link]], tier: str) -> list[Link]:
        """Return every part with a number of its own; a substance named twice comes once."""
        found: list[Link] = []
        seen: set[str] = set()
        number = 0
        for links in named:
            if not links or {link.id for link in links if link.relation != "salt"} <= seen:
                continue
            number += 1
            for link in links:
                if link.id not in seen:
                    seen.add(link.id)
                    found.append(replace(link, relation=COMPONENT, tier=tier, part=link.part or number))
        return found

    def _other_names(self, text: str, record: RecordContext, steps: list[Step]) -> list[Link]:
        """Another name that the record gives the same thing; several must agree, and none may be a placebo or a list."""
        if not _bare(text) and len(exact_key(text).split()) > _SHORT:
            return []
        alone = replace(record, other_names=())
        things: dict[frozenset[str], list[Link]] = {}
        for other in record.other_names:
            if self._says_several(other) or self._head_reason(other):
                continue
            if links := self._direct(other, alone, steps) or self._reworded(other, alone, steps):
                things.setdefault(frozenset(link.id for link in links if link.relation != "salt"), links)
        if len(things) != 1:
            steps.append(Step("other-names", text, "no other name is known" if not things else "other names differ"))
            return []
        return [replace(link, tier="other-names") for link in next(iter(things.values()))]


def _bare(text: str) -> bool:
    """Return whether a name is so short that many things bear it."""
    return len(exact_key(text).replace(" ", "")) <= _SHORT
