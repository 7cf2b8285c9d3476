"""The releases of Raspberry Pi OS that a bundle can be made for; 64-bit ones."""

from dataclasses import dataclass
from typing import Literal

ReleaseName = Literal["bookworm", "trixie"]
OLDEST_GLIBC = 17  # manylinux2014, the oldest that wheels for 64-bit ARM ask for


@dataclass(frozen=True, slots=True)
class Release:
    """What of a release decides which packages fit.

    Attributes:
        name: Debian's, in small letters.
        python: Its Python, such as "3.11".
        glibc: The minor version of its glibc 2.
        machine: The kind of processor, as `uname -m` says it.
    """

    name: str
    python: str
    glibc: int
    machine: str = "aarch64"

    @property
    def platforms(self) -> list[str]:
        """The platform tags of wheels that it can load, the newest first (PEP 600)."""
        minors = range(self.glibc, OLDEST_GLIBC - 1, -1)
        tags = [*(f"manylinux_2_{minor}" for minor in minors), "manylinux2014"]
        return [f"{tag}_{self.machine}" for tag in tags]

    @property
    def markers(self) -> dict[str, str]:
        """Its values of the environment markers (PEP 508) that differ from this machine's."""
        return {
            "implementation_name": "cpython",
            "os_name": "posix",
            "platform_machine": self.machine,
            "platform_python_implementation": "CPython",
            "platform_system": "Linux",
            "python_full_version": f"{self.python}.0",
            "python_version": self.python,
            "sys_platform": "linux",
        }

    def text(self) -> str:
        """What the installer reads: lines of NAME=value for a shell."""
        return f"RELEASE={self.name}\nPYTHON={self.python}\nMACHINE={self.machine}\n"


# Versions as in Debian's releases 12 and 13, which these are made from.
BOOKWORM, TRIXIE = Release("bookworm", "3.11", 36), Release("trixie", "3.13", 41)
RELEASES: dict[ReleaseName, Release] = {"bookworm": BOOKWORM, "trixie": TRIXIE}
