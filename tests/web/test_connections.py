"""Connections beyond the limit: idle ones make room, so that whoever asks is heard; headers are as waitress has them."""

import socket
from types import SimpleNamespace

import pytest
from waitress import wasyncore
from waitress.task import WSGITask

from trialgraph.web.server import waitress_server
from trialgraph.web.server.waitress_server import create_servers


def application(_environ, start_response):
    start_response("200 OK", [("Content-Length", "5")])
    return [b"heard"]


def turn(sockets, times=1):
    for _ in range(times):
        wasyncore.loop(timeout=0.01, use_poll=True, map=sockets, count=1)


def test_idle_connections_make_room():
    sockets = {}
    options = {"host": "127.0.0.1", "port": 0, "threads": 1, "asyncore_use_poll": True, "connection_limit": 12}
    (server,) = create_servers(application, sockets, **options)
    address = ("127.0.0.1", server.effective_port)
    idle = [socket.create_connection(address) for _ in range(30)]
    turn(sockets, 60)
    assert len(server.active_channels) <= 12
    with socket.create_connection(address) as asking:
        asking.sendall(b"GET /x HTTP/1.1\r\nHost: x\r\n\r\n")
        asking.setblocking(False)
        answer = b""
        while b"heard" not in answer:
            turn(sockets)
            try:
                answer += asking.recv(1000)
            except BlockingIOError:
                continue
    for connection in idle:
        connection.close()
    server.task_dispatcher.shutdown()
    for one in list(sockets.values()):
        one.close()


@pytest.mark.parametrize("version", ["1.0", "1.1"])
@pytest.mark.parametrize("connection", [None, "close", "Close", "keep-alive"])
@pytest.mark.parametrize("status", ["200 OK", "204 No Content", "304 Not Modified"])
@pytest.mark.parametrize(
    "headers",
    [
        [("Content-Type", "text/csv"), ("Content-Length", "12"), ("ETag", '"x"'), ("Link", "<b>"), ("Link", "<a>")],
        [("content-type", "text/csv"), ("content-length", "0"), ("X-SPARQL-MaxRows", "1")],
        [("Content-Type", "text/csv")],
        [("Content-Length", "3"), ("date", "today"), ("Server", "mine")],
    ],
)
def test_headers_are_those_of_waitress(version, connection, status, headers):
    said = []
    for task_class in (waitress_server._Task, WSGITask):
        request = SimpleNamespace(version=version, headers={"CONNECTION": connection} if connection else {})
        server = SimpleNamespace(adj=SimpleNamespace(ident=None))
        task = task_class(SimpleNamespace(server=server), request)
        task.status, task.start_time, task.response_headers = status, 1e9, list(headers)
        lengths = [int(value) for name, value in headers if name.lower() == "content-length"]
        task.content_length = lengths[0] if lengths else None
        lines = task.build_response_header().decode().split("\r\n")
        links = [line for line in lines if line.startswith("Link")]
        said.append((lines[0], sorted(lines), links, task.close_on_finish))
    assert said[0] == said[1]
