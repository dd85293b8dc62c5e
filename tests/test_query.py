"""The engine without a server: answers, limits, errors, places, cache, a release swapped under it."""

import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.patience import patient

from trialgraph import errors
from trialgraph.formats import N_TRIPLES, SPARQL_CSV, SPARQL_JSON, SPARQL_XML
from trialgraph.query import QueryRequest, analyze, open_engine
from trialgraph.query.text.optimizer import plan
from trialgraph.query.text.row_cap import capped
from trialgraph.query.workers import scheduler
from trialgraph.sparql.parser import parse
from trialgraph.store import Statistics, begin_release, open_release, publish

LONG = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(?a != ?d) }"


def release(root: Path, version: str, count: int) -> Path:
    with begin_release(root, version) as draft:
        store = ox.Store(str(draft.store))
        quads = (f'<https://e.org/s{n}> <https://e.org/p> "v{n}" <https://e.org/g{n % 2}> .\n' for n in range(count))
        store.bulk_load("".join(quads).encode(), format=ox.RdfFormat.N_QUADS)
        store.flush()
        del store
        draft.write_manifest({"issued": version})
        publish(draft)
    return root


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    return patient(release=release(tmp_path_factory.mktemp("release"), "2026-01-01", 2000))


@pytest.fixture(scope="module")
def engine(settings):
    with open_engine(settings) as opened:
        yield opened


def test_kinds_and_rows(engine):
    rows = engine.run(QueryRequest("SELECT * { ?s ?p ?o }", result_format=SPARQL_CSV))
    assert (rows.kind, rows.rows, rows.release) == ("solutions", 2000, "2026-01-01")
    assert engine.run(QueryRequest("SELECT * { ?s ?p ?o }")).rows == 2000
    assert engine.run(QueryRequest("SELECT * { ?s ?p <x:none> }")).rows == 0
    assert engine.run(QueryRequest("ASK { ?s ?p ?o }")).read() == b'{"head":{},"boolean":true}'
    graph = engine.run(QueryRequest("CONSTRUCT WHERE { ?s ?p ?o }", rdf_format=N_TRIPLES))
    assert (graph.kind, graph.rows, len(graph.read().splitlines())) == ("graph", 2000, 2000)


@pytest.fixture(scope="module")
def counted(tmp_path_factory):
    """Return settings for a release of which the counts say that it is large."""
    root = release(tmp_path_factory.mktemp("release"), "2026-01-01", 2000)
    Statistics(10**6, {"https://e.org/p": (90_000, 80_000, 90_000)}, {}).write(open_release(root).path)
    return patient(release=root)


@pytest.mark.parametrize("text", [
    "SELECT ?a ?b { ?a <https://e.org/p> ?b . ?a <https://e.org/p> ?c } ORDER BY ?a",
    "SELECT (COUNT(*) AS ?n) { ?a <https://e.org/p> ?b FILTER NOT EXISTS { ?a <https://e.org/p> ?c } }",
])  # fmt: skip
def test_a_query_that_is_planned_has_the_same_answer(engine, counted, text):
    assert plan(parse(text), Statistics.read(open_release(counted.release).path))
    with open_engine(counted) as planning:
        assert planning.run(QueryRequest(text)).read() == engine.run(QueryRequest(text)).read()


def test_an_error_of_a_query_that_is_planned_is_told_of_its_own_text(engine, counted):
    text = "SELECT (?b AS ?a) (?? AS ?c) { ?a <https://e.org/p> ?b . ?a <https://e.org/p> ?c }"
    scope = "SELECT (?b AS ?a) { ?a <https://e.org/p> ?b .\n ?a <https://e.org/p> ?c }"
    with open_engine(counted) as planning:
        for wrong in (text, scope):
            with pytest.raises(errors.QuerySyntaxError) as one:
                planning.run(QueryRequest(wrong))
            with pytest.raises(errors.QuerySyntaxError) as other:
                engine.run(QueryRequest(wrong))
            assert str(one.value) == str(other.value)


def test_a_result_that_failed_leaves_nothing_in_the_next(settings):
    limits = {"query_result_bytes": 2**20, "query_workers": 1}
    with open_engine(replace(settings, **limits)) as small:
        large = QueryRequest("SELECT ?s { ?s ?p ?o . ?t ?q ?u } LIMIT 20000", result_format=SPARQL_CSV)
        with pytest.raises(errors.ResultTooLarge):
            small.run(QueryRequest("SELECT * { ?a ?b ?c . ?d ?e ?f }"))
        result = small.run(large)
        assert (result.spool is not None, len(result.read())) == (True, result.size)
        assert result.read().startswith(b"s\r\nhttps://e.org/s")


