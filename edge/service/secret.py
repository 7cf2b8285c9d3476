"""A file that only its owner can read, from its first byte on."""

import os
import secrets
from pathlib import Path

from ..errors import OutputError


def write_secret(path: Path, text: str) -> None:
    """Makes or replaces a file of one line with the mode 0600, whole or not at all.

    Args:
        path: The file; its folder is made if need be.
        text: The line, without its end.

    Raises:
        OutputError: It cannot be written.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        # O_EXCL: a link that somebody has put there is not followed.
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(f"{text}\n".encode())
                file.flush()
                os.fsync(descriptor)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror}") from error
