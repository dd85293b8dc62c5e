"""The grammar of queries: what Oxigraph takes is taken, and read alike, whatever stands between two terminals."""

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.live import w3c
from tests.query_printer import SEPARATORS, Printer

from trialgraph.errors import QuerySyntaxError
from trialgraph.query import analyze
from trialgraph.query.text.canonical import canonical
from trialgraph.sparql.parser import parse
from trialgraph.sparql.query import all_groups

BASE = "http://e.org/"
DATA = """
PREFIX : <http://e.org/> PREFIX x: <http://e.org/x/>
:p :p :q , 1 , "s" ; :q x:y , 2.5 ; a x:y . :q :p :p ; a :p . x:y :q true . [] :p "SERVICE :x {" .
GRAPH :p { :q :p 5 , :q } GRAPH :q { :p a :q }
"""


@pytest.fixture(scope="module")
def store():
    found = ox.Store()
    found.load(DATA, ox.RdfFormat.TRIG)
    return found


def accepts(store, text):
    try:
        store.query(text, base_iri=BASE)
    except SyntaxError:
        return False
    except (RuntimeError, ValueError, OSError):
        pass
    return True


def answer(store, text):
    """Return what can be compared: of blank nodes and volatile values nothing but their number."""
    try:
        results = store.query(text, base_iri=BASE)
        if isinstance(results, ox.QueryBoolean):
            return bool(results)
        if isinstance(results, ox.QueryTriples):
            return sum(1 for _ in results)
        names = [str(name) for name in results.variables]
        return names, sorted(
            [None if isinstance(term, ox.BlankNode) else str(term) for term in row] for row in results
        )
    except TypeError:  # None does not sort
        return None
    except (RuntimeError, ValueError) as error:
        return str(error)


SERVICES = ("service:s", "<urn:s>")
"""Nothing that Oxigraph could reach."""
SEEDS = st.integers(0, 2**63)


@pytest.mark.parametrize(
    "separators", [SEPARATORS, ["", "", "", "", *SEPARATORS], [" "]], ids=["any", "few", "blanks"]
)
def test_what_oxigraph_takes_is_taken_and_read_alike(store, separators):
    taken = 0

    @given(SEEDS)
    @settings(max_examples=2900, deadline=None, database=None)
    def check(seed):
        nonlocal taken
        text = Printer(seed, SERVICES).text(separators)
        if accepts(store, text):
            taken += 1
            same_reading(store, text)

    check()
    assert taken > 600


def same_reading(store, text):
    query = parse(text)
    plain = canonical(query, BASE)
    again = parse(plain)
    assert (again.form, again.volatile, len(again.services)) == (query.form, query.volatile, len(query.services))
    selects = [query.select, *(group.select for group, _ in all_groups(query) if group.select)]
    is_cut = any(select.modifiers.limit or select.modifiers.offset for select in selects)  # any rows will do
    if not query.volatile and not query.services and not is_cut:
        assert answer(store, plain) == answer(store, text), text


@pytest.mark.parametrize(
    "name", ["COALESCE", "CONCAT", "BNODE", "IF", "STR", "BOUND", "REGEX", "IRI", "COUNT", "NOW"]
)
@pytest.mark.parametrize("between", ["", " ", "\n", "#\n", " # (\r\n\t"])
def test_what_is_taken_here_is_taken_by_the_engine(store, name, between):
    """Oxigraph takes no blank behind some names."""
    arguments = {"COALESCE": "1,2", "CONCAT": "'a','b'", "IF": "true,1,2", "REGEX": "'a','b'", "NOW": "", "BNODE": ""}
    argument = arguments.get(name, "?a")
    for text in (
        f"SELECT ({name}{between}({between}{argument}{between}) AS ?x) {{}}",
        f"SELECT (1 IN{between}({between}) AS ?x) {{ FILTER(?CONCAT {between}IN ('CONCAT (')) }}",
    ):
        parse(text)
        assert accepts(store, analyze(text).text), text


def test_what_is_read_otherwise_than_written_stays_in_its_texts(store):
    ((found,),) = store.query(analyze("SELECT (CONCAT ('CONCAT (', 'COALESCE #') AS ?x) {}").text)
    assert found.value == "CONCAT (COALESCE #"


@pytest.mark.parametrize("verb", ["<u:p>+2", "a +2", "<u:p> -.5"])
def test_a_number_behind_a_property_of_a_template_is_no_path(store, verb):
    text = f"CONSTRUCT {{ ?a {verb} }} WHERE {{ VALUES ?a {{ <u:a> }} }}"
    parse(text)
    assert accepts(store, text)


@pytest.mark.skipif(w3c.SUITE is None, reason="needs the W3C test suite in ../shared/w3c")
def test_the_syntax_tests_of_the_w3c():
    wrong = []
    for case in w3c.cases():
        text = w3c.local(case.query).read_bytes().decode()
        try:
            parse(text)
            taken = True
        except QuerySyntaxError:
            taken = False
        if taken == case.kind.startswith("Negative"):
            wrong.append(case.name)
    assert not wrong


@pytest.mark.parametrize(
    "prologue",
    [
        "PREFIX a: <u:> ", "prefix a: <u:>\nPREFIX : <v:>\n", "PREFIX a: <u:> PREFIX a: <w:> ", "PREFIX a: <u:>\tBASE <x:y> ",
        "PREFIX a: <r/> ", "PREFIX a: <u:>PREFIX b: <v:> ", "PREFIX\ta:\t<u:>\r\n#PREFIX a: <no:>\n", "PREFIX a:<u:> ",
    ],
)  # fmt: skip
def test_a_prologue_that_is_known_is_read_as_any(prologue):
    """A comment before it keeps it from being looked up by its text."""
    text = f"{prologue}SELECT * {{ ?s a:p <q> }}"
    for _ in range(2):
        known, read = parse(text), parse(f"#\n{text}")
        assert (known.prefixes, known.base, known.prologue + 2) == (read.prefixes, read.base, read.prologue)
        assert tuple((start + 2, end + 2) for start, end in known.spans) == read.spans
    with pytest.raises(QuerySyntaxError) as wrong:
        parse(f"{prologue}SELECT * {{ ?s b2:p ?o }}")
    assert "b2" in str(wrong.value)
