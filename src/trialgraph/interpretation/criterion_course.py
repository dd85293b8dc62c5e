"""Type of a criterion by the unit of a value and by the course of a treatment (past or to come).

>>> scores = defaultdict(float)
>>> by_unit("pulmonary vein velocity > 60 cm/s", 33, scores)
>>> by_course("scheduled for elective surgery", "inclusion", scores, 30)
>>> dict(scores)["measurement"], dict(scores)["planned-treatment"]
(2.8, 3.2)
"""

import re
from collections import defaultdict
from typing import Final

from trialgraph.interpretation.pattern_set import PatternSet

__all__ = ["by_course", "by_unit", "defaultdict"]

_LAB_UNIT: Final = (
    r"mg/dl|g/dl|g/l|mg/l|[mµμun]mol/l|[mu]?iu/m?l|u/l|ng/m?l|pg/ml|[µμu]g/m?l|mcg/ml|meq/l|x uln|times uln"
    r"|/mm\^?3|/[µμu]l|cells|copies|mosm"
)
_BODY_UNIT: Final = (
    r"%|m?secs?\b|ms\b|mm\b|cm|mm ?hg|ml|m/s|g/m|kg|bpm|beats|degrees?|°|points?|mv\b|db\b|k?pa\b|met(?:er|re)s?|m\b"
)
_AMOUNT: Final = re.compile(
    r"(?:[<>≥≤=]|\b(?:than|least|most|over|under|above|below|exceeds?|exceeding|of|to|is|between)\b)[\s(]{0,3}"
    rf"(?:or equal to )?\d[\d.,]*[\s-]{{0,2}}(?:(?P<lab>{_LAB_UNIT})|(?P<body>{_BODY_UNIT}))"
)
_SCORED: Final = PatternSet.of_pattern(r"\b(?:scores?|scale|index|grade)\b[^.;]{0,30}\d|[<>≥≤]\s?\d")


_DIGIT: Final = re.compile(r"\d")


def by_unit(folded: str, size: int, scores: dict[str, float]) -> None:
    """Let the unit of a value tell what is measured, though the measurement is none that is known."""
    weight = 2.8 if size < 90 else 1.5 if size < 180 else 0.7
    amount = _AMOUNT.search(folded) if _DIGIT.search(folded) else None
    if amount:
        scores["lab" if amount["lab"] else "measurement"] += weight
    elif size < 90 and _SCORED.search(folded):
        scores["measurement"] += 1.2


_PROCEDURE: Final = (
    r"(?:surger\w+|surgical|operations?|implant\w*|transplant\w*|pci|cabg|revasculari\w+|radiotherapy|chemotherapy|stents?"
    r"|stenting|resections?|replacement|repair|ablation|interventions?|procedures?|prosthes\w+|catheteri\w+"
    r"|[a-z]+(?:ectomy|plasty|otomy))"
)
_TREATED: Final = PatternSet.of_pattern(
    r"surg|operat|plant|pci|cabg|revascul|therap|treat|stent|resect|replac|repair|ablat|interven|procedure|prosthe"
    r"|cathet|plasty|tomy|use|usage|administ|inject|infus|expos|receiv|vaccin|radiat|dialys|medicat|ventilat|support|fusion"
)
"""What a text must hold to speak of the course of a treatment."""
_TO_COME: Final = PatternSet.of_pattern(
    r"\b(?:will be|to be|being|scheduled|planned|planning|plans?|undergoing|undergo|awaiting|wait\w* list\w*"
    r"|list(?:ed|ing)|candidates?|indicated|indications?|refer\w+ for|require[sd]?|requiring|requirement|expected"
    r"|anticipated|needs?"
    rf"|needing|fit for|suitable for|opting for|eligible for|first)\b[^.;]{{0,60}}?\b{_PROCEDURE}\b"
    rf"|\b{_PROCEDURE}\s"
    r"(?:list|(?:is |are |was |were |being )?(?:required|planned|expected|scheduled|indicated|foreseen))\b"
)
_GOING_ON: Final = PatternSet.of_pattern(
    r"\b(?:ongoing|current|currently|concurrent|concomitant|being treated|treated by|requir\w+)\b[^.;,(]{0,40}?"
    r"\b(?:treatments?|therap\w+|chemotherapy|radiotherapy|radiation|dialysis|medications?|ventilation|support)\b"
)
_GONE: Final = PatternSet.of_pattern(
    r"\b(?:prior|previous|previously|past|earlier|recent|history of|post|already|has had|have had|had|status post)\b"
    rf"[^.;,(]{{0,50}}?\b(?:{_PROCEDURE}|treatments?|therap\w+|use|used|usage|administration|injections?|infusions?"
    r"|exposure|implanted|received|fusion|vaccin\w+)\b"
)
_SPAN_PAST: Final = PatternSet.of_pattern(
    r"\b(?:within|in the (?:last|past|previous|preceding)|during the (?:last|past|previous|preceding)"
    r"|over the (?:last|past)|(?:days?|weeks?|months?|years?|hours?) (?:prior|before|preceding))\b"
)
_STABLE: Final = PatternSet.of_pattern(r"\bstable (?:daily )?(?:doses?|dosages?|regimens?)\b")
_EITHER: Final = PatternSet.of_pattern(
    r"\b(?:prior|previous|previously|history|before|(?:within|in) the (?:last|past)|undergone"
    r"|received|had)\b[^.;]{0,60}?,?\s(?:or|and/or)\s(?:(?:with|an?|is|are|has|have|any|currently)\s){0,3}"
    r"(?:for |to |on )?(?:planned|planning|plans?|scheduled|expected|anticipated|indication|awaiting|listed|will)\b"
)
"""What was or is to come: the first of both is the subject (`surgery within the last 5 years or planned surgery`)."""
_ABILITY: Final = PatternSet.of_pattern(
    r"\b(?:(?:un)?able to|(?:in)?ability to|(?:in)?capable of|cannot|can not)\b"
    r"(?! (?:tolerate|undergo|swallow|walk|ambulate|take))"
)


