"""Virtual environments of their own, kept in `.venvs/` and renewed when their contents change."""

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.support.chain import ROOT
from tests.support.turns import turn

HOME = ROOT / ".venvs"
# What the device needs, with either runtime: the arguments of `environment`.
LITERT = ("litert", "python3.11", ".")
TFLITE = ("tflite-runtime", "python3.11", ".[tflite-runtime]")


def environment(name: str, python: str, *requirements: str, remove: str = "") -> Path:
    """The Python of an environment that holds just these requirements.

    The test is skipped where that Python is not installed or the packages cannot be fetched.

    Args:
        name: Of the environment's folder.
        python: The Python to make it with, such as "python3.11".
        requirements: For `uv pip install`, which takes a tenth of pip's time.
        remove: A package to uninstall at the end.
    """
    with turn(HOME / "lock"):  # also of two names: both build the wheel in this checkout
        return _renewed(HOME / name, python, requirements, remove)


def _renewed(folder: Path, python: str, requirements: tuple[str, ...], remove: str) -> Path:
    stamp, package_stamp = folder / "stamp", folder / "package-stamp"
    interpreter = folder / "bin" / "python"
    is_ours = requirements[0].startswith(".")
    wanted = f"{python} {requirements} {remove}"
    if is_ours:
        wanted += _hash([ROOT / "pyproject.toml"])
    package = _hash(path for path in (ROOT / "edge").rglob("*") if path.suffix != ".pyc")
    uv = [sys.executable, "-m", "uv", "--quiet"]
    install = [*uv, "pip", "install", "--python", str(interpreter)]
    if stamp.exists() and stamp.read_text() == wanted:
        if is_ours and package_stamp.read_text() != package:  # only our own code has changed
            command = [*install, "--no-deps", "--reinstall", "."]
            subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
            package_stamp.write_text(package)
        return interpreter
    found = shutil.which(python)
    if found is None or subprocess.run([found, "--version"], capture_output=True).returncode:
        pytest.skip(f"{python} is not installed")
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([*uv, "venv", "--python", found, str(folder)], check=True, capture_output=True)
    done = subprocess.run([*install, *requirements], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        if "No solution found" in done.stderr:
            pytest.fail(f"{requirements} do not go together: {done.stderr}")
        last = done.stderr.strip().splitlines()[-1:]
        pytest.skip(f"uv cannot install {requirements}: {last}")
    if remove:
        command = [*uv, "pip", "uninstall", "--python", str(interpreter), remove]
        subprocess.run(command, check=True, capture_output=True)
    package_stamp.write_text(package)
    stamp.write_text(wanted)
    return interpreter


def _hash(paths: Iterable[Path]) -> str:
    content = b"".join(path.read_bytes() for path in sorted(paths) if path.is_file())
    return hashlib.sha256(content).hexdigest()
