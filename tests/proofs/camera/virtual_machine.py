"""A throw-away virtual machine with video devices, and what happened in it."""

import json
import shutil
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from tests.proofs.camera.films import make_films
from tests.proofs.camera.packages import fetch_packages

SCRIPT = Path(__file__).with_name("vm.sh")
GUEST = "tests/proofs/camera/guest"  # by this name its modules import each other, there as here
NOT_ALLOWED = 77  # the script's exit code where the machine does not allow it
LONGEST_S = 1800  # to make and to run it; ten times what it took on two cores


@dataclass(frozen=True)
class Evidence:
    """What the virtual machine has left.

    Attributes:
        folder: The one that it shared.
    """

    folder: Path

    @cached_property
    def console(self) -> str:
        """What kernel and systemd said at the start, for when it did not get far."""
        return (self.folder / "console.log").read_text(errors="replace")

    def of(self, step: str) -> dict[str, Any]:
        """The facts of a step; it is a failure when it came to no end."""
        path = self.folder / "facts" / f"{step}.json"
        assert path.exists(), f"{step} was not come to: {self.console[-2000:]}"
        facts = json.loads(path.read_text())
        assert "failed" not in facts, facts["failed"]
        return dict(facts)


def gather(folder: Path) -> Evidence:
    """Makes the machine, lets it do all that is to be proved, and returns what is left.

    The test is skipped where this machine does not allow it.

    Args:
        folder: An empty one, for some 100 MB.
    """
    packages, shared = folder / "packages", folder / "shared"
    fetch_packages(packages)
    machine = _script("prepare", packages).strip()
    shutil.copytree(Path(__file__).parent / "guest", shared / GUEST)
    make_films(shared / "films")
    _script("run", machine, shared, "python3", "-m", GUEST.replace("/", "."))
    return Evidence(shared)


def _script(*arguments: object) -> str:
    done = subprocess.run(
        ["bash", str(SCRIPT), *map(str, arguments)],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LONGEST_S,
    )  # fmt: skip
    if done.returncode == NOT_ALLOWED:
        pytest.skip(done.stderr.strip())
    assert done.returncode == 0, done.stderr
    return done.stdout
