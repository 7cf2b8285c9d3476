"""An emulated Pi with the bundle installed in it, as a user would."""

import shlex
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from tests.proofs.budget import BUDGET
from tests.proofs.pi.arm_root import ArmRoot, prepare
from tests.proofs.pi.bundles import unpacked

CURRENT = "/opt/happysad/current"
IN_STARTS = 100.0  # how long what is essential takes, in times of a start of Python


@dataclass(frozen=True, slots=True)
class EmulatedPi:
    """A system with the command `happysad`.

    Attributes:
        root: Its root; the inputs are in /root/inputs.
        bundle: Where the unpacked bundle is in it.
        untouched: Every path that there was before the installation.
        installed: How `install.sh` ended, and what it said.
    """

    root: ArmRoot
    bundle: str
    untouched: frozenset[str]
    installed: subprocess.CompletedProcess[str]

    def edge(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs the installed command in the folder of the inputs."""
        return self.root.shell(f"cd /root/inputs && happysad {shlex.join(arguments)}")

    def python(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs the Python of the installation in the folder of the inputs."""
        return self.root.shell(f"cd /root/inputs && {CURRENT}/bin/python {shlex.join(arguments)}")

    def installer(self, *options: str, bundle: str = "") -> subprocess.CompletedProcess[str]:
        """Runs a bundle's `install.sh`; its own one's if no other is named."""
        return self.root.run(f"{bundle or self.bundle}/install.sh", *options)

    def version(self, link: str = "current") -> str:
        """The version that a link of the installation names, or nothing."""
        path = self.root.at(f"/opt/happysad/{link}")
        return path.readlink().name if path.is_symlink() else ""


def paths(root: ArmRoot) -> frozenset[str]:
    """Every path in a root but those in /tmp and /root."""
    found = (str(path.relative_to(root.folder)) for path in root.folder.rglob("*"))
    return frozenset(path for path in found if not path.startswith(("tmp/", "root/")))


def installed_pi(system: str, cpu: str, archive: Path, inputs: Path, folder: Path) -> EmulatedPi:
    """Makes one and installs the bundle with its `install.sh`.

    Args:
        system: As `arm_root.sh` names it.
        cpu: The processor to emulate.
        archive: The bundle for it.
        inputs: A folder to be copied into it.
        folder: Where to.
    """
    root = prepare(system, cpu, folder)
    _calibrate(root)
    shutil.copytree(inputs, root.at("/root/inputs"))
    bundle = f"/root/{unpacked(archive, root.at('/root')).name}"
    untouched = paths(root)
    return EmulatedPi(root, bundle, untouched, root.run(f"{bundle}/install.sh"))


def _calibrate(root: ArmRoot) -> None:
    """Measures how fast programs are here."""
    began_s = time.monotonic()
    assert root.run("python3", "-c", "import ctypes, json, venv").returncode == 0
    BUDGET.expect((time.monotonic() - began_s) * IN_STARTS)
