"""Surgery on the name of a condition: its signs, brackets, parts, prepositions and short forms."""

import re
from collections.abc import Iterator
from typing import Final

from trialgraph.linking.link_result import RecordContext
from trialgraph.resource.name_key import exact_key, words

ABBREVIATION: Final = re.compile(r"(?=[^A-Z]*[A-Z][^A-Z]*[A-Z])[A-Za-z0-9][A-Za-z0-9/+-]{1,9}s?")
BRACKET: Final = re.compile(r"([^()\[\]]{1,200})[(\[]([^()\[\]]{1,200})[)\]]([^()\[\]]{0,100})")
_DASH: Final = re.compile(r"\s+[-–—:]\s+|\s*[,;:–—]\s+|\s*;\s*")
AND: Final = re.compile(
    r"\s*[;,+&，；]\s*(?:and\s+|or\s+)?|\s+(?:and/or|and|or|with/without|plus)\s+|\s*/\s*", re.IGNORECASE
)
CUT: Final = re.compile(
    r",? (?:due to|secondary to|following|after|caused by|associated with|related to|treated (?:with|by)|undergoing|"
    r"induced by|resulting from|complicating|complicated by|receiving|requiring|in need of|with or without|without|"
    r"with|in|during|of|from|post|before|prior to|who|on|under|at|by|for|among|that|as|since|not|characterized by|"
    r"refractory to|resistant to|in remission) ",
    re.IGNORECASE,
)
NEGATIONS: Final = frozenset(
    "no non not anti without absence absent free pre prevention risk history screening healthy family fear pseudo "
    "like mimics".split()
)
_NEVER_DROPPED: Final = frozenset("non no not anti without pre pseudo".split())
_SIGN: Final = re.compile(
    r"\b(ER|PR|HR|HER-?2|HER2/neu|CD\d{1,3}|ALK|EGFR|BCMA|PSMA|Ph|MRD|FLT3)\s?([+-])(?=[\s/,;)]|$)"
)
ADJECTIVE: Final = re.compile(
    r"\w{2,}(?:al|ic|ar|ary|ous|ive|ory|oid|ed|en|ern)|old|new|hand|knee|hip|foot|wrist|elbow|neck"
)

OF_COURSE: Final = re.compile(
    r"(?:(?:sub)?acute|chronic|severe|mild|moderate|recurrent|persistent|pa?ediatric|adult|childhood|systemic|major|"
    r"and|to| )+"
)
"""Words about a thing so wide that it is linked only when nothing else was taken away."""

NAMES_NOTHING: Final = frozenset(
    "disease disorder syndrome condition problem complication event events attack wound symptom abnormality defect "
    "lesion impairment dysfunction behavior delay stage bone heart virus reaction crisis damage loss mass "
    "birth".split()
)
EMPTY: Final = frozenset({"", "disease", "type", "syndrome", "stage", "grade", "class", "and", "with"})
WIDE_BUT_REAL: Final = frozenset({"cancer", "neoplasm", "carcinoma", "adenocarcinoma"})
_LOOSE: Final = frozenset("and or with to of at the in for by both either".split())


def cleaned_condition(text: str) -> str:
    """Return a name without markup, with its brackets closed and its signs of receptors in words.

    >>> cleaned_condition("ER+/HER2- breast cancer"), cleaned_condition("AML (acute myeloid leukemia")
    ('ER positive /HER2 negative breast cancer', 'AML (acute myeloid leukemia)')
    """
    text = _SIGN.sub(lambda m: f"{m[1]} {'positive' if m[2] == '+' else 'negative'} ", text.replace("\\", ""))
    text = re.sub(r"\s+", " ", text).strip(" .;,:")
    return text + ")" if text.count("(") > text.count(")") else text


def without_spans(key: str, spans: tuple[tuple[int, int, str | None], ...]) -> str:
    """Return a key without these spans, and without the joining words that then stand at its ends."""
    kept, at = [], 0
    for start, end, _ in spans:
        kept.append(key[at:start])
        at = end
    tokens = " ".join([*kept, key[at:]]).split()
    while tokens and tokens[-1] in _LOOSE:
        tokens.pop()
    while tokens and tokens[0] in _LOOSE:
        tokens.pop(0)
    return " ".join(token for before, token in zip(["", *tokens], tokens, strict=False) if token != before)


def without_abbreviation(found: re.Match[str]) -> str:
    """Return the text of a bracket pair without its bracket when that is an abbreviation."""
    inner = "" if ABBREVIATION.fullmatch(found[2]) else found[2]
    return f"{found[1]} {inner} {found[3]}"


def negated(before: str) -> bool:
    """Return whether the last word of a text negates what follows."""
    return bool(tokens := before.split()) and tokens[-1] in _NEVER_DROPPED


def said_in(name: str, record: RecordContext) -> bool:
    """Return whether the title, another condition or a heading of the record has all the words of a name."""
    wanted = set(words(name))
    said = (record.title, *record.conditions, *(term for _, term in record.mesh), *record.other_names)
    return bool(wanted) and any(wanted <= set(words(one)) for one in said)


def initials(long: str, short: str) -> bool:
    """Return whether the letters of the short form begin the words of the long one, in order."""
    letters = [c for c in exact_key(short).replace(" ", "") if c.isalpha()]
    first = [word[0] for word in exact_key(long).split()]
    return len(letters) > 1 and letters == [c for c in first if c.isalpha()]


def with_short_forms(text: str) -> Iterator[tuple[str, str]]:
    """Yield pairs of a name and what stands in brackets, after a dash or comma beside it, either way round."""
    if (found := BRACKET.fullmatch(text)) is not None:
        outer = f"{found[1].strip()} {found[3].strip()}".strip()
        yield outer, found[2].strip()
        yield found[2].strip(), outer
    parts = _DASH.split(text)
    if len(parts) == 2:
        yield parts[0].strip(), parts[1].strip()
        yield parts[1].strip(), parts[0].strip()
    last = text.rsplit(" ", 1)
    if len(last) == 2 and initials(last[0], last[1]):
        yield last[0], last[1]


def spelled_out(short: str, record: RecordContext) -> Iterator[str]:
    """Yield the phrases of the record whose words begin with the letters of a short form."""
    letters = [c for c in exact_key(short).replace(" ", "") if c.isalpha()]
    if len(letters) < 2:
        return
    for said in (*record.conditions, record.title, *(term for _, term in record.mesh)):
        tokens = exact_key(said).split()
        for start in range(len(tokens) - len(letters) + 1):
            run = tokens[start : start + len(letters)]
            if [word[0] for word in run] == letters:
                yield " ".join(run)
