"""Many at once, slow ones, ones that go away, processes killed, no room on the disk: the server stays well."""

import contextlib
import os
import resource
import signal
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from .conftest import is_well
from .sending import exchange, parse

pytestmark = pytest.mark.live

PRODUCT = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(?a != ?d) }"
SORTED = "SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY ?c ?f"
PATHS = "SELECT (COUNT(*) AS ?n) { ?a (<https://example.org/p1>|!<https://example.org/p2>)* ?b }"
BOMBS = (
    "SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY RAND()",
    "SELECT ?x (GROUP_CONCAT(?y) AS ?z) { ?a ?b ?x . ?c ?d ?y } GROUP BY ?x",
    "SELECT DISTINCT ?a ?c ?f { ?a ?b ?c . ?d ?e ?f } ORDER BY ?f",
)


def workers(pid):
    """Return the workers of a server."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            found.append((int(stat.parent.name), int(fields[1])))
    below = {pid}
    for _ in found:
        below |= {child for child, parent in found if parent in below}
    # The one child starts workers; it uses no processor itself, and its end would hide the workers' descent.
    return below - {pid} - {child for child, parent in found if parent == pid}


def cpu_seconds(pids):
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


def test_time_asked_for_is_given_but_capped(short):
    for asked, given in (("0.3", "0.3 s"), ("1000", "2 s")):
        response = short.client.post(short.sparql, data={"query": PRODUCT + " #" + asked, "timeout": asked})
        assert response.status_code == 503
        assert f"time limit of {given}" in response.text


def connect(server):
    address = urlsplit(server.url)
    return socket.create_connection((address.hostname, address.port), 30)


def test_slow_and_idle_clients_hold_nobody_up(server):
    beginnings = (
        b"",
        b"G",
        b"GET /sparql?query=ASK HTTP/1.1\r\nHost: x\r\n",
        b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nquery=",
        b"POST /sparql HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n",
    )
    with contextlib.ExitStack() as stack:
        for number in range(400):
            stack.enter_context(connect(server)).sendall(beginnings[number % len(beginnings)])
        assert is_well(server)
    assert is_well(server)


def test_slow_readers_hold_nobody_up(server):
    query = quote("SELECT * { ?s ?p ?o }")
    with contextlib.ExitStack() as stack:
        for _ in range(150):
            connection = stack.enter_context(connect(server))
            connection.sendall(f"GET /sparql?query={query} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert is_well(server)


def test_requests_in_one_go_are_answered_in_order(server):
    one = "GET /sparql?format=csv&query={} HTTP/1.1\r\nHost: x\r\nConnection: {}\r\n\r\n"
    texts = [quote(f"SELECT ({number} AS ?n) {{}}") for number in range(50)]
    received = exchange(server.url, "".join(one.format(text, "keep-alive") for text in texts).encode() + one.format(
        texts[0], "close").encode())  # fmt: skip
    answers = received.split(b"HTTP/1.1 200 OK")[1:]
    assert [answer.split()[-1] for answer in answers] == [b"%d" % number for number in [*range(50), 0]]


@pytest.mark.parametrize("size", [5 * 2**20, 60 * 2**20])
def test_who_sends_far_too_much_is_told_so(server, size):
    head = f"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: {size}\r\n\r\n".encode()
    with connect(server) as connection:
        connection.sendall(head)
        for _ in range(size // 2**20):
            connection.sendall(b"x" * 2**20)  # a reset would raise here
        connection.shutdown(socket.SHUT_WR)
        received = b""
        while chunk := connection.recv(65536):
            received += chunk
    assert parse(received).status == 413
    assert is_well(server)


def test_two_answers_are_never_mixed(server):
    """Each of many clients at once gets the answer to its own question."""

    def ask(number):
        text = f"SELECT (CONCAT('{number}', STR(?n)) AS ?x) {{ BIND({number} AS ?n) }}"
        return server.ask(text).json()["results"]["bindings"][0]["x"]["value"] == f"{number}{number}"

    with ThreadPoolExecutor(32) as pool:
        assert all(pool.map(ask, range(300)))


def test_a_share_that_is_used_up_is_429(serve, sample_root):
    server = serve(sample_root, trusted_proxies=1, rate_query_seconds=1, query_timeout_seconds=1.5)
    mine, other = ({"X-Forwarded-For": address} for address in ("192.0.2.1", "192.0.2.2"))
    assert server.ask(PRODUCT + " # share", headers=mine).status_code == 503
    refused = server.ask("ASK { ?s ?p ?o }", headers=mine)
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    assert refused.headers["Access-Control-Allow-Origin"] == "*"
    assert server.ask("ASK { ?s ?p ?o }", headers=other).status_code == 200


def fork_server(pid):
    """Return the process that starts workers."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in children]


