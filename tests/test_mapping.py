"""The map between record and graph: whole, exact, the same every time."""

import gzip
import itertools
import json
import re
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from trialgraph import formats, terms, vocabulary
from trialgraph.errors import MappingError, UnmappableRecord
from trialgraph.mapping import ABSENT, Change, Plan, changes, context, raw_shapes, shared_query, shared_triples
from trialgraph.mapping.field_tree import Elements, Values
from trialgraph.mapping.mesh_terms import MeshFacts
from trialgraph.settings import packaged
from trialgraph.validation import compile_shapes, read_shapes, validate

CASES = sorted((Path(__file__).parent / "cases" / "mapping").iterdir())
SHARED = Path(__file__).parents[2] / "shared"
TG = vocabulary.ONTOLOGY + "#"


def ontology():
    for file in sorted(packaged("ontology").glob("*.ttl")):
        yield from (triple for triple, _ in terms.parse(file.read_bytes(), formats.TURTLE.oxigraph))


ONTOLOGY = list(ontology())
PLAN, AGAIN = Plan.compile(ONTOLOGY), Plan.compile(reversed(ONTOLOGY))
FIELDS = {path: leaf for path, leaf in PLAN.tree.leaves.items() if not isinstance(leaf, Elements)}
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the folder ../shared with real records is absent")


def exact(value):
    """JSON text: unlike ==, it tells 1 from 1.0 and from True."""
    return json.dumps(value, sort_keys=True)


def through_store(triples):
    store = ox.Store()
    text = "".join(terms.sorted_lines(triples, f"<{vocabulary.Graph.REGISTRY}>"))
    store.bulk_load(text.encode(), ox.RdfFormat.N_QUADS)
    return [
        (terms.from_oxigraph(quad.subject), terms.from_oxigraph(quad.predicate), terms.from_oxigraph(quad.object))
        for quad in store
    ]


def minimal(number=1, **sections):
    return {"protocolSection": {"identificationModule": {"nctId": f"NCT{number:08d}"}}, **sections}


# ---- Cases: one record, the graph it must become ----


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case_becomes_the_expected_graph_and_comes_back(case):
    record = json.loads((case / "record.json").read_text())
    triples = PLAN.to_triples(record)
    expected = {triple for triple, _ in terms.parse((case / "expected.ttl").read_bytes(), formats.TURTLE.oxigraph)}
    assert set(triples) == expected
    assert exact(PLAN.to_record(through_store(triples))) == exact(record)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case_conforms_to_the_raw_shapes_under_both_engines(case):
    triples = PLAN.to_triples(json.loads((case / "record.json").read_text()))
    shapes = read_shapes(packaged("shapes") / "registry.ttl")
    reports = [validate(triples, shapes, engine=engine) for engine in ("reference", "fast")]
    severities = {result.severity for report in reports for result in report.results}
    assert "<http://www.w3.org/ns/shacl#Violation>" not in severities
    assert bool(severities) == (case.name in ("dates", "unmapped"))


# ---- All real records ----


@pytest.fixture(scope="module")
def real_records():
    with gzip.open(SHARED / "records" / "ctgov-v2.jsonl.gz") as file:
        return [json.loads(line) for line in file]


@needs_shared
@pytest.mark.slow
def test_all_real_records_come_back_and_nothing_in_them_but_one_old_key_is_unmapped(real_records):
    unmapped = set()
    for record in real_records:
        triples = PLAN.to_triples(record)
        assert exact(PLAN.to_record(reversed(triples))) == exact(record)
        assert len(set(triples)) == len(triples)
        unmapped |= {terms.lexical(object_) for _, predicate, object_ in triples if predicate == f"<{TG}jsonPointer>"}
    assert len(real_records) == 1420
    assert unmapped == {"/derivedSection/miscInfoModule/modelPredictions"}


