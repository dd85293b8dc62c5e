"""The SPARQL examples: well-formed as SIB has them, and each gives exactly its expected answer."""

import csv
import re

import pyoxigraph as ox
import pytest
import rdflib
from tests import curated
from tests.curated import SH

from trialgraph import terms
from trialgraph.pipeline.history import Version, revision
from trialgraph.pipeline.record_diff import FieldChange
from trialgraph.settings import packaged
from trialgraph.vocabulary import ONTOLOGY, PREFIXES, Graph, trial_iri

NAMESPACE = "https://w3id.org/trialgraph/sparql/.well-known/sparql-examples/"
TARGET = "https://w3id.org/trialgraph/sparql"
RDF_TYPE = PREFIXES["rdf"] + "type"
EXAMPLES = curated.examples()
EXPECTED = curated.expected()
QUESTIONS = [example for example in EXAMPLES if example.name.startswith("Q")]
ON_THE_SEED = [example for example in EXAMPLES if "FROM tggraph:seed" in example.query]
ON_THE_REGISTRY = [example for example in EXAMPLES if example.name[0] == "R"]
ON_DOSES = [example for example in EXAMPLES if example.name[0] == "D"]
ON_OUTCOMES = [example for example in EXAMPLES if example.name[0] == "M"]
ON_WHAT_IS_READ = [example for example in EXAMPLES if example.name[0] == "E"]
ON_THE_LINKS = [example for example in EXAMPLES if example.name[0] == "L" and "SERVICE" not in example.query]
"""A join with another endpoint is run in `tests/live/test_federated_example.py`."""
ON_THE_CURATED = [example for example in EXAMPLES if example.name[0] in "QS"]


def named(example):
    return example.path.stem


@pytest.fixture(scope="module")
def store():
    return curated.store()


@pytest.fixture(scope="module")
def store_without_seed():
    return curated.store(seed=False)


@pytest.fixture(scope="module")
def registry():
    return curated.registry()


@pytest.fixture(scope="module")
def interpreted():
    return curated.interpreted()


@pytest.fixture(scope="module")
def dosed():
    return curated.interpreted("dose-records.json")


@pytest.fixture(scope="module")
def linked():
    return curated.linked()


@pytest.fixture(scope="module")
def merged(store):
    """The seed and the ontology as one rdflib graph."""
    graph = rdflib.Graph()
    for name in (Graph.SEED, Graph.ONTOLOGY):
        lines = store.dump(format=ox.RdfFormat.N_TRIPLES, from_graph=ox.NamedNode(name))
        graph.parse(data=lines, format="nt")
    return graph


@pytest.fixture(scope="module")
def declared(store):
    """Every term of the ontology."""
    return {quad.subject.value for quad in store.quads_for_pattern(None, None, None, ox.NamedNode(Graph.ONTOLOGY))}


def test_each_question_has_one_file_and_an_expected_answer():
    names = [example.name for example in EXAMPLES]
    assert len(names) == len(set(names))
    assert set(names) == set(EXPECTED)
    assert len(QUESTIONS) == 67


def test_the_questions_are_those_of_the_list():
    listed = curated.HERE.parents[1] / "shared" / "seed" / "questions.tsv"
    if not listed.is_file():
        pytest.skip("the list of questions is not beside the checkout")
    with listed.open(encoding="utf-8", newline="") as file:
        asked = {row["id"]: row["question"] for row in csv.DictReader(file, delimiter="\t")}
    comments = {example.name: example.objects(PREFIXES["rdfs"] + "comment") for example in QUESTIONS}
    assert {name: comment.value for name, (comment,) in comments.items()} == asked


@pytest.mark.parametrize("example", EXAMPLES, ids=named)
def test_the_file_is_one_example(example):
    (subject,) = {triple.subject.value for triple in example.triples}
    assert subject == NAMESPACE + example.name
    types = {type_.value for type_ in example.objects(RDF_TYPE)}
    (form,) = types - {SH + "SPARQLExecutable"}
    assert len(types) == 2
    assert {query.value for query in example.objects(curated.FORMS[form])} == {example.query}


@pytest.mark.parametrize("example", EXAMPLES, ids=named)
def test_the_file_says_what_is_asked_of_whom(example):
    (comment,) = example.objects(PREFIXES["rdfs"] + "comment")
    (label,) = example.objects(PREFIXES["rdfs"] + "label")
    assert comment.language is label.language is None, "no label of a release has a language"
    assert comment.value.endswith(("?", "."))
    assert not label.value.endswith(("?", "."))
    assert len(example.objects(PREFIXES["schema"] + "keywords")) >= 3
    assert example.objects(PREFIXES["schema"] + "target") == {ox.NamedNode(TARGET)}
    assert example.objects(SH + "prefixes") == {ox.NamedNode(NAMESPACE + "prefixes")}


@pytest.mark.parametrize("example", EXAMPLES, ids=named)
def test_the_query_needs_no_more_than_its_prefixes(example):
    head = dict(re.findall(r"^PREFIX (\w+): <(.+)>$", example.query, re.MULTILINE))
    body = re.sub(r"#.*|\"[^\"]*\"", "", example.query.split("\n\n", 1)[1])
    assert set(head) == set(re.findall(r"\b(\w+):\w", body))
    assert head == {prefix: PREFIXES[prefix] for prefix in head}


@pytest.mark.parametrize("example", EXAMPLES, ids=named)
def test_the_query_uses_declared_terms(example, declared):
    terms = re.findall(r"\btg:(\w+)", example.query)
    assert terms or "tggraph:" in example.query
    assert [term for term in terms if f"{ONTOLOGY}#{term}" not in declared] == []


