"""One served release: a swap mixes nothing, a slow query is not slow for ever, no reading thread waits for a worker."""

import contextlib
import os
import signal
import socket
import struct
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pyoxigraph as ox
import pytest

from trialgraph import errors
from trialgraph.formats import SPARQL_CSV
from trialgraph.query import QueryRequest, open_engine
from trialgraph.query.current_release import CurrentRelease
from trialgraph.query.engines import embedded
from trialgraph.query.workers.scheduler import Places
from trialgraph.query.workers.worker_client import Worker
from trialgraph.settings import Settings
from trialgraph.store import begin_release, keep_union, publish
from trialgraph.web import create_app
from trialgraph.web.context.release_view import reading

LARGE = "https://e.org/large"
NUMBERS = " ".join(map(str, range(99)))
ENDLESS = f"SELECT (COUNT(*) AS ?n) {{ {' '.join(f'VALUES ?{name} {{ {NUMBERS} }}' for name in 'abcdefgh')} }}"
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"


def published(root, version, small, large):
    """Publish a release with some triples in a small graph and others in a large one, which is kept apart."""
    with begin_release(root, version) as draft:
        store = ox.Store(str(draft.store))
        names = [("https://e.org/small", small), (LARGE, large)]
        quads = (
            f'<https://e.org/s> <https://e.org/p> "{name}{n}" <{name}> .\n' for name, m in names for n in range(m)
        )
        store.bulk_load("".join(quads).encode(), format=ox.RdfFormat.N_QUADS)
        store.flush()
        del store
        apart = [LARGE] if large else []
        keep_union(draft.store, tuple(apart))
        draft.write_manifest({"issued": version, "apart": apart})
        return publish(draft)


@pytest.fixture
def settings(tmp_path):
    published(tmp_path, "2026-01-01", 1, 0)
    return Settings(release=tmp_path, query_timeout_seconds=3600, query_timeout_cap_seconds=3600, query_workers=1)


@pytest.fixture(scope="module")
def settled(tmp_path_factory):
    """Settings for a release that stays."""
    root = tmp_path_factory.mktemp("release")
    published(root, "2026-01-01", 300, 0)
    return Settings(release=root, query_timeout_seconds=3600, query_timeout_cap_seconds=3600)


def until(is_so):
    while not is_so():
        time.sleep(0.005)


class Holder:
    """A client of a query that never ends, until it leaves."""

    def __init__(self):
        self.is_running, self.leaves = threading.Event(), threading.Event()

    def __call__(self):
        self.is_running.set()
        return self.leaves.is_set()


@contextlib.contextmanager
def held(engine, text=ENDLESS):
    """Keep a worker and a slow place busy as long as the block takes; what it yields lets go of them."""
    client = Holder()
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(engine.run, QueryRequest(text), client)
        client.is_running.wait()
        try:
            yield client.leaves.set
        finally:
            client.leaves.set()
            with pytest.raises(errors.QueryAbandoned):
                asked.result()


def test_a_query_that_waits_across_a_swap_is_asked_as_its_worker_wants_it(settings):
    with (
        open_engine(replace(settings, query_slow_places=2)) as engine,
        ThreadPoolExecutor(1) as pool,
        held(engine) as let_go,
    ):
        waiting = pool.submit(engine.run, QueryRequest(COUNT, result_format=SPARQL_CSV))
        until(lambda: engine.counts()["waiting"] == 1)
        published(settings.release, "2026-01-02", 1, 100)
        until(lambda: engine.version() == "2026-01-02")
        let_go()
        answer = waiting.result()
        assert (answer.read(), answer.release) == (b"n\r\n101\r\n", "2026-01-02")


