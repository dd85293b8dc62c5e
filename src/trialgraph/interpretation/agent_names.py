"""Names of what is given, as a text has them beside an amount and as the interventions have them.

>>> default_name("Vericiguat (BAY1021189) 5 mg tablet")
'Vericiguat'
"""

import re
from collections.abc import Sequence
from dataclasses import field
from functools import cache, lru_cache
from typing import Final, NamedTuple

from trialgraph.interpretation.lexicon import normal, rows
from trialgraph.interpretation.quantities import quantity_pattern
from trialgraph.interpretation.value_class import value_class

_WORD: Final = re.compile(r"[^\W_](?:[\w®™'*]|[-/+.](?=[^\W_]))*[®™]?|[^\w\s]|\n")
_BRACKETED: Final = re.compile(r"\s?[(\[][^()\[\]]{0,200}[)\]]")
_SPLIT: Final = re.compile(
    r"\s*(?:\+|,|;|&|/(?=\s)|(?<=\s)/|\band\b|\bor\b|\bplus\b|\bwith\b|\bversus\b|\bvs\b)\s*", re.IGNORECASE
)
_HEAD: Final = re.compile(
    r"^(?:drug|biological|radiation|dietary supplement|other|procedure|arm|group|cohort)\s?[\w ]{0,3}:\s?",
    re.IGNORECASE,
)


_TIMES: Final = re.compile(r"\d+x(?:\d[\d.,]*(?:mg|mcg|ug|g|ml)?)?")


@cache
def common_words() -> frozenset[str]:
    """Return the words that name no agent (`data/lexicons/common-words.tsv`)."""
    return frozenset(row["word"] for row in rows("common-words"))


@cache
def form_words() -> frozenset[str]:
    """Return the words for forms (`data/lexicons/forms.tsv`)."""
    return frozenset(row["word"] for row in rows("forms"))


@lru_cache(maxsize=20_000)
def is_common(word: str) -> bool:
    """Return whether a word names no agent: it is listed, or all its parts are, or it has no letter."""
    folded = word.lower().rstrip(".")
    common = common_words()
    if folded in common or _TIMES.fullmatch(folded):
        return True
    parts = [part for part in re.split(r"[-/]", folded) if part]
    return not any(letter.isalpha() for letter in folded) or (
        len(parts) > 1 and all(part in common or part.isdigit() for part in parts)
    )


@lru_cache(maxsize=4096)
def default_name(name: str) -> str:
    """Return an intervention's name without dose, form, and what stands in brackets."""
    name = _BESIDE_STANDARD.sub("", name)
    explained = _EXPLAINED.match(name)
    if explained and not is_common(explained["name"]):
        name = explained["name"]
    kept = _BARE.sub("", _BRACKETS_WITHIN.sub("", _BRACKETED.sub("", name))).strip() or name.strip()
    kept = _PHASE.sub("", kept) or kept
    kept = _COMBINED_AMOUNT.sub(" ", kept).strip() or kept
    bare = kept
    bare = quantity_pattern().sub(
        lambda match: " " * len(match.group()) if match.end() < len(bare) else "", bare.lower()
    )
    # Lower case changes no length here or the name is kept whole.
    letters = (
        "".join(kept[i] if i < len(bare) and bare[i] != " " else " " for i in range(len(kept)))
        if len(bare) <= len(kept)
        else kept
    )
    words = " ".join(letters.split()).strip(" ,;:-.+")
    tokens = words.split()
    while len(tokens) > 1 and tokens[-1].lower().strip(",.") in _TRAILERS:
        tokens.pop()
    return " ".join(tokens).strip(" ,;:-.+") or name.strip()


_EXPLAINED: Final = re.compile(r"(?P<name>[A-Za-z][\w®™]{4,30}) - (?=[a-z]|[A-Z][a-z]+ [a-z])")
"""A name, and what it is: "efalizumab - an antibody against CD11a"."""
_BESIDE_STANDARD: Final = re.compile(
    r"(?<=\w)\s(?:combined with|in combination with|plus|\+|and|with|added to|on top of) (?:the )?"
    r"(?:conventional|standard|usual|routine|basic|best supportive)\b.{0,200}$",
    re.IGNORECASE | re.DOTALL,
)
"""What an intervention is given beside: "decoction combined with conventional treatment"."""
_BRACKETS_WITHIN: Final = re.compile(r"\s?[\[(][^\[\]]{0,60}[\])]")
_BARE: Final = re.compile(
    r"(?:\s(?:once|twice|three times|as needed|daily|every day|per day|a day|bid|qd|weekly"
    r"|\d{1,2} (?:days|weeks|months))\b){1,3}\s*$",
    re.IGNORECASE,
)
"""How often, at the end of a name."""
_PHASE: Final = re.compile(
    r"^(?:drug|biological|core study|extension|main study|run[- ]in|(?:part|phase|period) [a-d0-9])\s?:\s?",
    re.IGNORECASE,
)
_COMBINED_AMOUNT: Final = re.compile(
    r"\s?\b\d[\d.,]*(?:\s?/\s?\d[\d.,]*){1,3}\s?(?:mg|mcg|ug|µg|μg|g)\b", re.IGNORECASE
)
_TRAILERS: Final = frozenset(
    (
        "for suspension powder tablet tablets capsule capsules film-coated coated film in nasal topical injection "
        "injections infusion "
        "oral iv intravenous solution injectable product cream gel pill "
        "pills mg vial of at dose treatment group arm administration combined combination together plus"
    ).split()
)


_SCHEDULE: Final = re.compile(
    r"^(?:q\.?\d{0,2}[dhwm]\w*|b\.?i\.?d\.?|t\.?i\.?d\.?|prn|oral(?:ly)?|(?:once|twice|every|daily|weekly)\b.*)$",
    re.IGNORECASE,
)
"""What stands in brackets behind a name and is none: how it is given."""


def _measures(words: str) -> bool:
    return quantity_pattern().search(words.lower()) is not None


@value_class(frozen=True, slots=True)
class Names:
    """The names that a record's interventions bear, by their words in small letters."""

    known: frozenset[str]
    _words: tuple[frozenset[str], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_words", tuple(frozenset(name.split()) for name in self.known))

    @classmethod
    def of(cls, interventions: Sequence[str]) -> "Names":
        """Return the names in interventions' names: whole, in parts, and those in brackets."""
        found = set()
        for name in interventions:
            bare = _HEAD.sub("", name)
            inside = [piece.strip(" ()[]") for piece in _BRACKETED.findall(bare)]
            inside = [piece for piece in inside if not _SCHEDULE.search(piece) and not _measures(piece)]
            for piece in (default_name(bare), *_SPLIT.split(_BRACKETED.sub("", bare)), *inside):
                words = normal(default_name(piece))
                if len(words) > 2 and not all(is_common(word) for word in words.split()):
                    found.add(words)
        return cls(frozenset(found | {"placebo"}))

    def knows(self, words: str) -> bool:
        """Return whether words are a known name, or hold one, or are held by one."""
        tokens = set(normal(words).split())
        return bool(tokens) and any(tokens >= name or tokens <= name for name in self._words)


class Word(NamedTuple):
    """A word or sign of a plain text."""

    start: int
    end: int
    text: str


def words_of(plain: str, start: int = 0, end: int | None = None) -> list[Word]:
    """Return the words and signs between two positions."""
    return [
        Word(match.start(), match.end(), match.group())
        for match in _WORD.finditer(plain, start, len(plain) if end is None else end)
    ]
