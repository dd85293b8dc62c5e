"""The sandbox of workers: which system calls pass, on every machine; and what is said where it cannot be had."""

import ctypes
import ctypes.util
import errno
import json
import os
import socket
import struct
import subprocess
import sys
from datetime import date

import pyoxigraph as ox
import pytest
from tests.patience import patient

from trialgraph import errors
from trialgraph.query import open_engine
from trialgraph.query.workers.worker.sandbox import seccomp_filter
from trialgraph.query.workers.worker.system_calls import CALLS, CLONE3, MACHINES, NEWEST
from trialgraph.score.criteria import Answer, Subject
from trialgraph.score.server_safety import SAFETY
from trialgraph.settings import Settings
from trialgraph.store import begin_release, publish
from trialgraph.web import create_app

OWN = 4711
REFUSED, UNKNOWN, PASSES = f"error {errno.EACCES}", f"error {errno.ENOSYS}", "passes"
FORBIDDEN = {  # name: number on x86-64, number in the generic table
    "socket": (41, 198), "connect": (42, 203), "bind": (49, 200), "listen": (50, 201), "accept4": (288, 242),
    "socketpair": (53, 199), "execve": (59, 221), "execveat": (322, 281), "kill": (62, 129), "tkill": (200, 130),
    "ptrace": (101, 117), "process_vm_writev": (311, 271), "ftruncate": (77, 46), "renameat2": (316, 276),
    "mkdirat": (258, 34), "unlinkat": (263, 35), "openat2": (437, 437), "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426), "pidfd_open": (434, 434), "pidfd_send_signal": (424, 424), "ioctl": (16, 29),
    "setns": (308, 268), "unshare": (272, 97), "mount": (165, 40), "bpf": (321, 280), "memfd_create": (319, 279),
    "keyctl": (250, 219), "rt_sigqueueinfo": (129, 138), "userfaultfd": (323, 282), "setsockopt": (54, 208),
}  # fmt: skip


def run(program, audit, number, arguments=()):
    """Return what a BPF program makes of a call, as the kernel would run it."""
    words = [
        word for value in (*arguments, *(0,) * (6 - len(arguments))) for word in (value & 0xFFFFFFFF, value >> 32)
    ]
    data = struct.pack("<IIQ12I", number, audit, 0, *words)
    at, accumulator = 0, 0
    while True:
        code, if_true, if_false, value = struct.unpack_from("HBBI", program, 8 * at)
        at += 1
        if code == 0x06:
            return PASSES if value == 0x7FFF0000 else f"error {value & 0xFFFF}"
        if code == 0x20:
            (accumulator,) = struct.unpack_from("<I", data, value)
            continue
        holds = {
            0x15: accumulator == value,
            0x45: bool(accumulator & value),
            0x35: accumulator >= value,
            0x25: accumulator > value,
        }[code]
        at += if_true if holds else if_false


@pytest.fixture(params=sorted(MACHINES))
def ask(request):
    """Ask the filter of a machine for a call, by its number there."""
    machine = MACHINES[request.param]
    program = seccomp_filter(request.param, OWN)
    return lambda numbers, *arguments: run(program, machine.audit, numbers[machine.is_generic], arguments)


def call(name):
    (found,) = [each for each in CALLS if each.name == name]
    return found.x86_64, found.generic


def test_what_has_no_conditions_passes(ask):
    for each in CALLS:
        numbers = each.x86_64, each.generic if each.generic >= 0 else each.x86_64
        if not each.arguments and not each.is_own and min(each.x86_64, each.generic) >= 0:
            assert ask(numbers, 1, 2, 3) == PASSES, each.name


def test_what_leads_out_is_refused(ask):
    found = {name: ask(numbers) for name, numbers in FORBIDDEN.items()}
    assert found == dict.fromkeys(FORBIDDEN, REFUSED)


def test_all_others_are_refused(ask):
    passing = {number for number in range(2000) if ask((number, number), OWN, 0, 0) == PASSES}
    assert len(passing) <= len(CALLS)
    assert {ask((number, number)) for number in (NEWEST + 1, NEWEST + 500, CLONE3)} == {UNKNOWN}
    assert ask((0x40000000 + 41,) * 2) == REFUSED