def test_the_readme_shows_every_property_of_the_seed(store, declared):
    text = (packaged("data") / "examples" / "README.md").read_text("utf-8")
    named = {f"{ONTOLOGY}#{term}" for term in re.findall(r"\btg:(\w+)", text)}
    seed = store.quads_for_pattern(None, None, None, ox.NamedNode(Graph.SEED))
    used = {quad.predicate.value for quad in seed if quad.predicate.value.startswith(ONTOLOGY)}
    assert named <= declared
    assert used <= named


@pytest.mark.parametrize("example", EXAMPLES, ids=named)
def test_rows_come_in_a_stated_order(example):
    several = len(EXPECTED[example.name].get("rows", [])) > 1
    assert "ORDER BY" in example.query or not several


@pytest.mark.parametrize("example", QUESTIONS, ids=named)
def test_a_question_is_asked_of_the_seed_graph(example):
    assert "FROM tggraph:seed\nFROM tggraph:ontology\n" in example.query


@pytest.mark.parametrize("example", ON_THE_CURATED, ids=named)
def test_the_answer_is_the_expected_one(example, store):
    assert curated.answer(store, example.query) == EXPECTED[example.name]


@pytest.mark.parametrize("example", ON_THE_REGISTRY, ids=named)
def test_the_answer_on_a_few_records_is_the_expected_one(example, registry):
    assert curated.answer(registry, example.query) == EXPECTED[example.name]


@pytest.fixture(scope="module")
def outcomes():
    made = curated.interpreted("outcome-records.json")
    new, old = (Version("NCT92000001", date, 1) for date in ("2024-09-01", "2024-02-01"))
    place = ("protocolSection", "outcomesModule", "primaryOutcomes", 0, "measure")
    lines = "".join(
        terms.line(triple) for triple in revision(new, old, [FieldChange(place, "Response", "Overall survival")])
    )
    made.load(lines.encode(), format=ox.RdfFormat.N_TRIPLES, to_graph=ox.NamedNode(Graph.HISTORY))
    return made


@pytest.mark.parametrize("example", ON_OUTCOMES, ids=named)
def test_the_answer_from_outcomes_and_results_is_the_expected_one(example, outcomes):
    assert curated.answer(outcomes, example.query) == EXPECTED[example.name]


@pytest.mark.parametrize("example", ON_WHAT_IS_READ, ids=named)
def test_the_answer_from_the_texts_of_a_few_records_is_the_expected_one(example, interpreted):
    assert curated.answer(interpreted, example.query) == EXPECTED[example.name]


@pytest.mark.parametrize("example", ON_DOSES, ids=named)
def test_the_answer_about_doses_in_texts_is_the_expected_one(example, dosed):
    assert curated.answer(dosed, example.query) == EXPECTED[example.name]


@pytest.mark.parametrize("example", ON_THE_LINKS, ids=named)
def test_the_answer_by_shared_things_is_the_expected_one(example, linked):
    assert curated.answer(linked, example.query) == EXPECTED[example.name]


@pytest.mark.parametrize("example", QUESTIONS, ids=named)
def test_another_engine_agrees(example, merged):
    # rdflib would fetch what FROM names, so it is given the two graphs merged.
    result = merged.query(re.sub(r"^FROM .*\n", "", example.query, flags=re.MULTILINE))
    if result.type == "ASK":
        assert {"boolean": result.askAnswer} == EXPECTED[example.name]
    else:
        rows = [[term if term is None else term.toPython() for term in row] for row in result]
        assert {"columns": [str(name) for name in result.vars], "rows": rows} == EXPECTED[example.name]


@pytest.mark.parametrize("example", ON_THE_SEED, ids=named)
def test_no_answer_without_the_seed(example, store_without_seed):
    # What is not there cannot be answered, so an expected answer cannot come from somewhere else.
    empty = curated.answer(store_without_seed, example.query)
    counts = [value for row in empty.get("rows", []) for value in row]
    assert not empty.get("boolean")
    assert all(value in (0, "", None) for value in counts)


@pytest.mark.parametrize("term", ["enrollmentCount", "sponsor", "country", "startDate"])
def test_what_the_seed_does_not_state_would_be_found(term):
    (example,) = [example for example in QUESTIONS if example.name == "Q117"]
    store = curated.store()
    trial = ox.NamedNode(trial_iri("NCT06732258"))
    store.add(ox.Quad(trial, ox.NamedNode(f"{ONTOLOGY}#{term}"), ox.Literal("x"), ox.NamedNode(Graph.SEED)))
    assert curated.answer(store, example.query) == {"boolean": True}


def test_prefixes_are_those_of_the_vocabulary():
    graph = list(ox.parse(path=packaged("data") / "examples" / "prefixes.ttl"))
    prefix = {t.subject: t.object.value for t in graph if t.predicate.value == SH + "prefix"}
    namespace = {t.subject: t.object.value for t in graph if t.predicate.value == SH + "namespace"}
    declared = [t.object for t in graph if t.predicate.value == SH + "declare"]
    assert {t.subject.value for t in graph if t.predicate.value == SH + "declare"} == {NAMESPACE + "prefixes"}
    assert {prefix[node]: namespace[node] for node in declared} == PREFIXES


WITHOUT_A_BLANK = {
    "L14": "it lists whatever is not linked",
    "L33": "it asks UniProt, which must not be asked for much",
    "M01": "it asks for two endpoints",
}


@pytest.mark.parametrize("example", [e for e in EXAMPLES if e.name[0] in "DELMR"], ids=named)
def test_an_example_for_records_has_a_blank_to_fill(example):
    assert "# parameter: " in example.query or example.name in WITHOUT_A_BLANK


def test_there_are_forty_examples_for_records():
    assert len([example for example in EXAMPLES if example.name[0] in "DELMR"]) >= 40
