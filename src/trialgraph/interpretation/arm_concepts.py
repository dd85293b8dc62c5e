"""What the arms of a trial tell of it: control, test arms, add-on, head to head, doses compared.

>>> given = [("EXPERIMENTAL", "A", ["Drug: Newamab"]), ("ACTIVE_COMPARATOR", "B", ["Drug: Oldicin"])]
>>> groups = [{"type": kind, "label": label, "interventionNames": names} for kind, label, names in given]
>>> record = {"protocolSection": {"armsInterventionsModule": {"armGroups": groups}}}
>>> [found.concept for found in concepts_of_arms(record)]
['TEST_ARMS', 'ACTIVE_CONTROL', 'HEAD_TO_HEAD']
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from trialgraph.interpretation.pattern_set import GuardedPattern
from trialgraph.interpretation.record_texts import Document, items, section, text_of
from trialgraph.interpretation.trial_concept import FIELDS, TrialConcept, whole
from trialgraph.interpretation.value_class import value_class

_CONTROLS: Final = {
    "PLACEBO_COMPARATOR": ("PLACEBO_CONTROL", "control/placebo-arm"),
    "SHAM_COMPARATOR": ("PLACEBO_CONTROL", "control/sham-arm"),
    "ACTIVE_COMPARATOR": ("ACTIVE_CONTROL", "control/active-arm"),
    "NO_INTERVENTION": ("NO_TREATMENT_CONTROL", "control/no-intervention-arm"),
}
_ASSAY: Final = "moxifloxacin"
"""Given to show that a trial of the QT interval can find its lengthening, not as a rival."""
_INERT: Final = GuardedPattern(
    r"placebo|vehicle|sham|dummy|\bsaline\b|sugar pill|\bmatching\b|platelet[- ]poor", ignore_case=True
)
_USUAL: Final = re.compile(r"\b(?:soc|standard|usual|conventional|routine)\b", re.IGNORECASE)
_NO_RIVAL: Final = re.compile(
    r"\b(?:soc|standard|usual|conventional|routine|supportive|choice|observation|control|no|without|untreated)\b"
)
"""What an arm gets that is no drug of its own (`standard treatment`, `treatment of the physician's choice`)."""
_BESIDE_USUAL: Final = re.compile(
    r"(?:\+|\bplus\b|\bwith\b|\band\b|\bin addition to\b|\bon top of\b|\badded to\b|\bcombined with\b)"
    r" ?(?:the |their )?(?:standard|usual|routine|conventional|background|existing) (?:of )?"
    r"(?:\w+ ){0,2}?(?:care|therapy|treatment|management|medications?|drugs?)\b"
    r"|^(?:standard|usual|routine|conventional|background) (?:of )?(?:\w+ )?(?:care|therapy|treatment|management)"
    r" ?(?:\+|\bplus\b|\bcombined with\b|\bwith added\b)",
    re.IGNORECASE,
)
"""Words of the label of a test arm that is given beside the usual treatment."""
_PLACEBO_TITLE: Final = re.compile(
    r"\bplacebo[- ]controlled\b|\b(?:versus|vs\.?|against|compared (?:to|with)) placebo\b"
    r"|\bcompar(?:ison|ing)\b.{3,80}\b(?:to|with|and|versus) placebo\b",
    re.IGNORECASE,
)
_AFTERWARDS: Final = re.compile(
    r"extension|roll-?over|follow-?up|completed|participated|previous|pooled", re.IGNORECASE
)
"""Words of a title that speaks of an earlier trial."""
_CONTROL_LABEL: Final = re.compile(r"\W*(?:the )?controls?\b(?!led)", re.IGNORECASE)
_ESCALATION: Final = re.compile(r"\bescalation\b", re.IGNORECASE)
_ESCALATES: Final = re.compile(
    r"\b3 ?\+ ?3 (?:dose|design)|\bdose[- ]escalation (?:study|cohorts?|part|phase|design)\b", re.IGNORECASE
)
_TREATS: Final = re.compile(
    r"therap|training|care\b|educat|treatment|exercise (?:program|group)|rehabilit|counsel", re.IGNORECASE
)
_EXAMINES: Final = re.compile(
    r"^Diagnostic|plethysm|\btests?\b|testing|imaging|\bMRI\b|echocardio|ultraso|biops|questionnaire|assessment|survey"
    r"|: exercise$|dobutamine|monitor|\bscans?\b|sampling|blood draw",
    re.IGNORECASE,
)
"""What examines rather than treats, so that it is no treatment that goes on."""
_OBSERVED: Final = re.compile(
    r"\b(?:observation|watchful waiting|wait(?:ing)?[- ]list|no (?:treatment|intervention|therapy)|untreated)\b"
    r"|: (?:biospecimen|laboratory|quality[- ]of[- ]life)",
    re.IGNORECASE,
)
"""What an arm gets that is only watched."""
_VERSUS: Final = re.compile(r"\bversus\b|\bvs\b\.?|\bcompared (?:to|with)\b|\bcomparison of\b", re.IGNORECASE)
_GIVEN: Final = re.compile(r"^(?:Drug|Biological|Combination Product|Genetic|Dietary Supplement): ")
_AMOUNT: Final = re.compile(r"\d[\d.,]*\s*(?:mg|mcg|ug|µg|g|iu|ml|%|units?|cells?)\b(?:/\w+)?", re.IGNORECASE)
_FORMULATION: Final = GuardedPattern(r"bio-?equivalen|bio-?availab|formulation|biosimilar", ignore_case=True)
_SEQUENCE: Final = re.compile(r"week|day|month|part|cohort|hour|sequence|radi|\bRT\b|period|boost", re.IGNORECASE)
_DOSE_WORD: Final = re.compile(
    r"\b(?:low|high|medium|mid|middle|lower|higher)(?:est)?[- ]dose\b|\bdose \w+\b", re.IGNORECASE
)
_WORDS: Final = re.compile(r"[^\W_]+")
_OF_MANY: Final = frozenset(
    "release extended sustained immediate modified controlled tablet tablets capsule capsules injection injections "
    "oral solution cream spray inhaled inhaler topical intravenous infusion hydrochloride sodium calcium sulfate "
    "phosphate acetate acid hydrate oxygen once twice daily weekly treatment therapy monotherapy chemotherapy "
    "adjuvant comparator active reference regimen medical drug drugs group with plus".split()
)
"""Words that names of different drugs share."""


@value_class(frozen=True, slots=True)
class _Arm:
    path: str
    label: str
    type: str
    given: frozenset[str]
    """What is given but placebos, as the record names it, without its kind."""
    drugs: frozenset[str]
    """Of these the drugs and biologicals."""
    inert: str
    """The first placebo or sham, empty for none."""
    described: str


def _arms(document: Document) -> list[_Arm]:
    module = section(document, "armsInterventionsModule")
    found = []
    for number, arm in enumerate(items(module, "armGroups")):
        names = [name for name in arm.get("interventionNames") or [] if isinstance(name, str)]
        inert = next((name for name in names if _INERT.search(name)), "")
        given = frozenset(name for name in names if not _INERT.search(name))
        drugs = frozenset(_bare(name) for name in given if _GIVEN.match(name))
        label = text_of(arm, "label") or ""
        path = f"armsInterventionsModule.armGroups[{number}]"
        described = text_of(arm, "description") or ""
        found.append(_Arm(path, label, text_of(arm, "type") or "", given, drugs, inert, described))
    return found


def _bare(name: str) -> str:
    """Return the name of an intervention without kind, amounts and words of dose."""
    return " ".join(_DOSE_WORD.sub(" ", _AMOUNT.sub(" ", name.partition(": ")[2])).lower().split())


def concepts_of_arms(document: Document) -> Iterator[TrialConcept]:
    """Yield control types, the number of test arms, add-on and head to head."""
    arms = _arms(document)
    experimental = [arm for arm in arms if arm.type == "EXPERIMENTAL"]
    tests = [arm for arm in experimental if not _CONTROL_LABEL.match(arm.label)] or experimental
    yield from _placebo_by_title(document, given=any(arm.inert for arm in arms))
    for arm in tests:
        if arm.drugs and _ESCALATION.search(arm.label):
            yield whole("DOSE_FINDING", f"{arm.path}.label", arm.label, "trial/escalation-arm")
        elif arm.drugs and (told := _ESCALATES.search(arm.described)):
            yield TrialConcept(
                concept="DOSE_FINDING",
                path=f"{arm.path}.description",
                start=told.start(),
                end=told.end(),
                exact=told.group(),
                rule="trial/escalation-arm",
            )
        if _BESIDE_USUAL.search(arm.label):
            yield whole("ADD_ON", f"{arm.path}.label", arm.label, "trial/beside-usual-treatment")
    compared = tests or _tested_against_inert(arms)
    if compared:
        rule = "trial/experimental-arms" if tests else "trial/arms-against-placebo"
        yield whole("TEST_ARMS", f"{compared[0].path}.type", compared[0].type, rule, len(compared))
    if len(arms) < 2:
        return
    for arm in arms:
        if arm.type in _CONTROLS and not _misnamed(document, arm, arms, tests):
            concept, rule = _CONTROLS[arm.type]
            yield whole(concept, f"{arm.path}.type", arm.type, rule)
    yield from _placebo_by_name(document, arms)
    yield from _doses(document, tests)
    formulations = compares_formulations(document)
    yield from _against(compared, arms, formulations=formulations)
    if not formulations:
        yield from _two_tested(document, arms)


def _placebo_by_title(document: Document, *, given: bool) -> Iterator[TrialConcept]:
    """Yield placebo control where the title of a randomized trial, or of one that gives any, says so of itself."""
    design = section(document, "designModule").get("designInfo", {})
    titles = section(document, "identificationModule")
    if not isinstance(design, dict) or (design.get("allocation") != "RANDOMIZED" and not given):
        return
    for key in ("briefTitle", "officialTitle"):
        title = text_of(titles, key) or ""
        match = _PLACEBO_TITLE.search(title)
        if match and not _AFTERWARDS.search(title):
            yield TrialConcept(
                concept="PLACEBO_CONTROL",
                path=f"identificationModule.{key}",
                start=match.start(),
                end=match.end(),
                exact=match.group(),
                rule="control/placebo-in-title",
            )
            return


def _tested_against_inert(arms: list[_Arm]) -> list[_Arm]:
    """Return the active arms of a trial without experimental ones set against a placebo, sham or nothing."""
    actives = [arm for arm in arms if arm.type == "ACTIVE_COMPARATOR" and arm.given]
    if any(_CONTROL_LABEL.match(arm.label) for arm in actives):
        return []
    inert = [
        arm
        for arm in arms
        if arm.type == "NO_INTERVENTION" or (arm.type in ("PLACEBO_COMPARATOR", "SHAM_COMPARATOR") and arm.inert)
    ]
    return actives if inert and len(actives) + len(inert) == len(arms) else []


def _two_tested(document: Document, arms: list[_Arm]) -> Iterator[TrialConcept]:
    """Yield head to head where a title sets two arms of one type and of different drugs against each other."""
    kinds = {arm.type for arm in arms}
    if len(arms) != 2 or kinds not in ({"EXPERIMENTAL"}, {"ACTIVE_COMPARATOR"}):
        return
    if any(not arm.drugs or arm.inert for arm in arms):
        return
    one, other = arms
    rivals = not (one.drugs & other.drugs) and not _nested(one.drugs, other.drugs)
    titles = section(document, "identificationModule")
    randomized = section(document, "designModule").get("designInfo", {})
    drawn = isinstance(randomized, dict) and randomized.get("allocation") == "RANDOMIZED"
    if drawn and rivals and all(map(_names_a_drug, one.drugs | other.drugs)):
        for key in ("briefTitle", "officialTitle"):
            match = _VERSUS.search(text_of(titles, key) or "")
            if match:
                yield TrialConcept(
                    concept="HEAD_TO_HEAD",
                    path=f"identificationModule.{key}",
                    start=match.start(),
                    end=match.end(),
                    exact=match.group(),
                    rule="trial/two-test-arms",
                )
                return


def _misnamed(document: Document, arm: _Arm, arms: list[_Arm], tests: list[_Arm]) -> bool:
    """Tell whether an arm is no control of its type.

    An active comparator is what the trial tests where there is no experimental arm and all comparators get the same
    (or there is one, or a placebo, or an arm without treatment beside them), and none where it is a
    placebo. A placebo or sham is named as one, in the arm or by the trial; an arm of standard care without anything
    inert has none.
    """
    named = " ".join((arm.label, *arm.given))
    if arm.type in ("PLACEBO_COMPARATOR", "SHAM_COMPARATOR"):
        if arm.inert or _INERT.search(named):
            return False
        told = _INERT.search(arm.described) or _says_inert(document)
        return told is None or bool(_USUAL.search(named))
    if arm.type != "ACTIVE_COMPARATOR":
        return False
    if not arm.drugs and (_INERT.match(arm.label) or _only_observed(arm)):
        return True
    design = section(document, "designModule").get("designInfo", {})
    randomized = isinstance(design, dict) and design.get("allocation") == "RANDOMIZED"
    if tests:
        # groups of people who all get the same are no treatments that are compared
        return not randomized and bool(arm.given) and all(other.given == arm.given for other in arms)
    comparators = [other for other in arms if other.type == "ACTIVE_COMPARATOR"]
    against = any(other.type in ("PLACEBO_COMPARATOR", "SHAM_COMPARATOR", "NO_INTERVENTION") for other in arms)
    return against or all((other.drugs or other.given) == (arm.drugs or arm.given) for other in comparators)


def _only_observed(arm: _Arm) -> bool:
    """Tell whether an arm is watched and examined, but not treated."""
    named = _OBSERVED.search(arm.label) is not None
    return named and all(_OBSERVED.search(name) or _EXAMINES.search(name) for name in arm.given)


def _says_inert(document: Document) -> re.Match[str] | None:
    """Return where titles, summary or interventions of a trial speak of a placebo or sham."""
    texts = [text_of(section(document, module), key) or "" for module, key in (*FIELDS["title"], *FIELDS["summary"])]
    for one in items(section(document, "armsInterventionsModule"), "interventions"):
        texts += [text_of(one, "name") or "", text_of(one, "description") or ""]
    return re.search(r"placebo|\bsham\b|vehicle|dummy", " ".join(texts), re.IGNORECASE)


def _placebo_by_name(document: Document, arms: list[_Arm]) -> Iterator[TrialConcept]:
    """Yield placebo control where an arm of another type gives a placebo and nothing that is tested."""
    masked = section(document, "designModule").get("designInfo", {})
    model = masked.get("interventionModel") if isinstance(masked, dict) else None
    tested = frozenset(drug for arm in arms for drug in arm.drugs)
    for arm in arms:
        if (
            re.search(r"\bplacebo\b|\bsham\b", arm.inert, re.IGNORECASE)
            and (not arm.drugs or model == "CROSSOVER")
            and tested
        ):
            yield whole("PLACEBO_CONTROL", f"{arm.path}.label", arm.label, "control/placebo-given")


def _doses(document: Document, tests: list[_Arm]) -> Iterator[TrialConcept]:
    """Yield dose-response control where randomized test arms give the same drug in amounts that differ."""
    design = section(document, "designModule").get("designInfo", {})
    if not isinstance(design, dict) or design.get("allocation") != "RANDOMIZED":
        return
    for number, arm in enumerate(tests):
        for other in tests[:number]:
            amounts = [set(_AMOUNT.findall(one.label)) | set(_DOSE_WORD.findall(one.label)) for one in (arm, other)]
            same = arm.drugs and arm.drugs == other.drugs
            if same and all(amounts) and amounts[0] != amounts[1] and not _SEQUENCE.search(arm.label):
                yield whole("DOSE_RESPONSE_CONTROL", f"{arm.path}.label", arm.label, "control/doses-of-one-drug")
                return


def compares_formulations(document: Document) -> bool:
    """Tell whether a title compares formulations of one drug."""
    titles = section(document, "identificationModule")
    return any(_FORMULATION.search(text_of(titles, key) or "") for key in ("briefTitle", "officialTitle"))


def _against(tests: list[_Arm], arms: list[_Arm], *, formulations: bool) -> Iterator[TrialConcept]:
    """Yield add-on (what the control gets goes on in the test arm) and head to head (one drug or another)."""
    controls = [arm for arm in arms if arm.type in _CONTROLS and arm not in tests]
    tested = frozenset(drug for test in tests for drug in test.drugs)
    for test in tests:
        for control in controls:
            more, less = test.drugs - control.drugs, control.drugs - test.drugs
            if control.given < test.given and _goes_on(control.given, drugs=bool(more)):
                yield whole("ADD_ON", f"{test.path}.label", test.label, "trial/control-goes-on")
            blinded = not test.inert or bool(control.inert)  # both sides have a placebo of the other's drug, or none
            active = control.type == "ACTIVE_COMPARATOR" and blinded and not formulations
            # what some test arm gives too is a partner that may be chosen
            rival = {name for name in less - tested if _names_a_drug(name)}
            if active and more and rival and _ASSAY not in less and not _nested(more, less):
                yield whole("HEAD_TO_HEAD", f"{control.path}.label", control.label, "trial/drug-against-drug")


def _names_a_drug(name: str) -> bool:
    """Tell whether a name is that of a drug of its own: not of usual treatment, a choice, or any comparator."""
    return _NO_RIVAL.search(name) is None and not _OF_MANY.issuperset(_WORDS.findall(name))


def _nested(more: Iterable[str], less: Iterable[str]) -> bool:
    """Tell whether the names of both sides share their words, so that they may be one drug."""
    left = {word for name in more for word in _WORDS.findall(name)} - _OF_MANY
    return any(len(word) > 3 and word in left for name in less for word in _WORDS.findall(name))


def _goes_on(given: frozenset[str], *, drugs: bool) -> bool:
    """Tell whether all that a control gets can go on: a treatment; beside a drug, whatever does not examine."""
    if any(_EXAMINES.search(name) for name in given):
        return False
    return bool(given) and (drugs or all(_TREATS.search(name) or _GIVEN.match(name) for name in given))
