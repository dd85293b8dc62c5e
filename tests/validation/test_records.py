"""Both engines over real records, clean and damaged: a few here, all with `python -m tests.validation.records`."""

import subprocess
import sys
from pathlib import Path

import pytest
from tests.validation import records

from trialgraph.validation import compile_shapes
from trialgraph.validation.shacl_terms import VIOLATION

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.skipif(not records.RECORDS.is_file(), reason="the real records are not beside the checkout")


def test_the_engines_agree_on_real_records():
    batch = list(records.graphs(every=150))
    assert len(batch) == 10
    assert records.compare(batch) > 100


@pytest.mark.slow
def test_every_real_record_is_checked_and_none_is_in_violation():
    checker = compile_shapes(records.SHAPES, background=records.ontology())
    checked = 0
    for graph in records.graphs(every=1):
        assert not [result for result in checker.check(graph) if result.severity == VIOLATION]
        checked += 1
    assert checked == 1420


@pytest.mark.slow
def test_the_page_of_warnings_is_of_today():
    command = [sys.executable, "benchmarks/warnings_in_records.py"]
    page = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, encoding="utf-8").stdout
    assert (ROOT / "docs" / "warnings-in-real-records.md").read_text("utf-8") == page
