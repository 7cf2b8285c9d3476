"""A broker, and how this program proves to it who it is."""

import ssl
import stat
from dataclasses import dataclass
from pathlib import Path

from ..errors import OutputError, one_line
from .access import Access
from .address import Address, parse_address

MAX_BYTES = 10_000  # of the file with user and password


@dataclass(frozen=True, slots=True)
class Broker:
    """All that a connection needs.

    Attributes:
        address: Where it is.
        user: None where nobody is asked.
        password: None without one.
        tls: None without TLS.
    """

    address: Address
    user: str | None
    password: str | None
    tls: ssl.SSLContext | None


def broker(access: Access) -> Broker:
    """Reads the files once, at the start.

    Raises:
        OutputError: A file cannot be read or used, or the password is open to everybody.
        ValueError: The address is none.
    """
    address = parse_address(access.address)
    user, password = _login(access.login) if access.login else (None, None)
    return Broker(address, user, password, _tls(access) if address.is_secure else None)


def _login(path: Path) -> tuple[str, str | None]:
    try:
        # As a credential of systemd it has an ACL, which stands where the group's rights do.
        status = path.stat()
        is_open = status.st_mode & 0o007
        if not stat.S_ISREG(status.st_mode):  # reading a pipe or a device may never end
            raise OutputError(f"--mqtt-login {one_line(path)}: it is no regular file")
        if not status.st_size:  # not even opened: of /proc/kmsg reading waits for the kernel
            raise OutputError(f"--mqtt-login {one_line(path)}: it is empty")
        with path.open("rb") as file:
            lines = file.read(MAX_BYTES).decode().splitlines()
    except OSError as error:
        raise OutputError(f"--mqtt-login {one_line(path)}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise OutputError(f"--mqtt-login {one_line(path)}: it is no text") from error
    if is_open:
        raise OutputError(f"{one_line(path)} can be read by everybody: chmod 600 {one_line(path)}")
    if len(lines) < 2 or not lines[0]:
        raise OutputError(
            f"--mqtt-login {one_line(path)}: expected the user in its first line, and the password "
            "in the second, which may be empty"
        )
    return lines[0], lines[1] or None


def _tls(access: Access) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=access.ca)
    except ssl.SSLError as error:
        raise OutputError(f"--mqtt-ca {access.ca}: it has no certificates (PEM)") from error
    except OSError as error:
        raise OutputError(f"--mqtt-ca {access.ca}: {error.strerror}") from error
    if access.cert:
        try:
            context.load_cert_chain(access.cert, access.key, password="")
        except ssl.SSLError as error:
            reason = error.reason or "not a certificate and its key"
            raise OutputError(f"--mqtt-cert {access.cert} cannot be used ({reason})") from error
        except OSError as error:
            name = access.key if access.key and access.cert.is_file() else access.cert
            raise OutputError(f"cannot read {name}: {error.strerror}") from error
    return context
