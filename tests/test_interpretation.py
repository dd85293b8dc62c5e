"""What is read from texts, as RDF and as lines: laws over real records, shapes, hostile texts, assembly of arms."""

import gzip
import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.shapes.checking import turtle

from trialgraph.interpretation.arm_assembly import assembled
from trialgraph.interpretation.dose_groups import groups_of
from trialgraph.interpretation.interpretation_triples import digest, interpretation_triples
from trialgraph.interpretation.readers import READERS
from trialgraph.interpretation.record_texts import regimen_line
from trialgraph.interpretation.regimen import doses_of, readings_of
from trialgraph.settings import packaged
from trialgraph.terms import lexical
from trialgraph.validation import read_shapes, validate
from trialgraph.vocabulary import ONTOLOGY, PREFIXES, TG

RECORDS = Path(__file__).resolve().parents[2] / "shared" / "records" / "ctgov-v2.jsonl.gz"
VERSION = "<https://w3id.org/trialgraph/id/NCT00000001/record/version/2024-01-01>"
SHAPES = sorted((packaged("shapes") / "interpretation").glob("*.ttl"))


def record(arms=(), interventions=(), nct="NCT00000001"):
    module = {
        "armGroups": [dict(zip(("label", "description", "interventionNames"), arm, strict=False)) for arm in arms],
        "interventions": [dict(zip(("type", "name", "description"), each, strict=False)) for each in interventions],
    }
    return {"protocolSection": {"identificationModule": {"nctId": nct}, "armsInterventionsModule": module}}


@pytest.fixture(scope="module")
def records():
    if not RECORDS.is_file():
        pytest.skip("the real records are not beside the checkout")
    with gzip.open(RECORDS) as file:
        return [json.loads(line) for line in file]


def test_words_are_where_they_are_said_to_be_on_every_record(records):
    read = 0
    for document in records:
        line = regimen_line(document)
        doses = doses_of(line)
        for word in (word for one in assembled(line, doses) for word in one.words):
            assert line["texts"][word.path][word.start : word.end] == word.exact
        for dose in doses:
            read += 1
            assert line["texts"][dose["path"]][dose["start"] : dose["end"]] == dose["quote"]
            assert 0 < len(dose["quote"]) <= 200
    assert read > 2500


def test_every_explained_word_is_where_it_is_said_to_be(records):
    for document in records[::24]:
        for reader in READERS:
            texts = json.dumps(document, ensure_ascii=False)
            for seen in reader.explained(reader.line_of(document)):
                if "exact" not in seen:
                    assert seen["uninterpreted"]
                    continue
                assert seen["exact"] in texts or json.dumps(seen["exact"], ensure_ascii=False)[1:-1] in texts


def test_the_same_record_gives_the_same_triples_that_conform(records):
    sample = records[::35]
    triples = [triple for document in sample for triple in interpretation_triples(document, VERSION)]
    again = [triple for document in sample for triple in interpretation_triples(document, VERSION)]
    assert triples == again
    report = validate(set(triples), read_shapes(*SHAPES))
    assert report.conforms, report.text()


def test_terms_and_concepts_are_declared(records):
    declared = {subject for subject, _, _ in turtle(sorted(packaged("ontology").glob("*.ttl")))}
    triples = {triple for document in records[1::5] for triple in interpretation_triples(document, VERSION)}
    said = {subject for subject, predicate, _ in triples if "inScheme" in predicate}
    for _, predicate, value in triples:
        assert not predicate.startswith(f"<{ONTOLOGY}") or predicate in declared
        if "/id/scheme/" in value and value.startswith("<"):
            assert value in declared | said, value


def of(triples, predicate):
    return {
        subject: lexical(value) if value[0] == '"' else value
        for subject, p, value in triples
        if p == f"<{predicate}>"
    }


