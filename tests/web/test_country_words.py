"""A country among the words of a search is a filter, unless it is part of a longer name or in quotation marks."""

import pytest
from tests.web.test_facet_values import PREFIXES, Reader

from trialgraph.release.trial_index import write_trial_index
from trialgraph.web.context.faceted_search import TrialIndex, TrialQuery

COUNTRIES = {
    "JP": "Japan",
    "GE": "Georgia",
    "US": "United States",
    "GB": "United Kingdom",
    "KR": "Korea, Republic of",
}
# number, title, sponsor, countries of sites
TRIALS = [
    (1, "Alopecia and light", "Sample Works", ["JP"]),
    (2, "Alopecia and heat", "Japan Hair Group", ["US", "GB"]),
    (3, "Eczema trial", "Georgia Coast University", ["US"]),
    (4, "Eczema in two places", "Clinic of Georgia", ["GE", "JP"]),
    (5, "Eczema and sleep, tell us", "Sample Works", ["KR"]),
]


def turtle():
    yield PREFIXES
    for code, label in COUNTRIES.items():
        yield f'id:country\\/{code} a tg:Country ; rdfs:label "{label}" .'
    for number, title, sponsor, codes in TRIALS:
        trial, name = f"id:NCT0000000{number}", sponsor.replace(" ", "_")
        yield f'{trial} a tg:Trial ; tg:briefTitle "{title}" ; rdfs:label "{title}" ; tg:leadSponsorName "{sponsor}" .'
        yield f'{trial} tg:sponsor id:organization\\/{name} . id:organization\\/{name} rdfs:label "{sponsor}" .'
        for code in codes:
            yield f'{trial} tg:inCountry id:country\\/{code} ; tg:country "{COUNTRIES[code]}" .'


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    folder = tmp_path_factory.mktemp("index")
    write_trial_index(folder, Reader("\n".join(turtle())))
    return TrialIndex(folder)


@pytest.mark.parametrize(
    ("text", "left", "countries", "numbers"),
    [
        ("alopecia in Japan", "alopecia", "JP", {1}),
        ("japan alopecia", "alopecia", "JP", {1}),
        ("alopecia, Japan", "alopecia", "JP", {1}),
        ("in Japan", "", "JP", {1, 4}),
        ("trials in the United States", "", "US", {2, 3}),
        ("trials from the USA", "", "US", {2, 3}),
        ("eczema in US", "eczema", "US", {3}),
        ("eczema uk", "eczema", "GB", set()),
        ("alopecia uk", "alopecia", "GB", {2}),
        ("eczema South Korea", "eczema", "KR", {5}),
        ("eczema in Japan or Georgia", "eczema", "JP GE", {4}),
        ("tell us", "tell us", "", {5}),
        ('"Japan"', '"Japan"', "", {2}),
        ("japan hair group", "japan hair group", "", {2}),
        ("Georgia Coast University", "Georgia Coast University", "", {3}),
        ("eczema clinic of georgia", "eczema clinic of georgia", "", {4}),
        ("eczema-japan", "eczema-japan", "", set()),
        ("japan group", "japan group", "", {2}),
        ("eczema georgia", "eczema", "GE", {4}),
    ],
)
def test_a_country_is_a_filter(index, text, left, countries, numbers):
    answer = index.search(TrialQuery(text))
    assert {int(row.nct[3:]) for row in answer.rows} == numbers
    assert (answer.text, answer.chosen.get("country", ())) == (
        left,
        tuple(f"country/{each}" for each in countries.split()),
    )


def test_a_country_that_was_chosen_and_one_that_is_said_are_both_taken(index):
    answer = index.search(TrialQuery("eczema in Georgia", {"country": ("country/KR",)}))
    assert {int(row.nct[3:]) for row in answer.rows} == {4, 5}


def test_what_is_offered_instead_begins_and_ends_with_a_telling_word(index):
    assert index.fewer(TrialQuery("walrus, in eczema")) == {"eczema": 3}
