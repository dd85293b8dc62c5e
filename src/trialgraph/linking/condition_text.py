"""Surgery on the name of a condition: its signs, brackets, parts, prepositions and short forms."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from trialgraph.linking.link_result import RecordContext
from trialgraph.resource.name_key import WIDE, exact_key, without_entities, words

ABBREVIATION: Final = re.compile(r"(?=[^A-Z]*[A-Z][^A-Z]*[A-Z])[A-Za-z0-9][A-Za-z0-9/+-]{1,9}s?")
SYMBOL: Final = re.compile(r"[A-Z]{3,6}\d{1,2}(?:[A-Z]{1,2}\d?)?")
"""The symbol of an inherited disease or of a gene: CBAS1, GSD1C."""

BRACKET: Final = re.compile(r"([^()\[\]]{1,200})[(\[]([^()\[\]]{1,200})[)\]]([^()\[\]]{0,100})")
_SHORT_BRACKET: Final = re.compile(r"\s{0,3}[(\[]\s?([^()\[\]\s]{2,12})\s?[)\]]")
_OWNER: Final = re.compile(r"(?<=[a-z])(?:['’] s|\s?['’] ?s| s)\b(?=\s(?:[Dd]isease|[Ss]yndrome|[Dd]ementia))")
"""The ending of an eponym, with a space too many or without its apostrophe."""

BESIDE: Final = re.compile(
    r"^(?P<cause>[^,;/]{2,80}?)[-\s](?:associated|related|induced|mediated|linked|driven)[-\s](?P<thing>[^,;/]{4,120})$",
    re.IGNORECASE,
)
"""A condition and what it goes with, or comes from, before it: COVID-19-associated pneumonia."""

PEOPLE: Final = re.compile(
    r"^(?:[^,;/]{0,60}\b)?(?:patients|neonates|newborns|infants|children|adolescents|adults|women|men|participants|subjects|"
    r"persons|people|individuals)\s+(?:with|who have|suffering from)\s+(?P<thing>[^,;/]{4,120})$",
    re.IGNORECASE,
)
"""People before what they have."""

_DASH: Final = re.compile(r"\s+[-–—:]\s+|\s*[,;:–—]\s+|\s*;\s*")
AND: Final = re.compile(
    r"\s*[;,+&，；]\s*(?:and\s+|or\s+)?|\s+(?:and/or|and|or|with/without|plus)\s+|\s*/\s*", re.IGNORECASE
)
CUT: Final = re.compile(
    r",? (?:comorbid (?:to|with)|"
    r"due to|secondary to|following|after|caused by|associated with|related to|treated (?:with|by)|undergoing|"
    r"induced by|resulting from|arising (?:from|in)|"
    r"complicating|complicated by|receiving|requiring|in need of|with or without|without|"
    r"with|in|during|of|from|post|before|prior to|who|on|under|at|by|for|among|that|as|since|not|characterized by|"
    r"refractory to|resistant to|in remission) ",
    re.IGNORECASE,
)
RISK_OF: Final = re.compile(r"(?:[a-z]+ ){0,2}risks? (?:of|for) ")
"""Who is at risk of a condition does not have it."""

NEGATIONS: Final = frozenset(
    "no non not anti without absence absent free pre prevention risk history screening healthy family fear pseudo "
    "like mimics conversion susceptible prone predisposed predisposition".split()
)
_NEVER_DROPPED: Final = frozenset("non no not anti without pre pseudo".split())
_SIGN: Final = re.compile(
    r"\b(ER|PR|HR|HER-?2|HER2/neu|CD\d{1,3}|ALK|EGFR|BCMA|PSMA|Ph|MRD|FLT3)\s?([+-])(?=[\s/,;)]|$)"
)
_RECEPTORS: Final = {"ER": "estrogen receptor", "PR": "progesterone receptor", "HR": "hormone receptor"}
_RECEPTOR: Final = re.compile(r"\b(ER|PR|HR)(?=[\s-]?(?:positive|negative)\b)", re.IGNORECASE)
_PREFIX: Final = re.compile(
    r"\b(pre|post|non|hyper|hypo|micro|macro|peri|neuro|cardio|gastro|psycho|immuno|inter|intra|multi|poly|oligo|broncho|"
    r"thrombo|auto|radio|over|under|pseudo|extra|supra|infra|tachy|brady|hemo|haemo|lympho|osteo|myelo|cerebro|nephro|hepato)"
    r"[- ](?=[a-z]{4})",
    re.IGNORECASE,
)
_TUMORS: Final = re.compile(r"\b(\w+[oe]ma)s\b", re.IGNORECASE)
"""Plurals that look like words in -as."""

_INFECTION: Final = re.compile(r"\binfections?\b", re.IGNORECASE)
_HYPHEN: Final = re.compile(r"(?<=[A-Za-z]{4})-(?=[a-z]{4})")
_NON: Final = re.compile(r"\bnon(?=[a-z]{6})", re.IGNORECASE)
_CAUSE: Final = re.compile(
    r"^(radiation|drug|alcohol|chemotherapy|chemo|steroid|opioid|levodopa|exercise|noise|contrast|heparin)[- ]"
    r"([a-z]+)$",
    re.IGNORECASE,
)
_EFFECT: Final = re.compile(r"^([a-z]+)[- ](exercise|food|drug|radiation|alcohol|steroid|opioid)$", re.IGNORECASE)
_CHILDREN: Final = re.compile(r"^([^,;]{4,60}?) (?:in|of) (?:children|childhood)$", re.IGNORECASE)
_EXPECTING: Final = re.compile(
    r"^([^,;]{0,40}\bgestational\b[^,;]{0,40}?) (?:in|during|of) pregnancy$", re.IGNORECASE
)
_COCCUS: Final = re.compile(r"(\w)coccus (infections?)\b", re.IGNORECASE)

_OTHER_WORDS: Final = (
    (_PREFIX, r"\1"),
    (_TUMORS, r"\1"),
    (_INFECTION, "infectious disease"),
    (_HYPHEN, ""),
    (_NON, "non-"),
    (_CAUSE, r"\1-induced \2"),
    (_EFFECT, r"\2-induced \1"),
    (_CHILDREN, r"childhood \1"),
    (_EXPECTING, r"\1"),
    (re.compile(r"\ballerg(?:y|ies)\b", re.IGNORECASE), "hypersensitivity"),
    (re.compile(r"\bconditions?$", re.IGNORECASE), "disease"),
    (re.compile(r"\bmalignancies\b", re.IGNORECASE), "cancer"),
    (_COCCUS, r"\1coccal \2"),
)
"""Words of names, and what vocabularies say in their stead."""

CLASS: Final = re.compile(r"\b(?:disorders|diseases|infections|cancers|neoplasms|tumou?rs)$", re.IGNORECASE)
"""The end of the name of many things: in a bracket it tells of which kind the thing before it is."""

ADJECTIVE: Final = re.compile(
    r"\w{2,}(?:al|ic|ar|ary|ous|ive|ory|oid|ed|en|ern)|old|new|hand|knee|hip|foot|wrist|elbow|neck"
)

OF_COURSE: Final = re.compile(
    r"(?:(?:sub)?acute|chronic|severe|mild|moderate|recurrent|persistent|pa?ediatric|adult|childhood|systemic|major|"
    r"and|to| )+"
)
"""Words about a thing so wide that it is linked only when nothing else was taken away."""

OF_PLACES: Final = re.compile(
    r"(?:venous|vein|portal|biliary|ocular|cranial|intracranial|abdominal|endolymphatic|muscular|pelvic) hypertension"
)
"""A word that means another thing behind the name of a place."""

ANY_CANCER: Final = frozenset(("cancer", "neoplasm", "malignancy"))
NAMES_NOTHING: Final = frozenset(
    "disease disorder syndrome condition problem complication event events attack wound symptom abnormality defect "
    "lesion impairment dysfunction behavior delay stage bone heart virus reaction crisis damage loss mass "
    "birth".split()
)
EMPTY: Final = frozenset({"", "disease", "type", "syndrome", "stage", "grade", "class", "and", "with"})
WIDE_BUT_REAL: Final = frozenset({"cancer", "malignancy", "neoplasm", "pain", "carcinoma", "adenocarcinoma"})
_LOOSE: Final = frozenset("and or with to of at the in for by both either".split())


def cleaned_condition(text: str) -> str:
    """Return a name without markup, with its brackets closed and its signs of receptors in words.

    >>> cleaned_condition("ER+/HER2- breast cancer"), cleaned_condition("AML (acute myeloid leukemia")
    ('estrogen receptor positive /HER2 negative breast cancer', 'AML (acute myeloid leukemia)')
    """
    text = without_entities(text.replace("\\", "")).translate(WIDE)
    text = _SIGN.sub(lambda m: f"{m[1]} {'positive' if m[2] == '+' else 'negative'} ", text)
    text = _RECEPTOR.sub(lambda m: _RECEPTORS[m[1].upper()], text)
    text = _OWNER.sub("'s", re.sub(r"\s+", " ", text.replace("&", " and "))).strip(" .;,:")
    return text + ")" if text.count("(") > text.count(")") else text


def respelled(text: str) -> Iterator[str]:
    """Yield other spellings of a name: a prefix joined to its word, an infection as an infectious disease.

    An eponym alone is the disease; what two words tell of cause and effect is told by three.

    >>> [list(respelled(name)) for name in ("Pre-diabetic State", "Lymphomas", "Crohn's", "Radiation Colitis")]
    [['Prediabetic State'], ['Lymphoma'], ["Crohn's disease"], ['Radiation-induced Colitis']]
    """
    if text.endswith(("'s", "’s")):
        yield f"{text} disease"
    for pattern, said in _OTHER_WORDS:
        if (other := pattern.sub(said, text)) != text:
            yield other


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


def without_short_brackets(text: str) -> str:
    """Return a text without brackets that hold an abbreviation.

    >>> without_short_brackets("Microsatellite stable (MSS) colorectal cancer (CRC)")
    'Microsatellite stable colorectal cancer'
    """
    return _SHORT_BRACKET.sub(lambda found: "" if ABBREVIATION.fullmatch(found[1]) else found[0], text)


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
    if len(last) == 2 and last[1][0] not in "([" and initials(last[0], last[1]):
        yield last[0], last[1]


def spelled_out(short: str, texts: Iterable[str]) -> Iterator[str]:
    """Yield the phrases of some texts whose words begin with the letters of a short form."""
    letters = [c for c in exact_key(short).replace(" ", "") if c.isalpha()]
    if len(letters) < 2:
        return
    for said in texts:
        tokens = exact_key(said).split()
        for start in range(len(tokens) - len(letters) + 1):
            run = tokens[start : start + len(letters)]
            if [word[0] for word in run] == letters:
                yield " ".join(run)
