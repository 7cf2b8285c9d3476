"""Photographs and videos to find faces in; a test is skipped where those that it needs are not."""

import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from edge.images.image_file import decode_image
from edge.machine.opencv import cv2
from tests.support.chain import ROOT
from tests.support.shared import shared
from tests.support.turns import turn

KEPT = ROOT / ".venvs" / "photographs"


def media(name: str) -> Path:
    """A file of the optional folder `shared/media` beside the checkout."""
    return shared(f"media/{name}")


def photograph(name: str) -> Path:
    """One of scikit-image's sample pictures, out of its wheel; "astronaut.png" is by NASA.

    The wheel (14 MB) is fetched once and not installed.
    """
    path = KEPT / name
    with turn(KEPT / "lock"):
        if not path.exists():
            _take_out(path)
    return path


def _take_out(path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps",
         "--only-binary", ":all:", "--dest", str(KEPT), "scikit-image"],
        capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode:
        pytest.skip(f"pip cannot fetch scikit-image: {done.stderr.strip().splitlines()[-1:]}")
    with zipfile.ZipFile(next(KEPT.glob("scikit_image-*.whl"))) as wheel:
        path.write_bytes(wheel.read(f"skimage/data/{path.name}"))


def film(path: Path, images: Sequence[np.ndarray], fps: float = 30) -> Path:
    """Writes a video of pictures of one size, MPEG-4 as .mp4 or motion JPEG as .avi."""
    height, width = images[0].shape[:2]
    codec = cv2.VideoWriter.fourcc(*("MJPG" if path.suffix == ".avi" else "mp4v"))
    writer = cv2.VideoWriter(str(path), codec, fps, (width, height))
    for image in images:
        writer.write(image)
    writer.release()
    return path


def frames(path: Path) -> Iterator[np.ndarray]:
    """Every frame of a video, uint8 (height, width, 3), BGR."""
    video = cv2.VideoCapture(str(path))
    while (read := video.read())[0]:
        yield read[1]


def fer2013(count: int) -> list[np.ndarray]:
    """Faces of FER2013's validation part, 48x48 pixels, evenly from its seven expressions."""
    with tarfile.open(shared("datasets/fer2013-validation.tar.gz")) as tar:
        files = {entry.name: tar.extractfile(entry) for entry in tar if entry.isfile()}
        contents = [files[name].read() for name in sorted(files)]
    pictures = [content for content in contents if content[:4] in (b"\x89PNG", b"\xff\xd8\xff\xe0")]
    places = np.linspace(0, len(pictures) - 1, count).astype(int)
    return [decode_image(pictures[place]) for place in places]
