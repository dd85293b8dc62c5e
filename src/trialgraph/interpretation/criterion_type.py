"""What a criterion is about: one of the types of `data/lexicons/criterion_types.tsv`.

Each phrase speaks for a type with a weight; what stands first counts most, since the first subject decides.

>>> criterion_type("No prior chemotherapy", "inclusion", ()), criterion_type("Age over 18", "inclusion", ("age",))
('prior-therapy', 'age')
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Final

from trialgraph.interpretation.criterion_course import by_course, by_unit
from trialgraph.interpretation.criterion_tokenizer import PhraseTrie, Token, tokens
from trialgraph.interpretation.lexicon import rows
from trialgraph.interpretation.pattern_set import PatternSet

_DISEASE: Final = tuple(
    "itis osis oma omas emia aemia pathy pathies plegia trophy sclerosis algia uria rrhea rrhoea stenosis ectasia "
    "penia phobia mania cancer cancers carcinoma carcinomas disease diseases syndrome syndromes disorder disorders "
    "failure infarction insufficiency dysfunction hernia ischemia injury injuries tumor tumors tumour tumours".split()
)
_DRUG: Final = tuple(
    "mab mabs nib nibs statin statins pril prils sartan sartans olol azole azoles mycin cillin platin taxel taxane "
    "taxanes rubicin gliptin gliptins gliflozin gliflozins glutide tidine prazole afil vir virs xaban parin heparin "
    "triptan setron lukast zepam zolam barbital caine thiazide semide thiazides glitazone formin ciclib parib lisib "
    "limus tinib ximab zumab umab cycline floxacin dronate steroid steroids inhibitor inhibitors agonist agonists "
    "antagonist antagonists blocker blockers antibody antibodies sulfonylurea".split()
)
_OPERATION: Final = ("ectomy", "ectomies", "plasty", "plasties", "otomy", "ostomy", "pexy", "desis")


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
    words: str,
    side: str | None,
    compared: Sequence[str],
    heading: str = "",
    found: Sequence[Token] | None = None,
    *,
    denied: bool = False,
) -> str:
    """Return the type of a criterion; `compared` are the measurements it compares, in their order.

    What stands under a point that denies (`denied`) is another disease than the one that the trial is for.
    """
    scores: dict[str, float] = defaultdict(float)
    folded = words[:260].lower()
    sequence = (tokens(words[:420]) if found is None else found)[:60]
    opening = _SOFT_OPENING.match(folded[:120])
    skipped = 0
    while opening and skipped < len(sequence) and sequence[skipped].end <= opening.end():
        skipped += 1
    required = side != "exclusion" and not denied and not _ASIDE.search(folded)
    ending = _by_endings(sequence, skipped, scores, required=required)
    measured, first = _by_phrases(sequence, skipped, scores)
    if first is None or (ending is not None and ending < first):
        first = ending
    _by_comparison(words, compared, scores)
    if not compared:
        if scores["lab"] and _GIVEN.match(folded):
            scores["lab"] *= 0.4
        by_unit(folded, len(words), scores)
    _by_context(folded, "exclusion" if denied else side, heading, scores)
    named = len(folded) if first is None else sequence[first].start
    by_course(folded, side, scores, named)
    if first is not None and measured is not None and _value_of_disease(folded, sequence, first, measured):
        for kind in ("lab", "measurement", "life-expectancy"):
            scores[kind] *= 0.4
    if scores["investigator-judgement"] and _JUDGED_ASIDE.match(folded):
        scores["investigator-judgement"] *= 0.3
    elif first is not None and scores["investigator-judgement"] and not _ANY_CONDITION.search(folded):
        judged = _JUDGED.search(folded)
        scores["investigator-judgement"] *= 0.3 if judged and judged.start() > named else 1.0
    best = max(scores.items(), key=lambda pair: (pair[1], pair[0]), default=("other", 0.0))
    if best[1] > 0.6:
        return best[0]
    return {"exclusion": "comorbidity", "inclusion": "diagnosis"}.get(side or "", "other")


def _by_phrases(sequence: Sequence[Token], skipped: int, scores: dict[str, float]) -> tuple[int | None, int | None]:
    """Let each phrase speak for its types; return where the first value and the first disease among them stand."""
    closed = _sentence_end(sequence)
    measured = disease = None
    for start, _, values in _phrases().all(sequence):
        factor = _factor(max(0, start - skipped)) * (0.35 if start > closed else 1.0)
        for kind, weight in values:
            scores[kind] = max(scores[kind], weight * factor) + 0.15 * weight * factor * (scores[kind] > 0)
        kind = values[0][0]
        if measured is None and kind in ("lab", "measurement", "life-expectancy"):
            measured = start
        elif disease is None and start < _NAMED_EARLY and kind in ("comorbidity", "diagnosis", "infection"):
            disease = start
    return measured, disease


_NAMED_EARLY: Final = 12
"""Tokens within which a disease is the subject of a criterion."""


def _by_endings(sequence: Sequence[Token], skipped: int, scores: dict[str, float], *, required: bool) -> int | None:
    """Let names speak that end as those of diseases, drugs and operations do; return where the first disease is."""
    places: dict[str, int] = {}
    for index, (text, kind, _, _) in enumerate(sequence[:26]):
        if kind == "word" and len(text) > 4:
            ending = _ending(text)
            if ending and ending not in places:
                places[ending] = index
    for ending, place in places.items():
        strength = _factor(max(0, place - skipped))
        for kind, weight in _OF_ENDING.get(ending, ()):
            scores[kind] += weight * strength
        if ending == "disease":
            scores["diagnosis" if required else "comorbidity"] += 2.4 * strength
            scores["comorbidity" if required else "diagnosis"] += 0.7 * strength
    return places.get("disease")


_OF_ENDING: Final = {
    "drug": (("concomitant-therapy", 1.5), ("prior-therapy", 1.5)),
    "operation": (("prior-therapy", 2.4), ("planned-treatment", 1.8)),
}


_GIVEN: Final = re.compile(
    r"\W*(?:(?:current|concomitant|concurrent|chronic|prior|previous|recent|any|on|the)\s)*"
    r"(?:use|usage|intake|treatment|therapy|supplementation|administration|injection|infusion|receipt|taking|receiving)\b"
)
"""A beginning that speaks of a treatment: what is named then is given, though it can be measured (`testosterone`)."""
_EXPLAINED: Final = re.compile(
    r"[(\[:,]|\bdefined\b|\bi\.?e\b|\bas (?:evidenced|shown|assessed|measured|determined|indicated)\b|\bwith an?\b"
)


def _value_of_disease(folded: str, sequence: Sequence[Token], disease: int, measured: int) -> bool:
    """Return whether a value only explains a disease named before it (`anaemia (Hb < 9 g/dL)`)."""
    if measured <= disease:
        return False
    return bool(_EXPLAINED.search(folded, sequence[disease].end, sequence[measured].start))


@lru_cache(maxsize=20_000)
def _ending(word: str) -> str:
    """Return what the ending of a word tells: `disease`, `drug`, `operation` or nothing."""
    if word.endswith(_DRUG):
        return "drug"
    if word.endswith(_OPERATION):
        return "operation"
    return "disease" if word.endswith(_DISEASE) else ""


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


_ANY_CONDITION: Final = PatternSet.of_pattern(
    r"\b(?:any|other)\s(?:\w+[,/]?\s(?:or\s|and\s)?){0,4}?(?:conditions?|reasons?|factors?|circumstances?)\b"
)
_JUDGED_ASIDE: Final = re.compile(
    r"\W*(?:\w+\W+){0,2}?in the (?:opinion|judge?ment|view) of the (?:\w+ )?(?:investigator|physician)\W+"
    r"(?:with|who (?:has|have)|has|have|having)\b(?! any)"
)
"""A judgement said aside of a disease (`Subjects, in the opinion of the investigator, with profound nausea`)."""
_JUDGED: Final = PatternSet.of_pattern(
    r"\binvestigator|\bjudge?ment|\bopinion|\bdiscretion|\binterfere|\bpreclud|\bphysician|\bjeopardi"
)


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


_PAST: Final = PatternSet.of_pattern(
    r"\b(?:prior|previous|previously|history of|past|received|treated|underwent|undergone"
    r"|has had|have had|recent|within|had)\b"
)
_NOW: Final = PatternSet.of_pattern(
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


_NAMED_INFECTION: Final = 2.5
"""Score with which an infection is named: what is said of a disease (known, history, diagnosis) is said of it."""
_ASIDE: Final = PatternSet.of_pattern(
    r"\b(?:no|not|non|without|free|absence|absent|lack|never|none|stable|(?:well|un)?-?\s?controlled|control|adequate\w*|risk|resol\w+"
    r"|except|unless|allowed|eligible|permitted|comorbid\w*)\b"
)
"""Words with which a required thing is another disease rather than the one that the trial is for."""


_OF_THE_TUMOUR: Final = PatternSet.of_pattern(r"\bhistolog\w+|\bhistopatholog\w+|\bsubtype\b")
_NEAR: Final = 70
"""Characters in which a histology is the subject: an excluded one is still of the disease that the trial is for."""


@lru_cache(maxsize=256)
def _of_heading(heading: str) -> tuple[tuple[str, float], ...]:
    """Return what a heading says of the types of the points under it."""
    lowered = heading.lower()
    return tuple((kind, weight) for pattern, kind, weight in _CONTEXT if pattern.search(lowered))


def _by_context(folded: str, side: str | None, heading: str, scores: dict[str, float]) -> None:
    """Side, heading and tense tilt the balance."""
    if heading:
        for kind, weight in _of_heading(heading):
            scores[kind] += weight
    if side == "exclusion" and _OF_THE_TUMOUR.search(folded[:_NEAR]):
        pass
    elif side == "exclusion":
        if scores["infection"] >= _NAMED_INFECTION:
            scores["infection"] += 0.9 * scores["diagnosis"]
            scores["diagnosis"] = 0.0
        if scores["substance-use"] > max(scores["comorbidity"], _NAMED_INFECTION):
            scores["substance-use"] += 0.9 * scores["diagnosis"]
            scores["diagnosis"] = 0.0
        scores["comorbidity"] = 1.18 * scores["comorbidity"] + 0.9 * scores["diagnosis"]
        scores["diagnosis"] *= 0.5
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
