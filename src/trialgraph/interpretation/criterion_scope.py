"""Scope of a criterion: the group it is for, and whether any or all of its thresholds must hold.

>>> group_of("Cohort A only: measurable disease"), group_of("For participants in Part 2"), group_of("Stage II cancer")
('Cohort A', 'Part 2', '')
>>> words = "Creatinine <= 1.5 mg/dL or creatinine clearance >= 60 mL/min"
>>> combination(words, [(11, 22), (46, 59)])
'any'
>>> combination("AST/ALT <= 2.5 x ULN", [(8, 20), (8, 20)], "inclusion")
'all'
"""

import re
from collections.abc import Sequence
from typing import Final

from trialgraph.interpretation.pattern_set import GuardedPattern

_NAME: Final = (
    r"(?P<name>(?:cohorts?|arms?|parts?|groups?|phases?|steps?)\s(?:\d{1,2}[a-z]?|[IV]{1,3}[ab]?|[A-Z]\d{0,2})\b"
    r"(?:\s?(?:,|and|or|&|/|to|-)\s?(?:\d{1,2}[a-z]?|[IV]{1,3}[ab]?|[A-Z]\d{0,2})\b(?![\w%<>=.]))*)"
)
_PEOPLE: Final = r"(?:patients|participants|subjects|individuals|volunteers|those|enrolment|enrollment)"
_OPENING: Final = GuardedPattern(
    rf"^\W*(?:(?:additional|specific)\s)?(?:for\s|in\s)?(?:all\s|the\s)?(?:{_PEOPLE}\s)?"
    rf"(?:in\s|of\s|enrolled in\s|entering\s|into\s|for\s)?(?:the\s)?(?:study\s)?{_NAME}"
    r"(?P<rest>\s?(?:\([^)]{1,60}\))?\s?(?:only)?\s?(?:[:,\-–]|$|only\b))",
    ignore_case=True,
)
_IN_TITLE: Final = re.compile(rf"\b{_NAME}", re.IGNORECASE)
_TITLE: Final = 160
DONOR: Final = "Donor"
"""The group of those who give cells or organs: what is asked of them says nothing of participants."""
_ASKED: Final = r"(?:inclusion|exclusion|selection|eligibility|criteria)"
_DONOR_TITLE: Final = re.compile(
    rf"^\W*(?:[\w-]+ ){{0,3}}?donors?\W+(?:[\w-]+ )?{_ASKED}\b|^\W*donors?\W*$"
    rf"|^\W*(?:[\w-]+ )?{_ASKED}(?: criteria)?\W+(?:for )?(?:the |stem cell |related |living |healthy )?donors?\W*$",
    re.IGNORECASE,
)


def group_of(words: str) -> str:
    """Return the group that a criterion names at its beginning, as written; empty where it names none."""
    match = _OPENING.match(words)
    return " ".join(match["name"].split()) if match else ""


def group_in_title(words: str) -> str:
    """Return the group that a heading names (`Inclusion Criteria for Part A:`), empty where it names none or several.

    >>> group_in_title("Key Inclusion Criteria for Part A:"), group_in_title("Phase 1: Cohort 2")
    ('Part A', '')
    >>> group_in_title("Donor Exclusion Criteria:"), group_in_title("Recipients with a matched donor")
    ('Donor', '')
    """
    if _DONOR_TITLE.match(words[:_TITLE]):
        return DONOR
    found = list(_IN_TITLE.finditer(words[:_TITLE]))
    return " ".join(found[0]["name"].split()) if len(found) == 1 else ""


_ASIDE: Final = re.compile(r"\([^()\d]{0,60}\)|\[[^\[\]\d]{0,60}\]")
_COMPARING: Final = re.compile(
    r"\bor (?:equal|older|more|above|greater|higher|less|below|lower|younger|better|fewer|over|longer|up)\b(?: to)?"
    r"|\band (?:older|above|over|up|more|younger|below|higher)\b|\bbetween\s[^,;]{1,40}?\sand\b"
    r"|\bof \d or \d\b|\d\s(?:or|and)\s\d\b"
)
_CASES: Final = re.compile(
    r"\b(?:if|for|when|unless|except\w*|in case|in patients|in participants|in subjects|patients with"
    r"|participants with|subjects with|with (?:liver|known|documented|gilbert)|males?|females?|men|women)\b"
)
_JOINED: Final = re.compile(r"\b(?P<any>and/or|or)\b|\b(?P<all>and)\b|(?P<next>;\s)|(?P<end>\.\s)")
_REACH: Final = 60
_SLASHED: Final = re.compile(r"[^\W\d_]\)?\s?/\s?[^\W\d_]")
_LIST: Final = {"inclusion": "all", "exclusion": "any"}
"""What a list without any word asks for, by its side."""


def combination(words: str, places: Sequence[tuple[int, int]], side: str | None = None) -> str | None:
    """Return whether any (`any`) or all (`all`) thresholds of a criterion must hold, None where it is not sure.

    `places` are the positions of the values in the words. Values for different cases, and sentences, leave it open.
    A list with nothing but commas, slashes or semicolons asks for all where it includes, for any where it excludes.
    """
    if len(places) < 2:
        return None
    first, last = min(start for start, _ in places), max(end for _, end in places)
    opening = max(words.rfind(sign, max(0, first - _REACH), first) for sign in (". ", "; ", ": "))
    begin = opening + 1 if opening >= 0 else max(0, first - _REACH)
    between = _COMPARING.sub(" ", _ASIDE.sub(" ", words[begin:last].lower()))
    if _CASES.search(between) or _CASES.match(words[last : last + 25].lower().lstrip(" )]")):
        return None
    kinds = {match.lastgroup for match in _JOINED.finditer(between)}
    names, values = words[begin:first], words[min(end for _, end in places) : max(start for start, _ in places)]
    if not kinds and (_SLASHED.search(names) or "," in values):
        return _LIST.get(side or "")
    if "next" in kinds and kinds <= {"next", _LIST.get(side or "")}:
        return _LIST.get(side or "")
    return next(iter(kinds)) if kinds in ({"any"}, {"all"}) else None
