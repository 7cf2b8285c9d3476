"""A source that is written in a file, because it has a password that nobody is to see."""

import stat
import sys
from pathlib import Path

from ..errors import CameraError, one_line

MAX_BYTES = 10_000


def read_source(path: Path) -> str:
    """The first line of a file, or of stdin where that is "-", without spaces around it.

    Raises:
        CameraError: It cannot be read, is no text, or begins with an empty line.
    """
    name = "stdin" if str(path) == "-" else one_line(path)
    try:
        if str(path) == "-":
            content = sys.stdin.buffer.readline(MAX_BYTES)
        else:
            status = path.stat()
            if not (stat.S_ISREG(status.st_mode) or stat.S_ISFIFO(status.st_mode)):
                raise CameraError(f"{name} is no file and no pipe: the source cannot be read")
            if stat.S_ISREG(status.st_mode) and not status.st_size:  # as /proc/kmsg, which waits
                raise CameraError(f"{name} is empty: write the source there")
            with path.open("rb") as file:
                content = file.readline(MAX_BYTES)
        source = content.decode().strip()
        if not source.isprintable():
            raise CameraError(f"{name}: its first line is no text")
    except UnicodeDecodeError as error:
        raise CameraError(f"{name}: its first line is no text") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise CameraError(f"{name}: the source cannot be read ({reason})") from error
    if not source:
        raise CameraError(f"{name}: its first line is empty: write the source there")
    return source
