"""Where an engine meets a statement in each of two graphs, a query is changed so that it counts once, or is refused."""

import random
from collections import Counter

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.query_printer import Printer

from trialgraph.errors import QuerySyntaxError
from trialgraph.query.text.distinct_patterns import each_once
from trialgraph.sparql.edits import edited
from trialgraph.sparql.parser import parse

BASE = "http://e.org/"
GRAPHS = [ox.NamedNode("http://g.org/one"), ox.NamedNode("http://g.org/two")]
SHARED = "http://e.org/q"


def statements():
    """Return random statements over the terms of the printer, those with one predicate in both graphs."""
    drawn = random.Random(7)  # noqa: S311
    things = [ox.NamedNode(BASE + name) for name in ("p", "q", "x/y", "x/p.q", "f/p", "", "s/p")]
    values = [*things, ox.Literal(1), ox.Literal("s"), ox.Literal(True), ox.BlankNode("b")]
    predicates = [*things, ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")]
    found = (ox.Triple(drawn.choice(things), drawn.choice(predicates), drawn.choice(values)) for _ in range(60))
    return [*dict.fromkeys(found)]  # one drawn twice would be in both graphs, whatever its predicate


@pytest.fixture(scope="module")
def stores():
    """Return a store with two graphs that share statements, and one with their merge."""
    twice, merge = ox.Store(), ox.Store()
    for number, triple in enumerate(statements()):
        is_shared = triple.predicate.value == SHARED
        for graph in GRAPHS if is_shared else [GRAPHS[number % 2]]:
            twice.add(ox.Quad(*triple, graph))
        merge.add(ox.Quad(*triple))
    return twice, merge


def counted(results):
    if isinstance(results, ox.QuerySolutions):
        names = [variable.value for variable in results.variables]
        return names, Counter(tuple(str(row[name]) for name in names) for row in results)
    return bool(results) if isinstance(results, ox.QueryBoolean) else len(set(results))


def changed(text, may_meet):
    query = parse(text)
    edits = each_once(query, may_meet)
    return None if edits is None else edited(query.text, edits)


COUNTS = [
    "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
    "SELECT (COUNT(*) AS ?n) { ?s <q> ?o }",
    "SELECT (COUNT(?s) AS ?n) { ?s <q>/<q> ?o ; a ?c }",
    "SELECT (COUNT(?s) AS ?n) { ?s ^<q>/<p> ?o OPTIONAL { ?o <q> ?x } }",
    "SELECT ?s (COUNT(?o) AS ?n) { { ?s <q> ?o } UNION { ?s <p> ?o } } GROUP BY ?s",
    "SELECT ?s { VALUES ?s { <p> <q> <p> } ?s <q> ?o }",
    "SELECT ?s { ?s <q> [] ; <q> _:b . _:b <q> ?o }",
    "SELECT ?s { ?s <q> ?o . ?s <p> ?z MINUS { ?s <q> <p> } FILTER EXISTS { ?s <q> ?v } }",
    "SELECT * { <p> <q> <q> . ?s <q> ?o BIND(STR(?o) AS ?t) { SELECT ?x { ?x <q> ?y } } }",
    "SELECT ?s { GRAPH ?g { ?s <q> ?o } ?s <q> ?o }",
    "SELECT ?s { ?s <f/p>* ?z ; <q> ?o . FILTER(?s != <p>) }",
    "ASK { <p> <q> ?o }",
    "CONSTRUCT { ?s <u:p> ?o } WHERE { ?s <q> ?o }",
]
CANNOT = [
    "SELECT * { ?s <q>|<p> ?o }",
    "SELECT * { ?s !<p> ?o }",
    "SELECT * { ?s <q>+/<p> ?o }",
    "SELECT * { ?s <q> (1 2) }",
    "SELECT (COUNT(*) AS ?n) { [] <q> [] }",
    "SELECT * { ?s <q> _:b FILTER(?s != 1) _:b <p> ?o }",
    "CONSTRUCT WHERE { ?s <q> ?o } LIMIT 1",
]


@pytest.mark.parametrize("text", COUNTS)
@pytest.mark.parametrize("is_known", [True, False])
def test_a_statement_of_two_graphs_counts_once(stores, text, is_known):
    twice, merge = stores
    said = changed(text.replace("SELECT", f"BASE <{BASE}> SELECT", 1), meets if is_known else lambda _p, _o: True)
    if "GRAPH" in text:
        assert said.count("DISTINCT") == 1
        return
    if said is None:
        assert ("*" in text, is_known) == (True, False)
        return
    expected = counted(merge.query(text, base_iri=BASE))
    assert counted(twice.query(said, base_iri=BASE, default_graph=GRAPHS)) == expected


def meets(predicate, _value):
    return predicate in {"", SHARED}


@pytest.mark.parametrize("text", CANNOT)
def test_what_cannot_be_said_is_not(text):
    assert changed(f"BASE <{BASE}> {text}", meets) is None


def test_what_meets_no_shared_statement_stays():
    assert changed(f"BASE <{BASE}> SELECT * {{ ?s <p>|<f/p> ?o ; a <q> }}", meets).endswith("; a <q> }")


@given(st.integers(0, 10**9), st.booleans())
@settings(max_examples=600, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_random_queries_have_the_answers_of_the_merge(stores, seed, is_known):
    twice, merge = stores
    text = Printer(seed).text([" "])
    try:
        query = parse(text)
    except QuerySyntaxError:
        return
    if query.sources or query.volatile or any(word in text.upper() for word in ("GRAPH", "LIMIT", "OFFSET", "FROM")):
        return
    said = changed(text, meets if is_known else lambda _p, _o: True)
    if said is not None:
        try:
            expected = counted(merge.query(text, base_iri=BASE))
        except SyntaxError:
            return
        assert counted(twice.query(said, base_iri=BASE, default_graph=GRAPHS)) == expected, said
