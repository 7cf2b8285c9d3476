"""How every command of this project ends: exit codes, and errors in one line on stderr."""

import sys
from collections.abc import Callable

from edge.errors import HappySadError, one_line


def run(app: Callable[[], object]) -> None:
    """Runs a Typer app and exits with the project's codes.

    0 done; 1 something the user can mend (one line on stderr); 2 wrong usage (Typer's own);
    130 interrupted, and 1, quietly, when the reader of stdout goes away (both Typer's own).

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
