"""Diseases and drugs that running words name: the longest phrases that are exact names.

>>> linker = PhraseLinker(StringLinker(None))
>>> own = {"mb 102": Named("drug", "UNII:QJMH6QCF8U", "RELMAPIRAZIN", "exact")}
>>> [(one.start, one.end, one.named.id) for one in linker.phrases("No earlier MB-102", own, drugs=True)]
[(11, 17, 'UNII:QJMH6QCF8U')]
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from trialgraph.linking.link_result import EXACT, Link, NamedTerm, RecordContext
from trialgraph.linking.name_rules import rules
from trialgraph.linking.string_linker import CONDITION, DRUG, StringLinker
from trialgraph.linking.thing_iris import DISEASE, primary
from trialgraph.resource.name_key import exact_key

_WORD: Final = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")
_APART: Final = re.compile(r"[^\w\s'’-]")
_LETTERED: Final = re.compile(r"\s[A-Z]\b")
"""A letter behind a name that makes it another one (`hepatitis B`)."""
_MOST_WORDS: Final = 6
_LEAST_LETTERS: Final = 5
"""Letters of the shortest single word that may be a name; shorter ones are codes and words of the language."""
_SURE: Final = frozenset(("exact", "decided"))
_MARKETED: Final = frozenset(("drugcentral", "chembl"))
"""Vocabularies of drugs alone: what only others know may be a pesticide or a word of every day."""
_NO_CONTEXT: Final = RecordContext()
_KEPT: Final = 1 << 17


class Named(NamedTuple):
    """A thing that words name: its kind (`disease` or `drug`), identifier, label, and the tier of the link."""

    kind: str
    id: str
    label: str
    tier: str


class Phrase(NamedTuple):
    """Words that name a thing: characters `start` to `end` of the text."""

    start: int
    end: int
    named: Named


@dataclass(slots=True)
class PhraseLinker:
    """Finds names in texts; remembers what each phrase names, which hangs on the vocabularies alone."""

    strings: StringLinker
    _known: dict[str, tuple[Named, ...]] = field(default_factory=dict)

    def phrases(self, text: str, own: Mapping[str, Named], *, drugs: bool) -> Iterator[Phrase]:
        """Yield the names of a text, none within another; `own` are those of the record itself, by exact key.

        Drugs are only looked for with `drugs`: beside a value `testosterone` is what is measured.
        """
        candidates = list(_candidates(text))
        self._look_up({key for *_, key in candidates})
        after = 0
        for start, end, key in candidates:
            if start < after:
                continue
            if " " in key and key in rules().no_phrases:
                after = end
                continue
            found = own.get(key) or next((one for one in self._known[key] if drugs or one.kind == DISEASE), None)
            if found is not None and not _LETTERED.match(text, end) and (drugs or found.kind == DISEASE):
                after = end
                yield Phrase(start, end, found)

    def drug(self, name: str) -> Named | None:
        """Return the drug that a name is exactly, None where it is none or not surely one."""
        key = exact_key(name)
        self._look_up({key})
        return next((one for one in self._known[key] if one.kind == DRUG), None)

    def dosed(self, name: str) -> Named | None:
        """Return the drug that a name is exactly, marketed or not: the amount beside it says that it is one."""
        key = exact_key(name)
        return _sure(self.strings, DRUG, key) if " " in key or len(key) >= _LEAST_LETTERS else None

    def _look_up(self, keys: set[str]) -> None:
        new = [key for key in sorted(keys) if key not in self._known]
        if len(self._known) + len(new) > _KEPT:
            self._known.clear()
            new = sorted(keys)
        filed = self.strings.base.among(new)
        for key in new:
            self._known[key] = tuple(self._named(key)) if key in filed and key not in rules().no_phrases else ()

    def _named(self, key: str) -> Iterator[Named]:
        """Yield the disease and the drug whose exact name a key is."""
        entries = self.strings.base.lookup(key)
        kinds = {entry.kind for entry in entries}
        if " " not in key and len(key) < _LEAST_LETTERS:
            return
        if DISEASE in kinds and (one := _sure(self.strings, CONDITION, key)):
            yield one
        if DRUG in kinds and (one := _sure(self.strings, DRUG, key)):
            same = entries if _marketed(entries) else self.strings.base.lookup(exact_key(one.label))
            if _marketed(same):
                yield one


def _marketed(entries: Iterable[NamedTerm]) -> bool:
    return any(entry.kind == DRUG and entry.vocabulary in _MARKETED for entry in entries)


def _sure(strings: StringLinker, kind: str, name: str) -> Named | None:
    naming = strings.link(kind, name, _NO_CONTEXT)
    return thing_of(kind, naming.links) if all(link.tier in _SURE for link in naming.links) else None


def thing_of(kind: str, links: list[Link]) -> Named | None:
    """Return the one thing that links of a name lead to exactly, None for none and for several."""
    exact = [link for link in links if link.relation == EXACT]
    if not exact or len({link.part for link in links}) > 1:
        return None
    wanted = DISEASE if kind == CONDITION else DRUG
    id_ = primary(wanted, [link.id for link in exact])
    found = next((link for link in exact if link.id == id_), None)
    return Named(wanted, found.id, found.label, found.tier) if found else None


def _candidates(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield the runs of words that may be names, the longest first at each place."""
    words = [(found.start(), found.end(), found[0].lower()) for found in _WORD.finditer(text)]
    small = rules().small_words
    for first, (start, _, word) in enumerate(words):
        if word in small:
            continue
        last = first
        while last + 1 < min(len(words), first + _MOST_WORDS) and not _APART.search(
            text, words[last][1], words[last + 1][0]
        ):
            last += 1
        for at in range(last, first - 1, -1):
            if words[at][2] not in small:
                end = words[at][1]
                if key := exact_key(text[start:end]):
                    yield start, end, key
