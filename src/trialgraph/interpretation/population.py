"""Who takes part: stage, place in treatment, state of disease, biomarkers, earlier treatment.

Read from titles, conditions and criteria. A state that is denied where something is required is forbidden; what
stands behind `after`, `following` and the like is earlier treatment and no setting.

>>> title = "Consolidation in Limited-stage Small Cell Lung Cancer Without Progression Following Chemoradiotherapy"
>>> found = read_population({"protocolSection": {"identificationModule": {"officialTitle": title}}})
>>> [(each.kind, each.code, each.requirement) for each in found]  # doctest: +NORMALIZE_WHITESPACE
[('treatment-context', 'CONSOLIDATION', 'required'), ('stage', 'LIMITED_STAGE', 'required'),
 ('disease-status', 'NO_PROGRESSION', 'required'), ('prior-therapy', 'CHEMORADIOTHERAPY', 'required')]
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from trialgraph.interpretation.biomarker import ALLOWED, FORBIDDEN, biomarkers
from trialgraph.interpretation.biomarker_alternatives import settled
from trialgraph.interpretation.biomarker_changes import REQUIRED
from trialgraph.interpretation.biomarker_choices import ONE_OF
from trialgraph.interpretation.criterion_scope import DONOR
from trialgraph.interpretation.criterion_tokenizer import Token, tokens
from trialgraph.interpretation.earlier_treatment import PERMITTED, PLANNED, earlier_treatments
from trialgraph.interpretation.eligibility import FIELD, Criterion, read_criteria
from trialgraph.interpretation.open_state import left_open
from trialgraph.interpretation.pattern_set import GuardedPattern
from trialgraph.interpretation.population_terms import (
    CONDITIONAL,
    PopulationFact,
    fact_of,
    named_terms,
    named_therapies,
)
from trialgraph.interpretation.prior_therapy import prior_lines, prior_outcome
from trialgraph.interpretation.record_texts import Document, section, text_of
from trialgraph.interpretation.stage import stages
from trialgraph.interpretation.stored_text import StoredText

_ONCOLOGY: Final = re.compile(
    r"cancer|carcinom|lymphom|leuk|myelom|tumou?r|neoplas|sarcom|gliom|melanom|oncol"
    r"|malignan|nsclc|sclc|blastom|metasta|mesotheliom|myelodysplas"
)
_NOT_A_SETTING: Final = re.compile(
    r"\b(?:after|following|post|prior|previous|previously|received|receiving|failed"
    r"|failure of|failing|complet\w+|refractory to|progress\w* (?:on|after)|since"
    r"|before)\s(?:[\w-]+\s){0,6}$"
)
_DENIED: Final = re.compile(
    r"\b(?:no|not|(?<!or )(?<!/)without|absence of|excluding|free of|never)\b(?! more| less| longer)"
    r"(?![^.;,)]{0,40}?\bin (?:\w+ )?(?:patients|participants|subjects|men|women|adults|children|people)\b)"
    r"[^.;,)]{0,40}$|\bnon[- ]?$"
)
_DENIED_FAR: Final = re.compile(
    r"\b(?:no|not|(?<!or )(?<!/)without|absence of|excluding|free of|never)\b(?! more| less| longer)[^.;)]{0,85}$"
    r"|\bnon[- ]?$"
)
_COHORTS: Final = GuardedPattern(
    r"\b(?:cohort|group|arm|part)s? ?\w{1,3} ?:[\s\S]{3,300}?\bor\s{1,3}(?:cohort|group|arm|part) ?\w{1,3} ?:"
)
"""Cohorts with states of their own, in one criterion."""
_EARLIER: Final = re.compile(
    r"\b(?:after|following|previously treated with|pretreated with|progress\w* (?:on|after"
    r"|during|following)|failed|failure of|failure to|refractory to|resistant to"
    r"|intolerant (?:to|of)|relapsed after|post|treated with prior|received prior"
    r"|completed)\b"
)
_TREATED: Final = re.compile(r"\b(?:treated|stable|asymptomatic|controlled|definitive|irradiated|inactive)\b")
_UNCONTROLLED: Final = re.compile(
    r"\b(?:untreated|active|symptomatic|unstable|uncontrolled|progressive|progressing|requiring)\b"
)


_REFUSED: Final = re.compile(
    r"\bnot (?:be )?eligible\b|\bexcluded\b|\bineligible\b|\bnot (?:be )?(?:allowed|permitted|included)\b"
)
_NOT_ASKED: Final = re.compile(
    r"\s(?:disease |cancer |tumou?rs? )?(?:is|are) not (?:mandated|required|obliged)\b|,? if present\b"
)
_EXCEPTIONS: Final = GuardedPattern(r"\bexcept\w*\b|\ballowed\b|\bpermitted\b|\bmay be\b")


def read_population(document: Document) -> tuple[PopulationFact, ...]:
    """Return the facts of a record's population, each once, where it is said first."""
    identification = section(document, "identificationModule")
    conditions = section(document, "conditionsModule").get("conditions")
    texts = [(key, text_of(identification, key)) for key in ("officialTitle", "briefTitle")]
    if isinstance(conditions, list):
        texts += [(f"conditions[{number}]", one) for number, one in enumerate(conditions) if isinstance(one, str)]
    named = " ".join(text for _, text in texts if text).lower()
    oncology = bool(_ONCOLOGY.search(named))
    found: dict[tuple[str | None, ...], PopulationFact] = {}
    for path, stored in texts:
        if stored:
            _keep(found, _of_title(path, stored, oncology))
    eligibility = text_of(section(document, "eligibilityModule"), FIELD)
    criteria = read_criteria(eligibility) if eligibility else ()
    for criterion in criteria:
        above = criteria[criterion.parent].exact.lower() if criterion.parent is not None else ""
        if not _EXCEPTIONS.search(above):
            _keep(found, _of_criterion(criterion, oncology, below_one_of=ONE_OF.search(above) is not None))
    return tuple(settled(list(found.values())))


