"""The versions that `make lock` has pinned, with the hashes of their files, for another machine."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename

from edge.errors import OutputError
from pi.release import Release

LOCK = Path(__file__).resolve().parent.parent / "requirements" / "train.txt"
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Pin:
    """One package in one version.

    Attributes:
        requirement: Such as "numpy==2.4.6".
        sha256: Of its files, whatever machine they are for; hexadecimal.
    """

    requirement: str
    sha256: frozenset[str]


def pins(release: Release, lock: Path = LOCK) -> dict[str, Pin]:
    """The pinned packages for a release, by their canonical names.

    Args:
        release: Of the machine that is to run them.
        lock: As `make lock` writes it; it has those of training as well.
    """
    found: dict[str, Pin] = {}
    for entry in lock.read_text().replace("\\\n", " ").splitlines():
        text = entry.partition(" --hash")[0].partition("#")[0].strip()
        if not text:
            continue
        requirement = Requirement(text)
        if requirement.marker is None or requirement.marker.evaluate(dict(release.markers)):
            requirement.marker = None
            hashes = frozenset(HASH.findall(entry))
            found[canonicalize_name(requirement.name)] = Pin(str(requirement), hashes)
    return found


def check_pinned(wheels: Path, known: Mapping[str, Pin]) -> None:
    """Compares every wheel in a folder with its pin.

    Raises:
        OutputError: A wheel is not pinned, or is another file than when the pins were made.
    """
    for wheel in sorted(wheels.glob("*.whl")):
        name, version, *_ = parse_wheel_filename(wheel.name)
        pin = known.get(name)
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        if pin is None or digest not in pin.sha256:
            raise OutputError(
                f"{name} {version} is not what 'make lock' has pinned (hash): use PyPI's files, "
                "or pin it anew"
            )
