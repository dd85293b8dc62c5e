"""Questions without SPARQL: each slot by itself and with others gives a query that runs, and what it says is true."""

import itertools

import pytest
from pyoxigraph import RdfFormat, Store
from tests import building
from tests.patience import patient

from trialgraph.query import open_engine
from trialgraph.settings import packaged
from trialgraph.web import create_app
from trialgraph.web.context.name_search import Found
from trialgraph.web.context.named_things import named_thing
from trialgraph.web.http.problems import RequestError
from trialgraph.web.site.written_question import HEADS, SLOTS, question

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
        ({"dose": "90", "unit": "MG/M²"}, {"NCT06732258"}),
        ({"drug": "tifcemalimap"}, {"NCT06095583", "NCT06732258"}),
    ],
)
def test_the_answer_is_right(client, asked, trials):
    rows = client.get("/ask", query_string=asked | {"format": "json"}).json["results"]["bindings"]
    assert {row["trial"]["value"].rsplit("/", 1)[-1] for row in rows} == trials


def test_each_trial_stands_once_with_its_status_and_phases(client):
    answer = client.get("/ask", query_string={"drug": "tifcemalimab", "format": "json"}).json
    rows = answer["results"]["bindings"]
    told = {row["trial"]["value"].rsplit("/", 1)[-1]: row for row in rows}
    assert len(told) == len(rows)
    said = {name: told["NCT06095583"][name]["value"] for name in ("status", "phase")}
    assert said == {"status": "Recruiting", "phase": "Phase 3"}
    assert "status" not in told["NCT06732258"], "what is not stated is not made up"
    page = client.get("/ask", query_string={"drug": "tifcemalimab"}).text
    for cell in (
        '<th scope="col">Status</th>',
        '<th scope="col">Phase</th>',
        "<td>Recruiting</td>",
        "<td>Phase 3</td>",
    ):
        assert cell in page


def test_two_phases_stand_in_one_cell():
    """A trial of two phases is one row: what multiplies is grouped."""
    query = question({"status": "RECRUITING"}, lambda *_: None).query
    store = Store()
    store.load(
        b"""@prefix tg: <https://w3id.org/trialgraph/ontology#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
        @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
        <x:t> a tg:Trial ; rdfs:label "T" ; tg:phase <x:1>, <x:2> ; tg:overallStatus <x:s> .
        <x:1> rdfs:label "Phase 1" . <x:2> rdfs:label "Phase 2" . <x:s> skos:notation "RECRUITING" ; rdfs:label "Recruiting" .""",
        RdfFormat.TURTLE,
    )
    (row,) = store.query(query)
    assert row["phase"].value in {"Phase 1, Phase 2", "Phase 2, Phase 1"}


@pytest.mark.parametrize("slot", SLOTS, ids=[slot.name for slot in SLOTS])
def test_what_a_slot_shows_has_a_head(slot):
    assert all(name.lstrip("?") in HEADS for name in slot.shown.split())


MEASURED = (packaged("data") / "lexicons" / "measurements.tsv").read_text("utf-8").splitlines()[2:]


def test_a_measurement_is_named_as_texts_name_it(app):
    """Each name that criteria are read with is one that can be asked for, however it is capitalized."""
    with app.test_request_context():
        for line in MEASURED:
            code, label, _, _, _, names, _ = line.split("\t")
            for name in (label, *names.split(";")[:2]):
                found = named_thing(name.capitalize(), ("Measurement",))
                assert found, name
            assert named_thing(code, ("Measurement",)).iri.endswith(code.upper().replace("-", "_"))


@pytest.mark.parametrize(
    ("words", "kind", "expected"),
    [
        ("HFpEF", "Disease", "diastolic heart failure"), ("hfpef", "Disease", "diastolic heart failure"),
        ("Exampla", "Drug", "examplinib"), ("exampla", "Drug", "examplinib"), ("examplinip", "Drug", "examplinib"),
        ("Dual", "Drug", None), ("HF", "Disease", None), ("nothing at all", "Disease", None),
        ("US", "Country", "United States"), ("USA", "Country", "United States"), ("U.S.A.", "Country", "United States"),
        ("usa", "Country", "United States"), ("united states", "Country", "United States"), ("UK", "Country", None),
    ],
)  # fmt: skip
def test_a_thing_is_named_as_records_name_it(called, words, kind, expected):
    """By its short form, brand or misspelt; not where what they call so is several things, or none that is here."""
    with called.test_request_context():
        found = named_thing(words, (kind,))
    assert (found.label if found else None) == expected


@pytest.fixture(scope="module")
def called(tmp_path_factory):
    folder = tmp_path_factory.mktemp("called")
    records = []
    for number, condition, drug, other in [
        (1, "HFpEF", "Examplinib", "Exampla"), (2, "HF", "Examplinib", "Exampla"), (3, "HF", "Examplinib and Otherinib", "Dual"),
    ]:  # fmt: skip
        made = building.record(number, conditions=[condition])
        section = made["protocolSection"]
        section["armsInterventionsModule"] = {
            "interventions": [{"type": "DRUG", "name": drug, "otherNames": [other]}]
        }
        section["contactsLocationsModule"] = {
            "locations": [{"facility": "A", "city": "B", "country": "United States"}]
        }
        records.append(made)
    path = building.write_records(folder / "records.jsonl", records)
    data = folder / "data"
    (data / "curated").mkdir(parents=True)
    for each in packaged("data").iterdir():
        if each.name != "curated":
            (data / each.name).symlink_to(each)
    (data / "curated" / "seed.ttl").write_text(LINKED)
    building.quick_build(folder, folder / "release", path, data=data, link=False)
    settings = patient(release=folder / "release", public_url="http://localhost")
    with open_engine(settings) as engine:
        yield create_app(settings, engine)


LINKED = """@base <https://w3id.org/trialgraph/id/> . @prefix tg: <https://w3id.org/trialgraph/ontology#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<disease/x> a tg:Disease ; rdfs:label "diastolic heart failure" . <disease/y> a tg:Disease ; rdfs:label "failure" .
<disease/z> a tg:Disease ; rdfs:label "another" .
<condition/HFpEF> tg:denotes <disease/x> . <condition/HF> tg:denotes <disease/y> , <disease/z> .
<drug/e> a tg:Drug ; rdfs:label "examplinib" . <drug/o> a tg:Drug ; rdfs:label "otherinib" .
<NCT00000001/intervention/1> tg:drug <drug/e> . <NCT00000002/intervention/1> tg:drug <drug/e> .
<NCT00000003/intervention/1> tg:drug <drug/e> , <drug/o> .
<country/US> a tg:Country ; rdfs:label "United States" . <NCT00000001> tg:inCountry <country/US> ."""


def test_thresholds_are_compared_in_one_unit():
    """A count of 50,000 per microlitre is less than 100 times ten to the ninth per litre."""
    query = question({"measurement": "platelets", "least": "100"}, lambda *_: None).query
    assert "tg:comparableLow ?low" in query
    assert "tg:lowLimit" not in query


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
        if slot.kind in {"unit", "thing"} and slot.otherwise:
            asked = {slot.name: text} | ({slot.needs: FILLED[slot.needs]} if slot.needs else {})
            answer = client.get("/ask", query_string=asked)
            assert answer.status_code == 200
            assert 'role="alert"' not in answer.text


def test_a_name_becomes_the_iri_of_its_thing():
    written = question({"drug": "x"}, lambda *_: Found("drug/x", "Drug", "X"))
    assert "tg:drug <https://w3id.org/trialgraph/id/drug/x> ." in written.query