def _keep(found: dict[tuple[str | None, ...], PopulationFact], facts: Iterator[PopulationFact]) -> None:
    for fact in facts:
        value = None if fact.low is None and fact.high is None else f"{fact.op}{fact.low}{fact.high}{fact.unit}"
        variant = fact.variant.lower() if fact.variant is not None else None
        key = (fact.kind, fact.code, fact.requirement, fact.sign, variant, fact.outcome, value, str(fact.or_another))
        found.setdefault(key, fact)


# ------------------------------------------------------------------------------------ titles and conditions


def _of_title(path: str, stored: str, oncology: bool) -> Iterator[PopulationFact]:
    """Yield what a title or condition says."""
    text = StoredText(stored)
    sequence = tokens(text.plain)
    for scheme, code, start, end in named_terms(text, sequence, oncology):
        denied = _denied(_DENIED, text.folded, start, 50)
        if scheme == "treatment-context" and (
            denied or _NOT_A_SETTING.search(text.folded[max(0, start - 60) : start])
        ):
            continue
        requirement = FORBIDDEN if denied else REQUIRED
        if denied and _TREATMENT_OF.search(text.folded, max(0, start - 110), start):
            continue
        if left_open(text.folded, code, start, end):
            requirement = ALLOWED
        yield fact_of(
            text, path, start, end, kind=scheme, code=code, requirement=requirement, rule=f"population/{scheme}"
        )
    if oncology:
        for code, start, end in stages(text.plain):
            yield fact_of(
                text, path, start, end, kind="stage", code=code, requirement=REQUIRED, rule="population/stage-number"
            )
    for marker in biomarkers(text.plain, None):
        yield _marker(text, path, marker, 0)
    if path.startswith("conditions"):
        return
    for code, _, start, end in named_therapies(sequence):
        before = text.folded[max(0, start - 70) : start]
        earlier = list(_EARLIER.finditer(before))
        surgery = code == "SURGERY" and not oncology and not text.folded[start:end].endswith("ectomy")
        if (
            earlier
            and not surgery
            and not re.search(
                r"[.;]|\b(?:with|versus|vs|plus|in patients|in participants|treatment of|followed by|then)\b",
                before[earlier[-1].end() :],
            )
        ):
            outcome = prior_outcome(text.folded[max(0, start - 90) : end + 20])
            yield fact_of(
                text,
                path,
                start,
                end,
                kind="prior-therapy",
                code=code,
                requirement=REQUIRED,
                outcome=outcome,
                rule="prior-therapy/title",
            )


