"""The machine: display, memory, disk, the board's own health, and the service of it."""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from ..errors import HappySadError
from ..machine import kernel_file
from ..machine.board import Board
from ..masking import masked_text
from ..service.unit import NAME
from .finding import Finding, judged
from .packages import window_system

MIN_MEMORY_MB = 150  # the runner takes 100 MB, and a frame of a large camera tens more
MIN_DISK_MB = 500
UNITS = Path("/etc/systemd/system")
HOT_C = 80.0  # a Pi begins to slow down here
POWER = (
    "use the power supply made for this board (a Pi 5: 5 V, 5 A; a Pi 4: 5.1 V, 3 A), a short "
    "cable, and few USB devices"
)
COOLING = "give it air, a heat sink or a fan"


def display() -> Iterator[Finding]:
    """Whether a window could be shown."""
    if sys.platform != "linux":
        return
    shown = os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY")
    if not shown:
        found = "none (DISPLAY and WAYLAND_DISPLAY are empty): no window can be shown"
        yield Finding("display", "note", found, None)
        return
    try:
        windows = window_system()
    except HappySadError:  # reported where OpenCV is examined
        windows = ""
    if windows not in ("", "none"):
        from ..machine.display import window_problem  # needs OpenCV, which is there by now

        if problem := window_problem():
            yield Finding("display", "note", f"{problem}: no window can be shown", None)
            return
    if windows == "none":
        fix = "for a window, pip uninstall the opencv package and pip install opencv-python"
        yield Finding("display", "note", f"{shown}, but this OpenCV opens no windows", fix)
    else:
        yield Finding("display", "ok", shown, None)


def memory(board: Board) -> Iterator[Finding]:
    """Whether there is enough memory."""
    figures = board.memory_mb()
    if figures is None:
        return
    available, total = figures
    found = f"{available:.0f} of {total:.0f} MB available"
    is_enough = available >= MIN_MEMORY_MB
    yield judged("memory", found, is_enough, "end other programs, or the desktop")


def disk(folder: Path = Path()) -> Iterator[Finding]:
    """Whether recordings and logs would find room."""
    free_mb = shutil.disk_usage(folder).free / 1e6
    found = f"{free_mb / 1000:.1f} GB free in {folder.resolve()}"
    fix = "make room before recording anything"
    yield judged("disk", found, free_mb >= MIN_DISK_MB, fix, "note")


def board(board: Board) -> Iterator[Finding]:
    """Model, temperature and power supply, as far as they are known."""
    if board.model:
        yield Finding("board", "ok", board.model, None)
    health = board.health()
    if health.temperature_c is not None:
        found = f"{health.temperature_c:.0f} degrees Celsius"
        yield judged("temperature", found, health.temperature_c < HOT_C, COOLING)
    if health.throttled:
        now = ", ".join(health.throttled)
        yield Finding("power", "problem", f"now: {now}", _remedy(health.throttled))
    earlier = tuple(name for name in health.had if name not in health.throttled)
    if earlier:
        found = f"since the start: {', '.join(earlier)}"
        yield Finding("power", "note", found, _remedy(earlier))


def service(folder: Path = UNITS) -> Iterator[Finding]:
    """Whether the service's unit, which everybody can read, has a password, as old ones had."""
    text = kernel_file.read(folder / NAME) or ""
    lines = [line for line in text.splitlines() if line.startswith("ExecStart=")]
    if any(masked_text(line) != line for line in lines):
        yield Finding(
            "service", "problem", f"{folder / NAME} shows a password to everybody",
            "sudo happysad service install --source-file FILE, with the address in that file",
        )  # fmt: skip


def _remedy(names: tuple[str, ...]) -> str:
    """What to do; under-voltage is the cause of the others where it comes with them."""
    return POWER if "under-voltage" in names else COOLING
