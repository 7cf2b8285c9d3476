"""Copies of the checkout, in which `make` runs with the Python that runs the tests."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.support.chain import ROOT

NOT_COPIED = (
    ".git", ".venv", ".venvs", "runs", "build", "drawn", "fer2013", "__pycache__", "*.egg-info",
)  # fmt: skip


def copied(copy: Path) -> Path:
    """A copy of the checkout, without images, runs and environments."""
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*NOT_COPIED))
    for label in ("happy", "sad"):
        shutil.rmtree(copy / "data" / label)
        (copy / "data" / label).mkdir()
    return copy


def make(checkout: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Runs `make` in a copy."""
    # Not their making: the environment is there already, and what a fresh clone's CI run shows.
    there = (f"--old-file={target}" for target in ("device", "environment", "dev"))
    command = ["make", *there, f"PY={sys.executable}", *arguments]
    # The tests may run under `make test ARGS=...`, whose variables are not for this one.
    ours = ("MAKE", "MFLAGS", "ARGS", "DATA", "FILES", "MODEL")
    environment = {key: text for key, text in os.environ.items() if not key.startswith(ours)}
    return subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True)
