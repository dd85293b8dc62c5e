"""Each fact of the seed document is asserted, cited as printed, and what the document does not say is not."""

import csv
from dataclasses import dataclass

import pyoxigraph as ox
import pytest
from tests import curated

from trialgraph.vocabulary import ONTOLOGY, PREFIXES, Graph

SEED = ox.NamedNode(Graph.SEED)
SHARED = curated.HERE.parents[1] / "shared" / "seed" / "facts.tsv"
HEAD = "".join(f"PREFIX {prefix}: <{PREFIXES[prefix]}>\n" for prefix in ("rdf", "rdfs", "skos", "tg", "tggraph"))
DATASET = "FROM tggraph:seed\nFROM tggraph:ontology\nWHERE "


@dataclass(frozen=True)
class Fact:
    """One row of facts/asks.tsv: the citations as printed, and a pattern that holds when the fact is asserted."""

    name: str
    kind: str
    citations: frozenset
    pattern: str


def _facts():
    with (curated.HERE / "facts" / "asks.tsv").open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [
            Fact(row["fact"], row["kind"], frozenset(map(int, row["citations"].split())), row["ask"]) for row in rows
        ]


FACTS = _facts()


def ask(store, pattern):
    return curated.answer(store, f"{HEAD}ASK\n{DATASET}{pattern}")["boolean"]


def rows(store, variables, pattern):
    return curated.answer(store, f"{HEAD}SELECT {variables}\n{DATASET}{pattern}")["rows"]


@pytest.fixture(scope="module")
def store():
    return curated.store()


@pytest.fixture(scope="module")
def store_without_seed():
    return curated.store(seed=False)


@pytest.fixture(scope="module")
def statements(store):
    """The statements of each fact, as the triples they name."""
    subjects, predicates, objects, numbers = (
        {quad.subject: quad.object for quad in store.quads_for_pattern(None, ox.NamedNode(term), None, SEED)}
        for term in (
            *(PREFIXES["rdf"] + part for part in ("subject", "predicate", "object")),
            f"{ONTOLOGY}#factNumber",
        )
    )
    named = {fact.name: [] for fact in FACTS}
    for statement, subject in subjects.items():
        named[numbers[statement].value].append(ox.Triple(subject, predicates[statement], objects[statement]))
    return named


def test_the_table_holds_every_fact():
    # The numbering of the facts leaves out 209.
    assert [fact.name for fact in FACTS] == [f"F{number:03}" for number in range(1, 213) if number != 209]


def test_the_table_agrees_with_the_list_of_facts():
    if not SHARED.is_file():
        pytest.skip("the list of facts is not beside the checkout")
    with SHARED.open(encoding="utf-8", newline="") as file:
        listed = list(csv.DictReader(file, delimiter="\t"))
    assert [(fact.name, fact.kind) for fact in FACTS] == [(row["id"], row["kind"]) for row in listed]
    printed = ["".join(f"[{number}]" for number in sorted(fact.citations)) for fact in FACTS]
    assert printed == [row["citation"] for row in listed]


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.name)
def test_the_fact_is_asserted(fact, store):
    assert ask(store, fact.pattern)


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.name)
def test_the_pattern_asks_for_more_than_the_ontology_says(fact, store_without_seed):
    assert not ask(store_without_seed, fact.pattern)


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.name)
def test_the_pattern_holds_no_longer_when_a_triple_of_the_fact_is_taken_away(fact, store, statements):
    assert statements[fact.name]
    for triple in statements[fact.name]:
        quad = ox.Quad(*triple, SEED)
        assert quad in store
        store.remove(quad)
        try:
            assert not ask(store, fact.pattern), f"the pattern does not need {triple}"
        finally:
            store.add(quad)


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.name)
def test_every_statement_of_the_fact_has_the_citations_printed_beside_it(fact, store):
    found = rows(
        store,
        "?statement ?kind ?number",
        f'{{ ?statement a tg:Statement ; tg:factNumber "{fact.name}" ; tg:assertionKind ?kind ; tg:source ?document .'
        " OPTIONAL { ?statement tg:citation/tg:number ?number } }",
    )
    names = {statement for statement, _, _ in found}
    assert names
    for name in names:
        assert {number for statement, _, number in found if statement == name} == (fact.citations or {None})
    assert {kind for _, kind, _ in found} == {fact.kind}


