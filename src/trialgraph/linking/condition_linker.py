"""Links of a condition's name: from its exact label to the head of its phrase, each step told."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Final

from trialgraph.linking.condition_names import ConditionNames
from trialgraph.linking.condition_spellings import Spellings
from trialgraph.linking.condition_text import (
    ABBREVIATION,
    ADJECTIVE,
    AND,
    ANY_CANCER,
    BESIDE,
    BRACKET,
    CLASS,
    CUT,
    EMPTY,
    NAMES_NOTHING,
    NEGATIONS,
    OF_COURSE,
    OF_PLACES,
    PEOPLE,
    RISK_OF,
    WIDE_BUT_REAL,
    cleaned_condition,
    initials,
    negated,
    said_in,
    spelled_out,
    with_short_forms,
    without_abbreviation,
    without_short_brackets,
    without_spans,
)
from trialgraph.linking.link_result import (
    ABSENT,
    AMBIGUOUS,
    BROAD,
    CELL,
    COMPONENT,
    EXACT,
    NO_DISEASE,
    Link,
    NameIndex,
    Naming,
    RecordContext,
    Step,
)
from trialgraph.linking.name_rules import ANY, HEAD, WHOLE, Rules
from trialgraph.resource.name_key import bag_key, exact_key, words

_MOST_QUALIFIERS: Final = 6
_MOST_PARTS: Final = 8
_MOST_WORDS: Final = 14
_SHORTEST_HEAD: Final = 5
_MOST_DROPPED: Final = 3


@dataclass(slots=True)
class ConditionLinker:
    """Links names of conditions by the vocabularies of an index and the tables of rules."""

    index: NameIndex
    rules: Rules
    _names: ConditionNames = field(init=False)
    _spellings: Spellings = field(init=False)

    def __post_init__(self) -> None:
        self._names = ConditionNames(self.index, self.rules)
        self._spellings = Spellings(self.index)

    def link(self, text: str, record: RecordContext) -> Naming:
        """Return the links of a condition as it stands in a record, or why there is none."""
        naming = Naming()
        cleaned = cleaned_condition(text)
        tiers: tuple[Callable[[str, RecordContext, list[Step]], list[Link]], ...] = (
            self._names.decided, self._abbreviation, self._names.direct, self._short_form, self._qualified,
        )  # fmt: skip
        for tier in tiers:
            naming.links = tier(cleaned, record, naming.steps)
            if naming.links:
                naming.links += self._wider(cleaned, naming.links, record)
                return naming
        key = exact_key(cleaned)
        if reason := self._not_disease(cleaned, key):
            naming.none = reason
            naming.steps.append(Step("none", key, f"names no disease: {reason}"))
            return naming
        for tier in (
            self._expanded, self._combined, self._cut, self._beside, self._inverted, self._strange, self._head,
            self._misspelt, self._listed,
        ):  # fmt: skip
            naming.links = tier(cleaned, record, naming.steps)
            if naming.links:
                return naming
        naming.none = AMBIGUOUS if ABBREVIATION.fullmatch(cleaned) else ABSENT
        return naming

    def _wider(self, text: str, links: list[Link], record: RecordContext) -> list[Link]:
        """Return the next wider thing in MONDO and MeSH where MONDO does not have the one that is named."""
        known = {link.vocabulary for link in links}
        if "mondo" in known or any(link.relation == COMPONENT for link in links):
            return []
        wider = self._qualified(text, record, [])
        return [
            replace(link, relation=BROAD)
            for link in wider
            if link.vocabulary in {"mondo", "mesh"} - known and link.relation != COMPONENT
        ]

    def _not_disease(self, text: str, key: str) -> str | None:
        """Return why the phrase names no disease, judged by its last word before a bracket or preposition."""
        phrases = (CUT.split(text)[0], BRACKET.sub(r"\1", CUT.split(text)[0]))
        for phrase in dict.fromkeys(exact_key(phrase) for phrase in phrases):
            reason = self.rules.not_disease.of(phrase, WHOLE, HEAD, ANY)
            if reason and not (reason == CELL and "," in text):  # carcinoma, non-small cell
                return reason
        return None if self.rules.qualifiers.sub(" ", key).strip() else NO_DISEASE

    def _abbreviation(self, text: str, record: RecordContext, steps: list[Step]) -> list[Link]:
        """Resolve a short form by the table, or by the words in the record whose initials it is."""
        name, when = self.rules.stands_for(text)
        if not name and not ABBREVIATION.fullmatch(text):
            return []
        if name and (when == "always" or said_in(name, record) or self._names.assigned(name, record)):
            steps.append(Step("abbreviation", text, f"stands for {name}"))
            return self._retold(self._names.named(name, record, steps), "abbreviation", text) or self._retold(
                self._qualified(name, record, steps), "abbreviation", text
            )
        for phrase in spelled_out(text, (*record.conditions, record.title, *(term for _, term in record.mesh))):
            if links := self._names.direct(phrase, record, steps):
                steps.append(Step("abbreviation", text, f"the record spells it out: {phrase}"))
                return self._retold(links, "abbreviation", text)
        steps.append(Step("abbreviation", text, "the record does not say what it stands for"))
        return []

    def _short_form(self, text: str, record: RecordContext, steps: list[Step]) -> list[Link]:
        """Link a name with its own abbreviation beside it, or with another name in brackets."""
        for name, short in with_short_forms(text):
            if ABBREVIATION.fullmatch(short) or initials(name, short):
                long = self._narrower(name, short)
                links = self._names.named(long, record, steps) or self._qualified(long, record, steps)
                if links:
                    return self._retold(links, "bracket", long)
        for other, short in with_short_forms(text):
            if (
                not AND.search(other)
                and not CUT.search(other)
                and exact_key(short) in self.rules.abbreviations
                and (ABBREVIATION.fullmatch(short) or not self._names.direct(other, record, []))
                and (links := self._names.named(short, record, steps))
            ):
                after = (found := BRACKET.fullmatch(text)) is not None and found[3].strip()
                exact = ABBREVIATION.fullmatch(short) is not None and not after
                return [_broadened(link, "bracket", short, exact=exact) for link in links]
        return self._glossed(text, record, steps)

    def _narrower(self, long: str, short: str) -> str:
        """Return what a short form stands for where that says more than the name beside it: lung cancer (NSCLC)."""
        meant, when = self.rules.stands_for(short)
        return meant if when == "always" and set(words(long)) < set(words(meant)) else long

    def _glossed(self, text: str, record: RecordContext, steps: list[Step]) -> list[Link]:
        """Link a name with another in brackets behind it: the same, what it is, or which of a class."""
        found = BRACKET.fullmatch(text)
        if found is None or found[3].strip():
            return []
        outer, inner = (self._names.direct(found[n].strip(), record, steps) for n in (1, 2))
        if outer and inner:
            wide = bag_key(found[1]) in self.rules.generic and not {x.id for x in outer} & {x.id for x in inner}
            return self._retold(*((inner, "bracket", found[2]) if wide else (outer, "bracket", found[1])))
        if outer:
            exact = not AND.search(found[2]) and all(
                span.lastgroup == EXACT for span in self.rules.qualifiers.finditer(exact_key(found[2]))
            )
            return [_broadened(link, "bracket", found[1].strip(), exact=exact) for link in outer]
        named = not self._not_disease(found[1], exact_key(found[1])) and not CUT.search(text) and not AND.search(text)
        if not named or bag_key(found[2]) in self.rules.generic:
            return []
        return [_broadened(link, "bracket", found[2], exact=CLASS.search(found[2]) is None) for link in inner]

    def _qualified(self, text: str, record: RecordContext, steps: list[Step]) -> list[Link]:
        """Drop stage, course, severity, line, biomarker, age, side, cause: as few and as short words as can be."""
        key = exact_key(BRACKET.sub(without_abbreviation, without_short_brackets(text)))
        spans = [(m.start(), m.end(), m.lastgroup) for m in self.rules.qualifiers.finditer(key)]
        spans = [span for span in spans if not negated(key[: span[0]]) and not RISK_OF.match(key, span[0])]
        spans = spans[:_MOST_QUALIFIERS]
        for count in range(1, len(spans) + 1):
            shorter = [(without_spans(key, some), some) for some in combinations(spans, count)]
            for rest, some in sorted(shorter, key=lambda pair: (-len(pair[0]), pair)):
                exact = all(span[2] == EXACT for span in some)
                dropped = " ".join(key[start:end] for start, end, _ in some)
                if links := self._shortened(rest, dropped, record, steps, exact=exact):
                    return [_broadened(link, "qualifier", rest, exact=exact) for link in links]
        return []

    def _shortened(
        self, rest: str, dropped: str, record: RecordContext, steps: list[Step], *, exact: bool
    ) -> list[Link]:
        if not rest or bag_key(rest) in EMPTY or negated(rest + " ") or self.rules.not_disease.of(rest, WHOLE, HEAD):
            return []
        links = self._names.named(rest, record, steps, narrow=not exact)
        wide = len(words(rest)) == 1 and bag_key(rest) in self.rules.generic - WIDE_BUT_REAL
        if not exact and wide and (bag_key(rest) in NAMES_NOTHING or not OF_COURSE.fullmatch(dropped)):
            return []
        return links

    def _expanded(self, text: str, record: RecordContext, steps: list[Step]) -> list[Link]:
        """Link a longer name with its short forms spelled out: clear cell RCC."""
        tokens = text.split()
        spelled = [self._meant(token, record) if ABBREVIATION.fullmatch(token) else token for token in tokens]
        if len(tokens) == 1 or spelled == tokens:
            return []
        name = " ".join(spelled)
        links = self._names.direct(name, record, steps) or self._qualified(name, record, steps)
        return self._retold(links, "abbreviation", name)

    def _meant(self, short: str, record: RecordContext) -> str:
        """Return the name that a short form stands for here, or the short form itself."""
        name, when = self.rules.stands_for(short)
        return name if name and (when == "always" or said_in(name, record)) else short

    def _combined(self, text: str, record: RecordContext, steps: list[Step]) -> list[Link]:
        """Link several conditions in one string: a component each."""
        flat = BRACKET.sub(r"\1 \3", text)
        parts = [part.strip() for part in AND.split(flat) if part.strip()]
        if "/" in flat:  # embolus/emboli are one thing
            said = [set(words(part)) for part in parts]
            parts = [part for part, own in zip(parts, said, strict=True) if not any(own < other for other in said)]
            if len(parts) == 1:
                return self._names.named(parts[0], record, steps) or self._qualified(parts[0], record, steps)
        if not 1 < len(parts) <= _MOST_PARTS:
            return []
        behind = frozenset(part for part in parts[1:] if "," in flat and ADJECTIVE.fullmatch(part.casefold()))
        named = [[] if part in behind else self._part(part, parts[-1], record, steps) for part in parts]
        real = [links for links in named if links]
        if not real:
            return []
        things = list(dict.fromkeys(frozenset(link.id for link in links) for links in real))
        if len(things) == 1:
            return self._only_one(text, parts, named, steps)
        return [
            Link(link.id, link.label, COMPONENT, "combination", link.matched, link.vocabulary, link.via, number)
            for number, thing in enumerate(things, 1)
            for link in next(links for links in real if frozenset(link.id for link in links) == thing)
        ]

    def _listed(self, text: str, record: RecordContext, steps: list[Step]) -> list[Link]:
        """Link what a bracket lists, where the words before it name nothing."""
        found = BRACKET.fullmatch(text)
        listed = self._combined(found[2], record, steps) if found is not None and not found[3].strip() else []
        return listed if all(link.relation == COMPONENT for link in listed) else []

    def _part(self, part: str, last: str, record: RecordContext, steps: list[Step]) -> list[Link]:
        if self._not_disease(part, exact_key(part)):
            return []
        found = self._abbreviation(part, record, steps) or self._names.named(part, record, steps)
        found = found or self._qualified(part, record, steps)
        if not found and part != last and len(tail := last.split()) > 1:
            found = self._names.direct(f"{part} {tail[-1]}", record, steps)
        return found if found and bag_key(found[0].matched.lstrip("~")) not in self.rules.generic else []

    def _only_one(self, text: str, parts: list[str], named: list[list[Link]], steps: list[Step]) -> list[Link]:
        """Link one thing among the parts: two wordings of it, or words about it, or one of several unknown."""
        links = next(found for found in named if found)
        if all(named):
            exact = all(found[0].relation == EXACT for found in named)
            return [_broadened(link, "combination", text, exact=exact) for link in links]
        steps.append(Step("combination", text, "one part of several is known"))
        if "," in text or ";" in text:
            return [_broadened(link, "combination", parts[0], exact=False) for link in links] if named[0] else []
        return [Link(x.id, x.label, COMPONENT, "combination", x.matched, x.vocabulary, x.via, 1) for x in links]

    def _cut(self, text: str, record: RecordContext, steps: list[Step]) -> list[Link]:
        """Link what stands before "due to", "following", "in": the condition itself."""
        flat = BRACKET.sub(r"\1 \3", text)
        for found in CUT.finditer(flat):
            left = flat[: found.start()].strip(" ,-")
            if not left or bag_key(left) in self.rules.generic or self._not_disease(left, exact_key(left)):
                continue
            if links := self._names.named(left, record, steps, narrow=True) or self._qualified(left, record, steps):
                if bag_key(links[0].matched.lstrip("~")) in self.rules.generic:
                    continue
                return [_broadened(link, "cut", left, exact=False) for link in links]
        return []

    def _beside(self, text: str, record: RecordContext, steps: list[Step]) -> list[Link]:
        """Link a condition that is said with what it goes with, or who has it: COVID-19-associated pneumonia."""
        flat = " ".join(BRACKET.sub(without_abbreviation, text).replace(" -", "-").split())
        people = PEOPLE.fullmatch(flat)
        found = people or BESIDE.fullmatch(flat)
        if found is None or (found is not people and NEGATIONS & set(exact_key(found["cause"]).split())):
            return []
        thing = found["thing"].strip()
        if bag_key(thing) in self.rules.generic - WIDE_BUT_REAL or self._not_disease(thing, exact_key(thing)):
            return []
        links = self._names.named(thing, record, steps, narrow=True) or self._qualified(thing, record, steps)
        if people and not links:
            links = self._head(thing, record, steps)
        return [_broadened(link, "cut", thing, exact=False) for link in links if link.relation != COMPONENT]

    def _head(self, text: str, record: RecordContext, steps: list[Step]) -> list[Link]:
        """Link the longest end of the phrase that names a condition."""
        flat = CUT.split(BRACKET.sub(r"\1 \3", text))[0]
        tokens = exact_key(flat).split()
        if len(tokens) > _MOST_WORDS:
            return []
        free = set(" ".join(m[0] for m in self.rules.qualifiers.finditer(" ".join(tokens))).split())
        for start in range(1, len(tokens)):
            if len([token for token in tokens[:start] if token not in free]) > _MOST_DROPPED:
                return []
            if (dropped := tokens[start - 1]) in NEGATIONS or dropped == "type" or dropped.isdigit():
                return []
            rest = " ".join(tokens[start:])
            if self._too_wide(rest) or len(rest) < _SHORTEST_HEAD:
                continue
            if OF_PLACES.fullmatch(f"{dropped} {rest}"):
                continue
            if links := self._names.named(rest, record, steps, narrow=True):
                return [_broadened(link, "head", rest, exact=False) for link in links]
        return self._without_one(tokens, record, steps)

    def _too_wide(self, name: str) -> bool:
        """Return whether a name is too wide to stand for a longer one: cancer, refractory cancer."""
        bag = bag_key(name)
        return bag in self.rules.generic or bag_key(self.rules.qualifiers.sub(" ", name)) in ANY_CANCER

    def _without_one(self, tokens: list[str], record: RecordContext, steps: list[Step]) -> list[Link]:
        """Link a phrase without one adjective in its middle: "endometrial dedifferentiated carcinoma"."""
        for at in range(1, len(tokens) - 1):
            rest = " ".join(tokens[:at] + tokens[at + 1 :])
            fit = ADJECTIVE.fullmatch(tokens[at]) and not self._too_wide(rest)
            if fit and (links := self._names.named(rest, record, steps, narrow=True)):
                return [_broadened(link, "head", rest, exact=False) for link in links]
        return []

    def _inverted(self, text: str, record: RecordContext, steps: list[Step]) -> list[Link]:
        """Link a condition that has its adjectives behind it: "cardiomyopathy, right ventricular"."""
        tokens = exact_key(BRACKET.sub(r"\1 \3", text)).split()
        for end in range(len(tokens) - 1, 0, -1):
            if not ADJECTIVE.fullmatch(tokens[end]) and not self.rules.qualifiers.fullmatch(tokens[end]):
                return []
            left = " ".join(tokens[:end])
            fit = bag_key(left) not in self.rules.generic and len(left) >= _SHORTEST_HEAD
            if fit and (links := self._names.named(left, record, steps, narrow=True)):
                return [_broadened(link, "inverted", left, exact=False) for link in links]
        return []

    def _strange(self, text: str, record: RecordContext, steps: list[Step]) -> list[Link]:
        """Read a name with a word that no disease's name has as misspelt, before the word is left away."""
        tokens = self._spellings.strange(text)
        if links := self._spelt(self._spellings.respelt(tokens), text, record, steps):
            return links
        read = self._spellings.read(tokens) if tokens else None
        if read is None:
            return []
        name, word = read
        links = self._qualified(name, record, steps) or self._head(name, record, steps)
        # What is left must hold the word that was read: else it is wider than what the other words say.
        return self._retold([link for link in links if word in link.matched.split()], "spelling", name)

    def _misspelt(self, text: str, record: RecordContext, steps: list[Step]) -> list[Link]:
        """Link a name with one typing error in a long word, or without its space."""
        return self._spelt(self._spellings.others(text), text, record, steps)

    def _spelt(self, names: Iterator[str], text: str, record: RecordContext, steps: list[Step]) -> list[Link]:
        """Link the first of the spellings of a name that is one."""
        for name in names:
            if links := self._names.direct(name, record, [], narrow=True):
                steps.append(Step("spelling", text, f"read as {name}"))
                return self._retold(links, "spelling", name)
        return []

    @staticmethod
    def _retold(links: list[Link], tier: str, matched: str) -> list[Link]:
        return [Link(x.id, x.label, x.relation, tier, matched, x.vocabulary, x.via, x.part) for x in links]


def _broadened(link: Link, tier: str, matched: str, *, exact: bool) -> Link:
    relation = link.relation if exact else BROAD
    return Link(link.id, link.label, relation, tier, matched, link.vocabulary, link.via, link.part)
