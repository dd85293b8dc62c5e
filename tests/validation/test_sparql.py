"""SPARQL-based constraints: one query for all focus nodes gives what pySHACL finds node by node."""

import pytest
from tests.validation.selecting import selector

from trialgraph.errors import ShapeError
from trialgraph.terms import TRUE, parse_line
from trialgraph.validation import read_shapes, sparql_constraints, validate
from trialgraph.validation.shape_parser import read_turtle

HEAD = """@prefix : <https://example.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
:prefixes sh:declare [ sh:prefix "" ; sh:namespace "https://example.org/" ] .
"""
DATA = (
    HEAD
    + """
:Dog rdfs:subClassOf :Animal .
:a a :Dog ; :age 3 ; :name "Ann" ; :likes :b , :c .
:b a :Animal ; :age 5 ; :name "Ann" , "Bea" ; :likes :b .
:c a :Animal ; :age 7 ; :likes :a , :d .
:d a :Stone ; :age 900 ; :likes :c .
"""
)

SAME = {
    "a filter": "SELECT $this ?value WHERE { $this :age ?value FILTER (?value > 4) }",
    "a filter before the pattern": "SELECT $this WHERE { FILTER ($this = :a || ?v > 6) $this :age ?v }",
    "not exists": "SELECT $this WHERE { $this :age ?any FILTER NOT EXISTS { $this :name ?name } }",
    "not exists with a filter inside": """SELECT $this WHERE {
        ?x :likes $this FILTER NOT EXISTS { ?y :likes ?z FILTER (?z = $this && ?y = $this) } }""",
    "exists inside a group of its own": """SELECT $this ?x WHERE {
        $this :age ?any . { ?x :age ?n FILTER EXISTS { ?x :likes $this } } }""",
    "optional": "SELECT $this WHERE { $this :age ?age OPTIONAL { $this :name ?name } FILTER (!bound(?name)) }",
    "optional with a test of $this": """SELECT $this ?value WHERE {
        $this :age ?age OPTIONAL { ?value :likes ?x FILTER (?x = $this) } FILTER (bound(?value)) }""",
    "a union": """SELECT $this ?value WHERE {
        { $this :likes ?value FILTER ($this = ?value) }
        UNION { ?value :likes ?c FILTER (?c = $this && ?value = :d) } }""",
    "bind inside a group": "SELECT $this ?value WHERE { { BIND ($this AS ?that) } ?that :likes ?value }",
    "bind before the pattern inside a group": """SELECT $this ?value WHERE {
        { BIND ($this AS ?that) $this :likes ?value } FILTER (?that = ?value) }""",
    "a sub-select that counts": """SELECT $this WHERE {
        { SELECT $this (COUNT(?name) AS ?n) WHERE { $this :name ?name } GROUP BY $this } FILTER (?n > 1) }""",
    "groups": "SELECT $this WHERE { $this :likes ?x } GROUP BY $this HAVING (COUNT(?x) > 1)",
    "a path given": "SELECT $this (:age AS ?path) ?value WHERE { $this :age ?value FILTER (?value < 4) }",
    "keywords in text and names": """SELECT $this WHERE {  # LIMIT {
        $this :age ?value . FILTER ("{ LIMIT $this }" != '}' && ?value != <https://example.org/LIMIT>) }""",
    "comparisons without blanks": "SELECT $this WHERE {$this :age ?value FILTER(4<?value&&?value>$this||?value>4)}",
    "a sub-select that computes with $this": """SELECT $this WHERE {
        { SELECT $this (STR($this) AS ?name) WHERE { ?x :likes $this } } FILTER (STRENDS(?name, "a")) }""",
    "a sub-select that computes before it is bound": """SELECT $this WHERE {
        { SELECT $this ?x (STR($this) AS ?name) WHERE { ?x :age 5 } } FILTER (STRENDS(?name, "a")) }""",
    "a sub-select with having": """SELECT $this WHERE {
        { SELECT $this WHERE { $this :likes ?x } GROUP BY $this HAVING (COUNT(?x) > 1 && STR($this) != "") } }""",
    "distinct": "SELECT DISTINCT $this WHERE { $this :likes ?x . ?x :age ?y }",
}

REFUSED = {
    "limit": ("SELECT $this WHERE { $this :age ?x } LIMIT 1", "LIMIT"),
    "offset in a sub-select": ("SELECT $this WHERE { { SELECT $this { $this :age ?x } OFFSET 1 } }", "OFFSET"),
    "all variables": ("SELECT * WHERE { $this :age ?x }", "must name"),
    "no focus node": ("SELECT ?x WHERE { $this :age ?x }", "must name"),
    "groups without the focus node": (
        "SELECT $this (COUNT(?y) AS ?n) WHERE { $this :age ?y } GROUP BY ?x",
        "neither grouped by",
    ),
    "an aggregate over all": ("SELECT (COUNT($this) AS ?n) ?this WHERE { $this :age ?y }", "neither grouped by"),
    "minus": ("SELECT $this WHERE { $this :age ?x MINUS { $this :name ?y } }", "MINUS"),
    "values": ("SELECT $this WHERE { $this :age ?x VALUES ?x { 1 } }", "VALUES"),
    "service": ("SELECT $this WHERE { SERVICE <https://example.org/> { $this :age ?x } }", "SERVICE"),
    "the path at a node shape": ("SELECT $this WHERE { $this $PATH ?x }", "PATH"),
    "the current shape": ("SELECT $this WHERE { $currentShape :age ?x . $this :age ?x }", "currentShape"),
    "a new focus node": ("SELECT ?this WHERE { ?x :age ?y BIND (?x AS ?this) }", "cannot be assigned"),
    "a new focus node of groups": ("SELECT $this { ?x :age ?y } GROUP BY (STR(?x) AS ?this)", "cannot be assigned"),
    "no select": ("ASK { $this :age ?x }", "is a SELECT"),
    "the path in a filter": ("SELECT $this { $this ?p ?x FILTER ($PATH = ?p) }", "PATH"),
    "braces": ("SELECT $this WHERE { $this :age ?x } }", "one } too many"),
}


