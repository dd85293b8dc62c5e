"""Populations: biomarkers, stage, setting, earlier treatment, and dose escalations."""

import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialgraph.interpretation.biomarker import biomarkers
from trialgraph.interpretation.dose_escalation import dose_escalation
from trialgraph.interpretation.eligibility_check import UNSUPPORTED, Value, check, read_criteria
from trialgraph.interpretation.population import read_population
from trialgraph.interpretation.readers import interpret_record

CASES = [
    json.loads(line)
    for line in (Path(__file__).parent / "cases/interpretation/biomarkers.jsonl").read_text("utf-8").splitlines()
]


CHOICES = (
    ("ER-positive and/or PR-positive", "ER PR"),
    ("ER- or PR-positive, HER2-negative disease", "ER PR"),
    ("BRCA1, BRCA2, or PALB2 mutation, and PD-L1 TPS >= 1%", "BRCA1 BRCA2 PALB2"),
    ("BRAF V600E or V600K mutation", "BRAF BRAF"),
    ("EGFR mutation; ALK rearrangement or ROS1 fusion", "ALK ROS1"),
    ("One of the following: EGFR mutation, ALK rearrangement, ROS1 fusion", "ALK EGFR ROS1"),
    ("HR-positive and HER2-negative", ""),
    ("HER2-positive (IHC 3+ or ISH-positive), ER-positive", ""),
    ("KRAS, NRAS and BRAF wild type", ""),
    ("HR+/HER2-", ""),
    ("KMT2Ar, NPM1c or NUP98r leukaemia", "KMT2A NPM1 NUP98"),
    ("One of the cancers listed below: lung cancer, triple-negative breast cancer", "ER HER2 PR TRIPLE_NEGATIVE"),
    ("Relapse or other high risk features including: CRLF2 rearrangement, KMT2A rearrangement", "CRLF2 KMT2A"),
)


@pytest.mark.parametrize(("text", "markers"), CHOICES)
def test_one_of_several_biomarkers_is_enough(text, markers):
    chosen = [one for one in biomarkers(text, "inclusion") if one.or_another]
    assert " ".join(sorted(one.marker for one in chosen)) == markers


def test_one_of_several_points_is_enough():
    listed = "Inclusion Criteria:\n\n* Any one of the following:\n\n  * EGFR mutation\n  * ALK rearrangement\n* HER2-negative"
    found = [one for one in read_population(record("Lung cancer", listed)) if one.kind == "biomarker"]
    assert [(one.code, one.or_another) for one in found] == [("EGFR", True), ("ALK", True), ("HER2", None)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ER-positive in at least 20% of cells", [("ER", "POSITIVE", ">=", 20.0)]),
        ("PR positive (>= 5%) and HER2 negative", [("PR", "POSITIVE", ">=", 5.0), ("HER2", "NEGATIVE", None, None)]),
        ("ER positive, 12 patients", [("ER", "POSITIVE", None, None)]),
        ("PD-L1 high (TPS >= 50%)", [("PD-L1", "EXPRESSED", ">=", 50.0)]),
    ],
)
def test_a_receptor_has_the_threshold_behind_it(text, expected):
    assert [(one.marker, one.state, one.op, one.low) for one in biomarkers(text, "inclusion")] == expected


def test_a_threshold_stands_beside_what_triple_negative_says():
    found = biomarkers("Triple-negative breast cancer (ER <= 10%)", "inclusion")
    assert [one.high for one in found if one.marker == "ER"] == [None, 10.0]


@pytest.mark.parametrize("case", CASES, ids=[case["text"][:40] for case in CASES])
def test_biomarkers_have_state_and_requirement(case):
    found = [
        [one.marker, one.sign, one.state, one.variant, one.requirement]
        for one in biomarkers(case["text"], case["side"])
    ]
    assert found == case["found"]


