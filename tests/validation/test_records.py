"""Both engines over real records, clean and damaged: a few here, all of them with `python -m tests.validation.records`."""

import pytest
from tests.validation import records

from trialgraph.validation import compile_shapes
from trialgraph.validation.names import VIOLATION

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
