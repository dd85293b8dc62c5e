"""Names of biomarkers among the words of a text, with words of state, links, negations and treatments.

>>> words = "HER2-positive, anti-HER2 therapy"
>>> [(each.kind, each.value) for each in name_pieces(words, tokens(words))]
[('M', 'HER2'), ('W', '-'), ('S', 'positive'), ('L', ','), ('W', 'anti'), ('W', '-'), ('W', 'HER2'), ('T', 'therapy')]
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from trialgraph.interpretation.criterion_tokenizer import PhraseTrie, Token, tokens
from trialgraph.interpretation.lexicon import Row, rows

__all__ = ["ABBREVIATED", "Piece", "name_pieces", "opening_words", "tokens"]


@dataclass(slots=True)
class Piece:
    """A token or phrase among the tokens: a marker (M), state (S), link (L), blocking word (T), negation (N)."""

    kind: str
    value: str
    start: int
    end: int
    first: int
    last: int


def _names(row: Row) -> list[str]:
    """Return the names of a marker; one with the sign that parts names is its code (`T(11;14)`)."""
    names = row["names"].split(";")
    return [*names, row["code"].lower()] if ";" in row["code"] else names


@cache
def _trie() -> PhraseTrie[tuple[str, str]]:
    phrases: list[tuple[str, tuple[str, str]]] = []
    for row in rows("biomarkers"):
        phrases += [(name, ("M", row["code"])) for name in _names(row)]
    phrases += [(row["phrase"], ("S", row["state"])) for row in rows("biomarker_states")]
    phrases += [(word, ("T", word)) for word in _TREATMENTS]
    phrases += [(word, ("L", word)) for word in ("and", "or", ",", "/", "and/or", "&", "as well as", "nor", ";")]
    phrases += [(word, ("N", word)) for word in _NEGATIONS]
    phrases += [(word, ("D", word)) for word in ("triple negative", "triple-negative", "tnbc", "mtnbc")]
    phrases += [(word, ("Z", word)) for word in _DEFICIENT]
    return PhraseTrie(phrases)


_TREATMENTS: Final = (
    "inhibitor inhibitors tki tkis antagonist antagonists antibody antibodies directed "
    "targeted targeting agent agents blocker "
    "blockers therapy therapies drug drugs treatment treatments inhibition inhibiting "
    "conjugate vaccine vaccines car-t car testing "
    "pathway agonist agonists degrader degraders modulator modulators blockade degraders tyrosine kinase-inhibitor"
).split()
_NEGATIONS: Final = (
    "no|not|without|absence of|lack of|lacks|lacking|non|never|exclude|excluding|excluded|must not|do not have"
    "|does not have|ineligible|other than|free of|rule out|ruled out"
).split("|")
ABBREVIATED: Final = {
    "msi-h": ("MSI", "positive", "HIGH"),
    "msi h": ("MSI", "positive", "HIGH"),
    "msi-high": ("MSI", "positive", "HIGH"),
    "dmmr": ("MMR", "negative", "DEFICIENT"),
    "mss": ("MSI", "negative", "STABLE"),
    "pmmr": ("MMR", "positive", "PROFICIENT"),
    "tmb-h": ("TMB", "positive", "HIGH"),
    "tmb-high": ("TMB", "positive", "HIGH"),
    "hrd-positive": ("HRD", "positive", "POSITIVE"),
    "kmt2ar": ("KMT2A", "positive", "REARRANGED"),
    "kmt2a-r": ("KMT2A", "positive", "REARRANGED"),
    "mll-r": ("KMT2A", "positive", "REARRANGED"),
    "mllr": ("KMT2A", "positive", "REARRANGED"),
    "nup98r": ("NUP98", "positive", "REARRANGED"),
    "nup98-r": ("NUP98", "positive", "REARRANGED"),
    "npm1c": ("NPM1", "positive", "MUTATED"),
    "npm1m": ("NPM1", "positive", "MUTATED"),
    "npm1-m": ("NPM1", "positive", "MUTATED"),
    "egfrm": ("EGFR", "positive", "MUTATED"),
    "flt3m": ("FLT3", "positive", "MUTATED"),
    "idh1m": ("IDH1", "positive", "MUTATED"),
    "idh2m": ("IDH2", "positive", "MUTATED"),
    "brcam": ("BRCA", "positive", "MUTATED"),
    "gbrcam": ("BRCA", "positive", "MUTATED"),
}
_DEFICIENT: Final = tuple(ABBREVIATED)
_AMBIGUOUS: Final = frozenset(
    ("met", "ret", "er", "pr", "hr", "ar", "ras", "ph", "mll", "alk", "atm", "cea", "kit", "trk", "msi", "mss")
)
"""Names that count only in capitals (`met`, `er`, `hr` are words)."""


def name_pieces(words: str, found: Sequence[Token]) -> Iterator[Piece]:
    """Yield the phrases of the lexicons and all other words."""
    trie = _trie()
    openings = trie.openings
    index, size = 0, len(found)
    while index < size:
        token = found[index]
        hit = trie.longest(found, index) if token[0] in openings else None
        if hit is not None:
            after, (kind, value) = hit
            written = words[token.start : found[after - 1].end]
            if kind == "M" and written.lower() in _AMBIGUOUS and not written[:2].isupper() and written != "Ph":
                kind = "W"
            if kind == "M" and _inside(words, token.start):
                kind = "W"
            yield Piece(kind, value, token.start, found[after - 1].end, index, after)
            index = after
            continue
        yield Piece("W", token.text, token.start, token.end, index, index + 1)
        index += 1


def _inside(words: str, start: int) -> bool:
    """Return whether a name is part of another (`anti-HER2`)."""
    return words[max(0, start - 5) : start].lower().endswith(("anti-", "anti ", "pan-"))


@cache
def opening_words() -> frozenset[str]:
    """Return the first words of markers, with which a text must hold one to speak of any."""
    names = [name for row in rows("biomarkers") for name in _names(row)]
    phrases = [*names, *_DEFICIENT, "triple", "tnbc", "mtnbc"]
    openings = {found[0].text for name in phrases if (found := tokens(name))}
    return frozenset(openings | {f"{word}s" for word in openings})
