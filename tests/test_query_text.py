"""What is read in a query, and what is made of it, whatever stands between its terminals."""

from dataclasses import replace

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.query_printer import SEPARATORS, Printer
from tests.test_parser import BASE, DATA, accepts

from trialgraph.errors import QueryRefused, QuerySyntaxError
from trialgraph.query import QueryRequest, analyze
from trialgraph.query.engines.remote import texts_for_others
from trialgraph.query.text.admission import check
from trialgraph.query.text.engine_text import rewritten
from trialgraph.query.text.group_concat import casts
from trialgraph.query.text.row_cap import capped
from trialgraph.settings import Settings
from trialgraph.sparql.edits import edited
from trialgraph.sparql.parser import parse
from trialgraph.store import Statistics

PREFIX = "PREFIX a: <http://x/> PREFIX : <http://127.0.0.1:7999/> "
INSIDE = "http://127.0.0.1:7999/x"
COUNTS = Statistics(10**6, {"http://x/p": (90_000, 30_000, 90_000), "http://x/q": (20, 20, 9)}, {})


@pytest.fixture(scope="module")
def store():
    found = ox.Store()
    found.load(DATA, ox.RdfFormat.TRIG)
    return found


@pytest.mark.parametrize("operand", ["a:/2", "a:&&1", "?y", "(1)", "+1", "-1", "!1", '"x"', ":y||1"])
@pytest.mark.parametrize("comparison", ["<", "<=", ">", "="])
@pytest.mark.parametrize(
    "behind", ["SERVICE:x#>", "SERVICE:x#>'", 'service silent:x#>"', "SERVICE<http://127.0.0.1:7999/x>"]
)
def test_no_service_hides_behind_a_comparison(operand, comparison, behind):
    text = f"{PREFIX}SELECT * {{FILTER(COALESCE(1{comparison}{operand},true)){behind}\n{{?s ?p ?o}}}}"
    assert analyze(text).services == (INSIDE,)
    with pytest.raises(QueryRefused):
        check(QueryRequest(text), Settings())


@pytest.mark.parametrize("text", ["?x a:b.c.SERVICE:x{?s ?p ?o}", "?s ?p a:b.c.SERVICE:x{?s ?p ?o}"])
def test_a_name_with_dots_leaves_in_one_reading(text):
    """Oxigraph ends a name before its second dot, others do not."""
    query = f"{PREFIX}ASK{{{text}}}"
    try:
        sent = texts_for_others(parse(query))
    except QuerySyntaxError:
        return
    assert analyze(query).services or "<http://x/b.c.SERVICE:x>" in sent[0]
    given_inside = rewritten(analyze(query), None, 0)["text"] if analyze(query).services == () else sent[0]
    assert "SERVICE:x{" not in given_inside


@pytest.mark.parametrize(
    "call", ["NOW()", "RAND()", "UUID()", "STRUUID()", "BNODE()", "bnode('x')", "now ( )", "Rand(#\n)"]
)
@pytest.mark.parametrize(
    "text",
    [
        "SELECT * {{ ?s ?p ?end FILTER(?end<{}&&?end>1) }}",
        "SELECT ({} AS ?x) {{}}",
        "SELECT * {{ FILTER(1<a:||{}=1) }}",
        "SELECT * {{ {{ SELECT (1<{} AS ?x) {{}} }} }}",
        "ASK {{ FILTER EXISTS {{ BIND({} AS ?x) }} }}",
        "SELECT (COUNT(*) AS ?n) {{}} HAVING(1<{})",
        "SELECT * {{}} ORDER BY DESC(1<{})",
        "CONSTRUCT {{}} WHERE {{ BIND(?x<{}&&?y>1 AS ?z) }}",
    ],
)
def test_an_answer_that_changes_is_not_kept(text, call):
    assert not analyze(PREFIX + text.format(call)).repeatable


@pytest.mark.parametrize(
    "text", ["SELECT * { ?now a:rand 'UUID()' } # NOW()", "PREFIX now: <http://x/> ASK { ?s now:uuid ?o }"]
)
def test_an_answer_that_stays_is_kept(text):
    assert analyze(PREFIX + text).repeatable


def test_what_does_not_parse_is_not_kept_planned_or_capped_and_never_leaves():
    text = "SELECT * { ?s ?p ?now FILTER(?s <) } LIMIT 500"
    assert not analyze(text).repeatable
    assert rewritten(analyze(text), COUNTS, 10) == {"text": text}
    with pytest.raises(QuerySyntaxError):
        check(QueryRequest("ASK { ?s ?p 'SERVICE"), Settings())


