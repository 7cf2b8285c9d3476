"""What a device answers to the inputs."""

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

ANSWER_PIXELS, LOOK_AT_PAGE = map(Path(__file__).with_name, ("answer_pixels.py", "look_at_page.py"))
LITERT, TFLITE = "ai-edge-litert", "tflite-runtime"
Answer = dict[str, Any]


class Device(Protocol):
    """An emulated Pi, or this machine."""

    def edge(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs the device's command line in the folder of the inputs."""
        ...

    def python(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs Python there."""
        ...


@dataclass(frozen=True, slots=True)
class PixelAnswers:
    """The network's own answers.

    Attributes:
        version: Of the TFLite runtime.
        numpy: The version of numpy.
        step: The smallest difference between two scores.
        scores: float64 (n, 4), logits, in the order of `pixels.npy`.
    """

    version: str
    numpy: str
    step: float
    scores: np.ndarray


@dataclass(frozen=True, slots=True)
class Answers:
    """A device's answers.

    Attributes:
        pixels: To prepared pixels, without a picture file or a face detector.
        drawn: To drawn faces as whole pictures; objects as `classify --json` prints them.
        photographs: To the faces that were found in photographs and videos, likewise.
    """

    pixels: PixelAnswers
    drawn: list[Answer]
    photographs: list[Answer]

    def of(self, name: str) -> list[Answer]:
        """Those to one photograph or video."""
        return [answer for answer in self.photographs if Path(answer["path"]).name == name]


def ask(device: Device, runtime: str = LITERT) -> Answers:
    """Asks for everything; `answer_pixels.py` lies beside the inputs."""
    return Answers(
        ask_pixels(device, runtime),
        _classified(device, "--runtime", runtime, "--crop", "frame", "drawn"),
        _classified(device, "--runtime", runtime, "photographs"),
    )


def ask_pixels(device: Device, runtime: str) -> PixelAnswers:
    """The network's answers with one of the runtimes."""
    done = device.python(ANSWER_PIXELS.name, runtime, "pixels.npy")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    scores = np.array(found["scores"])
    return PixelAnswers(found["version"], found["numpy"], found["step"], scores)


def put_scripts(inputs: Path) -> None:
    """Lays the scripts that run there beside the inputs."""
    shutil.copy(ANSWER_PIXELS, inputs)
    shutil.copy(LOOK_AT_PAGE, inputs)


def _classified(device: Device, *arguments: str) -> list[Answer]:
    done = device.edge("classify", "--json", *arguments)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]
