"""Outcomes and kinds of trial as RDF: what is said, where it is read, and that only declared concepts are used."""

import pytest
from tests.shapes.checking import turtle

from trialgraph.interpretation.interpretation_triples import interpretation_triples
from trialgraph.interpretation.lexicon import rows
from trialgraph.settings import packaged
from trialgraph.terms import RDF_TYPE, iri, lexical
from trialgraph.validation import read_shapes, validate
from trialgraph.vocabulary import PREFIXES, SCHEME, TG, concept_iri, shared_iri

VERSION = "<https://w3id.org/trialgraph/id/NCT00000001/record/version/2024-01-01>"
OUTCOME = "https://w3id.org/trialgraph/id/NCT00000001/outcome/primary/1"
PFS = {
    "measure": "Progression-free survival \\> by blinded independent central review",
    "description": "Per RECIST v1.1.",
    "timeFrame": "From randomization until progression, assessed up to 24 months",
}
WEIGHT = {"measure": "Percent change in body weight", "timeFrame": "Baseline, weeks 24 to 26"}
MACE = {"measure": "Death, myocardial infarction or stroke", "timeFrame": "1 year after surgery"}
UNREAD = {"measure": "Colour of the waiting room"}


def document(*outcomes, title="A first-in-human study"):
    protocol = {
        "identificationModule": {"nctId": "NCT00000001", "briefTitle": title},
        "outcomesModule": {"primaryOutcomes": list(outcomes)},
        "armsInterventionsModule": {"armGroups": [{"label": "A", "type": "EXPERIMENTAL"}]},
    }
    return {"protocolSection": protocol}


def triples(*outcomes):
    return list(interpretation_triples(document(*outcomes), VERSION))


def values(found, subject, predicate):
    return [value for one, said, value in found if one == iri(subject) and said == iri(predicate)]


def test_an_outcome_says_what_it_measures_by_whom_and_when():
    found = triples(PFS)
    assert values(found, OUTCOME, TG.endpoint) == [iri(shared_iri("endpoint", "PFS"))]
    assert values(found, OUTCOME, TG.measureType) == [iri(concept_iri("measure-type", "TIME_TO_EVENT"))]
    assert values(found, OUTCOME, TG.assessor) == [iri(concept_iri("assessor", "BIRC"))]
    assert values(found, OUTCOME, TG.criteria) == [iri(shared_iri("criteria", "RECIST 1.1"))]
    (time,) = values(found, OUTCOME, TG.assessmentTime)
    assert values(found, time[1:-1], TG.days) == ['"730.5"^^<http://www.w3.org/2001/XMLSchema#decimal>']
    assert values(found, time[1:-1], RDF_TYPE[1:-1]) == [iri(TG.AssessmentTime)]
    assert values(found, time[1:-1], TG.timeKind) == [iri(concept_iri("time-kind", "UP_TO"))]
    assert values(found, time[1:-1], TG.timeOrigin) == [iri(concept_iri("event", "RANDOMIZATION"))]


def test_changes_baselines_ranges_and_members():
    found = triples(WEIGHT, MACE)
    assert values(found, OUTCOME, TG.percentChange) == values(found, OUTCOME, TG.fromBaseline)
    (time,) = values(found, OUTCOME, TG.assessmentTime)
    (length,) = values(found, time[1:-1], TG.length)
    assert [lexical(value) for value in values(found, length[1:-1], TG.highValue)] == ["26"]
    members = values(found, OUTCOME[:-1] + "2", TG.memberEndpoint)
    assert members == [iri(shared_iri("endpoint", code)) for code in ("mortality", "MI", "stroke")]


def with_results(*results):
    return {**document(PFS, WEIGHT), "resultsSection": {"outcomeMeasuresModule": {"outcomeMeasures": list(results)}}}


