"""Another way to say a query: the same solutions, only where counts tell that it is worth it, and never an error less."""

import random

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from trialgraph.errors import QuerySyntaxError
from trialgraph.query.text import optimizer
from trialgraph.sparql.edits import edited
from trialgraph.sparql.parser import parse
from trialgraph.store import Statistics

PREFIX = "PREFIX : <http://e.org/> PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> "
TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
MANY = Statistics(
    500_000,
    {
        "http://e.org/many": (90_000, 30_000, 90_000),
        "http://e.org/more": (100_000, 100_000, 1_000),
        "http://e.org/few": (20, 20, 5),
        TYPE: (60_000, 60_000, 2),
    },
    {"http://e.org/C": 50_000, "http://e.org/D": 10},
    {"http://e.org/more": "http://www.w3.org/2001/XMLSchema#integer", "http://e.org/many": "http://e.org/other"},
)


def plan(text: str, statistics: Statistics) -> str | None:
    """Return the other query; None when there is none, or the text is no query."""
    try:
        query = parse(text)
    except QuerySyntaxError:
        return None
    edits = optimizer.plan(query, statistics)
    return edited(text, edits) if edits else None


def planned(body: str, head: str = "?a", tail: str = "") -> str | None:
    """Return what is in the outermost group of the other query."""
    text = plan(f"{PREFIX}SELECT {head} WHERE {{{body}}}{tail}", MANY)
    return text and text[text.index("WHERE {") + 7 : text.rindex("}")].strip()


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("?a :many ?b . ?b :few ?c", "?b :few ?c . ?a :many ?b ."),
        ("?a :many ?b ; :few ?c FILTER(?b > 3)", "?a :few ?c . ?a :many ?b . FILTER(?b > 3)"),
        ("?a :many/:few ?c", "?step1 :few ?c . ?a :many ?step1 ."),
        ("?a :many/^:few ?c", "?c :few ?step1 . ?a :many ?step1 ."),
        ("?a :many ?b . ?a :more ?c", "{ SELECT ?a ?b { ?a :many ?b . } } { SELECT ?a ?c { ?a :more ?c . } }"),
        ("?a a :C ; :more ?c", "{ SELECT ?a { ?a a :C . } } { SELECT ?a ?c { ?a :more ?c . } }"),
        ("?a :more ?c ; a :D", None),  # Oxigraph begins with a class by itself
        ("?a :more ?b FILTER NOT EXISTS { ?a :many ?c }", "?a :more ?b . MINUS { ?a :many ?c . }"),
        ("?a :more ?b FILTER NOT EXISTS { ?x :many ?c }", None),
        ("?a :few ?b FILTER NOT EXISTS { ?a :many ?c }", None),
        ("?a :few ?b ; :many ?c", None),
        ("?a :many ?b . ?c :few ?d", None),
        ("?a :many ?b . ?b ?p ?c", None),
        ("?a :many ?b . ?b :few :x", None),
        ("?a :many ?b . ?b :few 'x'", None),
        ("?a :many ?b . ?b :few* ?c", None),
        ("?a :many|:more ?b . ?b :few ?c", None),
        ("?a :many ?b . ?b :few ?c OPTIONAL { ?c :more ?d }", None),
        ("{ ?a :many ?b } UNION { ?a :more ?b } ?b :few ?c", None),
        ("?a :many ?b . ?b :few ?c . BIND(1 AS ?d)", None),
        ("?a :many ?b . ?b :few ?c . VALUES ?b { 1 }", None),
        ("GRAPH ?g { ?a :many ?b . ?b :few ?c }", None),
        ("?a :many [ :few ?c ]", None),
        ("?a :many ?b . ?b x:few ?c", None),
        ("?a :many ?b ?b :few ?c", None),  # no query, and none may be made of it
        ("?a :many ?b . ?b :few ?c FILTER EXISTS { ?a :more ?d }", None),
    ],
)
def test_what_is_said_in_another_way(body, expected):
    assert planned(body) == expected


def test_only_a_few_solutions_are_sought_one_by_one():
    body = "?a :many ?b . ?a :more ?c"
    assert planned(body, tail=" LIMIT 10") is None
    assert planned(body, tail=" ORDER BY ?b LIMIT 10")
    assert planned(body, head="(COUNT(*) AS ?n)", tail=" LIMIT 10")


