"""A share of a core, as the kernel's control groups deal it out: it stands for a small board."""

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PERIOD_US = 20_000
V1, V2 = Path("/sys/fs/cgroup/cpu"), Path("/sys/fs/cgroup")


@contextlib.contextmanager
def cpu_quota(share: float) -> Iterator[list[str]]:
    """A control group that may use a share of a core.

    Args:
        share: 1 is a whole core.

    Yields:
        What to put before a command so that it runs in there.
    """
    is_v1 = (V1 / "cpu.cfs_quota_us").exists() or (V1 / "cgroup.procs").exists()
    group = (V1 if is_v1 else V2) / "happysad-proof"
    quota_us = round(share * PERIOD_US)
    try:
        group.mkdir(exist_ok=True)
        if is_v1:
            (group / "cpu.cfs_period_us").write_text(str(PERIOD_US))
            (group / "cpu.cfs_quota_us").write_text(str(quota_us))
        else:
            (group / "cpu.max").write_text(f"{quota_us} {PERIOD_US}")
    except OSError as error:
        pytest.skip(f"no control group can be made here: {error}")
    join = "import os, sys; open(sys.argv[1], 'w').write('0'); os.execvp(sys.argv[2], sys.argv[2:])"
    try:
        yield [sys.executable, "-c", join, str(group / "cgroup.procs")]
    finally:
        subprocess.run(["rmdir", group], check=False)
