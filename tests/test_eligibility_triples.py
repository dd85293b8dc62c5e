"""Criteria and populations as RDF: their shapes, and that wrong ones are found."""

import pytest
from tests.shapes.checking import turtle

from trialgraph.interpretation.interpretation_triples import interpretation_triples
from trialgraph.interpretation.lexicon import rows
from trialgraph.settings import packaged
from trialgraph.terms import lexical
from trialgraph.validation import read_shapes, validate
from trialgraph.vocabulary import TG, concept_iri, shared_iri

VERSION = "<https://w3id.org/trialgraph/id/NCT00000003/record/version/2025-02-03>"
SHAPES = sorted((packaged("shapes") / "interpretation").glob("*.ttl"))
TEXT = (
    "Inclusion Criteria:\n\n* Platelets of at least 90,000/mm3 within 2 weeks before the first dose\n* No prior imatinib\n\n"
    "Exclusion Criteria:\n\n* Radiotherapy within 20 days\n* KIT mutation"
)
DOCUMENT = {
    "protocolSection": {
        "identificationModule": {
            "nctId": "NCT00000003",
            "briefTitle": "Second-line Treatment of Metastatic Sarcoma",
            "officialTitle": "A 3+3 Study of Metastatic Sarcoma Without Progression Following Chemoradiotherapy",
        },
        "descriptionModule": {"briefSummary": "It determines the MTD. DLTs are observed for 21 days."},
        "eligibilityModule": {"eligibilityCriteria": TEXT},
    }
}


@pytest.fixture(scope="module")
def triples():
    return list(interpretation_triples(DOCUMENT, VERSION))


def values(triples, predicate):
    return [lexical(value) if value[0] == '"' else value for _, p, value in triples if p == f"<{predicate}>"]


def test_a_trial_says_what_curated_trials_say(triples):
    assert values(triples, TG.stage) == [f"<{concept_iri('stage', 'METASTATIC')}>"]
    assert values(triples, TG.treatmentContext) == [f"<{concept_iri('treatment-context', 'SECOND_LINE')}>"]
    assert values(triples, TG.requiredDiseaseStatus) == [f"<{concept_iri('disease-status', 'NO_PROGRESSION')}>"]
    assert values(triples, TG.priorTreatment) == [f"<{shared_iri('treatment', 'chemoradiotherapy')}>"]


def test_an_escalation_has_design_period_and_aim(triples):
    assert values(triples, TG.escalationDesign) == [f"<{concept_iri('escalation-design', '3_PLUS_3')}>"]
    assert values(triples, TG.dltPeriod) == [f"<{shared_iri('quantity', '21 d')}>"]
    assert values(triples, TG.seeks) == [f"<{concept_iri('sought-dose', 'MTD')}>"]


def test_thresholds_compare_and_windows_have_days(triples):
    assert values(triples, TG.lowLimit) == ["90000"]
    assert values(triples, TG.comparableLow) == ["90"]
    assert sorted(values(triples, TG.windowDays)) == ["14", "20", "20"]
    assert values(triples, TG.priorDrugName) == ["imatinib"]


def test_a_window_says_on_which_side_of_its_event_it_lies(triples):
    assert values(triples, TG.windowDirection) == [f"<{concept_iri('window-direction', 'BEFORE')}>"]


def test_what_is_read_conforms(triples):
    report = validate(set(triples), read_shapes(*SHAPES))
    assert report.conforms, report.text()


@pytest.mark.parametrize(
    "predicate",
    [
        TG.criterionText,
        TG.criterionType,
        TG.negated,
        TG.criterion,
        TG.ofMeasurement,
        TG.operator,
        TG.lowLimit,
        TG.threshold,
        TG.requirement,
        TG.concerns,
        TG.populationRequirement,
        TG.doseEscalation,
        TG.readFrom,
    ],
)
def test_what_lacks_a_part_does_not_conform(triples, predicate):
    without = {triple for triple in triples if triple[1] != f"<{predicate}>"}
    assert not validate(without, read_shapes(*SHAPES)).conforms


def test_codes_of_the_tables_are_concepts():
    declared = {
        subject
        for subject, _, _ in turtle(
            [packaged("ontology") / "eligibility.ttl", packaged("ontology") / "trialgraph.ttl"]
        )
    }
    wanted = {
        f"<{concept_iri('measurement', row['code'].upper().replace('-', '_'))}>" for row in rows("measurements")
    }
    wanted |= {f"<{concept_iri(row['scheme'], row['code'])}>" for row in rows("population_terms")}
    wanted |= {f"<{concept_iri('biomarker-state', row['code'])}>" for row in rows("biomarker_states")}
    wanted |= {f"<{shared_iri('biomarker', row['code'])}>" for row in rows("biomarkers")}
    wanted |= {f"<{shared_iri('treatment', row['label'])}>" for row in rows("therapies")}
    wanted |= {
        f"<{concept_iri('window-anchor', row['anchor'].upper().replace('-', '_'))}>" for row in rows("anchors")
    }
    assert wanted <= declared
