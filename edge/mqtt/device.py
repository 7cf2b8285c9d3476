"""What this machine is called at a broker, and the topics that are its own."""

import re
import socket
from dataclasses import dataclass
from pathlib import Path

from ..machine import kernel_file
from ..machine.checksum import sha256_hex

MACHINE_ID = Path("/etc/machine-id")
ID_LENGTH = 12  # hexadecimal digits


@dataclass(frozen=True, slots=True)
class Device:
    """One run of the program, as others see it.

    Attributes:
        id: Of letters, digits and _; the same after every start.
        name: As people read it.
    """

    id: str
    name: str

    @property
    def availability(self) -> str:
        """The topic of "online" and "offline"."""
        return f"happysad/{self.id}/availability"

    @property
    def state(self) -> str:
        """The topic of what is seen, as a JSON object."""
        return f"happysad/{self.id}/state"

    @property
    def picture(self) -> str:
        """The topic of the picture, a JPEG file."""
        return f"happysad/{self.id}/picture"

    @property
    def config(self) -> str:
        """The topic on which Home Assistant finds the device."""
        return f"homeassistant/device/{self.client}/config"

    @property
    def client(self) -> str:
        """What it is called as a client; a broker lets only one of a name in."""
        return f"happysad_{self.id}"


def device(name: str | None) -> Device:
    """The device of this machine; by a name, one of several."""
    if name is not None:
        readable = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:40]
        return Device(f"{readable}_{_machine(name)}".strip("_"), name)
    host = socket.gethostname().split(".")[0]
    return Device(_machine(""), f"happysad {host}")


def _machine(name: str) -> str:
    """Digits that are this machine's; its own id is for no network (machine-id(5))."""
    own = kernel_file.read(MACHINE_ID) or socket.gethostname()
    return sha256_hex(f"happysad mqtt {own} {name}".encode())[:ID_LENGTH]
