"""The rules of `data/lexicons/linking`, read once and compiled to patterns of linear time."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from trialgraph.resource.name_key import bag_key, code_key, exact_key
from trialgraph.settings import packaged

WHOLE: Final = "whole"
HEAD: Final = "head"
ANY: Final = "any"


@dataclass(frozen=True, slots=True)
class Reasons:
    """Patterns of names that are not linked, each with its reason."""

    whole: re.Pattern[str]
    head: re.Pattern[str]
    anywhere: re.Pattern[str]
    _reason: dict[str, str]

    def of(self, key: str, *where: str) -> str | None:
        """Return why the name with this exact key is not linked by the patterns of these places, or None."""
        for place, pattern in ((WHOLE, self.whole), (ANY, self.anywhere), (HEAD, self.head)):
            if place in where and (found := pattern.search(key)) and found.lastgroup:
                return self._reason[found.lastgroup]
        return None


@dataclass(frozen=True, slots=True)
class Rules:
    """All tables."""

    qualifiers: re.Pattern[str]
    """Words that a condition may lose; group `exact` when it then still names the same thing."""
    abbreviations: dict[str, tuple[str, str]]
    """Exact key of an abbreviation: its name, and `always` or `record`."""
    not_disease: Reasons
    generic: frozenset[str]
    """Bags of names that are too wide to stand for a longer one."""
    drug_words: re.Pattern[str]
    drug_none: Reasons
    salts: dict[str, str]
    """Words of salts, esters and hydrates, each with its one spelling."""
    regimens: dict[str, tuple[str, ...]]
    regimen_brands: frozenset[str]
    """Exact keys of regimens whose names are written like words: brands of combinations."""
    drug_names: dict[str, str]
    partners: dict[str, tuple[str, str]]
    """Exact key of a drug: the ending of a drug beside it, and what it then means."""
    vehicles: frozenset[str]
    """Exact keys of what placebos are made of."""
    never: frozenset[tuple[str, str, str]]
    """Kind, exact key and identifier of links that are known to be wrong."""
    always: dict[tuple[str, str], tuple[tuple[str, str], ...]]
    """Kind and exact key, or bag of several words: identifiers and relations that were read and decided."""
    small_words: frozenset[str]
    """Words at which no name in running words begins or ends."""
    no_phrases: frozenset[str]
    """Exact keys of names that say too little in running words, or mean something else there."""

    def stands_for(self, text: str) -> tuple[str, str]:
        """Return the name that a short form or other name stands for, and when; empty texts for none.

        >>> rules().stands_for("HFpEF")[0], rules().stands_for("drug use disorders")[0], rules().stands_for("gout")
        ('Heart Failure With Preserved Ejection Fraction', 'Substance-Related Disorders', ('', ''))
        """
        key = exact_key(text)
        return self.abbreviations.get(key) or self.abbreviations.get("~" + bag_key(text)) or ("", "")


@lru_cache(maxsize=1)
def rules() -> Rules:
    """Return the tables as they travel with the package.

    >>> rules().abbreviations["hfpef"]
    ('Heart Failure With Preserved Ejection Fraction', 'always')
    """
    return read_rules(packaged("data") / "lexicons" / "linking")


def read_rules(folder: Path) -> Rules:
    """Read the tables of a folder."""
    qualifiers: dict[str, list[str]] = {"exact": [], "broad": []}
    for pattern, relation, _ in _rows(folder / "condition-qualifiers.tsv"):
        qualifiers[relation].append(pattern)
    decided: dict[tuple[str, str], list[tuple[str, str]]] = {}
    never = set()
    for kind, name, id_, relation, _ in _rows(folder / "decided.tsv"):
        if relation == "not":
            never.add((kind, exact_key(name), id_))
        else:
            decided.setdefault((kind, exact_key(name)), []).append((id_, relation))
            if kind == "condition" and " " in exact_key(name):
                by_bag = decided.setdefault((kind, "~" + bag_key(name)), [])
                by_bag += [(id_, relation)] * ((id_, relation) not in by_bag)
    return Rules(
        qualifiers=re.compile(
            "|".join(rf"(?P<{name}>\b(?:{_longest(some)})\b)" for name, some in qualifiers.items())
        ),
        abbreviations=_abbreviations(folder / "condition-abbreviations.tsv"),
        not_disease=_reasons(folder / "not-a-disease.tsv"),
        generic=frozenset(bag_key(name) for name, _ in _rows(folder / "generic-heads.tsv")),
        drug_words=re.compile(rf"\b(?:{_longest([row[0] for row in _rows(folder / 'drug-words.tsv')])})\b"),
        drug_none=_reasons(folder / "drug-none.tsv"),
        salts={word: standard for word, standard, _ in _rows(folder / "salts.tsv")},
        regimens=dict(_regimens(folder / "regimens.tsv")),
        regimen_brands=frozenset(exact_key(name) for name, _, _ in _rows(folder / "regimens.tsv") if name.istitle()),
        drug_names={exact_key(name): meant for name, meant, _ in _rows(folder / "drug-other-names.tsv")},
        partners={exact_key(name): (ending, meant) for name, ending, meant, _ in _rows(folder / "drug-partners.tsv")},
        vehicles=frozenset(exact_key(name) for name, _ in _rows(folder / "vehicles.tsv")),
        never=frozenset(never),
        always={key: tuple(links) for key, links in decided.items()},
        small_words=frozenset(word for word, use, _ in _rows(folder / "phrase-words.tsv") if use == "small"),
        no_phrases=frozenset(
            exact_key(word) for word, use, _ in _rows(folder / "phrase-words.tsv") if use != "small"
        ),
    )


def _abbreviations(path: Path) -> dict[str, tuple[str, str]]:
    """Return names by the key of what stands for them, and names of several words by their bag too."""
    found: dict[str, tuple[str, str]] = {}
    for short, name, when in _rows(path):
        found[exact_key(short)] = (name, when)
        if " " in exact_key(short):
            found.setdefault("~" + bag_key(short), (name, when))
    return found


def _regimens(path: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    for name, parts, _ in _rows(path):
        for key in {exact_key(name), code_key(name)} - {""}:
            yield key, tuple(parts.split(";"))


def _reasons(path: Path) -> Reasons:
    places: dict[str, dict[str, list[str]]] = {WHOLE: {}, HEAD: {}, ANY: {}}
    for pattern, reason, where in _rows(path):
        places[where].setdefault(reason, []).append(pattern)
    names = {reason: f"r{number}" for number, reason in enumerate(dict.fromkeys(row[1] for row in _rows(path)))}
    frame = {WHOLE: r"^(?:{})$", HEAD: r"\b(?:{})$", ANY: r"\b(?:{})\b"}
    compiled = {
        where: re.compile(
            "|".join(f"(?P<{names[reason]}>{frame[where].format(_longest(some))})" for reason, some in groups.items())
            or r"(?!)"
        )
        for where, groups in places.items()
    }
    return Reasons(compiled[WHOLE], compiled[HEAD], compiled[ANY], {group: reason for reason, group in names.items()})


def _longest(patterns: list[str]) -> str:
    return "|".join(sorted(patterns, key=lambda pattern: (-len(pattern), pattern)))


def _rows(path: Path) -> list[list[str]]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines[1:] if line]
