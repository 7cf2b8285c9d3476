"""An environment with both TFLite runtimes, so that `edge benchmark` has them take turns."""

import logging
import shutil
import subprocess
import sys
from pathlib import Path

from bench.child import ROOT

log = logging.getLogger("happysad")

HOME = ROOT / ".venvs" / "bench"
# tflite-runtime ends with Python 3.11, and 3.10 is the oldest of this project.
PYTHONS = ("python3.11", "python3.10")


def device_python() -> Path:
    """The Python of an environment with both runtimes; our own where there can be none."""
    wanted = (ROOT / "pyproject.toml").read_text()
    python, stamp = HOME / "bin" / "python", HOME / "stamp"
    if stamp.is_file() and stamp.read_text() == wanted:
        return python
    found = next(filter(None, map(_usable, PYTHONS)), None)
    if found is None:
        log.warning(
            "tflite-runtime is not measured: it needs Python 3.11 or 3.10, and none is installed"
        )
        return Path(sys.executable)
    log.info("making an environment with tflite-runtime in .venvs/bench, once")
    shutil.rmtree(HOME, ignore_errors=True)
    commands = [
        [found, "-m", "venv", str(HOME)],
        [str(python), "-m", "pip", "install", "--quiet", "--no-input",
         "--disable-pip-version-check", f"{ROOT}[tflite-runtime]"],
        # The checkout's own code is what is measured.
        [str(python), "-m", "pip", "uninstall", "--quiet", "--yes", "happysad"],
    ]  # fmt: skip
    for command in commands:
        if subprocess.run(command, capture_output=True).returncode:
            shutil.rmtree(HOME, ignore_errors=True)
            log.warning(
                "tflite-runtime is not measured: it cannot be installed; is there a network?"
            )
            return Path(sys.executable)
    stamp.write_text(wanted)
    return python


def _usable(name: str) -> str | None:
    """Where that Python is, if it runs."""
    found = shutil.which(name)
    works = found and subprocess.run([found, "--version"], capture_output=True).returncode == 0
    return found if works else None