def _denied(pattern: re.Pattern[str], folded: str, start: int, reach: int) -> bool:
    """Return whether a state is denied before it, or by its own beginning (`nonmetastatic`)."""
    return pattern.search(folded[max(0, start - reach) : start]) is not None or folded.startswith("nonmeta", start)


def _marker(text: StoredText, path: str, marker: Any, offset: int) -> PopulationFact:
    return fact_of(
        text, path, marker.start, marker.end, offset, kind="biomarker", code=marker.marker,
        requirement=marker.requirement,
        sign=marker.sign, state=marker.state, variant=marker.variant, op=marker.op, low=marker.low, high=marker.high,
        unit=marker.unit, rule=marker.rule, or_another=marker.or_another or None,
    )  # fmt: skip


# ------------------------------------------------------------------------------------ criteria

_EXTENT: Final = frozenset(
    ("diagnosis", "disease-extent", "biomarker", "prior-therapy", "planned-treatment", "other", "comorbidity")
)
_METASTASES: Final = GuardedPattern(
    r"\b(?:(?P<brain>brain|cns(?: \(central nervous system\))?|central nervous system(?: \(cns\))?|cerebral"
    r"|intracranial|leptomeningeal)(?:/meningeal|/leptomeningeal)?\s(?:or leptomeningeal |and/or leptomeningeal "
    r"|(?:or|and|and/or) (?:bone|liver|lung|visceral|spinal cord) |parenchymal |tumou?r )?"
    r"(?:metast\w+|involvement|disease|leuk\w+|relapse)"
    r"|metast\w+ (?:disease |cancer |tumou?rs? )?(?:to|in|of|involving) (?:the )?"
    r"(?:[\w-]{2,20},? (?:or |and |the )?){0,7}?(?:brain|cns|central nervous system)\b"
    r"|spread (?:of [^.;,()]{1,40} )?to (?:the )?(?:brain|cns|central nervous system)\b"
    r"|metast\w+,? (?:such as|including) (?:the )?(?:[\w-]{2,20},? (?:or |and |the )?){0,4}?brain\b"
    r"|metast\w+ \((?:[\w-]{2,20}(?:,| and/or| or| and) ){0,3}brain\b"
    r"|(?P<liver>liver|hepatic)\smetast\w+|(?P<bone>bone|osseous|skeletal)\smetast\w+"
    r"|(?P<lepto>leptomeningeal|meningeal)\s(?:carcinomatosis|disease|metast\w+|involvement)"
    r"|carcinomatous meningitis)"
)


def _of_criterion(criterion: Criterion, oncology: bool, *, below_one_of: bool) -> Iterator[PopulationFact]:
    """Yield what a criterion says of the population."""
    text = StoredText(criterion.exact)
    if criterion.side is None or criterion.group == DONOR:
        return
    cohorts = _COHORTS.search(text.folded) is not None
    asked = criterion.type != "other-malignancy"
    for marker in biomarkers(text.plain, criterion.side, below_one_of=below_one_of) if asked else ():
        fact = _marker(text, FIELD, marker, criterion.start)
        yield replace(fact, requirement=ALLOWED) if cohorts and fact.requirement == REQUIRED else fact
    sequence = tokens(text.plain)[:220]
    if oncology and criterion.type in _EXTENT:
        yield from _extent(criterion, text, sequence)
    if oncology and (criterion.type in _EXTENT or criterion.type == "allergy-contraindication"):
        yield from _metastases(criterion, text)
    yield from earlier_treatments(criterion, text, sequence)
    if criterion.side == "inclusion":
        for op, low, high, start, end in prior_lines(text.folded):
            yield fact_of(
                text, FIELD, start, end, criterion.start, kind="prior-lines", code="PRIOR_LINES",
                requirement=REQUIRED,
                op=op, low=low, high=high, unit="{line}", rule="prior-therapy/lines",
            )  # fmt: skip


