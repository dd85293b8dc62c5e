"""Headings of eligibility texts: which side they open, and what else they may be.

>>> section("Key Exclusion Criteria:"), section("Inclusion Criteria: adults"), section("Age over 18")
(('exclusion', 23), ('inclusion', 19), None)
"""

import re
from typing import Final

from trialgraph.interpretation.criteria_titles import CRITERIA, EXCLUSION, INCLUSION, titled

_SENTENCE_EXCLUSION: Final = re.compile(
    r"\b(?:(?:will|would|shall|should|must|may|can|are|is|were|be"
    r"|to be)\s+(?:also\s+)?(?:be\s+)?excluded|not\s+(?:be\s+)?(?:eligible|enrolled|included"
    r"|entered|recruited|allowed|participate|enter|qualify|suitable|take part|take|have any)"
    r"|(?:must|should|may|can|shall|will|do)\s*not\b|cannot\b|ineligib\w+"
    r"|will\s+(?:be\s+)?exclude[ds]?|exclude[ds]?\b|exclud\w+|exclusions?\b"
    r"|non[\s-]?inclusion|disqualif\w+|prohibited|prevent)",
    re.IGNORECASE,
)
_SENTENCE_INCLUSION: Final = re.compile(
    r"\b(?:inclu\w+|eligib\w+|must\b|should\b|fulfil\w*|meet(?:s|ing)?\b|satisf\w+|enrol\w*"
    r"|qualif\w+|participate|required?\b|have to|need to|enter(?:ed)?\b|recruit\w*|accept\w*"
    r"|considered|admitted|apply)",
    re.IGNORECASE,
)
_STUDY: Final = re.compile(
    rf"\b(?:study|trial|research|protocol|enrol\w*|inclu\w+|exclu\w+|eligib\w+|ineligib\w+"
    rf"|participat\w+|{CRITERIA}|recruit\w*|register\w*|registration|randomi[sz]\w*|entry"
    rf"|following|take part|join)\b",
    re.IGNORECASE,
)
_NEITHER: Final = re.compile(
    r"^[\W_]*(?:[\w'’-]+\s+){0,3}?(?:drop[\s-]?outs?|withdrawals?|withdrawing"
    r"|discontinuation|terminations?|suspensions?|elimination|stopping|removal|discontinuing"
    r"|rescue|early termination|shedding|quit)\b[\w\s/'’-]{0,30}?(?:criteri\w+|rules?"
    r"|conditions|standards?)\b.{0,30}$"
    r"|^[\W_]*(?:drop[\s-]?outs?|withdrawals?|notes?|nb|n\.b\.|remarks?|comments?"
    r"|study procedures?|procedures?|methods?|definitions?|study design|outcomes?"
    r"|sample size|follow[\s-]?up|intervention|randomi[sz]ation)\s*:?$"
    r"|^[\W_]*criteria\s+for\s+(?:withdrawal|discontinuation|termination|drop\w*|removal"
    r"|stopping|elimination)\b.{0,40}$",
    re.IGNORECASE,
)
OLD_FORM: Final = re.compile(
    r"^\W*(?:disease characteristics|patient characteristics|prior(?:/| and | or "
    r"| )concurrent therapy|prior therapy|concurrent therapy|prior/concurrent therapy"
    r"|characteristics)\s*:?\s*$",
    re.IGNORECASE,
)
OLD_FORM_OPENED: Final = re.compile(
    r"^\W*(?:disease characteristics|patient characteristics|prior[ /]concurrent therapy)\s*:\s*(?=\S)", re.IGNORECASE
)
"""A heading of the old form with criteria behind it in the same line."""
NOTE: Final = re.compile(
    r"^[*#†‡(\[\"'\s]*(?:note|notes|nb|n\.b\.|please note|remark|remarks|footnote"
    r"|comment)\b\s*(?:\d{1,2}\s*)?[:：.\-–]",
    re.IGNORECASE,
)
CONNECTION: Final = re.compile(r"^[\W_]*(?:and|or|and/or|either|plus|but|und|et)[\W_]*$", re.IGNORECASE)
NOTHING: Final = re.compile(
    r"^\W*(?:\[?(?:intentionally|left|blank|page)(?:[\s-]+(?:intentionally|left|blank"
    r"|page))*\]?|none|n/?a|not applicable|nil)?\W*$",
    re.IGNORECASE,
)


def section(words: str) -> tuple[str | None, int] | None:
    """Return the side that a heading gives, and where in the words the rest begins (their length if none is left).

    None where the words are no heading of a side.
    """
    if len(words) > 400:
        words = words[:400]
    if _NEITHER.match(words):
        return None, len(words)
    title = titled(words)
    return _announced(words) if title is None else title


def _announced(words: str) -> tuple[str | None, int] | None:  # noqa: PLR0911
    """Read a sentence that announces a list (`Patients will be excluded if any of the following apply:`)."""
    stripped = words.rstrip()
    colon = stripped.endswith((":", "：", ";", ","))
    listing = re.search(
        r"\bfollowing\b|\bany of\b|\ball of\b|\bthese\b|\bif (?:they|he|she|any|the)\b|\bwho\b|\bwith\b|\bcriteria\b",
        stripped,
        re.IGNORECASE,
    )
    if not colon and not (
        listing
        and re.search(
            r"following\b(?=[^.]{0,40}\b(?:criteri|condition|reason|case|circumstance|appl|characteristic|population|categor))[^.]{0,60}\.?$",
            stripped,
            re.IGNORECASE,
        )
    ):
        return None
    if len(stripped) > 260:
        return None
    if not _STUDY.search(stripped) and not re.search(r"\b(?:must|should)\b[^:]{0,20}:$", stripped, re.IGNORECASE):
        return None
    if re.search(
        r"\bincluding\b(?:\s+(?:but|,)\s+not\s+limited\s+to)?\s*:?$", stripped, re.IGNORECASE
    ) and not re.search(r"\b(?:exclusion|inclusion|eligible)\b", stripped, re.IGNORECASE):
        return None
    if _SENTENCE_EXCLUSION.search(stripped):
        if re.search(r"\bnot\s+(?:be\s+)?excluded\b|inclusion", stripped, re.IGNORECASE) and not re.search(
            r"non[\s-]inclusion|not (?:be )?eligible|ineligible", stripped, re.IGNORECASE
        ):
            return INCLUSION, len(words)
        return EXCLUSION, len(words)
    if _SENTENCE_INCLUSION.search(stripped):
        return INCLUSION, len(words)
    return None
