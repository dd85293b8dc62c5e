"""By whom and by which named criteria an outcome is judged.

Tables of `data/lexicons/`: `assessors.tsv` and `assessment-criteria.tsv`; versions are read beside the names.
"""

import re
from collections.abc import Iterable
from functools import cache
from typing import Final, NamedTuple

from trialgraph.interpretation.acronym import expansion
from trialgraph.interpretation.lexicon import rows
from trialgraph.interpretation.lexicon_groups import word_group
from trialgraph.interpretation.pattern_set import PatternSet
from trialgraph.interpretation.required_literals import split_alternatives

_VERSION: Final = re.compile(
    r"[\s,()-]{0,6}(?:\([a-z -]{0,40}\)?[\s,-]{0,4})?(?:nci[- ]?)?"
    r"(?:ctcae|recist|criteria|grading|scale|guidelines?|working group|meddra)?[\s,()-]{0,6}"
    r"(?:version|ver\.?|vers\.?|v\.?|edition)?\s{0,3}\.?(\d{1,2}(?:\.\d{1,2})?)\b"
    r"(?!\s*(?:months?|weeks?|days?|years?|%|st|nd|rd|th|grade|and ))"
)
_WORDED: Final = re.compile(
    r"[\s,()-]{0,6}(?:[a-z.\-]{1,30}[\s,()-]{1,6}){0,4}?(?:version|ver\.?|v\.?)\s?\.?(\d{1,2}(?:\.\d{1,2})?)\b"
)
_YEAR: Final = re.compile(r"[\s,()-]{0,6}(?:[a-z\-]{1,30}[\s,()-]{1,6}){0,4}?((?:19|20)\d\d)\b")
_YEAR_BEFORE: Final = re.compile(r"\b((?:19|20)\d\d)\s+(?:revised\s+)?$")
_BLANKS: Final = r"[\s-]{1,4}"
"""What a blank in a table stands for."""
_NUMBER: Final = re.compile(r"[\s-]{0,3}(?:\(pcwg)?[\s-]{0,3}(\d)\b")


class Judged(NamedTuple):
    """An assessor or a criterion with its version, and the places of the words that say so."""

    name: str
    start: int
    end: int


@cache
def _table(name: str, column: str) -> tuple[PatternSet, tuple[str, ...]]:
    """Return the patterns of all rows of a table, and what each stands for."""
    table = rows(name)
    parts = [(part, row[column]) for row in table for part in split_alternatives(row["pattern"])]
    return PatternSet(rf"\b(?:{part.replace(' ', _BLANKS)})" for part, _ in parts), tuple(code for _, code in parts)


@cache
def _spelled(name: str) -> str:
    """Return the patterns of all names of criteria, which hold the words that their acronyms stand for."""
    return " ".join(row["pattern"] for row in rows("assessment-criteria") if row["name"] == name)


def assessor_of(folded: str, words: Iterable[str]) -> Judged | None:
    """Return the first who is named to judge an outcome; `words` are those of the text.

    >>> text = "pfs by blinded independent central review"
    >>> assessor_of(text, text.split()).name
    'blinded independent review'
    """
    if word_group("judgement-words", "assessor").isdisjoint(words):
        return None
    pattern, names = _table("assessors", "assessor")
    for match, number in pattern.finditer(folded):
        name = names[number]
        if name != "-":
            return Judged(name, match.start(), match.end())
    return None


def criteria_of(folded: str, words: Iterable[str]) -> list[Judged]:
    """Return the named criteria of a text, each once, with the version said beside any of its names.

    >>> text = "response evaluation criteria in solid tumors (recist) version 1.1; ctcae v5.0"
    >>> [found.name for found in criteria_of(text, text.split())]
    ['RECIST 1.1', 'CTCAE 5.0']
    """
    if word_group("judgement-words", "criteria").isdisjoint(words):
        return []
    pattern, names = _table("assessment-criteria", "name")
    found: dict[str, Judged] = {}
    for match, number in pattern.finditer(folded):
        name = names[number]
        said = expansion(match[0], folded)
        if said is not None and not any(word in _spelled(name) for word in said.split() if len(word) > 3):
            continue
        version, end = _version(name, folded, match.start(), match.end())
        kept = found.get(name)
        if kept is None or (version and kept.name == name):
            glue = "" if name in word_group("judgement-words", "numbered") else " "
            found[name] = Judged(f"{name}{glue}{version}" if version else name, match.start(), end)
    if "CTCAE" in found:
        found.pop("CTC", None)
    plain, modified = found.get("RECIST"), found.get("mRECIST")
    if plain and modified and plain.start - modified.end < 40:
        del found["RECIST"]
    return list(found.values())


def _version(name: str, folded: str, start: int, end: int) -> tuple[str, int]:
    """Return the version of a criterion whose name stands at `start` to `end`, and where that ends."""
    window = folded[end : end + 48]
    match = None
    if name in word_group("judgement-words", "versioned"):
        match = _VERSION.match(window) or _WORDED.match(window)
    elif name in word_group("judgement-words", "numbered"):
        match = _NUMBER.match(window)
    elif name in word_group("judgement-words", "dated"):
        match = _YEAR.match(window)
        before = None if match else _YEAR_BEFORE.search(folded[max(0, start - 16) : start])
        if before:
            return before[1], end
    return (match[1], end + match.end()) if match else ("", end)
