"""Doses of single texts, one row a kind: `tests/cases/interpretation/doses.tsv`, each with all its slots."""

import csv
from pathlib import Path

import pytest

from trialgraph.interpretation.regimen import doses_of

CASES = Path(__file__).parent / "cases" / "interpretation" / "doses.tsv"
SLOTS = ("route", "days", "cycle", "cycles", "fractions", "duration", "until")


def rows():
    with CASES.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader((line for line in file if line[0] != "#"), delimiter="\t", quoting=csv.QUOTE_NONE))


def told(dose):
    """Return a dose as a case writes it: agent, amount and unit, then what differs from a drug's plain dose."""
    amount = "-".join(filter(None, (dose["amount"], dose["amount_high"])))
    said = [f"{dose['agent']} {amount} {dose['unit']}"]
    said += [dose[key] for key, plain in (("role", "dose"), ("kind", "drug")) if dose[key] != plain]
    if dose["every_unit"]:
        said.append("/".join("-" if part is None else str(part) for part in (dose["times"], dose["every"])))
        said[-1] += f" {dose['every_unit']}"
    said += [f"{slot}={dose[slot]}" for slot in SLOTS if dose[slot]]
    return ", ".join(said)


@pytest.mark.parametrize("case", rows(), ids=lambda case: case["text"][:60])
def test_a_text_gives_these_doses(case):
    text = case["text"].replace("\\n", "\n")
    interventions = [{"type": "DRUG", "name": name} for name in case["interventions"].split(" + ")]
    texts = {"interventions[0].description": text}
    found = doses_of({"nct": None, "texts": texts, "arms": [], "interventions": interventions})
    assert [told(dose) for dose in found] == [dose for dose in case["doses"].split(" ;; ") if dose]
