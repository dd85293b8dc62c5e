"""Outcomes read: concepts, types, judges, instruments and time frames, each with the words it rests on."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialgraph.interpretation.endpoint_concepts import concepts
from trialgraph.interpretation.endpoint_reader import explained, of_line, of_record
from trialgraph.interpretation.lexicon import rows
from trialgraph.interpretation.outcome import read_outcome
from trialgraph.interpretation.stored_text import StoredText
from trialgraph.interpretation.time_frame import read_frame

CASES = Path(__file__).parent / "cases" / "interpretation"
GOLD = Path(__file__).parents[2] / "shared" / "gold"
WORDS = st.text(st.sampled_from("0123456789 .,;:()[]-+/<≤±–～ wdmyhc"), max_size=80) | st.lists(
    st.sampled_from(
        "baseline week weeks day 1 2 12 0 to - , and up until ( ) cycle of every within months ± after".split()
    ),
    max_size=25,
).map(" ".join)


def cases(name):
    with (CASES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def written(time):
    high = f"-{time.value_high}" if time.value_high is not None else ""
    return f"{time.kind} {time.value}{high} {time.unit}"


@pytest.mark.parametrize("case", cases("time-frames.tsv"), ids=lambda case: case["frame"])
def test_time_frames(case):
    found = read_frame(StoredText(case["frame"]).plain)
    assert ("; ".join(map(written, found.times)) or "-") == case["times"]
    assert found.baseline == (case["baseline"] == "yes")


@pytest.mark.parametrize("case", cases("outcomes.tsv"), ids=lambda case: case["measure"])
def test_outcomes(case):
    found = read_outcome(case["measure"], case["description"], case["frame"])
    assert (found.concept, found.type, found.percent_change) == (
        case["concept"],
        case["type"],
        case["percent"] == "yes",
    )
    assert (found.instrument.value if found.instrument else "-") == case["instrument"]
    assert ("; ".join(one.value for one in found.criteria) or "-") == case["criteria"]
    assert (found.assessor.value if found.assessor else "-") == case["assessor"]


@given(WORDS)
@settings(max_examples=300)
def test_any_frame_is_read_within_its_bounds(frame):
    found = read_frame(frame)
    assert len(found.times) <= 8
    for time in found.times:
        assert 0 <= time.start < time.end <= len(frame)
        assert (time.value_high is not None) == (time.kind == "from to")
        float(time.value)


@given(
    st.lists(
        st.sampled_from(
            ["Change in", "HbA1c", "RECIST v1.1", "\\> 5 %", "（PFS）", "ODI", "by investigators", "µ", "\u0130"]
        ),
        max_size=8,
    )
)
def test_words_of_every_slot_stand_in_the_stored_string(parts):
    line = {
        "nct": None,
        "outcomes": {"primaryOutcomes[0]": {"measure": " ".join(parts), "timeFrame": "at\u00a0３ \\(±1\\) months"}},
    }
    texts = {f"primaryOutcomes[0].{key}": text for key, text in line["outcomes"]["primaryOutcomes[0]"].items()}
    for seen in explained(line):
        if "exact" in seen:
            assert texts[seen["path"]][seen["start"] : seen["end"]] == seen["exact"]
    assert of_line(line) == of_line(line)


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "hostile", ["(" * 60000, "1 " * 40000, "A" * 60000 + " Scale", "week " * 30000, "of the " * 30000, "-1" * 40000]
)
def test_hostile_texts_are_read_in_time(hostile):
    found = read_outcome(hostile, hostile, hostile)
    assert len(found.times) <= 8


def test_every_concept_of_the_tables_is_in_the_scheme():
    known = concepts()
    assert {row["concept"] for table in ("endpoints", "instruments") for row in rows(table)} <= set(known)
    terms = [row["term"] for row in rows("endpoints")]
    assert len(terms) == len(set(terms))
    assert all(concept.definition.endswith(".") for concept in known.values())


def test_a_record_gives_its_outcomes_by_path():
    document = {"protocolSection": {"outcomesModule": {"secondaryOutcomes": [{"measure": "OS"}, "no outcome"]}}}
    found = of_record(document)["outcomes"]
    assert list(found) == ["secondaryOutcomes[0]", "secondaryOutcomes[1]"]
    assert (found["secondaryOutcomes[0]"]["concept"], found["secondaryOutcomes[1]"]["concept"]) == ("OS", "other")


def test_scores_on_the_open_gold_stay(tmp_path):
    if not (GOLD / "endpoint-open.texts.jsonl").exists():
        pytest.skip("the gold labels are not beside the checkout")
    predicted = tmp_path / "predicted.jsonl"
    lines = (GOLD / "endpoint-open.texts.jsonl").read_text(encoding="utf-8").splitlines()
    predicted.write_text("".join(json.dumps(of_line(json.loads(line))) + "\n" for line in lines), encoding="utf-8")
    command = [sys.executable, GOLD / "score.py", "endpoint", GOLD / "endpoint-open.labels.jsonl", predicted]
    scored = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    figures = {line.split()[0]: line.split() for line in scored.splitlines()}
    assert float(figures["outcomes"][3]) >= 0.80
    assert float(figures["concept"][2]) >= 0.93
    assert float(figures["type"][2]) >= 0.92
    assert float(figures["single"][-3]) >= 0.97
