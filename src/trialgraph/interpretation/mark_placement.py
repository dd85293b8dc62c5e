"""Which dose of its sentence a word of schedule stands beside: one before, the next, one outside."""

import re
from bisect import bisect_right
from typing import Final

from trialgraph.interpretation.dose_scope import Scope
from trialgraph.interpretation.mark import Mark
from trialgraph.interpretation.step_brackets import outside_steps

_SEPARATOR: Final = re.compile(
    r",|;|\+|/|\band\b|\bplus\b|\bor\b|\bthen\b|\bwith\b|\bfollowed\b|\bversus\b|\bvs\b|\bcombined\b|\n|\. "
)
_BESIDE: Final = 40
"""Letters between what is told together."""
FOLLOWED: Final = re.compile(r"\bfollowed\b|\bthen\b|\bthereafter\b")
"""What is given next."""
_FOLLOWING: Final = re.compile(r"\b(?:followed by|then)(?: an?)?\s$")
_PERIOD_OF: Final = re.compile(
    r"\s?(?:of )?(?:(?:treatment|dosing|maintenance|daily|period|phase|course) ){0,3}"
    r"(?:with|of|at|on) (?:a dose of )?"
)
"""Behind how long the next dose is given: "followed by 15 weeks of treatment with"."""
_LEADS: Final = re.compile(r"\b(?:of|with|and|plus|or|receiv\w*|then)\s$")
_HOW_LONG: Final = re.compile(r"\s?(?:for|over|during|x)\s\d")
"""Behind what is said of a dose, where it goes on with how long: "IV for 12 weeks"."""
_HEADS: Final = re.compile(r"\s?:\s?")
"""Behind days that head what is given on them: "DAYS 1 to 7: drug 5 mg"."""
_GIVEN_OF: Final = re.compile(
    r"(?:ly)?\s(?:bolus |push |drip )?(?:infusions?|injections?|bolus(?:es)?|doses?) of (?:a |an )?"
)
"""Behind a route, where an amount follows that is given by it: "IV infusion of 75 mg"."""
_DOSE_OF: Final = re.compile(r"\s?(?:doses?|dosages?)(?: of)?\s?")


def place(mark: Mark, inside: list[Scope], folded: str) -> None:
    """Give a mark to the scope of its sentence it stands beside."""
    if mark.start < inside[0].start:
        inside[0].lead.setdefault(mark.slot, []).append(mark)
        return
    index = bisect_right(inside, mark.start, key=lambda scope: scope.start) - 1
    scope = inside[index]
    whole = outside_steps(scope, mark, folded)
    if whole is not None:
        whole.own.setdefault(mark.slot, []).append(mark)
        return
    outer = _outside(inside, index, mark, folded)
    if outer is not None and mark.slot != "infusion":
        outer.own.setdefault(mark.slot, []).append(mark)
    following = inside[index + 1] if index + 1 < len(inside) else None
    if _is_of_nothing(mark, scope, following, folded):
        return
    if following is not None and mark.start >= scope.amount_end and _leads_next(mark, scope, following, folded):
        following.lead.setdefault(mark.slot, []).append(mark)
        return
    scope.own.setdefault(mark.slot, []).append(mark)


_PLUS: Final = re.compile(r"(?:\bplus|\band|\bwith|\bfollowed by|\bafter|\+)\s(?:[a-z]+ )?$")
_RISING_BY: Final = re.compile(r"\b(?:increas|rais|titrat|escalat)\w* by\b(?:[^.;()]|\.\d)*$")
_WITHOUT: Final = re.compile(
    r"\b(?:followed by|then)\b[^.;]{0,60}"
    r"\b(?:without|off|free|wash-?out|observation|no (?:further )?treatment)\b[^.;]{0,30}$"
)
"""Before what ends a time in which nothing is given."""
_OF_CHEMOTHERAPY: Final = re.compile(
    r"\sof (?:[a-z-]+ ){0,3}(?:chemotherapy|chemoradi\w+|immunotherapy|radiotherapy)\b"
)


