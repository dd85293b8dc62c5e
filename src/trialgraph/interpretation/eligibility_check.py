"""A value held against the criteria of a trial: met, not met, unknown, conflict or unsupported.

A value of one measurement is held against every comparison of it, on either side, in the same unit or in units of the
same kind; mass is never turned into amount of substance, and a limit of normal needs the limit.

>>> text = "Inclusion Criteria:\\n\\n* Platelets >= 100 x 10^9/L\\n\\nExclusion Criteria:\\n\\n* Age under 18 years"
>>> criteria = read_criteria(text)
>>> [check(criteria, each).verdict for each in (Value("platelets", 90, "10*9/L"), Value("platelets", 150000, "/uL"))]
['not met', 'met']
>>> check(criteria, Value("age", 17, "a")).verdict, check(criteria, Value("age", None)).verdict
('not met', 'unknown')
>>> check(criteria, Value("platelets", 3, "[ULN]")).verdict, check(criteria, Value("inr", 1)).verdict
('unsupported', 'unsupported')
"""

import operator
import re
from collections.abc import Callable, Sequence
from typing import Final

from trialgraph.interpretation.criterion_scope import DONOR
from trialgraph.interpretation.eligibility import Criterion, MeasuredBound, read_criteria
from trialgraph.interpretation.measurement_terms import measurements
from trialgraph.interpretation.unit_conversion import converted
from trialgraph.interpretation.value_class import value_class

__all__ = ["CONFLICT", "MET", "NOT_MET", "UNKNOWN", "UNSUPPORTED", "Check", "Value", "check", "read_criteria"]

MET: Final = "met"
NOT_MET: Final = "not met"
UNKNOWN: Final = "unknown"
CONFLICT: Final = "conflict"
UNSUPPORTED: Final = "unsupported"


_OPERATORS: Final[dict[str, Callable[[float, float], bool]]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
}


@value_class(frozen=True, slots=True)
class Value:
    """What is known of a participant: a measurement of `measurements.tsv`, its value (None: not known), its unit."""

    what: str
    value: float | None
    unit: str | None = None


@value_class(frozen=True, slots=True)
class Check:
    """What came of it: a verdict, and the criteria that it rests on, each with its own."""

    what: str
    verdict: str
    criteria: tuple[tuple[Criterion, str], ...]


def check(
    criteria: Sequence[Criterion], given: Value, registered: tuple[float | None, float | None] = (None, None)
) -> Check:
    """Hold a value against the criteria; `registered` are the ages in years that the registry's own fields bound.

    `unsupported`: no criterion compares the measurement in a way that can be told, or its unit is another.
    `conflict`: the fields of the registry and the text disagree about the value, or alternatives of one side do.
    `unknown`: the value is not known, or lies between limits that hold for different participants.
    """
    asked = [each for each in criteria if each.group != DONOR]
    named = [each for each in asked if any(bound.what == given.what for bound in each.comparisons)]
    judged = [(each, _judge(each, given)) for each in named]
    verdicts = [verdict for _, verdict in judged]
    by_fields = _registered(given, registered)
    return Check(given.what, _verdict(verdicts, by_fields), tuple(judged))


def _verdict(verdicts: Sequence[str], by_fields: str | None) -> str:
    """Return the verdict of all criteria together: one that is not met decides."""
    told = [verdict for verdict in verdicts if verdict != UNSUPPORTED]
    if not told:
        return by_fields or UNSUPPORTED
    text = next((verdict for verdict in (NOT_MET, CONFLICT, UNKNOWN) if verdict in told), MET)
    if by_fields in (MET, NOT_MET) and text in (MET, NOT_MET) and by_fields != text:
        return CONFLICT
    return text


def _registered(given: Value, registered: tuple[float | None, float | None]) -> str | None:
    low, high = registered
    if given.what != "age" or (low is None and high is None):
        return None
    if given.value is None:
        return UNKNOWN
    years = converted(given.value, given.unit or "a", "a")
    if years is None:
        return UNSUPPORTED
    # A registered maximum of 75 years includes the whole year of life.
    return MET if (low is None or years >= low) and (high is None or years < high + 1) else NOT_MET