def test_a_dose_of_an_arm_has_all_its_words():
    document = record(
        [("Toripalimab 240 mg", "Toripalimab 240 mg every 3 weeks", ["Drug: Toripalimab"])],
        [("DRUG", "Toripalimab", "240 mg by intravenous infusion until progression")],
    )
    triples = list(
        interpretation_triples(document, VERSION, {f"<{PREFIXES['tgid']}NCT00000001/intervention/1>": ["<d>"]})
    )
    (node,) = of(triples, TG.dose)
    assert len([1 for s, p, _ in triples if s == node and p == f"<{TG.readFrom}>"]) == 3
    assert of(triples, TG.drug) == {node: "<d>"}
    assert of(triples, TG.frequency)[node].endswith("/frequency/Q3W>")
    assert of(triples, TG.route)[node].endswith("/route/INTRAVENOUS>")
    assert of(triples, TG.stopCondition)[node].endswith("/DISEASE_PROGRESSION>")
    assert node.startswith(f"<{PREFIXES['tgid']}NCT00000001/interpretation/arm/1/dose/")


def test_texts_that_tell_one_dose_otherwise_both_stand():
    line = regimen_line(
        record([("A", "Drugomab 5 mg daily", ["Drug: Drugomab"])], [("DRUG", "Drugomab", "10 mg daily")])
    )
    first, second = assembled(line)
    assert (first.dose["amount"], second.dose["amount"]) == ("5", "10")
    assert second.contradicts is first


def test_an_intervention_with_several_doses_is_not_given_to_arms_that_share_it():
    line = regimen_line(
        record(
            [("Low", "Drugomab 5 mg", ["Drug: Drugomab"]), ("High", "Drugomab 10 mg", ["Drug: Drugomab"])],
            [("DRUG", "Drugomab", "5 mg or 10 mg daily")],
        )
    )
    assert [(one.arm, one.dose["amount"], one.dose["every_unit"]) for one in assembled(line)] == [
        (0, "5", "d"),
        (1, "10", "d"),
    ]


def test_a_loading_and_a_maintenance_dose_are_given_to_all_arms_that_share_them():
    drug = ("DRUG", "Pertuzumab IV", "840 mg IV loading dose and then 420 mg IV maintenance dose Q3W")
    document = record([("A", "First", ["Drug: Pertuzumab IV"]), ("B", "Second", ["Drug: Pertuzumab IV"])], [drug])
    found = [(one.arm, one.dose["amount"]) for one in assembled(regimen_line(document))]
    assert found == [(0, "840"), (0, "420"), (1, "840"), (1, "420")]


def test_what_an_arm_gives_as_another_is_given_with_the_words_of_both():
    line = regimen_line(
        record(
            [
                ("Arm A", "Pemetrexed 500 mg/m2 and carboplatin AUC 5 every 3 weeks", ["Drug: Pemetrexed"]),
                ("Arm B", "Drugomab 5 mg daily. Patients receive pemetrexed as in arm A.", ["Drug: Drugomab"]),
                ("Arm A plus drugomab", "Drugomab 7 mg daily", ["Drug: Drugomab"]),
                ("Arm D", "The same treatment as arm A, pemetrexed 400 mg/m2", []),
                ("Arm E", "As in arm Z", []),
            ],
            [("DRUG", "Pemetrexed"), ("DRUG", "Drugomab")],
        )
    )
    found = assembled(line)
    told = [(one.arm, one.dose["agent"].lower(), one.dose["amount"]) for one in found]
    assert told == [
        (0, "pemetrexed", "500"),
        (0, "carboplatin", "5"),
        (1, "drugomab", "5"),
        (1, "pemetrexed", "500"),
        (2, "drugomab", "7"),
        (2, "pemetrexed", "500"),
        (2, "carboplatin", "5"),
        (3, "pemetrexed", "400"),
        (3, "carboplatin", "5"),
    ]
    assert [word.exact for word in found[3].words][-1] == "as in arm A"
    assert all(line["texts"][word.path][word.start : word.end] == word.exact for one in found for word in one.words)