def _extent(criterion: Criterion, text: StoredText, sequence: Sequence[Token]) -> Iterator[PopulationFact]:
    """Yield stage and state of the disease: as required on the one side, as forbidden on the other."""
    if criterion.type in ("prior-therapy", "comorbidity", "other"):
        return
    requirement = REQUIRED if criterion.side == "inclusion" else FORBIDDEN
    found = [
        (scheme, code, start, end, "population/" + scheme)
        for scheme, code, start, end in named_terms(text, sequence, True)
    ]
    found += [("stage", code, start, end, "population/stage-number") for code, start, end in stages(text.plain)]
    for scheme, code, start, end, rule in found:
        if scheme == "treatment-context" and code != "FIRST_LINE":
            continue
        before = text.folded[max(0, start - 60) : start]
        denied = _denied(_DENIED_FAR, text.folded, start, 90)
        stop = text.folded.find(". ", end)
        sentence = text.folded[end : stop if stop > 0 else len(text.folded)]
        if (
            _NOT_ASKED.match(sentence)
            or _REFUSED.search(sentence)
            or PLANNED.search(before)
            or (scheme == "disease-status" and start > 160)
        ):
            continue
        if PERMITTED.search(text.folded[end : end + 60]) or re.search(
            r"\b(?:if|prior|previous|history of|for|unless|except)\s(?:\w+\s){0,3}$", before
        ):
            continue
        if criterion.side == "exclusion" and (denied or criterion.type == "diagnosis"):
            continue
        if _spoken_of_alone(text.folded, code, start):
            continue
        if code == "FIRST_LINE" and _NOT_A_SETTING.search(before):
            continue
        settled = FORBIDDEN if denied and criterion.side == "inclusion" else requirement
        if left_open(text.folded, code, start, end):
            settled = ALLOWED
        if settled == FORBIDDEN and (
            _TREATMENT_OF.search(text.folded, max(0, start - 110), start)
            or scheme == "treatment-context"
            or code == "MEASURABLE"
            or (code == "METASTATIC" and _AT_A_SITE.match(text.folded, end))
        ):
            continue
        yield fact_of(
            text, FIELD, start, end, criterion.start, kind=scheme, code=code, requirement=settled, rule=rule
        )


_AT_A_SITE: Final = re.compile(r"\s(?:to|in|of|involving) (?:the )?(?:brain|cns|central|liver|lungs?|bones?|skin)\b")
"""Behind metastases of which only those at a site are spoken of."""
_OF_LESIONS: Final = re.compile(r"\blesions?\b[^.;]{0,70}$")
_IN_BRAIN: Final = re.compile(r"\w+ (?:cns|brain|central nervous|cerebral)\b")
_RISK_OF_ELSE: Final = re.compile(
    r"high[- ]risks? (?:that\b|(?:of|for) (?!(?:\w+ ){0,2}(?:recurr|relaps|progress|metasta|disease|distant)))"
)
"""A high risk of something else than the course of the disease."""
_TREATMENT_OF: Final = re.compile(
    r"\b(?:therap(?:y|ies)|treatments?|regimens?|lines?|chemotherapy|inhibitors?)\b[^.;]{0,40}\b(?:for|in|of)\b[^.;]{0,50}$"
)
"""Before a stage that an excluded treatment was for."""
_COURSE: Final = frozenset(("PROGRESSIVE", "NO_PROGRESSION", "STABLE"))


def _spoken_of_alone(folded: str, code: str, start: int) -> bool:
    """Return whether a state is that of single lesions, or of a part of the stage that is named."""
    before = folded[max(0, start - 80) : start]
    if code in _COURSE and (_OF_LESIONS.search(before) or _IN_BRAIN.match(folded, start)):
        return True
    if code == "HIGH_RISK" and _RISK_OF_ELSE.match(folded, start):
        return True
    return code.startswith("STAGE_") and before.endswith("partial ")


