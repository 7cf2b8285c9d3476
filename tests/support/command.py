"""`python -m edge`, and all other commands, as their users run them."""

import os
import resource
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from tests.support.chain import ROOT

FIELDS = [
    "schema_version", "path", "frame", "time_s", "box", "label", "p_happy", "p_sad", "p_neutral",
    "latency_ms", "reason", "band",
]  # fmt: skip
NO_MORE: Mapping[str, str] = {}


def words(module: str, *arguments: object) -> list[str]:
    """The words of `python -m MODULE`, with this Python."""
    return [sys.executable, "-m", module, *map(str, arguments)]


def run_module(
    module: str, *arguments: object, env: Mapping[str, str] = NO_MORE, **options: Any
) -> subprocess.CompletedProcess[str]:
    """Runs `python -m MODULE` in the checkout and gives what it wrote, as text.

    Args:
        module: Its name.
        arguments: What follows, each as text.
        env: Variables beside those of this process.
        options: Of `subprocess.run`, others than these or more.
    """
    return _run(words(module, *arguments), env, options)


def edge(*arguments: object, **options: Any) -> subprocess.CompletedProcess[str]:
    """Runs `python -m edge` as `run_module` does."""
    return run_module("edge", *arguments, **options)


def run_program(
    program: str, *arguments: object, env: Mapping[str, str] = NO_MORE, **options: Any
) -> subprocess.CompletedProcess[str]:
    """Runs a program in a Python of its own, as `run_module` does a module."""
    return _run([sys.executable, "-c", program, *map(str, arguments)], env, options)


def start_module(
    module: str, *arguments: object, env: Mapping[str, str] = NO_MORE, **options: Any
) -> "subprocess.Popen[str]":
    """Starts `python -m MODULE` as `run_module` does, with pipes for what it writes."""
    given = {"cwd": ROOT, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(words(module, *arguments), env=os.environ | env, **given | options)


def full_disk(most_bytes: int) -> dict[str, Any]:
    """Options of `run_module`: writing past so many bytes of a file fails as on a full disk."""
    limit = (most_bytes, most_bytes)
    return {
        "preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limit),
        "env": {"PYTHONDONTWRITEBYTECODE": "1"},  # else modules are compiled by half, for good
    }


def _run(
    command: list[str], env: Mapping[str, str], options: dict[str, Any]
) -> subprocess.CompletedProcess[str]:
    given: dict[str, Any] = {"cwd": ROOT, "text": True}
    if not {"stdout", "stderr"} & options.keys():
        given["capture_output"] = True
    return subprocess.run(command, env=os.environ | env, **given | options)