def test_an_arm_and_its_intervention_tell_one_dose_under_names_that_the_intervention_does_not_bear():
    text = "Epirubicin 100 mg/m2 and cyclophosphamide 600 mg/m2 every 3 weeks"
    line = regimen_line(
        record([("A", text, ["Drug: Neoadjuvant treatment"])], [("DRUG", "Neoadjuvant treatment", text)])
    )
    found = assembled(line)
    assert [(one.intervention, one.dose["agent"], len(one.words)) for one in found] == [
        (0, "Epirubicin", 2),
        (0, "cyclophosphamide", 2),
    ]


def test_two_agents_of_one_intervention_with_one_amount_are_two_doses():
    text = "Epirubicin 60 mg/m2 and docetaxel 60 mg/m2 every 3 weeks"
    line = regimen_line(record([("A", "Chemotherapy", ["Drug: ED"])], [("DRUG", "ED", text)]))
    assert [one.dose["agent"] for one in assembled(line)] == ["Epirubicin", "docetaxel"]


@pytest.mark.parametrize(
    ("text", "choices"),
    [
        ("drugomab 5 mg, 10mg or 20mg on demand", [["5", "10", "20"]]),
        ("drugomab 50 mg; it could be increased to 100 mg or decreased to 25 mg", []),
        ("either A1 100 mg, B1 75 mg or C1 90 mg twice daily with D1 5000 IU", [["100", "75", "90"]]),
        ("docetaxel 75 mg/m2 and cyclophosphamide 600 mg/m2, then paclitaxel 80 mg/m2", []),
    ],
)
def test_what_is_given_for_another_is_an_alternative(text, choices):
    line = {"texts": {"armGroups[0].label": text}, "arms": [], "interventions": []}
    groups = [group for reading in readings_of(line) for group in groups_of(reading)]
    assert [[dose["amount"] for dose in some] for group in groups for some in group.alternatives] == choices


def test_a_regimen_has_its_doses_cycles_and_alternatives():
    text = "Chemotherapy: pemetrexed 500 mg/m2 with carboplatin AUC 5 or cisplatin 75 mg/m2 for 4 cycles, then drugomab 5 mg"
    document = record([("A", text, ["Drug: Pemetrexed"])], [("DRUG", "Pemetrexed")])
    triples = list(interpretation_triples(document, VERSION))
    (regimen,) = {s for s, p, _ in triples if p == f"<{TG.alternatives}>"}
    names = of(triples, TG.agentName)
    assert [names[o] for s, p, o in triples if s == regimen and p == f"<{TG.doseSpecification}>"] == [
        "pemetrexed",
        "carboplatin",
        "cisplatin",
    ]
    assert [names[o] for s, p, o in triples if p == f"<{TG.alternative}>"] == ["carboplatin", "cisplatin"]
    assert (regimen, "<http://www.w3.org/2000/01/rdf-schema#label>", '"chemotherapy"') in triples
    assert (of(triples, TG.minimumCycles)[regimen], of(triples, TG.maximumCycles)[regimen]) == (
        "4",
        "4",
    )
    assert validate(set(triples), read_shapes(*SHAPES)).conforms


def test_a_dose_of_a_combination_has_all_its_drugs():
    document = record(
        [("A", "24/26 mg twice daily, then sacubitril 5 mg", ["Drug: Sacubitril/Valsartan"])],
        [("DRUG", "Sacubitril/Valsartan")],
    )
    drugs = {f"<{PREFIXES['tgid']}NCT00000001/intervention/1>": ["<s>", "<v>"]}
    triples = list(interpretation_triples(document, VERSION, drugs))
    amounts = {s: lexical(o) for s, p, o in triples if p == f"<{TG.asWritten}>"}
    assert sorted((amounts[s][:5], o) for s, p, o in triples if p == f"<{TG.drug}>") == [
        ("24/26", "<s>"),
        ("24/26", "<v>"),
    ]


