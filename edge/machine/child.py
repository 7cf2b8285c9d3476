"""A question to another program: what may crash, hang or print is asked in a child process."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from ..errors import one_line

PACKAGE = __name__.partition(".")[0]  # "edge" in a checkout, "happysad" where it is installed
# What a user types to run it.
COMMAND = "happysad" if PACKAGE == "happysad" else f"python -m {PACKAGE}"
HOME = Path(__file__).resolve().parent.parent.parent  # what holds the folder of this package


@dataclass(frozen=True, slots=True)
class Answer:
    """How a child process ended.

    Attributes:
        code: Its exit code, negative where a signal ended it; None where it did not start or end.
        out: Its standard output.
        err: Its standard error, or why there is no code.
    """

    code: int | None
    out: str
    err: str

    @property
    def last_words(self) -> str:
        """The last line on its standard error, or how it ended, for a message."""
        if self.code is not None and self.code < 0:
            return f"killed by signal {-self.code}"  # 4: built for another kind of processor
        lines = self.err.splitlines()
        return one_line(lines[-1].strip()) if lines else f"it ended with code {self.code}"


def ask(command: list[str], timeout_s: float, stdin: bytes = b"") -> Answer:
    """Runs a program to its end.

    Args:
        command: The program and its arguments.
        timeout_s: How long it may take; then it is killed.
        stdin: What it can read.
    """
    try:
        done = subprocess.run(command, input=stdin, capture_output=True, timeout=timeout_s)
    except subprocess.TimeoutExpired:
        return Answer(None, "", f"no answer within {timeout_s:.0f} s")
    except OSError as error:
        return Answer(None, "", error.strerror or str(error))
    out, err = (text.decode(errors="replace").strip() for text in (done.stdout, done.stderr))
    return Answer(done.returncode, out, err)


def ask_python(program: str, *arguments: str, timeout_s: float, stdin: bytes = b"") -> Answer:
    """Runs a Python program in this very environment, with this package to import."""
    return ask(python_command(program, *arguments), timeout_s, stdin)


def python_command(program: str, *arguments: str) -> list[str]:
    """The words that run a Python program as `ask_python` does."""
    home = str(HOME)
    # Without the working directory, where anybody may have put a numpy.py.
    start = (
        "import sys; sys.path[:] = filter(None, sys.path)\n"
        f"{home!r} in sys.path or sys.path.insert(0, {home!r})\n"
    )
    return [sys.executable, "-c", start + program, *arguments]
