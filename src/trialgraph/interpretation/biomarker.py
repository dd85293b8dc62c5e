"""Biomarkers in titles, conditions and criteria: which marker, in which state, required or forbidden.

A marker counts only with a state (`HER2-positive`, `EGFR mutation`, `KRAS G12C`, `PD-L1 TPS >= 50%`); the name of a
treatment (`EGFR inhibitor`, `anti-HER2`) is none. What is denied where something is required is forbidden.

>>> found = biomarkers("HER2-positive, no EGFR mutation", "inclusion")
>>> [(each.marker, each.sign, each.state, each.requirement) for each in found]
[('HER2', 'positive', 'POSITIVE', 'required'), ('EGFR', 'positive', 'MUTATED', 'forbidden')]
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from trialgraph.interpretation.biomarker_changes import REQUIRED, Biomarker
from trialgraph.interpretation.biomarker_choices import with_choices
from trialgraph.interpretation.biomarker_states import stated

_REACH: Final = 600
"""How far from a marker its clause may reach; what stands farther off is not looked at, so that time stays linear."""
FORBIDDEN: Final = "forbidden"
ALLOWED: Final = "allowed"

_UNDECIDED: Final = re.compile(
    r"\b(?:results? of|percentage of|proportion of|any\s(?:\w+\s){0,2}(?:er|pr|status)"
    r"|any pd-l1|status (?:is |must be )?(?:known|unknown)|unknown"
    r"|known (?!\S*(?:[+]|-ve\b|positive|negative))\S+ status"
    r"|availability of)\b",
    re.IGNORECASE,
)
_REGARDLESS: Final = re.compile(r"\b(?:regardless|irrespective|independent(?:ly)?) of\b", re.IGNORECASE)
_PREFERRED: Final = re.compile(r"\b(?:priority|prefer(?:red|ably|ence)?|ideally)\b", re.IGNORECASE)
_UNSURE: Final = re.compile(r"\b(?:inability|unable) to (?:confirm|document|determine|provide)\b", re.IGNORECASE)
_CONDITION: Final = re.compile(
    r"^\W*(?:for|if|in|patients with|participants with|subjects with|those with"
    r"|individuals with|when)\b[^.;]{0,120}?(?:,|:|\b(?:must|should|may|are (?:eligible"
    r"|allowed|required)|will be|is required|need to|can be)\b)",
    re.IGNORECASE,
)
_UNLESS: Final = re.compile(r"\b(?:unless|except|with the exception|other than)\b", re.IGNORECASE)
_EXCLUDED_LATER: Final = re.compile(
    r"(?<!who )(?<!and )\b(?:are|is|will be|be)\s(?:not\s(?:be\s)?(?:eligible|allowed|permitted|included)"
    r"|excluded|ineligible)\b(?! for (?!(?:the|this) (?:study|trial)|participation|inclusion|enrol)"
    r"| to (?:receive|undergo|have|take)|\) )",
    re.IGNORECASE,
)
_ALLOWED_LATER: Final = re.compile(
    r"\b(?:are|is|will be|be|may be)\s(?:also\s)?(?:allowed|permitted|eligible|acceptable|included)\b",
    re.IGNORECASE,
)


_ALLOWED_NEXT: Final = re.compile(
    r"^[\s)]*(?:tumou?rs?|disease|patients?|participants?|status)?\s*(?:\([^)]{1,110}\))?\s*"
    r"(?:(?:is|are) )?(?:also )?(?:allowed|permitted|eligible)\b",
    re.IGNORECASE,
)


def biomarkers(words: str, side: str | None, denied: bool = False, *, below_one_of: bool = False) -> list[Biomarker]:
    """Return the biomarkers of a title (side None) or a criterion in plain text, in their order.

    `denied` tells that the whole criterion is a denial of what follows (its lead says `None of the following:`),
    `below_one_of` that it is one of several of which one is enough.
    """
    result: dict[tuple[object, ...], Biomarker] = {}
    named = list(stated(words))
    open_ = {each.marker for each in named if _REGARDLESS.search(words, max(0, each.start - 40), each.start)}
    for each in named:
        if _only_looked_for(words, each) or _OF_UNKNOWN.search(words, max(0, each.start - _NEAR), each.start):
            continue
        if each.marker == "TRIPLE_NEGATIVE" and _NON.search(words, max(0, each.start - 5), each.start):
            continue
        asked = ALLOWED if each.marker in open_ else _requirement(words, each, side, denied)
        settled = replace(each, requirement=asked)
        for one in _apart(settled):
            result.setdefault((one.marker, one.sign, one.requirement, one.variant, one.op, one.low, one.high), one)
    plain = {(each.marker, each.sign, each.requirement) for each in result.values() if each.variant is None}
    both = {each.marker for each in result.values() if (each.marker, _OTHER[each.sign], each.requirement) in plain}
    settled_all = (
        replace(each, requirement=ALLOWED) if each.marker in both and each.variant is None else each
        for each in result.values()
    )
    in_order = sorted(settled_all, key=lambda each: (each.start, each.marker))
    return with_choices(words, in_order, below_one_of=below_one_of) if side != "exclusion" else in_order


_OF_UNKNOWN: Final = re.compile(r"\b(?:unknown|indeterminate|undetermined)\b[^.;]*$", re.IGNORECASE)
_NON: Final = re.compile(r"\bnon[- ]?$", re.IGNORECASE)
"""Before triple negative: all else is meant, so that no receptor has a state by it."""
_OTHER: Final = {"positive": "negative", "negative": "positive"}


def _apart(each: Biomarker) -> Iterator[Biomarker]:
    """Yield a marker, and what triple negative says of each receptor where it is required."""
    yield each
    if each.marker == "TRIPLE_NEGATIVE" and each.requirement == REQUIRED:
        for marker in ("ER", "PR", "HER2"):
            yield replace(each, marker=marker, sign="negative", state="NEGATIVE")


_NEAR: Final = 70
_FAR: Final = 320
"""Letters within which a denial reaches: an exclusion that denies is rare, and its denial stands close by."""
_ONE_OF: Final = re.compile(
    r"\b(?:any|one|some|more) of the following\b[^.]*$|\bor(?: with)?\s$|\brisk factors?\b[^.]*$", re.IGNORECASE
)
"""Before a threshold that is one of several alternatives, most of them no biomarkers."""
_EITHER: Final = re.compile(r"^\s*(?:or|and/or|/)\s?(?:negative|positive)\b", re.IGNORECASE)


def _only_looked_for(words: str, each: Biomarker) -> bool:
    """Return whether an expression is only looked for (`assessment of PD-L1 expression`), so that nothing is said."""
    if each.state != "EXPRESSED" or each.op is not None:
        return False
    if each.marker == "KI-67" or each.rule == "biomarker/before":
        return True
    return bool(_KNOWN.search(words, max(0, each.start - 90), each.start))


def _requirement(words: str, each: Biomarker, side: str | None, denied: bool) -> str:  # noqa: PLR0911
    """Return whether a state is required, forbidden or only allowed."""
    least = max(0, each.start - _REACH)
    start = max(words.rfind(". ", least, each.start), words.rfind("; ", least, each.start), least - 1) + 1
    clause = words[start : each.start]
    stop = words.find(". ", each.end, each.end + _REACH)
    rest = words[each.end : stop if stop > 0 else each.end + 200][:200]
    near = words[max(0, each.start - 60) : each.start]
    if _REGARDLESS.search(near) or _UNDECIDED.search(words[max(0, each.start - 60) : each.end + 25]):
        return ALLOWED
    if _PREFERRED.search(clause[-60:]) or _UNLESS.search(clause[-90:]) or _UNSURE.search(clause[-300:]):
        return ALLOWED
    if _EITHER.match(rest) or (each.op is not None and _ONE_OF.search(clause[-160:])):
        return ALLOWED
    if side == "exclusion" and (_ANOTHER.search(clause[-90:]) or _TREATED_FOR.search(clause[-110:])):
        return ALLOWED
    negative = each.state in _CHANGES and _NEGATIVE_OF.search(clause[-60:])
    reach = _NEAR if side == "exclusion" else _FAR
    flipped = denied ^ bool(negative or _DENIED_BEFORE.search(clause[-reach:]))
    if flipped and side == "inclusion" and _TREATED_IN.search(clause[-110:]):
        return ALLOWED
    if _EXCLUDED_LATER.search(rest):
        return FORBIDDEN
    if side == "exclusion":
        return REQUIRED if flipped else FORBIDDEN
    if flipped:
        return FORBIDDEN
    if side == "inclusion":
        head = words[start : each.end + 120]
        grouped = bool(_OF_GROUP.match(head))
        if (
            _ALLOWED_NEXT.match(rest)
            or _ALLOWED_LATER.search(rest[:90])
            or (grouped and _MUST.match(rest))
            or (not grouped and _CONDITION.match(head))
        ):
            return ALLOWED
    return REQUIRED


_TREATED_FOR: Final = re.compile(
    r"\b(?:therap\w+|treatment|surgery|chemotherapy|treated|drugs?"
    r"|receiving \w+)\b[^.;]{0,30}\b(?:for|of)\b[^.;]{0,60}$",
    re.IGNORECASE,
)
_TREATED_IN: Final = re.compile(
    r"\b(?:inhibitors?|tkis?|therap\w+|treatment|chemotherapy|treated)\b[^.;]{0,30}\b(?:for|in)\b[^.;,]{0,30}$",
    re.IGNORECASE,
)
_CHANGES: Final = ("MUTATED", "REARRANGED", "AMPLIFIED")
_NEGATIVE_OF: Final = re.compile(
    r"(?:^|[,;:(]|\b(?:with|have|has|is|are|and|or|be))\s?negative\s(?:for\s)?$", re.IGNORECASE
)
_OF_GROUP: Final = re.compile(
    r"^\W*(?:patients|participants|subjects|individuals|women|men|those|cohort \w+) with\b", re.IGNORECASE
)
_MUST: Final = re.compile(
    r"^[^.;]{0,70}?\b(?:must|should|are required|is required|need to|needs to|will be required|have to)\b",
    re.IGNORECASE,
)
_KNOWN: Final = re.compile(
    r"\b(?:known|detect\w*|test\w*|examin\w+|measur\w+|available|availability|evaluable|determin\w+|assess\w*|evaluat\w+|documented)\b",
    re.IGNORECASE,
)
_ANOTHER: Final = re.compile(
    r"\b(?:second|synchronous|contralateral|prior|history of|previous|another|other primary"
    r"|concomitant|concurrent)\b",
    re.IGNORECASE,
)
_DENIED_BEFORE: Final = re.compile(
    r"\b(?:no(?!,)|not|(?<!or )(?<!/)without|absence of|lack(?:s|ing)?(?: of)?|never|neither"
    r"|non(?=-?triple)|exclud(?:e|es|ing)|free of|rule(?:d)? out"
    r"|negative for(?= (?:the )?(?:presence|mutation|any)))\b(?![^,;]{0,60}\b(?:but|however"
    r"|and must)\b)[^.;]{0,300}$",
    re.IGNORECASE,
)
