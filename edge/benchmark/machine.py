"""What a measurement was made on: the processor and its state, and the versions."""

import os
import platform
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .. import __version__
from ..machine import kernel_file
from ..machine.board import Board
from ..machine.cores import cores
from ..machine.opencv import cv2

# Instructions that int8 arithmetic gains by, as Linux names them: x86-64, then 64-bit ARM.
FEATURES = ("avx2", "avx_vnni", "avx512f", "avx512_vnni", "amx_int8", "asimd", "asimddp", "i8mm")


@dataclass(frozen=True, slots=True)
class Machine:
    """The machine while it is measured.

    Attributes:
        cpu: The processor's name, or that of the board.
        features: Those of FEATURES that it has.
        cores: How many this process may use.
        governor: The kernel's policy for the clock rate; None where unknown.
        megahertz: Clock rate now; None where unknown.
        temperature_c: In degrees Celsius; None where unknown.
        throttled: What slows it down now, as `edge.machine.board` names it.
        load: Processes that wanted to run in the last minute: others make figures worse.
        system: Such as "Linux x86_64".
        versions: Of happysad, Python, numpy and OpenCV.
    """

    cpu: str
    features: tuple[str, ...]
    cores: int
    governor: str | None
    megahertz: float | None
    temperature_c: float | None
    throttled: tuple[str, ...]
    load: float
    system: str
    versions: dict[str, str]


def look(root: Path = Path("/")) -> Machine:
    """The machine as it is now."""
    board = Board(root)
    health = board.health()
    cpuinfo = _cpuinfo(root)
    frequency = root / "sys/devices/system/cpu/cpu0/cpufreq"
    kilohertz = kernel_file.read_int(frequency / "scaling_cur_freq")
    flags = f"{cpuinfo.get('flags', '')} {cpuinfo.get('Features', '')}".split()
    return Machine(
        cpu=board.model or cpuinfo.get("model name") or platform.processor() or platform.machine(),
        features=tuple(name for name in FEATURES if name in flags),
        cores=cores(),
        governor=kernel_file.read(frequency / "scaling_governor"),
        megahertz=kilohertz / 1000 if kilohertz else _megahertz(cpuinfo),
        temperature_c=health.temperature_c,
        throttled=health.throttled,
        load=round(os.getloadavg()[0], 2),
        system=f"{platform.system()} {platform.machine()}",
        versions={
            "happysad": __version__,
            "python": platform.python_version(),
            "numpy": np.__version__,
            "opencv": cv2.__version__,
        },
    )


def _cpuinfo(root: Path) -> dict[str, str]:
    """What /proc/cpuinfo says of the first processor."""
    lines = (kernel_file.read(root / "proc/cpuinfo") or "").splitlines()
    pairs = (line.partition(":") for line in reversed(lines))
    return {name.strip(): value.strip() for name, _, value in pairs}


def _megahertz(cpuinfo: dict[str, str]) -> float | None:
    try:
        return float(cpuinfo["cpu MHz"])
    except (KeyError, ValueError):
        return None
