"""Sides whose solutions come once: the answers stay, and where they would not, nothing is changed."""

import random
from collections import Counter

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialgraph.query.text import distinct_sides as module
from trialgraph.query.text.distinct_sides import distinct_sides
from trialgraph.sparql.edits import edited
from trialgraph.sparql.parser import parse
from trialgraph.store import Statistics

NAMES = "abc"
COUNTS = Statistics(10**6, {f"u:{name}": (90_000, 900, 300) for name in NAMES}, {})


@pytest.fixture(scope="module")
def store():
    chance = random.Random(3)  # noqa: S311  nothing secret
    things = [f"<u:{number}>" for number in range(8)] + ["1", "2", "'x'"]
    found = ox.Store()
    for _ in range(60):
        subject, predicate = chance.choice(things[:8]), chance.choice(NAMES)
        found.load(f"{subject} <u:{predicate}> {chance.choice(things)} .", ox.RdfFormat.TURTLE)
    return found


def rows(store, text):
    results = store.query(text)
    return Counter(tuple(map(str, row)) for row in results)


def written(seed):
    """Return a random query with a chain, a star or a circle of patterns."""
    chance = random.Random(seed)  # noqa: S311  nothing secret
    variables = ["?s", "?t", "?x", "?y", "?z"]

    def path():
        steps = [chance.choice(["", "", "^"]) + f"<u:{chance.choice(NAMES)}>" for _ in range(chance.randint(1, 2))]
        return "/".join(steps)

    patterns = [
        f"{chance.choice(variables)} {path()} {chance.choice([*variables, *variables, '<u:3>', '1'])}"
        for _ in range(chance.randint(2, 5))
    ]
    used = sorted({word for pattern in patterns for word in pattern.split() if word[0] == "?"})
    one, other = chance.choice(used), chance.choice(used)
    tests = [
        f"FILTER({one} != {other})",
        f"FILTER(STR({one}) < 'u:5')",
        f"FILTER(isIRI({one}) || {other} = 1)",
        "",
        "",
    ]
    body = " . ".join(patterns) + " . " + chance.choice(tests)
    head, behind = chance.choice(
        [
            (f"DISTINCT {one}", ""), (f"DISTINCT {one} {other}" if one != other else f"DISTINCT {one}", ""),
            (f"{one} (COUNT(DISTINCT {other}) AS ?n)", f"GROUP BY {one}"), (f"(COUNT(DISTINCT {one}) AS ?n)", ""),
            (f"{one} (MAX(STR({other})) AS ?n)", f"GROUP BY {one} HAVING(COUNT(DISTINCT {other}) > 1)"),
            (one, f"GROUP BY {one} ORDER BY {one}"), (f"DISTINCT (STR({one}) AS ?n)", "ORDER BY ?n LIMIT 3"),
        ]
    )  # fmt: skip
    return f"SELECT {head} {{ {body} }} {behind}"


@pytest.mark.parametrize("gain", [0, 1], ids=["any parting", "those that gain"])
def test_the_answer_stays(store, monkeypatch, gain):
    monkeypatch.setattr(module, "_LEAST_GAIN", gain)
    monkeypatch.setattr(module, "_LEAST_SOLUTIONS", 0)
    parted = 0

    @given(st.integers(0, 2**63))
    @settings(max_examples=600, deadline=None, database=None)
    def check(seed):
        nonlocal parted
        text = written(seed)
        query = parse(text)
        edits = distinct_sides(query, COUNTS)
        if edits:
            parted += 1
            assert rows(store, edited(text, edits)) == rows(store, text), edited(text, edits)

    check()
    assert parted > 30


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?x (COUNT(?t) AS ?n) { ?t <u:a>/<u:b> ?x , ?y } GROUP BY ?x",
        "SELECT ?x (SUM(?y) AS ?n) { ?t <u:a>/<u:b> ?x , ?y } GROUP BY ?x",
        "SELECT (COUNT(DISTINCT *) AS ?n) { ?t <u:a>/<u:b> ?x , ?y }",
        "SELECT (GROUP_CONCAT(DISTINCT ?x) AS ?n) { ?t <u:a>/<u:b> ?x , ?y }",
        "SELECT (COUNT(DISTINCT ?x) AS ?n) { ?t <u:a>/<u:b> ?x , ?y } HAVING(COUNT(?y) > 1)",
        "SELECT ?x ?y { ?t <u:a>/<u:b> ?x , ?y }",
        "SELECT REDUCED ?x ?y { ?t <u:a>/<u:b> ?x , ?y }",
        "SELECT DISTINCT * { ?t <u:a>/<u:b> ?x , ?y }",
        "SELECT DISTINCT ?x ?y { ?t <u:a>/<u:b> ?x , ?y OPTIONAL { ?t <u:c> ?z } }",
        "SELECT DISTINCT ?x ?y { ?t <u:a>/<u:b> ?x , ?y FILTER NOT EXISTS { ?t <u:c> ?z } }",
        "SELECT DISTINCT ?x ?y { ?t <u:a>+ ?x , ?y }",
        "SELECT DISTINCT ?x ?y { ?t ?p ?x , ?y }",
        "SELECT DISTINCT ?x ?y { _:t <u:a>/<u:b> ?x . _:t <u:a>/<u:b> ?y }",
        "ASK { ?t <u:a>/<u:b> ?x , ?y }",
    ],
)
def test_what_depends_on_how_often_a_solution_comes_is_left(text):
    assert distinct_sides(parse(text), COUNTS) == ()


@pytest.mark.parametrize(
    ("where", "sides"),
    [
        ("?t <u:a>/<u:b> ?x , ?y", 2),
        ("?t <u:a>/<u:b> ?x , ?y ; <u:phase> ?p . ?p <u:code> 'PHASE3'", 2),
        ("?x <u:a>/<u:b> ?t . ?y <u:a>/<u:b> ?t", 2),
        ("?t <u:one> ?x ; <u:one> ?y", 0),
        ("?t <u:rare> 'here' ; <u:a> ?x , ?y . ?y <u:one> ?z", 0),
    ],
)
def test_what_meets_in_many_solutions_is_parted_and_nothing_else(where, sides):
    counts = {
        "u:a": (90_000, 900, 90_000),
        "u:b": (90_000, 90_000, 90),
        "u:one": (900, 900, 900),
        "u:phase": (900, 900, 4),
        "u:code": (4, 4, 4),
        "u:rare": (1, 1, 1),
    }
    text = f"SELECT DISTINCT ?x ?y {{ {where} }}"
    query = parse(text)
    changed = edited(text, distinct_sides(query, Statistics(10**6, counts, {})))
    assert changed.count("SELECT DISTINCT ?") - 1 == sides
    assert changed.count("PHASE3") == (sides if "PHASE3" in where else 0)
