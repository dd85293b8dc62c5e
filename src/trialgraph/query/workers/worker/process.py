"""The process that forks workers, and the life of a worker; FD, its one argument, is a stream socket."""

import json
import os
import select
import socket
import sys
import threading
from typing import Any, Final

import pyoxigraph as ox

from trialgraph.query.workers.worker.evaluation import Answerer
from trialgraph.query.workers.worker.join_engine import JoinEngine
from trialgraph.query.workers.worker.messages import INLINE_BYTES, receive, send
from trialgraph.query.workers.worker.sandbox import missing, restrict

_STACK_BYTES: Final = 512 * 2**20
"""Stack of the thread that parses and evaluates: Oxigraph recurses, and 20,000 nested terms need some 300 MB."""


def _converse(channel: socket.socket, order: dict[str, Any], joins: JoinEngine | None) -> None:
    try:
        answerer = Answerer(ox.Store.read_only(order["store"]), order["dataset"], joins)
    except OSError as error:
        send(channel, {"error": "store", "reason": str(error)})
        os._exit(1)
    send(channel, {"ready": True, "thread": threading.get_native_id()})
    spool = -1
    while True:
        request, files = receive(channel, INLINE_BYTES)
        if not request:
            os._exit(0)
        if files:
            if spool >= 0:
                os.close(spool)
            spool = files[0]
        send(channel, *answerer.answer(json.loads(request), spool))


def work(channel: socket.socket, order: dict[str, Any]) -> None:
    """Answer until the other side closes the socket or dies."""
    # It opens files for writing, which is refused below; what it maps is address space, and no memory.
    joins = JoinEngine.beside(order["store"], order["scratch"])
    threading.stack_size(_STACK_BYTES)
    # The stack is address space, but hardly ever memory: the ceiling comes on top of it.
    missing = restrict(order["memory"] + _STACK_BYTES, order["result"] + 2**20)
    if missing and order["sandbox"]:
        send(channel, {"error": "sandbox", "reason": missing})
        os._exit(1)
    arguments = {"channel": channel, "order": order, "joins": joins}
    threading.Thread(target=_converse, kwargs=arguments, daemon=True).start()
    # The conversation may be deep inside a query: only this thread sees that nobody waits for it any more.
    gone = select.poll()
    gone.register(channel, 0)
    gone.poll()
    os._exit(0)


def serve_forks(control: socket.socket) -> None:
    """Fork a worker for each request to start one, and tell of those that ended, until the other side is gone.

    This process has one thread and no store, so what it forks begins clean, within a millisecond.
    """
    forgotten: set[int] = set()
    while True:
        message, files = receive(control)
        if not message:
            os._exit(0)
        request = json.loads(message)
        if "store" in request:
            send(control, {"pid": _fork(control, files, request)})
        elif "sandbox" in request:
            send(control, {"missing": missing()})
        elif "ended" in request:
            send(control, {"status": _status(request["ended"])})
        elif "forget" in request:
            forgotten.add(request["forget"])
        forgotten = {pid for pid in forgotten if _is_there(pid)}


def _fork(control: socket.socket, files: list[int], request: dict[str, Any]) -> int:
    pid = os.fork()
    if not pid:
        control.close()
        channel, errors = files
        os.dup2(errors, 2)
        os.close(errors)
        work(socket.socket(fileno=channel), request)
    for descriptor in files:
        os.close(descriptor)
    return pid


def _status(pid: int) -> int | None:
    """Return how a child ended; None while it is still ending, which may take long at the lowest priority."""
    try:
        ended, status = os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return 0
    return status if ended else None


def _is_there(pid: int) -> bool:
    """Return whether a child still lives; one that has ended is reaped by asking."""
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == 0
    except ChildProcessError:
        return False


if __name__ == "__main__":
    serve_forks(socket.socket(fileno=int(sys.argv[1])))
