"""Concepts of trials: by words, by arms, by age, by primary outcomes, each on the words it rests on."""

import pytest

from trialgraph.interpretation.concepts_reader import of_record
from trialgraph.interpretation.trial_concepts import trial_concepts


def document(
    title="A study", summary="", *, arms=(), age=None, outcomes=(), allocation="RANDOMIZED", kind="INTERVENTIONAL"
):
    names = {name for _, _, names in arms for name in names}
    return {
        "protocolSection": {
            "identificationModule": {"nctId": "NCT00000001", "briefTitle": title},
            "descriptionModule": {"briefSummary": summary},
            "designModule": {
                "studyType": kind,
                "designInfo": {"allocation": allocation, "primaryPurpose": "TREATMENT"},
            },
            "eligibilityModule": age or {},
            "outcomesModule": {"primaryOutcomes": [{"measure": measure} for measure in outcomes]},
            "armsInterventionsModule": {
                "armGroups": [
                    {"label": label, "type": type_, "interventionNames": names} for label, type_, names in arms
                ],
                "interventions": [{"name": name.partition(": ")[2]} for name in sorted(names)],
            },
        }
    }


NEW, OLD, NIL = ["Drug: Newamab"], ["Drug: Oldicin"], ["Drug: Placebo"]


@pytest.mark.parametrize(
    ("record", "yes", "no"),
    [
        (document("First-in-Human study of Newamab"), {"FIRST_IN_HUMAN"}, set()),
        (document("Newamab", "After the first dose in humans the trial goes on."), set(), {"FIRST_IN_HUMAN"}),
        (document("An umbrella trial in cancer"), {"UMBRELLA"}, {"BASKET", "PLATFORM"}),
        (document("Adaptive platform trial"), {"PLATFORM"}, set()),
        (document("A fully remote study of sleep"), {"DECENTRALIZED"}, set()),
        (document("Decentralized primary care in villages"), set(), {"DECENTRALIZED"}),
        (document("A dose-finding study"), {"DOSE_FINDING"}, set()),
        (document(outcomes=["Dose-limiting toxicity"]), {"DOSE_FINDING", "SAFETY"}, {"EFFICACY"}),
        (document(outcomes=["Overall survival"]), {"EFFICACY"}, {"SAFETY"}),
        (document(outcomes=["Overall survival"], kind="OBSERVATIONAL"), set(), {"EFFICACY"}),
        (document(outcomes=["Cmax of newamab"]), {"PHARMACOKINETICS"}, {"EFFICACY"}),
        (
            document(arms=[("A", "EXPERIMENTAL", NEW), ("B", "PLACEBO_COMPARATOR", NIL)]),
            {"PLACEBO_CONTROL", "TEST_ARMS"},
            {"ACTIVE_CONTROL", "HEAD_TO_HEAD", "ADD_ON"},
        ),
        (
            document(arms=[("A", "EXPERIMENTAL", NEW), ("B", "ACTIVE_COMPARATOR", OLD)]),
            {"ACTIVE_CONTROL", "HEAD_TO_HEAD"},
            {"PLACEBO_CONTROL", "ADD_ON"},
        ),
        (
            document(arms=[("A", "EXPERIMENTAL", NEW + OLD), ("B", "ACTIVE_COMPARATOR", OLD)]),
            {"ACTIVE_CONTROL", "ADD_ON"},
            {"HEAD_TO_HEAD"},
        ),
        (
            document(arms=[("Newamab 5 mg", "EXPERIMENTAL", NEW), ("Newamab 10 mg", "EXPERIMENTAL", NEW)]),
            {"DOSE_RESPONSE_CONTROL"},
            {"PLACEBO_CONTROL"},
        ),
        (document(arms=[("A", "EXPERIMENTAL", NEW), ("B", "NO_INTERVENTION", [])]), {"NO_TREATMENT_CONTROL"}, set()),
        (document("Asthma in children", age={"maximumAge": "12 Years"}), {"PAEDIATRIC"}, set()),
        (document("Asthma", age={"maximumAge": "17 Years"}), {"PAEDIATRIC"}, set()),
        (document("Survivors of childhood cancer", age={"minimumAge": "18 Years"}), set(), {"PAEDIATRIC"}),
        (document("Asthma", age={"maximumAge": "65 Years"}), set(), {"PAEDIATRIC"}),
        (document("Shunts in infants"), {"PAEDIATRIC"}, set()),
        (document("Sleep of children and their parents"), set(), {"PAEDIATRIC"}),
        (document("Safety, PD and PK of newamab"), {"PHARMACOKINETICS", "PHARMACODYNAMICS"}, set()),
        (document("Newamab in PD after dialysis"), set(), {"PHARMACODYNAMICS"}),
        (document("A single ascending dose study"), {"DOSE_FINDING"}, set()),
        (
            document(arms=[("A", "ACTIVE_COMPARATOR", NEW), ("B", "PLACEBO_COMPARATOR", NIL)]),
            {"PLACEBO_CONTROL"},
            {"ACTIVE_CONTROL"},
        ),
        (
            document(
                arms=[("Low", "ACTIVE_COMPARATOR", ["Drug: N 2 mg"]), ("High", "ACTIVE_COMPARATOR", ["Drug: N 9 mg"])]
            ),
            set(),
            {"ACTIVE_CONTROL"},
        ),
        (
            document(arms=[("A", "ACTIVE_COMPARATOR", NEW), ("B", "ACTIVE_COMPARATOR", OLD)]),
            {"ACTIVE_CONTROL"},
            set(),
        ),
        (
            document(arms=[("A", "EXPERIMENTAL", NEW), ("SOC", "PLACEBO_COMPARATOR", ["Other: Drugs for HF"])]),
            set(),
            {"PLACEBO_CONTROL"},
        ),
        (
            document(arms=[("A", "EXPERIMENTAL", NEW + NIL), ("B", "ACTIVE_COMPARATOR", OLD + NIL)]),
            {"HEAD_TO_HEAD"},
            set(),
        ),
        (
            document(
                arms=[("A", "EXPERIMENTAL", ["Device: P"]), ("Small hearts", "PLACEBO_COMPARATOR", ["Device: P"])]
            ),
            set(),
            {"PLACEBO_CONTROL"},
        ),
        (
            document(arms=[("A", "EXPERIMENTAL", NEW), ("Placebo", "ACTIVE_COMPARATOR", NIL)]),
            {"PLACEBO_CONTROL"},
            {"ACTIVE_CONTROL"},
        ),
        (
            document(
                arms=[
                    ("A", "ACTIVE_COMPARATOR", NEW),
                    ("B", "ACTIVE_COMPARATOR", OLD),
                    ("C", "SHAM_COMPARATOR", ["Device: Sham"]),
                ]
            ),
            {"PLACEBO_CONTROL"},
            {"ACTIVE_CONTROL"},
        ),
        (
            document(
                arms=[("Ill", "EXPERIMENTAL", ["Device: P"]), ("Well", "ACTIVE_COMPARATOR", ["Device: P"])],
                allocation="NON_RANDOMIZED",
            ),
            {"TEST_ARMS"},
            {"ACTIVE_CONTROL"},
        ),
        (
            document(
                arms=[
                    ("A", "EXPERIMENTAL", ["Drug: Newamab", "Drug: Aspirin"]),
                    ("B", "EXPERIMENTAL", ["Drug: Newamab", "Drug: Warfarin"]),
                    ("C", "ACTIVE_COMPARATOR", ["Drug: Aspirin", "Drug: Warfarin"]),
                ]
            ),
            {"ACTIVE_CONTROL"},
            {"HEAD_TO_HEAD"},
        ),
        *(
            (
                document(arms=[("A", "EXPERIMENTAL", new), ("B", "ACTIVE_COMPARATOR", [control])]),
                {"ACTIVE_CONTROL"},
                {"HEAD_TO_HEAD", "ADD_ON"},
            )
            for new, control in (
                (NEW, "Drug: Standard treatment"),
                (NEW, "Drug: Physician's choice chemotherapy"),
                (NEW, "Drug: Adjuvant therapy"),
                (["Drug: Newamab/oldicin"], "Drug: Oldicin"),
                (["Procedure: Newplasty", "Diagnostic Test: Scan"], "Diagnostic Test: Scan"),
            )
        ),
        (
            document(
                arms=[
                    ("A", "EXPERIMENTAL", ["Drug: Extended-release newamab"]),
                    ("B", "ACTIVE_COMPARATOR", ["Drug: Sustained-release oldicin"]),
                ]
            ),
            {"HEAD_TO_HEAD"},
            set(),
        ),
        (
            document("Newamab versus oldicin", arms=[("A", "EXPERIMENTAL", NEW), ("B", "EXPERIMENTAL", OLD)]),
            {"HEAD_TO_HEAD"},
            {"ACTIVE_CONTROL"},
        ),
        (
            document("Newamab and oldicin", arms=[("A", "EXPERIMENTAL", NEW), ("B", "EXPERIMENTAL", OLD)]),
            set(),
            {"HEAD_TO_HEAD"},
        ),
        (
            document(arms=[("Newamab in addition to usual care", "EXPERIMENTAL", NEW), ("C", "NO_INTERVENTION", [])]),
            {"ADD_ON"},
            {"HEAD_TO_HEAD"},
        ),
        (
            document(
                arms=[
                    ("A", "EXPERIMENTAL", ["Other: Walking", "Other: Pelvic floor muscle training"]),
                    ("B", "ACTIVE_COMPARATOR", ["Other: Pelvic floor muscle training"]),
                ]
            ),
            {"ADD_ON"},
            set(),
        ),
        (
            document(arms=[("A", "ACTIVE_COMPARATOR", NEW + OLD), ("B", "PLACEBO_COMPARATOR", OLD + NIL)]),
            {"ADD_ON", "TEST_ARMS", "PLACEBO_CONTROL"},
            {"ACTIVE_CONTROL"},
        ),
        (document(outcomes=["Composite of decompensation or transplantation"]), {"EFFICACY"}, set()),
        (
            document(arms=[("A (Low-Dose)", "EXPERIMENTAL", NEW), ("B (High-Dose)", "EXPERIMENTAL", NEW)]),
            {"DOSE_RESPONSE_CONTROL"},
            set(),
        ),
        (document("A randomized, placebo-controlled trial"), {"PLACEBO_CONTROL"}, set()),
        (document("Newamab to prevent relapse, compared with placebo"), {"PLACEBO_CONTROL"}, set()),
        (document("Extension of a placebo-controlled trial"), set(), {"PLACEBO_CONTROL"}),
        (document("A placebo-controlled trial", allocation="NA"), set(), {"PLACEBO_CONTROL"}),
        (document(arms=[("Escalation, part A", "EXPERIMENTAL", NEW)]), {"DOSE_FINDING"}, set()),
        (
            document(arms=[("Usual care plus N", "EXPERIMENTAL", ["Other: N"]), ("C", "NO_INTERVENTION", [])]),
            {"ADD_ON"},
            set(),
        ),
        (
            document(
                arms=[
                    ("A", "ACTIVE_COMPARATOR", ["Drug: Stop a", "Drug: Stop b"]),
                    ("B", "ACTIVE_COMPARATOR", ["Drug: Stop a"]),
                    ("C", "NO_INTERVENTION", []),
                ]
            ),
            {"TEST_ARMS"},
            {"ADD_ON"},
        ),
        (document("Drug-drug interaction of newamab", outcomes=["Blood pressure"]), set(), {"EFFICACY"}),
        (document("A first-in-human bioequivalence study"), set(), {"FIRST_IN_HUMAN"}),
        (document("Newamab in three ascending dose cohorts"), {"DOSE_FINDING"}, set()),
        (
            document(
                arms=[
                    ("A", "EXPERIMENTAL", ["Radiation: Beams"]),
                    ("B (observation)", "ACTIVE_COMPARATOR", ["Other: Clinical Observation", "Procedure: Imaging"]),
                ]
            ),
            {"TEST_ARMS"},
            {"ACTIVE_CONTROL"},
        ),
        (document("Newamab", "It gives multiple ascending doses."), {"DOSE_FINDING"}, set()),
        (document("Effect of newamab added to oldicin"), {"ADD_ON"}, set()),
        (document("Effect of newamab added to the diet"), set(), {"ADD_ON"}),
        (document(outcomes=["Number of people with abnormal blood pressure"]), {"SAFETY"}, {"EFFICACY"}),
        (document(outcomes=["Change of blood pressure"]), {"EFFICACY"}, {"SAFETY"}),
        (
            document(
                "A placebo-controlled trial of newamab", arms=[("A", "EXPERIMENTAL", NEW + NIL)], allocation="NA"
            ),
            {"PLACEBO_CONTROL"},
            set(),
        ),
        (
            document(
                "Newamab versus oldicin", arms=[("A", "ACTIVE_COMPARATOR", NEW), ("B", "ACTIVE_COMPARATOR", OLD)]
            ),
            {"HEAD_TO_HEAD", "ACTIVE_CONTROL"},
            set(),
        ),
        (document("Exercise, results of an add-on pilot study"), set(), {"ADD_ON"}),
        (document("Newamab against a retrospective control cohort"), {"EXTERNAL_CONTROL"}, set()),
        (
            document(
                arms=[
                    ("A", "ACTIVE_COMPARATOR", ["Procedure: Block"]),
                    ("B", "ACTIVE_COMPARATOR", ["Procedure: Infiltration"]),
                    ("C", "NO_INTERVENTION", []),
                ]
            ),
            {"TEST_ARMS", "NO_TREATMENT_CONTROL"},
            {"ACTIVE_CONTROL"},
        ),
        (
            document(
                arms=[
                    ("A", "EXPERIMENTAL", ["Procedure: Newplasty", "Drug: Oldicin"]),
                    ("B", "SHAM_COMPARATOR", ["Procedure: sham Newplasty", "Drug: Oldicin"]),
                ]
            ),
            {"ADD_ON", "PLACEBO_CONTROL"},
            set(),
        ),
        (
            document(
                arms=[
                    ("A", "EXPERIMENTAL", ["Drug: Platelet rich plasma"]),
                    ("B", "ACTIVE_COMPARATOR", ["Drug: Platelet poor plasma"]),
                ]
            ),
            set(),
            {"HEAD_TO_HEAD"},
        ),
    ],
)
def test_concepts(record, yes, no):
    found = {one.concept for one in trial_concepts(record)}
    assert yes <= found
    assert not no & found


