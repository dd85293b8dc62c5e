"""Shapes that are not well-formed are refused, with the shape and the clause."""

import re

import pytest

from trialgraph.errors import ShapeError
from trialgraph.validation import compile_shapes, read_shapes, validate

HEAD = """@prefix : <https://example.org/> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""

ILL_FORMED = {
    "a misspelt term": (":S a sh:NodeShape ; sh:minCont 1 .", ":S.*sh:minCont: not a term"),
    "a misspelt target": (":S a sh:NodeShape ; sh:targetclass :C .", "sh:targetclass: not a term"),
    "two paths": (":S sh:path :p , :q ; sh:targetNode :x .", "sh:path: given 2 times"),
    "two minimal counts": (":S sh:path :p ; sh:targetNode :x ; sh:minCount 1 , 2 .", "sh:minCount: given 2 times"),
    "a count at a node shape": (":S a sh:NodeShape ; sh:maxCount 1 .", "sh:maxCount: only for property shapes"),
    "a count that is text": (
        ':S sh:path :p ; sh:targetNode :x ; sh:minCount "1" .',
        "sh:minCount:.* not an xsd:integer",
    ),
    "a property shape without a path": (":S a sh:PropertyShape ; sh:class :C .", "sh:path: a property shape has"),
    "a node shape with a path": (":S a sh:NodeShape ; sh:path :p .", "sh:path: a node shape has none"),
    "a property without a path": (":S a sh:NodeShape ; sh:property [ sh:class :C ] .", "sh:property:.* no sh:path"),
    "a path at sh:node": (":S a sh:NodeShape ; sh:node [ sh:path :p ] .", "sh:node:.* no node shape"),
    "a path of nothing": (":S sh:path [ :p :q ] ; sh:targetNode :x .", "sh:path:.* no kind of property path"),
    "a literal as path": (':S sh:path "p" ; sh:targetNode :x .', "sh:path:.* not a property path"),
    "a path through itself": (":S sh:path _:p ; sh:targetNode :x . _:p sh:inversePath _:p .", "not a property path"),
    "a sequence of one": (":S sh:path ( :p ) ; sh:targetNode :x .", "at least two members"),
    "a list without end": (":S a sh:NodeShape ; sh:in _:l . _:l rdf:first 1 ; rdf:rest _:l .", "sh:in:.*RDF list"),
    "an empty choice": (":S a sh:NodeShape ; sh:or () .", "sh:or: the list of shapes is empty"),
    "a node kind of its own": (":S a sh:NodeShape ; sh:nodeKind sh:Iri .", "sh:nodeKind:.* none of the six"),
    "a class that is text": (':S a sh:NodeShape ; sh:class "C" .', "sh:class:.* not an IRI"),
    "a literal as shape": (':S a sh:NodeShape ; sh:not "x" .', "a literal cannot be a shape"),
    "a limit that is no literal": (":S a sh:NodeShape ; sh:minInclusive :one .", "sh:minInclusive:.* not a literal"),
    "a message that is an IRI": (":S a sh:NodeShape ; sh:message :m .", "sh:message:.* not text"),
    "a target class that is text": (':S sh:targetClass "C" .', "sh:targetClass:.* not an IRI"),
    "a shape in itself": (":S a sh:NodeShape ; sh:property [ sh:path :p ; sh:node :S ] .", "refers to itself: .*:S"),
    "a shape that is not there": (":S a sh:NodeShape ; sh:node :Missing .", "Missing>: .*:S refers to it"),
    "a rule without a query": (":S a sh:NodeShape ; sh:sparql [ sh:message 'x' ] .", "0 sh:select, exactly one"),
    "one prefix twice": (
        """:S a sh:NodeShape ; sh:sparql [ sh:prefixes :P ; sh:select 'SELECT $this {}' ] .
        :P sh:declare [ sh:prefix 'a' ; sh:namespace 'https://a.org/' ] ,
            [ sh:prefix 'a' ; sh:namespace 'https://b.org/' ] .""",
        "two namespaces for the prefix a:",
    ),
    "not Turtle": (":S a sh:NodeShape ,", "not Turtle"),
}

NOT_IN_THE_FAST_PATH = {
    "a pattern that does not compile": (':S a sh:NodeShape ; sh:pattern "(" .', "sh:pattern"),
    "a category in a pattern": (':S a sh:NodeShape ; sh:pattern "^\\\\p{Lu}" .', "write the classes out"),
    "a look ahead": (':S a sh:NodeShape ; sh:pattern "^a(?!b)" .', "what XPath lacks"),
    "flags in a group": (':S a sh:NodeShape ; sh:pattern "(?i)a" .', "what XPath lacks"),
    "the end of a word": (':S a sh:NodeShape ; sh:pattern "a\\\\b" .', "what XPath lacks"),
    "a class subtraction": (':S a sh:NodeShape ; sh:pattern "[a-z-[aeiou]]" .', "write the classes out"),
    "an unknown flag": (':S a sh:NodeShape ; sh:pattern "a" ; sh:flags "z" .', "only i, m, s, x and q"),
}


def _read(tmp_path, text):
    file = tmp_path / "shapes.ttl"
    file.write_text(HEAD + text)
    return read_shapes(file)


@pytest.mark.parametrize("name", ILL_FORMED)
def test_ill_formed_shapes_are_refused(tmp_path, name):
    text, reason = ILL_FORMED[name]
    with pytest.raises(ShapeError, match=reason.replace(":S", re.escape("<https://example.org/S>"))):
        _read(tmp_path, text)


@pytest.mark.parametrize("name", NOT_IN_THE_FAST_PATH)
def test_the_fast_path_refuses_what_it_would_read_otherwise(tmp_path, name):
    text, reason = NOT_IN_THE_FAST_PATH[name]
    shapes = _read(tmp_path, ":T sh:targetNode :x ; sh:node :S . " + text)
    with pytest.raises(ShapeError, match=reason):
        compile_shapes(shapes)


def test_a_folder_is_read_whole_and_always_the_same(tmp_path):
    (tmp_path / "b.ttl").write_text(HEAD + ":B a sh:NodeShape ; sh:property [ sh:path :p ; sh:minCount 1 ] .")
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "c d.ttl").write_text(HEAD + ":C a sh:NodeShape ; sh:not [ sh:class :D ] .")
    shapes = read_shapes(tmp_path)
    assert list(shapes.by_name) == ["_:c-d-1", "<https://example.org/C>", "_:b-1", "<https://example.org/B>"]
    assert read_shapes(tmp_path) == shapes


def test_a_message_of_our_own_says_the_condition(tmp_path):
    shapes = _read(tmp_path, ":S sh:path :p ; sh:targetNode :x ; sh:minCount 1 ; sh:nodeKind sh:BlankNodeOrIRI .")
    (result,) = compile_shapes(shapes).check([])
    assert result.messages == ('"there must be at least 1 of it"',)
    (result,) = compile_shapes(shapes).check([("<https://example.org/x>", "<https://example.org/p>", '"v"')])
    assert result.messages == ('"the value must be an IRI or a blank node"',)


def test_the_reference_refuses_what_it_cannot_run(tmp_path):
    data = [("<https://example.org/x>", "<https://example.org/p>", '"v"')]
    for text in (
        ':S sh:targetNode :x ; sh:sparql [ sh:select "SELECT $this WHERE { $this" ] .',
        ':S sh:targetNode :x ; sh:pattern "(" .',
    ):
        with pytest.raises(ShapeError, match="pySHACL"):
            validate(data, _read(tmp_path, text))


def test_counts_that_contradict_each_other_are_both_judged(tmp_path):
    shapes = _read(tmp_path, ":S sh:targetNode :x ; sh:path :p ; sh:minCount 2 ; sh:maxCount 1 ; sh:minLength 1 .")
    (result,) = compile_shapes(shapes).check([("<https://example.org/x>", "<https://example.org/p>", '"v"')])
    assert result.messages == ('"there must be at least 2 of it"',)
