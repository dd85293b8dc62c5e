"""What a sentence tells once for several doses: back from the end of a list, on from what leads it."""

import re
from collections.abc import Sequence
from typing import Final

from trialgraph.interpretation.dose_scope import Scope
from trialgraph.interpretation.mark import Mark
from trialgraph.interpretation.mark_placement import FOLLOWED
from trialgraph.interpretation.sharing_limits import is_item_of_its_own
from trialgraph.interpretation.step_brackets import (
    share_from_behind,
    share_with_next_steps,
    share_with_steps,
)

TIMING: Final = ("frequency", "days", "cycle", "duration", "until")
"""The slots of when something is given."""
_BEGINNING: Final = re.compile(r"loading|initial|bolus|single|start|first|induction")
_SEQUENCE: Final = re.compile(
    r"\bthen\b|follow|\bafter\b|thereafter|loading|initial|maintenance|"
    r"increas|reduc|until|titrat|escalat|subsequent|\bnext\b|decreas|"
    r"taper|continu(?!ous (?:iv |intravenous )?infusion)|start|once\b(?! (?:daily|a |per |every|weekly))|single"
    r"|bolus|->|then|first|second|induction|switch"
)


def spread(slot: str, inside: list[Scope], folded: str) -> None:
    """Spread a slot within a sentence: own, else back from the end of the list, else on from what leads."""
    for scope in inside:
        if slot in scope.own and not (slot == "route" and _is_of_next_thing(scope, folded)):
            scope.given[slot] = scope.own[slot]
        elif slot in scope.lead:
            scope.given[slot] = _nearest(slot, scope.lead[slot])
    told = [scope for scope in inside if slot == "route" and "route" in scope.own]
    for index, scope in enumerate(inside):
        if slot in scope.given or (len(told) > 1 and _is_alternative(inside, index, folded)):
            continue
        for later in inside[index + 1 : index + 30]:
            if later.barrier:
                break
            if slot in later.own or slot in later.lead:
                if not _is_of_list(scope, later, slot) and _shares(scope, later, slot, folded):
                    told_too = _of_both(inside[index:], later, slot)
                    if told_too:
                        scope.given[slot] = told_too
                break
    share_from_behind(slot, inside, folded)
    share_with_steps(slot, inside, folded)
    share_with_next_steps(slot, inside, folded)
    if slot in ("cycle", "cycles"):
        _share_with_each_cycle(slot, inside, folded)
    _spread_on(slot, inside, folded)


def _is_of_next_thing(scope: Scope, folded: str) -> bool:
    """Return whether a route behind a comma is of something without an amount: "oral A (5 mg), nasal oxygen"."""
    if "route" not in scope.lead or scope.start - scope.lead["route"][-1].end > 1:
        return False
    return "," in folded[scope.amount_end : scope.own["route"][0].start]


def _of_both(inside: Sequence[Scope], later: Scope, slot: str) -> list[Mark]:
    """Return what is said of a later dose and of the first of some doses too.

    "A on day 1 and B twice daily on days 1 to 14, every 3 weeks": the three weeks are of both.
    """
    marks = later.own[slot]
    first = next(scope for scope in inside if scope is later or "days" in scope.own)
    if slot != "frequency" or "days" not in first.own:
        return marks
    if "days" in later.own and first.own["days"][0].value == later.own["days"][0].value:
        return marks
    return [mark for mark in marks if mark.value[2] in ("wk", "mo") or (mark.value[2] == "d" and _is_long(mark))]


def _is_long(mark: Mark) -> bool:
    """Return whether an interval in days is that of a cycle: "every 21 days"."""
    return mark.value[1] is not None and float(mark.value[1]) >= _WEEK


_WEEK: Final = 7


def _is_of_list(scope: Scope, later: Scope, slot: str) -> bool:
    """Return whether how long a list of drugs in brackets is given is not told of the other drug before it."""
    outside = later.opening >= 0 and scope.opening != later.opening and later.place > 0
    return outside and slot in ("duration", "until") and scope.agent != later.agent


