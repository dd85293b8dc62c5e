"""What a worker gives up before it answers: system calls (seccomp), memory, file sizes."""

import contextlib
import ctypes
import os
import platform
import resource
import struct
import sys
from pathlib import Path
from typing import Final

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