@needs_shared
@pytest.mark.slow
def test_everything_that_real_records_point_at_has_a_label_and_every_date_its_days(real_records):
    mesh = MeshFacts()
    for record in real_records:
        mesh.add(record)
    named = {subject for subject, predicate, _ in mesh.triples() if predicate == terms.RDFS_LABEL}
    named |= {subject for subject, predicate, _ in ONTOLOGY if predicate == terms.RDFS_LABEL}
    # Conditions and organizations have their names in their IRIs; `shared_triples` labels them.
    shared = tuple(f"<{vocabulary.RESOURCE}{kind}/" for kind in ("condition", "organization"))
    for record in real_records:
        triples = PLAN.to_triples(record)
        labelled = {subject for subject, predicate, _ in triples if predicate == terms.RDFS_LABEL}
        found = {object_ for _, _, object_ in triples if object_.startswith("<") and not object_.startswith(shared)}
        assert found <= labelled | named, found - labelled - named
        days = {
            (subject, predicate.removesuffix("Earliest>"))
            for subject, predicate, _ in triples
            if "Earliest" in predicate
        }
        dates = {
            (s, p[:-1])
            for s, p, o in triples
            if re.match(r'"[12]\d{3}(-\d\d){0,2}"\^\^<[^>]*#(date|gYear|gYearMonth)>', o)
            and not re.search("liest>$|test>$|Year>$", p)
        }
        assert dates <= days, dates - days


@needs_shared
def test_real_records_come_back_from_a_store(real_records):
    for record in real_records[::24]:
        assert exact(PLAN.to_record(through_store(PLAN.to_triples(record)))) == exact(record)


@needs_shared
@pytest.mark.slow
def test_all_real_records_conform_to_the_raw_shapes(real_records):
    checker = compile_shapes(read_shapes(packaged("shapes") / "registry.ttl"))
    results = [result for record in real_records for result in checker.check(PLAN.to_triples(record))]
    assert {(result.path, result.severity.rsplit("#", 1)[-1]) for result in results} == {(f"<{TG}unmapped>", "Info>")}


# ---- Laws ----

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(TEXT, inside, max_size=3),
    max_leaves=6,
)
DATES = st.sampled_from(["2024-02-29", "2023-02-29", "1999-12", "2001", "0000", "2024-13", "2024-1-1", "٢٠٢٤", ""])
FITTING = {
    "string": TEXT,
    "boolean": st.booleans(),
    "integer": st.integers(),
    "decimal": st.floats(allow_nan=False, allow_infinity=False) | st.integers(),
    "date": DATES,
    "PartialDate": DATES,
}
NCT = "protocolSection.identificationModule.nctId"


def fitting(leaf):
    if leaf.declared.scheme:
        one = st.sampled_from([concept.notation for concept in leaf.declared.scheme.literals])
    else:
        one = FITTING[leaf.declared.range.rsplit("#", 1)[-1]]
    return st.lists(one, min_size=1, max_size=5) if isinstance(leaf, Values) else one


def put(record, path, value, indexes):
    """Set a field; arrays grow as needed. Leaves the record alone where something else stands in the way."""
    target = record
    *around, last = path.removesuffix("[]").split(".")
    for token in around:
        key = token.removesuffix("[]")
        below = target.setdefault(key, [] if token.endswith("[]") else {})
        if token.endswith("[]") and isinstance(below, list):
            index = next(indexes)
            below.extend({} for _ in range(index + 1 - len(below)))
            below = below[index]
        if not isinstance(below, dict):
            return
        target = below
    target[last] = value


@st.composite
def records(draw):
    record = minimal(draw(st.integers(0, 99_999_999)))
    indexes = itertools.cycle(draw(st.lists(st.integers(0, 2), min_size=1, max_size=7)))
    for path in draw(st.lists(st.sampled_from(sorted(set(PLAN.tree.leaves) - {NCT})), max_size=14)):
        leaf = PLAN.tree.leaves[path]
        odd = isinstance(leaf, Elements) or draw(st.integers(0, 4)) == 0
        value = draw(JSON | st.lists(JSON, max_size=3)) if odd else draw(fitting(leaf))
        put(record, path, value, indexes)
    for path in draw(st.lists(st.sampled_from(sorted(FIELDS)), max_size=3)):
        around = path.split(".")[: draw(st.integers(0, 5))]
        inside = ".".join([*around, draw(TEXT)]).removesuffix("[]")
        if not NCT.startswith(inside):
            put(record, inside, draw(JSON), indexes)
    return record


@settings(max_examples=300, deadline=None)
@given(records())
@example(minimal(1, **{"": {"": [{}]}, "~": 0, "a/b": "\x00\x7f\ufffe"}))
def test_any_record_comes_back(record):
    triples = PLAN.to_triples(record)
    for order in (triples, triples[::-1], sorted(triples)):
        assert exact(PLAN.to_record(order)) == exact(record)
    trial = f"<{vocabulary.trial_iri(record['protocolSection']['identificationModule']['nctId'])}"
    assert all(subject in (trial + ">",) or subject.startswith(trial + "/") for subject, _, _ in triples)
    assert len(set(triples)) == len(triples)
    subjects = [subject for subject, _ in itertools.groupby(triples, key=lambda triple: triple[0])]
    assert len(subjects) == len(set(subjects)), "triples of one subject stand together"


