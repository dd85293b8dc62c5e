"""Where what is said of a later dose of a sentence is not said of an earlier one: items of their own.

The guide's rule 2 gives what is said once to each dose of a list; the items of a list that are told whole, each with
its own schedule, are no such list.
"""

import re
from typing import Final

from trialgraph.interpretation.dose_scope import Scope

_TIMED: Final = ("frequency", "days", "cycle", "duration")
_HEADING: Final = re.compile(r"[^:\n]{1,60}?:\s?(?:[a-z]{1,12}[ :,]\s?){0,3}")
"""From the name of a drug to its amount, where the name is a heading: "X: 5 mg"."""
_AT_AN_EVENT: Final = re.compile(
    r"[^,;.]{0,70}\b(?:before|prior to|preceding|during|at the time of)\s"
    r"(?!breakfast|meals?|dinner|lunch|food|bed|sleep|eating|each|every|noon)[^,;.]{2,50}\b(?:and|then)\s(?:then )?"
)
"""Between two doses, where the first is given at an event: "20 tablets before the procedure and 10"."""


def is_item_of_its_own(scope: Scope, later: Scope, slot: str, folded: str) -> bool:
    """Return whether a dose is told whole, so that what is said of a later one is not said of it."""
    timed = any(name in scope.own for name in _TIMED)
    if timed and slot in ("route", *_TIMED) and scope.agent != later.agent:
        if _HEADING.fullmatch(folded, later.start, later.amount_start):
            return True  # "A: 150 mg twice daily on days 1-28 B: 4 mg/kg IV"
        if slot == "route" and _stands_within(later):
            return True  # "A 6 mg daily and B 60 mg/m2 IV on day 1"
    if slot in ("route", *_TIMED) and scope.agent != later.agent and _are_headed(scope, later, folded):
        return True
    if slot == "frequency":
        mark = later.own[slot][0]
        same = _is_same(scope, later)
        if mark.value[2] == "prn" and not same and _GOES_ON.match(folded, mark.end):
            return True  # "A 5 mg, B 3 mg prn, C 4 mg"
        return same and _AT_AN_EVENT.fullmatch(folded, scope.amount_end, later.start) is not None
    return False


_OWN_WORDS: Final = re.compile(r"[ ,]{1,2}(?:for|over|on|given|at|in|during|by|as|every|until)\b[^:;]{6,60}")


def _are_headed(scope: Scope, later: Scope, folded: str) -> bool:
    """Return whether both doses are headed, the first with words of its own: "A: 6 mg for 2 days B: 5 mg"."""
    headed = _HEADING.fullmatch(folded, later.start, later.amount_start)
    if not headed or not _HEADING.fullmatch(folded, scope.start, scope.amount_start):
        return False
    return _OWN_WORDS.fullmatch(folded, scope.amount_end, later.start) is not None


_GOES_ON: Final = re.compile(r",\s(?:[a-z][a-z-]{2,24}\s){1,2}\d")
"""Behind what is said of one of a list, where the list goes on with the next: ", C 4 mg"."""


def _is_same(scope: Scope, later: Scope) -> bool:
    """Return whether the words of one name hold those of the other."""
    words, others = set(scope.agent.split()), set(later.agent.split())
    return words <= others or others <= words


def _stands_within(later: Scope) -> bool:
    """Return whether the route of a dose stands before its days, on which the dose before it is not given."""
    days = later.own.get("days")
    return days is not None and later.amount_end <= later.own["route"][0].start < days[0].start
