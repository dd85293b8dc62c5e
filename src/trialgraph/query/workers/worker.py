"""The query worker: one store, one query at a time, in a process that may be killed at any moment.

Run as `python -I -S worker.py FD` by `nursery.py`, as a process that forks workers when told to. It stands alone on
purpose: it imports pyoxigraph and the standard library only, and what runs inside the sandbox is on this page. FD is
a stream socket, and so is what a worker speaks through; a message is two lengths, a JSON header, and a body.

Before the store answers anything the worker gives up what a query must not have: new sockets, other programs, files
opened for writing, signals to others, memory and file sizes without bound. So even if a SERVICE clause came past the
scan of `scan.py`, nothing could leave.
"""

import array
import contextlib
import ctypes
import json
import os
import platform
import re
import resource
import select
import socket
import struct
import sys
import threading
from pathlib import Path
from time import perf_counter
from typing import Any, Final

import pyoxigraph as ox

LENGTHS: Final = struct.Struct("!II")
INLINE_BYTES: Final = 256 * 1024
"""A result up to this size travels through the socket, a larger one through the spool file."""
_TWO_FILES: Final = socket.CMSG_SPACE(2 * array.array("i").itemsize)
_STACK_BYTES: Final = 512 * 2**20
"""Stack of the thread that parses and evaluates: Oxigraph recurses, and 20,000 nested terms need some 300 MB."""

_PR_SET_NO_NEW_PRIVS, _PR_SET_DUMPABLE = 38, 4
_SET_MODE_FILTER, _FILTER_FLAG_TSYNC = 1, 1
_ALLOW, _EACCES = 0x7FFF0000, 0x00050000 | 13
_LOAD, _JUMP_EQUAL, _JUMP_ANY_BIT, _JUMP_AT_LEAST, _RETURN = 0x20, 0x15, 0x45, 0x35, 0x06
_WRITING: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC

# By machine: its audit number, the number of seccomp(2), the calls refused, and the calls that open files with the
# place of their flags.
_CALLS: Final[dict[str, tuple[int, int, frozenset[int], dict[int, int]]]] = {
    "x86_64": (
        0xC000003E,
        317,
        frozenset(
            {41, 42, 43, 49, 50, 53, 288}  # socket connect accept bind listen socketpair accept4
            | {57, 58, 59, 322, 62, 200, 101, 310, 311}  # fork vfork execve execveat kill tkill ptrace process_vm_*
            | {76, 77, 82, 83, 84, 85, 86, 87, 88, 90, 91, 92, 94, 133}  # truncate rename mkdir creat link unlink …
            | {258, 259, 260, 263, 264, 265, 266, 268, 316, 437}  # the same with a folder given, and openat2
            | {424, 425, 426, 427, 434, 438}  # pidfd_* and io_uring_*
        ),
        {2: 1, 257: 2},  # open openat
    ),
    "aarch64": (
        0xC00000B7,
        277,
        frozenset(
            {198, 199, 200, 201, 202, 203, 242, 221, 281, 129, 130, 117, 270, 271}
            | {33, 34, 35, 36, 37, 38, 276, 45, 46, 52, 53, 54, 437, 424, 425, 426, 427, 434, 438}
        ),
        {56: 2},
    ),
}


def _instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, value)


