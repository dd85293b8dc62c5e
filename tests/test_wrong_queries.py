"""Queries that are wrong, as people write them, and the sentence that each gets: rows of a table."""

import csv
from pathlib import Path

import pytest

from trialgraph.errors import QuerySyntaxError
from trialgraph.query.text.diagnosis import Vocabulary, diagnose
from trialgraph.sparql.advice import advice
from trialgraph.sparql.parser import parse

PROLOGUE = "PREFIX tg: <https://w3id.org/trialgraph/ontology#> "
TABLE = Path(__file__).parent / "cases" / "sparql" / "wrong-queries.tsv"
with TABLE.open(encoding="utf-8", newline="") as file:
    ROWS = [*csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["query"])
def test_a_wrong_query_gets_the_sentence_that_a_person_needs(row):
    text = row["query"].encode("latin-1", "backslashreplace").decode("unicode_escape")
    if "tg:" in text and "PREFIX" not in text.upper() and "not declared" not in row["says"]:
        text = PROLOGUE + text
    with pytest.raises(QuerySyntaxError) as caught:
        parse(text)
    assert row["says"] in caught.value.reason
    assert 1 <= caught.value.column <= len(text) + 1


@pytest.mark.parametrize("word", ["SELCT", "FILTR", "OPTIONL", "WHRE"])
def test_a_keyword_with_a_slip_has_a_mend(word):
    expected = {"SELCT": "SELECT", "WHRE": "{"}.get(word, "a triple pattern, a keyword or }")
    expected = "SELECT, ASK, CONSTRUCT or DESCRIBE" if word == "SELCT" else expected
    assert advice(expected, "", "word", word).startswith("did you mean ")


def test_the_mend_replaces_the_word():
    text = "SELECT ?x WHRE { ?x ?p ?o }"
    (found,) = diagnose(text, Vocabulary({}, {}, {}))
    assert text[found.fix.start : found.fix.end] == "WHRE"
    assert found.fix.insert == "WHERE"


@pytest.mark.parametrize(
    ("written", "says", "mended"),
    [
        ("?d > 2020-01-31", "is a difference of three numbers", '?d > "2020-01-31"^^<http://www.w3.org/2001/XMLSchema#date>'),
        ("?d = tg:disease/tg:1", "is a quotient of two names", "?d = <https://w3id.org/trialgraph/ontology#disease/tg:1>"),
        ("?d > 2020 - 01 - 31", "", ""), ("?d > 2020-13-31", "", ""), ("?d = tg:a / tg:b", "", ""),
    ],
)  # fmt: skip
def test_what_is_computed_and_hardly_meant_so_is_doubtful(written, says, mended):
    text = f"{PROLOGUE}SELECT ?x {{ ?x tg:start/tg:end ?d FILTER({written}) }}"
    found = diagnose(text, Vocabulary({}, {}, {}, is_complete=False))
    assert [says in each.message for each in found] == [True] * bool(says)
    for each in found:
        assert mended in text[: each.fix.start] + each.fix.insert + text[each.fix.end :]
