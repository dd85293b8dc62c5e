"""Eligibility texts: items, sides, types, comparisons and windows, with the words they rest on."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialgraph.interpretation.eligibility import read_criteria
from trialgraph.interpretation.eligibility_check import Value, check
from trialgraph.interpretation.lexicon import rows
from trialgraph.interpretation.measurement_terms import measurements
from trialgraph.interpretation.readers import interpret_line

CASES = [
    json.loads(line)
    for line in (Path(__file__).parent / "cases/interpretation/criteria.jsonl").read_text("utf-8").splitlines()
]


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_text_is_read_as_the_case_says(case):
    found = read_criteria(case["text"])
    if "items" in case:
        assert [[one.side, one.negated, one.exact] for one in found] == [[i[0], i[2], i[3]] for i in case["items"]]
        for one, (_, kind, _, _) in zip(found, case["items"], strict=True):
            assert kind in (None, one.type), one.exact
    if "comparisons" in case:
        bounds = [[each.what, each.op, each.low, each.high, each.unit] for one in found for each in one.comparisons]
        assert bounds == case["comparisons"]
    if "windows" in case:
        windows = [[each.op, each.value, each.unit, each.anchor] for one in found for each in one.windows]
        assert windows == case["windows"]


@pytest.mark.parametrize(
    ("words", "direction"),
    [
        ("No surgery within 4 weeks prior to the first dose", "before"),
        ("No stroke in the last 6 months", "before"),
        ("Stent placed 3 months ago", "before"),
        ("No surgery planned in the next 6 months", "after"),
        ("Contraception for 3 months after the last dose", "after"),
        ("At least 3 weeks since the last chemotherapy", "after"),
        ("No live vaccine within 28 days of study drug, or 5 half-lives, prior to enrolment", "before"),
        ("No surgery within 4 weeks of the first dose", None),
        ("Stable dose for at least 3 months", None),
    ],
)
def test_a_window_says_on_which_side_of_its_event_it_lies(words, direction):
    windows = [each for one in read_criteria(words) for each in one.windows]
    assert windows
    assert windows[0].direction == direction


def test_a_length_in_brackets_in_other_units_is_no_second_window():
    found = read_criteria(
        "Stable for at least 13 weeks (3 months) prior to screening; no stroke within 26 weeks (6 months)."
    )
    assert [(each.op, each.value, each.unit) for one in found for each in one.windows] == [
        (">=", 13, "wk"),
        ("<=", 26, "wk"),
    ]


def test_half_lives_go_on_with_the_window_before_them():
    found = read_criteria("A trial drug within 30 days before screening, or for the duration of 5 half-lives of it")
    assert [(each.op, each.unit) for one in found for each in one.windows] == [("<=", "d"), ("<=", "{half-life}")]


def test_a_window_ahead_is_not_read_by_the_rule_of_one_behind():
    found = read_criteria("* Operation planned in the next 5 months\n* Operation in the last 5 months")
    assert [each.rule for one in found for each in one.windows] == ["window/ahead", "window/recent"]


def test_points_know_the_point_they_stand_under():
    found = read_criteria("* Organ function:\n\n  * Platelets > 100 x 10^9/L\n  * INR < 1.5\n* Consent")
    assert [one.parent for one in found] == [None, 0, 0, None]
    assert found[0].lead


@pytest.mark.parametrize(
    ("words", "combination"),
    [
        ("Creatinine <= 1.4 mg/dL or creatinine clearance >= 55 mL/min", "any"),
        ("AST and ALT <= 2 x ULN", "all"),
        ("Age 20 years or older and BMI between 20 and 30", "all"),
        ("Bilirubin <= 2 x ULN or <= 4 x ULN in patients with Gilbert's", None),
        ("LVEF >= 50%. Platelets > 90,000/mm3", None),
        ("Platelets > 90,000/mm3", None),
    ],
)
def test_any_or_all_thresholds_must_hold(words, combination):
    [criterion] = read_criteria(f"* {words}")
    assert criterion.combination == combination


@pytest.mark.parametrize(
    "words",
    ["AST/ALT > 2.5 x ULN", "AST (SGOT)/ALT (SGPT) <= 3 x ULN", "Platelets < 100 x 10^9/L, ANC < 1.5 x 10^9/L"],
)
def test_a_list_without_words_asks_for_all_where_it_includes_and_for_any_where_it_excludes(words):
    sides = [read_criteria(f"{side} Criteria:\n\n* {words}")[0].combination for side in ("Inclusion", "Exclusion")]
    assert sides == ["all", "any"]
    [bare] = read_criteria(words)
    assert bare.combination is None


def test_criteria_say_the_group_they_are_for():
    text = (
        "Inclusion Criteria for Part A:\n\n* Asthma\n* Arm pain\n\nInclusion Criteria:\n\nCohort 2 (healthy):\n\n* Adults\n"
        "* Cohort 3 only: COPD\n\nExclusion Criteria:\n\n* Stage 2 cancer"
    )
    assert [each.group for each in read_criteria(text)] == ["Part A", "Part A", "Cohort 2", "Cohort 3", ""]


def test_a_value_of_one_measurement_alone_does_not_decide_what_another_may():
    either = read_criteria("Inclusion Criteria:\n\n* Creatinine <= 1.4 mg/dL or creatinine clearance >= 55 mL/min")
    assert check(either, Value("creatinine", 2, "mg/dL")).verdict == "unknown"
    assert check(either, Value("creatinine", 1, "mg/dL")).verdict == "met"
    both = read_criteria("Exclusion Criteria:\n\n* ALT > 3 x ULN and bilirubin > 2 x ULN")
    assert check(both, Value("alt", 4, "[ULN]")).verdict == "unknown"
    each = read_criteria("Inclusion Criteria:\n\n* AST and ALT <= 2 x ULN")
    assert check(each, Value("alt", 4, "[ULN]")).verdict == "not met"


def test_every_type_and_unit_of_the_tables_is_known():
    types = {row["type"] for row in rows("criterion_types")}
    assert {each.about for each in measurements().values()} <= types
    units = {row["ucum"] for row in rows("measurement_units")}
    believed = {unit for each in measurements().values() for unit in each.ranges}
    assert believed - units - {"-", "1", "10*3.[IU]/mL"} == set()


PIECES = st.sampled_from(
    [
        "Inclusion Criteria:",
        "Exclusion Criteria:",
        "\n",
        "\n\n",
        "* ",
        "1. ",
        "2) ",
        " ",
        "\\>= ",
        "18",
        " years",
        "HbA1c ",
        "7.5 %",
        "≥ ",
        "μ",
        "within ",
        "4 weeks ",
        "prior to ",
        "(",
        ")",
        "ECOG 0-1",
        "NYHA III",
        "no ",
        "or ",
        ", ",
        "10\\^9/L",
        "blood pressure > 150/90",
        "x ULN",
    ]
)


@given(st.lists(PIECES | st.text(max_size=6), max_size=40).map("".join))
def test_every_finding_stands_in_the_text_where_it_says(text):
    end = 0
    for one in read_criteria(text):
        assert text[one.start : one.end] == one.exact
        assert one.start >= end
        end = one.end
        for each in (*one.comparisons, *one.windows):
            assert text[each.start : each.end] == each.exact
            assert one.start <= each.start <= each.end <= one.end


@given(st.lists(PIECES, max_size=30).map("".join))
def test_reading_again_gives_the_same(text):
    line = {"id": "x", "text": text}
    first = json.dumps(interpret_line("eligibility", line))
    read_criteria.cache_clear()
    assert json.dumps(interpret_line("eligibility", line)) == first


TEXT = (
    "Inclusion Criteria:\n\n* Age 18 to 75 years\n* ECOG 0-1\n* Haemoglobin at least 9 g/dL\n* ALT ≤ 2 x ULN (4 x ULN with metastases)\n"
    "* Creatinine < 1.5 mg/dL\n* LVEF at least 50 %\n* Body weight above 40 kg\n\nExclusion Criteria:\n\n"
    "* HbA1c < 6.5% or > 10%\n* QTc over 480 ms\n* Systolic blood pressure > 160 mmHg\n\nNotes:\n\n* BMI 20-30"
)


@pytest.mark.parametrize(
    ("what", "value", "unit", "verdict"),
    [
        ("age", 40, "a", "met"),
        ("age", 200, "mo", "not met"),
        ("age", 80, "a", "not met"),
        ("ecog", 2, "{score}", "not met"),
        ("ecog", None, None, "unknown"),
        ("haemoglobin", 95, "g/L", "met"),
        ("haemoglobin", 5, "mmol/L", "unsupported"),
        ("alt", 1.5, "[ULN]", "met"),
        ("alt", 3, "[ULN]", "unknown"),
        ("alt", 5, "[ULN]", "not met"),
        ("creatinine", 120, "umol/L", "unsupported"),
        ("hba1c", 8, "%", "met"),
        ("hba1c", 6, "%", "not met"),
        ("hba1c", 11, "%", "not met"),
        ("qtc", 0.5, "s", "not met"),
        ("bmi", 25, "kg/m2", "unsupported"),
        ("sodium", 140, "mmol/L", "unsupported"),
        ("age", 18, "a", "met"),
        ("age", 17.9, "a", "not met"),
        ("age", 75, "a", "met"),
        ("age", 900, "mo", "met"),
        ("age", 901, "mo", "not met"),
        ("ecog", 0, "{score}", "met"),
        ("haemoglobin", 9, "g/dL", "met"),
        ("haemoglobin", 89, "g/L", "not met"),
        ("haemoglobin", None, None, "unknown"),
        ("creatinine", 1.4, "mg/dL", "met"),
        ("creatinine", 1.5, "mg/dL", "not met"),
        ("hba1c", 6.5, "%", "met"),
        ("hba1c", 10, "%", "met"),
        ("hba1c", None, None, "unknown"),
        ("qtc", 480, "ms", "met"),
        ("qtc", 481, "ms", "not met"),
        ("lvef", 50, "%", "met"),
        ("lvef", 49, "%", "not met"),
        ("body-weight", 40, "kg", "not met"),
        ("body-weight", 41000, "g", "met"),
        ("systolic-bp", 170, "mm[Hg]", "not met"),
        ("systolic-bp", 160, "mm[Hg]", "met"),
    ],
)
def test_a_value_is_held_against_the_criteria(what, value, unit, verdict):
    assert check(read_criteria(TEXT), Value(what, value, unit)).verdict == verdict


def test_fields_and_text_that_disagree_are_a_conflict():
    criteria = read_criteria("Inclusion Criteria:\n\n* Age 18 years or older")
    assert check(criteria, Value("age", 19, "a"), registered=(21.0, None)).verdict == "conflict"
    assert check(criteria, Value("age", 30, "a"), registered=(21.0, None)).verdict == "met"
    assert check((), Value("age", 30, "a"), registered=(21.0, 29.0)).verdict == "not met"
    assert check(criteria, Value("age", 17, "a"), registered=(18.0, None)).verdict == "not met"
    assert check(criteria, Value("age", None, None), registered=(18.0, None)).verdict == "unknown"
    twice = read_criteria("Inclusion Criteria:\n\n* Age 18 to 65 years\n\nExclusion Criteria:\n\n* Age over 60 years")
    assert check(twice, Value("age", 62, "a")).verdict == "not met"


@pytest.mark.parametrize("end", ["", "inclusion criteria x", " exclusion"])
@pytest.mark.parametrize("piece", ["1-", "a- ", "- ", "a -", "-a,", "'-"])
def test_a_row_of_hyphens_is_no_riddle(piece, end):
    """Each hyphen may end a word or stand between words; a pattern that tries all ways never ends."""
    assert isinstance(read_criteria(piece * 190 + end), tuple)


@pytest.mark.parametrize(
    ("text", "value", "verdict"),
    [
        ("* Karnofsky performance status of at least 70%", Value("karnofsky", 60), "not met"),
        ("* KPS >= 70", Value("karnofsky", 70, "%"), "met"),
        ("* Age >= 18 years; life expectancy > 3 months", Value("life-expectancy", 10, "wk"), "not met"),
        ("* Age >= 18 years; or life expectancy > 3 months", Value("life-expectancy", 10, "wk"), "unknown"),
        ("* Creatinine <= 1.5 mg/dL", Value("creatinine", 100, "umol/L"), "unsupported"),
        ("* ECOG PS < 2", Value("ecog", 2), "not met"),
        ("* Haemoglobin >= 9 g/dL", Value("haemoglobin", 85, "g/L"), "not met"),
        ("* Weight over 110 lb", Value("body-weight", 55, "kg"), "met"),
        ("* QTc > 450 ms in men or > 470 ms in women", Value("qtc", 460, "ms"), "unknown"),
    ],
)
def test_values_are_held_against_what_is_written(text, value, verdict):
    assert check(read_criteria("Inclusion Criteria:\n\n" + text), value).verdict == verdict
