"""Which addresses are of the server that the user has named, and which are of others."""

import ssl
from urllib.parse import SplitResult

from ..errors import CameraError, one_line
from .source import Trust

PORTS = {"http": 80, "https": 443, "rtsp": 554, "rtsps": 322}


def check_same(named: SplitResult, there: SplitResult, trust: Trust, what: str) -> None:
    """Refuses to be led away.

    Args:
        named: The address that the user has given.
        there: Where the server sends us.
        trust: What of the network the user trusts.
        what: That sends us, as "its playlist".

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


def _port(address: SplitResult) -> int | None:
    return address.port or PORTS.get(address.scheme)


def tls_context(trust: Trust) -> ssl.SSLContext:
    """How servers are verified: by the system's certificates, unless the user is content without.

    Args:
        trust: What of the network the user trusts.
    """
    context = ssl.create_default_context()
    if trust.insecure:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context