@pytest.mark.parametrize(
    ("body", "tail", "expected"),
    [
        ("?a :more ?c", "DESC(?c) ?a LIMIT 5", "SELECT ?c { ?a :more ?c . } ORDER BY DESC(?c) LIMIT 5"),
        ("?a :more ?c", "?c (STR(?a)) LIMIT 5 OFFSET 7", "SELECT ?c { ?a :more ?c . } ORDER BY ?c LIMIT 12"),
        ("?a :more ?c", "?c ?a OFFSET 7 LIMIT 5", "SELECT ?c { ?a :more ?c . } ORDER BY ?c LIMIT 12"),
        ("?a :more ?c", "DESC(?c) LIMIT 5", None),  # nothing else is compared
        ("?a :more ?c", "DESC(?c) ?a", None),
        ("?a :more ?c", "DESC(?c) ?a LIMIT 50000", None),
        ("?a :more ?c", "DESC(?a) ?c LIMIT 5", None),
        ("?a :more ?c", "(?c + 1) ?a LIMIT 5", None),
        ("?a :many ?c", "?c ?a LIMIT 5", None),  # equal values may be several terms
        ("?a :more ?c FILTER(?c > 1)", "?c ?a LIMIT 5", None),
    ],
)
def test_the_first_of_many_by_several_keys(body, tail, expected):
    found = planned(body, tail=f" ORDER BY {tail}")
    assert found == (expected and f"{{ SELECT DISTINCT ?c {{ {expected} }} }} ?a :more ?c .")


def test_the_first_are_not_taken_apart_where_solutions_are_grouped():
    tail = " ORDER BY ?c ?a LIMIT 5"
    assert planned("?a :more ?c", tail=tail)
    assert planned("?a :more ?c", tail=tail, head="DISTINCT ?a") is None
    assert planned("?a :more ?c", tail=" GROUP BY ?a ?c" + tail) is None
    assert planned("?a :more ?c", tail=tail, head="(SUM(?c) AS ?n)") is None


@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 6)), min_size=1, max_size=40),
    st.sampled_from(["?n", "DESC(?n)", "ASC(?n)"]), st.integers(1, 6), st.integers(0, 6), st.booleans(),
)  # fmt: skip
@settings(max_examples=120, deadline=None)
def test_the_first_are_the_same(pairs, key, limit, offset, joined):
    integer = ox.NamedNode("http://www.w3.org/2001/XMLSchema#integer")
    store = ox.Store()
    for number, value in pairs:
        thing = ox.NamedNode(f"http://e.org/{number}")
        store.add(ox.Quad(thing, ox.NamedNode("http://e.org/more"), ox.Literal(str(value - 2), datatype=integer)))
        store.add(ox.Quad(thing, ox.NamedNode("http://e.org/many"), ox.Literal(str(number % 2))))
    body = "?a :more ?n . ?a :many ?b" if joined else "?a :more ?n"
    text = f"{PREFIX}SELECT ?a ?n {{ {body} }} ORDER BY {key} DESC(?a) LIMIT {limit} OFFSET {offset}"
    another = plan(text, MANY)
    assert another
    assert [list(map(str, row)) for row in store.query(another)] == [list(map(str, row)) for row in store.query(text)]


@pytest.mark.parametrize(
    "text",
    [
        "SELECT *, ?a { ?a :many ?b . ?b :few ?c }",
        "ASK { ?a :many ?b . ?b :few ?c }",
        "CONSTRUCT { ?a :x ?c } { ?a :many ?b . ?b :few ?c }",
        "SELECT (COUNT(DISTINCT *) AS ?n) { ?a :many/:few ?c }",
        "SELECT ?a { ?a :many/:few ?c } GROUP BY ?a HAVING(COUNT(DISTINCT # all\n *) > 2)",
        "SELECT ?a { ?a :many ?b . ?b :few ?c } VALUES ?a { 1 }",
        "SELECT ?a { ?a :many ?b . ?b :few ?c",
        "SELECT ?a { ?a :many ?b . ?b :few ?c }}",
        "SELECT { ?a :many ?b . ?b :few ?c }",
    ],
)
def test_what_is_left_as_it_is(text):
    assert plan(PREFIX + text, MANY) is None


