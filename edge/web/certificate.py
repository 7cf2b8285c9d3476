"""The page's TLS certificate."""

import ssl
from pathlib import Path

from ..errors import OutputError


def check_certificate(certificate: Path, key: Path) -> None:
    """Finds out whether a page can be served with a certificate and its key.

    Raises:
        OutputError: It cannot.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(certificate, key, password="")
    except ssl.SSLError as error:
        reason = error.reason or "not a certificate and its key"
        raise OutputError(f"{certificate} and {key} cannot be used ({reason})") from error
    except OSError as error:
        name = error.filename or f"{certificate} or {key}"
        raise OutputError(f"cannot read {name}: {error.strerror}") from error
