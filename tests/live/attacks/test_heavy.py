"""Queries that are heavy to read or to evaluate, row by row of heavy.toml: each gets an answer or a clear refusal."""

import json

import pytest

from .conftest import is_well
from .sending import cases, name_of, query_text

pytestmark = [pytest.mark.live, pytest.mark.slow]

HEAVY = cases("heavy.toml", "query")


@pytest.mark.parametrize("case", HEAVY, ids=name_of)
def test_a_heavy_query_is_answered_or_refused(short, case):
    response = short.ask(query_text(case))
    assert response.status_code in {200, 400, 403, 413, 503}, response.text
    if response.status_code == 503:
        assert int(response.headers["Retry-After"]) > 0
        assert "limit of" in response.text
    if response.status_code == 413:
        assert "limit of" in response.text
    if response.status_code == 200 and "json" in response.headers["Content-Type"]:
        json.loads(response.content)
    assert is_well(short)


def test_a_result_that_is_too_large_is_none_at_all(short):
    response = short.ask("SELECT * { ?s ?p ?o }")
    assert response.status_code == 413
    assert "1 MiB" in response.text
