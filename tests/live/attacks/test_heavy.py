"""Queries that are heavy to read or to evaluate, row by row of heavy.toml: each gets an answer or a clear refusal."""

import pytest

from .conftest import AT_DEFAULT_SETTINGS, asked, is_well
from .sending import cases, name_of, query_text

pytestmark = [pytest.mark.live, pytest.mark.slow]

HEAVY = cases("heavy.toml", "query")


@pytest.mark.parametrize("case", HEAVY, ids=name_of)
def test_a_heavy_query_is_answered_or_refused(short, case):
    response = asked(short, query_text(case))
    assert response.status_code in {200, 400, 403, 413, 503}, response.text
    if response.status_code == 503:
        assert int(response.headers["Retry-After"]) > 0
        assert "limit of" in response.text
    if response.status_code == 413:
        assert "limit of" in response.text
    if response.status_code == 200 and "json" in response.headers["Content-Type"]:
        assert response.content.endswith(b"}")
    assert is_well(short)


@pytest.mark.parametrize("form", ["html", "json", "xml", "csv", "tsv"])
def test_terms_in_terms_are_written_in_every_form(short, form):
    """The page once read them in the server's own process, with a stack that was too small for them."""
    deep = "SELECT (" + "TRIPLE(?s,?p," * 9000 + "1" + ")" * 9000 + " AS ?x) { ?s ?p ?o } LIMIT 1"
    response = short.client.post(short.sparql, data={"query": deep, "format": form, "timeout": 2})
    assert response.status_code in {200, 413, 503} | ({429} if AT_DEFAULT_SETTINGS else set())
    assert is_well(short)


@pytest.mark.skipif(AT_DEFAULT_SETTINGS, reason="the limit for results is 256 MiB by default")
def test_a_result_that_is_too_large_is_none_at_all(short):
    response = short.ask("SELECT * { ?s ?p ?o }")
    assert response.status_code == 413
    assert "1 MiB" in response.text