def test_another_agent_of_an_interventions_text_is_not_its_drug():
    document = record(
        [("A", "", ["Drug: Drugomab"]), ("B", "", ["Drug: Brandname"])],
        [
            ("DRUG", "Drugomab", "Drugomab 5 mg daily with pegaspargase 2000 IU/m2"),
            ("DRUG", "Brandname", "otheromab 7 mg"),
        ],
    )
    drugs = {f"<{PREFIXES['tgid']}NCT00000001/intervention/{number}>": [f"<{number}>"] for number in (1, 2)}
    triples = list(interpretation_triples(document, VERSION, drugs))
    names = of(triples, TG.agentName)
    told = {names[s]: o for s, p, o in triples if p == f"<{TG.drug}>"}
    assert told == {"Drugomab": "<1>", "otheromab": "<2>"}
    assert sorted(names.values()) == ["Drugomab", "otheromab", "pegaspargase"]


def test_interventions_of_one_name_are_told_apart_by_their_arms():
    document = record(
        [("Low", "", ["Drug: Drugomab"]), ("High", "", ["Drug: Drugomab"])],
        [("DRUG", "Drugomab", "5 mg daily"), ("DRUG", "Drugomab", "10 mg daily")],
    )
    for intervention, label in zip(
        document["protocolSection"]["armsInterventionsModule"]["interventions"], ("Low", "High"), strict=True
    ):
        intervention["armGroupLabels"] = [label]
    assert [(one.arm, one.dose["amount"]) for one in assembled(regimen_line(document))] == [(0, "5"), (1, "10")]


@pytest.mark.parametrize(
    ("text", "stages"),
    [
        ("trastuzumab 6 mg/kg (loading dose 8mg/kg) on day 1", ["per-kg", "loading"]),
        ("Trastuzumab: 4 mg/kg (loading dose) week 1 and 2 mg/kg weekly", ["loading", "step"]),
        ("loading dose (LD) of 500 mg then 250 mg as maintenance dose", ["loading", "maintenance"]),
        ("840-mg IV loading dose and then 420-mg IV maintenance dose Q3W", ["loading", "maintenance"]),
        ("a loading dose of 1200 mg followed by a maintenance dose of 600 mg", ["loading", "maintenance"]),
    ],
)
def test_loading_and_maintenance_doses(text, stages):
    line = {"texts": {"interventions[0].description": text}, "arms": [], "interventions": [{"name": "Trastuzumab"}]}
    assert [dose["rule"] for dose in doses_of(line)] == [f"dose/{stage}" for stage in stages]


STEPS = [
    ("5 mg daily in weeks 9-12, before that 1 mg in weeks 1-4, then 2 mg in weeks 5-8", ["1", "2", "5"]),
    ("Week 1: 5 mg daily, then week 2: 10 mg, then week 3: 20 mg", ["5", "10", "20"]),
    ("10 mg weekly after an escalation (2 mg for weeks 0-4, 5 mg for weeks 5-8 and 7 mg for weeks 9-12)", "2 5 7 10"),
    ("titrated up to 10 mg twice daily from 2.5 mg, then to 5 mg", ["2.5", "5", "10"]),
    ("60 mg daily, tapered to 40 mg and then 20 mg", ["60", "40", "20"]),
    ("20 mg in the morning, then 5 mg and then 10 mg", ["20", "5", "10"]),
    ("6 mg/kg (loading dose 8 mg/kg) followed by a maintenance dose of 4 mg/kg", ["8", "4"]),
]


