"""One concept of a trial, and the fields of a record that concepts are read from.

>>> whole("TEST_ARMS", "armsInterventionsModule.armGroups[0].type", "EXPERIMENTAL", "trial/arms", 2).value
2
"""

from typing import Final

from trialgraph.interpretation.finding import Finding
from trialgraph.interpretation.value_class import value_class

FIELDS: Final = {
    "title": (("identificationModule", "briefTitle"), ("identificationModule", "officialTitle")),
    "summary": (("descriptionModule", "briefSummary"),),
    "description": (("descriptionModule", "detailedDescription"),),
}


@value_class(frozen=True, slots=True, kw_only=True)
class TrialConcept(Finding):
    """A concept of a trial; `path` begins with the module, `value` is the number of arms where it counts them."""

    concept: str
    value: int | None = None


def hyphened(concept: str) -> str:
    """Return the code of a concept as rules name it: `TEST_ARMS` is `test-arms`."""
    return concept.lower().replace("_", "-")


def whole(concept: str, path: str, value: str, rule: str, number: int | None = None) -> TrialConcept:
    """Return a concept that rests on the whole value of a field."""
    return TrialConcept(concept=concept, path=path, start=0, end=len(value), exact=value, rule=rule, value=number)