def _judge(criterion: Criterion, given: Value) -> str:
    """Return the verdict of one criterion."""
    bounds = [bound for bound in criterion.comparisons if bound.what == given.what]
    if criterion.side is None:
        return UNSUPPORTED
    if given.value is None:
        return UNKNOWN
    told = [_holds(bound, given) for bound in bounds]
    if any(each is None for each in told):
        return UNSUPPORTED
    verdict = _alone(criterion, bounds, [bool(each) for each in told])
    others = any(bound.what != given.what for bound in criterion.comparisons)
    deciding = "any" if (criterion.side == "inclusion") == criterion.negated else "all"
    # A value may fail where another of the criterion's measurements still fulfils it, or excludes only with another.
    return UNKNOWN if verdict == NOT_MET and others and criterion.combination != deciding else verdict


def _alone(criterion: Criterion, bounds: Sequence[MeasuredBound], told: Sequence[bool]) -> str:
    """Return the verdict of the bounds of one measurement, whatever else the criterion compares."""
    groups = [
        [bool(each) for bound, each in zip(bounds, told, strict=True) if bound.op in ops]
        for ops in ((">", ">="), ("<", "<="), ("range", "="))
    ]
    if (criterion.side == "inclusion") == criterion.negated:
        return _excluded(*groups)
    groups = [group for group in groups if group]
    if all(all(group) for group in groups):
        return MET
    return UNKNOWN if all(any(group) for group in groups) else NOT_MET


def _excluded(lows: Sequence[bool], highs: Sequence[bool], both: Sequence[bool]) -> str:
    """Return the verdict of a criterion that forbids: alternatives of one direction leave the value between open."""
    if any(all(group) for group in (lows, highs) if group) or any(both):
        return NOT_MET
    return UNKNOWN if any(lows) or any(highs) else MET


_POINTS_OF_HUNDRED: Final = ("karnofsky", "lansky")
"""Scales whose points are written as percents too."""


def _holds(bound: MeasuredBound, given: Value) -> bool | None:
    """Return whether a value lies within a bound; None where the units cannot be compared."""
    if given.value is None:
        return None
    implied = measurements()[bound.what].implied
    unit, written = given.unit or implied, _written(bound, implied)
    if bound.what in _POINTS_OF_HUNDRED:
        unit, written = (None if each == "%" else each for each in (unit, written))
    value = converted(given.value, unit, written)
    if value is None:
        return None
    if bound.op == "range":
        return bound.low is not None and bound.high is not None and bound.low <= value <= bound.high
    limit = bound.low if bound.low is not None else bound.high
    if limit is None:
        return None
    return _OPERATORS[bound.op](value, limit)


def _written(bound: MeasuredBound, implied: str | None) -> str | None:
    """Return the unit of a bound; cell counts without one are told by their size."""
    if bound.unit is not None:
        return bound.unit
    if implied is None and bound.what in ("platelets", "neutrophils", "leukocytes", "lymphocytes"):
        size = bound.low if bound.low is not None else bound.high or 0.0
        return "/uL" if size >= (2000 if bound.what == "platelets" else 100) else "10*9/L"
    return implied


_GIVEN: Final = re.compile(r"(?P<what>[a-z0-9-]+)=(?P<value>\d+(?:\.\d+)?|unknown)(?:\s+(?P<unit>\S+))?")


def value_of(written: str) -> Value:
    """Return a value as written on a command line; raises ValueError that tells what is wrong.

    >>> value_of("platelets=90 10*9/L"), value_of("ecog=unknown")
    (Value(what='platelets', value=90.0, unit='10*9/L'), Value(what='ecog', value=None, unit=None))
    """
    match = _GIVEN.fullmatch(written.strip())
    if match is None:
        raise ValueError(
            f"{written!r} is not MEASUREMENT=VALUE UNIT, such as 'platelets=90 10*9/L' or 'ecog=unknown'"
        )
    if match["what"] not in measurements():
        raise ValueError(f"{match['what']!r} is no measurement; there are {', '.join(measurements())}")
    value = None if match["value"] == "unknown" else float(match["value"])
    return Value(match["what"], value, match["unit"])
