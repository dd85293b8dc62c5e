"""Connections beyond the limit: idle ones make room, so that whoever asks is heard."""

import socket

from waitress import wasyncore

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
