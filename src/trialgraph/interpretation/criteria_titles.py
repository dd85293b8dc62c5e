"""Titles of the sides of eligibility texts: `Key Exclusion Criteria:`, in English and other languages.

>>> titled("Key Exclusion Criteria:"), titled("Inclusion Criteria: adults"), titled("Age over 18")
(('exclusion', 23), ('inclusion', 19), None)
>>> titled("Critères de non-inclusion :"), titled("Ausschlusskriterien")
(('exclusion', 27), ('exclusion', 19))
"""

import re
from typing import Final

INCLUSION: Final = "inclusion"
EXCLUSION: Final = "exclusion"

CRITERIA: Final = r"(?:criteri(?:a|on|ons|um|as)|citeria|critera|criterias|factors|conditions|requirements)"
_WORD: Final = r"(?>[\w'’/+-]+)(?>[\s,:–][\s,:–-]*)"
"""A word and what parts it from the next; atomic, as a hyphen may be of either, and a row of them of many both."""
_TITLE: Final = re.compile(
    rf"^[\W_]*(?:(?:[IVX]{{1,3}}|[A-H]|\d{{1,2}})[.)]\s+)?(?:{_WORD}){{0,8}}?(?:|{_WORD}|[\w'’/+-]{{0,60}}-)"
    rf"(?P<side>non[\s-]?inclusion|not inclusion|inclusion|exclusion|in/exclusion|eligibility"
    rf"|elegibility|inclusive|exclusive)s?(?:\s+and\s+(?:exclusion"
    rf"|inclusion))?(?P<criteria>\s*{CRITERIA})?"
    r"(?P<rest>.*)$",
    re.IGNORECASE | re.DOTALL,
)
MID_TITLE: Final = re.compile(
    r"(?:(?<=[.;:)\]])|(?<=\s))\s{0,3}(?P<title>(?:Key |Main |Major |General |Additional |Other "
    r"|The |KEY |Patients? )?(?:Non-?[Ii]nclusion|Inclusion|Exclusion|INCLUSION"
    r"|EXCLUSION)(?:\s+"
    r"(?:[Cc]riteri(?:a|on)|CRITERIA|citeria)(?:\s+(?:for|of|in)\s+[\w\s-]{1,50})?\s*(?P<colon>[:：])?\s*(?=\S|$)"
    r"|s?\s*(?P<bare>[:：])\s*(?=\S)|s?(?P<end>\s*[:：]?\s*$))"
    r"|(?:DISEASE|PATIENT) CHARACTERISTICS(?P<old>\s*:)|PRIOR CONCURRENT THERAPY(?P<older>\s*:))"
)
"""A title in the middle of a line; without `criteria` it needs a colon, or ends the line."""
NOT_BEFORE_TITLE: Final = re.compile(
    r"(?:\b(?:see|the|of|all|any|following|each|these|other|per|and|or|with|by|to|meet|meets"
    r"|meeting|no|in|under|as|above|below|both|not|from|for|listed|specific|defined|study"
    r"|trial|protocol)|[(/\"'])\s*$",
    re.IGNORECASE,
)
_OTHER_LANGUAGES: Final = re.compile(
    r"^[\W_]*(?:\d{1,2}[.)]\s+)?(?:"
    r"(?P<exclusion>criterios de (?:no inclusi[oó]n|exclusi[oó]n)|crit[eé]rios de exclus[aã]o"
    r"|crit[eè]res (?:d['’ ]exclusion|de non[- ]inclusion)|criteri di esclusione|ausschlu(?:ss|ß)kriterien"
    r"|exclusiecriteria|排除标准|排除標準|除外基準)"
    r"|(?P<inclusion>criterios de inclusi[oó]n|crit[eé]rios de inclus[aã]o|crit[eè]res d['’ ]inclusion"
    r"|criteri di inclusione|einschlu(?:ss|ß)kriterien|inclusiecriteria|入选标准|纳入标准|選択基準))"
    r"\s*(?P<end>[:：]|$)",
    re.IGNORECASE,
)
_NO_TITLE_AFTER: Final = re.compile(
    r"\b(?:may|see|per|apply|protocol-defined|defined|other than|according)\b", re.IGNORECASE
)
_BOTH: Final = re.compile(
    r"inclusion\s*(?:/|and|or|&)\s*exclusion|in/exclusion|exclusion\s*(?:/|and|or)\s*inclusion", re.IGNORECASE
)
_ABOUT: Final = re.compile(
    r"^\s*(?:[(\[–—-]|for\b|of\b|in\b|after\b|before\b|prior\b|determined\b|only\b"
    r"|applicable\b|related\b|disease\b|all\b|at\b|[A-Z])"
)
"""What may follow a title without a colon: whom or what its criteria are for."""
_FOR_PEOPLE: Final = re.compile(
    r"^\s*for (?:the |all )?(?:participants|patients|subjects|volunteers|controls?|cohorts?|arms?|parts?|groups?)\b",
    re.IGNORECASE,
)
_LONGEST_ABOUT, _LONGEST_FOR_PEOPLE = 9, 18
"""Words of what follows a title; more where it says which participants."""