def test_arguments_are_looked_at(ask):
    opening = call("openat")
    assert ask(opening, 0, 0, os.O_RDONLY | os.O_CLOEXEC) == PASSES
    for flags in (os.O_WRONLY, os.O_RDWR, os.O_CREAT, os.O_RDONLY | os.O_TRUNC, 0o20000000):
        assert ask(opening, 0, 0, flags) == REFUSED
    assert (ask(call("clone"), 0x10000), ask(call("clone"), 17)) == (PASSES, REFUSED)
    assert (ask(call("tgkill"), OWN), ask(call("tgkill"), OWN + 1)) == (PASSES, REFUSED)
    assert (ask(call("prctl"), 15), ask(call("prctl"), 4)) == (PASSES, REFUSED)
    limits = call("prlimit64")
    assert ask(limits, 0, 3, 0, 1) == PASSES
    for others in ((1, 3, 0), (0, 3, 1), (0, 3, 1 << 32)):
        assert ask(limits, *others) == REFUSED
    assert [ask(call("fcntl"), 3, command) for command in (2, 1030, 8, 10, 15)] == [PASSES] * 2 + [REFUSED] * 3


def test_another_machine_gets_nothing():
    for name in MACHINES:
        others = {machine.audit for other, machine in MACHINES.items() if other != name} | {0x40000003}
        program = seccomp_filter(name, OWN)
        assert {run(program, audit, number) for audit in others for number in range(460)} == {REFUSED}


def test_the_numbers_are_those_of_the_kernel():
    """As libseccomp knows them, which Linux distributions keep."""
    try:
        library = ctypes.CDLL("libseccomp.so.2")
    except OSError:
        pytest.skip("needs libseccomp.so.2")
    named = library.seccomp_syscall_resolve_name_arch
    named.argtypes, named.restype = [ctypes.c_uint32, ctypes.c_char_p], ctypes.c_int
    for machine in (MACHINES["x86_64"], MACHINES["aarch64"], MACHINES["riscv64"]):
        for name, *numbers in [
            *((each.name, each.x86_64, each.generic) for each in CALLS),
            ("clone3", CLONE3, CLONE3),
        ]:
            known = named(machine.audit, name.encode())
            assert max(known, -1) == numbers[machine.is_generic], name
        assert named(machine.audit, b"seccomp") == machine.seccomp
        for name, numbers in FORBIDDEN.items():
            assert named(machine.audit, name.encode()) == numbers[machine.is_generic], name


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("release")
    with begin_release(folder, "2026-01-01") as draft:
        store = ox.Store(str(draft.store))
        store.load('<https://e.org/s> <https://e.org/p> "x" <https://e.org/g> .', ox.RdfFormat.N_QUADS)
        store.flush()
        del store
        draft.write_manifest({"issued": "2026-01-01"})
        publish(draft)
    return folder


def test_a_worker_is_in_it(root):
    """Past all checks of the text, SERVICE reaches nobody."""
    with (
        socket.create_server(("127.0.0.1", 0)) as listening,
        open_engine(patient(release=root)) as engine,
    ):
        assert engine.sandbox() == "seccomp"
        pool = engine._backend._pool
        worker = pool.take(60, 1)
        worker.wait_ready()
        port = listening.getsockname()[1]
        text = f"SELECT * {{ SERVICE <http://127.0.0.1:{port}/> {{ ?s ?p ?o }} }}"
        question = {"default": None, "named": None, "from": False, "limit": 99}
        question |= {"solutions": "application/sparql-results+json", "graph": "text/turtle"}
        worker.send({"text": text, **question})
        assert worker.wait(60)
        header, _ = worker.receive()
        pool.give_back(worker, fit=True)
        listening.settimeout(0)
        with pytest.raises(BlockingIOError):
            listening.accept()
    assert header["error"] == "denied"