def _turtle(tmp_path, name, text):
    file = tmp_path / f"{name}.ttl"
    file.write_text(text)
    return list(read_turtle(file))


def _shape(tmp_path, select, more="sh:targetClass :Animal"):
    rule = f'sh:sparql [ sh:prefixes :prefixes ; sh:message "{{$this}} is not so" ; sh:select """{select}""" ]'
    return read_shapes(_turtle(tmp_path, "shapes", HEAD + f":S {more} ; {rule} ."))


def _both(tmp_path, shapes, data=DATA):
    triples = _turtle(tmp_path, "data", data)
    fast = validate(triples, shapes, engine="fast", select=selector(triples))
    assert fast == validate(triples, shapes)
    return fast


@pytest.mark.parametrize("name", SAME)
def test_one_query_finds_what_many_find(tmp_path, name):
    report = _both(tmp_path, _shape(tmp_path, SAME[name]))
    assert len(report.results) > 0
    assert {r.focus_node for r in report.results} <= {f"<https://example.org/{letter}>" for letter in "abc"}


@pytest.mark.parametrize("name", REFUSED)
def test_what_would_mean_something_else_is_refused(tmp_path, name):
    select, reason = REFUSED[name]
    with pytest.raises(ShapeError, match=reason):
        sparql_constraints(_shape(tmp_path, select))


TARGETS = {
    "nodes": "sh:targetNode :a , :d , :nowhere",
    "subjects": "sh:targetSubjectsOf :name",
    "objects": "sh:targetObjectsOf :likes",
    "a class, a node and subjects": "sh:targetClass :Dog ; sh:targetNode :d ; sh:targetSubjectsOf :name",
    "nothing, deactivated": "sh:targetClass :Animal ; sh:deactivated true",
}


@pytest.mark.parametrize("name", TARGETS)
def test_every_kind_of_target(tmp_path, name):
    report = _both(tmp_path, _shape(tmp_path, "SELECT $this ?value WHERE { $this :age ?value }", TARGETS[name]))
    assert report.conforms == ("deactivated" in TARGETS[name])


def test_a_path_of_a_property_shape_stands_for_itself(tmp_path):
    select = "SELECT $this ?value WHERE { $this $PATH ?value FILTER (?value > 4) }"
    more = "sh:path ( [ sh:alternativePath ( :likes [ sh:inversePath :likes ] ) ] :age ) ; sh:targetClass :Dog"
    report = _both(tmp_path, _shape(tmp_path, select, more))
    assert {r.path for r in report.results} == {
        "(<https://example.org/likes>|^<https://example.org/likes>)/<https://example.org/age>"
    }


def test_a_property_of_a_node_shape_has_its_focus_nodes(tmp_path):
    text = """:S sh:targetClass :Dog ; sh:property :P . :T sh:targetNode :c ; sh:property :P .
        :P sh:path :likes ; sh:severity sh:Warning ; sh:sparql [ sh:prefixes :prefixes ;
            sh:select "SELECT $this ?value WHERE { $this $PATH ?value . ?value :age ?age FILTER (?age > 4) }" ] ."""
    report = _both(tmp_path, read_shapes(_turtle(tmp_path, "shapes", HEAD + text)))
    assert len(report.results) == 3


def test_a_rule_that_is_reached_otherwise_is_refused(tmp_path):
    rule = "sh:sparql [ sh:select 'SELECT $this WHERE { $this ?p ?o }' ]"
    for way in (f"sh:node [ {rule} ]", f"sh:property [ sh:path :p ; sh:property [ sh:path :q ; {rule} ] ]"):
        shapes = read_shapes(_turtle(tmp_path, "shapes", HEAD + f":S sh:targetClass :Animal ; {way} ."))
        with pytest.raises(ShapeError, match="only the reference engine runs it"):
            sparql_constraints(shapes)


def test_a_blank_node_cannot_be_named_in_a_query(tmp_path):
    shapes = _shape(tmp_path, "SELECT $this WHERE { $this :age ?x }", "sh:targetNode _:x")
    with pytest.raises(ShapeError, match="blank node"):
        sparql_constraints(shapes)


def test_messages_are_filled_from_the_row(tmp_path):
    text = """:S sh:targetNode :a ; sh:sparql [ sh:prefixes :prefixes ;
        sh:message "{?this} has the age {$age} and {?none}"@en , "{?age}" ;
        sh:select "SELECT $this ?age WHERE { $this :age ?age }" ] ."""
    (constraint,) = sparql_constraints(read_shapes(_turtle(tmp_path, "shapes", HEAD + text)))
    (result,) = constraint.results(selector(_turtle(tmp_path, "data", DATA))(constraint.query))
    assert result.messages == ('"3"', '"https://example.org/a has the age 3 and {?none}"@en')
    (result,) = constraint.results([{"this": "<urn:x>", "message": '"so"'}])
    assert result.messages == ('"so"',)


def test_a_failure_is_one(tmp_path):
    (constraint,) = sparql_constraints(_shape(tmp_path, "SELECT $this ?failure WHERE { $this :age ?failure }"))
    subject = parse_line("<https://example.org/a> <https://example.org/p> <https://example.org/b> .")[0][0]
    assert len(constraint.results([{"this": subject}, {"this": subject}])) == 1
    with pytest.raises(ShapeError, match="failure"):
        constraint.results([{"this": subject, "failure": TRUE}])