def titled(words: str) -> tuple[str | None, int] | None:
    """Return the side of a title and where what follows it begins; None where the words are no title.

    A title is few words with `inclusion` or `exclusion` among them, then a colon, a bracket or nothing.
    """
    other = _OTHER_LANGUAGES.match(words)
    if other:
        return (EXCLUSION if other["exclusion"] else INCLUSION), other.end()
    match = _TITLE.match(words)
    if not match or _BOTH.search(words) or not _may_be_title(words, match):
        return None
    side = EXCLUSION if match["side"].lower().startswith(("non", "not", "ex")) else INCLUSION
    colon = re.match(r"[^:：]{0,140}?[:：]", match["rest"])
    if colon and not re.search(r"[.;]\s+[A-Z]", colon.group()):
        plain = match["criteria"] or _plain_title(colon.group())
        return (side, match.start("rest") + colon.end()) if plain else None
    end = _without_colon(words, match)
    return None if end is None else (side, end)


def _may_be_title(words: str, match: re.Match[str]) -> bool:
    """Return whether what stands before the word of a side, and the word itself, are those of a title."""
    before = words[: match.start("side")]
    if len(before) > 70 or re.search(r"[.;?]\s", before[3:]) or _NO_TITLE_AFTER.search(before):
        return False
    written = match["side"].lower()
    if match["criteria"]:
        return True
    if written.startswith(("eligib", "elegib")):
        return match["rest"].strip(" :").lower() in ("", "of")
    return written not in ("inclusive", "exclusive")


def _without_colon(words: str, match: re.Match[str]) -> int | None:
    """Return where what follows a title without a colon begins, None where the words are none."""
    rest, at = match["rest"], match.start("rest")
    before = words[: match.start("side")]
    if re.match(r"^[\s)\]*_.,;–—-]*$", rest) and (match["criteria"] or len(before.split()) <= 4):
        return len(words)
    if not match["criteria"]:
        plain = match["side"].lower() in ("inclusion", "exclusion", "non-inclusion") and len(words.split()) <= 5
        short = re.fullmatch(r"\s*(?:\([^)]{1,40}\)|[A-Z][\w\s-]{0,40})?", rest)
        return len(words) if plain and short else None
    longest = _LONGEST_FOR_PEOPLE if _FOR_PEOPLE.match(rest) else _LONGEST_ABOUT
    if _ABOUT.match(rest) and len(rest.split()) <= longest and not rest.rstrip().endswith("."):
        return len(words)
    if re.match(r"^\s+(?:are|is|were|include[sd]?|will be|will include|comprise)\b", rest):
        return at
    if not before.strip() and rest[:1] in "-–. \t" and len(rest.split()) > 1:
        return at + (len(rest) - len(rest.lstrip(" -–.\t")))
    return None


def _plain_title(words: str) -> bool:
    return len(words.split()) <= 9 and not re.search(r"\b(?:is|are|was|were|has|have|will|with)\b", words)
