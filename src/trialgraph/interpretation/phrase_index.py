"""Phrases of a lexicon found in a text by its words: spelling folded, the longest first.

A phrase is a row of words; a word with ``*`` at its end stands for all that begin so, ``..`` for up to four words.
"""

import re
from collections.abc import Iterable, Sequence

from trialgraph.interpretation.value_class import value_class

MOST_BETWEEN = 4
"""Words that ``..`` may stand for."""

_WORD = re.compile(r"[^\W_]+")
_SMALL_WORDS = frozenset(
    (
        "of the a an in on for with by from to at as and or is are was were be been their its this that will per than"
    ).split()
)
_SPELLINGS = tuple(
    pair.split("/")
    for pair in (
        "oedema/edema oesoph/esoph oestr/estr rrhoea/rrhea pnoea/pnea aem/em anaes/anes paed/ped tumour/tumor "
        "behaviour/behavior colour/color fibre/fiber titre/titer centre/center isation/ization ising/izing "
        "analyse/analyze enrolment/enrollment programme/program litre/liter gynaec/gynec foet/fet caesar/cesar "
        "faec/fec sulph/sulf"
    ).split()
)
_KEPT = ("ss", "us", "is", "as")


def normal_word(word: str) -> str:
    """Return a small-letter word in American spelling and the singular, as phrases are compared.

    >>> [normal_word(word) for word in ("tumours", "anaemia", "biopsies", "diagnosis")]
    ['tumor', 'anemia', 'biopsy', 'diagnosis']
    """
    for british, american in _SPELLINGS:
        if british in word:
            word = word.replace(british, american)
    if len(word) >= 5 and word[-1] == "s" and not word.endswith(_KEPT):
        word = word[:-3] + "y" if word.endswith("ies") and len(word) > 5 else word[:-1]
    return word


_MOST_WORDS = 1 << 17
"""Distinct words whose normal form is remembered."""


class _NormalWords(dict[str, str]):
    """Normal forms by word, the empty string for small words; filled as words are met, up to a bound."""

    def __missing__(self, word: str) -> str:
        normal = "" if word in _SMALL_WORDS else normal_word(word)
        if len(self) < _MOST_WORDS:
            self[word] = normal
        return normal


_NORMAL = _NormalWords()


class Words:
    """The words of a folded text: `seen` as written, `normal` as phrases are compared, without small words.

    >>> Words("change of the tumour's volumes").normal
    ['change', 'tumor', 's', 'volume']
    """

    __slots__ = ("_spans", "folded", "normal", "raw")

    def __init__(self, folded: str) -> None:
        self.folded = folded
        self.raw = _WORD.findall(folded)
        self.normal = [normal for word in self.raw if (normal := _NORMAL[word])]
        self._spans: list[tuple[int, int]] | None = None

    def span(self, first: int, after: int) -> tuple[int, int]:
        """Return where the normal words `first` to `after` (without it) stand in the text."""
        return self._places()[first][0], self._places()[after - 1][1]

    def before(self, position: int) -> int:
        """Return how many of the normal words begin before a position of the text."""
        return sum(start < position for start, _ in self._places())

    def _places(self) -> list[tuple[int, int]]:
        if self._spans is None:
            self._spans = [match.span() for match in _WORD.finditer(self.folded) if _NORMAL[match[0]]]
        return self._spans


@value_class(frozen=True, slots=True)
class Phrase:
    """A phrase with what it stands for; `weight` says how much it counts beside others."""

    elements: tuple[str, ...]
    code: str
    weight: int
    name: str


@value_class(frozen=True, slots=True)
class PhraseMatch:
    """A phrase found in words `first` to `after`."""

    phrase: Phrase
    first: int
    after: int


