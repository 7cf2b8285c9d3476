"""A system like Raspberry Pi OS's in a folder, whose programs run under emulation."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.proofs.budget import run

# Their processors, by QEMU's names.
PI_2, PI_4, PI_5 = "cortex-a7", "cortex-a72", "cortex-a76"
SCRIPT = Path(__file__).with_name("arm_root.sh")
NOT_ALLOWED = 77  # the script's exit code where the machine does not allow it


@dataclass(frozen=True, slots=True)
class ArmRoot:
    """The root of such a system; programs in it have no network.

    Attributes:
        folder: Where it is on this machine.
        cpu: The processor that is emulated.
    """

    folder: Path
    cpu: str

    def run(self, *command: object) -> subprocess.CompletedProcess[str]:
        """Runs a command in it, as root.

        Args:
            command: A program in the root, and its arguments.
        """
        return _script("run", self.folder, self.cpu, *command)

    def shell(self, script: str) -> subprocess.CompletedProcess[str]:
        """Runs a script in it with its own /bin/sh."""
        return self.run("sh", "-c", script)

    def at(self, path: str) -> Path:
        """Where a path of the root is on this machine; links are not followed."""
        return self.folder / path.lstrip("/")

    def copied(self, folder: Path) -> "ArmRoot":
        """The same once more; what happens in it does not touch this one."""
        subprocess.run(["cp", "-a", "--reflink=auto", self.folder, folder], check=True)
        return ArmRoot(folder, self.cpu)

    def remove(self) -> None:
        """Frees the disk: a few hundred megabytes."""
        shutil.rmtree(self.folder)


def prepare(system: str, cpu: str, folder: Path) -> ArmRoot:
    """A fresh one; the test is skipped where this machine does not allow it.

    Args:
        system: As `arm_root.sh` names it, such as "bookworm" or "trixie+numpy".
        cpu: The processor to emulate.
        folder: Where to; must not be there yet.
    """
    done = _script("prepare", system, folder)
    assert done.returncode == 0, done.stderr
    return ArmRoot(folder, cpu)


def _script(*arguments: object) -> subprocess.CompletedProcess[str]:
    done = run("bash", SCRIPT, *arguments)
    if done.returncode == NOT_ALLOWED:
        pytest.skip(done.stderr.strip())
    return done
