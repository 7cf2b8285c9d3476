"""How every command of this project ends: exit codes, and errors in one line on stderr."""

import os
import sys
from collections.abc import Callable

from edge.errors import HappySadError


def run(app: Callable[[], object]) -> None:
    """Runs a Typer app and exits with the project's codes.

    0 done; 1 something the user can mend (one line on stderr); 2 wrong usage (Typer's own);
    130 interrupted (Typer's own). A reader that closes its end of the pipe ends it quietly.

    Args:
        app: The Typer app, made with `pretty_exceptions_enable=False`.
    """
    # A file name that is no valid UTF-8 must not end a run when it is printed.
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        app()
    except HappySadError as error:
        sys.exit(f"error: {one_line(error)}")
    except BrokenPipeError:
        # The interpreter flushes stdout once more at exit; give it somewhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)


def one_line(message: object) -> str:
    """The text without line breaks and other control characters, which a file name may hold."""
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in str(message))
