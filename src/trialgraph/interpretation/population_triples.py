"""Populations as RDF: requirements with their words, and what they say of the trial.

>>> titles = {"nctId": "NCT00000001", "briefTitle": "Stage IV Lung Cancer"}
>>> record = {"protocolSection": {"identificationModule": titles}}
>>> version = "<https://w3id.org/trialgraph/id/NCT00000001/record/version/2024-01-01>"
>>> found = list(population_triples({"document": record}, Origin(version, "1"), {}))
>>> [value for _, predicate, value in found if predicate.endswith("#stage>")]
['<https://w3id.org/trialgraph/id/scheme/stage/STAGE_IV>']
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Final

from trialgraph.interpretation.criteria_triples import OPERATORS, code, number, plain, window_triples
from trialgraph.interpretation.dose_escalation import EscalationFact, dose_escalation
from trialgraph.interpretation.eligibility import FIELD, read_criteria
from trialgraph.interpretation.lexicon import rows
from trialgraph.interpretation.population import read_population
from trialgraph.interpretation.population_terms import WASHOUT, PopulationFact
from trialgraph.interpretation.provenance_nodes import Origin
from trialgraph.interpretation.quantity_nodes import quantity
from trialgraph.interpretation.record_texts import Line, nct_of, section, text_of
from trialgraph.terms import RDF_TYPE, RDFS_LABEL, Term, Triple, boolean, integer, iri, string
from trialgraph.vocabulary import TG, concept_iri, shared_iri, trial_iri

_MODULES: Final = {
    "officialTitle": "identificationModule",
    "briefTitle": "identificationModule",
    "briefSummary": "descriptionModule",
    "detailedDescription": "descriptionModule",
    "conditions": "conditionsModule",
    "armGroups": "armsInterventionsModule",
    "primaryOutcomes": "outcomesModule",
    "secondaryOutcomes": "outcomesModule",
}
_SHORT: Final = {
    "stage": TG.stage,
    "treatment-context": TG.treatmentContext,
    "disease-status": TG.requiredDiseaseStatus,
    "prior-therapy": TG.priorTreatment,
}
"""What is required, said of the trial itself."""
_SCHEMES: Final = {"stage": "stage", "treatment-context": "treatment-context", "disease-status": "disease-status"} | {
    "metastasis": "metastasis-site"
}
_AIMS: Final = {"RP2D": "determine the RP2D", "MTD": "determine the MTD", "OBD": "determine the OBD"}


@cache
def _names() -> dict[str, dict[str, str]]:
    """Return the labels of the concepts that facts name, by kind and code."""
    return {
        "biomarker": {row["code"]: row["label"] for row in rows("biomarkers")},
        "prior-therapy": {row["code"]: row["label"] for row in rows("therapies")},
        "design": {row["code"]: row["label"] for row in rows("dose_escalations")},
    }


def population_triples(line: Line, origin: Origin, _drugs: Mapping[Term, Sequence[Term]]) -> Iterator[Triple]:
    """Yield the population of a record and its dose escalation."""
    document = line["document"]
    trial = trial_iri(nct_of(document) or "")
    said: set[Triple] = set()
    text = text_of(section(document, "eligibilityModule"), FIELD)
    starts = [criterion.start for criterion in read_criteria(text)] if text else []
    for position, fact in enumerate(read_population(document), 1):
        node = iri(f"{trial}/interpretation/population/{position}")
        yield iri(trial), iri(TG.populationRequirement), node
        yield from _requirement(fact, node, position)
        yield from _criterion(fact, node, trial, starts)
        yield from origin.triples(node, [replace(fact, path=fact.path)], module_of(fact.path))
        short = _short(fact, iri(trial))
        if short is not None and short not in said:
            said.add(short)
            yield short
    yield from _escalation(dose_escalation(document), trial, origin)


def _criterion(fact: PopulationFact, node: Term, trial: str, starts: Sequence[int]) -> Iterator[Triple]:
    """Yield the criterion of a fact and its biomarker; `starts` are those of the criteria, in their order."""
    place = bisect_right(starts, fact.start)
    if fact.path == FIELD and place:
        criterion = iri(f"{trial}/interpretation/criterion/{place}")
        yield node, iri(TG.fromCriterion), criterion
        if fact.kind == "biomarker":
            yield criterion, iri(TG.mentions), iri(shared_iri("biomarker", fact.code))


def module_of(path: str) -> str:
    """Return the module of the record that a path stands in.

    >>> module_of("conditions[0]"), module_of("eligibilityCriteria")
    ('protocolSection.conditionsModule', 'protocolSection.eligibilityModule')
    """
    head = path.split("[", 1)[0].split(".", 1)[0]
    return f"protocolSection.{_MODULES.get(head, 'eligibilityModule')}"


def _short(fact: PopulationFact, trial: Term) -> Triple | None:
    """Return what a requirement says of the trial itself, None where it is not required or has no concept."""
    predicate = _SHORT.get(fact.kind)
    about = _about(fact)
    if fact.requirement != "required" or predicate is None or about is None:
        return None
    return trial, iri(predicate), about


def _about(fact: PopulationFact) -> Term | None:
    """Return the node of what a fact is about; a drug by name has none."""
    if fact.kind in _SCHEMES:
        return iri(concept_iri(_SCHEMES[fact.kind], fact.code))
    if fact.kind == "biomarker":
        return iri(shared_iri("biomarker", fact.code))
    if fact.kind == "prior-therapy" and fact.code in _names()["prior-therapy"]:
        return iri(shared_iri("treatment", _names()["prior-therapy"][fact.code]))
    return None


def _requirement(fact: PopulationFact, node: Term, position: int) -> Iterator[Triple]:
    """Yield what is said of a requirement."""
    yield node, RDF_TYPE, iri(TG.PopulationRequirement)
    yield node, RDFS_LABEL, string(_label(fact))
    yield node, iri(TG.position), integer(position)
    yield node, iri(TG.requirement), iri(concept_iri("requirement", code(fact.requirement)))
    about = _about(fact)
    if about is not None:
        yield node, iri(TG.concerns), about
    if fact.code.startswith("drug:"):
        yield node, iri(TG.priorDrugName), string(fact.code.removeprefix("drug:"))
    if fact.sign is not None and fact.state is not None:
        yield node, iri(TG.biomarkerPresent), boolean(fact.sign == "positive")
        yield node, iri(TG.biomarkerState), iri(concept_iri("biomarker-state", fact.state))
    if fact.or_another:
        yield node, iri(TG.orAnother), boolean(True)
    if fact.variant is not None:
        yield node, iri(TG.variant), string(fact.variant)
    if fact.outcome is not None:
        yield node, iri(TG.priorOutcome), iri(concept_iri("prior-outcome", fact.outcome))
    if fact.requirement == WASHOUT and fact.op is not None and fact.low is not None and fact.unit is not None:
        window = iri(f"{node[1:-1]}/window")
        yield node, iri(TG.window), window
        yield from window_triples(fact.op, fact.low, fact.unit, fact.anchor, window, direction=fact.direction)
    elif fact.op is not None:
        yield from _limits(fact, node)


def _limits(fact: PopulationFact, node: Term) -> Iterator[Triple]:
    """Yield the threshold of a biomarker, or of the number of earlier lines."""
    yield node, iri(TG.operator), iri(concept_iri("comparator", OPERATORS[fact.op or "="]))
    for value, predicate in ((fact.low, TG.lowLimit), (fact.high, TG.highLimit)):
        if value is not None:
            yield node, iri(predicate), number(value)
    if fact.unit is not None:
        yield node, iri(TG.limitUnit), string(fact.unit)


def _label(fact: PopulationFact) -> str:
    """Return a requirement in one line: `required: HER2 (ERBB2) positive`."""
    name = _names().get(fact.kind, {}).get(fact.code) or fact.code.removeprefix("drug:").replace("_", " ").lower()
    parts = [name]
    if fact.state is not None:
        parts.append(fact.state.replace("_", " ").lower())
    if fact.variant is not None:
        parts.append(fact.variant)
    if fact.op is not None:
        value = fact.low if fact.low is not None else fact.high
        parts.append(f"{fact.op} {plain(value or 0.0)} {fact.unit or ''}".strip())
    if fact.outcome is not None:
        parts.append(f"({fact.outcome.replace('_', ' ').lower()})")
    asked = f"{fact.requirement} or another" if fact.or_another else fact.requirement
    return f"{asked}: {' '.join(parts)}"


def _escalation(facts: Sequence[EscalationFact], trial: str, origin: Origin) -> Iterator[Triple]:
    """Yield the dose escalation of a trial: its design, its dose-limiting period and what it seeks."""
    if not facts:
        return
    node = iri(f"{trial}/interpretation/dose-escalation")
    designs = [_names()["design"][fact.code] for fact in facts if fact.kind == "design"]
    yield iri(trial), iri(TG.doseEscalation), node
    yield node, RDF_TYPE, iri(TG.DoseEscalation)
    yield node, RDFS_LABEL, string(" and ".join([*designs, "dose escalation"][: max(1, len(designs))]))
    for number_of, fact in enumerate(facts, 1):
        if fact.kind == "design":
            yield node, iri(TG.escalationDesign), iri(concept_iri("escalation-design", fact.code))
        elif fact.kind == "window" and fact.value is not None and fact.unit is not None:
            length, said = quantity(plain(fact.value), None, fact.unit)
            yield node, iri(TG.dltPeriod), length
            yield from said
        elif fact.kind == "aim":
            aim = iri(f"{trial}/interpretation/aim/{number_of}")
            yield iri(trial), iri(TG.aim), aim
            yield node, iri(TG.seeks), iri(concept_iri("sought-dose", fact.code))
            yield aim, RDF_TYPE, iri(TG.Aim)
            yield aim, RDFS_LABEL, string(_AIMS[fact.code])
            yield aim, iri(TG.position), integer(number_of)
            yield from origin.triples(aim, [fact], module_of(fact.path))
    for module in dict.fromkeys(module_of(fact.path) for fact in facts):
        here = [fact for fact in facts if module_of(fact.path) == module]
        yield from _once(origin.triples(iri(f"{node[1:-1]}"), here, module), module, node)


def _once(triples: Iterable[Triple], module: str, node: Term) -> Iterator[Triple]:
    """Yield the origin of facts of one module, with selectors numbered apart from those of other modules."""
    place = f"{node[:-1]}/words/"
    for subject, predicate, value in triples:
        apart = f"{node[:-1]}/words/{module.rsplit('.', 1)[-1]}/"
        yield (
            subject.replace(place, apart),
            predicate,
            value.replace(place, apart) if value.startswith(place) else value,
        )
