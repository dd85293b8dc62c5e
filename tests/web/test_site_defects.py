"""Each defect that people met on the site has a test that holds it, and that test is there."""

import ast
import csv

import pytest
from tests import curated

TOP = curated.HERE.parent
LINES = (curated.HERE / "cases" / "web" / "site-defects.tsv").read_text("utf-8").splitlines()
ROWS = list(csv.DictReader((line for line in LINES if not line.startswith("#")), delimiter="\t"))


@pytest.mark.parametrize("row", ROWS, ids=[row["number"] for row in ROWS])
def test_a_defect_is_held_by_tests_that_there_are(row):
    assert row["tests"].split()
    for test in row["tests"].split():
        path, _, name = test.partition("::")
        defined = {
            node.name for node in ast.parse((TOP / path).read_text("utf-8")).body if isinstance(node, ast.FunctionDef)
        }
        assert name in defined, test


def test_each_defect_stands_once_in_its_own_words():
    assert len({row["number"] for row in ROWS}) == len(ROWS) > 20
    assert all(len(row["what was wrong"].split()) > 3 and row["page"] for row in ROWS)