def seccomp_filter(machine: str) -> bytes:
    """Return the BPF program that refuses the calls above with EACCES and lets all others pass.

    Raises KeyError for a machine whose call numbers are not known here.

    >>> len(seccomp_filter("x86_64")) % 8
    0
    """
    audit, _, refused, opening = _CALLS[machine]
    refuse = _instruction(_RETURN, _EACCES)
    program = [
        _instruction(_LOAD, 4),  # seccomp_data.arch
        _instruction(_JUMP_EQUAL, audit, 1, 0),
        refuse,
        _instruction(_LOAD, 0),  # seccomp_data.nr
        _instruction(_JUMP_AT_LEAST, 0x40000000, 0, 1),  # the x32 table would offer every call a second time
        refuse,
    ]
    for number in sorted(refused):
        program += [_instruction(_JUMP_EQUAL, number, 0, 1), refuse]
    for number, argument in opening.items():
        program += [
            _instruction(_JUMP_EQUAL, number, 0, 4),
            _instruction(_LOAD, 16 + 8 * argument),
            _instruction(_JUMP_ANY_BIT, _WRITING, 0, 1),
            refuse,
            _instruction(_RETURN, _ALLOW),
        ]
    return b"".join([*program, _instruction(_RETURN, _ALLOW)])


def _deny_calls() -> bool:
    """Install the filter for all threads; False where the kernel or the machine does not offer it."""
    machine = platform.machine()
    if sys.platform != "linux" or machine not in _CALLS:
        return False
    library = ctypes.CDLL(None, use_errno=True)
    program = seccomp_filter(machine)
    text = ctypes.create_string_buffer(program, len(program))
    # struct sock_fprog: a count, padding, a pointer
    head = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(program) // 8, ctypes.addressof(text)))
    library.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    if library.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        return False
    return not library.syscall(_CALLS[machine][1], _SET_MODE_FILTER, _FILTER_FLAG_TSYNC, head)


def _address_space() -> int:
    try:
        return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    except OSError:
        return 2**30