@settings(max_examples=60, deadline=None)
@given(records())
def test_any_record_comes_back_from_a_store(record):
    assert exact(PLAN.to_record(through_store(PLAN.to_triples(record)))) == exact(record)


@settings(max_examples=60, deadline=None)
@given(records())
def test_the_graph_does_not_depend_on_the_order_of_keys_or_on_the_plan(record):
    turned = json.loads(json.dumps(record, sort_keys=True))
    assert set(PLAN.to_triples(turned)) == set(PLAN.to_triples(record))
    assert AGAIN.to_triples(record) == PLAN.to_triples(record)


@settings(max_examples=100, deadline=None)
@given(records())
def test_every_term_is_canonical_n_triples(record):
    for triple in PLAN.to_triples(record):
        line = terms.line(triple)
        assert terms.parse_line(line)[0] == triple
        (parsed,) = terms.parse(line.encode(), ox.RdfFormat.N_TRIPLES)
        assert parsed[0] == triple


@settings(max_examples=100, deadline=None)
@given(records(), records())
def test_changes_are_none_exactly_for_equal_records(old, new):
    assume("versionHolder" not in exact([old, new]))
    assert changes(old, old) == []
    assert (changes(old, new) == []) == (exact(old) == exact(new))


def test_changes_ignore_the_version_of_the_data():
    old, new = (minimal(1, derivedSection={"miscInfoModule": {"versionHolder": day}}) for day in ("2026-01-01", "x"))
    assert changes(old, new) == changes(old, minimal(1)) == []


# ---- What cannot be mapped ----


@pytest.mark.parametrize(
    "record",
    [{}, {"protocolSection": []}, {"protocolSection": {"identificationModule": {"nctId": None}}}]
    + [
        {"protocolSection": {"identificationModule": {"nctId": odd}}}
        for odd in ("NCT1", "nct00000001", "NCT00000001 ", 1, "NCT٠٠٠٠٠٠٠١")
    ],
    ids=repr,
)
def test_a_record_without_a_proper_nct_number_is_refused(record):
    with pytest.raises(UnmappableRecord) as caught:
        PLAN.to_triples(record)
    assert caught.value.field_path == NCT
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ({"briefTitle": "half \ud83d"}, "protocolSection.identificationModule.briefTitle"),
        ({"secondaryIdInfos": [{}, {"id": "\udc00"}]}, "protocolSection.identificationModule.secondaryIdInfos[1].id"),
        ({"new\ud800": 1}, "protocolSection.identificationModule.new\\ud800"),
        ({"acronym": float("nan")}, "protocolSection.identificationModule.acronym"),
    ],
)
def test_what_rdf_cannot_hold_is_refused_with_its_place(value, place):
    record = minimal(7)
    record["protocolSection"]["identificationModule"] |= value
    with pytest.raises(UnmappableRecord) as caught:
        PLAN.to_triples(record)
    assert (caught.value.nct_id, caught.value.field_path) == ("NCT00000007", place)


def test_a_depth_beyond_the_json_writer_is_refused():
    deep = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(UnmappableRecord):
        PLAN.to_triples(minimal(1, deep=deep))


def test_triples_of_two_trials_are_refused_and_foreign_triples_passed_over():
    one, other = PLAN.to_triples(minimal(1)), PLAN.to_triples(minimal(2))
    with pytest.raises(UnmappableRecord):
        PLAN.to_record(one + other)
    regimen = f"<{vocabulary.trial_iri('NCT00000001')}/arm/1/regimen/1>"
    foreign = [
        (regimen, terms.RDF_TYPE, f"<{TG}Regimen>"),
        ("<https://example.org/s>", terms.RDFS_LABEL, '"x"'),
        ("_:b", terms.RDFS_LABEL, '"x"'),
        (f"<{vocabulary.RESOURCE}condition/Asthma>", terms.RDFS_LABEL, '"Asthma"'),
    ]
    assert PLAN.to_record(foreign[1:] + one) == minimal(1)


def test_a_concept_of_another_scheme_is_refused():
    trial = f"<{vocabulary.trial_iri('NCT00000001')}>"
    with pytest.raises(UnmappableRecord):
        PLAN.to_record([(trial, f"<{TG}phase>", f"<{vocabulary.concept_iri('phase', 'PHASE1_PHASE2')}>")])


