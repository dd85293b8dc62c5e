"""Denials: whether the first statement of a criterion is one (`No prior chemotherapy`).

>>> negated("No prior chemotherapy", "inclusion"), negated("HIV-negative", "inclusion")
(True, False)
"""

import re
from typing import Final

from trialgraph.interpretation.pattern_set import GuardedPattern, PatternSet

_NEGATION: Final = PatternSet.of_pattern(
    r"\b(?:no|not|never|without|none|absence of|absent|lack of|lacks|lacking|free of"
    r"|free from|unable|inability|cannot|can't|unwilling|unwillingness|refuse|refuses"
    r"|refused|refusal|refusing|nor|neither|don't|doesn't|didn't|hasn't|haven't|isn't|won't"
    r"|non-?participation|denial|denies)\b"
)
_NOT_A_DENIAL: Final = re.compile(
    r"^(?:not (?:less|more|greater|older|younger|exceeding|exceed|over|below|above|lower"
    r"|higher|later|earlier|limited|longer|only)\b|no (?:more|less|greater|later|earlier"
    r"|older|younger|longer|lower|higher|fewer) than|no longer|not (?:specified|otherwise)"
    r"|not yet|not to exceed|no\. )"
)
_CLAUSE: Final = PatternSet.of_pattern(
    r"[(\[;]|\.\s|\b(?:unless|except|excluding|other than|but|however|which|that|who|whose"
    r"|because|due to|if|provided|with the exception|despite|although|where|when|until"
    r"|so that|such that)\b"
)
_STILL_DENIES: Final = GuardedPattern(
    r"^\s*(?:[\w/-]+\s+){0,6}?(?:who|that|which)\s+(?:\w+\s+){0,3}?(?:no|not|never|unable"
    r"|cannot|unwilling|refuse\w*|lack\w*|don't|doesn't|didn't)\b"
)
_NOT_ELIGIBLE: Final = PatternSet.of_pattern(
    r"\b(?:are|is|will be|be|were)\s+(?:not|n't)\s+(?:be\s+)?eligible"
    r"|\bnot\s+(?:be\s+)?(?:eligible|allowed|permitted|included|enrolled)\b|\b(?:are|is"
    r"|will be|must be|should be)\s+(?:excluded|ineligible)\b"
)


_JOINED: Final = re.compile(r"\b(?:(?:or|and/or|and|with or)\s*|with/)$")


def negated(words: str, side: str | None) -> bool:
    """Return whether the first statement of a criterion is a denial.

    >>> negated("HIV-negative", "inclusion"), negated("Patients who are unable to consent", "exclusion")
    (False, True)
    """
    folded = words[:240].lower()
    head = _CLAUSE.search(folded)
    if _STILL_DENIES.match(folded):
        stop = len(folded)
        second = _CLAUSE.search(folded, head.end()) if head else None
        stop = second.start() if second else len(folded)
    else:
        stop = head.start() if head and head.start() > 3 else len(folded)
    for match, _ in _NEGATION.finditer(folded, 0, stop):
        if _NOT_A_DENIAL.match(folded[match.start() :]):
            continue
        before = folded[: match.start()]
        if match.group() in ("no", "without", "not") and len(before.split()) > 9:
            continue
        if _JOINED.search(before) and match.group() in ("without", "not", "no"):
            continue
        if match.start() and folded[match.start() - 1] == "-":
            continue
        return True
    first = folded.partition(". ")[0]
    return side == "inclusion" and bool(_NOT_ELIGIBLE.search(first))