def restrict(memory_bytes: int, file_bytes: int) -> bool:
    """Give up what a query must not have; return whether system calls are filtered too."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))
    ceiling = memory_bytes + _address_space()
    resource.setrlimit(resource.RLIMIT_AS, (ceiling, ceiling))
    with contextlib.suppress(OSError):  # there is no such file outside Linux
        Path("/proc/self/oom_score_adj").write_text("1000")
    return _deny_calls()


class ResultTooLargeError(Exception):
    """The result passed the limit the request gave."""


class Sink:
    """Where pyoxigraph writes: memory while the result is small, then the spool file."""

    def __init__(self, spool: int, limit: int, layout: "Layout", note: str = "") -> None:
        self._spool, self._limit, self._layout = spool, limit, layout
        self._chunks: list[bytes] = []
        self._tail = self._end = b""
        self._note = note.encode()
        self._gap = -1
        self.size = 0
        self.spooled = False
        self._marks = 0

    def write(self, chunk: bytes) -> int:
        """Take the next part."""
        chunk = bytes(chunk)
        size = len(chunk)
        if self._note and not self.size:
            chunk = self._with_gap(chunk)
        if self._layout.mark:
            self._marks += (self._tail + chunk).count(self._layout.mark)
            self._tail = chunk[1 - len(self._layout.mark) :] if len(self._layout.mark) > 1 else b""
            self._end = (self._end + chunk)[-len(self._layout.none) :]
        self.size += len(chunk)
        if self.size > self._limit:
            raise ResultTooLargeError
        self._chunks.append(chunk)
        if self.spooled or self.size > INLINE_BYTES:
            self._spill()
        return size

    def _with_gap(self, chunk: bytes) -> bytes:
        """Leave room for a note that is known only at the end; white space there means nothing."""
        head, found, rest = chunk.partition(self._layout.note_place)
        if not found or not self._layout.note_place:
            return chunk
        before, after = (head + found, rest) if self._layout.note_follows else (head, found + rest)
        self._gap = len(before)
        return before + b" " * len(self._note) + after

    def _spill(self) -> None:
        rest = memoryview(b"".join(self._chunks))
        self._chunks.clear()
        self.spooled = True
        while rest:
            rest = rest[os.write(self._spool, rest) :]

    def flush(self) -> None:
        """Do nothing: what is in memory is sent with the answer."""

    def write_note(self) -> None:
        """Put the note into its place."""
        if self._gap < 0:
            return
        if self.spooled:
            os.pwrite(self._spool, self._note, self._gap)
        else:
            body = self.body()
            self._chunks = [body[: self._gap], self._note, body[self._gap + len(self._note) :]]

    def body(self) -> bytes:
        """Return what did not go to the spool file."""
        return b"".join(self._chunks)

    def rows(self) -> int | None:
        """Return the number of rows as far as the marks between them tell."""
        if not self._layout.mark:
            return None
        return max(0, self._marks + self._layout.first) if not self._end.endswith(self._layout.none) else 0


class Layout:
    """Where, in a format, a row shows and a note finds room."""

    def __init__(
        self, mark: bytes = b"", first: int = 0, none: bytes = b"\0", place: bytes = b"", *, follows: bool = True
    ) -> None:
        self.mark, self.first, self.none = mark, first, none
        self.note_place, self.note_follows = place, follows


# A quotation mark inside a JSON string is escaped, so `{"x":{"type":` cannot be text; likewise `<` in XML.
LAYOUTS: Final = {
    "application/sparql-results+json": Layout(b'},{"', 1, b"[]}}", b'{"head":{'),
    "application/sparql-results+xml": Layout(b"<result>", 0, b"\0", b"</head>", follows=False),
    "text/tab-separated-values": Layout(b"\n", -1),
    "text/csv": Layout(b"\r\n", -1),
    "application/n-triples": Layout(b"\n"),
    "application/n-quads": Layout(b"\n"),
}


class Answerer:
    """Answers requests from one open store."""

    def __init__(self, store: ox.Store) -> None:
        self._store = store
        # A build keeps the union of its graphs, but for the large ones kept apart, in the default graph: then no
        # triple is met twice. Stores of other makers have nothing there, and their union is made per query.
        self._union_kept = next(store.quads_for_pattern(None, None, None, ox.DefaultGraph()), None) is not None

    def answer(self, request: dict[str, Any], spool: int) -> tuple[dict[str, Any], bytes]:
        """Return header and body of the answer, whatever happens short of the death of the process."""
        started = perf_counter()
        try:
            header, body = self._evaluate(request, spool)
        except SyntaxError as error:
            return _syntax_error(str(error)), b""
        except ResultTooLargeError:
            return {"error": "too-large"}, b""
        except MemoryError:
            return {"error": "memory"}, b""
        except (RuntimeError, ValueError) as error:
            return {"error": "evaluation", "reason": str(error)}, b""
        except OSError as error:
            return {"error": "denied" if "ermission denied" in str(error) else "store", "reason": str(error)}, b""
        header["seconds"] = perf_counter() - started
        return header, body

    def _query(self, text: str, request: dict[str, Any]) -> Any:
        default, named = request["default"], request["named"]
        graphs: list[ox.NamedNode | ox.BlankNode | ox.DefaultGraph] | None = None
        if default is not None:
            graphs = [ox.NamedNode(iri) for iri in default]
        elif self._union_kept and not request["from"]:
            if request["apart"] is None:
                raise OSError("this release was made by an older version of trialgraph; build it again")
            graphs = [ox.DefaultGraph(), *(ox.NamedNode(iri) for iri in request["apart"])]
        return self._store.query(
            text,
            base_iri=request["base"],
            use_default_graph_as_union=graphs is None and not request["from"],
            default_graph=graphs,
            named_graphs=None if named is None else [ox.NamedNode(iri) for iri in named],
        )

    def _planned(self, request: dict[str, Any]) -> Any:
        if planned := request.get("plan"):
            with contextlib.suppress(SyntaxError):  # what was asked tells best what is wrong with it
                return self._query(planned, request)
        return self._query(request["text"], request)

    def _evaluate(self, request: dict[str, Any], spool: int) -> tuple[dict[str, Any], bytes]:
        results = self._planned(request)
        kind = "graph" if isinstance(results, ox.QueryTriples) else "solutions"
        if isinstance(results, ox.QueryBoolean):
            kind = "boolean"
        media_type = request["graph" if kind == "graph" else "solutions"]
        sink = Sink(spool, request["limit"], LAYOUTS.get(media_type) or Layout(), request.get("note", ""))
        if kind == "graph":
            results.serialize(sink, ox.RdfFormat.from_media_type(media_type))
        else:
            results.serialize(sink, ox.QueryResultsFormat.from_media_type(media_type))
        header = {
            "kind": kind,
            "size": sink.size,
            "spooled": sink.spooled,
            "rows": sink.rows() if kind != "boolean" else None,
            "cut": False,
        }
        if request.get("probe") and next(iter(self._query(request["probe"], request)), None) is not None:
            sink.write_note()
            header["cut"] = True
        return header, sink.body()


# The grammar's character classes, such as ['A' ..= 'Z' | '\\u{00C0}'..='\\u{00D6}'], help nobody who reads an error.
_CHARACTER_CLASS: Final = re.compile(r",?\s*\[(?:_|'[^\]]*)\]")
_SYNTAX_MESSAGE: Final = re.compile(r"error at (\d+):(\d+): (.*)", re.DOTALL)


def _syntax_error(message: str) -> dict[str, Any]:
    found = _SYNTAX_MESSAGE.search(message)
    if not found:
        return {"error": "syntax", "reason": message}
    reason = _CHARACTER_CLASS.sub("", found[3]).strip(", \n")
    return {"error": "syntax", "reason": reason, "line": int(found[1]), "column": int(found[2])}


def receive(channel: socket.socket, at_once: int = LENGTHS.size) -> tuple[bytes, list[int]]:
    """Return the next request and the files that came with it; no bytes when the other side is gone.

    The first reading takes `at_once` bytes: by itself only the lengths, since more could be of the next message; who
    gets none before it has answered may read all at once.
    """
    descriptors = array.array("i")
    message, ancillary, _, _ = channel.recvmsg(at_once, _TWO_FILES)
    for level, kind, content in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            descriptors.frombytes(content)
    if len(message) < LENGTHS.size:
        return b"", []
    size = LENGTHS.size + sum(LENGTHS.unpack_from(message))
    if len(message) < size:
        message += channel.recv(size - len(message), socket.MSG_WAITALL)
    return (message[LENGTHS.size :] if len(message) == size else b""), list(descriptors)


def send(channel: socket.socket, header: dict[str, Any], body: bytes = b"") -> None:
    """Send one message."""
    head = json.dumps(header).encode()
    channel.sendall(LENGTHS.pack(len(head), len(body)) + head + body)


def _converse(channel: socket.socket, store_path: str, *, filtered: bool) -> None:
    try:
        answerer = Answerer(ox.Store.read_only(store_path))
    except OSError as error:
        send(channel, {"error": "store", "reason": str(error)})
        os._exit(1)
    send(channel, {"ready": True, "filtered": filtered, "thread": threading.get_native_id()})
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


def work(channel: socket.socket, store_path: str, memory_bytes: int, result_bytes: int) -> None:
    """Answer until the other side closes the socket or dies."""
    threading.stack_size(_STACK_BYTES)
    # The stack is address space, but hardly ever memory: the ceiling comes on top of it.
    filtered = restrict(memory_bytes + _STACK_BYTES, result_bytes + 2**20)
    arguments = {"channel": channel, "store_path": store_path, "filtered": filtered}
    threading.Thread(target=_converse, kwargs=arguments, daemon=True).start()
    # The conversation may be deep inside a query: only this thread sees that nobody waits for it any more.
    gone = select.poll()
    gone.register(channel, 0)
    gone.poll()
    os._exit(0)


def nursery(control: socket.socket) -> None:
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
        work(socket.socket(fileno=channel), request["store"], request["memory"], request["result"])
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
    nursery(socket.socket(fileno=int(sys.argv[1])))
