"""Measurements in processes of their own: a start from nothing, another environment."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from edge.errors import HappySadError, one_line

ROOT = Path(__file__).resolve().parent.parent


class ChildError(HappySadError):
    """A measurement's process failed."""


def measured(
    module: str, *arguments: str, python: Path = Path(sys.executable)
) -> tuple[dict[str, Any], float]:
    """What a module prints as JSON on its last line, and the seconds from its start to its end.

    Args:
        module: Run with `python -m`.
        arguments: Its `sys.argv[1:]`.
        python: The Python of another environment.

    Raises:
        ChildError: It failed.
    """
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    # Compiled modules are what a user has from the second start on.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    start = time.perf_counter()
    done = subprocess.run(
        [str(python), "-m", module, *arguments],
        cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
    )  # fmt: skip
    seconds = time.perf_counter() - start
    lines = done.stdout.splitlines()
    if done.returncode or not lines:
        last = one_line((done.stderr.strip().splitlines() or ["no reason given"])[-1])
        raise ChildError(f"python -m {module} {' '.join(arguments)} failed: {last}")
    return json.loads(lines[-1]), seconds