def phrase_of(term: str, code: str, weight: int) -> Phrase:
    """Return the phrase of a row of a lexicon; words that texts lose are lost here too."""
    elements = []
    for piece in term.lower().split():
        if piece == "..":
            elements.append(piece)
        elif piece.endswith("*"):
            elements += [normal_word(part) for part in _WORD.findall(piece)[:-1]]
            elements.append(_WORD.findall(piece)[-1] + "*")
        else:
            elements += [normal_word(part) for part in _WORD.findall(piece) if part not in _SMALL_WORDS]
    return Phrase(tuple(elements), code, weight, term)


@value_class(frozen=True, slots=True)
class _Beginning:
    """Phrases that begin with one word: those of it alone, by their second word, and those with another second."""

    alone: Phrase | None
    second: dict[str, tuple[Phrase, ...]]
    others: tuple[Phrase, ...]


_NONE = _Beginning(None, {}, ())


class PhraseIndex:
    """Phrases by their first words; one pass over the words of a text finds the longest at each place."""

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        self._exact: dict[str, list[Phrase]] = {}
        self._prefixes: dict[str, list[tuple[str, Phrase]]] = {}
        for phrase in phrases:
            first = phrase.elements[0]
            if first.endswith("*"):
                self._prefixes.setdefault(first[:2], []).append((first[:-1], phrase))
            else:
                self._exact.setdefault(first, []).append(phrase)
        self._beginnings = _Beginnings(self)

    def beginning(self, word: str) -> _Beginning:
        """Return the phrases that may begin with a word."""
        starting = [phrase for prefix, phrase in self._prefixes.get(word[:2], ()) if word.startswith(prefix)]
        phrases = [*self._exact.get(word, ()), *starting]
        if not phrases:
            return _NONE
        second: dict[str, tuple[Phrase, ...]] = {}
        others = []
        alone = None
        for phrase in phrases:
            if len(phrase.elements) == 1:
                alone = alone or phrase
            elif phrase.elements[1] == ".." or phrase.elements[1].endswith("*"):
                others.append(phrase)
            else:
                second[phrase.elements[1]] = (*second.get(phrase.elements[1], ()), phrase)
        return _Beginning(alone, second, tuple(others))

    def matches(self, words: Sequence[str]) -> list[PhraseMatch]:
        """Return the longest phrase at each place of normal words, none within another, in the order of the text."""
        found: list[PhraseMatch] = []
        beginnings = self._beginnings
        free, size = 0, len(words)
        for at, word in enumerate(words):
            beginning = beginnings[word]
            if beginning is _NONE or at < free:
                continue
            best = beginning.alone
            free = at + 1 if best else free
            following = beginning.second.get(words[at + 1], ()) if at + 1 < size else ()
            for phrases in (following, beginning.others):
                for phrase in phrases:
                    after = _end(phrase.elements, words, at)
                    if after > free:
                        best, free = phrase, after
            if best is not None:
                found.append(PhraseMatch(best, at, free))
        return found


class _Beginnings(dict[str, _Beginning]):
    """What phrases begin with a word; filled as words are met, up to a bound."""

    def __init__(self, index: "PhraseIndex") -> None:
        super().__init__()
        self._index = index

    def __missing__(self, word: str) -> _Beginning:
        beginning = self._index.beginning(word)
        if len(self) < _MOST_WORDS:
            self[word] = beginning
        return beginning


def _end(elements: tuple[str, ...], words: Sequence[str], at: int) -> int:
    """Return the word after a phrase that begins at a word, or 0."""
    at += 1
    if len(elements) == 1:
        return at
    size = len(words)
    gap = False
    for element in elements[1:]:
        if element == "..":
            gap = True
            continue
        last = min(size, at + MOST_BETWEEN + 1) if gap else min(size, at + 1)
        while at < last and not _same(element, words[at]):
            at += 1
        if at >= last:
            return 0
        at += 1
        gap = False
    return at


def _same(element: str, word: str) -> bool:
    return word.startswith(element[:-1]) if element[-1] == "*" else word == element
