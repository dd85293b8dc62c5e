"""What kind of trial a record describes: control, objectives, platform, test arms and more.

Ten derived concepts that analysts filter by. Each is found by the words of titles, summary and description
(`data/lexicons/trial-concepts.tsv`), by the kinds and interventions of the arms, by the bounds of age, or by what
the primary outcomes measure; each says by which rule and on which words of which field it rests.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from trialgraph.interpretation.arm_concepts import compares_formulations, concepts_of_arms
from trialgraph.interpretation.endpoint_concepts import concepts
from trialgraph.interpretation.endpoint_reader import line_of, read_line
from trialgraph.interpretation.lexicon import rows
from trialgraph.interpretation.pattern_set import GuardedPattern, PatternSet
from trialgraph.interpretation.record_texts import Document, section, text_of
from trialgraph.interpretation.stored_text import StoredText
from trialgraph.interpretation.trial_concept import FIELDS, TrialConcept, hyphened, whole

__all__ = ["TrialConcept", "trial_concepts"]

_SAFETY: Final = frozenset(("AE", "SAE", "DLT", "MTD-RP2D", "immunogenicity"))
_HARM: Final = re.compile(
    r"\babnormal\w*\b[^.;]{0,40}\b(?:lab\w*|vital|blood pressure|pulse|heart rate|ecg|electrocardio\w*|findings?"
    r"|haematology|hematology|chemistry)\b"
    r"|\bclinically (?:significant|relevant|important) (?:abnormal\w*|changes? in (?:lab|vital|ecg))"
    r"|\boutside (?:of )?(?:the )?(?:normal|reference) range",
    re.IGNORECASE,
)
"""Words by which values are watched for harm, whatever they are of."""
_KINETICS: Final = re.compile(
    r"pharmaco-?kinetic|plasma|serum|trough|drug|bio-?(?:availability|equivalence)", re.IGNORECASE
)
"""Words by which a concentration is that of a drug."""
_NOT_EFFICACY: Final = frozenset(
    ("safety", "pharmacokinetics", "pharmacodynamics", "biomarker", "diagnostic", "behavioural", "other")
)
_PURPOSES: Final = frozenset(("TREATMENT", "PREVENTION", "SUPPORTIVE_CARE"))
_AGE: Final = re.compile(r"(\d+) (Year|Month|Week|Day|Hour|Minute)s?$")
_CHILD_YEARS: Final = 18
_GROWN: Final = re.compile(
    r"adult|elderly|adolescen|survivor|childhood|parent|mother|women|famil|caregiver|teacher|nurse", re.IGNORECASE
)
"""Words of a title about children that may be of others too, where no bounds of age are registered."""
_LONGEST: Final = 20_000


def trial_concepts(document: Document) -> list[TrialConcept]:
    """Return the concepts of a trial, each once, in the order of the rules.

    >>> title = {"nctId": "NCT00000001", "briefTitle": "A First-in-Human Study of X"}
    >>> [found.concept for found in trial_concepts({"protocolSection": {"identificationModule": title}})]
    ['FIRST_IN_HUMAN']
    """
    found: dict[str, TrialConcept] = {}
    for one in _all(document):
        found.setdefault(one.concept, one)
    if "PAEDIATRIC" in found and not _for_children(document, found["PAEDIATRIC"]):
        del found["PAEDIATRIC"]
    if "FIRST_IN_HUMAN" in found and compares_formulations(document):
        del found["FIRST_IN_HUMAN"]
    return list(found.values())


def _all(document: Document) -> Iterator[TrialConcept]:
    yield from _by_words(document)
    if section(document, "designModule").get("studyType") in ("INTERVENTIONAL", None):
        yield from concepts_of_arms(document)
        yield from _by_primary_outcomes(document)
    yield from _by_age(document)


@cache
def _patterns() -> tuple[tuple[str, str, PatternSet], ...]:
    """Return concept, field and pattern of each row of the table."""
    return tuple(
        (row["concept"], field, PatternSet.of_pattern(row["pattern"]))
        for row in rows("trial-concepts")
        for field in row["fields"].split()
    )


def _by_words(document: Document) -> Iterator[TrialConcept]:
    """Yield what titles, summary and description say."""
    texts: dict[tuple[str, str], StoredText] = {}
    for places in FIELDS.values():
        for module, key in places:
            written = text_of(section(document, module), key)
            if written is not None:
                texts[module, key] = StoredText(written[:_LONGEST])
    for concept, field, pattern in _patterns():
        for place in FIELDS[field]:
            match = pattern.search(texts[place].folded) if place in texts else None
            if match is not None:
                start, end, exact = texts[place].span(match.start(), match.end())
                rule = f"trial/{hyphened(concept)}-in-{field}"
                yield TrialConcept(
                    concept=concept, path=".".join(place), start=start, end=end, exact=exact, rule=rule
                )
                break


def _by_primary_outcomes(document: Document) -> Iterator[TrialConcept]:
    """Yield the objectives that the primary outcomes measure."""
    info = section(document, "designModule").get("designInfo", {})
    purpose = info.get("primaryPurpose") if isinstance(info, dict) else None
    line = line_of(document)
    primary = {path: entry for path, entry in line["outcomes"].items() if path.startswith("primaryOutcomes")}
    for path, outcome in read_line({**line, "outcomes": primary}):
        words = outcome.concept_evidence
        if words is None or (outcome.concept == "concentration" and not _KINETICS.search(words.exact)):
            continue
        watched = _HARM.search(line["outcomes"][path]["measure"] or "")
        treats = purpose in _PURPOSES and not _of_interactions(document)
        for concept in ("SAFETY",) if watched else _objectives(outcome.concept, treats):
            yield TrialConcept(
                concept=concept,
                path=f"outcomesModule.{path}.{words.field}",
                start=words.start,
                end=words.end,
                exact=words.exact,
                rule=f"objective/{hyphened(concept)}-of-primary-outcome",
            )


def _of_interactions(document: Document) -> bool:
    """Tell whether a trial asks what one drug does to another: what it measures is no efficacy."""
    titles = section(document, "identificationModule")
    words = " ".join(text_of(titles, key) or "" for key in ("briefTitle", "officialTitle"))
    return _INTERACTION.search(words) is not None


_INTERACTION: Final = GuardedPattern(r"\b(?:drug[- ]){1,2}interaction", ignore_case=True)


def _objectives(code: str, treats: bool) -> Iterator[str]:
    group = concepts()[code].group
    if code in _SAFETY:
        yield "SAFETY"
    if code in ("DLT", "MTD-RP2D"):
        yield "DOSE_FINDING"
    if group in ("pharmacokinetics", "pharmacodynamics"):
        yield group.upper()
    if treats and (group not in _NOT_EFFICACY or code == "composite"):
        yield "EFFICACY"


def _years(text: object) -> float | None:
    """Return an age of the registry in years."""
    match = _AGE.match(text) if isinstance(text, str) else None
    if match is None:
        return None
    per_year = {"Year": 1, "Month": 12, "Week": 52, "Day": 365, "Hour": 8766, "Minute": 525_960}
    return int(match[1]) / per_year[match[2]]


def _by_age(document: Document) -> Iterator[TrialConcept]:
    """Yield paediatric where nobody above the age of a child may take part."""
    eligibility = section(document, "eligibilityModule")
    oldest = eligibility.get("maximumAge")
    years = _years(oldest)
    if years is not None and years <= _CHILD_YEARS and isinstance(oldest, str):
        yield whole("PAEDIATRIC", "eligibilityModule.maximumAge", oldest, "trial/oldest-a-child")


def _for_children(document: Document, found: TrialConcept) -> bool:
    """Tell whether a title about children is of a trial of children: its bounds of age must not contradict."""
    eligibility = section(document, "eligibilityModule")
    youngest, oldest = _years(eligibility.get("minimumAge")), _years(eligibility.get("maximumAge"))
    if not found.path.endswith("Title"):
        return True
    if youngest is not None and youngest >= _CHILD_YEARS:
        return False
    if youngest is None and oldest is None:
        return not _GROWN.search(text_of(section(document, "identificationModule"), found.path.split(".")[-1]) or "")
    return oldest is not None and oldest <= 25