def trial(nct_id, rest):
    return f'{{ ?trial tg:nctId "{nct_id}" ; {rest} }}'


FIRST, SECOND = "NCT06095583", "NCT06732258"
NOT_STATED = {
    "phase of the second trial": trial(SECOND, "tg:phase ?phase"),
    "sponsor": "{ ?trial a tg:Trial ; tg:sponsor|tg:leadSponsorName|tg:collaborator ?sponsor }",
    "size": "{ ?trial a tg:Trial ; tg:enrollmentCount ?size }",
    "dates": "{ ?trial a tg:Trial ; tg:startDate|tg:startYear|tg:primaryCompletionDate|tg:completionDate ?date }",
    "country": "{ ?trial a tg:Trial ; tg:country|tg:site ?place }",
    "role of PFS assessed by the committee": trial(
        FIRST, 'tg:outcome ?outcome . ?outcome tg:assessor/rdfs:label "BIRC" ; tg:outcomeRole ?role'
    ),
    "overall survival in the second trial": trial(
        SECOND, 'tg:outcome/tg:endpoint ?endpoint . ?endpoint rdfs:label ?label . FILTER(STRSTARTS(?label, "OS"))'
    ),
    "route of a placebo": "{ ?specification tg:intervention ?placebo ; tg:route ?r . ?placebo a tg:Placebo }",
    "route of the chemotherapy": "{ ?specification tg:drug ?drug ; tg:route ?route ."
    ' ?drug tg:treatmentApproach/rdfs:label "chemotherapy" }',
    "route of toripalimab in the second trial": trial(
        SECOND,
        'tg:arm/tg:doseSpecification ?specification . ?specification tg:drug/rdfs:label "toripalimab" ; tg:route ?r',
    ),
    "stop rule of the first trial": trial(FIRST, "tg:arm/tg:doseSpecification/tg:stopCondition ?condition"),
    "that a drug treats a disease": "{ ?drug <https://w3id.org/biolink/vocab/treats> ?disease }",
}


@pytest.mark.parametrize("pattern", NOT_STATED.values(), ids=NOT_STATED)
def test_what_the_document_does_not_say_is_not_asserted(pattern, store):
    assert not ask(store, pattern)


SAYING_IT = """
@base <https://w3id.org/trialgraph/id/> .
@prefix tg: <https://w3id.org/trialgraph/ontology#> .
<NCT06732258> tg:phase <scheme/phase/PHASE2> ; tg:sponsor <x> ; tg:enrollmentCount 9 ; tg:startDate "2025" ;
    tg:country "X" ; tg:outcome [ tg:endpoint <endpoint/OS> ] .
<NCT06095583/outcome/pfs-birc> tg:outcomeRole <scheme/outcome-role/PRIMARY> .
<NCT06095583/arm/3/dose/1> tg:route <scheme/route/INTRAVENOUS> .
<NCT06095583/arm/1/dose/1> tg:stopCondition <scheme/stop-condition/DISEASE_PROGRESSION> .
<NCT06732258/arm/1/dose/1> tg:route <scheme/route/INTRAVENOUS> .
<NCT06732258/arm/1/dose/4> tg:route <scheme/route/INTRAVENOUS> .
<drug/tifcemalimab> <https://w3id.org/biolink/vocab/treats> <condition/SCLC> .
"""


def test_each_of_these_would_be_noticed():
    store = curated.store()
    store.load(SAYING_IT, format=ox.RdfFormat.TURTLE, to_graph=SEED)
    assert [name for name, pattern in NOT_STATED.items() if not ask(store, pattern)] == []


def test_every_term_asked_for_is_declared(store):
    ontology = ox.NamedNode(Graph.ONTOLOGY)
    declared = {quad.subject.value for quad in store.quads_for_pattern(None, None, None, ontology)}
    asked = "\n".join([*(fact.pattern for fact in FACTS), *NOT_STATED.values()])
    terms = {word[3:] for word in asked.replace("/", " ").replace("|", " ").split() if word.startswith("tg:")}
    assert [term for term in terms if f"{ONTOLOGY}#{term}" not in declared] == []