def test_a_large_result_is_spooled_and_whole(engine):
    result = engine.run(QueryRequest("SELECT * { ?s ?p ?o . ?t ?q ?u } LIMIT 20000", result_format=SPARQL_CSV))
    assert result.spool is not None
    assert len(result.read()) == result.size
    assert result.read().count(b"\n") == 20001


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("SELECT * {", errors.QuerySyntaxError),
        ("", errors.QuerySyntaxError),
        ("INSERT DATA { <x:s> <x:p> 1 }", errors.QueryRefused),
        ("ASK { SERVICE <http://127.0.0.1/> {} }", errors.QueryRefused),
        ("SELECT (<x:f>(1) AS ?x) {}", errors.QueryNotEvaluable),
        ("ASK {} #" + "x" * 300_000, errors.QueryTooLarge),
        ("SELECT * { ?a ?b ?c . ?d ?e ?f . } #" + "y", errors.ResultTooLarge),
    ],
)
def test_errors(settings, text, error):
    with open_engine(replace(settings, query_result_bytes=2**20)) as small, pytest.raises(error):
        small.run(QueryRequest(text))


def test_the_time_limit_is_kept(engine):
    # It would take hours, so that it ends at all shows that it was stopped.
    with pytest.raises(errors.QueryTimeout) as stopped:
        engine.run(QueryRequest(LONG, timeout_seconds=0.3))
    assert stopped.value.limit_seconds == 0.3
    assert engine.run(QueryRequest("ASK {}")).kind == "boolean"


def test_memory_is_bounded(settings):
    text = 'SELECT (STRLEN(?c) AS ?n) { BIND("' + "x" * 1000 + '" AS ?a) '
    text += "".join(f'BIND(REPLACE(?{p}, "x", "{"x" * 1000}") AS ?{n}) ' for p, n in ("ab", "bc")) + "}"
    with open_engine(replace(settings, query_memory_bytes=500 * 2**20)) as small:
        with pytest.raises(errors.QueryOutOfMemory):
            small.run(QueryRequest(text))
        assert small.run(QueryRequest("ASK {}")).kind == "boolean"


def test_all_together_are_bounded_too(settings):
    """One after another is stopped while together they use more than is allowed, none for its own size."""
    together = {"query_memory_total_bytes": 100 * 2**20, "query_slow_places": 8, "query_timeout_seconds": 60}
    with open_engine(replace(settings, **together)) as small, ThreadPoolExecutor(4) as pool:
        texts = [f"SELECT * {{ ?a ?b ?c . ?d ?e ?f }} ORDER BY ?c ?f # {number}" for number in range(4)]
        asked = [pool.submit(small.run, QueryRequest(text)) for text in texts]
        for each in asked:
            with pytest.raises(errors.EngineBusy, match="memory that all queries may use together"):
                each.result()
        assert small.run(QueryRequest("ASK {}")).kind == "boolean"


def test_nobody_waits_so_it_stops(engine):
    with pytest.raises(errors.QueryAbandoned):
        engine.run(QueryRequest(LONG + " # abandoned", timeout_seconds=3600), lambda: True)


class Client:
    """A client that tells when its query has a slow place, and that may go."""

    def __init__(self) -> None:
        self.has_place = threading.Event()
        self.goes = threading.Event()

    def __call__(self) -> bool:
        self.has_place.set()  # the engine looks whether the client is still there once a query has its place
        return self.goes.is_set()


def test_long_queries_share_few_places(settings):
    client = Client()
    settings = replace(settings, query_slow_places=1, query_timeout_cap_seconds=3600)
    with open_engine(settings) as one, ThreadPoolExecutor(1) as pool:
        held = pool.submit(one.run, QueryRequest(LONG, timeout_seconds=3600), client)
        assert client.has_place.wait()
        for number in range(2):
            with pytest.raises(errors.EngineBusy, match="all places for long queries are taken"):
                one.run(QueryRequest(f"{LONG} # {number}", timeout_seconds=3600))
        assert one.run(QueryRequest("ASK { ?s ?p ?o }")).kind == "boolean"
        client.goes.set()
        with pytest.raises(errors.QueryAbandoned):
            held.result()