AS_ANOTHER_MACHINE = "ctypes.CDLL(None).personality(8)"  # PER_LINUX32: uname says i686, as on a 32-bit system
SECCOMP_REFUSED = """
program = b"".join(struct.pack("HBBI", *each) for each in
    [(0x20, 0, 0, 0), (0x15, 0, 1, MACHINES[platform.machine()].seccomp), (0x06, 0, 0, 0x50001), (0x06, 0, 0, 0x7FFF0000)])
text = ctypes.create_string_buffer(program, len(program))
head = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(program) // 8, ctypes.addressof(text)))
libc = ctypes.CDLL(None)
assert not libc.prctl(38, 1, 0, 0, 0) and not libc.prctl(22, 2, head)
"""
OPEN = """
import ctypes, platform, struct, sys
from pathlib import Path
from trialgraph.errors import SettingError
from trialgraph.query import QueryRequest, open_engine
from trialgraph.query.workers.worker.system_calls import MACHINES
from trialgraph.settings import Settings
{before}
try:
    with open_engine(Settings(release=Path(sys.argv[1]), sandbox=sys.argv[2])) as engine:
        print(engine.run(QueryRequest("ASK {{ ?s ?p ?o }}")).read(), engine.counts()["sandboxed"], engine.sandbox())
except SettingError as error:
    print("refused:", error)
"""


def opened(before, root, sandbox):
    code = OPEN.format(before=before)
    command = [sys.executable, "-c", code, str(root), sandbox]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.skipif(struct.calcsize("P") != 8 or os.uname().machine != "x86_64", reason="needs x86-64")
def test_on_a_machine_that_is_not_known_nothing_starts_unless_the_operator_says_so(root):
    told = opened(AS_ANOTHER_MACHINE, root, "required")
    assert told.startswith("refused: setting TRIALGRAPH_SANDBOX: 'required' cannot be used")
    assert "the system calls of i686" in told
    assert "use one of aarch64, loongarch64, riscv64, x86_64" in told
    assert "or set it to optional" in told
    told = opened(AS_ANOTHER_MACHINE, root, "optional")
    assert told.startswith('b\'{"head":{},"boolean":true}\' 0 missing: the system calls of i686')


def test_where_seccomp_is_refused_nothing_starts_unless_the_operator_says_so(root):
    told = opened(SECCOMP_REFUSED, root, "required")
    assert told.startswith("refused: ")
    assert "seccomp(2) is refused (Operation not permitted)" in told
    assert "in a container that allows it" in told
    assert " 0 missing: seccomp(2) is refused" in opened(SECCOMP_REFUSED, root, "optional")


@pytest.mark.parametrize("machine", sorted(MACHINES.keys() - {os.uname().machine}))
def test_a_machine_with_a_false_name_is_found_out(machine):
    code = (
        "import platform\n"
        f"platform.machine = lambda: {machine!r}\n"
        "from trialgraph.query.workers.worker.sandbox import missing\n"
        "print(missing())"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert told.strip()
    assert told.startswith((f"a filter for {machine} does not fit the kernel", "seccomp(2) is refused"))


def test_the_site_shows_it(root):
    settings = patient(release=root, public_url="http://localhost")
    with open_engine(settings) as engine:
        client = create_app(settings, engine).test_client()
        assert client.get("/health").json == {"status": "ok", "release": "2026-01-01", "sandbox": "seccomp"}
        assert "\ntrialgraph_engine_sandboxed 1.0\n" in client.get("/metrics").text
        assert "(<code>sandbox</code>): seccomp." in client.get("/limits").text


def test_a_word_that_is_no_choice_is_refused():
    with pytest.raises(errors.SettingError, match="say required or optional"):
        Settings.from_environment({"TRIALGRAPH_SANDBOX": "off"})


@pytest.mark.parametrize(
    ("told", "value"), [({"sandbox": "seccomp"}, 1.0), ({"sandbox": "missing: all"}, 0.0), ({"status": "ok"}, None)]
)
def test_the_score_shows_it(told, value):
    (criterion,) = SAFETY
    answer = Answer(200, {}, json.dumps(told).encode())
    subject = Subject(frozenset(), lambda _: [], "http://localhost", date(2026, 1, 1), lambda *_: answer)
    assert criterion.check(subject)[0] == value