def record(title="A Study", criteria="", conditions=("Lung Cancer",), **sections):
    return {
        "protocolSection": {
            "identificationModule": {"nctId": "NCT00000009", "officialTitle": title},
            "conditionsModule": {"conditions": list(conditions)},
            "eligibilityModule": {"eligibilityCriteria": criteria, "minimumAge": "6 Months", "sex": "ALL"},
            **sections,
        }
    }


def facts(document, kind):
    return [(one.code, one.requirement, one.outcome) for one in read_population(document) if one.kind == kind]


def test_a_title_gives_stage_setting_and_earlier_treatment():
    document = record("Second-line Docetaxel in Stage IIIB/IV Lung Cancer After Progression on Pembrolizumab")
    assert facts(document, "stage") == [("STAGE_IIIB", "required", None), ("STAGE_IV", "required", None)]
    assert facts(document, "treatment-context") == [("SECOND_LINE", "required", None)]
    assert facts(document, "prior-therapy") == [("drug:pembrolizumab", "required", "PROGRESSION")]


def test_what_stands_behind_after_is_no_setting():
    assert facts(record("Vaccine after adjuvant therapy in colon cancer"), "treatment-context") == []


@pytest.mark.parametrize(
    ("criteria", "expected"),
    [
        ("Exclusion Criteria:\n\n* Prior treatment with osimertinib", [("drug:osimertinib", "forbidden", None)]),
        (
            "Inclusion Criteria:\n\n* Progression on or after osimertinib",
            [("drug:osimertinib", "required", "PROGRESSION")],
        ),
        ("Exclusion Criteria:\n\n* Prior chemotherapy within 3 weeks", [("CHEMOTHERAPY", "washout", None)]),
        ("Inclusion Criteria:\n\n* At least 2 weeks since prior radiotherapy", [("RADIOTHERAPY", "washout", None)]),
        ("Inclusion Criteria:\n\n* No prior immunotherapy", [("IMMUNOTHERAPY", "forbidden", None)]),
        ("Inclusion Criteria:\n\n* Prior endocrine therapy is allowed", [("ENDOCRINE_THERAPY", "allowed", None)]),
        ("Inclusion Criteria:\n\n* May have received radiotherapy before", [("RADIOTHERAPY", "allowed", None)]),
        (
            "Inclusion Criteria:\n\n* Completed surgery with or without radiotherapy",
            [("SURGERY", "required", "COMPLETED"), ("RADIOTHERAPY", "allowed", None)],
        ),
        ("Inclusion Criteria:\n\n* No limit on prior PARP inhibitors", [("PARP_INHIBITOR", "allowed", None)]),
        (
            "Inclusion Criteria:\n\n* Progressed during or after combination treatment with osimertinib",
            [("drug:osimertinib", "required", "PROGRESSION")],
        ),
        (
            "Inclusion Criteria:\n\n* Previously untreated with any systemic therapy",
            [("SYSTEMIC_THERAPY", "forbidden", None)],
        ),
        (
            "Inclusion Criteria:\n\n* Prior use of an anthracycline is not allowed",
            [("ANTHRACYCLINE", "forbidden", None)],
        ),
        (
            "Inclusion Criteria:\n\n* Received up to two prior courses of chemotherapy",
            [("CHEMOTHERAPY", "allowed", None)],
        ),
        ("Inclusion Criteria:\n\n* Recovered from all prior radiation-related injury", []),
        ("Inclusion Criteria:\n\n* Prior therapy; radiotherapy is not counted as a line", []),
        (
            "Exclusion Criteria:\n\n* Brain lesions. Those are eligible who are stable after surgery",
            [],
        ),
        ("Exclusion Criteria:\n\n* Earlier discontinuation of cetuximab after a reaction", []),
        ("Exclusion Criteria:\n\n* Received immunotherapy and experienced severe reactions", []),
        ("Exclusion Criteria:\n\n* Toxicity above grade 1.5 from previous chemotherapy", []),
        ("Inclusion Criteria:\n\n* Recovered from the toxic effects of prior chemotherapy", []),
        ("Inclusion Criteria:\n\n* Previously treated; candidate for radiotherapy", []),
        ("Exclusion Criteria:\n\n* Unresolved toxicities from previous chemotherapy", []),
        ("Exclusion Criteria:\n\n* More than two lines of prior endocrine therapy", []),
        ("Exclusion Criteria:\n\n* Three or more prior chemotherapy regimens", []),
        ("Exclusion Criteria:\n\n* History of autoimmune disease requiring corticosteroids", []),
        ("Exclusion Criteria:\n\n* Prior agents against the mammalian target of rapamycin", []),
        (
            "Exclusion Criteria:\n\n* Stem cell transplant in patients who have not recovered from it",
            [],
        ),
        (
            "Exclusion Criteria:\n\n* Administration of chemotherapy within 3 weeks before enrolment",
            [("CHEMOTHERAPY", "washout", None)],
        ),
        (
            "Exclusion Criteria:\n\n* Major surgery less than or equal to 14 days from Day 1",
            [("SURGERY", "washout", None)],
        ),
    ],
)
def test_earlier_treatment_is_required_forbidden_or_allowed(criteria, expected):
    assert facts(record(criteria=criteria), "prior-therapy") == expected


