"""A camera for Chromium that shows a film of ours."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from edge.images.image_file import read_image
from edge.machine.opencv import cv2
from tests.support.chain import ROOT


def camera_flags(path: Path, frames: Iterable[np.ndarray]) -> tuple[str, ...]:
    """The flags that give Chromium a camera with this film, over and over.

    Args:
        path: Is written: Motion JPEG, as Chromium reads it.
        frames: uint8 BGR, all of one size.
    """
    path.write_bytes(b"".join(cv2.imencode(".jpg", frame)[1].tobytes() for frame in frames))
    return "--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={path}"


def smile_and_nobody(seconds: float = 3.0, fps: int = 30) -> Iterable[np.ndarray]:
    """Frames of 640 x 480: the astronaut, moving a little, then nobody for as long."""
    face = cv2.resize(read_image(ROOT / "docs" / "astronaut.jpg")[20:404], (640, 480))
    count = round(seconds * fps)
    for number in range(count):
        moved = np.array([[1, 0, 8 * np.sin(number / 15)], [0, 1, 0]])
        yield cv2.warpAffine(face, moved, (640, 480), borderMode=cv2.BORDER_REFLECT)
    for number in range(count):
        yield np.full_like(face, 90 + number % 5)