@pytest.mark.parametrize(
    "expression", ["?b<?c&&?c>?b", "1<a:/2", "?b<a:q||?c>1", "(?b)<(?c)&&'<'>?b", "?b<-1&&?c>+1"]
)
def test_all_columns_stay_where_a_filter_has_no_blanks(store, expression):
    query = parse(f"{PREFIX}SELECT*{{?b a:p ?c FILTER({expression})?c a:q ?d}}")
    text = rewritten(analyze(query.text), COUNTS)["plan"]
    assert [str(name) for name in store.query(text).variables] == ["?b", "?c", "?d"]


@pytest.mark.parametrize("expression", ["?s<?o&&')'!=?o", "1<a:/(2)", "?s<(1)&&(2)>(1)", "'}LIMIT 3{'<?s#)}\n"])
def test_a_cap_finds_the_limit_of_the_query(store, expression):
    query = parse(f"{PREFIX}SELECT*{{?s ?p ?o FILTER({expression})}}LIMIT 500")
    limited, probe = (edited(query.text, edits) for edits in capped(query, 100))
    assert (limited.count("LIMIT"), limited.endswith("}LIMIT 100")) == (query.text.count("LIMIT"), True)
    store.query(limited)
    store.query(probe)


def test_a_capped_query_is_planned_too():
    text = f"{PREFIX}SELECT ?b ?d {{?b a:p ?c . ?c a:q ?d }}"
    found = rewritten(analyze(text), COUNTS, cap=1000)
    assert found["plan"] == f"{PREFIX}SELECT ?b ?d {{ ?c a:q ?d . ?b a:p ?c . }}\nLIMIT 1000 "
    assert found["probe"] == f"{PREFIX}SELECT ?b ?d {{ ?c a:q ?d . ?b a:p ?c . }}\nLIMIT 1 \nOFFSET 1000 "
    assert found["text"] == f"{text}\nLIMIT 1000 "


@pytest.mark.parametrize(
    ("values", "joined"),
    [
        ("1 2", "1 2"), ("1.5 'x'", "1.5 x"), ("<x:a> 'b'", "x:a b"), ("'a'@en 'b'@en", "a b"), ("true 1e3", "true 1000"),
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "call",
    ["GROUP_CONCAT(?n)", "group_concat(distinct?n)", "GROUP_CONCAT(STR(?n))", "GROUP_CONCAT#\n(?n;separator=' ')"],
)
def test_anything_can_be_concatenated(store, values, joined, call):
    query = parse(f"SELECT ({call} AS ?all) {{ VALUES ?n {{ {values} }} }}")
    ((found,),) = store.query(edited(query.text, casts(query)))
    assert (found.value, found.language) == (joined, None)


@given(st.integers(0, 2**63), st.integers(1, 8), st.sampled_from([SEPARATORS, ["", "", "", *SEPARATORS]]))
@settings(max_examples=1500, deadline=None, database=None)
def test_any_query_may_be_capped_and_cast(store, seed, cap, separators):
    text = Printer(seed).text(separators)
    if not accepts(store, text):
        return
    query = parse(text)
    changes = casts(query)
    assert accepts(store, edited(text, changes))
    limits = capped(query, cap) if query.form == "SELECT" else None
    if limits is None or query.volatile:
        return
    try:
        rows = len(list(store.query(text, base_iri=BASE)))
        limited, probe = (len(list(store.query(edited(text, (*changes, *some)), base_iri=BASE))) for some in limits)
    except (RuntimeError, ValueError):
        return
    own = query.select.modifiers.limit
    assert limited == min(rows, cap)
    if not own:
        assert bool(probe) == (rows > cap)


def test_escapes_may_stand_anywhere():
    found = analyze(r"\u0053ELECT * { \u0053ERVICE <http://e.org/> {} }")
    assert (found.form, found.services, found.text) == (
        "SELECT",
        ("http://e.org/",),
        "SELECT * { SERVICE <http://e.org/> {} }",
    )


def test_an_engine_of_others_gets_only_what_parses():
    request = QueryRequest("SELECT * { ?s ?p }")
    found = check(replace(request, text="SELECT * { ?s ?p ?o } LIMIT ten"), Settings())
    with pytest.raises(QuerySyntaxError):
        parse(found.text)
