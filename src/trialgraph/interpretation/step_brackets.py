"""Steps told in brackets behind a dose: "2 mg weekly after an escalation (0.5 mg, 1 mg) for 52 weeks"."""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from trialgraph.interpretation.dose_scope import Scope
from trialgraph.interpretation.mark import Mark

_BRACKET: Final = re.compile(r"[()]")
_FAR: Final = 200
"""What is said further behind a bracket than this is not told of the dose before it."""
_RAISED: Final = re.compile(r"\b(?:increas|titrat|up-?titrat|escalat|rais|start)\w*\b[^()]{0,60}$")
_ESCALATED: Final = re.compile(r"\b(?:escalat|titrat|up-?titrat|increas|run-?in)\w*\b[^()]{0,60}$")


def note_brackets(inside: Sequence[Scope], folded: str) -> None:
    """Note which doses of a sentence stand in a bracket that opens behind another dose of it."""
    first = next((number for number, scope in enumerate(inside) if scope.real), len(inside))
    opened: list[int] = []
    outer: Scope | None = None
    last: Scope | None = None
    position = inside[first].amount_end if first < len(inside) else 0
    for before, scope in pairwise(inside[first:]):
        deep = len(opened)
        for sign in _BRACKET.finditer(folded, position, scope.amount_start):
            if sign.group() == "(":
                opened.append(sign.start())
            elif opened:
                opened.pop()
                deep = min(deep, len(opened))
        position = max(position, scope.amount_start)
        last = before if before.real and not opened else last
        if not opened:
            outer = None
            continue
        if deep == 0 or before.opening < 0:
            outer = before if before.real else last
        scope.opening, scope.outer = opened[0], outer
        scope.place = before.place + 1 if before.opening == scope.opening else 0


def outside_steps(scope: Scope, mark: Mark, folded: str) -> Scope | None:
    """Return the dose that a mark behind the steps in brackets is told of; None where there are none."""
    if scope.outer is None or not scope.place or mark.slot not in ("duration", "until"):
        return None
    if scope.agent != scope.outer.agent:
        return None  # what a list of other drugs in brackets is told of is theirs
    if not scope.outer.real or mark.slot in scope.outer.own or not 0 <= mark.start - scope.amount_end < _FAR:
        return None
    depth = 1
    for sign in _BRACKET.finditer(folded, scope.amount_end, mark.start):
        depth += 1 if sign.group() == "(" else -1
    return scope.outer if depth <= 0 else None


def share_with_steps(slot: str, inside: Sequence[Scope], folded: str) -> None:
    """Give steps in brackets how often their agent is given outside, and the first of them how long."""
    if slot not in ("frequency", "duration"):
        return
    for before, scope in pairwise(inside):
        if slot not in scope.given and slot in before.given and _is_raised_in_brackets(before, scope, folded):
            scope.given[slot] = before.given[slot]
    if slot != "frequency":
        return
    told: dict[str, list[Mark]] = {}
    for scope in inside:
        if scope.opening < 0:
            if scope.real and slot in scope.given:
                told[scope.agent] = scope.given[slot]
        elif scope.real and slot not in scope.given and scope.agent in told and _is_escalated(scope, folded):
            scope.given[slot] = told[scope.agent]


def share_from_behind(slot: str, inside: Sequence[Scope], folded: str) -> None:
    """Give the doses of a list in brackets what is said right behind it: "(A 5 mg, B 2 mg) every 2 weeks"."""
    if slot not in ("frequency", "duration", "until", "cycle", "cycles"):
        return
    for number, last in enumerate(inside):
        marks = [mark for mark in last.own.get(slot, ()) if mark.start > last.amount_end] if last.real else []
        following = inside[number + 1].start if number + 1 < len(inside) else None
        if not marks or (following is not None and following < marks[0].start):
            continue
        closing = _closing(folded, last.amount_end, marks[0].start)
        opening = _opening(folded, inside[0].start, last.amount_start) if closing >= 0 else -1
        if opening < 0 or not _RIGHT_BEHIND.fullmatch(folded, closing + 1, marks[0].start):
            continue
        both = _ARE.search(folded, closing, marks[0].start) is not None
        for scope in inside[:number]:
            listed = scope.amount_start > opening or (both and _is_listed(scope, opening, folded))
            if scope.real and listed and slot not in scope.given:
                scope.given[slot] = marks