@pytest.mark.parametrize(
    ("criteria", "expected"),
    [
        ("Exclusion Criteria:\n\n* Brain metastases", "forbidden"),
        ("Exclusion Criteria:\n\n* Untreated brain metastases", "conditional"),
        ("Inclusion Criteria:\n\n* Treated and stable brain metastases are allowed", "conditional"),
        (
            "Inclusion Criteria:\n\n* CNS metastases may be included if there was stable disease after therapy",
            "conditional",
        ),
        ("Inclusion Criteria:\n\n* Known metastases to the CNS are permitted", "allowed"),
        ("Inclusion Criteria:\n\n* No central nervous system (CNS) tumor involvement", "forbidden"),
        ("Exclusion Criteria:\n\n* CNS (central nervous system) metastases", "forbidden"),
        ("Exclusion Criteria:\n\n* Severe brain or bone metastases", "forbidden"),
        ("Exclusion Criteria:\n\n* Spread of lung cancer to the brain", "forbidden"),
        ("Inclusion Criteria:\n\n* No evidence of metastatic disease in the brain", "forbidden"),
        ("Exclusion Criteria:\n\n* Metastasis to distant organs, such as the liver, bones, or brain", "forbidden"),
        ("Exclusion Criteria:\n\n* Known central nervous system leukemia", "forbidden"),
        ("Exclusion Criteria:\n\n* Contraindication to exercise, such as brain metastases", "forbidden"),
        (
            "Inclusion Criteria:\n\n* Metastatic disease to the brain. Mucosal melanomas are included.",
            "required",
        ),
        ("Exclusion Criteria:\n\n* Distant metastasis (brain and/or visceral metastasis)", "forbidden"),
    ],
)
def test_brain_metastases(criteria, expected):
    assert facts(record(criteria=criteria), "metastasis") == [("BRAIN", expected, None)]


def test_each_treatment_has_the_window_that_is_nearest():
    text = "Exclusion Criteria:\n\n* Radiotherapy within 2 weeks (5 weeks for mitomycin) before enrolment"
    found = [one for one in read_population(record(criteria=text)) if one.kind == "prior-therapy"]
    assert [(one.code, one.low) for one in found] == [("RADIOTHERAPY", 2.0), ("drug:mitomycin", 5.0)]


def test_donors_are_no_participants():
    text = "Inclusion Criteria:\n\n* ECOG 0\n\nDonor Inclusion Criteria:\n\n* Karnofsky >= 80%\n* Prior surgery"
    population = interpret_record(record(criteria=text))["population"]
    assert [one["what"] for one in population["performance"]] == ["ecog"]
    assert population["priorTherapies"] == []
    criteria = read_criteria(text + "\n* Age 30 to 70 years")
    assert check(criteria, Value("age", 20, "a")).verdict == UNSUPPORTED


