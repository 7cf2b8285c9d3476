"""What the processes that run the tests side by side do one after the other, or one for all."""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def turn(path: Path) -> Iterator[None]:
    """Waits until no other process holds the file, which is made if need be, and holds it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A folder of the test session, filled by the first process that needs it, for all of them."""
    base = factory.getbasetemp()  # the processes have folders of their own in one that they share
    home = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
    with turn(home.with_name(f"{name}.lock")):
        if not (home / "done").exists():
            shutil.rmtree(home, ignore_errors=True)
            home.mkdir()
            make(home)
            (home / "done").touch()
    return home