def test_each_concept_says_its_field_words_and_rule():
    record = document("\\<First in human\\>", arms=[("A", "EXPERIMENTAL", NEW), ("B", "EXPERIMENTAL", OLD)])
    line = of_record(record)["concepts"]
    first = next(one for one in line if one["concept"] == "FIRST_IN_HUMAN")
    title = record["protocolSection"]["identificationModule"]["briefTitle"]
    assert title[first["start"] : first["end"]] == first["exact"] == "First in human"
    assert first["path"] == "identificationModule.briefTitle"
    assert next(one for one in line if one["concept"] == "TEST_ARMS")["value"] == 2


@pytest.mark.parametrize(
    "record", [{}, {"protocolSection": []}, {"protocolSection": {"designModule": {"designInfo": "no"}}}]
)
def test_records_without_the_fields_have_no_concepts(record):
    assert trial_concepts(record) == []


def test_the_description_of_an_arm_may_tell_that_doses_are_sought():
    record = document(arms=[("Part A", "EXPERIMENTAL", NEW)])
    record["protocolSection"]["armsInterventionsModule"]["armGroups"][0]["description"] = "A 3 + 3 dose escalation"
    [found] = [one for one in trial_concepts(record) if one.concept == "DOSE_FINDING"]
    assert (found.path, found.exact) == ("armsInterventionsModule.armGroups[0].description", "3 + 3 dose")


def test_a_control_is_no_test_arm_whatever_its_type():
    record = document(arms=[("Newamab", "EXPERIMENTAL", NEW), ("Control", "EXPERIMENTAL", OLD)])
    assert [one.value for one in trial_concepts(record) if one.concept == "TEST_ARMS"] == [1]
