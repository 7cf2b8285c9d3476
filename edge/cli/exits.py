"""How every command of this project ends: exit codes, and errors in one line on stderr."""

import errno
import importlib
import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..errors import HappySadError, PackageError, one_line
from ..masking import masked_text

# What no program can open; it shows wherever somebody first looks whether there is a file.
UNUSABLE = (errno.ENAMETOOLONG, errno.ELOOP)
MAX_SHOWN = 60  # characters of a name


def start(module: str, extra: str = "") -> None:
    """Imports a command line, as "train.cli", and runs its `main`; Ctrl-C then is no traceback.

    Args:
        module: Its name.
        extra: What importing it takes beside the base install, see `check_extra`.
    """
    try:
        if extra:
            from ..machine.pip import check_extra

            check_extra(extra)
        importlib.import_module(module).main()
    except KeyboardInterrupt:
        sys.exit(130)
    except PackageError as error:
        sys.exit(f"error: {error}")


def run(app: Callable[..., object]) -> None:
    """Runs a Typer app and exits with the project's codes.

    0 done; 1 something the user can fix (one line on stderr); 2 wrong usage; 130 interrupted, and
    1, quietly, when the reader of stdout goes away (both Typer's own).
    """
    # A file name that is no valid UTF-8 must not end a run when it is printed.
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed, as a daemon may run
            setattr(sys, name, Path(os.devnull).open("w"))  # noqa: SIM115
        getattr(sys, name).reconfigure(errors="backslashreplace")
    log = logging.getLogger("happysad")
    log.setLevel(logging.INFO)
    log.addHandler(_Stderr())
    import typer  # not for `start`: where it is missing, that says so

    usage_error: Any = typer.BadParameter.__mro__[1]  # the class of all of them; it has no name
    try:
        try:
            code = app(standalone_mode=False)
        finally:
            sys.stdout.flush()  # or Python would complain at its end
        sys.exit(code if isinstance(code, int) else 0)
    except usage_error as error:
        error.message = masked_text(error.message)  # it quotes what was typed
        error.show()
        sys.exit(error.exit_code)
    except ModuleNotFoundError as error:
        if error.name != "numpy":  # the others have an error of their own, or are a bug
            raise
        sys.exit(f"error: numpy is not installed: {sys.executable} -m pip install numpy")
    except HappySadError as error:
        sys.exit(f"error: {one_line(masked_text(str(error)))}")
    except RuntimeError as error:  # of Path.resolve, before Python 3.13
        if not str(error).startswith("Symlink loop"):
            raise
        sys.exit(f"error: cannot use a name: {one_line(error)}")
    except OSError as error:
        if error.filename and error.errno in UNUSABLE:
            name = os.fsdecode(error.filename)
            short = name if len(name) <= MAX_SHOWN else f"{name[:MAX_SHOWN]}..."
            sys.exit(f"error: cannot use the name {one_line(short)}: {error.strerror}")
        is_stdout = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EPIPE) and not error.filename
        if not is_stdout:  # a bug
            raise
        # What is left in the buffer would fail once more when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if error.errno == errno.EPIPE:
            sys.exit(1)
        sys.exit(f"error: cannot write to stdout: {error.strerror}")


def tell(line: str) -> None:
    """Prints a line for the user, beside the results."""
    print(one_line(line), file=sys.stderr)


class _Stderr(logging.Handler):
    """Prints each message as a line on stderr, wherever that goes by then."""

    def emit(self, record: logging.LogRecord) -> None:
        tell(masked_text(record.getMessage()))
