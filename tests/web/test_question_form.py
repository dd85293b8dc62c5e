"""Questions without SPARQL: each slot by itself and with others gives a query that runs, and what it says is true."""

import itertools

import pytest

from trialgraph.web.http.problems import RequestError
from trialgraph.web.site.name_search import Found
from trialgraph.web.site.question_form import SLOTS, question

FILLED = {
    "condition": "lung", "drug": "toripalimab", "target": "BTLA", "sponsor": "nobody of this name", "phase": "PHASE3",
    "status": "RECRUITING", "country": "China", "endpoint": "overall survival", "dose": "200", "unit": "mg", "age": "50",
    "measurement": "platelets", "least": "1",
}  # fmt: skip


def test_there_is_a_case_for_each_slot():
    assert set(FILLED) == {slot.name for slot in SLOTS}


@pytest.mark.parametrize("names", [*[(slot.name,) for slot in SLOTS], *itertools.combinations(list(FILLED)[:9], 2)])
def test_what_is_filled_runs(client, names):
    asked = {name: FILLED[name] for name in names}
    for slot in SLOTS:
        if slot.name in asked and slot.needs:
            asked[slot.needs] = FILLED[slot.needs]
    answer = client.get("/ask", query_string=asked)
    assert answer.status_code == 200
    assert 'role="alert"' not in answer.text


@pytest.mark.parametrize(
    ("asked", "trials"),
    [
        ({"drug": "tifcemalimab"}, {"NCT06095583", "NCT06732258"}),
        ({"drug": "JS004"}, {"NCT06095583", "NCT06732258"}),
        ({"target": "BTLA", "phase": "PHASE3"}, {"NCT06095583"}),
        ({"dose": "90", "unit": "mg/m2"}, {"NCT06732258"}),
    ],
)
def test_the_answer_is_right(client, asked, trials):
    rows = client.get("/ask", query_string=asked | {"format": "json"}).json["results"]["bindings"]
    assert {row["trial"]["value"].rsplit("/", 1)[-1] for row in rows} == trials


def test_what_words_were_taken_for_is_said(client):
    assert "was taken for" in client.get("/ask?drug=JS004").text
    assert "names no thing" in client.get("/ask?drug=xyzzy").text
    assert "nothing called" in client.get("/ask?target=xyzzy").text


@pytest.mark.parametrize("number", ["x", "nan", "inf", "1e999", "--1"])
def test_a_number_that_is_none_is_told(number):
    with pytest.raises(RequestError, match="is not a number"):
        question({"dose": number}, lambda *_: None)


@pytest.mark.parametrize("text", ['"', "\\", "} SELECT", "'", "\n} # ", "{x}", "é\u202e"])
def test_no_words_leave_their_literal(client, text):
    for slot in SLOTS:
        if slot.kind in {"text", "thing"} and slot.otherwise:
            asked = {slot.name: text} | ({slot.needs: FILLED[slot.needs]} if slot.needs else {})
            answer = client.get("/ask", query_string=asked)
            assert answer.status_code == 200
            assert 'role="alert"' not in answer.text


def test_a_name_becomes_the_iri_of_its_thing():
    written = question({"drug": "x"}, lambda *_: Found("drug/x", "Drug", "X"))
    assert "tg:drug <https://w3id.org/trialgraph/id/drug/x> ." in written.query
