"""The secret that a page beyond this machine asks for, in a file for its owner alone."""

import os
import secrets
from pathlib import Path

from ..errors import OutputError
from ..machine.output_file import write_secret
from ..model.store import stores

NAME = "web-token"
BYTES = 24  # of chance; 32 characters
LEAST = 16  # characters of one that the user has made


def token_path() -> Path:
    """Where it is kept: beside the installed models."""
    return stores()[0].folder.parent / NAME


def read_token(path: Path) -> str:
    """The token of a file of mode 0600 or stricter, which is made where there is none yet.

    Raises:
        OutputError: The file cannot be read or made, others may read it, or it is no good secret.
    """
    try:
        status = path.stat()
        token = path.read_text("ascii").strip()
    except FileNotFoundError:
        return _make(path)
    except UnicodeDecodeError:
        token = ""
    except OSError as error:
        raise OutputError(f"cannot read {path}: {error.strerror}") from error
    if os.name == "posix" and status.st_mode & 0o077:
        raise OutputError(f"{path} can be read by others: chmod 600 {path}")
    if len(token) < LEAST or not all("!" <= sign <= "~" and sign not in '",;\\' for sign in token):
        raise OutputError(
            f"{path}: a token is {LEAST} or more letters and digits; remove the file, and a new "
            "one is made"
        )
    return token


def _make(path: Path) -> str:
    token = secrets.token_urlsafe(BYTES)
    write_secret(path, token)
    return token
