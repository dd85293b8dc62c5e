"""The report: the same in any order, readable, and RDF that others can read."""

import io
import json

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialgraph.errors import NonconformanceError
from trialgraph.terms import line, parse_line
from trialgraph.validation import ValidationReport, ValidationResult
from trialgraph.validation.property_paths import parse_path, path_text, path_triples, read_path
from trialgraph.validation.shacl_terms import INFO, VIOLATION, WARNING, component

ARM, TRIAL = "<https://w3id.org/trialgraph/id/NCT00000001/arm/1>", "<https://w3id.org/trialgraph/id/NCT00000001>"
LABEL = "<http://www.w3.org/2000/01/rdf-schema#label>"
RESULTS = [
    ValidationResult(ARM, LABEL, None, component("MinCount"), "<urn:ArmShape>", VIOLATION, ('"an arm has a label"',)),
    ValidationResult(ARM, None, ARM, component("Or"), "_:shapes-1", INFO, ('"odd"', '"merkwürdig"@de')),
    ValidationResult(TRIAL, f"{LABEL}/^<urn:p>", '"x"', component("Pattern"), "<urn:S>", WARNING, ('"not so"',)),
    ValidationResult(TRIAL, None, TRIAL, component("SPARQL"), "<urn:S>", VIOLATION, ('"a rule"',), "<urn:rule>"),
]


@given(st.permutations(RESULTS))
def test_the_order_given_does_not_matter(results):
    assert ValidationReport.of(results) == ValidationReport.of(RESULTS)


def test_text_is_for_a_curator():
    assert (
        ValidationReport.of(RESULTS).text()
        == """2 violations, 1 warning, 1 info at 2 nodes.

<https://w3id.org/trialgraph/id/NCT00000001/arm/1>
  Violation: an arm has a label
    at rdfs:label
  Info: odd; merkwürdig

<https://w3id.org/trialgraph/id/NCT00000001>
  Violation: a rule
  Warning: not so
    at rdfs:label/^<urn:p>: "x\""""
    )


def test_json_is_json():
    report = ValidationReport.of(RESULTS).to_json()
    assert json.loads(json.dumps(report)) == report
    assert report["counts"] == {"Violation": 2, "Warning": 1, "Info": 1}
    assert [len(result) for result in report["results"]] == [6, 6, 7, 7]


def test_only_violations_raise():
    ValidationReport.of(r for r in RESULTS if r.severity != VIOLATION).raise_for_results()
    with pytest.raises(NonconformanceError, match="an arm has a label") as raised:
        ValidationReport.of(RESULTS).raise_for_results()
    assert raised.value.violations == 2
    assert "merkwürdig" not in str(raised.value)


def test_rdf_is_read_by_others_and_holds_every_result():
    triples = ValidationReport.of(RESULTS).to_triples()
    text = "".join(line(triple) for triple in triples)
    assert [parse_line(row)[0] for row in text.splitlines()] == triples
    store = ox.Store()
    store.load(io.BytesIO(text.encode()), ox.RdfFormat.N_TRIPLES)
    query = """PREFIX sh: <http://www.w3.org/ns/shacl#>
        SELECT (COUNT(DISTINCT ?result) AS ?all) (COUNT(?path) AS ?paths) (SAMPLE(?conforms) AS ?no) WHERE {
            ?report a sh:ValidationReport ; sh:conforms ?conforms ; sh:result ?result .
            ?result a sh:ValidationResult ; sh:focusNode ?focus ; sh:resultSeverity ?severity ;
                sh:sourceConstraintComponent ?component ; sh:sourceShape ?shape .
            OPTIONAL { ?result sh:resultPath ?path } }"""
    (row,) = store.query(query)
    assert [row[name].value for name in ("all", "paths", "no")] == ["4", "2", "false"]


steps = st.sampled_from([f"<urn:{name}>" for name in "pqr"])
paths = st.recursive(
    steps,
    lambda inner: st.one_of(
        inner.map("^({})".format),
        st.tuples(inner, st.sampled_from("*+?")).map(lambda pair: "({}){}".format(*pair)),
        st.lists(inner, min_size=2, max_size=3).map(lambda many: "/".join(f"({step})" for step in many)),
        st.lists(inner, min_size=2, max_size=3).map(lambda many: "|".join(f"({step})" for step in many)),
    ),
    max_leaves=6,
)


@given(paths)
def test_a_path_survives_text_and_rdf(text):
    path = parse_path(text)
    assert parse_path(path_text(path)) == path
    node, triples = path_triples(path, "_:path")

    def objects(subject, predicate):
        return [o for s, p, o in triples if (s, p) == (subject, predicate)]

    assert read_path(node, objects, "<urn:shape>") == path


@pytest.mark.parametrize("text", ["", "p", "<p", "<p>/", "(<p>", "<p>)", "<p><q>", "^", "*"])
def test_what_is_no_path_is_refused(text):
    with pytest.raises(ValueError, match="not a property path"):
        parse_path(text)