_NAMED: Final = 3.0
"""Score with which a type is named."""
_TRIAL: Final = PatternSet.of_pattern(
    r"\b(?:clinical |research |investigational |interventional )?(?:trials?|stud(?:y|ies))\b"
)
_WAS_GIVEN: Final = re.compile(r"\W*prior\b[^.;]{3,90}\b(?:allowed|permitted|eligible)\b")
"""An earlier treatment that may have been given (`Prior gemcitabine in the adjuvant setting allowed`)."""
_FAILED_OR_INTOLERANT: Final = re.compile(
    r"\b(?:fail\w*|refractory|resistant|progress\w+|relapsed|unresponsive|inadequate\w*|insufficient\w*"
    r"|no response)\b[^.;]{0,50}?(?:\bor\b|\band\b|/)[^.;]{0,25}?(?:\bintoleran|\bnot tolera|\bunable to tolerate)"
    r"|\bintoleran\w+\b[^.;]{0,25}?(?:\bor\b|\band/or\b|,|/)[^.;]{0,25}?"
    r"\b(?:fail\w*|refractory|resistant|progress\w+|inadequate|insufficient|unresponsive)\b"
)
"""A treatment that did not work, or was not borne: it was given, so it is of the past."""
_USED: Final = re.compile(
    r"\W*(?:(?:patients?|subjects?|participants?|individuals?|those|women|men|people)\s)?(?:who\s)?"
    r"(?:have\s|has\s|had\s)?(?:recently\s|ever\s|previously\s)?"
    r"(?:used|taken|took|received|ingested|been on|been taking|been treated with)\s"
)
_DRUGS_THAT: Final = PatternSet.of_pattern(
    r"\b(?:drugs?|medications?|medicines?|medicinal products?|agents?)\s(?:that|which|known|likely|associated with)\b"
)
"""Drugs told by what they do (`any drug that may prolong the QT interval`): the drug is the subject."""


def by_course(folded: str, side: str | None, scores: dict[str, float], named: int) -> None:
    """Let it count whether a treatment is past, goes on or is to come, unless a disease is `named` before it."""
    head = folded[: min(140, named + 25)]
    to_come = _TO_COME.search(head)
    if not _TREATED.search(head):
        pass
    elif to_come and side == "exclusion" and _EITHER.search(head):
        scores["prior-therapy"] += 3.0
        scores["planned-treatment"] *= 0.5
    elif side == "inclusion" and scores["prior-therapy"] >= max(scores.values()) and _STABLE.search(head):
        scores["concomitant-therapy"] = 1.05 * scores["prior-therapy"]
    elif _GONE.search(head):
        scores["prior-therapy"] += 2.0
    elif to_come:
        scores["planned-treatment"] += 3.2 if side == "inclusion" else 1.6
        scores["prior-therapy"] *= 0.55 if side == "inclusion" else 0.8
    elif _GOING_ON.search(head):
        scores["concomitant-therapy"] += 2.5
        scores["prior-therapy"] *= 0.8
    treated = scores["concomitant-therapy"]
    past = side == "exclusion" and _SPAN_PAST.search(folded) and "stable" not in folded
    if past and treated > scores["prior-therapy"]:
        scores["prior-therapy"] = 1.05 * treated
    _by_beginning(folded, side, scores, past=bool(past))
    if scores["other-study"] >= _NAMED and _TRIAL.search(head):
        scores["concomitant-therapy"] *= 0.8
    if _ABILITY.search(head):
        scores["consent-compliance"] += 1.8


def _by_beginning(folded: str, side: str | None, scores: dict[str, float], *, past: bool) -> None:
    """Let the words count with which a criterion begins to speak of a treatment; `past` where its time is over."""
    if "toler" in folded and scores["allergy-contraindication"] and _FAILED_OR_INTOLERANT.search(folded[:160]):
        scores["prior-therapy"] = max(scores["prior-therapy"], 1.1 * scores["allergy-contraindication"])
    used = side == "exclusion" and _USED.match(folded[:80])
    if used and scores["other-study"] < _NAMED and _SPAN_PAST.search(folded):
        scores["prior-therapy"] += 3.0
    if side != "exclusion" and _WAS_GIVEN.match(folded):
        scores["prior-therapy"] += 2.5
    if _DRUGS_THAT.search(folded[:90]):
        scores["prior-therapy" if past or used else "concomitant-therapy"] += 3.0
