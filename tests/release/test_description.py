"""The description of a release: true, complete by the HCLS profile, and readable by those who read VoID."""

import sys
from datetime import date
from pathlib import Path

import pyoxigraph as ox
import pytest

from trialgraph import terms
from trialgraph.release.change_set import ChangedQuads, Changes, change_document
from trialgraph.release.description import describe, write_description
from trialgraph.release.description_input import ReleaseFacts, graph_node
from trialgraph.release.graph_builder import expand
from trialgraph.release.graph_statistics import GraphStatistics
from trialgraph.release.hcls import ELEMENTS, LEVELS
from trialgraph.release.tombstones import tombstone
from trialgraph.settings import packaged
from trialgraph.syntaxes import turtle
from trialgraph.syntaxes.subject_groups import Passage
from trialgraph.validation import compile_shapes, read_shapes
from trialgraph.vocabulary import PREFIXES, RESOURCE, Graph

CASES = Path(__file__).resolve().parents[1] / "shapes"
sys.path.insert(0, str(CASES))

from checking import cases, short  # noqa: E402

TEXT = (
    f"<{RESOURCE}drug/a> {terms.RDF_TYPE} <{expand('tg:Drug')}> .\n"
    f'<{RESOURCE}drug/a> {terms.RDFS_LABEL} "a" .\n'
    f"<{RESOURCE}drug/a> <{expand('skos:exactMatch')}> <http://purl.obolibrary.org/obo/NCIT_C1> .\n"
)


def dump(name, graph, **entry):
    return {"path": f"dumps/{name}", "sha256": "0f" * 32, "graph": graph, "triples": 3, **entry}


MANIFEST = {
    "version": "2026-11-23",
    "issued": "2026-11-23",
    "tool": {"name": "trialgraph", "version": "0.1.0"},
    "rejected": 2,
    "counts": {"records": 40},
    "inputs": [{"path": "data/curated/seed.ttl", "bytes": 99, "sha256": "ab" * 32}],
    "dumps": [
        dump(
            "trialgraph.nq.gz",
            None,
            media_type="application/n-quads",
            format="nquads",
            compression="gzip",
            bytes=1234,
        ),
        dump(
            "trialgraph-seed.ttl", Graph.SEED, media_type="text/turtle", format="turtle", compression="none", bytes=55
        ),
    ],
}


@pytest.fixture(scope="module")
def facts():
    statistics = {Graph.SEED: GraphStatistics.of(Passage(TEXT.encode()))}
    return ReleaseFacts.of(MANIFEST, statistics, "https://trials.example.org", ["2026-10-01"])


@pytest.fixture(scope="module")
def description(facts):
    return set(describe(facts))


@pytest.fixture(scope="module")
def check():
    shapes = packaged("shapes") / "description.ttl"
    checker = compile_shapes(read_shapes(shapes))

    def results(triples):
        found = checker.check(triples)
        return {(short(result.focus_node), terms.lexical(message)) for result in found for message in result.messages}

    return results


def values(description, subject, predicate):
    return {o for s, p, o in description if s == f"<{subject}>" and p == f"<{expand(predicate)}>"}


def test_the_description_conforms_without_a_warning(description, check):
    assert check(description) == set()


def test_a_release_of_nothing_conforms_but_for_what_it_lacks(check):
    empty = describe(ReleaseFacts("2026-11-23", "2026-11-23", "http://127.0.0.1:8000", "0.1.0", statistics={}))
    missing = {message for _, message in check(empty)}
    assert all("should" in message for message in missing), missing


FOCUS = {
    "summary": f"{RESOURCE}dataset",
    "version": f"{RESOURCE}dataset/2026-11-23",
    "distribution": f"{RESOURCE}dataset/2026-11-23/rdf",
}
REQUIRED = [
    (level, element) for level in LEVELS for element in ELEMENTS if element.level(level) in ("MUST", "SHOULD")
]
FORBIDDEN = [(level, element) for level in LEVELS for element in ELEMENTS if "NOT" in element.level(level)]


