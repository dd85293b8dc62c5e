"""Stages of doses in a sequence, told by rule, and steps in the order of time."""

import re
from collections.abc import Iterator, Sequence
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
    r"|before that|preceded by|from (?:an? )?(?:initial |starting )?(?:dose )?(?:of )?$|stepwise|step \d|week \d"
    r"|after \w+ (?:days?|weeks?|months?)|for (?:the )?(?:next|following|remaining))"
)
_UP: Final = re.compile(r"\b(?:increas|titrat|escalat|up-?titrat|doubl|rais|step-?up|target)")
_DOWN: Final = re.compile(r"\b(?:reduc|decreas|taper|down-?titrat|de-?escalat|lower|halv|wean|step-?down)")
_TIME: Final = re.compile(r"\b(?P<unit>day|week|month|year)s?\s(?P<number>\d{1,3})(?!\d|\.\d)")
_DAYS: Final = {"day": 1, "week": 7, "month": 30.4, "year": 365}
_MOST: Final = 100
_NEAR: Final = 80

Placed = tuple[dict[str, Any], Amount]


def _stage(before: str, after: str) -> str | None:
    """Return the stage that the words behind an amount tell, or those before it."""
    if _LOADING_BEHIND.match(after):
        return LOADING
    if _MAINTENANCE_BEHIND.match(after):
        return MAINTENANCE
    return LOADING if _LOADING.search(before) else MAINTENANCE if _MAINTENANCE.search(before) else None


def mark_stages(state: RegimenText, doses: Sequence[Placed]) -> None:
    """Say in the rule of each dose which stage it is, where the words beside it or between two doses tell.

    A dose that follows one of the same agent in the same unit behind words like "then increased to" makes both steps,
    and so do doses of which the text tells the weeks one by one.
    """
    folded = state.text.folded
    given = [(dose, amount) for dose, amount in doses if dose["role"] == "dose"][:_MOST]
    last: dict[tuple[str, str], Placed] = {}
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
            if previous["amount"] != dose["amount"] and _goes_on(folded, previous, place, amount):
                dose["rule"] = STEP
                previous["rule"] = previous["rule"] if previous["rule"] in (LOADING, MAINTENANCE) else STEP
        last[key] = dose, amount
    state.steps = list(_in_time(folded, given))


def _goes_on(folded: str, previous: dict[str, Any], place: Amount, amount: Amount) -> bool:
    """Return whether a dose follows the one before it in time."""
    if _ON.search(folded, place.end, amount.start):
        return True
    numbered = _TIME.search(folded, place.end, amount.start) is not None
    behind = _TIME.search(folded, amount.end, amount.end + _NEAR) is not None
    return previous["rule"] == STEP and numbered and behind


def _in_time(folded: str, given: Sequence[Placed]) -> Iterator[list[dict[str, Any]]]:
    """Yield the doses of each agent that follow each other, in the order of time.

    The order is that of the weeks that the text tells; where it tells none, what is raised goes up, what is tapered
    goes down, a loading dose is the first and a maintenance dose the last; else it is the order of the text.
    """
    by_agent: dict[tuple[str, str], list[Placed]] = {}
    for dose, amount in given:
        if dose["rule"] in (LOADING, STEP, MAINTENANCE):
            by_agent.setdefault((dose["agent"].lower(), dose["unit"]), []).append((dose, amount))
    for some in by_agent.values():
        if len(some) < 2:
            continue
        steps = [one for one in some if one[0]["rule"] == STEP]
        steps = _by_weeks(folded, steps) or _by_amount(folded, steps)
        loading = [one for one in some if one[0]["rule"] == LOADING]
        maintenance = [one for one in some if one[0]["rule"] == MAINTENANCE]
        yield [dose for dose, _ in (*loading, *steps, *maintenance)]


def _by_weeks(folded: str, steps: Sequence[Placed]) -> list[Placed] | None:
    """Return steps by the weeks that stand before each or behind each; None where the text does not tell them all."""
    before: list[float | None] = []
    behind: list[float | None] = []
    for number, (_, amount) in enumerate(steps):
        floor = steps[number - 1][1].end if number else 0
        ceiling = steps[number + 1][1].start if number + 1 < len(steps) else len(folded)
        told = list(_TIME.finditer(folded, max(floor, amount.start - _NEAR), amount.start))
        before.append(_days(told[-1]) if told else None)
        said = _TIME.search(folded, amount.end, min(ceiling, amount.end + _NEAR))
        behind.append(_days(said) if said else None)
    # Where nothing stands before the first, what stands before the others is told of those before them.
    for times in (before, behind) if before and before[0] is not None else (behind,):
        if len(steps) > 1 and None not in times and len(set(times)) == len(times):
            return [one for _, one in sorted(zip(times, steps, strict=True), key=lambda pair: pair[0] or 0)]
    return None


def _days(match: re.Match[str]) -> float:
    return _DAYS[match["unit"]] * int(match["number"])


def _by_amount(folded: str, steps: Sequence[Placed]) -> list[Placed]:
    """Return steps by their amounts, where the words about them say that they only go up, or only go down."""
    if len(steps) < 2:
        return list(steps)
    start = max(0, min(amount.start for _, amount in steps) - _NEAR)
    end = min(max(amount.end for _, amount in steps) + _NEAR, start + _NEAR * _MOST)
    up, down = (pattern.search(folded, start, end) is not None for pattern in (_UP, _DOWN))
    try:
        amounts = [float(dose["amount"]) for dose, _ in steps]
    except ValueError:
        return list(steps)  # a combination has several
    if up == down:
        return list(steps)
    order = sorted(range(len(steps)), key=lambda number: amounts[number], reverse=down)
    return [steps[number] for number in order]
