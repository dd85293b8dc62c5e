"""Quantities as shared nodes: one IRI for one value and unit, labelled as people write it.

>>> quantity("200", None, "mg")[0], quantity("100", "200", "mg/m2")[0]
('<https://w3id.org/trialgraph/id/quantity/200_mg>', '<https://w3id.org/trialgraph/id/quantity/100-200_mg_per_m2>')
>>> label("5", None, "AUC"), label("3", None, "wk"), label("20000", None, "[iU]"), label("2", None, "{tablet}")
('AUC = 5', '3 weeks', '20000 IU', '2 tablets')
"""

from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Final

from trialgraph.terms import RDF_TYPE, RDFS_LABEL, Term, Triple, decimal, iri, string
from trialgraph.vocabulary import TG, shared_iri

_TIME: Final = {"s": "second", "min": "minute", "h": "hour", "d": "day", "wk": "week", "mo": "month", "a": "year"}
_SHOWN: Final = {
    "[iU]": "IU",
    "10*6.[iU]": "million IU",
    "10*3.[iU]": "thousand IU",
    "m[iU]": "mIU",
    "[CFU]": "CFU",
    "[Lf]": "Lf",
    "[ppm]": "ppm",
    "[ppb]": "ppb",
}
_COUNTED: Final = frozenset({"cells", "PFU", "vg", "vp", "TCID50", "FFU", "IFU", "SQ", "spores", "organisms"})


def _piece(unit: str, *, plural: bool) -> str:
    """Return one factor of a unit as people write it."""
    if unit.startswith("{") and unit.endswith("}"):
        word = unit[1:-1]
        return word if word in _COUNTED or not plural else f"{word}s"
    return _SHOWN.get(unit, unit)


def unit_label(unit: str, *, plural: bool = True) -> str:
    """Return a unit as people write it: `mg/m²`, `weeks`, `IU/mL`."""
    if unit in _TIME:
        return _TIME[unit] + ("s" if plural else "")
    first, *rest = unit.split("/")
    return "/".join([_piece(first, plural=plural), *(_piece(part, plural=False) for part in rest)]).replace(
        "m2", "m²"
    )


def label(value: str, high: str | None, unit: str) -> str:
    """Return a quantity as people write it."""
    number = f"{value}-{high}" if high else value
    if unit == "AUC":
        return f"AUC = {number}"
    return f"{number} {unit_label(unit, plural=number != '1')}"


@lru_cache(maxsize=20_000)
def quantity(value: str, high: str | None, unit: str) -> tuple[Term, tuple[Triple, ...]]:
    """Return the node of a quantity and what is said of it; a fixed combination (`24/26`) has no single value."""
    number = f"{value}-{high}" if high else value
    spelled = unit_label(unit, plural=False).replace("m²", "m2") if unit not in _TIME else unit
    name = f"AUC {number}" if unit == "AUC" else f"{number} {spelled}".replace("/", " per ")
    node = iri(shared_iri("quantity", name))
    words = label(value, high, unit)
    triples: list[Triple] = [
        (node, RDF_TYPE, iri(TG.Quantity)),
        (node, RDFS_LABEL, string(words)),
        (node, iri(TG.asWritten), string(words)),
        (node, iri(TG.unit), string("mg.min/mL" if unit == "AUC" else unit)),
    ]
    for predicate, written in ((TG.value, value), (TG.highValue, high)):
        if written:
            try:
                triples.append((node, iri(predicate), decimal(Decimal(written))))
            except InvalidOperation:
                continue  # 24/26
    return node, tuple(triples)