def iris(element):
    return {f"<{expand(value)}>" for value in element.value.split() if ":" in value}


@pytest.mark.parametrize(("level", "element"), REQUIRED, ids=lambda x: getattr(x, "name", x))
def test_what_the_profile_requires_is_there_and_its_absence_is_noticed(description, check, level, element):
    focus = f"<{FOCUS[level]}>"
    predicates = {f"<{expand(name)}>" for name in element.properties}
    given = {t for t in description if t[0] == focus and t[1] in predicates}
    if element.properties == ("rdf:type",):
        given = {t for t in given if t[2] in iris(element)}
    assert given
    kept = {t for t in description if t[1] == f"<{expand('dcterms:isVersionOf')}>"} - given
    noticed = {message for where, message in check((description - given) | kept) if where == short(focus)}
    if element.name != "version of":  # without it, nothing is a version any more
        assert any(element.properties[0] in message or "be of type" in message for message in noticed)


@pytest.mark.parametrize(("level", "element"), FORBIDDEN, ids=lambda x: getattr(x, "name", x))
def test_what_the_profile_forbids_is_absent_and_its_presence_is_noticed(description, check, level, element):
    focus = f"<{FOCUS[level]}>"
    present = {o for name in element.properties for o in values(description, FOCUS[level], name)}
    wrong = iris(element) or {"<https://example.org/x>"}
    assert not present & wrong if element.properties == ("rdf:type",) else not present
    added = {(focus, f"<{expand(element.properties[0])}>", value) for value in wrong}
    noticed = {message for where, message in check(description | added) if where == short(focus)}
    assert any(
        "not" in message and (element.properties[0] in message or "be of type" in message) for message in noticed
    )


NAMED = [(path.stem, case) for path in sorted((CASES / "description").glob("*.txt")) for case in cases(path)]


@pytest.mark.parametrize(("noun", "case"), NAMED, ids=[f"{noun}-{case.name}" for noun, case in NAMED])
def test_a_damaged_description_is_noticed(description, check, noun, case):
    assert set(case.removed) <= description, f"{noun}: {case.name} removes what is not there"
    assert check((description - set(case.removed)) | set(case.added)) == case.expected


def test_every_name_is_an_iri_and_every_string_says_its_language_or_needs_none(description):
    assert not any(term.startswith("_:") for triple in description for term in triple)


def test_the_description_is_true_of_itself(description):
    counted = GraphStatistics.of(Passage.of(sorted(description)))
    own = graph_node("description")
    assert values(description, own, "void:triples") == {terms.integer(len(description))}
    assert values(description, own, "void:distinctSubjects") == {terms.integer(len({s for s, _, _ in description}))}
    objects = {o for _, _, o in description}
    assert values(description, own, "void:distinctObjects") <= {terms.integer(len(objects))}
    assert counted.triples == len(description)


def test_a_description_whose_figures_about_itself_do_not_settle_leaves_those_out(facts, monkeypatch):
    monkeypatch.setattr("trialgraph.release.description._ROUNDS", 1)
    unsettled = set(describe(facts))
    own = graph_node("description")
    assert values(unsettled, own, "void:triples") == {terms.integer(len(unsettled))}
    assert values(unsettled, own, "void:distinctObjects") == set()


def test_the_same_facts_give_the_same_triples(facts, description):
    again = describe(facts)
    assert again == sorted(description)


