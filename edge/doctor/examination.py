"""Everything that is examined, in order: first what the rest needs."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

from ..errors import HappySadError, RuntimeMissingError
from ..machine.board import Board
from . import machine, models, packages
from .cameras import cameras
from .finding import Finding


def examine(model_path: Path, runtime: str = "auto") -> Iterator[Finding]:
    """Examines one thing after the other and yields the findings; it takes some seconds."""
    board = Board()
    checks: dict[str, Callable[[], Iterable[Finding]]] = {
        "python": packages.python,
        "runtime": partial(models.runtimes, model_path, runtime),
        "opencv": packages.opencv,
        "videos": packages.readers,
        "model": partial(models.model, model_path, runtime),
        "detector": partial(models.detector, model_path),
        "camera": partial(cameras, board),
        "service": machine.service,
        "display": machine.display,
        "memory": partial(machine.memory, board),
        "disk": machine.disk,
        "board": partial(machine.board, board),
    }
    for what, check in checks.items():
        try:
            yield from check()
        except RuntimeMissingError:  # from the import of OpenCV, which has a line of its own
            yield Finding(what, "note", "not looked at, as OpenCV does not import", None)
        except (HappySadError, ImportError, OSError) as error:
            yield Finding(what, "problem", str(error) or type(error).__name__, None)
