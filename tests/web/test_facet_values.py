"""Values of facets: what two vocabularies or two spellings call one thing is one value, and none else."""

import pyoxigraph as ox
import pytest

from trialgraph.release.trial_index import write_trial_index
from trialgraph.web.context.faceted_search import TrialIndex, TrialQuery

PREFIXES = """
@prefix tg: <https://w3id.org/trialgraph/ontology#> . @prefix id: <https://w3id.org/trialgraph/id/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix obo: <http://purl.obolibrary.org/obo/> . @prefix mesh: <http://id.nlm.nih.gov/mesh/> .
"""
TURTLE = (
    PREFIXES
    + r"""
id:NCT00000001 a tg:Trial ; tg:studiesDisease id:disease\/MONDO:1 ; tg:inCountry id:country\/KR ; tg:country "South Korea" .
id:NCT00000002 a tg:Trial ; tg:studiesDisease id:disease\/MESH:D1 ; tg:inCountry id:country\/KR ; tg:country "Korea, Republic of" .
id:NCT00000003 a tg:Trial ; tg:studiesDisease id:disease\/MONDO:2, id:disease\/MESH:D2 ; tg:country "South Korea" .
id:NCT00000004 a tg:Trial ; tg:studiesDisease id:disease\/MONDO:3, id:disease\/MESH:D4 ; tg:country "Utopia" .
<https://w3id.org/trialgraph/id/NCT00000001/site/1> a tg:Site ; tg:country "South Korea" ; tg:inCountry id:country\/KR .
<https://w3id.org/trialgraph/id/NCT00000002/site/1> a tg:Site ; tg:country "Korea, Republic of" ; tg:inCountry id:country\/KR .
id:country\/KR a tg:Country ; rdfs:label "Korea, Republic of" .
id:disease\/MONDO:1 a tg:Disease ; rdfs:label "obesity disorder" ; skos:exactMatch obo:MONDO_1, obo:NCIT_9 .
id:disease\/MESH:D1 a tg:Disease ; rdfs:label "Obesity" ; skos:exactMatch mesh:D1, obo:NCIT_9 .
id:condition\/Obesity a tg:Condition ; tg:denotes id:disease\/MONDO:1 ; skos:exactMatch mesh:D1, obo:MONDO_1 .
id:disease\/MONDO:2 a tg:Disease ; rdfs:label "obsolete dysphoria" ; skos:exactMatch obo:MONDO_2, mesh:D2 .
id:disease\/MESH:D2 a tg:Disease ; rdfs:label "Gender Dysphoria" ; skos:exactMatch mesh:D2, obo:MONDO_2 .
id:disease\/MONDO:3 a tg:Disease ; rdfs:label "brain cancer" ; skos:exactMatch obo:MONDO_3, mesh:D3 .
id:NCT00000004 tg:intervention <https://w3id.org/trialgraph/id/NCT00000004/intervention/1> .
<https://w3id.org/trialgraph/id/NCT00000004/intervention/1> tg:interventionName "Sildenafil" ; tg:drug id:drug\/UNII:3 .
id:drug\/UNII:3 a tg:Drug ; rdfs:label "sildenafil" ; skos:exactMatch mesh:D3 .
id:intervention-name\/Viagra tg:denotes id:drug\/UNII:3 ; skos:closeMatch mesh:D3 ; rdfs:label "Viagra" .
id:intervention-name\/V50 tg:denotes id:drug\/UNII:3 ; skos:exactMatch mesh:D3 ; rdfs:label "Revatio 20 mg" .
id:intervention-name\/Both tg:denotes id:drug\/UNII:3 ; skos:broadMatch mesh:D3 ; rdfs:label "Sildenafil and Apomorphine" .
id:disease\/MESH:D4 a tg:Disease ; rdfs:label "Brain Injuries" ; skos:exactMatch mesh:D4, obo:DOID_3 .
"""
)


class Reader:
    """Asks a store in memory as the index asks a release."""

    def __init__(self, turtle):
        self.store = ox.Store()
        self.store.load(turtle.encode(), format=ox.RdfFormat.TURTLE)

    def select(self, query):
        for row in self.store.query(query):
            yield tuple(None if term is None else str(term) for term in row)


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    folder = tmp_path_factory.mktemp("index")
    write_trial_index(folder, Reader(TURTLE))
    return TrialIndex(folder)


def counts(index, facet):
    found = index.search(TrialQuery())
    return {each.label: each.trials for counts in found.facets if counts.name == facet for each in counts.values}


def test_one_thing_is_one_value(index):
    assert counts(index, "condition") == {"Obesity": 2, "Gender Dysphoria": 1, "brain cancer": 1, "Brain Injuries": 1}
    assert counts(index, "country") == {"South Korea": 3, "Utopia": 1}


@pytest.mark.parametrize(
    ("facet", "values"),
    [
        ("condition", ["disease/MONDO:1", "disease/MESH:D1"]),
        ("condition", ["disease/MONDO:2", "disease/MESH:D2"]),
        ("country", ["country/KR", "South Korea", "Korea, Republic of"]),
    ],
)
def test_every_name_of_a_value_finds_the_same_and_is_one_choice(index, facet, values):
    found = [index.search(TrialQuery(chosen={facet: (value,)})) for value in values]
    assert len({tuple(row.nct for row in each.rows) for each in found}) == 1
    assert len({each.chosen[facet] for each in found}) == 1
    both = index.search(TrialQuery(chosen={facet: tuple(values)}))
    assert both.chosen[facet] == found[0].chosen[facet]
    assert set(values) <= set(index.facets.same(facet, both.chosen[facet][0]))


@pytest.mark.parametrize("text", ["south korea", "KOREA, REPUBLIC OF", "Utopia"])
def test_a_country_is_named_by_any_of_its_names(index, text):
    assert index.facets.named("country", text) in {"country/KR", "Utopia"}
    assert not index.facets.named("country", "Atlantis")


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("viagra", {4}), ("Viagra®", {4}), ("viagr", {4}), ("sildenafil", {4}), ("obesity", {1, 2}), ("obesity disorder", {1}),
        ("apomorphine", set()), ("revatio", set()),
    ],
)  # fmt: skip
def test_a_trial_is_found_by_what_other_records_call_its_drug_or_disease(index, text, numbers):
    assert {int(row.nct[3:]) for row in index.search(TrialQuery(text)).rows} == numbers