def test_partitions_answer_the_query_that_editors_send(description):
    store = ox.Store()
    store.load("".join(map(terms.line, description)).encode(), ox.RdfFormat.N_TRIPLES)
    prefixes = "".join(f"PREFIX {prefix}: <{PREFIXES[prefix]}>\n" for prefix in ("void", "void-ext", "sd", "rdfs"))
    rows = store.query(
        prefixes
        + """SELECT ?label ?class ?property ?triples ?datatype ?object {
          ?named sd:graph ?graph ; rdfs:label ?label . ?graph void:classPartition ?c .
          ?c void:class ?class ; void:propertyPartition ?p . ?p void:property ?property ; void:triples ?triples .
          OPTIONAL { ?p void-ext:datatypePartition [ void-ext:datatype ?datatype ] }
          OPTIONAL { ?p void:classPartition [ void:class ?object ] } }"""
    )
    found = {
        (row["label"].value, row["property"].value.rsplit("#")[-1], row["triples"].value, str(row["datatype"]))
        for row in rows
    }
    assert ("Seed", "label", "1", f"<{terms.XSD}string>") in found
    assert ("Seed", "exactMatch", "1", "None") in found


def test_sizes_are_given_once_for_the_whole_and_once_for_each_graph(description):
    datasets = {s for s, p, o in description if p == terms.RDF_TYPE and o == f"<{expand('void:Dataset')}>"}
    sized = [s for s, p, _ in description if p == f"<{expand('void:triples')}>" and s in datasets]
    assert sorted(sized) == sorted(
        f"<{iri}>" for iri in (FOCUS["distribution"], graph_node("seed"), graph_node("description"))
    )


CHANGES = Changes(
    "2026-10-01",
    {"new": 2, "changed": 1, "vanished": 0, "unchanged": 5},
    (
        ChangedQuads("added", "added.nq.gz", 7, 120, "0f" * 32),
        ChangedQuads("removed", "removed.nq.gz", 1, 60, "1e" * 32),
    ),
)


def test_a_change_set_says_from_where_and_how_much(facts):
    changed = set(describe(facts, CHANGES))
    update = f"{RESOURCE}dataset/2026-11-23/update"
    assert values(changed, update, "prov:used") == {f"<{RESOURCE}dataset/2026-10-01>"}
    assert values(changed, f"{RESOURCE}dataset/2026-11-23/changes/added", "void:triples") == {terms.integer(7)}
    new = f"{RESOURCE}dataset/2026-11-23/changes/quality/records-new"
    assert values(changed, new, "dqv:value") == {terms.integer(2)}


def test_a_change_set_conforms_and_is_a_document_of_its_own(facts, check):
    described = describe(facts, CHANGES)
    assert check(described) == set()
    document = {triple for triple, _ in terms.parse(change_document(facts, CHANGES), ox.RdfFormat.TURTLE)}
    assert document < set(described)
    files = {o for _, p, o in document if p == f"<{expand('dcat:downloadURL')}>"}
    assert files == {f"<{facts.downloads}/added.nq.gz>", f"<{facts.downloads}/removed.nq.gz>"}


def test_the_description_has_files_of_its_own(tmp_path, facts):
    files = write_description(tmp_path, describe(facts))
    assert [file.path.name for file in files][:2] == ["trialgraph-description.jsonld", "trialgraph-description.nt"]
    turtle_file = next(file for file in files if file.path.name.endswith(".ttl"))
    assert turtle_file.path.read_text("utf-8").startswith(turtle.opening())
    assert len(set(terms.parse(turtle_file.path.read_bytes(), ox.RdfFormat.TURTLE))) == turtle_file.triples


def test_a_withdrawn_trial_says_when_and_why():
    said = set(tombstone("NCT00000001", date(2026, 11, 23), "The registry does not list it any more.", "2026-10-01"))
    trial = f"{RESOURCE}NCT00000001"
    assert values(said, trial, "owl:deprecated") == {terms.TRUE}
    assert values(said, trial, "prov:invalidatedAtTime") == {
        terms.typed("2026-11-23T00:00:00Z", terms.XSD + "dateTime")
    }
    assert values(said, trial, "dcterms:isPartOf") == {f"<{RESOURCE}dataset/2026-10-01>"}
