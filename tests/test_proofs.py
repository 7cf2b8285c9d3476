"""The proofs' budget of time: what does not fit in is skipped and says so, and nothing is left."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.proofs.budget import VARIABLE, running
from tests.support.chain import ROOT
from tests.support.patience import until

# An essential test that ran out of time, and another.
TESTS = """
import pytest
from tests.proofs.budget import BUDGET, NoTime

@pytest.mark.essential
def test_essential():
    BUDGET.expect({essential_s})
    raise NoTime("the essential")

def test_other():
    raise NoTime("the other")
"""


def run_pytest(*words: object, budget_s: float) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-rfs", "-p", "no:cacheprovider", *map(str, words)],
        cwd=ROOT, env=os.environ | {VARIABLE: str(budget_s)}, capture_output=True, text=True,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("proof", "what", "passed"), [("camera", "the virtual machine", "1 passed, "), ("pi", "it", "")]
)
def test_without_time_every_test_of_a_proof_is_skipped_with_the_reason(
    proof: str, what: str, passed: str
) -> None:
    done = run_pytest(f"tests/proofs/{proof}", budget_s=0)
    assert done.returncode == 0, done.stdout
    assert f"no time within the 0 s of {VARIABLE} for {what}" in done.stdout
    # The one that needs no virtual machine may pass.
    assert re.fullmatch(rf"=+ {passed}\d+ skipped in .*", done.stdout.splitlines()[-1])


@pytest.mark.parametrize(
    ("essential_s", "ending"), [(30, "1 failed, 1 skipped"), (50, "2 skipped")]
)
def test_what_is_essential_fails_only_where_there_was_time_enough(
    tmp_path: Path, essential_s: float, ending: str
) -> None:
    path = tmp_path / "test_it.py"
    path.write_text(TESTS.format(essential_s=essential_s))
    done = run_pytest("-p", "tests.proofs.conftest", path, budget_s=100)
    assert ending in done.stdout.splitlines()[-1]
    assert f"no time within the 100 s of {VARIABLE} for the other" in done.stdout
    reason = f"no time within the 100 s of {VARIABLE} for the essential"
    assert reason in done.stdout
    assert (f"{reason}, and this machine seemed" in done.stdout) == ("failed" in ending)


def test_a_command_is_ended_with_all_that_it_has_started() -> None:
    with running("bash", "-c", "sleep 1000 & echo $!; wait") as process:
        assert process.stdout
        child = Path("/proc") / process.stdout.readline().strip()
        assert child.exists()
    assert process.poll() is not None

    def is_gone() -> bool:
        try:
            return (child / "stat").read_text().split()[2] in ("Z", "X")
        except OSError:
            return True

    until(is_gone)  # a signal that was sent may take a moment
