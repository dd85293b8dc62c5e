"""Ages that no word says: `18 years or older`, `over the age of 18`, `men between 40 and 70 years`.

>>> words = "Men between 40 and 70 years"
>>> values = Values(atoms(words, words.lower(), tokens(words)))
>>> UnnamedAges(words, values).holds(values.at(1))
True
"""

from functools import cached_property
from typing import Final

from trialgraph.interpretation.comparison_values import Constraint, Values, atoms, tokens
from trialgraph.interpretation.measurement_terms import TIMES

__all__ = ["AFTER_AGE", "UnnamedAges", "Values", "atoms", "tokens"]

_NOT_AN_AGE: Final = frozenset(
    "since after from prior before history duration post of ago following previously postmenopausal disease survival "
    "apart interval".split()
)
_NOT_PEOPLE: Final = frozenset(
    "with for since within last past after in who during over free least postmenopausal amenorrheic sterile".split()
)
AFTER_AGE: Final = frozenset(
    "at on inclusive who with diagnosed years undergoing healthy either both regardless when adult any no".split()
)
"""Words that stand behind an age."""
_OLD: Final = (" old", "yo", "yo.", "y.o", "y.o.", "y/o")
"""Ends of a length of time that is an age."""
_SCALES: Final = ("ecog", "karnofsky", "lansky")
"""Scales that are used up to an age or from one on, said in brackets (`Lansky (< 16 years)`)."""


class UnnamedAges:
    """Tells lengths of time that are ages, in one criterion."""

    def __init__(self, plain: str, values: Values) -> None:
        self.plain = plain
        self.values = values
        self.atoms = values.atoms

    @cached_property
    def _people(self) -> bool:
        """Whether the criterion names people."""
        return any(atom.kind == "Q" for atom in self.atoms)

    def holds(self, constraint: Constraint) -> bool:
        """Return whether a value is an age, though no word of its own says age."""
        unit = constraint.units[0] if constraint.units else ""
        words = self.plain[constraint.start : constraint.end].lower()
        if "age of" in words and set(constraint.units or ("a",)) & TIMES:
            return True
        if unit not in ("a", "mo", "wk", "d"):
            return False
        if any(word in words for word in ("older", "younger", "elder", "of age")) or words.endswith(_OLD):
            return self._people or (unit == "a" and constraint.bounds[0][1] >= 5)
        return self._beside(constraint, unit)

    def _beside(self, constraint: Constraint, unit: str) -> bool:
        """Return whether what stands before or after a length of time makes it an age."""
        before = self.atoms[max(0, constraint.first - 3) : constraint.first]
        after = self.values.kind(constraint.after)
        following = self.values.text(constraint.after)
        if after == "A" or (after == "M" and following == "age"):
            return unit == "a" or self._people
        if following in _NOT_AN_AGE:
            return False
        if unit == "a" and [atom.kind for atom in before[-2:]] == ["M", "("] and before[-2].text in _SCALES:
            return True
        people = any(atom.kind == "Q" for atom in before)
        if people and all(atom.kind in "QLB(,:WE" and atom.text not in _NOT_PEOPLE for atom in before[-2:]):
            young = any(atom.text[:5] in ("infan", "child", "newbo", "neona") for atom in before)
            return unit == "a" or (unit in ("mo", "d") and young)
        return unit == "a" and self._opens_item(constraint, after, following)

    def _opens_item(self, constraint: Constraint, after: str, following: str) -> bool:
        """Return whether a criterion begins with years (`18-65 years, inclusive`)."""
        if not constraint.signed or constraint.first > 1:
            return False
        if not all(atom.kind in "L(:•-R" for atom in self.atoms[: constraint.first]):
            return False
        low = constraint.rule in ("range", "between") or any(op in (">=", ">") for op, _ in constraint.bounds)
        return low and (after in ("", ".", "L", "(", ")", ";", "Q", ",", ":", "-", "R") or following in AFTER_AGE)
