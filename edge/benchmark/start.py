"""From the start of the process to its first answer, and the memory that the live runner holds."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from ..errors import HappySadError, OutputError
from ..machine import kernel_file
from ..machine.child import HOME, PACKAGE
from ..machine.opencv import children_environment, cv2
from ..video.writer import video_file
from .spread import Spread, spread

LIVE_FRAMES = 240  # of which the memory is read at each: it has settled long before


@dataclass(frozen=True, slots=True)
class Start:
    """What it costs to start the program.

    Attributes:
        first_answer: From starting `classify PICTURE` to its line on stdout; milliseconds.
        help: The same for `--help`: Python and the command line alone.
        resident_mb: Memory of the live runner on a video, at its end, in megabytes: all that it
            shares with nobody and the pages of its libraries; None where the system does not say.
        peak_mb: The most that it was.
    """

    first_answer: Spread
    help: Spread
    resident_mb: float | None
    peak_mb: float | None


def measure_start(
    frames: Sequence[np.ndarray], model: Path, runtime: str, rounds: int, *, has_detector: bool
) -> Start:
    """Starts the command line as a user does; without a detector, a frame is taken for a face.

    Raises:
        HappySadError: What was started failed.
        OutputError: The picture or the video for it cannot be written.
    """
    options = ["--model", str(model), "--runtime", runtime]
    with TemporaryDirectory() as folder:
        picture, video = Path(folder, "frame.png"), Path(folder, "frames.avi")
        if not cv2.imwrite(str(picture), frames[0]):
            raise OutputError(f"cannot write {picture}")
        with video_file(video, 30.0, (frames[0].shape[1], frames[0].shape[0])) as film:
            for index in range(LIVE_FRAMES):
                film.write(frames[index % len(frames)])
        classify, help_ = ["classify", str(picture), *options], ["--help"]
        webcam = ["webcam", str(video), "--every-frame", *options]
        if not has_detector:
            classify += ["--crop", "frame"]
            webcam += ["--detector", "none"]
        first_ms, help_ms = [], []
        for number in range(rounds + 1):  # the first compiles what others find compiled
            taken = _first_line_ms(classify), _first_line_ms(help_)
            if number:
                first_ms.append(taken[0])
                help_ms.append(taken[1])
        resident = _live_memory_mb(webcam)
    return Start(
        first_answer=spread(np.array(first_ms)),
        help=spread(np.array(help_ms)),
        resident_mb=resident[0] if resident else None,
        peak_mb=resident[1] if resident else None,
    )


def _started(arguments: Sequence[str]) -> subprocess.Popen[str]:
    """The command line in a process of its own, as a user's shell starts it."""
    environment = children_environment()
    # Compiled modules are what a user has from the second start on.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    environment["PYTHONPATH"] = os.pathsep.join(
        filter(None, (str(HOME), environment.get("PYTHONPATH")))
    )
    return subprocess.Popen(
        [sys.executable, "-m", PACKAGE, *arguments],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, env=environment,
    )  # fmt: skip


def _first_line_ms(arguments: Sequence[str]) -> float:
    start = time.perf_counter()
    with _started(arguments) as process:
        assert process.stdout
        line = process.stdout.readline()
        taken_ms = (time.perf_counter() - start) * 1000
        _, errors = process.communicate()
    if process.returncode or not line:
        raise HappySadError(f"{' '.join(arguments)} failed: {errors.strip()}")
    return taken_ms


def _live_memory_mb(arguments: Sequence[str]) -> tuple[float, float] | None:
    """The memory of a process while it answers, by the kernel: at the last look, and at most.

    Not what `wait4` says at the end: that counts what this process held when it forked, too.
    """
    figures = None
    with _started(arguments) as process:
        assert process.stdout
        status = Path(f"/proc/{process.pid}/status")
        for _ in process.stdout:
            figures = _resident_mb(kernel_file.read(status) or "") or figures
        _, errors = process.communicate()
    if process.returncode:
        raise HappySadError(f"{' '.join(arguments)} failed: {errors.strip()}")
    return figures


def _resident_mb(status: str) -> tuple[float, float] | None:
    found = dict(re.findall(r"^(VmRSS|VmHWM):\s+(\d+) kB", status, re.MULTILINE))
    if len(found) < 2:
        return None
    return int(found["VmRSS"]) * 1024 / 1e6, int(found["VmHWM"]) * 1024 / 1e6
