"""The page of a trial: which of its facts stand where.

Nothing is interpreted here; a trial that a record says little about has a short page.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from trialgraph.resource.bounded_description import Bounds
from trialgraph.resource.name_key import exact_key
from trialgraph.terms import RDF_TYPE, RDFS_LABEL, Term, iri
from trialgraph.vocabulary import TG
from trialgraph.web.context.node import Facts, Node
from trialgraph.web.things.outcome_rows import OutcomeView, endpoint_names, outcome_views
from trialgraph.web.things.trial_results import EventRow, ResultTable, event_row, result_table
from trialgraph.web.things.trial_sources import words_read

_DESIGN: Final = (
    "studyType", "studyKind", "phase", "primaryPurpose", "allocation", "interventionModel", "armStructure",
    "masking", "maskedRole", "blinding", "control", "geographicScope", "observationalModel", "timePerspective",
    "enrollmentCount", "armCount", "startDate", "primaryCompletionDate", "completionDate",
)  # fmt: skip
_DISEASE: Final = (
    "condition", "disease", "stage", "treatmentContext", "treatmentApproach", "priorTreatment",
    "requiredDiseaseStatus", "population",
    "conditionMeshTerm", "interventionMeshTerm", "keyword",
)  # fmt: skip
_ABOUT: Final = ("aim", "designedToStudy", "safetyFocus", "component")
_RUN_BY: Final = ("sponsor", "collaborator", "orgStudyId", "nctIdAlias", "acronym", "country")
_ELIGIBLE: Final = ("sex", "minimumAge", "maximumAge", "standardAge", "healthyVolunteers", "samplingMethod")
_SECTIONS: Final = (("Design", _DESIGN), ("Disease and setting", _DISEASE), ("Aims", _ABOUT), ("Run by", _RUN_BY))
_RESULTS_SHOWN: Final = 8
# Sites are asked for by themselves; results and events have a page of their own; the rest is only named.
ON_PAGE: Final = Bounds(
    parts=4000,
    alike=250,
    alike_by={iri(TG.outcomeResult): _RESULTS_SHOWN}
    | {
        iri(getattr(TG, name)): 0
        for name in (
            "site", "adverseEvent", "seriousEvent", "otherEvent", "analysis", "denominator", "baselineMeasure",
            "baselineGroup", "baselineDenominator", "flowGroup", "flowPeriod", "record", "conditionMeshAncestorTerm",
            "interventionMeshAncestorTerm",
        )
    },
    values=250,
    statements=60_000,
)  # fmt: skip
"""What the page of another thing than a trial reads."""
OF_TRIAL: Final = replace(ON_PAGE, alike_by={**ON_PAGE.alike_by, iri(TG.readFrom): 0}, at_once=True)
"""What the page of a trial reads: most words of a record that something was read from, it does not show."""
Field = tuple[Node, list[Node]]
"""A property and its values."""


@dataclass(frozen=True)
class DoseRow:
    """One way of giving one intervention in an arm."""

    specification: Node
    given: list[Node]
    doses: list[Node]
    per_cycle: list[Node]
    basis: list[Node]
    routes: list[Node]
    frequency: list[Node]
    days: list[Node]
    stop: list[Node]
    regimen: Node | None
    cycles: str
    choice: str
    """What it may be replaced by, in words, or empty."""
    role: str
    """How the amount is meant where it is no dose: "at most", "strength"."""
    lasting: str
    """How long it is given in all."""
    words: str
    """The words of the record that it was read from; empty for what was curated."""


@dataclass(frozen=True)
class ArmView:
    """An arm with what is given in it."""

    arm: Node
    doses: list[DoseRow]
    other_interventions: list[Node]
    """Those without a dose specification."""
    radiotherapy: list[tuple[Node, str]]
    """Each course with the words it was read from."""
    description: Node | None


@dataclass(frozen=True)
class CriterionView:
    """A criterion as one line of a list: what it is about, its values and windows, how deep it stands."""

    criterion: Node
    kind: Node | None
    thresholds: list[Node]
    windows: list[Node]
    depth: int


@dataclass(frozen=True)
class TrialView:
    """Everything on the page of a trial."""

    trial: Node
    nct_id: str
    title: str
    official_title: str
    status: Node | None
    phases: list[Node]
    sections: list[tuple[str, list[Field]]]
    """Headed lists of properties with their values."""
    summary: Node | None
    details: Node | None
    arms: list[ArmView]
    has_doses: bool
    """Whether any arm says how something is given."""
    outcomes: list[OutcomeView]
    safety: list[OutcomeView]
    escalations: list[Node]
    eligibility: list[Field]
    criteria: Node | None
    criteria_read: list[tuple[str, list[CriterionView]]]
    """What was read from the text of the criteria, by side."""
    requirements: list[tuple[str, list[Node]]]
    """What is asked of the population, by how it is asked."""
    results: list[ResultTable]
    more_results: int
    events: list[EventRow]
    references: list[Node]
    web_links: list[Node]
    links: list[str]
    rest: list[Field]
    """What is said of the trial and shown nowhere else on the page."""


def trial_view(facts: Facts) -> TrialView:
    """Return the page of the trial that the facts describe."""
    trial = facts.root
    nct_id = trial.text("nctId") or trial.name
    measures = trial.many("primaryOutcome", "secondaryOutcome", "otherOutcome", "outcome", "safetyAssessment")
    words = words_read(facts.description.beside.get("words", ()))
    names = endpoint_names(facts.description.beside.get("endpoints", ()))
    arms = [_arm(arm, words) for arm in trial.many("arm")]
    results = trial.many("outcomeResult")
    return TrialView(
        trial=trial,
        nct_id=nct_id,
        title=trial.text("briefTitle") or trial.text("officialTitle"),
        official_title=trial.text("officialTitle"),
        status=trial.one("overallStatus"),
        phases=trial.many("phase"),
        sections=[(heading, found) for heading, names in _SECTIONS if (found := _fields(trial, names))],
        summary=trial.one("briefSummary"),
        details=trial.one("detailedDescription"),
        arms=arms,
        has_doses=any(arm.doses or arm.radiotherapy for arm in arms),
        outcomes=outcome_views((node for node in measures if not node.is_a("SafetyAssessment")), names),
        safety=outcome_views((node for node in measures if node.is_a("SafetyAssessment")), names),
        escalations=trial.many("doseEscalation"),
        eligibility=_fields(trial, _ELIGIBLE),
        criteria=trial.one("eligibilityCriteria"),
        criteria_read=_criteria(trial),
        requirements=_requirements(trial),
        results=[result_table(node) for node in results[:_RESULTS_SHOWN]],
        more_results=max(0, len(results) - _RESULTS_SHOWN),
        events=[event_row(group) for group in trial.many("eventGroup")],
        references=trial.many("reference"),
        web_links=trial.many("seeAlsoLink"),
        links=_links(trial, nct_id),
        rest=[field for field in trial.statements if field[0].term not in _SHOWN],
    )


def _criteria(trial: Node) -> list[tuple[str, list[CriterionView]]]:
    """Return the criteria that were read, in the order of their text, by side."""
    listed = sorted(trial.many("criterion"), key=lambda node: int(node.text("position") or 0))
    depths: dict[Term, int] = {}
    sides: dict[str, list[CriterionView]] = {}
    for node in listed:
        above = node.one("underCriterion")
        depths[node.term] = depths.get(above.term, 0) + 1 if above is not None else 0
        view = CriterionView(
            criterion=node,
            kind=node.one("criterionType"),
            thresholds=node.many("threshold"),
            windows=node.many("window"),
            depth=min(depths[node.term], 3),
        )
        side = node.one("criterionSide")
        sides.setdefault(side.label.capitalize() if side is not None else "Neither", []).append(view)
    return list(sides.items())


_ASKED: Final = ("REQUIRED", "FORBIDDEN", "CONDITIONAL", "WASHOUT", "ALLOWED")


def _requirements(trial: Node) -> list[tuple[str, list[Node]]]:
    """Return what is asked of the population: the required first."""
    found: dict[str, list[Node]] = {}
    labels: dict[str, str] = {}
    for node in sorted(trial.many("populationRequirement"), key=lambda one: int(one.text("position") or 0)):
        asked = node.one("requirement")
        if asked is not None:
            found.setdefault(asked.name, []).append(node)
            labels[asked.name] = asked.label
    return [(labels[name].capitalize(), found[name]) for name in _ASKED if name in found]


def _fields(node: Node, names: Iterable[str]) -> list[Field]:
    facts = node.facts
    return [(facts.node(iri(getattr(TG, name))), values) for name in names if (values := node.many(name))]


def _arm(arm: Node, words: Mapping[Term, str]) -> ArmView:
    specifications = arm.many("doseSpecification")
    regimens = arm.many("regimen")
    covered = {given.term for specification in specifications for given in specification.many("intervention")}
    courses = arm.many("radiotherapy")
    covered |= {given.term for course in courses for given in course.many("intervention")}
    return ArmView(
        arm=arm,
        doses=[_dose(specification, regimens, words) for specification in specifications],
        other_interventions=[given for given in arm.many("intervention") if given.term not in covered],
        radiotherapy=[(course, words.get(course.term, "")) for course in courses],
        description=arm.one("armDescription"),
    )


def _dose(specification: Node, regimens: list[Node], words: Mapping[Term, str]) -> DoseRow:
    regimen = next((r for r in regimens if specification in r.many("doseSpecification")), None)
    return DoseRow(
        specification=specification,
        given=_given(specification),
        doses=specification.many("dose", "maximumDose", "strength"),
        per_cycle=specification.many("dosePerCycle"),
        basis=specification.many("doseBasis"),
        routes=specification.many("route"),
        frequency=specification.many("frequency") or specification.many("interval"),
        days=specification.many("dayOfCycle") or specification.many("daysAsWritten"),
        stop=specification.many("stopCondition"),
        regimen=regimen,
        cycles=_cycles(regimen or specification),
        choice=_choice(specification, regimen),
        role=next((said for name, said in _ROLES_OF_AMOUNTS.items() if specification.many(name)), ""),
        lasting=" ".join(
            f"{said} {node.label}" for name, said in _LENGTHS.items() for node in specification.many(name)
        ),
        words=words.get(specification.term, ""),
    )


def _given(specification: Node) -> list[Node]:
    """Return what a dose is of: an intervention, or what its text names ("naproxen 500 mg" of "NSAID")."""
    interventions, agents = specification.many("intervention"), specification.many("agentName")
    own = agents and not any(exact_key(agents[0].label) in exact_key(one.label) for one in interventions)
    named = specification.many("drug") or agents
    return named if own else interventions or named


_LENGTHS: Final = {"duration": "for", "maximumDuration": "for up to", "minimumDuration": "for at least"}
_ROLES_OF_AMOUNTS: Final = {"maximumDose": "at most", "strength": "strength"}


def _cycles(regimen: Node | None) -> str:
    if regimen is None:
        return ""
    least, most = regimen.text("minimumCycles"), regimen.text("maximumCycles")
    return least if least == most else " to ".join(filter(None, (least, most)))


def _choice(specification: Node, regimen: Node | None) -> str:
    """Return what may be given in the place of the dose specification, in words."""
    for choice in regimen.many("alternatives") if regimen else []:
        others = choice.many("alternative")
        if specification in others:
            return "or " + " or ".join(
                given[0].label if (given := _given(other)) else other.label
                for other in others
                if other != specification
            )
    return ""


def _links(trial: Node, nct_id: str) -> list[str]:
    """Return where else there is a page about the trial; the registry's always."""
    found = {o[1:-1] for _, p, o, _ in trial.facts.description.quads if p == _SEE_ALSO and o.startswith("<http")}
    return sorted(found | {f"https://clinicaltrials.gov/study/{nct_id}"})


_SEE_ALSO: Final[Term] = "<http://www.w3.org/2000/01/rdf-schema#seeAlso>"
_SHOWN: Final = {_SEE_ALSO, RDF_TYPE, RDFS_LABEL} | {
    iri(getattr(TG, name))
    for name in (
        *_DESIGN, *_DISEASE, *_ABOUT, *_RUN_BY, *_ELIGIBLE, "nctId", "briefTitle", "officialTitle", "overallStatus",
        "briefSummary", "detailedDescription", "arm", "intervention", "outcome", "primaryOutcome", "secondaryOutcome",
        "otherOutcome", "safetyAssessment", "doseEscalation", "eligibilityCriteria", "criterion",
        "populationRequirement", "site", "outcomeResult",
        "eventGroup", "reference", "seeAlsoLink",
    )
}  # fmt: skip
