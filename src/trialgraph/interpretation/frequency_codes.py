"""How often, as a concept of the scheme `frequency`: its notation, its words and its interval.

>>> frequency(1, 3, "wk")[0], frequency(3, 1, "wk")[0], frequency(None, None, "prn")[0]
('Q3W', '3X_QW', 'PRN')
>>> frequency(2, 1, "d")[1], frequency(1, 28, "d")[1], frequency(1, None, "once")[1]
('twice daily', 'every 28 days', 'once')
"""

from functools import lru_cache
from typing import Final

from trialgraph.interpretation.quantity_nodes import quantity, unit_label
from trialgraph.terms import RDF_TYPE, RDFS_LABEL, Triple, iri, string
from trialgraph.vocabulary import PREFIXES, concept_iri

_SKOS: Final = PREFIXES["skos"]
_LETTER: Final = {"min": "MIN", "h": "H", "d": "D", "wk": "W", "mo": "MO", "a": "Y", "{cycle}": "CYCLE"}
_NAMED: Final[dict[tuple[float | None, float | None, str], tuple[str, str]]] = {
    (1, 1, "d"): ("QD", "once daily"),
    (2, 1, "d"): ("BID", "twice daily"),
    (3, 1, "d"): ("TID", "three times daily"),
    (4, 1, "d"): ("QID", "four times daily"),
    (1, 2, "d"): ("QOD", "every other day"),
    (1, 1, "wk"): ("QW", "once weekly"),
    (2, 1, "wk"): ("BIW", "twice weekly"),
    (1, 1, "mo"): ("QM", "once monthly"),
    (1, 1, "{cycle}"): ("PER_CYCLE", "once per cycle"),
    (1, None, "once"): ("ONCE", "once"),
    (None, None, "prn"): ("PRN", "as needed"),
}
DECLARED: Final = frozenset({"QD", "BID", "QW", "Q2W", "Q3W", "Q4W", "Q6W"})
"""Concepts that the ontology declares; of others the release says what they are."""
_DIVIDED: Final = {(2, "d"): ("12", "h"), (3, "d"): ("8", "h"), (4, "d"): ("6", "h")}


def frequency(times: float | None, every: float | None, unit: str) -> tuple[str, str]:
    """Return notation and words of a frequency."""
    named = _NAMED.get((times, every, unit))
    if named:
        return named
    number, count = f"{every:g}" if every is not None else "", f"{times:g}" if times is not None else ""
    letter = _LETTER.get(unit, unit.upper())
    size = unit_label(unit, plural=number != "1")
    if times == 1:
        return f"Q{number}{letter}", f"every {number} {size}"
    within = f"every {number} {size}" if number != "1" else f"per {size}"
    return f"{count}X_Q{'' if number == '1' else number}{letter}", f"{count} times {within}"


def interval(times: float | None, every: float | None, unit: str) -> tuple[str, str] | None:
    """Return the time from one administration to the next, as value and unit; None where it is not told."""
    if times == 1 and every is not None:
        return f"{every:g}", unit
    return _DIVIDED.get((int(times), unit)) if times in (2, 3, 4) and every == 1 else None


@lru_cache(maxsize=2_000)
def frequency_node(times: float | None, every: float | None, unit: str) -> tuple[str, tuple[Triple, ...]]:
    """Return the concept's node, and what is said of it where the ontology does not declare it."""
    notation, words = frequency(times, every, unit)
    node = iri(concept_iri("frequency", notation))
    if notation in DECLARED:
        return node, ()
    scheme = iri(concept_iri("frequency", "").removesuffix("/"))
    return node, (
        (node, RDF_TYPE, iri(_SKOS + "Concept")),
        (node, RDFS_LABEL, string(words)),
        (node, iri(_SKOS + "prefLabel"), string(words)),
        (node, iri(_SKOS + "notation"), string(notation)),
        (node, iri(_SKOS + "inScheme"), scheme),
    )


def interval_node(times: float | None, every: float | None, unit: str) -> tuple[str, tuple[Triple, ...]] | None:
    """Return the interval as a quantity."""
    found = interval(times, every, unit)
    return quantity(found[0], None, found[1]) if found else None
