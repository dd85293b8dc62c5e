"""Other readings of a condition's name: one typing error in a word, or a space that is missing."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Final

from trialgraph.linking.condition_text import BRACKET
from trialgraph.linking.link_result import NameIndex
from trialgraph.linking.recent_answers import RecentAnswers
from trialgraph.linking.spelling import neighbours
from trialgraph.resource.name_key import bag_key, bag_keys_of_spellings, exact_key

_MOST_WORDS: Final = 4
_MOST_WITH_STRANGE: Final = 7
_LEAST: Final = 4
"""Letters of the shorter of two words that were written as one."""
_REMEMBERED: Final = 1 << 14


@dataclass(slots=True)
class Spellings:
    """Reads names by the words of an index; remembers which words are near which."""

    index: NameIndex
    _near: RecentAnswers[tuple[str, ...]] = field(default_factory=lambda: RecentAnswers(_REMEMBERED))

    def strange(self, text: str) -> list[str]:
        """Return the words of a short name that holds one which no disease's name has; empty for another name."""
        tokens = _tokens(text)
        strange = 1 < len(tokens) <= _MOST_WITH_STRANGE and not self.index.words().issuperset(tokens)
        return tokens if strange else []

    def others(self, text: str) -> Iterator[str]:
        """Yield the names that a short name without strange words may be meant to be."""
        tokens = _tokens(text)
        if len(tokens) > _MOST_WORDS or self.strange(text):
            return
        if len(tokens) == 1:
            word = tokens[0]
            names = [f"{word[:at]} {word[at:]}" for at in range(_LEAST, len(word) - _LEAST + 1)]
            yield from self._filed(names, list(map(bag_key, names)))
        yield from self.respelt(tokens)

    def respelt(self, tokens: list[str]) -> Iterator[str]:
        """Yield the names that words are with another spelling of one that is no name by itself."""
        known: AbstractSet[str] = self.index.words() if len(tokens) > _MOST_WORDS else frozenset()
        for at, word in enumerate(tokens):
            if word not in known and not self.index.lookup("~" + bag_key(word)):
                near = self._neighbours(word)
                names = [" ".join([*tokens[:at], other, *tokens[at + 1 :]]) for other in near]
                yield from self._filed(names, bag_keys_of_spellings(tokens, at, near))

    def read(self, tokens: list[str]) -> tuple[str, str] | None:
        """Return words with the one strange word as the only one near it, and that one; None if there are more."""
        known = self.index.words()
        strange = [at for at, word in enumerate(tokens) if word not in known]
        near = self._neighbours(tokens[strange[0]]) if len(strange) == 1 else ()
        if len(near) != 1:
            return None
        return " ".join([*tokens[: strange[0]], near[0], *tokens[strange[0] + 1 :]]), near[0]

    def _filed(self, names: list[str], bags: list[str]) -> Iterator[str]:
        """Yield those of some names that are names of something; `bags` are their bag keys."""
        filed = self.index.among({f"~{bag}" for bag in bags})
        for name, bag in zip(names, bags, strict=True):
            if (key := f"~{bag}") in filed and self.index.lookup(key):
                yield name

    def _neighbours(self, word: str) -> tuple[str, ...]:
        """Return the words one typing error away that names of diseases have."""
        near = self._near.recall(word)
        if near is None:
            known = self.index.words()
            near = self._near.keep(word, tuple(dict.fromkeys(one for one in neighbours(word) if one in known)))
        return near


def _tokens(text: str) -> list[str]:
    return exact_key(BRACKET.sub(r"\1 \3", text)).split()
