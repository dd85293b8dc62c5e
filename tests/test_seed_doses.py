"""Curated doses of the two seed trials against what is read from the text that they were curated from.

Each difference is a row of `tests/cases/interpretation/seed-differences.tsv`, with its reason.
"""

import csv
from pathlib import Path

import pytest
from tests.shapes.checking import turtle

from trialgraph.interpretation.quantity_nodes import quantity
from trialgraph.interpretation.regimen import doses_of
from trialgraph.settings import packaged
from trialgraph.terms import lexical
from trialgraph.vocabulary import TG

SEED = Path(__file__).resolve().parents[2] / "shared" / "seed" / "tifcemalimab.txt"
DIFFERENCES = Path(__file__).parent / "cases" / "interpretation" / "seed-differences.tsv"
LABEL = "<http://www.w3.org/2000/01/rdf-schema#label>"
STOPS = {"DISEASE_PROGRESSION": "progression", "INTOLERABLE_TOXICITY": "toxicity"}
PLACES = {
    "NCT06095583": ("Arm A (", "Arm B ("),
    "NCT06732258": ("Low-dose radiotherapy:", "Chemotherapy:", "Toripalimab:", "Tifcemalimab:"),
}
"""Where the text tells what each trial gives."""


def end(node):
    return node.rstrip(">").rpartition("/")[2]


def values(triples, node, *names):
    wanted = {f"<{getattr(TG, name)}>" for name in names}
    return sorted(o for s, p, o in triples if s == node and p in wanted)


def curated(trial):
    """Return what is curated: facts as (agent, slot, value); an amount stands for each of its values."""
    triples = turtle([packaged("data") / "curated" / "seed.ttl"])
    labels = {s: lexical(o) for s, p, o in triples if p == LABEL}
    facts = set()
    for arm in sorted({s for s, p, _ in triples if f"/{trial}/arm/" in s and p == f"<{TG.doseSpecification}>"}):
        regimen_cycles = values(triples, arm, "minimumCycles") + values(triples, arm, "maximumCycles")
        for node in values(triples, arm, "doseSpecification"):
            drug = values(triples, node, "drug")
            agent = labels[drug[0]] if drug else None
            if agent is None:
                continue
            facts |= {(agent, "amount", end(one)) for one in values(triples, node, "dose")}
            facts |= {(agent, "route", end(one).split("_")[0].lower()) for one in values(triples, node, "route")}
            facts |= {(agent, "every", end(one)) for one in values(triples, node, "interval")}
            facts |= {(agent, "day", lexical(one)) for one in values(triples, node, "dayOfCycle")}
            facts |= {(agent, "until", STOPS[end(one)]) for one in values(triples, node, "stopCondition")}
            if len(regimen_cycles) == 2:
                facts.add((agent, "cycles", "-".join(map(lexical, regimen_cycles))))
    for node in sorted({o for s, p, o in triples if f"/{trial}/arm/" in s and p == f"<{TG.radiotherapy}>"}):
        facts.add(("radiotherapy", "amount", end(values(triples, node, "totalDose")[0])))
        facts.add(("radiotherapy", "fractions", lexical(values(triples, node, "fractions")[0])))
    return facts


def read(trial):
    """Return what is read from the text's lines, as `curated` does."""
    if not SEED.is_file():
        pytest.skip("the seed text is not beside the checkout")
    facts = set()
    text = SEED.read_text(encoding="utf-8")
    for place in PLACES[trial]:
        start = text.index(f"- {place}")
        line = text[start + 2 : text.index("[", start)]
        texts = {"armGroups[0].description": line}
        for dose in doses_of({"nct": trial, "texts": texts, "arms": [], "interventions": []}):
            agent = dose["agent"].lower()
            agent = "radiotherapy" if "radiotherapy" in agent else agent
            facts.add((agent, "amount", end(quantity(dose["amount"], dose["amount_high"], dose["unit"])[0])))
            every = f"{dose['every']} wk" if dose["every_unit"] == "wk" else dose["cycle"]
            found = {"route": dose["route"], "cycles": dose["cycles"], "fractions": dose["fractions"]}
            found |= {"every": every and every.replace(" ", "_")}
            facts |= {(agent, slot, value) for slot, value in found.items() if value}
            facts |= {(agent, "day", day) for day in (dose["days"] or "").split(",") if day}
            facts |= {(agent, "until", stop) for stop in (dose["until"] or "").split(",") if stop}
    return facts


def differences(trial):
    with DIFFERENCES.open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file, delimiter="\t") if row["trial"] == trial]


@pytest.mark.parametrize("trial", sorted(PLACES))
def test_curated_doses_are_what_is_read_but_for_what_is_explained(trial):
    told, found = curated(trial), read(trial)
    explained = {(row["only"], row["agent"], row["slot"], row["value"]) for row in differences(trial)}
    assert all(row["reason"] for row in differences(trial))
    assert {("curated", *fact) for fact in told - found} | {("read", *fact) for fact in found - told} == explained
    assert len(told & found) >= 6
