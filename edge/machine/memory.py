"""How much memory this machine has, what one picture may take of it, and in what pages it comes."""

import os
import sys
from functools import cache
from pathlib import Path

from ..errors import HappySadError
from .kernel_file import read

SHARE = 0.6  # of the machine's memory; 300 MB of 512
MOST_BYTES = 2_000_000_000  # a cap for the others: larger pictures are mistakes or attacks
VARIABLE = "HAPPYSAD_PICTURE_MB"
PR_SET_THP_DISABLE = 41  # linux/prctl.h


@cache
def picture_bytes() -> int:
    """The most that decoding one picture, or holding a video open, may take of memory.

    Raises:
        HappySadError: VARIABLE holds something else than a number of megabytes.
    """
    if wanted := os.environ.get(VARIABLE):
        if not (wanted.isdecimal() and int(wanted)):
            raise HappySadError(f"{VARIABLE} is {wanted!r}: give whole megabytes, such as 300")
        return int(wanted) * 1_000_000
    return min(MOST_BYTES, int(SHARE * machine_bytes()))


def machine_bytes(root: Path = Path("/")) -> int:
    """The machine's memory, or what this process's control groups leave of it."""
    total = MOST_BYTES
    for line in (read(root / "proc/meminfo") or "").splitlines():
        if line.startswith("MemTotal:"):
            total = int(line.split()[1]) * 1024
    return min([total, *_limits(root)])


def _limits(root: Path) -> list[int]:
    """Of the process's own group and those around it (cgroup v2, then v1); "max" is none."""
    groups = root / "sys/fs/cgroup"
    limits = [read(groups / "memory/memory.limit_in_bytes")]
    for line in (read(root / "proc/self/cgroup") or "").splitlines():
        _, _, place = line.partition("::")
        folder = groups / place.strip("/")
        limits += [read(at / "memory.max") for at in (folder, *folder.parents)
                   if at.is_relative_to(groups)]  # fmt: skip
    return [int(limit) for limit in limits if limit and limit.isdigit()]


def keep_pages_small() -> None:
    """No huge pages for this process and what it starts, where the kernel would give them unasked.

    They save time only where much memory is read again and again: the models answer as fast
    without. On Debian 12 (Linux 6.1, which gives them) they were 27 of the 94 MB resident on a
    webcam that shows nobody; without them it is 87 MB.
    """
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0)  # a kernel without says no
