"""Which dose a schedule belongs to: beside it, in its list, before it, or in the whole text.

The guide's rules 2, 14 and 23: a thing said once for several doses belongs to each of them; what the first mention
leaves open is filled from a later one.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from typing import Final

from trialgraph.interpretation.dose_scope import Scope
from trialgraph.interpretation.mark import Mark
from trialgraph.interpretation.sharing_limits import is_item_of_its_own
from trialgraph.interpretation.step_brackets import (
    note_brackets,
    outside_steps,
    share_from_behind,
    share_with_next_steps,
    share_with_steps,
)

_TIMING: Final = ("frequency", "days", "cycle", "duration", "until")
SLOTS: Final = ("route", "frequency", "days", "cycle", "cycles", "fractions", "duration", "until", "infusion")


_SEPARATOR: Final = re.compile(
    r",|;|\+|/|\band\b|\bplus\b|\bor\b|\bthen\b|\bwith\b|\bfollowed\b|\bversus\b|\bvs\b|\bcombined\b|\n|\. "
)
_BEGINNING: Final = re.compile(r"loading|initial|bolus|single|start|first|induction")
_SEQUENCE: Final = re.compile(
    r"\bthen\b|follow|\bafter\b|thereafter|loading|initial|maintenance|"
    r"increas|reduc|until|titrat|escalat|subsequent|\bnext\b|decreas|"
    r"taper|continu(?!ous (?:iv |intravenous )?infusion)|start|once\b(?! (?:daily|a |per |every|weekly))|single"
    r"|bolus|->|then|first|second|induction|switch"
)


def assign(scopes: Sequence[Scope], marks: Sequence[Mark], sentences: Sequence[tuple[int, int]], folded: str) -> None:
    """Give each scope what belongs to it, in `given`."""
    by_sentence: dict[int, list[Scope]] = {}
    for scope in scopes:
        by_sentence.setdefault(scope.sentence, []).append(scope)
    for inside in by_sentence.values():
        note_brackets(inside, folded)
    floating: list[tuple[int, Mark]] = []
    number = 0
    for mark in marks:
        while number + 1 < len(sentences) and sentences[number + 1][0] <= mark.start:
            number += 1
        beside = by_sentence.get(number)
        if beside:
            _place(mark, beside, folded)
        else:
            floating.append((number, mark))
    for inside in by_sentence.values():
        for slot in SLOTS:
            _spread(slot, inside, folded)
    _float(floating, scopes, sentences, folded)


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
_DOSE_OF: Final = re.compile(r"\s?(?:doses?|dosages?)(?: of)?\s?")


def _place(mark: Mark, inside: list[Scope], folded: str) -> None:
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
    if mark.slot == "cycles":  # "A 1200 mg plus 4-6 cycles of chemotherapy"
        joined = _PLUS.search(folded, scope.amount_end, mark.start) is not None
        return joined and _OF_CHEMOTHERAPY.match(folded, mark.end) is not None
    followed = mark.slot == "frequency" and scope.timed
    return followed and _FOLLOWED.search(folded, scope.amount_end, mark.start) is not None


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
    if slot == "days" and _HEADS.fullmatch(after[:_BESIDE]):
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


_BESIDE: Final = 40


def _spread(slot: str, inside: list[Scope], folded: str) -> None:
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
        elif slot not in scope.given and scope.real and scope.agent in of_agent and "frequency" not in scope.given:
            scope.given[slot] = of_agent[scope.agent]


def _is_once_before(mark: Mark, scope: Scope, folded: str) -> bool:
    """Return whether what is given once is the dose before this one: another follows it."""
    return mark.value[2] == "once" and _FOLLOWED.search(folded, mark.end, scope.start) is not None


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
    timed = any(slot in scope.own or slot in scope.lead for slot in _TIMING)
    mark = later.own["frequency"][0]
    apart = mark.value[2] == "wk" and mark.value[1] not in (None, "1")
    return apart and not timed and scope.agent != later.agent and _RIGHT_AFTER.fullmatch(between) is not None


_RIGHT_AFTER: Final = re.compile(r"[^.;,]{0,60}\bfollowed by (?:an? |the )?")


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
    parted = _FOLLOWED.search(folded, scope.amount_end, later.start) is not None
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


_FOLLOWED: Final = re.compile(r"\bfollowed\b|\bthen\b|\bthereafter\b")
_RADIATES: Final = re.compile(r"radi|fraction|irradiat|\brt\b|\bgy\b")
_AFTERWARDS: Final = re.compile(r"\s{0,3}(?:after|following)\b[^,.]{0,80},")


def _radiates(folded: str, start: int, end: int) -> bool:
    """Return whether a sentence speaks of radiation; what comes after radiation is not of it."""
    behind = _AFTERWARDS.match(folded, start, end)
    return _RADIATES.search(folded, behind.end() if behind else start, end) is not None


def _nearest(slot: str, marks: list[Mark]) -> list[Mark]:
    """Return the marks before a dose that are its own: of routes and intervals the nearest."""
    return marks[-1:] if slot in ("route", "frequency", "duration") else marks


_GIVING: Final = re.compile(
    r"\b(?:receiv|administ|giv(?:e|en|ing)\b|tak(?:e|en|ing)\b|took\b|"
    r"inject|infus|appl(?:y|ied)|treat|therapy|us(?:e|ed|ing)\b|inhal|"
    r"dos(?:e|ed|age|ing)|start|titrat|ingest|swallow|prescribed|instill|"
    r"consum|supplement|continu|drug|medication|tablet|capsule|cycle|"
    r"course|regimen|placebo|oral|intravenous|duration|until|route|frequency|"
    r"chemotherapy|vaccin|implant|deliver)"
)
_NOT_GIVING: Final = re.compile(
    r"\b(?:visit|assess|scan|follow[- ]?up|blood sample|evaluat|measure|"
    r"monitor|seen|clinic|examin|questionnaire|imaging|telephone|contact|"
    r"collected|biops|surviv|washout|wash-out|interview|laborator|ultraso|"
    r"mri|ct scan|exercise|session of|diary|adverse events will)"
)


_SUPPLIED: Final = re.compile(
    r"(?:medication|study drug|treatment|tablets?|capsules?) (?:will|"
    r"is|are|was|were)\b[^.]{0,90}\btotal|\b(?:taken|administered|given|"
    r"infused|injected|delivered)\b"
)


_MOST: Final = 200
"""More names with routes than this no real text has."""


def _float(
    floating: Sequence[tuple[int, Mark]], scopes: Sequence[Scope], sentences: Sequence[tuple[int, int]], folded: str
) -> None:
    """Give the doses of a text what its other sentences say for all of them."""
    real = [scope for scope in scopes if scope.real]
    last = max((scope.sentence for scope in real), default=0)
    _share_routes(real)
    timed = {id(scope) for scope in real if "frequency" in scope.given}
    scheduled = {id(scope) for scope in real if any(slot in scope.given for slot in _TIMING)}
    intervals: dict[int, set[tuple[str | None, ...]]] = {}
    for number, mark in floating:
        if mark.slot == "frequency":
            intervals.setdefault(number, set()).add(mark.value)
    for slot in SLOTS:
        candidates = [
            (number, mark)
            for number, mark in floating
            if mark.slot == slot
            and (slot != "infusion" or mark.rule == "duration/said")
            and _says(sentences[number], mark, folded)
        ]
        had = any(slot in scope.given for scope in real)
        if not candidates or (had and slot in ("frequency", "days", "fractions", "cycles")):
            continue
        one = slot == "cycle" and len({mark.value for _, mark in candidates}) == 1 and not had
        heading_end = sentences[candidates[0][0]][1]
        headed = folded.endswith(":", 0, heading_end)
        radiates = any(_radiates(folded, *sentences[number]) for number, _ in candidates[:3])
        numbers = [number for number, _ in candidates]
        for scope in real:
            if slot not in scope.given and (not scope.radiation or slot == "until" or radiates):
                own = slot in _TIMING and id(scope) in scheduled and not (one and ("days" in scope.given or headed))
                index = bisect_right(numbers, scope.sentence)
                before = candidates[index - 1][0] if index else 0
                named = folded.find(scope.agent, *sentences[before]) >= 0
                own = own and not (index and named and _told_there(scope, before, intervals))
                behind = candidates[index][0] if index < len(candidates) else None
                if slot == "route" and index and named and behind is not None:
                    elsewhere = scope.agent and folded.find(scope.agent, *sentences[behind]) < 0
                    index = len(candidates) if elsewhere and not _continues(folded, sentences[behind]) else index
                # Where a dose has a schedule of its own, what an earlier sentence tells is another one.
                ahead = candidates[index][1] if index < len(candidates) else None
                if (
                    ahead is not None
                    and ahead.value == ("perineural",)
                    and last > candidates[index][0] > scope.sentence
                ):
                    ahead = None  # a block is of what is told behind it
                earlier = candidates[bisect_left(numbers, before)][1] if index and not own else None
                chosen = candidates[index][0] if ahead is not None else before
                if not _speaks_of_others(scope, real, folded, sentences[chosen]):
                    _take(slot, scope, ahead or earlier)
        if slot == "days":
            for scope in real:
                interval = _interval_of(scope.given.get("days", []), floating) if id(scope) not in timed else []
                if interval:
                    scope.given["frequency"] = interval


def _speaks_of_others(scope: Scope, real: Sequence[Scope], folded: str, sentence: tuple[int, int]) -> bool:
    """Return whether a sentence begins with the name of another dose's drug and has not this one's."""
    if not scope.agent or folded.find(scope.agent, *sentence) >= 0:
        return False
    bullet = _BULLET.match(folded, *sentence)
    start = bullet.end() if bullet else sentence[0]
    others = {one.agent for one in real[:_MOST_NAMED] if one.agent} | ({"placebo"} - {scope.agent[:7]})
    return any(folded.startswith(f"{name} ", start) for name in others)


_MOST_NAMED: Final = 60
_BULLET: Final = re.compile(r"[\s*•-]*")
_GOES_ON: Final = re.compile(
    r"[\s*•-]*(?:it|they|this|these|the (?:drug|dose|treatment|injection|infusion|tablets?))\b"
)


def _continues(folded: str, sentence: tuple[int, int]) -> bool:
    """Return whether a sentence goes on speaking of the one before: "It is given intravenously"."""
    return _GOES_ON.match(folded, *sentence) is not None


def _told_there(scope: Scope, number: int, intervals: Mapping[int, set[tuple[str | None, ...]]]) -> bool:
    """Return whether a sentence tells the interval of a dose: what else it tells is of the same schedule."""
    own = {mark.value for mark in scope.given.get("frequency", [])}
    return bool(own & intervals.get(number, set()))


def _interval_of(days: Sequence[Mark], floating: Sequence[tuple[int, Mark]]) -> list[Mark]:
    """Return the interval that the sentence of floating days tells: "every three weeks on day 1"."""
    number = next((number for number, mark in floating if days and mark is days[0]), None)
    return [mark for other, mark in floating if other == number and mark.slot == "frequency"][:1]


def _take(slot: str, scope: Scope, mark: Mark | None) -> None:
    """Give a dose what the next sentence says, or the first of the last one before it that says it."""
    once = any(told.value[-1] == "once" for told in scope.given.get("frequency", []))
    if mark is not None and not (once and slot in ("frequency", "days")):
        scope.given[slot] = [mark]


def _share_routes(real: Sequence[Scope]) -> None:
    """Give doses of one agent the route that is told for one of them (rule 27)."""
    routes: dict[frozenset[str], list[Mark]] = {}
    for scope in real:
        if scope.given.get("route") and len(routes) < _MOST:
            routes.setdefault(frozenset(scope.agent.split()), scope.given["route"])
    for scope in real:
        words = frozenset(scope.agent.split())
        if words and "route" not in scope.given:
            same = next((marks for names, marks in routes.items() if words <= names or words >= names), None)
            if same:
                scope.given["route"] = same


def _says(sentence: tuple[int, int], mark: Mark, folded: str) -> bool:
    """Return whether a sentence without a dose tells how a dose of another sentence is given."""
    words, slot = folded[sentence[0] : sentence[1]], mark.slot
    if (
        slot == "cycle"
        or (slot == "until" and mark.value != ("other",))
        or (mark.value == ("perineural",) or mark.rule in ("duration/of-treatment", "duration/behind-frequency"))
    ):
        return True
    if _NOT_GIVING.search(words):
        return slot in ("route", "duration") and bool(_SUPPLIED.search(words))
    begins = mark.slot == "frequency" and mark.start == sentence[0]
    return bool(_GIVING.search(words)) or len(words) < 40 or begins