def test_a_worker_of_the_release_before_answers_as_that_one(settings):
    """A query that runs while the release is swapped keeps what its own release says."""
    with open_engine(settings) as engine:
        worker = engine._backend._pool.take(60, 1)
        worker.wait_ready()
        published(settings.release, "2026-01-02", 1, 100)
        until(lambda: engine.version() == "2026-01-02")
        assert worker.served.release.version == "2026-01-01"
        assert worker.served.release.apart == ()
        engine._backend._pool.give_back(worker, fit=True)
        answer = engine.run(QueryRequest(COUNT, result_format=SPARQL_CSV))
        assert (answer.read(), answer.release) == (b"n\r\n101\r\n", "2026-01-02")


def test_a_release_that_cannot_be_opened_leaves_the_one_before(settings):
    looked = threading.Event()
    current = CurrentRelease(settings.release)
    current.follow(looked.set)
    try:
        served = current.served
        broken = settings.release / "versions" / "2026-01-02"
        broken.mkdir()
        link = settings.release / ".link"
        link.symlink_to(broken)
        link.replace(settings.release / "current")
        published(settings.release, "2026-01-03", 1, 0)
        looked.wait()
        assert (served.release.version, current.served.release.version) == ("2026-01-01", "2026-01-03")
    finally:
        current.close()


@pytest.mark.parametrize("elsewhere", ["", "http://127.0.0.1:9/sparql"])
def test_a_swap_in_the_first_moment_of_an_engine_is_followed(settings, monkeypatch, elsewhere):
    follow = CurrentRelease.follow

    def swapped_at_once(current, swapped=lambda: None):
        assert not current._thread  # nothing follows before the engine that is told is whole
        swapped()
        published(settings.release, "2026-01-02", 1, 0)
        follow(current, swapped)

    monkeypatch.setattr(CurrentRelease, "follow", swapped_at_once)
    with open_engine(replace(settings, engine=elsewhere)) as engine:
        until(lambda: engine.release().version == "2026-01-02")
        published(settings.release, "2026-01-03", 1, 0)
        until(lambda: engine.release().version == "2026-01-03")


def key(engine, text):
    return engine.version(), text, None, None


def test_a_query_that_was_slow_once_is_not_slow_for_ever(settled):
    with open_engine(replace(settled, query_slow_places=1)) as engine:
        places = engine._backend._places
        places.remember(key(engine, COUNT))
        with held(engine), pytest.raises(errors.EngineBusy, match="places for long queries"):
            engine.run(QueryRequest(COUNT))
        assert engine.run(QueryRequest(COUNT)).rows == 1  # it has a slow place now, and does not need it
        with held(engine, ENDLESS + "#"):
            assert engine.run(QueryRequest(COUNT, result_format=SPARQL_CSV)).rows == 1


def test_what_was_slow_on_one_release_is_not_known_of_the_next(settings):
    with open_engine(replace(settings, query_slow_places=1, query_workers=3)) as engine:
        engine._backend._places.remember(key(engine, COUNT))
        published(settings.release, "2026-01-02", 300, 0)
        until(lambda: engine.version() == "2026-01-02")
        with held(engine):
            assert engine.run(QueryRequest(COUNT)).rows == 1


def test_places_forget():
    places = Places(1)
    places.remember(("a",))
    with places.entering(("a",)) as place:
        assert place.was_long
        place.remember_quick()
    assert not places.is_long(("a",))


class NoForkServer:
    """Starts nothing: the test itself is the worker."""

    def start(self, _order, files):
        self.channel = socket.socket(fileno=os.dup(files[0]))
        return 0

    def status(self, _pid):
        return 0

    def forget(self, _pid):
        pass


def test_half_an_answer_is_none(settings):
    server = NoForkServer()
    current = CurrentRelease(settings.release)
    worker = Worker(current.served, server, memory_bytes=2**30, result_bytes=2**20)
    current.close()
    head, body = b'{"kind": "boolean"}', b"true" * 50_000
    answer = struct.pack("!II", len(head), len(body)) + head + body
    for part in (answer[:5], answer[5:30], answer[30:100_000]):
        server.channel.sendall(part)
        assert not worker.wait(0.001)
    server.channel.sendall(answer[100_000:])
    assert worker.wait(3600)
    assert worker.receive() == ({"kind": "boolean"}, body)
    server.channel.sendall(answer[:9])
    server.channel.close()
    assert worker.wait(3600)
    with pytest.raises(EOFError):
        worker.receive()
    worker.close()


