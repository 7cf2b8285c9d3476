"""Where a broker is: `mqtt[s]://HOST[:PORT]`."""

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

# The ports that IANA has for MQTT: paho takes 1883 with TLS too, unless it is told otherwise.
PORTS = {"mqtt": 1883, "mqtts": 8883}
EXPECTED = "expected mqtt://HOST or mqtt://HOST:PORT, with mqtts for TLS"


@dataclass(frozen=True, slots=True)
class Address:
    """A broker's place in the network.

    Attributes:
        host: A name, or an address without brackets.
        port: 1 to 65535.
        is_secure: Whether it is spoken to by TLS.
    """

    host: str
    port: int
    is_secure: bool

    @property
    def is_loopback(self) -> bool:
        """Whether it is on this machine."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'mqtts' if self.is_secure else 'mqtt'}://{host}:{self.port}"


def parse_address(text: str) -> Address:
    """The broker that the user wrote, such as "mqtt://homeassistant.local".

    Raises:
        ValueError: It is none, or has a password in it; one line without that.
    """
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
        host.encode("idna")
    except ValueError as error:
        raise ValueError(f"the address is malformed: {EXPECTED}") from error
    if "@" in text:
        raise ValueError(
            "every program of this machine can read the command line: write the user and the "
            "password into the two lines of a file, for --mqtt-login"
        )
    if parts.scheme not in PORTS or not host or parts.path.strip("/") or parts.query:
        raise ValueError(f"{text}: {EXPECTED}")
    return Address(host, port or PORTS[parts.scheme], parts.scheme == "mqtts")
