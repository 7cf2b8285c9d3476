"""This machine as the Pi's counterpart: the same wheel beside the same versions of its packages."""

import os
import re
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

from tests.proofs.budget import run
from tests.proofs.pi.bundles import our_wheel, pins
from tests.support.environments import environment

# The network's answers and the decoded pixels are these packages'; numpy only holds the arrays, and
# this machine's Python may be too old for the one in the bundle.
DECISIVE = re.compile("(ai_edge_litert|av|opencv_python_headless|pillow|typer)==")


@dataclass(frozen=True, slots=True)
class Computer:
    """A Python of this machine with a wheel of ours.

    Attributes:
        interpreter: Of an environment with the packages that the wheel needs.
        wheel: The wheel, unpacked.
        inputs: The folder that commands run in.
    """

    interpreter: Path
    wheel: Path
    inputs: Path

    def edge(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs the device's command line."""
        return self.python("-m", "happysad", *arguments)

    def python(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs the environment's Python."""
        environment = os.environ | {"PYTHONPATH": str(self.wheel), "HAPPYSAD_HOME": "/nowhere"}
        return run(self.interpreter, *arguments, cwd=self.inputs, env=environment)


def counterpart(release: str, bundle: Path, inputs: Path, folder: Path) -> Computer:
    """This machine with the runtime and the OpenCV that a bundle has.

    Args:
        release: The bundle's; names the environment.
        bundle: Unpacked.
        inputs: The folder of the inputs.
        folder: For the unpacked wheel.
    """
    requirements = [pin for pin in pins(bundle) if DECISIVE.match(pin)]
    with zipfile.ZipFile(our_wheel(bundle)) as archive:
        archive.extractall(folder)
    return Computer(environment(f"pi-{release}", sys.executable, *requirements), folder, inputs)
