"""How every command of this project ends: exit codes, and errors in one line on stderr."""

import os
import sys
from collections.abc import Callable

from edge.errors import HappySadError


def run(app: Callable[[], object]) -> None:
    """Runs a Typer app and exits with the project's codes.

    0 done; 1 something the user can mend (one line on stderr); 2 wrong usage (Typer's own);
    130 interrupted. A reader that closes its end of the pipe ends the program quietly.

    Args:
        app: The Typer app, made with `pretty_exceptions_enable=False`.
    """
    try:
        app()
    except HappySadError as error:
        sys.exit(_one_line(f"error: {error}"))
    except BrokenPipeError:
        # The interpreter flushes stdout once more at exit; give it somewhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except KeyboardInterrupt:
        sys.exit(130)


def _one_line(text: str) -> int:
    print(" ".join(text.split()), file=sys.stderr)  # noqa: T201
    return 1
