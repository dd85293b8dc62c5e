"""Biomarkers of a record: states that contradict each other are alternatives, none is required.

>>> place = {"path": "", "start": 0, "end": 0, "exact": "", "rule": ""}
>>> fact = PopulationFact(kind="biomarker", code="ER", requirement="required", **place)
>>> both = [replace(fact, sign="positive"), replace(fact, sign="negative")]
>>> [(each.sign, each.requirement) for each in settled(both)]
[('positive', 'allowed'), ('negative', 'allowed')]
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from trialgraph.interpretation.biomarker import ALLOWED, FORBIDDEN
from trialgraph.interpretation.biomarker_changes import REQUIRED
from trialgraph.interpretation.population_terms import PopulationFact

__all__ = ["PopulationFact", "replace", "settled"]

_TRIPLE: Final = "TRIPLE_NEGATIVE"
_HORMONES: Final = frozenset(("ER", "PR", "HR"))
_RECEPTORS: Final = _HORMONES | {"HER2"}


def settled(facts: Sequence[PopulationFact]) -> list[PopulationFact]:
    """Return the facts of a record with its biomarkers in agreement, in their order.

    A marker that is required in both signs is allowed in either; what is only allowed is left out where the marker
    is required, and so is what forbids the same (in the germline, or in another tumour); a title that forbids what
    criteria require or allow speaks of one group.
    """
    markers = [fact for fact in facts if fact.kind == "biomarker"]
    if len(markers) < 2:
        return list(facts)
    either = _either(
        {(fact.code, fact.sign) for fact in markers if fact.requirement == REQUIRED and not fact.variant},
        {fact.code for fact in markers if fact.requirement == ALLOWED and fact.sign == "positive"},
    )
    opened = [_opened(fact, either, markers) if fact.kind == "biomarker" else fact for fact in facts]
    required = [fact for fact in opened if fact.kind == "biomarker" and fact.requirement == REQUIRED]
    kept = [fact for fact in opened if not (fact.kind == "biomarker" and _idle(fact, required))]
    seen: set[tuple[object, ...]] = set()
    result = []
    for fact in kept:
        key = (
            fact.kind,
            fact.code,
            fact.requirement,
            fact.sign,
            fact.variant,
            fact.op,
            fact.low,
            fact.high,
            fact.outcome,
        )
        if fact.kind != "biomarker" or key not in seen:
            result.append(fact)
        seen.add(key)
    return result


def _either(required: set[tuple[str, str | None]], allowed: set[str]) -> frozenset[str]:
    """Return the markers required in both signs; all receptors where triple negative is one of several.

    `allowed` are the markers that may be positive.
    """
    codes = {code for code, sign in required if sign == "positive" and (code, "negative") in required}
    positive = {code for code, sign in required if sign == "positive"}
    if _TRIPLE in positive and positive & _RECEPTORS:
        codes |= {_TRIPLE, *(_RECEPTORS if "HER2" in positive else ())}
    if _TRIPLE in positive and (positive | allowed) & _HORMONES:
        codes |= {_TRIPLE, *_HORMONES}
    return frozenset(codes)


def _opened(fact: PopulationFact, either: frozenset[str], markers: Sequence[PopulationFact]) -> PopulationFact:
    """Return a fact that only one of several groups fulfils as allowed."""
    if fact.requirement == REQUIRED and fact.code in either and not fact.variant:
        return replace(fact, requirement=ALLOWED)
    if fact.requirement == FORBIDDEN and fact.path.endswith("Title"):
        for other in markers:
            same = (other.code, other.sign, other.variant) == (fact.code, fact.sign, fact.variant)
            if same and other.requirement != FORBIDDEN:
                return replace(fact, requirement=ALLOWED)
    return fact


def _idle(fact: PopulationFact, required: Sequence[PopulationFact]) -> bool:
    """Return whether a fact says nothing beside one that requires: what allows, or forbids the same elsewhere."""
    if fact.requirement == REQUIRED:
        return fact.or_another is True and any(
            other.or_another is None
            and (other.code, other.sign, other.variant) == (fact.code, fact.sign, fact.variant)
            for other in required
        )
    if fact.requirement == FORBIDDEN:
        same = (fact.code, fact.sign, fact.variant)
        return fact.op is None and any((other.code, other.sign, other.variant) == same for other in required)
    for other in required:
        if other.code == fact.code and (other.variant is None or other.variant == fact.variant):
            return True
        if fact.code == _TRIPLE and other.code in _RECEPTORS and other.sign == "positive":
            return True
    return False