def test_only_other_metastases_than_those_asked_for_are_excluded():
    text = "Exclusion Criteria:\n\n* Metastatic disease to the brain not fitting the inclusion criteria"
    assert facts(record(criteria=text), "metastasis") == []


def test_lines_of_treatment_are_counted():
    criteria = "Inclusion Criteria:\n\n* No more than three prior lines of therapy"
    [found] = [one for one in read_population(record(criteria=criteria)) if one.kind == "prior-lines"]
    assert (found.op, found.low, found.high) == ("<=", None, 3.0)


def test_an_escalation_has_design_window_and_aim():
    outcomes = {"primaryOutcomes": [{"measure": "Dose-limiting toxicities", "timeFrame": "Cycle 1 (28 days)"}]}
    description = {"briefSummary": "Doses climb by a 3 + 3 design to establish the maximum tolerated dose (MTD)."}
    document = record(descriptionModule=description, outcomesModule=outcomes)
    found = {(one.kind, one.code): (one.value, one.unit) for one in dose_escalation(document)}
    assert found == {
        ("design", "3_PLUS_3"): (None, None),
        ("aim", "MTD"): (None, None),
        ("window", "DLT"): (28.0, "d"),
    }


def test_a_dose_known_to_be_tolerated_is_no_aim():
    assert dose_escalation(record(descriptionModule={"briefSummary": "Given at the RP2D of 10 mg."})) == ()


def test_a_record_gives_its_population_by_slot():
    line = interpret_record(record("Maintenance", "Inclusion Criteria:\n\n* ECOG 0-1"))
    population = line["population"]
    assert population["age"] == {"low": 0.5, "high": None}
    assert population["sex"] == "ALL"
    assert [one["what"] for one in population["performance"]] == ["ecog"]


WORDS = st.sampled_from(
    "HER2 EGFR - + positive negative mutation no without prior stage IV , ; . ( ) and or PD-L1 >= 50% osimertinib brain metastases".split()
)


@given(
    st.lists(WORDS, max_size=25).map(" ".join),
    st.sampled_from(["Inclusion Criteria:\n\n* ", "Exclusion Criteria:\n\n* ", ""]),
)
def test_every_fact_stands_where_it_says(words, opening):
    document = record(words, opening + words)
    texts = {"officialTitle": words, "eligibilityCriteria": opening + words, "conditions[0]": "Lung Cancer"}
    for one in read_population(document):
        assert texts[one.path][one.start : one.end] == one.exact


