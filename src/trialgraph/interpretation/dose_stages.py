"""The stage of a dose in a sequence, told by its rule: loading, maintenance, or a step of a titration."""

import re
from collections.abc import Sequence
from typing import Any, Final

from trialgraph.interpretation.dose_amounts import Amount
from trialgraph.interpretation.regimen_state import RegimenText

LOADING: Final = "dose/loading"
MAINTENANCE: Final = "dose/maintenance"
STEP: Final = "dose/step"
_LOADING: Final = re.compile(r"\bload(?:ing)?\b(?:[^.;,()]|\([^()]*\)){0,24}$")
_NO_AMOUNT: Final = r"(?: doses?\b(?!\s?(?:of |: ?|= ?)?\d)|(?! dose)(?!\s?(?:of |: ?|= ?)?\d))"
_LOADING_BEHIND: Final = re.compile(rf"[^.;,(\d]{{0,22}}\(?(?:as (?:a )?)?load(?:ing)?\b{_NO_AMOUNT}")
_MAINTENANCE: Final = re.compile(r"\bmaintenance\b(?:[^.;,()]|\([^()]*\)){0,30}$")
_MAINTENANCE_BEHIND: Final = re.compile(rf"[^.;,(\d]{{0,22}}\(?(?:as (?:a )?)?maintenance\b{_NO_AMOUNT}")
_ON: Final = re.compile(
    r"\b(?:then|followed by|increas|titrat|escalat|up-?titrat|doubl|rais|reduc|decreas|taper|thereafter|subsequent"
    r"|stepwise|step \d|week \d|after \w+ (?:days?|weeks?|months?)|for (?:the )?(?:next|following|remaining))"
)
_MOST: Final = 100


def _stage(before: str, after: str) -> str | None:
    """Return the stage that the words behind an amount tell, or those before it."""
    if _LOADING_BEHIND.match(after):
        return LOADING
    if _MAINTENANCE_BEHIND.match(after):
        return MAINTENANCE
    return LOADING if _LOADING.search(before) else MAINTENANCE if _MAINTENANCE.search(before) else None


def mark_stages(state: RegimenText, doses: Sequence[tuple[dict[str, Any], Amount]]) -> None:
    """Say in the rule of each dose which stage it is, where the words beside it or between two doses tell.

    A dose that follows one of the same agent in the same unit behind words like "then increased to" makes both steps.
    """
    folded = state.text.folded
    given = [(dose, amount) for dose, amount in doses if dose["role"] == "dose"][:_MOST]
    last: dict[tuple[str, str], tuple[dict[str, Any], Amount]] = {}
    floor = 0
    for dose, amount in given:
        before = folded[max(floor, amount.start - 40) : amount.start]
        floor = max(floor, amount.end)
        key = dose["agent"].lower(), dose["unit"]
        stage = _stage(before, folded[amount.end : amount.end + 40])
        if stage:
            dose["rule"] = stage
        elif key in last:
            previous, place = last[key]
            if previous["amount"] != dose["amount"] and _ON.search(folded, place.end, amount.start):
                dose["rule"] = STEP
                previous["rule"] = previous["rule"] if previous["rule"] in (LOADING, MAINTENANCE) else STEP
        last[key] = dose, amount
