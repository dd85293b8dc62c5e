"""A page for each term of the ontology, and the list of all with a filter."""

import re

import pyoxigraph as ox
import pytest

from trialgraph.vocabulary import ONTOLOGY


def names(text):
    return re.findall(r'<th scope="row"><a href="/ontology/(\w+)"', text)


def test_every_term_has_a_page_that_leads_to_others(client):
    every = names(client.get("/ontology/terms").text)
    assert {"Trial", "DoseSpecification", "dose", "overallStatus"} <= set(every)
    for name in every[::9]:
        page = client.get(f"/ontology/{name}")
        assert page.status_code == 200, name
        for other in set(re.findall(r'href="/ontology/(\w+)"', page.text)) - {"terms"}:
            assert other in every, (name, other)


def test_terms_are_filtered_by_words_of_name_and_definition(client):
    text = client.get("/ontology/terms?q=DOSE basis").text
    assert "doseBasis" in names(text)
    assert "Trial" not in names(text)
    assert names(client.get("/ontology/terms?q=zzzz").text) == []


def test_a_long_list_is_folded_by_letter_and_a_short_one_is_not(client):
    """Else the page of all terms would be fifty screens high."""
    long, short = client.get("/ontology/terms").text, client.get("/ontology/terms?q=dose").text
    letters = re.findall(r'<details class="letter" id="letter-(\w)">', long)
    assert letters == sorted(letters)
    assert {name[0].upper() for name in names(long)} <= set(letters)
    assert "<details" not in long.split('<details class="letter"')[0].partition("<article")[2]
    assert '<details class="letter"' not in short


def test_a_property_tells_where_it_stands_and_shows_itself(client):
    text = client.get("/ontology/doseBasis").text
    for said in ("DoseSpecification", "tg:doseBasis", "fixed dose", "Ask for all of them", "Queries that use it"):
        assert said in text, said
    assert re.search(r"In use</h2>\s*<ul", text)


def test_a_class_has_the_properties_of_its_members(client):
    listed = names(client.get("/ontology/Arm").text)
    assert {"armType", "doseSpecification", "arm"} <= set(listed)


@pytest.mark.parametrize("name", ["Nothing", "dose%20x", "%3Cx%3E", "a.b"])
def test_what_is_no_term_is_not_found(client, name):
    assert client.get(f"/ontology/{name}").status_code == 404


def test_a_term_is_rdf_too(client):
    answer = client.get("/ontology/Arm", headers={"Accept": "text/turtle"})
    quads = list(ox.parse(answer.data, format=ox.RdfFormat.TURTLE))
    assert {quad.subject.value for quad in quads} == {f"{ONTOLOGY}#Arm"}
    assert client.get("/ontology/Arm", headers={"Accept": "image/png"}).status_code == 406