@pytest.mark.parametrize(("text", "amounts"), STEPS)
def test_steps_are_in_the_order_of_time(text, amounts):
    amounts = amounts.split() if isinstance(amounts, str) else amounts
    document = record([("A", text, ["Drug: X"])], [("DRUG", "Semaglutide")])
    (reading,) = readings_of(regimen_line(document))
    assert [[dose["amount"] for dose in some] for some in reading.steps] == [amounts]
    triples = list(interpretation_triples(document, VERSION))
    places = {node: int(lexical(place)) for node, predicate, place in triples if predicate == f"<{TG.position}>"}
    told = {node: lexical(text) for node, predicate, text in triples if predicate == f"<{PREFIXES['rdfs']}label>"}
    staged = sorted(places, key=places.__getitem__)
    assert [told[node].split(" mg")[0].rpartition(" ")[2] for node in staged] == amounts


def test_radiation_is_a_course():
    document = record([("RT", "50 Gy in 25 fractions", ["Radiation: RT"])], [("RADIATION", "RT", "5 x 5 Gy")])
    triples = list(interpretation_triples(document, VERSION))
    assert sorted(of(triples, TG.fractions).values()) == ["25", "5"]
    assert {value.rpartition("/")[2] for value in of(triples, TG.totalDose).values()} == {"50_Gy>", "25_Gy>"}
    assert {value.rpartition("/")[2] for value in of(triples, TG.dosePerFraction).values()} == {"2_Gy>", "5_Gy>"}


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        ("Men who received daily zolafil tablets (30mg) for two weeks", ["30"]),
        ("Patients who received 4 mL of zolafil", ["4"]),
        ("Patients who received prednisone 10 mg and are given zolafil 20 mg", ["20"]),
    ],
)
def test_what_the_patients_of_an_arm_received_is_its_dose(text, amounts):
    document = record([("A", text, ["Drug: Zolafil"])], [("DRUG", "Zolafil", "")])
    assert [one.dose["amount"] for one in assembled(regimen_line(document))] == amounts


def test_what_is_no_dose_says_why():
    triples = list(interpretation_triples(record([("A", "Take 5 mg with 240 mL of water")]), VERSION))
    assert list(of(triples, TG.reason).values()) == ["water to swallow with is no dose"]


UNITS = {"mg": "mg", "mg/m\\^2": "mg/m2", "µg/kg": "ug/kg", "mL": "mL", "IU": "[iU]", "g": "g"}
OFTEN = {
    "once daily": (1, 1, "d"),
    "BID": (2, 1, "d"),
    "q3w": (1, 3, "wk"),
    "every 8 hours": (1, 8, "h"),
    "three times a week": (3, 1, "wk"),
    "every other day": (1, 2, "d"),
}
ROUTES = {"IV": "intravenous", "orally": "oral", "subcutaneously": "subcutaneous"}


@given(
    st.integers(1, 9999),
    st.sampled_from(sorted(UNITS)),
    st.sampled_from(sorted(ROUTES)),
    st.sampled_from(sorted(OFTEN)),
    st.integers(2, 50),
)
@settings(max_examples=60, deadline=None)
def test_what_a_sentence_says_comes_back(amount, unit, route, often, weeks):
    text = f"Participants will receive drugomab {amount} {unit} {route} {often} for {weeks} weeks."
    (dose,) = doses_of({"texts": {"armGroups[0].description": text}, "arms": [], "interventions": []})
    assert (dose["agent"], dose["amount"], dose["unit"], dose["route"]) == (
        "drugomab",
        str(amount),
        UNITS[unit],
        ROUTES[route],
    )
    assert (dose["times"], dose["every"], dose["every_unit"]) == OFTEN[often]
    assert dose["duration"] == f"{weeks} wk"


PIECES = st.sampled_from(
    [
        "5 mg ",
        "10-20 mL ",
        "and ",
        "daily ",
        "(",
        ")",
        ", ",
        "placebo ",
        "x ",
        "\n* ",
        "day 1, ",
        "AUC 5 ",
        "2 x ",
        "\\",
        "²",
        "１ ",
        "of ",
        "up to ",
        "until ",
        "Gy ",
        "every 3 ",
        "weeks ",
    ]
)


