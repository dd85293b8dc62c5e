"""What sentences without a dose tell of how the doses of the others are given."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

from trialgraph.interpretation.dose_scope import Scope
from trialgraph.interpretation.mark import Mark
from trialgraph.interpretation.sentence_sharing import TIMING

SLOTS: Final = ("route", "frequency", "days", "cycle", "cycles", "fractions", "duration", "until", "infusion")

_RADIATES: Final = re.compile(r"radi|fraction|irradiat|\brt\b|\bgy\b")
_AFTERWARDS: Final = re.compile(r"\s{0,3}(?:after|following)\b[^,.]{0,80},")


def _radiates(folded: str, start: int, end: int) -> bool:
    """Return whether a sentence speaks of radiation; what comes after radiation is not of it."""
    behind = _AFTERWARDS.match(folded, start, end)
    return _RADIATES.search(folded, behind.end() if behind else start, end) is not None


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
    r"collected|biops|surviv|washout|wash-out|interview|laborator|"
    r"(?<!under )(?<!under direct )ultraso(?!\w*[- ]guid)|"
    r"mri|ct scan|exercise|session of|diary|adverse events will)"
)


_SUPPLIED: Final = re.compile(
    r"(?:medication|study drug|treatment|tablets?|capsules?) (?:will|"
    r"is|are|was|were)\b[^.]{0,90}\btotal|\b(?:taken|administered|given|"
    r"infused|injected|delivered)\b"
)


_ALONE: Final = re.compile(
    r"\b(?:proceed|switch|cross(?:ed|ing)? over|transition|mov)\w* (?:on )?to\b[^.;]{0,60}"
    r"\b(?:alone|monotherapy|only)\b"
)
_MOST: Final = 200
"""More names with routes than this no real text has."""


def share_floating(
    floating: Sequence[tuple[int, Mark]], scopes: Sequence[Scope], sentences: Sequence[tuple[int, int]], folded: str
) -> None:
    """Give the doses of a text what its other sentences say for all of them."""
    real = [scope for scope in scopes if scope.real]
    _share_with_adjusted(real, folded)
    last = max((scope.sentence for scope in real), default=0)
    _share_routes(real)
    timed = {id(scope) for scope in real if "frequency" in scope.given}
    scheduled = {id(scope) for scope in real if any(slot in scope.given for slot in TIMING)}
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
                own = slot in TIMING and id(scope) in scheduled and not (one and ("days" in scope.given or headed))
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
                if not _speaks_of_others(slot, scope, real, folded, sentences[chosen]):
                    _take(slot, scope, ahead or earlier)
        if slot == "days":
            for scope in real:
                interval = _interval_of(scope.given.get("days", []), floating) if id(scope) not in timed else []
                if interval:
                    scope.given["frequency"] = interval


def _speaks_of_others(slot: str, scope: Scope, real: Sequence[Scope], folded: str, sentence: tuple[int, int]) -> bool:
    """Return whether a sentence tells a thing of other doses, and has not the name of this one's drug."""
    start, end = sentence[0], min(sentence[1], sentence[0] + _MOST_LETTERS)
    if slot == "until" and _ALONE.search(folded, start, end):
        return True  # "Part 2: proceed to A alone until progression" ends A
    if slot == "route" and _names_others(scope, real, folded, start, end):
        return True
    return _begins_with_others(scope, real, folded, sentence)


def _begins_with_others(scope: Scope, real: Sequence[Scope], folded: str, sentence: tuple[int, int]) -> bool:
    """Return whether a sentence begins with the name of another dose's drug and has not this one's."""
    if not scope.agent or folded.find(scope.agent, *sentence) >= 0:
        return False
    bullet = _BULLET.match(folded, *sentence)
    start = bullet.end() if bullet else sentence[0]
    others = {one.agent for one in real[:_MOST_NAMED] if one.agent} | ({"placebo"} - {scope.agent[:7]})
    begun = next((name for name in others if folded.startswith(f"{name} ", start)), None)
    # "Placebo arm will be 6 weeks" tells how long the arm is, whatever it gives.
    return begun is not None and not (begun == "placebo" and _OF_GROUP.match(folded, start))


def _names_others(scope: Scope, real: Sequence[Scope], folded: str, start: int, end: int) -> bool:
    """Return whether a sentence names drugs of other doses, two or more, and not this one's."""
    words = {word for word in scope.agent.split() if len(word) > _SHORT}
    if any(folded.find(word, start, end) >= 0 for word in words):
        return False
    others = {one.agent for one in real[:_MOST_NAMED] if one.agent and one.agent != scope.agent}
    return sum(folded.find(name, start, end) >= 0 for name in others) > 1


_MOST_LETTERS: Final = 500
"""So far into a sentence it tells what it speaks of."""
_SHORT: Final = 3
_OF_GROUP: Final = re.compile(r"placebo (?:arm|group|period|phase|treatment)\b")
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


_MAY_BE: Final = re.compile(
    r"\b(?:could|can|may|might) be (?:[a-z]+ )?(?:increas|decreas|reduc|adjust|titrat|escalat|rais|lower)\w*\b"
    r"[^.;]{0,50}$"
)

_OR_ADJUSTED: Final = re.compile(
    r"\s?,?\s?(?:or|and|and/or) (?:then )?(?:in|de)creased to |\s?,?\s?or (?:reduced|lowered|raised) to "
)
_NEAR: Final = 90


def _share_with_adjusted(real: Sequence[Scope], folded: str) -> None:
    """Give what a dose may be adjusted to how long it is given: "for 12 weeks; may be increased to 100 mg"."""
    adjusted: set[int] = set()
    for before, scope in pairwise(real):
        alike = scope.agent == before.agent and scope.unit == before.unit
        if not alike or "duration" in scope.given or "duration" not in before.given:
            continue
        between = folded[max(before.amount_end, scope.amount_start - _NEAR) : scope.amount_start]
        goes_on = id(before) in adjusted and _OR_ADJUSTED.fullmatch(between) is not None
        if goes_on or _MAY_BE.search(between):
            scope.given["duration"] = before.given["duration"]
            adjusted.add(id(scope))


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
