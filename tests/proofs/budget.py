"""The time that a proof may take: what does not fit in is skipped, and says so."""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

VARIABLE = "PROOF_BUDGET_S"
USUAL_S = 660.0  # with both proofs, all checks take less than an hour on a machine of a third
DOUBT = 3.0  # the machine may have other work later than when its speed was measured
GRACE_S = 30.0  # for a script to end what it has started, and to remove what is half made
# When we are killed, what we have started is to end as well.
WITH_US = ["setpriv", "--pdeathsig", "TERM"] if shutil.which("setpriv") else []


class Budget:
    """So many seconds from now on.

    Attributes:
        total_s: All of them.
        is_enough: Whether this machine has time for what is essential, and for much more; False
            until it is known how fast the machine is.
    """

    def __init__(self, total_s: float) -> None:
        """Begins to count."""
        self.total_s = total_s
        self.is_enough = False
        self._end_s = time.monotonic() + total_s

    @property
    def left_s(self) -> float:
        """What is left, in seconds; 0 at the end."""
        return max(0.0, self._end_s - time.monotonic())

    def expect(self, essential_s: float) -> None:
        """Takes note of the machine's speed.

        Args:
            essential_s: How long what is essential will take from now on, in seconds.
        """
        self.is_enough = DOUBT * essential_s <= self.left_s

    def __str__(self) -> str:
        return f"the {self.total_s:.0f} s of {VARIABLE}"


BUDGET = Budget(float(os.environ.get(VARIABLE, USUAL_S)))


class NoTime(pytest.skip.Exception):
    """The test is skipped, because the budget is used up."""

    __module__ = "builtins"  # as those of pytest: then it reports the bare name

    def __init__(self, what: str) -> None:
        """Says so.

        Args:
            what: There was no time for, and why.
        """
        super().__init__(f"no time within {BUDGET} for {what}")


@contextlib.contextmanager
def running(
    *command: object, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[str]]:
    """Runs a command; after the block it has ended, with all that it has started.

    Args:
        command: A program and its arguments. It ends what it has started when it gets SIGTERM.
        cwd: Where it runs.
        env: Its environment; ours if it is None.
    """
    with subprocess.Popen(
        [*WITH_US, *map(str, command)],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True, cwd=cwd, env=env,
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            for number in (signal.SIGTERM, signal.SIGKILL):
                if process.poll() is None:
                    os.killpg(process.pid, number)
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        process.communicate(timeout=GRACE_S)


def run(
    *command: object, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Runs a command to its end; the test is skipped if the budget ends before.

    Args:
        command: A program and its arguments. It ends what it has started when it gets SIGTERM.
        cwd: Where it runs.
        env: Its environment; ours if it is None.
    """
    with running(*command, cwd=cwd, env=env) as process:
        try:
            out, err = process.communicate(timeout=BUDGET.left_s)
        except subprocess.TimeoutExpired:
            raise NoTime(" ".join(Path(str(word)).name for word in command[:4])) from None
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)
