"""A throw-away virtual machine with video devices, and what happened in it."""

import json
import shutil
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from tests.proofs.budget import BUDGET, NoTime, run, running
from tests.proofs.camera.films import make_films
from tests.proofs.camera.packages import fetch_packages

SCRIPT = Path(__file__).with_name("vm.sh")
GUEST = "tests/proofs/camera/guest"  # by this name its modules import each other, there as here
NOT_ALLOWED = 77  # the script's exit code where the machine does not allow it
KERNEL, FIRST_STEP = "its kernel", "none"  # what the machine's speed is known by
# How long what is essential takes after the kernel's start and after the first step, in times of
# these, as measured on two busy cores.
IN_KERNEL_STARTS, IN_FIRST_STEPS = 20.0, 20.0
KERNEL_IS_UP = "first program"  # in what the machine says at its start
HOPELESS = 3.0  # times the time that is left
LOOK_S = 0.5


@dataclass(frozen=True)
class Evidence:
    """What the virtual machine has left.

    Attributes:
        folder: The one that it shared.
        no_time: Why it was ended before it was done; empty if it was done.
    """

    folder: Path
    no_time: str

    @cached_property
    def console(self) -> str:
        """What kernel and systemd said at the start, for when it did not get far."""
        return (self.folder / "console.log").read_text(errors="replace")

    def of(self, step: str) -> dict[str, Any]:
        """The facts of a step; the test is skipped if there was no time for it."""
        if (facts := read_facts(self.folder, step)) is None:
            if self.no_time:
                raise NoTime(f"'{step}' in {self.no_time}")
            pytest.fail(f"'{step}' was not come to: {self.console[-2000:]}")
        assert "failed" not in facts, facts["failed"]
        return facts


def read_facts(shared: Path, step: str) -> dict[str, Any] | None:
    """The facts of a step, or None if it was not come to its end.

    Args:
        shared: The folder that the machine shares.
        step: Such as "replug".
    """
    path = shared / "facts" / f"{step}.json"
    return dict(json.loads(path.read_text())) if path.exists() else None


def gather(folder: Path) -> Evidence:
    """Makes the machine, lets it do all that is to be proved, and returns what is left.

    The test is skipped where this machine does not allow it, or is far too slow.

    Args:
        folder: An empty one, for some 100 MB.
    """
    if not BUDGET.left_s:
        raise NoTime("the virtual machine")
    packages, shared = folder / "packages", folder / "shared"
    fetch_packages(packages)
    machine = _prepared(packages)
    shutil.copytree(Path(__file__).parent / "guest", shared / GUEST)
    make_films(shared / "films")
    return _watched(machine, shared)


def _prepared(packages: Path) -> str:
    done = run("bash", SCRIPT, "prepare", packages)
    if done.returncode == NOT_ALLOWED:
        pytest.skip(done.stderr.strip())
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def _watched(machine: str, shared: Path) -> Evidence:
    """Runs it until it is done, or the time is up, or has no chance to be enough."""
    command = ("bash", SCRIPT, "run", machine, shared, "python3", "-m", GUEST.replace("/", "."))
    began_s, run_s = time.monotonic(), BUDGET.left_s
    took_s: dict[str, float] = {}
    elapsed_s = 0.0
    with running(*command) as process:
        while process.poll() is None and BUDGET.left_s:
            elapsed_s = time.monotonic() - began_s
            if KERNEL not in took_s:
                if _says(shared / "console.log", KERNEL_IS_UP):
                    took_s[KERNEL] = elapsed_s
                    BUDGET.expect(elapsed_s * IN_KERNEL_STARTS)
                elif elapsed_s * IN_KERNEL_STARTS > HOPELESS * run_s:
                    break
            elif FIRST_STEP not in took_s and (facts := read_facts(shared, FIRST_STEP)):
                took_s[FIRST_STEP] = facts["seconds"]
                BUDGET.expect(facts["seconds"] * IN_FIRST_STEPS)
            time.sleep(LOOK_S)
        if process.poll() is None:
            speed = ", ".join(f"{name} {seconds:.0f} s" for name, seconds in took_s.items())
            took = f"took: {speed}" if speed else "was too slow to start its kernel"
            return Evidence(shared, f"{elapsed_s:.0f} s of the virtual machine, which {took}")
        error = process.communicate()[1]
        assert process.returncode == 0, error
    return Evidence(shared, "")


def _says(console: Path, text: str) -> bool:
    return console.exists() and text in console.read_text(errors="replace")