@given(st.lists(PIECES, max_size=60).map("".join))
@settings(max_examples=150, deadline=None)
def test_any_text_is_read_and_its_words_are_exact(text):
    line = {
        "texts": {"armGroups[0].description": text},
        "arms": [],
        "interventions": [{"type": "DRUG", "name": "Placebo"}],
    }
    for dose in doses_of(line):
        assert text[dose["start"] : dose["end"]] == dose["quote"]


HOSTILE = [
    "5 mg ",
    "(5 mg",
    "drug 5 mg, ",
    "1,",
    "daily ",
    "until ",
    "day 1 ",
    "a-",
    "5 x ",
    "cycle ",
    "\n* 5 mg",
    "10^",
    "every 3 ",
    "5 Gy ",
    "auc 5 ",
    "radiation 5 gy, ",
    "5 mg (1 mg for week 1, 2 mg) for 3 weeks ",
    "titrated from 1 mg (week 2) ",
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_long_texts_of_one_piece_are_read(piece):
    text = piece * (60_000 // len(piece))
    line = {"texts": {"armGroups[0].description": text}, "arms": [], "interventions": []}
    assert all(text[dose["start"] : dose["end"]] == dose["quote"] for dose in doses_of(line))


def test_the_lexicons_are_part_of_the_digest():
    assert re.fullmatch("[0-9a-f]{64}", digest())


# Words of our own for what texts are like: what is said, and agent, amount, unit, role and slots that come of it.
SAID = [
    ("20 or 40 mg drugomab tid", [("drugomab", "20", "mg", "dose"), ("drugomab", "40", "mg", "dose")]),
    ("Drugomab for the 50,100 or 200mg arms", [("Drugomab", "50", "mg", "dose"), ("Drugomab", "100", "mg", "dose"), ("Drugomab", "200", "mg", "dose")]),
    ("2.0x10,000,000 cells/kg", [("", "20000000", "{cells}/kg", "dose")]),
    ("two 100 mg tablets of drugomab daily", [("drugomab", "2", "{tablet}", "dose"), ("drugomab", "100", "mg", "strength")]),
    ("4 capsules (100 mg) daily", [("", "100", "mg", "dose")]),
    ("20 mL of 0.25% bupivacaine", [("bupivacaine", "20", "mL", "dose"), ("bupivacaine", "0.25", "%", "strength")]),
    ("drugomab 5 mg in 10 mL saline", [("drugomab", "5", "mg", "dose")]),
    ("drugomab 10 mg twice daily (20 mg per day)", [("drugomab", "10", "mg", "dose")]),
    ("drugomab 12.5 mg daily up to a maximum of 50 mg", [("drugomab", "12.5", "mg", "dose"), ("drugomab", "50", "mg", "maximum")]),
    ("drugomab 75 mg capsule", [("drugomab", "75", "mg", "strength")]),
    ("drugomab increased by 2 mg each week", []),
    ("placebo identical to drugomab 10 mg", []),
    ("5 x 7 Gy", [("", "7", "Gy", "dose")]),
    ("drugomab powder added to 250 mL 0.9% NaCl solution", []),
    ("matching tablets for the 50, 100 or 200 mg of drugomab", []),
    ("placebo to drugomab 10 mg film-coated tablets", []),
    ("patients who are vasopressor dependent ≥ 0.4 ug/kg/min", []),
    ("meals of less than 600 mg sodium each", []),
    ("a diet of 45% of total daily calories", []),
    ("a 30 ml gastric pouch is made", []),
    ("drugomab 15 mg (10 mg + 5 mg) daily", [("drugomab", "15", "mg", "dose")]),
    ("drugomab 1-2-4 mg", [("drugomab", "1", "mg", "dose"), ("drugomab", "2", "mg", "dose"), ("drugomab", "4", "mg", "dose")]),
    ("drugomab from 5 U/day to 40 U/day", [("drugomab", "5", "[iU]", "dose")]),
    ("200 million hPSC-CMs in 5 mL medium", [("hPSC-CMs", "200000000", "{cells}", "dose")]),
    ("20 mg of drugomab/hour", [("drugomab", "20", "mg/h", "dose")]),
    ("200 mg drugomab per kg body weight", [("drugomab", "200", "mg/kg", "dose")]),
    ("drugomab 500 mg (2 injections of 250 mg)", [("drugomab", "500", "mg", "dose"), ("drugomab", "250", "mg", "strength")]),
    ("drugomab, 0.5 g per pill, given 1250 mg/m2 orally", [("drugomab", "0.5", "g", "strength"), ("drugomab", "1250", "mg/m2", "dose")]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), SAID, ids=[text for text, _ in SAID])
def test_amounts_agents_and_roles(text, expected):
    doses = doses_of({"texts": {"armGroups[0].description": text}, "arms": [], "interventions": []})
    assert [(dose["agent"], dose["amount"], dose["unit"], dose["role"]) for dose in doses] == expected


SCHEDULES = [
    ("5 mg on days 1, 8 and 15 of each 21-day cycle for 6 cycles", {"days": "1,8,15", "cycle": "21 d", "cycles": "6"}),
    ("5 mg BID d1-14 q3w", {"times": 2, "days": "1-14", "cycle": "3 wk"}),
    ("5 mg day 1 every 21 days", {"every": None, "days": "1", "cycle": "21 d"}),
    ("5 mg daily, 3 weeks on, 1 week off", {"days": "1-21", "cycle": "4 wk"}),
    ("5 mg daily for up to 2 years or until disease progression or unacceptable toxicity", {"duration": "<=2 a", "until": "progression,toxicity"}),
    ("5 mg daily for 5 to 7 days per week", {"duration": None}),
    ("5 mg IV over 30 minutes", {"route": "intravenous", "duration": None}),
    ("0.1 mg/kg/h for 24 hours", {"duration": "24 h"}),
    ("50 Gy in 25 fractions by IMRT", {"fractions": "25", "route": "external beam"}),
    ("5 mg once a night", {"times": 1, "every": 1, "every_unit": "d"}),
    ("5 mg biweekly", {"times": None, "every_unit": None}),
    ("5 mg for 12 weeks followed by observation", {"duration": "12 wk"}),
    ("5 mg/day for the first 5 days of each week", {"every": 1, "every_unit": "d"}),
    ("5 mg (given daily; per os) for 6 months", {"route": "oral", "duration": "6 mo"}),
    ("5 mg daily for 3 weeks (21 days), followed by 1 week off", {"days": "1-21", "cycle": "4 wk"}),
    ("5 mg starting from conduction of spinal anesthesia", {"route": None}),
    ("5 mg daily in three days in a row each week", {"duration": None}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), SCHEDULES, ids=[text for text, _ in SCHEDULES])
def test_schedules(text, expected):
    (dose,) = doses_of({"texts": {"armGroups[0].description": f"Drugomab {text}."}, "arms": [], "interventions": []})
    assert {key: dose[key] for key in expected} == expected


LISTS = [
    ("alphamab 80 mg daily plus betamab 5 mg on days 1 and 15", [None, "1,15"], "days"),
    ("alphamab (80 mg daily), and betamab (5 mg weekly)", ["d", "wk"], "every_unit"),
    ("alphamab 6 mg (loading dose 8 mg) IV d1, 21 days per cycle", ["1", "1"], "days"),
    ("alphamab 5 ug/kg/min and an infusion of betamab 10 mL/kg over 60 minutes", [None, None], "duration"),
]


@pytest.mark.parametrize(("text", "expected", "slot"), LISTS, ids=[text for text, _, _ in LISTS])
def test_what_is_said_of_one_dose_is_not_said_of_another(text, expected, slot):
    doses = doses_of({"texts": {"armGroups[0].description": f"{text}."}, "arms": [], "interventions": []})
    assert [dose[slot] for dose in doses] == expected
