"""The stage of a dose in a sequence, told by its rule: loading, maintenance, or a step of a titration."""

import re
from collections.abc import Sequence
from typing import Any, Final

from trialgraph.interpretation.dose_amounts import Amount
from trialgraph.interpretation.regimen_state import RegimenText

LOADING: Final = "dose/loading"
MAINTENANCE: Final = "dose/maintenance"
STEP: Final = "dose/step"
_LOADING: Final = re.compile(r"\bload(?:ing)?\b[^.;,]{0,24}$")
_LOADING_BEHIND: Final = re.compile(r"[^.;,(]{0,22}\(?(?:as (?:a )?)?load(?:ing)?\b")
_MAINTENANCE: Final = re.compile(r"\bmaintenance\b[^.;,]{0,30}$")
_MAINTENANCE_BEHIND: Final = re.compile(r"[^.;,(]{0,22}\(?(?:as (?:a )?)?maintenance\b")
_ON: Final = re.compile(
    r"\b(?:then|followed by|increas|titrat|escalat|up-?titrat|doubl|rais|reduc|decreas|taper|thereafter|subsequent"
    r"|stepwise|step \d|week \d|after \w+ (?:days?|weeks?|months?)|for (?:the )?(?:next|following|remaining))"
)
_MOST: Final = 100


def mark_stages(state: RegimenText, doses: Sequence[tuple[dict[str, Any], Amount]]) -> None:
    """Say in the rule of each dose which stage it is, where the words beside it or between two doses tell.

    A dose that follows one of the same agent in the same unit behind words like "then increased to" makes both steps.
    """
    folded = state.text.folded
    given = [(dose, amount) for dose, amount in doses if dose["role"] == "dose"][:_MOST]
    last: dict[tuple[str, str], tuple[dict[str, Any], Amount]] = {}
    for dose, amount in given:
        before, after = folded[max(0, amount.start - 40) : amount.start], folded[amount.end : amount.end + 40]
        key = dose["agent"].lower(), dose["unit"]
        if _LOADING.search(before) or _LOADING_BEHIND.match(after):
            dose["rule"] = LOADING
        elif _MAINTENANCE.search(before) or _MAINTENANCE_BEHIND.match(after):
            dose["rule"] = MAINTENANCE
        elif key in last:
            previous, place = last[key]
            if previous["amount"] != dose["amount"] and _ON.search(folded, place.end, amount.start):
                dose["rule"] = STEP
                previous["rule"] = previous["rule"] if previous["rule"] in (LOADING, MAINTENANCE) else STEP
        last[key] = dose, amount
