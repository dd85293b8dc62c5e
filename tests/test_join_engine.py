"""The second embedded engine answers as the first does, or leaves it to the first; and writes nothing into a release."""

from dataclasses import replace

import pyoxigraph as ox
import pytest
from tests.patience import patient
from tests.query_printer import Printer
from tests.test_parser import DATA

from trialgraph import errors
from trialgraph.formats import RESULT_FORMATS, SPARQL_JSON, SPARQL_TSV
from trialgraph.query import QueryRequest, analyze, open_engine
from trialgraph.query.text.sparq_subset import suits
from trialgraph.sparql.parser import parse
from trialgraph.store import JOIN_COPY, begin_release, is_worth_it, keep_merges, keep_union, publish, save_join_copy

pytest.importorskip("sparq", reason="needs sparq-rdf")
FREE = ("LIMIT", "OFFSET", "COUNT (", "GROUP_CONCAT", "REDUCED")
"""What is cut where it has no order, and counts and lists of what has no value: each engine takes them as it likes."""
LARGE = "http://e.org/q"
MANY = "".join(f"<http://e.org/s{n}> <http://e.org/many> {n % 7} . " for n in range(300))


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    root = tmp_path_factory.mktemp("release")
    with begin_release(root, "2026-01-01") as draft:
        store = ox.Store(str(draft.store))
        dataset = DATA.replace("PREFIX x:", "PREFIX x:", 1)
        head, _, graphs = dataset.partition("GRAPH")
        prefixes, _, triples = head.partition("\n:p")
        store.load(f"{prefixes} GRAPH :g {{ :p{triples} {MANY} }} GRAPH{graphs}", ox.RdfFormat.TRIG)
        store.flush()
        lines = "".join(f"{quad.triple} .\n" for quad in store).encode()
        del store
        keep_union(draft.store, (LARGE,))
        keep_merges(draft.store).write(draft.path)
        save_join_copy([lines], draft.path / JOIN_COPY)
        draft.write_manifest({"issued": "2026-01-01", "apart": [LARGE]})
        publish(draft)
    return patient(release=root, query_workers=3)


@pytest.fixture(scope="module")
def engines(settings):
    with open_engine(settings) as both, open_engine(replace(settings, query_joins="")) as one:
        yield both, one


def answer(engine, text, form=SPARQL_TSV):
    """Return an answer without its order and without what labels blank nodes have."""
    result = engine.run(QueryRequest(text, result_format=form))
    head, *rows = result.read().decode().replace("\r", "").split("\n") if form is SPARQL_TSV else [result.read()]
    return head, sorted("_:" if row.startswith("_:") or "\t_:" in row else row for row in rows)


def test_its_documents_are_written_as_the_first_engine_writes_them(engines):
    """They are sent as they are, so no byte may differ from what reading and writing them again would make."""
    asked = 0
    for seed in range(1500):
        text = "BASE <http://e.org/> " + Printer(seed).text([" "])
        try:
            query = parse(text)
            if not suits(query):
                continue
            document = engines[0].run(QueryRequest(text, result_format=SPARQL_JSON)).read()
        except (errors.QuerySyntaxError, errors.QueryNotEvaluable):
            continue
        asked += 1
        again = ox.parse_query_results(document, ox.QueryResultsFormat.JSON)
        assert again.serialize(format=ox.QueryResultsFormat.JSON) == document, text
    assert asked > 100


@pytest.mark.parametrize("aggregate", ["MIN", "MAX", "SUM", "AVG"])
@pytest.mark.parametrize("value", ["STR(?o)", "?o + 1", "IF(?o > 3, ?o, 0)", "STRLEN(?o)", "?other", "(?o)", "-?o"])
@pytest.mark.parametrize("distinct", ["", "DISTINCT "])
def test_an_aggregate_of_errors_is_the_same_from_both(engines, aggregate, value, distinct):
    """A blank node has no text, an IRI is no number, and what an OPTIONAL did not find is nothing."""
    text = (
        f"SELECT ?p ({aggregate}({distinct}{value}) AS ?n) {{ ?s ?p ?o OPTIONAL {{ ?o ?any ?other }} }} GROUP BY ?p"
    )
    both, one = (answer(engine, text) for engine in engines)
    assert both == one


def test_a_boolean_and_a_table_are_told_apart(engines):
    both, one = engines
    for text in ("ASK { ?s ?p ?o }", 'SELECT ("\\u0003 \\" \\\\ é 😀" AS ?boolean) { ?s ?p ?o }'):
        found, known = (engine.run(QueryRequest(text, result_format=SPARQL_JSON)) for engine in (both, one))
        assert (found.kind, found.read(), found.rows) == (known.kind, known.read(), known.rows)