def _spread_on(slot: str, inside: list[Scope], folded: str) -> None:
    """Spread on what leads the doses of a sentence."""
    leading: list[Mark] | None = None
    of_agent: dict[str, list[Mark]] = {}
    for scope in inside:
        leading = _nearest(slot, scope.lead[slot]) if slot in scope.lead else leading
        if slot == "route" and slot in scope.own and _is_or_placebo(scope, folded):
            leading = scope.own[slot]  # "drug or placebo by mouth: drug 3 mg"
        elif slot == "route" and leading and slot in scope.own and scope.own[slot][0].value != leading[0].value:
            leading = None  # "inhaled A 2 %, B 3 mg intravenously and C 5 mg" does not tell how C is given
        if slot == "frequency" and leading and slot not in scope.given and _is_once_before(leading[0], scope, folded):
            leading = None  # "a single loading dose of 500 mg followed by 250 mg"
        if slot not in scope.given and leading is not None:
            scope.given[slot] = leading
        if (
            slot in scope.own
            and slot in ("days", "frequency", "cycle")
            and scope.own[slot][0].end <= scope.amount_start
        ):
            of_agent[scope.agent] = scope.own[slot]  # "A (days 1-5): above 12 kg 400 mg/m2, below 13.3 mg/kg"
        elif slot == "until" and slot in scope.own and scope.own[slot][0].start < scope.amount_start:
            leading = scope.own[slot]  # "up to 5 days of A (or until discharge): 2.5 mg, 5 mg"
        elif slot not in scope.given and scope.real and scope.agent in of_agent and "frequency" not in scope.given:
            scope.given[slot] = of_agent[scope.agent]


def _is_once_before(mark: Mark, scope: Scope, folded: str) -> bool:
    """Return whether what is given once is the dose before this one: another follows it."""
    return mark.value[2] == "once" and FOLLOWED.search(folded, mark.end, scope.start) is not None


_OF_EACH: Final = re.compile(r"\bof (?:each|every|the) (?:cycle|course)\b")
_OF_CYCLE_WITHIN: Final = 120


def _share_with_each_cycle(slot: str, inside: list[Scope], folded: str) -> None:
    """Give a dose the cycles it speaks of: "A as four cycles of 3 weeks, with B on day 1 of each cycle"."""
    for number, scope in enumerate(inside[1:], 1):
        before = inside[number - 1]
        last = number + 1 == len(inside)
        behind = scope.amount_end + _OF_CYCLE_WITHIN if last else inside[number + 1].start
        if slot not in scope.given and slot in before.given and _OF_EACH.search(folded, scope.amount_end, behind):
            scope.given[slot] = before.given[slot]


def _is_or_placebo(scope: Scope, folded: str) -> bool:
    """Return whether a name is the placebo of "drug or placebo"."""
    return not scope.real and "placebo" in scope.agent and folded.endswith("or ", 0, scope.start)


_LISTED: Final = 8
"""More numbers than this no list of a drug's amounts has."""


def _is_alternative(inside: list[Scope], index: int, folded: str) -> bool:
    """Return whether a dose is one of alternatives that tell their routes apart: "A 40 mg sc or B 3 mg/kg"."""
    first = index
    while first and inside[first - 1].agent == inside[index].agent and index - first < _LISTED:
        first -= 1  # "A 40 mg sc or B 3 or 5 mg/kg"
    before = inside[first - 1] if first else None
    return (
        before is not None
        and "route" in before.own
        and " or " in f"{folded[before.amount_end : inside[first].start]} "
    )


def _shares(scope: Scope, later: Scope, slot: str, folded: str) -> bool:
    """Return whether what is said of a later dose of the sentence is said of an earlier one too."""
    if slot not in later.own or (not later.real and slot == "route") or _in_brackets(scope, later, slot, folded):
        return False
    if _is_apart(scope, later, slot) or is_item_of_its_own(scope, later, slot, folded):
        return False
    trailing = later.own[slot][0].start >= later.amount_end
    if slot in ("route", "until", "infusion"):
        return slot == "route" or (trailing and (slot == "infusion" or _stops_both(scope, later, folded)))
    return trailing and _is_told_of_both(scope, later, slot, folded)


def _is_told_of_both(scope: Scope, later: Scope, slot: str, folded: str) -> bool:
    """Return whether a schedule behind the later of two doses is of both, by what stands between them."""
    between = folded[scope.amount_end : later.start]
    before = folded[max(0, scope.amount_start - 22) : scope.amount_start]
    same = scope.agent == later.agent
    raised = same and slot == "frequency" and _RAISED_TO.fullmatch(between)
    if (
        raised
        or (same and _TARGET.fullmatch(between))
        or (slot == "frequency" and _is_followed(scope, later, between))
    ):
        return True
    if slot == "cycle":
        return not _OTHER_CYCLES.search(between)
    return not _SEQUENCE.search(between) and not _BEGINNING.search(before)


def _is_followed(scope: Scope, later: Scope, between: str) -> bool:
    """Return whether two drugs are given one after the other on a day: "A iv followed by B iv every 3 weeks"."""
    timed = any(slot in scope.own or slot in scope.lead for slot in TIMING)
    mark = later.own["frequency"][0]
    apart = (mark.value[2] == "wk" and mark.value[1] not in (None, "1")) or (mark.value[2] == "d" and _is_long(mark))
    return apart and not timed and scope.agent != later.agent and _RIGHT_AFTER.fullmatch(between) is not None


