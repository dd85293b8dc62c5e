"""Headings of eligibility texts: which side they open, and what else they may be.

>>> section("Key Exclusion Criteria:"), section("Inclusion Criteria: adults"), section("Age over 18")
(('exclusion', 23), ('inclusion', 19), None)
"""

import re
from typing import Final

INCLUSION: Final = "inclusion"
EXCLUSION: Final = "exclusion"

_CRITERIA: Final = r"(?:criteri(?:a|on|ons|um|as)|citeria|critera|criterias|factors|conditions|requirements)"
_SIDE_WORD: Final = re.compile(
    r"(?P<exclusion>\b(?:non|not)[\s-]?inclusions?\b|\bexclusions?\b|\bexclusion(?=[A-Z])"
    r"|\bexcluded?\b|\bexclusionary\b|\bineligib\w+|\bnon[\s-]?eligib\w+)"
    r"|(?P<inclusion>\binclusions?\b|\bincluded?\b|\beligib\w+|\benrol\w*)",
    re.IGNORECASE,
)
_TITLE: Final = re.compile(
    r"^[\W_]*(?:(?:[IVX]{1,3}|[A-H]|\d{1,2})[.)]\s+)?(?:[\w'’/+-]+[\s,:–-]+){0,9}?"
    rf"(?P<side>non[\s-]?inclusion|not inclusion|inclusion|exclusion|in/exclusion|eligibility"
    rf"|elegibility|inclusive|exclusive)s?(?:\s+and\s+(?:exclusion"
    rf"|inclusion))?(?P<criteria>\s*{_CRITERIA})?"
    r"(?P<rest>.*)$",
    re.IGNORECASE | re.DOTALL,
)
MID_TITLE: Final = re.compile(
    r"(?:(?<=[.;:)\]])|(?<=\s))\s{0,3}(?P<title>(?:Key |Main |Major |General |Additional |Other "
    r"|The |KEY |Patients? )?(?:Non-?[Ii]nclusion|Inclusion|Exclusion|INCLUSION"
    r"|EXCLUSION)\s+"
    r"(?:[Cc]riteri(?:a|on)|CRITERIA|citeria)(?:\s+(?:for|of|in)\s+[\w\s-]{1,50})?\s*(?P<colon>[:：])?\s*(?=\S|$))"
)
NOT_BEFORE_TITLE: Final = re.compile(
    r"(?:\b(?:see|the|of|all|any|following|each|these|other|per|and|or|with|by|to|meet|meets"
    r"|meeting|no|in|under|as|above|below|both|not|from|for|listed|specific|defined|study"
    r"|trial|protocol)|[(/\"'])\s*$",
    re.IGNORECASE,
)
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
    rf"|participat\w+|{_CRITERIA}|recruit\w*|register\w*|registration|randomi[sz]\w*|entry"
    rf"|following)\b",
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
    titled = _titled(words)
    if titled is not None:
        return titled
    return _announced(words)


def _both(words: str) -> bool:
    return bool(
        re.search(
            r"inclusion\s*(?:/|and|or|&)\s*exclusion|in/exclusion|exclusion\s*(?:/|and|or)\s*inclusion",
            words,
            re.IGNORECASE,
        )
    )


def _titled(words: str) -> tuple[str | None, int] | None:  # noqa: PLR0911
    """Read a title: few words with `inclusion` or `exclusion` among them, then a colon, a bracket or nothing."""
    match = _TITLE.match(words)
    if not match or _both(words):
        return None
    before = words[: match.start("side")]
    if (
        len(before) > 70
        or re.search(r"[.;?]\s", before[3:])
        or re.search(
            r"\b(?:may|see|per|apply|protocol-defined|defined|other than|according)\b", before, re.IGNORECASE
        )
    ):
        return None
    written = match["side"].lower()
    if (
        written.startswith(("eligib", "elegib"))
        and not match["criteria"]
        and match["rest"].strip(" :").lower() not in ("", "of")
    ):
        return None
    if written in ("inclusive", "exclusive") and not match["criteria"]:
        return None
    side = EXCLUSION if written.startswith(("non", "not", "ex")) else INCLUSION
    rest = match["rest"]
    at = match.start("rest")
    colon = re.match(r"[^:：]{0,140}?[:：]", rest)
    if colon and not re.search(r"[.;]\s+[A-Z]", colon.group()):
        inside = colon.group()
        if not match["criteria"] and not _plain_title(inside):
            return None
        tail = at + colon.end()
        following = words[tail:].strip(" -–*\t:：")
        if following.endswith((":", "：")) and len(following) < 160:
            again = _announced(following)
            return (again[0] if again and again[0] else side), len(words)
        return side, tail
    if re.match(r"^[\s)\]*_.,;–—-]*$", rest) and (match["criteria"] or len(before.split()) <= 4):
        return side, len(words)
    if (
        match["criteria"]
        and re.match(
            r"^\s*(?:[(\[–—-]|for\b|of\b|in\b|after\b|before\b|prior\b|determined\b|only\b"
            r"|applicable\b|related\b|disease\b|all\b|at\b|[A-Z])",
            rest,
        )
        and len(rest.split()) <= 9
        and not rest.rstrip().endswith(".")
    ):
        return side, len(words)
    if match["criteria"] and re.match(r"^\s+(?:are|is|were|include[sd]?|will be|will include|comprise)\b", rest):
        return side, at
    if match["criteria"] and not before.strip() and rest[:1] in "-–. \t" and len(rest.split()) > 1:
        return side, at + (len(rest) - len(rest.lstrip(" -–.\t")))
    if (
        not match["criteria"]
        and len(words.split()) <= 5
        and re.fullmatch(r"\s*(?:\([^)]{1,40}\)|[A-Z][\w\s-]{0,40})?", rest)
        and written in ("inclusion", "exclusion", "non-inclusion")
    ):
        return side, len(words)
    return None


def _plain_title(words: str) -> bool:
    return len(words.split()) <= 9 and not re.search(r"\b(?:is|are|was|were|has|have|will|with)\b", words)


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