def test_random_queries_have_the_same_answers(engines):
    asked, different = 0, []
    for seed in range(4000):
        text = "BASE <http://e.org/> " + Printer(seed).text([" "])
        try:
            query = parse(text)
        except errors.QuerySyntaxError:
            continue
        if not suits(query) or any(word in text.upper() for word in FREE):
            continue
        found = []
        for engine in engines:
            try:
                found.append(answer(engine, text))
            except (errors.QuerySyntaxError, errors.QueryNotEvaluable) as error:
                found.append(type(error).__name__)
        asked += 1
        if found[0] != found[1] and not _is_a_way_to_write_numbers(found):
            different.append((text, found))
    assert asked > 150
    assert different == []


def _is_a_way_to_write_numbers(found):
    """Whether both say the same in numbers of the query: one keeps `.5` and `1e3` as they are written."""
    plain = [str(each).replace("1e3", "1000").replace("1.0E3", "1000").replace("0.5", ".5") for each in found]
    return plain[0] == plain[1]


@pytest.mark.parametrize("form", RESULT_FORMATS, ids=lambda form: form.name)
@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?s ?n { ?s <http://e.org/many> ?n } ORDER BY ?n ?s",
        "SELECT (COUNT(*) AS ?n) { ?s <http://e.org/many> ?n . ?t <http://e.org/many> ?n }",
        "SELECT ?s ?x { ?s <http://e.org/many> 3 OPTIONAL { ?s <http://e.org/none> ?x } } ORDER BY ?s",
        "ASK { ?s <http://e.org/many> 3 }",
        "ASK { ?s <http://e.org/many> 33 }",
        "SELECT ?s { ?s <http://e.org/many> 33 }",
    ],
)
def test_every_format_is_the_same_to_the_byte(engines, text, form):
    results = [engine.run(QueryRequest(text, result_format=form)) for engine in engines]
    assert results[0].read() == results[1].read()
    assert (results[0].kind, results[0].rows) == (results[1].kind, results[1].rows)


@pytest.mark.parametrize("cap", [5, 299, 300])
def test_the_row_cap_holds(settings, cap):
    with open_engine(replace(settings, query_row_cap=cap)) as engine:
        result = engine.run(QueryRequest("SELECT ?s ?n { ?s <http://e.org/many> ?n }"))
        assert (result.rows, result.row_cap) == (cap, cap if cap < 300 else None)


@pytest.mark.parametrize("number", ["3", "03", "+3", "3.0", "3e0", '"3"^^<http://www.w3.org/2001/XMLSchema#integer>'])
def test_a_number_is_found_however_it_is_written(engines, number):
    text = f"SELECT (COUNT(*) AS ?n) {{ ?s <http://e.org/many> {number} }}"
    assert answer(engines[0], text) == answer(engines[1], text)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * FROM <http://e.org/p> { ?s ?p ?o }",
        "SELECT * { GRAPH ?g { ?s ?p ?o } }",
        "SELECT * { ?s !<u:p> ?o }",
        "SELECT (NOW() AS ?x) {}",
        "SELECT (YEAR(?o) AS ?x) { ?s ?p ?o }",
        "SELECT * { ?s ?p ?o { SELECT * { ?a ?b ?c FILTER(RAND() > 1) } } }",
        "DESCRIBE ?s { ?s ?p ?o }",
        "SELECT * { LATERAL { ?s ?p ?o } }",
        "SELECT * { ?s ?p ?o FILTER NOT EXISTS { OPTIONAL { ?s <u:p> ?x } } }",
        "SELECT * { ?s (<u:p>|<u:q>)/<u:r>? ?o }",
        "SELECT * { ?s ?p ?o FILTER(?o < 1.50) }",
        "SELECT * { ?s ?p ?o FILTER(<u:f>(?o)) }",
        "SELECT * { ?s ?p <<( ?a ?b ?c )>> }",
    ],
)
def test_the_first_engine_keeps_what_the_second_cannot(text):
    assert not suits(parse(text))
    assert analyze(text).error is None


def test_a_release_is_not_written_to(settings, engines):
    folder = settings.release / "current" / JOIN_COPY
    engines[0].run(QueryRequest("ASK { ?s <http://e.org/many> 3 }", result_format=SPARQL_JSON))
    assert folder.is_dir()
    assert not [path.name for path in folder.iterdir() if path.suffix in {".log", ".nt"}]


def test_small_releases_have_no_copy():
    assert not is_worth_it(30_000)
    assert not is_worth_it(10**12)


@pytest.mark.parametrize(
    ("text", "may"),
    [
        ("SELECT * { ?a ?b ?c . ?d ?e ?f }", False),
        ("SELECT * { ?a ?b ?c { ?d ?e ?f } }", False),
        ("SELECT * { ?a ?b ?c OPTIONAL { ?d ?e ?f . ?g ?h ?i } }", False),
        ("SELECT * { ?a ?b ?c . ?c ?d ?e }", True),
        ("SELECT * { ?a <u:p> [ <u:q> ?x ] . ?x <u:r> 3 }", True),
        ("SELECT * { VALUES ?a { 1 } ?a ?b ?c . <u:x> <u:y> <u:z> }", True),
    ],
)
def test_a_product_is_left_to_the_first_engine(text, may):
    assert suits(parse(text)) is may