_RIGHT_AFTER: Final = re.compile(r"[^.;,]{0,60}\bfollow(?:ed by|ing) (?:an? |the )?[^.;,]{0,40}")


def _is_apart(scope: Scope, later: Scope, slot: str) -> bool:
    """Return whether a later dose of the sentence has a schedule of its own, whatever stands between the two."""
    if _has_its_own(scope, later, slot):
        return True
    if slot in ("route", "duration") and scope.radiation and later.radiation and scope.agent != later.agent:
        return _is_of_course(slot, later)  # "pelvic radiation 1.8 Gy, brachytherapy 30 Gy over one week"
    if slot == "route" and scope.agent != later.agent and "days" in scope.own and "days" in later.own:
        # "A on day 1 and B orally on days 1 to 14": a route before the days of the second is its own
        days = later.own["days"][0]
        return days.value != scope.own["days"][0].value and later.own["route"][0].start < days.start
    if slot in ("days", "cycle", "cycles") and _is_of_another_schedule(scope, later):
        return True
    if slot == "infusion":
        return later.agent != scope.agent
    # "A daily plus B on days 1 and 15", "A every 3 weeks plus B on days 1-3 every 3 weeks"
    return slot == "days" and ("frequency" in scope.own or "cycle" in scope.own)


def _has_its_own(scope: Scope, later: Scope, slot: str) -> bool:
    """Return whether a dose needs nothing of a later one, which tells its own.

    "A 5 mg with inhaled B 2 puffs by inhaler", "A 400 mg/day for two weeks, 200 mg TIW afterward".
    """
    if slot == "route":
        return slot in later.lead and scope.agent != later.agent
    if slot == "duration":  # "A on day 1, B twice daily for 14 days"
        return "days" in scope.own and "frequency" in later.own and scope.agent != later.agent
    return slot == "frequency" and scope.timed and scope.agent == later.agent and not later.timed


def _is_of_another_schedule(scope: Scope, later: Scope) -> bool:
    """Return whether the cycle of a later dose is not that of an earlier one of the sentence.

    "A 40 mg/m2 for 6 weeks and A 50 mg/m2 on day 1 of a 21-day cycle"; radiation is not given in cycles of drugs.
    """
    timed = "duration" in scope.own and "days" not in scope.own
    return scope.radiation != later.radiation or (timed and "days" in later.own)


def _is_of_course(slot: str, scope: Scope) -> bool:
    """Return whether what is said of a course of radiation is its own: how long, and the technique it is named by."""
    return slot == "duration" or (slot == "route" and scope.own[slot][0].end <= scope.amount_start)


def _stops_both(scope: Scope, later: Scope, folded: str) -> bool:
    """Return whether what ends a later dose of the sentence ends an earlier one too."""
    parted = FOLLOWED.search(folded, scope.amount_end, later.start) is not None
    if scope.agent == later.agent:
        if parted and _BEGINNING.search(folded, max(0, scope.start - 22), scope.amount_start):
            return False  # "loading dose 1 ug/kg, then 0.5 ug/kg/h until the end of surgery"
        return not (parted and "duration" in scope.own)  # "5 mg for two weeks, then 10 mg until the end of the study"
    # "A and B for 4 cycles followed by C until progression"
    return not (parted or ("duration" in scope.own and "duration" in later.own))


_TARGET: Final = re.compile(r"\s?,?\s?(?:with|and|to) (?:a |the )?target (?:maintenance )?doses? of\s")
"""Between the starting and the target dose, which are given alike."""
_RAISED_TO: Final = re.compile(r"\s?,?\s?(?:and )?(?:titrated?|up-?titrated?|increased?|escalated?)(?: up)? to\s")
_OTHER_CYCLES: Final = re.compile(
    r"\bthen\b|follow|\bafter\b|thereafter|maintenance|until|switch|subsequent|\bnext\b|\. |\n"
)
"""Between two doses of which the second is given in cycles of its own."""


def _in_brackets(scope: Scope, later: Scope, slot: str, folded: str) -> bool:
    """Return whether what is said of a later dose stands in its brackets: "A (80 mg) and B (5 mg on day 1)"."""
    mark = (later.own.get(slot) or later.lead[slot])[0]
    opening = folded.rfind("(", max(scope.amount_end, mark.start - 90), min(mark.start, later.amount_start))
    # What opens right behind an amount says it once more: "5 mg (2.5 mg, 2 tablets daily)".
    return opening > scope.amount_end + 2 and ")" not in folded[opening : mark.start]


def _nearest(slot: str, marks: list[Mark]) -> list[Mark]:
    """Return the marks before a dose that are its own: of routes and intervals the nearest."""
    return marks[-1:] if slot in ("route", "frequency", "duration") else marks
