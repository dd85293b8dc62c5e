"""Drugs within a name: single words among words not understood, also with one typing error."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from trialgraph.linking.drug_text import BRAND, STEM, without_brackets, without_words
from trialgraph.linking.link_result import COMPONENT, SALT, Link, NameIndex, RecordContext, Step
from trialgraph.linking.name_rules import ANY, HEAD, WHOLE, Rules
from trialgraph.linking.recent_answers import RecentAnswers
from trialgraph.linking.spelling import neighbours
from trialgraph.resource.name_key import exact_key

KIND: Final = "drug"
TIER: Final = "within"
_SHORTEST: Final = 6
"""Letters of the shortest word that is taken for a drug among words that are not understood."""
_SHORTEST_SEVERAL: Final = 12
_MOST_WORDS: Final = 8
_REMEMBERED: Final = 1 << 14
_BOTH: Final = frozenset(("unii", "mesh"))
_SHORTEST_MISSPELT: Final = 8
"""Letters that a misspelt word has more of when the drug is not marketed."""

_MOST_OF_A_NAME: Final = 3
"""Words of the longest name that is looked for at the end of a string."""

_MARKETED: Final = frozenset(("drugcentral", "chembl"))
"""Vocabularies of drugs alone; a plain word that they know is a drug and no food, plant or reagent."""

_TIED: Final = frozenset("anti non poly de free l d n o s of and or".split())
"""Words that make another thing of the name behind them."""

LookUp: TypeAlias = Callable[[str, str, str, RecordContext, list[Step]], list[Link]]
"""Looks up a name by a key as a tier does: name, key, tier, record, steps."""


@dataclass(slots=True)
class DrugsWithin:
    """Finds drugs among the words of a name; what looks a word up is given with each question."""

    index: NameIndex
    rules: Rules
    _near: RecentAnswers[tuple[str, ...]] = field(default_factory=lambda: RecentAnswers(_REMEMBERED))

    def link(self, text: str, record: RecordContext, steps: list[Step], look_up: LookUp) -> list[Link]:
        """Return the links of marketed drugs that single words name, or of two drugs that a hyphen parts."""
        bare = without_brackets(text)
        if len(exact_key(bare).split()) > _MOST_WORDS:
            return []
        if both := self._pair(bare, record, look_up):
            return components(both, TIER)
        return self._ending(bare, record, steps, look_up) or self._among(bare, record, steps, look_up)

    def _among(self, bare: str, record: RecordContext, steps: list[Step], look_up: LookUp) -> list[Link]:
        """Return the links of the drugs that single words name; a salt beside one makes it the free form of it."""
        found, plain = self._words(bare, record, steps, look_up)
        if len(found) == 1 and plain:
            return components([*found.values(), *plain], TIER)
        if any(self._hyphened(word, bare, found.keys()) for word in found):
            return []
        if len(found) == 1:
            salt = any(word in self.rules.salts for word in exact_key(bare).split())
            links = next(iter(found.values()))
            salt = salt and not any(link.relation == SALT for link in links)
            return [replace(link, tier=TIER, relation=SALT if salt else link.relation) for link in links]
        return components(list(found.values()), TIER) if len(bare) >= _SHORTEST_SEVERAL else []

    def _ending(self, text: str, record: RecordContext, steps: list[Step], look_up: LookUp) -> list[Link]:
        """Return the links of the name of several words at the end, behind words that name nothing known."""
        tokens = without_words(text, self.rules).split()
        for count in range(min(_MOST_OF_A_NAME, len(tokens) - 1), 1, -1):
            before, name = tokens[:-count], " ".join(tokens[-count:])
            if len(name) < _SHORTEST_MISSPELT or before[-1] in _TIED or self.rules.drug_none.of(name, WHOLE, ANY):
                continue
            if any(len(word) >= _SHORTEST and self.index.lookup(word) for word in before):
                return []
            links = look_up(name, name, TIER, record, steps)
            known = {link.vocabulary for link in links}
            if known & _MARKETED or known >= _BOTH:
                return [replace(link, tier=TIER) for link in links]
        return []

    def _words(
        self, text: str, record: RecordContext, steps: list[Step], look_up: LookUp
    ) -> tuple[dict[str, list[Link]], list[list[Link]]]:
        """Return the links of marketed drugs by the word that names each, and those of other substances beside."""
        found: dict[str, list[Link]] = {}
        plain: list[list[Link]] = []
        brands = {exact_key(brand) for brand in BRAND.findall(text)}
        for token in dict.fromkeys(re.findall(r"[a-z]{6,}", exact_key(text))):
            if self.rules.drug_words.fullmatch(token) or token in self.rules.salts:
                continue
            links = self._salt(token, text, record, steps, look_up)
            links = links or self._marketed(token, record, steps, look_up, branded=token in brands)
            if not links and (meant := self.rules.drug_names.get(token)):
                links = self._marketed(exact_key(meant), record, steps, look_up, branded=False)
            if links and not any(links[0].id == other[0].id for other in found.values()):
                found[token] = links
            elif not links and (beside := self._beside(token, record, look_up)):
                plain.append(beside)
        return found, plain

    def _salt(self, token: str, text: str, record: RecordContext, steps: list[Step], look_up: LookUp) -> list[Link]:
        """Return the links of a salt whose free form a word names, when the words behind it are one of its salts."""
        behind = exact_key(text).partition(f"{token} ")[2].split()[:1]
        if not behind or behind[0] not in self.rules.salts or not self.index.lookup(token):
            return []
        name = f"{token} {self.rules.salts[behind[0]]}"
        links = look_up(name, name, TIER, record, steps)
        known = {link.vocabulary for link in links}
        return links if known & _MARKETED or known >= _BOTH else []

    def _pair(self, text: str, record: RecordContext, look_up: LookUp) -> list[list[Link]]:
        """Return the links of two drugs that only a hyphen parts; nothing when one of them is none."""
        names = [self.rules.drug_names.get(exact_key(name), name.strip()) for name in text.split("-")]
        if len(names) != 2 or any(len(exact_key(name)) < _SHORTEST for name in names):
            return []
        both = [look_up(name, exact_key(name), "exact", record, []) for name in names]
        return both if all(both) else []

    def _beside(self, token: str, record: RecordContext, look_up: LookUp) -> list[Link]:
        """Return the substance whose label in UNII and MeSH a word is: beside a drug it is one more of its kind."""
        entries = self.index.lookup(token)
        labelled = {e.vocabulary for e in entries if e.scope == "label" and e.kind == KIND}
        if not labelled >= _BOTH or self.rules.drug_none.of(token, WHOLE, HEAD, ANY):
            return []
        return look_up(token, token, TIER, record, [])

    def _hyphened(self, token: str, text: str, drugs: Iterable[str]) -> bool:
        """Return whether a hyphen ties a drug to a word that is no drug, salt, dose or form: avidin-biotin-DOTA."""
        low = text.casefold()
        near = re.findall(rf"([a-z0-9]+)-{token}\b", low) + re.findall(rf"\b{token}-([a-z0-9]+)", low)
        words = (word for word in near if len(word) > 1)  # N-, L- are its own
        fit = self.rules.salts.keys() | set(drugs)
        return any(word not in fit and not self.rules.drug_words.fullmatch(word) for word in words)

    def _neighbours(self, token: str) -> tuple[str, ...]:
        """Return the words one typing error away that are names."""
        known = self._near.recall(token)
        if known is not None:
            return known
        others = list(neighbours(token))
        filed = self.index.among(others)
        return self._near.keep(token, tuple(other for other in others if other in filed))

    def _marketed(
        self, token: str, record: RecordContext, steps: list[Step], look_up: LookUp, *, branded: bool
    ) -> list[Link]:
        for word in (token, *(() if self.index.lookup(token) else self._neighbours(token))):
            entries = self.index.lookup(word)
            if not any(entry.scope in {"label", "brand"} and entry.kind == KIND for entry in entries):
                continue
            if self.rules.drug_none.of(word, WHOLE, HEAD, ANY):
                return []
            links = look_up(word, word, TIER, record, steps)
            known = {link.vocabulary for link in links}
            both = known >= _BOTH and len(token) > _SHORTEST_MISSPELT
            stemmed = STEM.search(word) is not None
            listed = any(getattr(entry, "medicine", False) for entry in entries if entry.scope == "label")
            if (
                known & _MARKETED
                or (listed and word == token)
                or (both and (stemmed or (listed and word != token)))
                or (branded and word == token)
            ):
                return links
            if word == token:
                return []
        return []


def components(named: list[list[Link]], tier: str) -> list[Link]:
    """Return every part with a number of its own; a substance named twice comes once."""
    found: list[Link] = []
    seen: set[str] = set()
    numbers: dict[tuple[int, int], int] = {}
    for at, links in enumerate(named):
        for link in links:
            if link.id not in seen:
                seen.add(link.id)
                number = numbers.setdefault((at, link.part), len(numbers) + 1)
                found.append(replace(link, relation=COMPONENT, tier=tier, part=number))
    return found
