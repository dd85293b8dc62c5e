"""What a worker gives up before it answers: all system calls but a few, memory, file sizes.

The filter of system calls (seccomp) is what keeps a query from the network, from other programs and from files. It is
there or it is not, and where it is not, `restrict` says what is missing.
"""

import contextlib
import ctypes
import errno
import os
import platform
import resource
import socket
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from trialgraph.query.workers.worker.system_calls import CALLS, CLONE3, MACHINES, NEWEST, Argument, SystemCall

_PR_SET_NO_NEW_PRIVS, _PR_SET_DUMPABLE = 38, 4
_SET_MODE_FILTER, _FILTER_FLAG_TSYNC = 1, 1
_ALLOW, _ERROR = 0x7FFF0000, 0x00050000
_LOAD, _JUMP_EQUAL, _JUMP_ANY_BIT, _JUMP_AT_LEAST, _JUMP_ABOVE, _RETURN = 0x20, 0x15, 0x45, 0x35, 0x25, 0x06
_X32: Final = 0x40000000
"""From here on x86-64 has a second table of all calls."""


def _instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, value)


_ALLOWED: Final = _instruction(_RETURN, _ALLOW)
_REFUSED: Final = _instruction(_RETURN, _ERROR | errno.EACCES)
_UNKNOWN: Final = _instruction(_RETURN, _ERROR | errno.ENOSYS)


def seccomp_filter(machine: str, pid: int) -> bytes:
    """Return the BPF program that lets the process `pid` make the calls of `CALLS`, and refuses all others.

    What is refused fails with EACCES; a call that is newer than the table with ENOSYS.

    Raises KeyError for a machine whose call numbers are not known here.

    >>> len(seccomp_filter("x86_64", 1)) % 8
    0
    """
    audit, _, is_generic = MACHINES[machine]
    program = [
        _instruction(_LOAD, 4),  # seccomp_data.arch
        _instruction(_JUMP_EQUAL, audit, 1, 0),
        _REFUSED,
        _instruction(_LOAD, 0),  # seccomp_data.nr
        _instruction(_JUMP_AT_LEAST, _X32, 0, 1),
        _REFUSED,
        _instruction(_JUMP_EQUAL, CLONE3, 1, 0),
        _instruction(_JUMP_ABOVE, NEWEST, 0, 1),
        _UNKNOWN,
    ]
    for call in CALLS:
        number = call.generic if is_generic else call.x86_64
        if number >= 0:
            then = [*_conditions(call, pid), _ALLOWED]
            program += [_instruction(_JUMP_EQUAL, number, 0, len(then)), *then]
    return b"".join([*program, _REFUSED])


def _conditions(call: SystemCall, pid: int) -> Iterator[bytes]:
    """Yield what refuses a call with other arguments than it may have."""
    arguments = (*call.arguments, Argument(0, one_of=(pid,))) if call.is_own else call.arguments
    for argument in arguments:
        place = 16 + 8 * argument.position  # of seccomp_data.args, the lower half first
        yield _instruction(_LOAD, place)
        for left in range(len(argument.one_of), 0, -1):
            yield _instruction(_JUMP_EQUAL, argument.one_of[-left], left, 0)
        if argument.one_of:
            yield _REFUSED
        if argument.none_of_bits:
            yield _instruction(_JUMP_ANY_BIT, argument.none_of_bits, 0, 1)
            yield _REFUSED
        if argument.all_of_bits:
            yield _instruction(_JUMP_ANY_BIT, argument.all_of_bits, 1, 0)
            yield _REFUSED
        if argument.one_of == (0,):  # a pointer: none of its bits may be set
            yield from (_instruction(_LOAD, place + 4), _instruction(_JUMP_EQUAL, 0, 1, 0), _REFUSED)


def _filter_calls() -> str:
    """Install the filter for all threads; return what is missing where kernel or machine do not offer it."""
    machine = platform.machine()
    if machine not in MACHINES or struct.calcsize("P") != 8:
        of = f"{machine} with {8 * struct.calcsize('P')} bits"
        return f"the system calls of {of} are not known here: use one of {', '.join(sorted(MACHINES))}, 64 bits"
    library = ctypes.CDLL(None, use_errno=True)
    program = seccomp_filter(machine, os.getpid())
    text = ctypes.create_string_buffer(program, len(program))
    # struct sock_fprog: a count, padding, a pointer
    head = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(program) // 8, ctypes.addressof(text)))
    library.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    if library.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        return f"prctl(PR_SET_NO_NEW_PRIVS) is refused ({os.strerror(ctypes.get_errno())}): let the server use it"
    if library.syscall(MACHINES[machine].seccomp, _SET_MODE_FILTER, _FILTER_FLAG_TSYNC, head):
        why = os.strerror(ctypes.get_errno())
        return (
            f"seccomp(2) is refused ({why}): use a kernel with CONFIG_SECCOMP_FILTER, in a container that allows it"
        )
    return _unfiltered()


def _unfiltered() -> str:
    """Return what the filter that was just installed does not do."""
    try:
        socket.socket().close()
    except PermissionError:
        return ""
    except OSError as error:
        return f"a socket is refused in another way than asked ({error}): the kernel does not filter as it says"
    return "a socket can still be had: the kernel does not filter as it says"


def missing() -> str:
    """Return what keeps this system from having the sandbox; nothing when it has one.

    A child tries it, and is gone with it: where a machine goes by a false name, the filter leaves it no call at all.
    """
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        with contextlib.suppress(OSError):
            os.write(writing, _filter_calls().encode() or b"\n")
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as told:
        found = told.read()
    os.waitpid(pid, 0)
    if not found:
        return f"a filter for {platform.machine()} does not fit the kernel: is it emulated?"
    return found.decode().strip()


def _address_space() -> int:
    try:
        return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    except OSError:
        return 2**30


def restrict(memory_bytes: int, file_bytes: int) -> str:
    """Give up what a query must not have; return what is missing of the sandbox, nothing when it is whole."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))
    ceiling = memory_bytes + _address_space()
    resource.setrlimit(resource.RLIMIT_AS, (ceiling, ceiling))
    with contextlib.suppress(OSError):  # there is no such file outside Linux
        Path("/proc/self/oom_score_adj").write_text("1000")
    return _filter_calls()
