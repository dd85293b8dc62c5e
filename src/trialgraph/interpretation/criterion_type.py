"""What a criterion is about, and whether it denies: a type of `data/lexicons/criterion_types.tsv`.

Each phrase speaks for a type with a weight; what stands first counts most, since the first subject decides.

>>> criterion_type("No prior chemotherapy", "inclusion", ()), negated("No prior chemotherapy", "inclusion")
('prior-therapy', True)
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Final

from trialgraph.interpretation.criterion_tokenizer import PhraseTrie, Token, tokens
from trialgraph.interpretation.lexicon import rows

DISEASE: Final = re.compile(
    r"(?:itis|osis|oma|omas|emia|aemia|pathy|pathies|plegia|trophy|sclerosis|algia|uria"
    r"|rrhea|rrhoea|stenosis|ectasia|penia|phobia|mania|cancer|cancers|carcinomas?|disease"
    r"|diseases|syndrome|syndromes|disorder|disorders|failure|infarction|insufficiency"
    r"|dysfunction|hernia|ischemia|injury|injuries|tumou?rs?)$"
)
DRUG: Final = re.compile(
    r"(?:mab|mabs|nib|nibs|statin|statins|pril|prils|sartan|sartans|olol|azole|azoles|mycin"
    r"|cillin|platin|taxel|taxane|taxanes|rubicin|gliptin|gliptins|gliflozin|gliflozins"
    r"|glutide|tidine|prazole|afil|vir|virs|xaban|parin|heparin|triptan|setron|lukast|zepam"
    r"|zolam|barbital|caine|thiazide|semide|thiazides|glitazone|formin|ciclib|parib|lisib"
    r"|limus|tinib|ximab|zumab|umab|cycline|floxacin|dronate|steroid|steroids|inhibitor"
    r"|inhibitors|agonist|agonists|antagonist|antagonists|blocker|blockers|antibody"
    r"|antibodies|sulfonylurea)$"
)


@cache
def _phrases() -> PhraseTrie[tuple[tuple[str, float], ...]]:
    """Return the phrases with the types that they speak for."""
    grouped: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for row in rows("criterion_types"):
        grouped[row["phrase"]].append((row["type"], float(row["weight"])))
    for row in rows("measurements"):
        for name in row["names"].split(";"):
            if len(name) > 2 and name not in grouped:
                weight = (
                    4.0 if row["code"] not in ("tumour-size", "pain-score", "temperature", "body-weight") else 2.2
                )
                grouped[name].append((row["about"], weight))
    return PhraseTrie((phrase, tuple(values)) for phrase, values in grouped.items())


def _factor(position: int) -> float:
    """Return how much a phrase counts at a token: what comes first decides."""
    if position < 3:
        return 1.35
    if position < 7:
        return 1.1
    if position < 13:
        return 0.75
    return 0.42 if position < 26 else 0.18


_SOFT_OPENING: Final = re.compile(
    r"(?:as per (?:self[- ]report|medical record|(?:the )?medical record"
    r"|self report or as per medical record),? |as documented in (?:the )?medical record,? "
    r"|the |all |any |be |are |is |a |an |have |has |had |having |known |current "
    r"|currently |active |patients? |subjects? |participants? |individuals? |persons? "
    r"|women |men |males? |females? |adults? |candidates? |volunteers? |who |whose |must "
    r"|should |with |of |either |presence |evidence |clinically |significant |severe )*"
)


def criterion_type(
    words: str, side: str | None, compared: Sequence[str], heading: str = "", found: Sequence[Token] | None = None
) -> str:
    """Return the type of a criterion; `compared` are the measurements it compares, in their order."""
    scores: dict[str, float] = defaultdict(float)
    sequence = (tokens(words[:420]) if found is None else found)[:60]
    trie = _phrases()
    opening = _SOFT_OPENING.match(words[:120].lower())
    skipped = sum(token.end <= opening.end() for token in sequence) if opening else 0
    closed = _sentence_end(sequence)
    for start, _, values in trie.all(sequence):
        place = max(0, start - skipped)
        factor = _factor(place) * (0.35 if start > closed else 1.0)
        for kind, weight in values:
            scores[kind] = max(scores[kind], weight * factor) + 0.15 * weight * factor * (scores[kind] > 0)
    disease = drug = None
    for index, token in enumerate(sequence[:26]):
        if token.kind == "word" and len(token.text) > 4:
            ending = _ending(token.text)
            if disease is None and ending == "disease":
                disease = index
            if drug is None and ending == "drug":
                drug = index
    if disease is not None:
        strength = 3.4 * _factor(max(0, disease - skipped))
        scores["comorbidity" if side == "exclusion" else "diagnosis"] += strength * 0.7
        scores["diagnosis" if side == "exclusion" else "comorbidity"] += strength * 0.2
    if drug is not None:
        strength = 3.0 * _factor(max(0, drug - skipped))
        scores["concomitant-therapy"] += strength * 0.5
        scores["prior-therapy"] += strength * 0.5
    _by_comparison(words, compared, scores)
    _by_context(words, side, heading, scores)
    best = max(scores.items(), key=lambda pair: (pair[1], pair[0]), default=("other", 0.0))
    if best[1] > 0.6:
        return best[0]
    return {"exclusion": "comorbidity", "inclusion": "diagnosis"}.get(side or "", "other")


@lru_cache(maxsize=20_000)
def _ending(word: str) -> str:
    """Return what the ending of a word tells: `disease`, `drug` or nothing."""
    if DRUG.search(word):
        return "drug"
    return "disease" if DISEASE.search(word) else ""


def is_drug(word: str) -> bool:
    """Return whether a word in small letters ends as names of drugs do.

    >>> is_drug("osimertinib"), is_drug("progression")
    (True, False)
    """
    return _ending(word) == "drug" and word not in _NO_DRUGS


_NO_DRUGS: Final = frozenset(
    "inhibitor inhibitors agonist agonists antagonist antagonists blocker blockers "
    "antibody antibodies steroid steroids heparin "
    "statin statins triptan taxane taxanes control protocol alcohol cholesterol".split()
)


def _sentence_end(sequence: Sequence[Token]) -> int:
    for index, token in enumerate(sequence):
        if token.text == "." and index > 2:
            return index
    return len(sequence)


@cache
def _about() -> dict[str, str]:
    return {row["code"]: row["about"] for row in rows("measurements")}


def _by_comparison(words: str, compared: Sequence[str], scores: dict[str, float]) -> None:
    """Let a compared measurement speak for its type, the more the shorter the criterion."""
    if not compared:
        return
    about = _about()
    size = len(words)
    weight = 3.2 if size < 60 else 2.0 if size < 140 else 1.0
    scores[about[compared[0]]] += weight
    if compared[0] == "age" and re.match(r"\W*(?:[\w/]+\W+){0,6}?(?:\d|age|eighteen|≥|>)", words[:70].lower()):
        scores["age"] += 2.5 if size < 200 else 1.0


_PAST: Final = re.compile(
    r"\b(?:prior|previous|previously|history of|past|received|treated|underwent|undergone"
    r"|has had|have had|recent|within|had)\b"
)
_NOW: Final = re.compile(
    r"\b(?:current|currently|concomitant|concurrent|ongoing|taking|stable|requir\w+|need\w*|on)\b"
)
_CONTEXT: Final = (
    (re.compile(r"\bage\b"), "age", 3.0),
    (re.compile(r"\bsex\b|\bgender\b"), "sex", 4.0),
    (re.compile(r"performance"), "performance", 3.0),
    (re.compile(r"life expect"), "life-expectancy", 4.0),
    (re.compile(r"hematop|hepatic|renal|laborator|haematol|hematol"), "lab", 2.0),
    (re.compile(r"therapy|radiotherapy|surgery|chemotherapy|biologic|prior treatment"), "prior-therapy", 1.6),
    (re.compile(r"medication|concomitant"), "concomitant-therapy", 1.6),
    (re.compile(r"pregnan|contracept|reproduc|menopaus"), "pregnancy", 2.0),
    (re.compile(r"medical history|comorbid|cardiovascular|pulmonary|concurrent illness"), "comorbidity", 1.4),
    (re.compile(r"infect"), "infection", 1.4),
    (re.compile(r"disease characteristics|type of patient|diagnos"), "diagnosis", 1.4),
)


_ASIDE: Final = re.compile(
    r"\b(?:no|not|non|without|free|absence|absent|lack|never|none|stable|(?:well|un)?-?\s?controlled|control|adequate\w*|risk|resol\w+"
    r"|except|unless|allowed|eligible|permitted|comorbid\w*)\b"
)
"""Words with which a required thing is another disease rather than the one that the trial is for."""


def _by_context(words: str, side: str | None, heading: str, scores: dict[str, float]) -> None:
    """Side, heading and tense tilt the balance."""
    folded = words[:260].lower()
    if heading:
        lowered = heading.lower()
        for pattern, kind, weight in _CONTEXT:
            if pattern.search(lowered):
                scores[kind] += weight
    if side == "exclusion":
        scores["comorbidity"] *= 1.18
        scores["diagnosis"] *= 0.72
        scores["sex"] *= 0.8
    else:
        if not _ASIDE.search(folded):
            scores["diagnosis"] += 0.8 * scores["comorbidity"]
        scores["comorbidity"] *= 0.72
        scores["diagnosis"] += 0.35
    past, now = _PAST.search(folded), _NOW.search(folded)
    if past and (not now or past.start() < now.start()):
        scores["prior-therapy"] *= 1.15
        scores["concomitant-therapy"] *= 0.8
    elif now:
        scores["concomitant-therapy"] *= 1.15
        scores["prior-therapy"] *= 0.8


_NEGATION: Final = re.compile(
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
_CLAUSE: Final = re.compile(
    r"[(\[;]|\.\s|\b(?:unless|except|excluding|other than|but|however|which|that|who|whose"
    r"|because|due to|if|provided|with the exception|despite|although|where|when|until"
    r"|so that|such that)\b"
)
_STILL_DENIES: Final = re.compile(
    r"^\s*(?:[\w/-]+\s+){0,6}?(?:who|that|which)\s+(?:\w+\s+){0,3}?(?:no|not|never|unable"
    r"|cannot|unwilling|refuse\w*|lack\w*|don't|doesn't|didn't)\b"
)
_NOT_ELIGIBLE: Final = re.compile(
    r"\b(?:are|is|will be|be|were)\s+(?:not|n't)\s+(?:be\s+)?eligible"
    r"|\bnot\s+(?:be\s+)?(?:eligible|allowed|permitted|included|enrolled)\b|\b(?:are|is"
    r"|will be|must be|should be)\s+(?:excluded|ineligible)\b"
)


_JOINED: Final = re.compile(r"\b(?:or|and/or|and|with or)\s*$")


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
    for match in _NEGATION.finditer(folded, 0, stop):
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
