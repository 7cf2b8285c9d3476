"""Where the page is served: `[HOST:]PORT`, and the addresses that lead there."""

import contextlib
import ipaddress
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from ..errors import OutputError

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Place:
    """A host and a port to listen at.

    Attributes:
        host: An address or a name of this machine; "0.0.0.0" and "::" are all of its addresses.
        port: 0 to 65535; 0 is any that is free.
    """

    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        """Whether nobody but this machine reaches it."""
        return self.host == "localhost" or _is_loopback(self.host)

    def listen(self) -> socket.socket:
        """A socket that listens there.

        Raises:
            OutputError: The port is taken or not allowed, or the host is not this machine's.
        """
        try:
            family, kind, protocol, _, address = socket.getaddrinfo(
                self.host, self.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )[0]
            listening = socket.socket(family, kind, protocol)
        except OSError as error:
            raise OutputError(f"--web {self}: {error.strerror}") from error
        except UnicodeError as error:  # which comes before anybody is asked for it
            raise OutputError(f"--web {self}: {self.host} is no name of a host") from error
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:  # "::" is IPv4 as well
                listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            listening.bind(address)
            listening.listen()
        except OSError as error:
            listening.close()
            raise OutputError(f"--web {self}: {error.strerror}; try another port") from error
        return listening

    def allows(self, host: str) -> bool:
        """Whether a request may call this place so: a name that leads elsewhere is an attack.

        A page of another site can let its own name lead to this machine (DNS rebinding). Numbers
        cannot be rebound; of names only this machine's own count.

        Args:
            host: Of the request's header Host, without the port.
        """
        name = host.lower().rstrip(".")
        if self.is_loopback:
            return name in ("localhost", self.host.lower()) or _is_loopback(name)
        return _is_number(name) or name in {"localhost", self.host.lower(), *own_names()}

    def addresses(self, scheme: str, port: int) -> list[str]:
        """Addresses of the page, the one that works in most places first."""
        if self.host not in ("0.0.0.0", "::"):
            hosts = [self.host]
        else:
            hosts = [*_outward(), f"{socket.gethostname().split('.')[0].lower()}.local"]
        return [f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}/" for host in hosts]

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse_place(text: str) -> Place:
    """The place that the user wrote: a port of this machine alone, or a host and a port.

    Args:
        text: Such as "8080", "0.0.0.0:8080", "[::]:8080".

    Raises:
        ValueError: It is none; one line.
    """
    host, _, port = text.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        raise ValueError(f"{text}: an IPv6 address stands in brackets, as in [::1]:8080")
    if not (port.isascii() and port.isdigit()):
        raise ValueError(f"{text}: expected [HOST:]PORT, as in 8080 or 0.0.0.0:8080")
    if int(port) > 65535:
        raise ValueError(f"{text}: ports end at 65535")
    if text.startswith((":", "[]")):
        raise ValueError(f"{text}: the host is missing; 0.0.0.0 is all addresses of this machine")
    return Place(host or LOOPBACK, int(port))


def _is_number(host: str) -> bool:
    with contextlib.suppress(ValueError):
        ipaddress.ip_address(host)
        return True
    return False


def _is_loopback(host: str) -> bool:
    return _is_number(host) and ipaddress.ip_address(host).is_loopback


@cache
def own_names() -> frozenset[str]:
    """What this machine is called; asked once, since a name server may take seconds to answer."""
    name = socket.gethostname().lower()
    short = name.split(".")[0]
    return frozenset({name, short, f"{short}.local", socket.getfqdn().lower()})


def _outward() -> Iterator[str]:
    """The address by which this machine reaches others; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, contextlib.suppress(OSError):
        probe.connect(("192.0.2.1", 9))  # TEST-NET-1 (RFC 5737): nobody's
        yield probe.getsockname()[0]