def test_a_result_has_an_endpoint_its_registered_outcome_and_what_is_estimated():
    result = {
        "type": "PRIMARY",
        "title": PFS["measure"].upper(),
        "analyses": [{"paramType": "Hazard Ratio (HR)"}, {"paramType": "Slope"}],
    }
    found = list(interpretation_triples(with_results(result), VERSION))
    node = "https://w3id.org/trialgraph/id/NCT00000001/result/outcome/1"
    assert values(found, node, TG.endpoint) == [iri(shared_iri("endpoint", "PFS"))]
    assert values(found, node, TG.resultOf) == [iri(OUTCOME)]
    assert values(found, f"{node}/analysis/1", TG.effectMeasure) == [
        iri(concept_iri("effect-measure", "HAZARD_RATIO"))
    ]
    assert values(found, f"{node}/analysis/2", TG.effectMeasure) == []
    shapes = read_shapes(*sorted((packaged("shapes") / "interpretation").glob("*.ttl")))
    assert validate(set(found), shapes).conforms


def test_a_result_of_another_kind_or_title_is_of_no_registered_outcome():
    others = (
        {"type": "SECONDARY", "title": PFS["measure"]},
        {"type": "PRIMARY", "title": "Survival"},
        {"type": "POST_HOC"},
    )
    found = list(interpretation_triples(with_results(*others), VERSION))
    assert not [triple for triple in found if triple[1] == iri(TG.resultOf)]


def test_what_no_rule_reads_is_not_asserted():
    found = triples(UNREAD)
    assert values(found, OUTCOME, TG.endpoint) == []
    assert values(found, OUTCOME, TG.measureType) == []


def test_every_fact_rests_on_words_of_the_record():
    given = {"primaryOutcomes[0]": PFS, "primaryOutcomes[1]": WEIGHT, "primaryOutcomes[2]": MACE}
    found = triples(*given.values())
    about = {}
    for subject, predicate, value in found:
        about.setdefault(subject, {})[predicate] = value
    selectors = [
        node for node, said in about.items() if said.get(RDF_TYPE) == iri(PREFIXES["oa"] + "TextPositionSelector")
    ]
    checked = 0
    for node in selectors:
        said = {key[1:-1]: lexical(value) for key, value in about[node].items() if not value.startswith("<")}
        path = said[TG.fieldPath].removeprefix("protocolSection.outcomesModule.")
        if path == said[TG.fieldPath]:
            continue
        outcome, _, field = path.rpartition(".")
        start, end = int(said[PREFIXES["oa"] + "start"]), int(said[PREFIXES["oa"] + "end"])
        assert given[outcome][field][start:end] == said[PREFIXES["oa"] + "exact"]
        checked += 1
    assert checked > 6


def test_a_trial_has_its_kinds_and_they_say_where():
    found = triples(PFS)
    trial = "https://w3id.org/trialgraph/id/NCT00000001"
    assert iri(concept_iri("trial-kind", "FIRST_IN_HUMAN")) in values(found, trial, TG.trialKind)
    assert [lexical(value) for value in values(found, trial, TG.testArmCount)] == ["1"]


def test_what_is_read_conforms_and_names_only_declared_concepts():
    found = triples(PFS, WEIGHT, MACE, UNREAD)
    shapes = read_shapes(*sorted((packaged("shapes") / "interpretation").glob("*.ttl")))
    report = validate(set(found), shapes)
    assert report.conforms, report.results[:3]
    declared = {subject for subject, _, _ in turtle(sorted(packaged("ontology").glob("*.ttl")))}
    concepts = {
        value for _, _, value in found if value.startswith(("<" + SCHEME, f"<{shared_iri('endpoint', 'x')[:-1]}"))
    }
    assert concepts <= declared


@pytest.mark.parametrize(
    ("table", "column", "scheme"),
    [
        ("time-origins", "event", "event"),
        ("trial-concepts", "concept", "trial-kind"),
        ("effect-measures", "measure", "effect-measure"),
    ],
)
def test_every_notation_of_the_tables_is_declared(table, column, scheme):
    declared = {subject for subject, _, _ in turtle(sorted(packaged("ontology").glob("*.ttl")))}
    assert {iri(concept_iri(scheme, row[column])) for row in rows(table)} <= declared


def test_every_endpoint_of_the_table_is_declared():
    declared = {subject for subject, _, _ in turtle([packaged("ontology") / "endpoints.ttl"])}
    assert {iri(shared_iri("endpoint", row["code"])) for row in rows("endpoint-concepts")} <= declared