# ---- The declarations ----


def test_344_fields_and_41_enumerations_are_declared():
    assert len(FIELDS) == 344
    assert sum(bool(about.get("registryEnumeration")) for about in _about().values()) == 41


def _about():
    found = {}
    for subject, predicate, object_ in ONTOLOGY:
        found.setdefault(subject, {}).setdefault(re.split("[#/]", predicate[:-1])[-1], []).append(object_)
    return found


@needs_shared
def test_the_declared_fields_are_those_of_the_registry_with_their_types():
    types = {"string": "string", "integer": "integer", "boolean": "boolean", "number": "decimal", "enum": "Concept"}
    expected = {}
    for line in (SHARED / "registry" / "fields.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            path, type_, detail, *_ = [*line.split("\t"), ""]
            date = "PartialDate" if type_ == "string:PartialDate" else "date" if detail == "format=date" else None
            expected[path] = date or types[type_.split(":", maxsplit=1)[0]]
    assert {path: leaf.declared.range.rsplit("#", 1)[-1] for path, leaf in FIELDS.items()} == expected


@needs_shared
def test_the_enumerations_are_those_of_the_registry_in_its_order():
    enumerations = {
        iri: facts["registryEnumeration"] for iri, facts in _about().items() if "registryEnumeration" in facts
    }
    names = {terms.iri_value(iri): terms.lexical(name) for iri, (name,) in enumerations.items()}
    declared = {
        names[iri]: [concept.notation for concept in scheme.literals]
        for iri, scheme in PLAN.declarations.schemes.items()
        if iri in names
    }
    listed = json.loads((SHARED / "registry" / "enums.json").read_text())
    used = {enum["type"]: [value["value"] for value in enum["values"]] for enum in listed}
    assert declared == used


REGISTRY_SCHEMES = {
    declared.scheme.iri
    for declared in PLAN.declarations.properties.values()
    if declared.scheme and (declared.paths or declared.rule)
}


def test_every_term_has_label_and_definition_and_every_property_domain_and_range():
    about = _about()
    for subject, facts in about.items():
        kinds = {re.split("[#/]", kind[:-1])[-1] for kind in facts.get("type", [])}
        if subject.startswith(f"<{TG}") and kinds:
            assert len(facts.get("label", [])) == 1, subject
            assert len(facts.get("definition", [])) == 1, subject
            if any(kind.endswith("Property") for kind in kinds):
                assert {"domain", "range"} <= facts.keys(), subject
        if "Concept" in kinds and subject[1:-1].rpartition("/")[0] in REGISTRY_SCHEMES:
            assert {"notation", "prefLabel", "label", "definition", "inScheme"} <= facts.keys(), subject
            assert facts["prefLabel"] == facts["label"], subject


def test_iris_of_concepts_are_minted_as_the_vocabulary_mints_them():
    for iri in REGISTRY_SCHEMES:
        for concept in PLAN.declarations.schemes[iri].concepts:
            assert concept.iri == vocabulary.concept_iri(iri.rsplit("/", 1)[-1], concept.notation)


def _declared(name, *, a="DatatypeProperty", domain="Trial", range_=None, paths=(), **more):
    iri = f"<{TG}{name}>"
    facts = [
        (iri, terms.RDF_TYPE, f"<{vocabulary.PREFIXES['owl']}{a}>"),
        (iri, f"<{vocabulary.PREFIXES['rdfs']}domain>", f"<{TG}{domain}>"),
        (iri, f"<{vocabulary.PREFIXES['rdfs']}range>", f"<{range_ or terms.XSD + 'string'}>"),
    ]
    facts += [(iri, f"<{TG}registryField>", terms.string(path)) for path in paths]
    return facts + [(iri, f"<{TG}{key}>", value) for key, value in more.items()]


ARRAY = {"a": "ObjectProperty", "range_": TG + "Thing", "segment": '"thing"'}


@pytest.mark.parametrize(
    ("facts", "complaint"),
    [
        (_declared("a", paths=["x.y"]) + _declared("b", paths=["x.y"]), "is declared by"),
        (_declared("a", paths=["x.y", "x.z"]), "stand on one node"),
        (_declared("a", paths=["x"]) + _declared("b", paths=["x.y"]), "inside field x"),
        (_declared("a", paths=["x.y"]) + _declared("b", paths=["x"]), "as an object"),
        (_declared("a", paths=["x[].y"]), "not declared as an array of objects"),
        (_declared("a", domain="Arm", paths=["x"]), "its domain does not allow"),
        (_declared("a", range_=terms.XSD + "duration", paths=["x"]), "cannot have the range"),
        (_declared("a", a="ObjectProperty", range_=TG + "Thing", paths=["x[]"]), "needs a tg:segment"),
        (_declared("a", paths=["x[]"], **ARRAY) + _declared("b", paths=["y[]"], **ARRAY), "would collide"),
        (_declared("a", paths=["p.x[]"]) + _declared("b", paths=["q.x[]"]), "are called x"),
        (_declared("a", paths=["x"], scheme=f"<{vocabulary.SCHEME}none>"), "of which no concept is declared"),
        (_declared("a", paths=["x"], shortcutRule='"magic"', shortcutFrom='"x"'), "no shortcut rule 'magic'"),
        (_declared("a", shortcutRule='"copy"', shortcutFrom='"x"'), "not a declared field"),
        (_declared("b", paths=["x"]) + _declared("a", shortcutRule='"join"', shortcutFrom='"x"'), "leads to no"),
        (
            _declared("b", paths=["x"]) + _declared("a", shortcutRule='"join"', shortcutFrom='"x"', shortcutTo='"x"'),
            "leads out of the object",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_contradicting_declarations_are_refused(facts, complaint):
    with pytest.raises(MappingError, match=complaint):
        Plan.compile(facts)


def test_a_field_without_range_is_refused():
    with pytest.raises(MappingError, match="needs rdfs:domain"):
        Plan.compile([fact for fact in _declared("a", paths=["x"]) if "range" not in fact[1]])


# ---- Differences ----


def test_changes_name_fields_as_the_registry_does_and_lead_to_their_properties():
    old = minimal(1)
    new = json.loads(json.dumps(old))
    protocol = new["protocolSection"]
    protocol["statusModule"] = {"overallStatus": "COMPLETED", "startDateStruct": {"date": "2024-01"}}
    protocol["armsInterventionsModule"] = {"armGroups": [{"label": "A"}]}
    protocol["conditionsModule"] = {"conditions": ["Asthma"]}
    found = changes(old, new)
    assert found == [
        Change("protocolSection.armsInterventionsModule.armGroups", ABSENT, [{"label": "A"}]),
        Change("protocolSection.conditionsModule.conditions", ABSENT, ["Asthma"]),
        Change("protocolSection.statusModule.overallStatus", ABSENT, "COMPLETED"),
        Change("protocolSection.statusModule.startDateStruct.date", ABSENT, "2024-01"),
    ]
    assert PLAN.changes(old, new) == found
    names = [PLAN.property_of(change.field_path) for change in found]
    assert names == [TG + name for name in ("arm", "conditionName", "overallStatus", "startDate")]
    assert PLAN.property_of("protocolSection.armsInterventionsModule.armGroups[0].label") == TG + "armLabel"
    assert PLAN.property_of("protocolSection.newModule") is None


def test_changes_compare_arrays_of_objects_element_by_element():
    old = {"arms": [{"label": "A", "size": 1}, {"label": "B"}], "words": ["x", "y"]}
    new = {"arms": [{"label": "A", "size": True}, {"label": "B"}, {"label": "C"}], "words": ["y", "x"]}
    assert changes(old, new) == [
        Change("arms[0].size", 1, True),
        Change("arms[2]", ABSENT, {"label": "C"}),
        Change("words", ["x", "y"], ["y", "x"]),
    ]
    assert changes({"a": None}, {}) == [Change("a", None, ABSENT)]
    assert changes({"a": {}}, {}) == [Change("a", {}, ABSENT)]


# ---- What follows from the declarations ----


# When one of these two fails after a change of the ontology: python scripts/generated.py


def test_the_checked_in_shapes_are_those_of_the_declarations():
    assert (packaged("shapes") / "registry.ttl").read_text() == raw_shapes(PLAN.declarations, PLAN.tree)


def test_the_checked_in_context_is_that_of_the_declarations():
    assert (packaged("ontology") / "context.jsonld").read_text() == context(PLAN.declarations)


BROKEN = {
    "two titles": ("", "briefTitle", '"another"'),
    "count is no number": ("", "enrollmentCount", '"many"'),
    "no such concept": ("", "phase", f"<{vocabulary.SCHEME}phase/PHASE9>"),
    "combined concept in place of a literal": ("", "phase", f"<{vocabulary.SCHEME}phase/PHASE1_PHASE2>"),
    "arm is no node": ("", "arm", '"A"'),
    "arm is of no class": ("", "arm", "<https://example.org/arm>"),
    "second position": ("/arm/1", "position", terms.integer(0)),
    "second record": ("", "record", "<https://example.org/record>"),
}


@pytest.mark.parametrize(("place", "name", "object_"), BROKEN.values(), ids=BROKEN)
def test_the_raw_shapes_find_what_the_map_never_makes(place, name, object_):
    record = minimal(1)
    record["protocolSection"]["identificationModule"]["briefTitle"] = "one"
    record["protocolSection"]["armsInterventionsModule"] = {"armGroups": [{"label": "A"}]}
    shapes = read_shapes(packaged("shapes") / "registry.ttl")
    triples = PLAN.to_triples(record)
    assert validate(triples, shapes, engine="fast").conforms
    broken = [*triples, (f"<{vocabulary.trial_iri('NCT00000001')}{place}>", f"<{TG}{name}>", object_)]
    found = validate(broken, shapes, engine="fast").results
    severity = "Warning" if name == "phase" else "Violation"  # a registry may add values before we declare them
    assert {result.severity for result in found} == {f"<http://www.w3.org/ns/shacl#{severity}>"}
    assert all(name in result.path for result in found)


def test_the_context_reads_plain_json_as_the_map_writes_it():
    names = json.loads(context(PLAN.declarations))["@context"]
    trial = vocabulary.trial_iri("NCT00000001")
    document = {
        "@context": names,
        "id": trial,
        "type": "Trial",
        "nctId": "NCT00000001",
        "enrollmentCount": 5,
        "hasResults": False,
        "phase": vocabulary.concept_iri("phase", "PHASE3"),
        "arm": {"id": trial + "/arm/1", "type": "Arm", "armLabel": "A", "label": "A", "position": 1},
        "label": "NCT00000001",
        "record": {
            "id": trial + "/record",
            "type": "RegistryRecord",
            "label": "registry record of NCT00000001",
            "versionHolder": "2026-01-01",
            "versionHolderEarliest": "2026-01-01",
            "versionHolderLatest": "2026-01-01",
        },
    }
    record = minimal(1, hasResults=False)
    record["protocolSection"]["designModule"] = {"enrollmentInfo": {"count": 5}, "phases": ["PHASE3"]}
    record["protocolSection"]["armsInterventionsModule"] = {"armGroups": [{"label": "A"}]}
    record["derivedSection"] = {"miscInfoModule": {"versionHolder": "2026-01-01"}}
    read = {triple for triple, _ in terms.parse(json.dumps(document).encode(), ox.RdfFormat.JSON_LD)}
    made = {triple for triple in PLAN.to_triples(record) if "combinedPhase" not in triple[1]}
    assert read == made


def test_shared_things_get_type_and_label_from_the_graph():
    record = minimal(1)
    record["protocolSection"]["conditionsModule"] = {"conditions": ["a_b / c?", "Asthma"]}
    record["protocolSection"]["sponsorCollaboratorsModule"] = {
        "leadSponsor": {"name": "Übersee GmbH"},
        "collaborators": [{"name": "Asthma"}],
    }
    store = ox.Store()
    store.bulk_load("".join(map(terms.line, PLAN.to_triples(record))).encode(), ox.RdfFormat.N_TRIPLES)
    things = [row["thing"].value for row in store.query(shared_query(PLAN.declarations))]
    made = shared_triples([*things, "https://example.org/x"], PLAN.declarations)
    labels = {(subject, terms.lexical(object_)) for subject, predicate, object_ in made if "label" in predicate}
    assert {label for _, label in labels} == {"a_b / c?", "Asthma", "Übersee GmbH"}
    assert len(labels) == 4
    assert {object_ for _, predicate, object_ in made if predicate == terms.RDF_TYPE} == {
        f"<{TG}Condition>",
        f"<{TG}Organization>",
    }


@pytest.mark.parametrize("name", ["", " ", ".", ".."])
def test_an_empty_name_makes_no_shared_thing(name):
    record = minimal(1)
    record["protocolSection"]["conditionsModule"] = {"conditions": [name]}
    triples = PLAN.to_triples(record)
    assert not any(predicate == f"<{TG}condition>" for _, predicate, _ in triples)
    assert PLAN.to_record(triples) == record
