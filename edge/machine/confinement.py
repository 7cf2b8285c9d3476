"""A process that gives up what it does not need, before it touches what may be an attack."""

import contextlib
import ctypes
import os
import sys
from pathlib import Path

NOBODY = 65534  # user and group without anything of their own, on every Linux
NO_NEW_PRIVILEGES = 38  # PR_SET_NO_NEW_PRIVS in linux/prctl.h
NOTHING = (0, 0)
LITTLE = (1 << 16, 1 << 16)  # bytes of a file; with none QEMU's emulation of a processor crashes


def confine(memory_bytes: int, cpu_s: int) -> None:
    """From now on this process has no privileges, writes next to nothing, and ends in time.

    What it has imported and opened before stays. Elsewhere than on Linux it does nothing.

    Args:
        memory_bytes: What it may use beyond what it has.
        cpu_s: Seconds of processor time after which it is killed.
    """
    if sys.platform != "linux":
        return
    import resource

    pages = int(Path("/proc/self/statm").read_text().split()[0])
    memory = pages * resource.getpagesize() + memory_bytes
    if os.geteuid() == 0:
        # In a container that has no such user, or may not change to it, the rest has to do.
        with contextlib.suppress(OSError):
            os.setgroups([])
            os.setresgid(NOBODY, NOBODY, NOBODY)
            os.setresuid(NOBODY, NOBODY, NOBODY)
    ctypes.CDLL(None).prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    for limit, value in (
        (resource.RLIMIT_AS, (memory, memory)),
        (resource.RLIMIT_CPU, (cpu_s, cpu_s)),
        (resource.RLIMIT_CORE, NOTHING),
        (resource.RLIMIT_FSIZE, LITTLE),
        (resource.RLIMIT_NPROC, NOTHING),
    ):
        with contextlib.suppress(ValueError):  # the limit is lower already
            resource.setrlimit(limit, value)
