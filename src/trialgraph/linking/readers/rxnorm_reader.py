"""RxNorm, current prescribable content: `RXNCONSO.RRF` and `RXNREL.RRF`, parted by bars.

Only what RxNorm itself says is read (source `RXNORM`), and codes of UNII beside it (`MTHSPL`, US government); no
string of another vocabulary of the UMLS. A brand of one ingredient is a name of that ingredient.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from trialgraph.linking.vocabulary_files import Member
from trialgraph.linking.vocabulary_items import Item, Name, Term, TermMapping

_RXCUI, _LANGUAGE, _SOURCE, _TYPE, _CODE, _TEXT, _SUPPRESSED = 0, 1, 11, 12, 13, 14, 16
_FIRST, _SECOND, _RELATION, _RELATION_SOURCE = 0, 4, 7, 10
_INGREDIENTS: Final = {"IN", "PIN", "MIN"}
_SYNONYMS: Final = {"SY": "exact", "TMSY": "exact"}
_UNII_LENGTH: Final = 10


def read_rxnorm(files: Sequence[Member]) -> Iterator[Item]:
    """Yield ingredients with their brands and UNII codes, and salts with their ingredient. Raises SourceError."""
    by_name = {member.basename.upper(): member for member in files}
    names = by_name.get("RXNCONSO.RRF")
    if names is None:
        return
    relations = list(_relations(by_name["RXNREL.RRF"])) if "RXNREL.RRF" in by_name else []
    ingredients_of: dict[str, set[str]] = {}
    for relation, first, second in relations:
        if relation == "tradename_of":
            ingredients_of.setdefault(second, set()).add(first)
    labels, synonyms, brands, codes = _concepts(names)
    for brand, text in brands.items():
        ingredients = ingredients_of.get(brand, set()) & labels.keys()
        if len(ingredients) == 1:
            synonyms.setdefault(ingredients.pop(), []).append(Name(text, "brand"))
        else:
            yield Term(f"RXNORM:{brand}", text, "drug")
    for rxcui, label in labels.items():
        yield Term(f"RXNORM:{rxcui}", label, "drug", tuple(synonyms.get(rxcui, ())))
        for unii in sorted(codes.get(rxcui, ())):
            yield TermMapping(f"RXNORM:{rxcui}", "skos:exactMatch", f"UNII:{unii}", label)
    for relation, first, second in relations:
        if relation == "form_of" and second in labels and first in labels:
            yield TermMapping(f"RXNORM:{second}", "skos:broadMatch", f"RXNORM:{first}", labels[second], labels[first])


def _concepts(
    member: Member,
) -> tuple[dict[str, str], dict[str, list[Name]], dict[str, str], dict[str, set[str]]]:
    """Return labels of ingredients, their synonyms, brands, and UNII codes, each by RXCUI."""
    labels: dict[str, str] = {}
    synonyms: dict[str, list[Name]] = {}
    brands: dict[str, str] = {}
    codes: dict[str, set[str]] = {}
    for number, line in enumerate(member.lines(), 1):
        cells = line.split("|")
        if len(cells) <= _SUPPRESSED:
            raise member.error(f"line {number} has {len(cells)} cells", "take RXNCONSO.RRF of RxNorm")
        rxcui, type_, text = cells[_RXCUI], cells[_TYPE], cells[_TEXT]
        if cells[_LANGUAGE] != "ENG" or cells[_SUPPRESSED] not in {"N", ""}:
            continue
        if cells[_SOURCE] == "MTHSPL" and type_ == "SU" and len(cells[_CODE]) == _UNII_LENGTH:
            codes.setdefault(rxcui, set()).add(cells[_CODE])
        elif cells[_SOURCE] == "RXNORM" and type_ in _INGREDIENTS:
            labels[rxcui] = text
        elif cells[_SOURCE] == "RXNORM" and type_ == "BN":
            brands[rxcui] = text
        elif cells[_SOURCE] == "RXNORM" and type_ in _SYNONYMS:
            synonyms.setdefault(rxcui, []).append(Name(text, _SYNONYMS[type_]))
    return labels, synonyms, brands, codes


def _relations(member: Member) -> Iterator[tuple[str, str, str]]:
    """Yield relation, first and second concept; the relation is that of the second to the first."""
    for line in member.lines():
        cells = line.split("|")
        if len(cells) > _RELATION_SOURCE and cells[_RELATION_SOURCE] == "RXNORM":
            yield cells[_RELATION], cells[_FIRST], cells[_SECOND]
