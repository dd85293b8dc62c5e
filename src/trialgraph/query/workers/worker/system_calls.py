"""System calls a worker may make once it is in its sandbox, with their numbers by machine.

The numbers never change: they are the kernel's interface. The newer 64-bit machines share one table
(include/uapi/asm-generic/unistd.h), x86-64 has its own (arch/x86/entry/syscalls/syscall_64.tbl). They are written
out here, since who knows them, libseccomp, is a library of the system that a server may lack, and its bindings do
not bring it; tests hold them against it.
"""

from typing import Final, NamedTuple

_WRITING: Final = 0o1 | 0o2 | 0o100 | 0o1000 | 0o20000000
"""O_WRONLY, O_RDWR, O_CREAT, O_TRUNC, and what makes O_TMPFILE; the same numbers on all machines below."""
_A_THREAD: Final = 0x00010000
"""CLONE_THREAD"""
_NAME: Final = 15
"""PR_SET_NAME"""
_OF_THE_FILE: Final = (*range(8), 1030)
"""Commands of fcntl that duplicate, read and set flags, and lock; not those that have signals sent to others."""


class Argument(NamedTuple):
    """What one argument of a call must be, seen as 64 bits; all that is said must hold."""

    position: int
    one_of: tuple[int, ...] = ()
    none_of_bits: int = 0
    all_of_bits: int = 0


class SystemCall(NamedTuple):
    """A call, where it exists (-1: nowhere), and what its arguments must be."""

    name: str
    x86_64: int
    generic: int
    arguments: tuple[Argument, ...] = ()
    is_own: bool = False
    """Whether its first argument must be the process itself."""


CALLS: Final = (
    # files: what is open, and what is opened to be read
    SystemCall("read", 0, 63),
    SystemCall("readv", 19, 65),
    SystemCall("pread64", 17, 67),
    SystemCall("preadv", 295, 69),
    SystemCall("preadv2", 327, 286),
    SystemCall("write", 1, 64),
    SystemCall("writev", 20, 66),
    SystemCall("pwrite64", 18, 68),
    SystemCall("pwritev", 296, 70),
    SystemCall("lseek", 8, 62),
    SystemCall("close", 3, 57),
    SystemCall("fstat", 5, 80),
    SystemCall("newfstatat", 262, 79),
    SystemCall("stat", 4, -1),
    SystemCall("lstat", 6, -1),
    SystemCall("statx", 332, 291),
    SystemCall("fstatfs", 138, 44),
    SystemCall("statfs", 137, 43),
    SystemCall("access", 21, -1),
    SystemCall("faccessat", 269, 48),
    SystemCall("faccessat2", 439, 439),
    SystemCall("readlink", 89, -1),
    SystemCall("readlinkat", 267, 78),
    SystemCall("getdents", 78, -1),
    SystemCall("getdents64", 217, 61),
    SystemCall("fadvise64", 221, 223),
    SystemCall("readahead", 187, 213),
    SystemCall("dup", 32, 23),
    SystemCall("getcwd", 79, 17),
    SystemCall("open", 2, -1, (Argument(1, none_of_bits=_WRITING),)),
    SystemCall("openat", 257, 56, (Argument(2, none_of_bits=_WRITING),)),
    SystemCall("fcntl", 72, 25, (Argument(1, one_of=_OF_THE_FILE),)),
    # the one socket there is
    SystemCall("recvfrom", 45, 207),
    SystemCall("recvmsg", 47, 212),
    SystemCall("sendto", 44, 206),
    SystemCall("sendmsg", 46, 211),
    SystemCall("poll", 7, -1),
    SystemCall("ppoll", 271, 73),
    SystemCall("select", 23, -1),
    SystemCall("pselect6", 270, 72),
    # memory
    SystemCall("brk", 12, 214),
    SystemCall("mmap", 9, 222),
    SystemCall("munmap", 11, 215),
    SystemCall("mremap", 25, 216),
    SystemCall("mprotect", 10, 226),
    SystemCall("madvise", 28, 233),
    SystemCall("mincore", 27, 232),
    SystemCall("membarrier", 324, 283),
    # threads of its own
    SystemCall("clone", 56, 220, (Argument(0, all_of_bits=_A_THREAD),)),
    SystemCall("futex", 202, 98),
    SystemCall("futex_waitv", 449, 449),
    SystemCall("set_robust_list", 273, 99),
    SystemCall("get_robust_list", 274, 100),
    SystemCall("rseq", 334, 293),
    SystemCall("sched_yield", 24, 124),
    SystemCall("sched_getaffinity", 204, 123),
    SystemCall("sched_getparam", 143, 121),
    SystemCall("sched_getscheduler", 145, 120),
    SystemCall("getcpu", 309, 168),
    SystemCall("prctl", 157, 167, (Argument(0, one_of=(_NAME,)),)),
    # who and where it is
    SystemCall("getpid", 39, 172),
    SystemCall("gettid", 186, 178),
    SystemCall("getppid", 110, 173),
    SystemCall("getuid", 102, 174),
    SystemCall("geteuid", 107, 175),
    SystemCall("getgid", 104, 176),
    SystemCall("getegid", 108, 177),
    SystemCall("getrusage", 98, 165),
    SystemCall("getrlimit", 97, 163),
    SystemCall("prlimit64", 302, 261, (Argument(0, one_of=(0,)), Argument(2, one_of=(0,)))),
    SystemCall("sysinfo", 99, 179),
    SystemCall("uname", 63, 160),
    SystemCall("times", 100, 153),
    # signals to itself, the clock, chance, the end
    SystemCall("rt_sigaction", 13, 134),
    SystemCall("rt_sigprocmask", 14, 135),
    SystemCall("rt_sigreturn", 15, 139),
    SystemCall("sigaltstack", 131, 132),
    SystemCall("tgkill", 234, 131, is_own=True),
    SystemCall("restart_syscall", 219, 128),
    SystemCall("clock_gettime", 228, 113),
    SystemCall("clock_getres", 229, 114),
    SystemCall("clock_nanosleep", 230, 115),
    SystemCall("nanosleep", 35, 101),
    SystemCall("gettimeofday", 96, 169),
    SystemCall("time", 201, -1),
    SystemCall("getrandom", 318, 278),
    SystemCall("exit", 60, 93),
    SystemCall("exit_group", 231, 94),
)
CLONE3: Final = 435
"""Everywhere; it takes its flags from memory, where a filter cannot look."""
NEWEST: Final = 450
"""Later calls are answered as if the kernel did not have them, so that libraries fall back to those above."""


class Machine(NamedTuple):
    """A machine: its number in the audit records of the kernel, that of seccomp(2), and whose table it uses."""

    audit: int
    seccomp: int
    is_generic: bool


MACHINES: Final = {
    "x86_64": Machine(0xC000003E, 317, is_generic=False),
    "aarch64": Machine(0xC00000B7, 277, is_generic=True),
    "riscv64": Machine(0xC00000F3, 277, is_generic=True),
    "loongarch64": Machine(0xC0000102, 277, is_generic=True),
}