def test_a_killed_fork_server_is_replaced(server):
    for pid in fork_server(server.process.pid):
        os.kill(pid, signal.SIGKILL)
    for pid in workers(server.process.pid):
        os.kill(pid, signal.SIGKILL)
    assert all(is_well(server) for _ in range(5))


def test_no_room_to_compress_is_no_fault(serve, sample_root):
    """The server may write nothing of any size, as on a full disk: it sends what there is as it is."""
    server = serve(sample_root, cache_bytes=0)
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (50_000, 50_000))
    large = server.ask("SELECT * { ?s ?p ?o }", headers={"Accept-Encoding": "gzip"})
    assert (large.status_code, len(large.json()["results"]["bindings"])) == (200, 40_000)
    assert is_well(server)


def test_no_room_for_results_is_no_fault(serve, sample_root):
    """Workers may write nothing of any size: large results are refused with the reason, small ones are given."""
    server = serve(sample_root, query_workers=1)
    for pid in workers(server.process.pid):
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (50_000, 50_000))
    large = server.ask("SELECT * { ?s ?p ?o }")
    assert (large.status_code, "File too large" in large.text) == (503, True)
    assert is_well(server)


@pytest.mark.slow
def test_memory_bombs_at_once_leave_the_machine_its_memory(serve, sample_root):
    limit = 600 * 2**20
    server = serve(sample_root, query_memory_total_bytes=limit, query_slow_places=16, query_timeout_seconds=20)
    with ThreadPoolExecutor(24) as pool:
        asked = [pool.submit(server.ask, f"{BOMBS[number % len(BOMBS)]} # {number}") for number in range(24)]
        while not all(each.done() for each in asked):
            assert is_well(server)
        answers = [each.result() for each in asked]
    assert {answer.status_code for answer in answers} <= {413, 503}
    assert any("memory that all queries may use together" in answer.text for answer in answers)


def test_a_killed_worker_is_replaced(server):
    for pid in workers(server.process.pid):
        os.kill(pid, signal.SIGKILL)
    assert all(is_well(server) for _ in range(5))


@pytest.mark.slow
def test_a_query_killed_on_its_way_is_an_error(server):
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(server.ask, PRODUCT + " # killed")
        while not asked.done():
            busy = [pid for pid in workers(server.process.pid) if cpu_seconds([pid]) > 0.3]
            for pid in busy:
                os.kill(pid, signal.SIGKILL)
            time.sleep(0.02)
        assert asked.result().status_code == 503
    assert is_well(server)


@pytest.mark.slow
def test_work_stops_when_the_client_goes(serve, sample_root):
    server = serve(sample_root, query_timeout_seconds=3600, query_timeout_cap_seconds=3600)
    address = urlsplit(server.url)
    body = "query=" + quote(PRODUCT + " # abandoned")
    connection = socket.create_connection((address.hostname, address.port))
    head = "POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())

    def burning():
        pids = workers(server.process.pid)
        before = cpu_seconds(pids)
        time.sleep(0.5)
        return cpu_seconds(pids) - before > 0.03

    while not burning():
        pass
    connection.close()
    while burning() or burning():  # it would go on for an hour
        pass


@pytest.mark.slow
def test_small_questions_stay_quick_among_large_ones(serve, sample_root):
    server = serve(sample_root, query_timeout_seconds=5)
    stop, ended, during = threading.Event(), [], []

    def attack(number):
        while not stop.is_set():
            server.client.post(server.sparql, data={"query": f"{(PRODUCT, SORTED, PATHS)[number % 3]} # {number}"})
            ended.append(number)

    with ThreadPoolExecutor(12) as pool:
        for number in range(12):
            pool.submit(attack, number)
        try:
            for number in range(150):
                before = len(ended)
                assert server.ask(f"ASK {{ <https://example.org/s{number}> ?p ?o }}").status_code == 200
                during.append(len(ended) - before)
        finally:
            stop.set()
    # A large one ends after seconds; a small one that waited behind them would see a round of them end.
    assert sorted(during)[len(during) // 2] < 12
    assert is_well(server)