def test_the_first_step_does_not_wait_for_what_tells_how_a_worker_ended(settled, monkeypatch):
    monkeypatch.setattr(embedded, "_MOMENT_SECONDS", 3600)
    with open_engine(settled) as engine:
        until(
            lambda: (
                ((pool := engine._backend._pool)._idle and pool._idle[-1].is_ready)
                or engine.run(QueryRequest("ASK {}"))
            )
        )
        steps = engine.steps(QueryRequest(ENDLESS))
        with ThreadPoolExecutor(1) as pool:
            first = pool.submit(next, steps)
            until(lambda: engine._backend._pool._busy)
            (worker,) = engine._backend._pool._busy
            with engine._backend._pool._fork_server._lock:  # as while it starts others
                os.kill(worker.pid, signal.SIGKILL)
                assert first.result() is None
        steps.close()
        assert engine.run(QueryRequest("ASK {}")).kind == "boolean"


def test_a_query_whose_workers_are_killed_is_not_asked_again_and_again(settled, monkeypatch):
    waits, used = Worker.wait, []

    def killed(worker, seconds):
        if worker.is_ready and worker not in used:
            used.append(worker)
            before = worker.cpu_seconds()
            until(lambda: worker.cpu_seconds() > before + 0.005)  # it has read the question
            os.kill(worker.pid, signal.SIGKILL)
        return waits(worker, seconds)

    with open_engine(settled) as engine:
        assert engine.run(QueryRequest("ASK {}")).kind == "boolean"
        monkeypatch.setattr(Worker, "wait", killed)
        with pytest.raises(errors.QueryOutOfMemory):
            engine.run(QueryRequest(ENDLESS))
        assert len(used) == 2


def test_a_query_that_no_worker_has_read_is_asked_again(settled, monkeypatch):
    sends, stopped = Worker.send, []

    def send(worker, request):
        if len(stopped) < 6:
            stopped.append(worker)
            os.kill(worker.pid, signal.SIGSTOP)
            sends(worker, request)
            os.kill(worker.pid, signal.SIGKILL)
        else:
            sends(worker, request)

    with open_engine(settled) as engine:
        monkeypatch.setattr(Worker, "send", send)
        assert engine.run(QueryRequest(COUNT, result_format=SPARQL_CSV)).read() == b"n\r\n300\r\n"
        assert len(stopped) == 6


def test_a_page_is_answered_from_one_release(settings):
    seen = []

    with open_engine(replace(settings, query_workers=4)) as engine:
        app = create_app(settings, engine)

        @app.get("/count")
        def count():
            here = reading()
            first = here.release.version
            here.asking.rows(COUNT)
            if not seen:
                published(settings.release, "2026-01-02", 1, 100)
                until(lambda: engine.version() == "2026-01-02")
            seen.append(first)
            (row,) = here.asking.rows(COUNT)
            return f"{first} {here.release.version} {row['n']}"

        answer = app.test_client().get("/count").text
    assert answer.startswith('2026-01-02 2026-01-02 "101"')
    assert seen == ["2026-01-01", "2026-01-02"]


def test_words_are_made_once_after_a_swap(settled):
    with open_engine(settled) as engine:
        app, made, come = create_app(settled, engine), [], []

        def make():
            made.append(None)
            until(lambda: len(come) == 8)  # all who would make it too, if they did not wait
            return object()

        def get():
            with app.app_context():
                come.append(None)
                return reading().once("words of a test", make)

        with ThreadPoolExecutor(8) as pool:
            found = [each.result() for each in [pool.submit(get) for _ in range(8)]]
    assert len(set(map(id, found))) == len(made) == 1
