"""The packages that are installed in the virtual machine: our wheel and all that it needs."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from edge.errors import OutputError
from pi.dependencies import fetch_dependencies, pip_download
from pi.release import Release
from tests.proofs.camera.guest.programs import PACKAGES
from tests.support.chain import ROOT

BOOKWORM = Release("bookworm", "3.11", 36, "x86_64")
# What Raspberry Pi OS Bookworm gets: its picamera2 wants numpy 1, and that this OpenCV.
NUMPY_1 = ["numpy<2", "opencv-python-headless==4.11.0.86"]


def fetch_packages(folder: Path) -> None:
    """Fills a folder for each of PACKAGES with wheels; skipped where they cannot be fetched.

    The first has the newest that the wheel allows, the second has numpy 1.

    Args:
        folder: A new one.
    """
    newest, numpy_1 = (folder / name for name in PACKAGES)
    newest.mkdir(parents=True)
    numpy_1.mkdir()
    wheel = our_wheel(folder / "dist")
    try:
        fetch_dependencies(wheel, BOOKWORM, newest)
        pip_download(NUMPY_1, BOOKWORM, numpy_1)
    except OutputError as error:
        pytest.skip(str(error))
    shutil.copy(wheel, newest)
    for path in newest.glob("*.whl"):
        if not path.name.startswith(("numpy-", "opencv_python_headless-")):
            shutil.copy(path, numpy_1)
    shutil.rmtree(folder / "dist", ignore_errors=True)


def our_wheel(folder: Path) -> Path:
    """The wheel that HAPPYSAD_WHEEL names, or a new one with the shipped model.

    Args:
        folder: For the new one.
    """
    if named := os.environ.get("HAPPYSAD_WHEEL"):
        return Path(named).resolve(strict=True)
    done = subprocess.run(
        [sys.executable, "-m", "pi", "wheel", "--model", "faces", "--out", str(folder)],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.strip())