@pytest.mark.parametrize(
    "body", ["?c :many/:few ?a", "?b :many ?c . ?c :few ?a FILTER(?a != ?c) FILTER NOT EXISTS { ?c :more ?d }"]
)
def test_the_columns_of_all_variables_are_the_same(body):
    text = f"{PREFIX}SELECT * {{ {body} }}"
    another = plan(text, MANY)
    assert another
    store = ox.Store()
    assert [str(name) for name in store.query(another).variables] == [
        str(name) for name in store.query(text).variables
    ]


def test_whose_graphs_are_asked_does_not_matter():
    text = f"{PREFIX}SELECT ?a FROM <http://e.org/g> FROM :h {{ ?a :many ?b . ?b :few ?c }}"  # noqa: S608
    assert str(plan(text, MANY)).endswith("FROM <http://e.org/g> FROM :h { ?b :few ?c . ?a :many ?b . }")


def test_a_comment_that_looks_like_a_prefix_changes_nothing():
    text = f"# PREFIX x: <{TYPE[:-4]}>\nPREFIX x: <http://e.org/> # PREFIX x: <{TYPE[:-4]}>\n"
    text += "SELECT ?a { ?a x:type x:C . ?a x:more ?c }"
    misread = Statistics(10**6, {f"{TYPE[:-4]}more": (100_000, 100_000, 9)}, {f"{TYPE[:-4]}C": 50_000})
    assert plan(text, misread) is None


def test_nothing_is_worth_it_in_a_small_release():
    small = Statistics(100, dict.fromkeys(MANY.predicates, (20, 10, 10)), {})
    assert plan(PREFIX + "SELECT ?a { ?a :many ?b . ?b :few ?c }", small) is None


variables = st.sampled_from(["?a", "?b", "?c"])
predicates = st.sampled_from([":many", ":more", ":few", ":many/:few", "^:more", ":few/^:many/:more"])
patterns = st.one_of(
    st.builds("{} {} {} .".format, variables, predicates, variables),
    st.builds("{} {} {} ; {} {} .".format, variables, predicates, variables, predicates, variables),
    st.builds("{} a {} .".format, variables, st.sampled_from([":C", ":D"])),
)
bodies = st.lists(patterns, min_size=1, max_size=3).map(" ".join)
filters = st.one_of(
    st.just(""),
    st.builds("FILTER NOT EXISTS {{ {} }}".format, bodies),
    st.builds("FILTER({} != {})".format, variables, variables),
)
numbers = st.sampled_from([0, 5, 1_000, 5_000, 50_000, 400_000])


heads = st.sampled_from(["SELECT ?a ?b ?c ", "SELECT*WHERE", "SELECT DISTINCT * ", "SELECT ?c "])


@given(
    heads,
    st.builds("{} {} {}".format, bodies, filters, filters),
    st.lists(numbers, min_size=8, max_size=8),
    st.randoms(use_true_random=False),
)
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
def test_the_solutions_are_the_same(head, body, counts, chance: random.Random):
    told = Statistics(
        10**6,
        {
            f"http://e.org/{name}": (max(pair), min(pair) + 1, max(pair))
            for name, pair in zip(("many", "more", "few"), zip(counts[:3], counts[3:6], strict=True), strict=True)
        },
        {"http://e.org/C": counts[6], "http://e.org/D": counts[7]},
    )
    text = f"{PREFIX}{head}{{ {body} }}"
    another = plan(text, told)
    assume(another is not None)
    things = [ox.NamedNode(f"http://e.org/{number}") for number in range(5)]
    named = [ox.NamedNode(f"http://e.org/{name}") for name in ("many", "more", "few")]
    classes = [ox.NamedNode("http://e.org/C"), ox.NamedNode("http://e.org/D")]
    store = ox.Store()
    for _ in range(25):
        store.add(ox.Quad(chance.choice(things), chance.choice(named), chance.choice(things)))
        store.add(ox.Quad(chance.choice(things), ox.NamedNode(TYPE), chance.choice(classes)))
    assert rows(store, another) == rows(store, text)


def rows(store: ox.Store, text: str) -> list[list[str]]:
    return sorted([str(value) for value in row] for row in store.query(text))
