"""The curated shapes: each rule has a case that breaks it, and few changes of the seed go unnoticed."""

import csv
import os
from collections import Counter
from pathlib import Path

import pytest
from tests.shapes.checking import Curated, cases, parse, turtle
from tests.shapes.mutation import mutants

from trialgraph.terms import lexical
from trialgraph.validation import shape_model, validate

HERE = Path(__file__).resolve().parent / "shapes"

CASES = [(path.stem, case) for path in sorted(HERE.glob("*.txt")) for case in cases(path)]


@pytest.fixture(scope="module")
def curated():
    return Curated()


def test_the_curated_data_conform(curated):
    assert curated.results() == set()


@pytest.mark.parametrize(("noun", "case"), CASES, ids=[f"{noun}-{case.name}" for noun, case in CASES])
def test_a_case_gives_just_the_expected_results(curated, noun, case):
    assert set(case.removed) <= curated.triples, f"{noun}: {case.name} removes what is not there"
    assert curated.results(case.removed, case.added) == case.expected


def test_every_rule_has_a_case_that_breaks_it(curated):
    broken = {message for _, case in CASES for _, message in case.expected}
    rules = {lexical(message) for rule in curated.rules for message in rule.rule.messages}
    assert rules - broken == set()


def test_every_shape_says_what_is_wrong_how_bad_it_is_and_why(curated):
    for shape in curated.shapes.targeted():
        assert any(predicate.endswith("#comment>") for s, predicate, _ in curated.shapes.triples if s == shape.name)
        rules = [c for c in shape.constraints if isinstance(c, shape_model.Sparql)]
        assert shape.messages or all(rule.messages for rule in rules)
        assert shape.severity.startswith("<http://www.w3.org/ns/shacl#")


@pytest.mark.slow
@pytest.mark.parametrize("noun", ["arm", "radiotherapy", "comparison", "dose-specification"])
def test_the_reference_engine_agrees(curated, noun):
    files = [HERE.parents[1] / "shapes" / f"{name}.ttl" for name in (noun, "prefixes")]
    case = cases(HERE / f"{noun}.txt")[0]
    changed = (curated.triples - set(case.removed)) | set(case.added)
    report = validate(changed, turtle(files), background=curated.ontology, engine="reference")
    found = {(result.focus_node, lexical(message)) for result in report.results for message in result.messages}
    assert {message for _, message in found} <= {message for _, message in case.expected}
    assert found


@pytest.mark.slow
def test_hardly_a_damaged_triple_goes_unnoticed(curated, capsys):
    """One mutant in 59; all of them with MUTANTS=1, which takes half an hour."""
    step = int(os.environ.get("MUTANTS", "59"))
    rows = csv.DictReader((HERE / "optional.tsv").read_text("utf-8").splitlines(), delimiter="\t")
    optional = {(row["change"], parse(f"<s> {row['predicate']} 1")[1]) for row in rows}
    tried = list(mutants(curated))[::step]
    missed = [m for m in tried if not curated.results(m.removed, m.added)]
    with capsys.disabled():
        print(f"\nmutation: {len(tried) - len(missed)} of {len(tried)} changes noticed")  # noqa: T201 - the ratio belongs in the log of a run
    unexplained = [m for m in missed if (m.kind, m.triple[1]) not in optional]
    assert Counter(f"{m.kind} {' '.join(m.triple)}" for m in unexplained) == Counter()
