"""What a record should mean: a small record that conforms, and damages of it that each rule must notice."""

import copy
import json
from pathlib import Path

import pytest
from tests.validation_agreement import assert_same_verdicts

from trialgraph import formats
from trialgraph.mapping import Plan
from trialgraph.settings import packaged
from trialgraph.terms import iri_value, lexical, parse
from trialgraph.validation import read_shapes, validate
from trialgraph.vocabulary import RESOURCE

HERE = Path(__file__).resolve().parent / "shapes" / "registry-meaning"
RECORD = json.loads((HERE / "record.json").read_text())
RECORD_NCT_ID = RECORD["protocolSection"]["identificationModule"]["nctId"]
CASES = json.loads((HERE / "cases.json").read_text())


@pytest.fixture(scope="module")
def mapping():
    files = sorted(packaged("ontology").glob("*.ttl"))
    return Plan.compile(triple for file in files for triple, _ in parse(file.read_bytes(), formats.TURTLE.oxigraph))


@pytest.fixture(scope="module")
def shapes():
    return read_shapes(packaged("shapes") / "registry-meaning.ttl")


def _damaged(changes):
    """Return the record with values set at paths, such as `a.b.0.c`; None takes the key away."""
    record = copy.deepcopy(RECORD)
    for path, value in changes.items():
        *way, last = [int(step) if step.isdecimal() else step for step in path.split(".")]
        place = record
        for step in way:
            place = place[step]
        if value is None:
            del place[last]
        else:
            place[last] = value
    return record


def test_a_record_in_order_conforms(mapping, shapes):
    report = validate(mapping.to_triples(RECORD), shapes, engine="fast")
    assert report.conforms, report.text()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_damage_is_noticed(mapping, shapes, case):
    report = validate(mapping.to_triples(_damaged(case["set"])), shapes, engine="fast")
    found = {(iri_value(r.focus_node).removeprefix(RESOURCE), lexical(r.messages[0])) for r in report.results}
    assert found == {tuple(expected) for expected in case.get("expect", ())}


def test_both_engines_notice_the_same(mapping, shapes):
    triples = []
    for number, case in enumerate(CASES):
        text = json.dumps(_damaged(case["set"])).replace(RECORD_NCT_ID, f"NCT9{number:07}")
        triples += mapping.to_triples(json.loads(text))
    report = assert_same_verdicts(triples, shapes)
    found = {(result.focus_node, result.messages) for result in report.results}
    assert len(found) == sum(len(case.get("expect", ())) for case in CASES)


def test_every_rule_has_a_damage_that_it_notices(shapes):
    rules = {lexical(message) for shape in shapes.by_name.values() for message in shape.messages}
    noticed = {message for case in CASES for _, message in case.get("expect", ())}
    # A record without a proper NCT id is not mapped at all; the rule is for graphs that come otherwise.
    assert rules - noticed == {"the NCT id is missing or is not NCT and eight digits"}


def test_every_rule_says_why(shapes):
    reasons = {s for s, p, _ in shapes.triples if p == "<http://www.w3.org/2000/01/rdf-schema#comment>"}
    rules = {shape.name for shape in shapes.by_name.values() if shape.name.startswith("<")}
    assert rules <= reasons
