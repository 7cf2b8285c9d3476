"""How much memory this machine has, and what one picture may take of it."""

import os
from functools import cache
from pathlib import Path

from ..errors import HappySadError

SHARE = 0.6  # of the machine's memory; 300 MB of 512
MOST_BYTES = 2_000_000_000  # a cap for the others: larger pictures are mistakes or attacks
VARIABLE = "HAPPYSAD_PICTURE_MB"


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
    """The machine's memory, or what this process's control groups leave of it.

    Args:
        root: The folder that holds `proc` and `sys`.
    """
    total = MOST_BYTES
    for line in _read(root / "proc/meminfo").splitlines():
        if line.startswith("MemTotal:"):
            total = int(line.split()[1]) * 1024
    return min([total, *_limits(root)])


def _limits(root: Path) -> list[int]:
    """Of the process's own group and those around it (cgroup v2, then v1); "max" is none."""
    groups = root / "sys/fs/cgroup"
    limits = [_read(groups / "memory/memory.limit_in_bytes")]
    for line in _read(root / "proc/self/cgroup").splitlines():
        _, _, place = line.partition("::")
        folder = groups / place.strip("/")
        limits += [_read(at / "memory.max") for at in (folder, *folder.parents)
                   if at.is_relative_to(groups)]  # fmt: skip
    return [int(limit) for limit in limits if limit.strip().isdigit()]


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