def test_the_same_question_is_computed_once(settings):
    with open_engine(settings) as fresh:
        text = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f }"
        results = []
        threads = [threading.Thread(target=lambda: results.append(fresh.run(QueryRequest(text)))) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len({id(result.body) for result in results}) == 1
        assert fresh.run(QueryRequest(text)).cached
        assert not fresh.run(QueryRequest("SELECT (RAND() AS ?x) {}")).cached
        assert (
            fresh.run(QueryRequest("SELECT (RAND() AS ?x) {}")).body
            != fresh.run(QueryRequest("SELECT (RAND() AS ?x) {}")).body
        )


def test_the_cache_is_bounded(settings):
    with open_engine(replace(settings, cache_bytes=20_000)) as small:
        for number in range(100):
            small.run(QueryRequest(f"SELECT * {{ ?s ?p ?o }} LIMIT 1 # {number}"))
        assert small.counts()["cached_bytes"] <= 20_000


def test_large_results_that_are_being_fetched_are_bounded_together(settings):
    large = "SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 20000 # "
    with open_engine(replace(settings, cache_bytes=0, query_spool_bytes=6 * 2**20)) as engine:
        held = engine.run(QueryRequest(large))
        assert held.spool
        assert 3 * 2**20 < held.size == engine.counts()["spooled_bytes"]
        with pytest.raises(errors.EngineBusy, match="room for large results"):
            engine.run(QueryRequest(large + "again"))
        assert engine.run(QueryRequest("ASK {}")).read()
        del held
        assert engine.counts()["spooled_bytes"] == 0
        assert engine.run(QueryRequest(large + "once more")).spool


def test_a_new_release_is_taken_up(tmp_path):
    root = release(tmp_path, "2026-01-01", 10)
    count = QueryRequest("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", result_format=SPARQL_CSV)
    with open_engine(patient(release=root)) as engine:
        assert engine.run(count).read() == b"n\r\n10\r\n"
        release(root, "2026-01-02", 20)
        while engine.run(count).read() != b"n\r\n20\r\n":
            time.sleep(0.01)
        assert engine.version() == "2026-01-02"


def test_there_must_be_a_release(tmp_path):
    with pytest.raises(errors.ReleaseNotFound):
        open_engine(patient(release=tmp_path))


@pytest.mark.parametrize(("form", "note"), [(SPARQL_JSON, b'"link":['), (SPARQL_XML, b"<link href=")])
def test_the_row_cap_is_announced(settings, form, note):
    with open_engine(replace(settings, query_row_cap=5)) as engine:
        cut = engine.run(QueryRequest("SELECT * { ?s ?p ?o }", result_format=form))
        assert (cut.rows, cut.row_cap, note in cut.read()) == (5, 5, True)
        rows = ox.parse_query_results(cut.read(), format=form.oxigraph)
        assert len(list(rows)) == 5
        whole = engine.run(QueryRequest("SELECT * { ?s ?p ?o } LIMIT 5", result_format=form))
        assert (whole.rows, whole.row_cap, note in whole.read()) == (5, None, False)


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_killed_workers_are_replaced(engine):
    inner = engine._backend._pool
    for worker in list(inner._idle):
        os.kill(worker.pid, signal.SIGKILL)
        while is_alive(worker.pid):
            time.sleep(0.01)
    assert all(engine.run(QueryRequest(f"ASK {{}} # {n}")).kind == "boolean" for n in range(3))


@pytest.mark.parametrize(
    ("text", "services"),
    [
        ("ASK { SERVICE <u:x> {} }", ("u:x",)),
        ("ASK { sErViCe SILENT ?e {} }", ("?e",)),
        (r"ASK { SERV\u0049CE <u:x> {} }", ("u:x",)),
        ("PREFIX service: <u:> ASK { service:x service:y 'SERVICE <u:x>' } # SERVICE <u:x>", ()),
        ('ASK { ?s ?p """ " SERVICE <u:x> """ }', ()),
        ("ASK { ?service ?p $service }", ()),
        ("ASK { <u:service> ?p <u:SERVICE> }", ()),
    ],
)
def test_services_are_found(text, services):
    assert analyze(text).services == services


@given(st.text(max_size=300))
def test_any_text_can_be_scanned(text):
    assert analyze(text).form in {"", *"SELECT ASK CONSTRUCT DESCRIBE".split()} or analyze(text).is_update


@given(st.integers(0, 200), st.integers(1, 100))
def test_a_limit_within_the_cap_stays(limit, cap):
    query = parse(f"SELECT * {{}} LIMIT {limit}")
    found = capped(query, cap)
    assert (found is None) == (limit <= cap)


def test_a_long_query_pauses_until_another_gives_its_place_back(settings, monkeypatch):
    monkeypatch.setattr(scheduler, "WAIT_SECONDS", 3600.0)
    settings = replace(settings, query_slow_places=1, query_timeout_cap_seconds=3600)
    clients = Client(), Client()
    with open_engine(settings) as engine, ThreadPoolExecutor(2) as pool:
        first, second = (
            pool.submit(engine.run, QueryRequest(f"{LONG} # {number}", timeout_seconds=3600), client)
            for number, client in enumerate(clients)
        )
        while not any(client.has_place.is_set() for client in clients):
            time.sleep(0.01)
        running, waiting = (0, 1) if clients[0].has_place.is_set() else (1, 0)
        assert not clients[waiting].has_place.is_set()
        clients[running].goes.set()
        assert clients[waiting].has_place.wait()
        clients[waiting].goes.set()
        for asked in (first, second):
            with pytest.raises(errors.QueryAbandoned):
                asked.result()
