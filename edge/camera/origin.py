"""Which addresses are of the server that the user has named, and which are of others."""

import ssl
from urllib.parse import SplitResult, urljoin, urlsplit

from ..errors import CameraError, one_line
from .source import Trust

CONNECT_S = 5.0
MAX_REDIRECTS = 5
PORTS = {"http": 80, "https": 443, "rtsp": 554, "rtsps": 322}


def check_same(named: SplitResult, there: SplitResult, trust: Trust, what: str) -> None:
    """Refuses to be led away.

    Raises:
        CameraError: It is another server, or the same without encryption.
    """
    if named.scheme.endswith("s") and not there.scheme.endswith("s"):
        way = f"from {named.scheme} to {there.scheme}"
        raise CameraError(f"{what} sends us {way}, where everybody can read")
    if trust.other_hosts:
        return
    is_same_host = there.hostname == named.hostname
    is_upgrade = there.scheme != named.scheme and _port(there) == PORTS.get(there.scheme)
    if not is_same_host or not (is_upgrade or _port(there) == _port(named)):
        host = one_line(there.hostname if not is_same_host else f"{there.hostname}:{_port(there)}")
        raise CameraError(
            f"{what} sends us to another server, {host}: name that one, or allow it with "
            "--other-hosts"
        )


def redirected(
    named: SplitResult, location: str, trust: Trust, schemes: tuple[str, ...]
) -> SplitResult:
    """Where a server sends us.

    Raises:
        CameraError: To no address, or as of `check_same`.
    """
    try:
        there = urlsplit(urljoin(named.geturl(), location))
        is_address = location and there.scheme in schemes and there.port != 0
    except ValueError:
        is_address = False
    if not is_address:
        raise CameraError("its server redirects to no address")
    check_same(named, there, trust, "its server")
    return there


def without_login(address: SplitResult) -> SplitResult:
    """The address without the user's name and password."""
    return address._replace(netloc=address.netloc.rpartition("@")[2])


def with_login_of(named: SplitResult, there: SplitResult) -> SplitResult:
    """An address with the name and password of another, if both are of one host."""
    if there.hostname != named.hostname:
        return there
    user, at, _ = named.netloc.rpartition("@")
    return there._replace(netloc=user + at + without_login(there).netloc)


def _port(address: SplitResult) -> int | None:
    return address.port or PORTS.get(address.scheme)


def tls_context(trust: Trust) -> ssl.SSLContext:
    """How servers are verified: by the system's certificates, unless the user does without."""
    context = ssl.create_default_context()
    if trust.insecure:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context