def _metastases(criterion: Criterion, text: StoredText) -> Iterator[PopulationFact]:
    """Yield what is said of metastases by site, the mildest of each: allowed, forbidden unless treated, forbidden."""
    found: dict[str, tuple[int, str, re.Match[str]]] = {}
    for match in _METASTASES.finditer(text.folded):
        code = _site_of(match)
        requirement = _metastases_requirement(criterion, text.folded, match, code)
        if requirement is not None:
            rank = _MILDEST.index(requirement)
            if code not in found or rank < found[code][0]:
                found[code] = rank, requirement, match
    for code, (_, requirement, match) in found.items():
        said = {"kind": "metastasis", "code": code, "requirement": requirement, "rule": "population/metastasis"}
        yield fact_of(text, FIELD, match.start(), match.end(), criterion.start, **said)


_NO_SPREAD: Final = re.compile(
    r"\b(?:fractures? (?:in|of|due to|from)|biops(?:y|ies) (?:from|of)|pain (?:from|due to|of)"
    r"|resection of|surgery for|operations? for|radiotherapy (?:for|to|of)|radiation (?:for|to|of)"
    r"|non-?malignant)\s$"
)
"""Before metastases of which only a treatment is spoken, or before another disease of the same place."""
_OTHER_ILLNESS: Final = re.compile(
    r"\b(?:epilep|seizure|convuls|dementia|vasculit|neurodegener|parkinson|alzheimer|autoimmun|non-?malignant|psychosis"
    r"|sclerosis|lupus)"
)
"""Words with which a disease or an involvement of the brain is no spread of a cancer."""
_INCLUDED: Final = re.compile(
    r"\b(?:are|may be|will be|can be) (?:included|enrolled|considered)\b|\bconsidered for inclusion\b|\bmay enrol"
)
"""With which those who have metastases may take part, too."""
_MILDEST: Final = (ALLOWED, CONDITIONAL, REQUIRED, FORBIDDEN)
_UNLESS: Final = re.compile(
    r"\b(?:unless|except|however|but|provided|not adequately|who remain|are eligible|may be)\b"
)


def _site_of(match: re.Match[str]) -> str:
    """Return the site that is named."""
    if match["liver"] or match["bone"]:
        return "LIVER" if match["liver"] else "BONE"
    lepto = match["lepto"] or "leptomeningeal" in match.group() or "meningitis" in match.group()
    return "LEPTOMENINGEAL" if lepto else "BRAIN"


_NOT_SO: Final = re.compile(r"\W{0,2}(?:that (?:do|does) )?not (?:fit(?:ting)?|meet(?:ing)?|fulfil\w*)\b")
_OTHERS: Final = re.compile(r"\b(?:except|unless|other than)\b|\bnon[- ]$")
"""Behind metastases of which only others than those that are asked for are excluded."""


def _sentence(folded: str, match: re.Match[str]) -> str:
    stop = folded.find(". ", match.end())
    return folded[folded.rfind(". ", 0, match.start()) + 1 : stop if stop > 0 else len(folded)]


def _metastases_requirement(criterion: Criterion, folded: str, match: re.Match[str], code: str) -> str | None:
    """Return what is asked of metastases at one place of a criterion, None where nothing is."""
    near = folded[max(0, match.start() - 60) : match.start()]
    other = match.group().endswith(("disease", "involvement")) and _OTHER_ILLNESS.search(folded)
    if other or _NOT_SO.match(folded, match.end()) or _NO_SPREAD.search(near) or _OTHERS.search(near):
        return None
    either = left_open(folded, code, match.start(), match.end())
    denied = criterion.side == "exclusion" or criterion.negated or bool(_DENIED.search(near[-50:]))
    forbidding = denied and not either
    said = folded if criterion.side == "exclusion" else _sentence(folded, match)
    permitted = PERMITTED.search(folded) or _INCLUDED.search(said)
    milder = _UNCONTROLLED.search(near) or (
        _TREATED.search(folded) and (permitted or _UNLESS.search(folded[match.end() : match.end() + 160]))
    )
    if code in ("BRAIN", "LEPTOMENINGEAL") and milder and not either:
        return CONDITIONAL if forbidding or permitted else REQUIRED
    if forbidding:
        return FORBIDDEN
    if permitted:
        return ALLOWED
    if code in ("LIVER", "BONE"):
        return None
    return ALLOWED if re.search(r"\bif\b|\bwith\b", near) else REQUIRED
