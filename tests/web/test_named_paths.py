"""Things go by codes, people write names: a path with a name leads to its thing, or says what it may mean."""

import re

import pytest
from tests import building
from tests.patience import patient
from tests.web.conftest import Client

from trialgraph.query import open_engine
from trialgraph.settings import packaged
from trialgraph.web import create_app

CODED = """@base <https://w3id.org/trialgraph/id/> . @prefix tg: <https://w3id.org/trialgraph/ontology#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<drug/X:1> a tg:Drug ; rdfs:label "examplinib" ; skos:altLabel "Exampla" ; tg:target <target/X:2> .
<drug/X:7> a tg:Drug ; rdfs:label "examplinib besylate" .
<target/X:2> a tg:Target ; rdfs:label "EXM-1" .
<disease/X:3> a tg:Disease ; rdfs:label "sample fever" . <disease/X:4> a tg:Disease ; rdfs:label "Sample Fever" .
<endpoint/X5> a tg:Endpoint ; rdfs:label "time to sample" .
<organization/Charit%C3%A9> a tg:Organization ; rdfs:label "Charité Sample Clinic" .
<country/GB> a tg:Country ; rdfs:label "United Kingdom" . <country/KR> a tg:Country ; rdfs:label "South Korea" .
<NCT00000001> tg:inCountry <country/GB> , <country/KR> ; tg:studiesDisease <disease/X:3> .
<condition/Fever_of_samples> a tg:Condition ; rdfs:label "Fever of samples" ; tg:denotes <disease/X:3> ."""


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    folder = tmp_path_factory.mktemp("coded")
    made = building.record(1, conditions=["Fever of samples"])
    made["protocolSection"]["contactsLocationsModule"] = {
        "locations": [
            {"facility": "A", "city": "B", "country": country} for country in ("United Kingdom", "South Korea")
        ]
    }
    path = building.write_records(folder / "records.jsonl", [made])
    data = folder / "data"
    (data / "curated").mkdir(parents=True)
    for each in packaged("data").iterdir():
        if each.name != "curated":
            (data / each.name).symlink_to(each)
    (data / "curated" / "seed.ttl").write_text(CODED)
    building.quick_build(folder, folder / "release", path, data=data, link=False)
    settings = patient(release=folder / "release", public_url="http://localhost")
    with open_engine(settings) as engine:
        app = create_app(settings, engine)
        yield Client(app, app.response_class)


@pytest.mark.parametrize(
    ("asked", "leads"),
    [
        ("drug/examplinib", "drug/X:1"),
        ("drug/Examplinib_Besylate", "drug/X:7"),
        ("target/exm-1", "target/X:2"),
        ("endpoint/time_to_sample", "endpoint/X5"),
        ("sponsor/charit%C3%A9_sample_clinic", "organization/Charit%C3%A9"),
        ("country/United_Kingdom", "country/GB"),
        ("country/UK", "country/GB"),
        ("country/gbr", "country/GB"),
        ("disease/fever_of_samples", "condition/Fever_of_samples"),
    ],
)
def test_the_page_of_a_name_that_one_thing_has_is_the_page_of_that_thing(client, asked, leads):
    answer = client.get(f"/page/{asked}")
    while answer.status_code == 308:  # the spelling of the path itself
        answer = client.get(answer.headers["Location"])
    assert (answer.status_code, answer.headers.get("Location")) == (303, f"/page/{leads}")
    assert client.get(answer.headers["Location"]).status_code == 200


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("drug/Exampla", {"drug/X:1"}),
        ("drug/examplinob", {"drug/X:1"}),
        ("drug/exampl", {"drug/X:1", "drug/X:7"}),
        ("disease/sample_fever", {"disease/X:3", "disease/X:4"}),
        ("examplinib", {"drug/X:1", "drug/X:7"}),
        ("country/korea", {"country/KR"}),
        ("drug/xyzzyx", set()),
        ("drug/e", set()),
        ("drug", set()),
        ("country/Atlantis", set()),
    ],
)
def test_of_other_names_the_page_says_what_they_may_mean(client, asked, meant):
    answer = client.get(f"/page/{asked}")
    assert answer.status_code == 404
    listed = re.search(r'<ul class="plain" id="meant">(.*?)</ul>', answer.text, re.DOTALL)
    assert set(re.findall(r'href="/page/([^"]+)"', listed[1] if listed else "")) == meant
    said = client.get(f"/id/{asked}", headers={"Accept": "application/json"})
    assert said.status_code == 404
    assert {each["iri"].partition("/id/")[2] for each in said.json.get("meant", ())} == meant


def test_a_name_of_a_path_is_not_taken_for_an_iri(client):
    """Where a thing is asked for, not its page, only its own name will do."""
    for path in ("/id/drug/examplinib", "/data/drug/examplinib", "/linkset/drug/examplinib"):
        assert client.get(path, headers={"Accept": "text/turtle"}).status_code == 404
    assert "drug/X:1" in client.get("/id/drug/examplinib", headers={"Accept": "text/html"}).text


def test_the_page_of_a_name_of_a_disease_has_the_trials_of_that_disease(client):
    page = client.get("/page/condition/Fever_of_samples").text
    assert (
        '<a href="/search?condition=disease%2FX%3A3">1 trial</a> of <a href="/page/disease/X:3">sample fever</a>'
        in page
    )
    assert "which this is a name of" not in client.get("/page/disease/X:3").text
    assert "1 trial</a>" in client.get("/page/disease/X:3").text


def test_the_search_for_what_is_not_here_is_one_link_away(client):
    assert 'href="/search?q=sample+fever"' in client.get("/page/disease/sample_fever").text
    assert 'href="/search"' in client.get("/page/NCT00000099").text