def _is_of_nothing(mark: Mark, scope: Scope, following: Scope | None, folded: str) -> bool:
    """Return whether a mark behind a dose is told of what has no amount.

    "Day 1: A 50 mg Day 2-8: washout", "A 2 g/m2/day, followed by B thrice weekly".
    """
    if mark.start < scope.amount_end or not scope.real:
        return False
    if mark.slot == "days":
        head = _HEADS.match(folded, mark.end) if "days" in scope.lead else None
        return head is not None and (following is None or following.start - head.end() > _BESIDE // 2)
    if mark.slot == "duration":  # "starting with 2.5 mg and increasing by 2.5 mg monthly over 6 months"
        return _RISING_BY.search(folded, max(scope.amount_end, mark.start - 2 * _BESIDE), mark.start) is not None
    if mark.slot == "cycles":  # "A 1200 mg plus 4-6 cycles of chemotherapy"
        joined = _PLUS.search(folded, scope.amount_end, mark.start) is not None
        return joined and _OF_CHEMOTHERAPY.match(folded, mark.end) is not None
    if mark.slot == "until":  # "A for 6 months, followed by 6 months without A, until the end of the study"
        return _WITHOUT.search(folded, max(scope.amount_end, mark.start - 2 * _BESIDE), mark.start) is not None
    followed = mark.slot == "frequency" and scope.timed
    return followed and FOLLOWED.search(folded, scope.amount_end, mark.start) is not None


def _leads_next(mark: Mark, scope: Scope, following: Scope, folded: str) -> bool:
    """Return whether a mark between two doses is told of the second: "A 5 mg with weekly B 50 mg"."""
    before, after = folded[scope.amount_end : mark.start], folded[mark.end : following.start]
    slot = mark.slot
    if slot == "infusion" and _FOLLOWING.search(before) and not _FOLLOWING.search(after):
        return True
    if (
        slot == "duration"
        and (_FOLLOWING.search(before) or before.endswith("followed "))
        and _PERIOD_OF.fullmatch(after)
    ):
        return True
    if slot == "frequency" and (
        _DOSE_OF.fullmatch(after) or (after.isspace() and _LEADS.search(before[-_BESIDE:]) is not None)
    ):
        return True
    if (slot == "days" and _HEADS.fullmatch(after[:_BESIDE])) or (slot == "route" and _GIVEN_OF.fullmatch(after)):
        return True
    separated = list(_SEPARATOR.finditer(before))
    parted = _SEPARATOR.search(after) or _HOW_LONG.match(after)
    adjacent = not parted and len(after) < _reach(slot, before)
    return adjacent and (not scope.real or (bool(separated) and len(before) - separated[-1].end() < 26))


def _reach(slot: str, before: str) -> int:
    """Return how near behind a mark a dose stands that it is told of."""
    if slot in ("cycle", "cycles", "duration", "until"):
        return 0
    if slot == "frequency" and re.search(r"\b(?:followed|then)(?: by)?\s?$", before):
        return 40
    if slot == "days" and re.search(r"[,;]\s?(?:from |on |and )?$", before):
        return 34
    return 26 if slot == "route" else 14


def _outside(inside: list[Scope], index: int, mark: Mark, folded: str) -> Scope | None:
    """Return the dose before a bracket that holds another: "6 mg/kg (loading dose 8 mg/kg) on day 1" is of both."""
    scope, before = inside[index], inside[index - 1] if index else None
    if before is None or not before.real or mark.start < scope.amount_end or mark.slot in before.own:
        return None
    opening = folded.rfind("(", before.amount_end, scope.amount_start)
    closed = folded.find(")", scope.amount_end, mark.start)
    if opening < 0 or closed < 0 or opening > before.amount_end + 2 or mark.start - closed > _BESIDE:
        return None
    if folded.find(")", opening, scope.amount_start) >= 0:
        return None  # "5 mg (1 tablet), then 10 mg (2 tablets) until surgery"
    return before if scope.agent == before.agent else None
