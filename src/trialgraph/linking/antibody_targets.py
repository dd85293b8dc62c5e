"""Targets of antibodies from descriptions among substances' names: anti-(human PDCD1 (PD-1, CD279)).

>>> descriptions("IMMUNOGLOBULIN G4, ANTI-(HUMAN PROTEIN PDCD1 (PROGRAMMED CELL DEATH 1)) (HEAVY CHAIN), DIMER")
[['PDCD1', 'PROGRAMMED CELL DEATH 1']]
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from trialgraph.linking.link_result import NameIndex
from trialgraph.resource.name_key import exact_key

TARGET: Final = "target"
_ANTI: Final = re.compile(r"\bANTI[- ]?\(", re.IGNORECASE)
_SHORT: Final = re.compile(
    r"\bANTI-([A-Z][A-Z0-9-]{1,15})(?=\s*/|\s+(?:X\s|BI-?SPECIFIC|(?:HUMANI[SZ]ED|HUMAN|MOUSE|CHIMERIC)?\s?"
    r"(?:MONOCLONAL|ANTIBODY|MAB)\b))",
    re.IGNORECASE,
)
"""An antigen by a short name, before what the antibody is: ANTI-PD-L1 MONOCLONAL ANTIBODY."""

_SPECIES: Final = re.compile(r"^(?:HUMAN|HOMO SAPIENS)\s+", re.IGNORECASE)
_WORDS: Final = re.compile(r"\b(?:PROTEIN|ANTIGEN|CD ANTIGEN)\b", re.IGNORECASE)
"""Words that do not tell one gene product from another; a receptor is not what binds to it."""

_GREEK_NAME: Final = re.compile(r"ALPHA|BETA|GAMMA|DELTA|EPSILON|KAPPA|LAMBDA", re.IGNORECASE)
_OTHER_SPECIES: Final = re.compile(
    r"\b(?:MOUSE|RAT|VIRUS|BACTERI|STAPHYLOCOCCUS|TOXIN|HIV|SARS|COVID|CANINE|DOG|CAT)", re.IGNORECASE
)
_ANTIBODY: Final = re.compile(r"MONOCLONAL|(?:MAB|BART|TUG|STOMIG|TAMIG)\b", re.IGNORECASE)
"""What is described is against another antibody."""

_GREEK: Final = re.compile(r"\.(ALPHA|BETA|GAMMA|DELTA|EPSILON|KAPPA|LAMBDA)\.", re.IGNORECASE)
_NUMBERED: Final = re.compile(r"^([A-Z]{2,4})(\d)$", re.IGNORECASE)
_ROMAN: Final = re.compile(r"\bI{1,3}\b")
_SHORTEST: Final = 4
"""Signs of the shortest last word of a description that is taken for a gene."""

_FAMILIES: Final = frozenset(("KIR", "CD3", "PR1"))
"""Antigens that are no one gene, or a peptide, whose names are aliases of another gene."""

_LONGEST: Final = 2_000


def descriptions(name: str) -> list[list[str]]:
    """Return for each antigen that a name describes the names it gives it, the main one first.

    >>> descriptions("ANTI-PD1/ANTI-CTLA4 BISPECIFIC ANTIBODY AK104")
    [['PD1'], ['CTLA4']]
    """
    found = [[short] for short in _SHORT.findall(name[:_LONGEST]) if not _OTHER_SPECIES.search(short)]
    for start in _ANTI.finditer(name[:_LONGEST]):
        inside = _balanced(name[:_LONGEST], start.end())
        if inside and not _OTHER_SPECIES.search(inside) and not _ANTIBODY.search(inside):
            head, _, rest = _SPECIES.sub("", inside).partition("(")
            said = [head, *re.split(r"[,;()]", rest)]
            names = [_GREEK.sub(r" \1 ", part).strip() for part in said]
            found.append([part for part in dict.fromkeys(map(_plain, names)) if part])
    return found


def described_targets(names: Iterable[str], index: NameIndex) -> list[str]:
    """Return the genes of the antigens that the names of one substance describe, sorted; none for an unclear one.

    Every description that names a gene must name the same as the others of its antigen: each name is looked up, a
    symbol before an alias, and the first that leads to one gene only is taken.
    """
    by_name = [[gene for antigen in descriptions(name) if (gene := _gene(antigen, index))] for name in names]
    told = {tuple(sorted(set(genes))) for genes in by_name if genes}
    longest = max(told, key=len, default=())
    return list(longest) if all(set(genes) <= set(longest) for genes in told) else []


def _gene(names: list[str], index: NameIndex) -> str | None:
    for name in (form for given in names for form in _forms(given)):
        entries = [entry for entry in index.lookup(exact_key(name)) if entry.kind == TARGET]
        for scope in ("label", "exact") if name.upper() not in _FAMILIES else ():
            genes = {entry.id for entry in entries if entry.scope == scope and entry.id.startswith("HGNC:")}
            if len(genes) == 1:
                return next(iter(genes))
    return None


def _forms(name: str) -> Iterator[str]:
    yield name
    if (shorter := " ".join(_WORDS.sub(" ", name).split())) != name and shorter:
        yield shorter
    if (arabic := _ROMAN.sub(lambda found: str(len(found[0])), name)) != name:
        yield arabic
    if (apart := _NUMBERED.sub(r"\1-\2", name)) != name:
        yield apart
    if "-" in name and " " not in name:
        yield name.replace("-", "")
    last = name.rsplit(" ", 1)[-1]
    if (
        len(last) >= _SHORTEST
        and last != name
        and not _GREEK_NAME.match(last)
        and any(sign.isdigit() for sign in last)
        and any(sign.isalpha() for sign in last)
    ):
        yield last


def _plain(name: str) -> str:
    """Return a name without a word for its kind in front.

    >>> _plain("PROTEIN B7-H1"), _plain("CD ANTIGEN CD274")
    ('B7-H1', 'CD274')
    """
    return " ".join(re.sub(r"^(?:(?:CD )?ANTIGEN|PROTEIN|RECEPTOR) ", "", name, flags=re.IGNORECASE).split())


def _balanced(text: str, start: int) -> str:
    """Return what stands from a place up to the bracket that closes the one before it, or nothing."""
    depth = 1
    for at in range(start, len(text)):
        depth += (text[at] == "(") - (text[at] == ")")
        if depth == 0:
            return text[start:at]
    return ""
