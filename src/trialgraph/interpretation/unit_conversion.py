"""Values in other units of the same kind of quantity; mass is never turned into amount of substance.

>>> converted(90, "g/L", "g/dL"), converted(100, "umol/L", "mg/dL"), usual_unit("platelets", "/mm3")
(9.0, None, '10*9/L')
"""

from functools import cache
from typing import Final

from trialgraph.interpretation.lexicon import rows
from trialgraph.interpretation.measurement_terms import measurements

DAYS_OF_MONTH: Final = 30.4375
_UNITLESS: Final = ("{score}", "1", None)


@cache
def _factors() -> dict[str, tuple[str, float]]:
    """Return the kind of quantity and the factor of each unit of `comparable_units.tsv`."""
    return {row["unit"]: (row["quantity"], float(row["factor"])) for row in rows("comparable_units")}


def converted(value: float, unit: str | None, into: str | None) -> float | None:
    """Return a value in another unit of the same kind, None where there is none."""
    if unit == into or (unit in _UNITLESS and into in _UNITLESS):
        return value
    factors = _factors()
    if unit not in factors or into not in factors:
        return None
    (kind, factor), (other, divisor) = factors[unit], factors[into]
    if kind != other:
        if {kind, other} != {"time", "days"}:
            return None
        factor *= DAYS_OF_MONTH if kind == "time" else 1 / DAYS_OF_MONTH
    return round(value * factor / divisor, 9)


def usual_unit(what: str, unit: str | None) -> str | None:
    """Return the first unit of a measurement that a value in `unit` can be told in."""
    units = [each for each in measurements()[what].ranges if each != "-"]
    return next((each for each in units if converted(1, unit, each) is not None), None)