@pytest.mark.parametrize(
    "piece", ["EGFR mutation, ", "KRAS G12C ", "no HER2-positive ", "EGFR mutation (exon 19, L858R "]
)
def test_time_grows_with_the_length_of_a_list_of_markers_only(piece):
    def seconds(size):
        text = piece * (size // len(piece))
        start = time.process_time()
        biomarkers(text, "inclusion")
        return time.process_time() - start

    seconds(200)
    assert min(seconds(24_000) for _ in range(3)) < 9 * min(seconds(6_000) for _ in range(3)) + 0.02


ALTERNATIVES = [
    (
        "ER-positive or Triple-Negative Breast Cancer",
        "",
        {("ER", "positive", "allowed"), ("HER2", "negative", "required")},
    ),
    (
        "Ph+ Leukaemia With or Without T315I",
        "* T315I mutation, for the second group",
        {("BCR-ABL1", "positive", "required")},
    ),
    (
        "KRAS G12D Mutated Tumours",
        "Exclusion Criteria:\n\n* Germline KRAS G12D mutation",
        {("KRAS", "positive", "required")},
    ),
    (
        "HER2-negative Breast Cancer",
        "Inclusion Criteria:\n\n* Any drug approved for HER2 negative cancer is permitted",
        {("HER2", "negative", "required")},
    ),
]


@pytest.mark.parametrize(("title", "criteria", "said"), ALTERNATIVES, ids=[each[0] for each in ALTERNATIVES])
def test_biomarkers_of_a_record_agree(title, criteria, said):
    facts = [fact for fact in read_population(record(title, criteria)) if fact.kind == "biomarker"]
    found = {(fact.code, fact.sign, fact.requirement) for fact in facts}
    assert said <= found
    required = {(code, sign) for code, sign, requirement in found if requirement == "required"}
    assert not any(
        (code, {"positive": "negative", "negative": "positive"}[sign]) in required for code, sign in required
    )
    assert not required & {(code, sign) for code, sign, requirement in found if requirement != "required"}


def escalation(summary="", outcomes=(), phases=("PHASE1",)):
    document = record("A Study in Leukaemia")["protocolSection"]
    document |= {
        "descriptionModule": {"briefSummary": summary},
        "designModule": {"phases": list(phases)},
        "outcomesModule": {"primaryOutcomes": [{"measure": name, "timeFrame": time} for name, time in outcomes]},
    }
    return {(fact.kind, fact.code, fact.value, fact.unit) for fact in dose_escalation({"protocolSection": document})}


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (escalation(outcomes=[("Dose-limiting toxicity", "Day 1 to Day 28")]), {("window", "DLT", 28.0, "d")}),
        (escalation(outcomes=[("Dose-limiting toxicity", "Day 1 to Day 28")], phases=["PHASE3"]), set()),
        (escalation(outcomes=[("DLT", "up to 30 days after the last dose")]), set()),
        (escalation(outcomes=[("DLT", "28 cycles")]), set()),
        (escalation("A 21-day observation period of dose-limiting toxicity."), {("window", "DLT", 21.0, "d")}),
        (escalation("The recommended phase 2 dose was determined by toxicity."), {("aim", "RP2D", None, None)}),
        (escalation("The objective was reached at their MTD in the MTD group."), set()),
        (escalation("A randomized dose-finding trial."), set()),
        (
            escalation("A single and multiple ascending dose trial."),
            {
                ("design", "SINGLE_ASCENDING", None, None),
                ("design", "MULTIPLE_ASCENDING", None, None),
                ("escalation", "ESCALATION", None, None),
            },
        ),
    ],
)
def test_dose_escalations_are_read_where_a_record_says_so(said, found):
    assert said == found