_ARE: Final = re.compile(r"\b(?:were|are|will be|both)\b")
_LISTED: Final = re.compile(r"\s?,?\s?(?:and |plus |\+ ?)?[a-z][\w -]{2,40}")


def _is_listed(scope: Scope, opening: int, folded: str) -> bool:
    """Return whether the bracket of a dose is followed by the last one of a list: "A (5 mg) and B (2 mg) were"."""
    inner = _opening(folded, max(0, scope.amount_start - _FAR), scope.amount_start)
    closing = folded.find(")", scope.amount_end, opening) if inner >= 0 else -1
    return closing >= 0 and _LISTED.fullmatch(folded, closing + 1, opening) is not None


_RIGHT_BEHIND: Final = re.compile(r"[^.;()]{0,60}")
"""Between the end of a list in brackets and what is said of all of it."""


def _closing(folded: str, start: int, end: int) -> int:
    """Return where a bracket closes that opened before a stretch of text; -1 where none does."""
    depth = 0
    for sign in _BRACKET.finditer(folded, start, end):
        depth += 1 if sign.group() == "(" else -1
        if depth < 0:
            return sign.start()
    return -1


def _opening(folded: str, start: int, end: int) -> int:
    """Return where the innermost bracket opens that is open at the end of a stretch of text; -1 where none is."""
    opened: list[int] = []
    for sign in _BRACKET.finditer(folded, max(0, start - _FAR), end):
        if sign.group() == "(":
            opened.append(sign.start())
        elif opened:
            opened.pop()
    return opened[-1] if opened else -1


def share_with_next_steps(slot: str, inside: Sequence[Scope], folded: str) -> None:
    """Give a step how often the step before it is given: "5 mg twice daily, increased to 10 mg"."""
    if slot != "frequency":
        return
    for before, scope in pairwise(inside):
        if slot in scope.given or slot not in before.given or "days" in scope.own or not (before.real and scope.real):
            continue
        alike = before.agent == scope.agent and before.unit == scope.unit
        regular = before.given[slot][0].value[2] in ("d", "wk", "h")
        if alike and regular and _STEPS_ON.search(folded, before.amount_end, scope.amount_start):
            scope.given[slot] = before.given[slot]


_STEPS_ON: Final = re.compile(
    r"\b(?:titrat|up-?titrat|increas|escalat|rais|doubl|reduc|decreas|taper|lower)|(?<!will )\bthen\b|\bfrom\s"
    r"|\bfollowed by\b|\bup to\b|\bweeks? \d|\bthereafter\b"
)


def _is_escalated(scope: Scope, folded: str) -> bool:
    """Return whether an escalation is spoken of before the bracket that a dose stands in."""
    return _ESCALATED.search(folded, max(0, scope.opening - 70), scope.opening) is not None


def _is_raised_in_brackets(before: Scope, scope: Scope, folded: str) -> bool:
    """Return whether a dose is a step told in brackets: "2 mg daily (increasing from 0.5 to 1 to 2 mg)"."""
    if before.agent != scope.agent or not (before.real and scope.real):
        return False
    opening = folded.rfind("(", max(before.amount_end, scope.amount_start - 90), scope.amount_start)
    closed = folded.find(")", opening, scope.amount_start) if opening >= 0 else -1
    begun = opening >= 0 and closed < 0 and _RAISED.search(folded, opening, scope.amount_start) is not None
    # The next step stands behind the first in the same brackets.
    near = scope.amount_start - before.amount_end < _FAR
    between = folded[before.amount_end : scope.amount_start] if near else "."
    goes_on = re.fullmatch(r"\s?(?:to|then|,|-|and)\s?", between) is not None
    inside = folded.rfind("(", max(0, before.amount_start - 90), before.amount_start)
    held = inside >= 0 and _RAISED.search(folded, inside, before.amount_start) is not None
    return begun or (goes_on and held and ")" not in folded[inside : scope.amount_start])
