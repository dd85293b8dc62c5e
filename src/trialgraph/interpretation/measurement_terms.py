"""What participants are measured by: measurements, their names, and the words around their values.

>>> measurements()["platelets"].unit(["/uL"], [100_000]), measurements()["platelets"].unit(["mg/dL"], [100])
('/uL', None)
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from trialgraph.interpretation.criterion_tokenizer import PhraseTrie, tokens
from trialgraph.interpretation.lexicon import rows

TIMES: Final = frozenset(("a", "mo", "wk", "d", "h", "min"))
"""Units of time."""
ROMAN_SCORES: Final = ("nyha", "asa")
"""Measurements with classes in Roman numerals."""
UNLISTED: Final = "unlisted"
"""Stands for what is measured but is not in the table."""
_KINDS: Final = {"label": "X", "people": "Q", "change": "C", "link": "L", "range": "R", "between": "B", "age": "A"}
_PRESSURE: Final = ("blood pressure", "bp", "arterial pressure", "arterial blood pressure")


@dataclass(frozen=True)
class Measurement:
    """A row of `measurements.tsv`: the units it is believed in, each with the lowest and highest value."""

    code: str
    label: str
    about: str
    """Type of a criterion that compares it."""
    implied: str | None
    """UCUM unit where none is written."""
    ranges: dict[str, tuple[float, float]]

    def unit(self, candidates: Sequence[str], values: Sequence[float]) -> str | None:
        """Return the unit among candidates that fits the values, "" for none written, None where nothing fits."""
        for unit in candidates or ("-", "1"):
            bounds = self.ranges.get(unit) or (self.ranges.get("{score}") if unit == "-" else None)
            if bounds and all(bounds[0] <= value <= bounds[1] for value in values):
                if unit != "-":
                    return unit
                return "{score}" if "{score}" in self.ranges else ""
        return None

    @property
    def scored(self) -> bool:
        """Whether its values are classes or points."""
        return "{score}" in self.ranges


@cache
def measurements() -> dict[str, Measurement]:
    """Return the measurements by code."""
    found = {}
    for row in rows("measurements"):
        ranges = {}
        for part in row["units"].split(";"):
            unit, low, high = part.rsplit(":", 2)
            ranges[unit] = float(low), float(high)
        implied = None if row["implied"] == "-" else row["implied"]
        found[row["code"]] = Measurement(row["code"], row["label"], row["about"], implied, ranges)
    return found


@cache
def grammar() -> PhraseTrie[tuple[str, str]]:
    """Return the phrases that the grammar knows, each with a kind (a letter) and what it stands for.

    Kinds: M measurement, O operator before the number, P operator after it, L link, R range, B between, A of age,
    Q people, X a label of numbers, C a change.
    """
    phrases: list[tuple[str, tuple[str, str]]] = []
    for row in rows("measurements"):
        phrases += [(name, ("M", row["code"])) for name in row["names"].split(";")]
    phrases += [(row["phrase"], ("M", UNLISTED)) for row in rows("unlisted_measurements")]
    phrases += [(name, ("M", "bp")) for name in _PRESSURE]
    for row in rows("comparators"):
        phrases.append((row["phrase"], ("P" if row["place"] == "after" else "O", row["operator"])))
    phrases += [(row["word"], (_KINDS[row["kind"]], row["word"])) for row in rows("criterion_words")]
    return PhraseTrie(phrases)


def named(plain: str) -> Iterator[str]:
    """Yield the measurements that a heading names.

    >>> list(named("Performance status:"))
    ['ecog']
    """
    for _, _, (kind, value) in grammar().all(tokens(plain)):
        if kind == "M" and value in measurements():
            yield value