@pytest.mark.parametrize(
    ("title", "criteria", "kind", "expected"),
    [
        (
            "Radiation With or Without Lomustine in Patients With Newly Diagnosed Glioma",
            "",
            "disease-status",
            [("NEWLY_DIAGNOSED", "required", None)],
        ),
        ("Drug A in XRm and Non-XRm Metastatic Prostate Cancer", "", "stage", [("METASTATIC", "required", None)]),
        ("The Recurrence Score in Breast Cancer", "", "disease-status", []),
        ("Advanced Navigation Techniques for Lung Cancer", "", "stage", []),
        (
            "Infusion After Resection Followed by Radiation Therapy in Glioma",
            "",
            "prior-therapy",
            [("SURGERY", "required", None)],
        ),
        (
            "Lung Cancer",
            "Inclusion Criteria:\n\n* Confirmed operable or inoperable lung cancer",
            "stage",
            [("RESECTABLE", "allowed", None), ("UNRESECTABLE", "allowed", None)],
        ),
        (
            "Lung Cancer",
            "Inclusion Criteria:\n\n* Disease by primary tumor, regional nodes, metastasis (TNM)",
            "stage",
            [],
        ),
        ("Nonmetastatic Colon Cancer", "", "stage", [("METASTATIC", "forbidden", None)]),
        ("People Who Had No Treatment for Advanced Colon Cancer", "", "stage", []),
        ("CML in Myeloid Blast Crisis (MBC)", "", "stage", []),
        (
            "Lung Cancer",
            "Exclusion Criteria:\n\n* Chemotherapy in the setting of metastatic disease",
            "stage",
            [],
        ),
        (
            "Lung Cancer",
            "Inclusion Criteria:\n\n* Any stage at diagnosis (localized and metastatic)",
            "stage",
            [("LOCALIZED", "allowed", None), ("METASTATIC", "allowed", None)],
        ),
        (
            "Lung Cancer",
            "Exclusion Criteria:\n\n* Progressing CNS disease",
            "disease-status",
            [],
        ),
        ("Lung Cancer", "Inclusion Criteria:\n\n* Cancer with a high risk of bleeding", "stage", []),
        ("Colon Cancer With High Risk of Recurrence", "", "disease-status", []),
        (
            "Lung Cancer",
            "Inclusion Criteria:\n\n* Nodes involved by metastatic cancer",
            "stage",
            [],
        ),
        (
            "Lung Cancer",
            "Exclusion Criteria:\n\n* Metastasis to the brain\n* CNS (central nervous system) metastases",
            "stage",
            [],
        ),
        (
            "Lung Cancer",
            "Exclusion Criteria:\n\n* Radiographic evidence of metastatic disease",
            "stage",
            [("METASTATIC", "forbidden", None)],
        ),
        (
            "Lung Cancer",
            "Inclusion Criteria:\n\n* Either measurable or non-measurable disease",
            "disease-status",
            [("MEASURABLE", "allowed", None)],
        ),
        (
            "Lung Cancer",
            "Inclusion Criteria:\n\n* Measurable disease (irradiated lesions without progression do not count)",
            "disease-status",
            [("MEASURABLE", "required", None)],
        ),
        (
            "Lung Cancer",
            "Inclusion Criteria:\n\n* Progression after the last cycle of the first-line therapy",
            "treatment-context",
            [],
        ),
        (
            "Lung Cancer",
            "Exclusion Criteria:\n\n* Unresectable disease, including partial stage IIIA",
            "stage",
            [("UNRESECTABLE", "forbidden", None)],
        ),
        (
            "Lung Cancer",
            "Inclusion Criteria:\n\n* Local recurrence with/without metastases (metastases, if present, in one organ)",
            "stage",
            [("METASTATIC", "allowed", None)],
        ),
        (
            "Lung Cancer",
            "Inclusion Criteria:\n\n* Stage III disease with/without brain metastases",
            "metastasis",
            [("BRAIN", "allowed", None)],
        ),
        (
            "Lung Cancer",
            "Inclusion Criteria:\n\n* Stage IV cancer, either treatment-naive or progressed on one line",
            "treatment-context",
            [("FIRST_LINE", "allowed", None)],
        ),
        (
            "Lung Cancer",
            "Inclusion Criteria:\n\n* Those who received chemotherapy or surgery must have recovered from its effects",
            "prior-therapy",
            [],
        ),
        (
            "Lung Cancer",
            "Inclusion Criteria:\n\n* Previous surgery, 14 days or more before day 1 of treatment with alectinib",
            "prior-therapy",
            [("SURGERY", "washout", None)],
        ),
        (
            "Lung Cancer",
            "Exclusion Criteria:\n\n* Previous antibodies to cytotoxic T-lymphocyte antigen 4",
            "prior-therapy",
            [],
        ),
    ],
)
def test_words_of_a_state_that_nobody_is_asked_for(title, criteria, kind, expected):
    assert facts(record(title, criteria), kind) == expected


def test_states_of_cohorts_in_one_criterion_are_alternatives():
    text = "Inclusion Criteria:\n\n* Cohort A: HER2-positive breast cancer OR Cohort B: HR-positive breast cancer"
    assert facts(record("Breast cancer", text), "biomarker") == [
        ("HER2", "allowed", None),
        ("HR", "allowed", None),
    ]


def test_a_receptor_is_no_requirement_where_triple_negative_is_one_of_two():
    title = "Either Triple-Negative or HER2-Negative BRCA-Mutated Breast Cancer"
    text = "Inclusion Criteria:\n\n* TNBC, or HR-positive/HER2-negative disease is allowed"
    found = facts(record(title, text, ("Breast Cancer",)), "biomarker")
    assert ("ER", "required", None) not in found
