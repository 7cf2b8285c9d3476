"""Decodes every image of a dataset once, and keeps the little of it that the rest needs."""

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from data.folder import LabelledFile
from edge.errors import ImageError, one_line
from edge.image_file import read_image
from edge.opencv import cv2
from edge.preprocess import InputSpec, prepare

THUMBNAIL_WH = (32, 32)
BATCH = 1024  # files handed to the threads at once, so that 100,000 of them do not queue up


@dataclass(frozen=True, slots=True, eq=False)
class ScannedImage:
    """What is kept of one readable image.

    Attributes:
        file: Where it is, its label and part.
        size_wh: Width and height of the original, in pixels.
        digest: SHA-256 of the decoded pixels and their shape, hexadecimal: the same for a PNG and
            its copy as BMP.
        thumbnail: uint8 (32, 32, 3), BGR.
        pixels: uint8 (height, width, channels), the model's input; None if no spec was given.
    """

    file: LabelledFile
    size_wh: tuple[int, int]
    digest: str
    thumbnail: np.ndarray
    pixels: np.ndarray | None


@dataclass(frozen=True, slots=True, eq=False)
class Scan:
    """All images of a dataset, in the order of its files.

    Attributes:
        images: The readable ones.
        unreadable: The others, each with the reason.
    """

    images: list[ScannedImage]
    unreadable: list[tuple[LabelledFile, str]]


def scan(
    files: Sequence[LabelledFile],
    spec: InputSpec | None = None,
    progress: Callable[[], None] | None = None,
) -> Scan:
    """Reads images in parallel (OpenCV works outside Python's lock); a bad one stops nothing.

    Args:
        files: From `data.folder.list_files`.
        spec: The model's input, to keep each image in that form too.
        progress: Called after each file.
    """
    images: list[ScannedImage] = []
    unreadable: list[tuple[LabelledFile, str]] = []
    with ThreadPoolExecutor() as pool:
        for start in range(0, len(files), BATCH):
            batch = files[start : start + BATCH]
            for file, result in zip(batch, pool.map(lambda f: _read(f, spec), batch), strict=True):
                if isinstance(result, ScannedImage):
                    images.append(result)
                else:
                    unreadable.append((file, result))
                if progress:
                    progress()
    return Scan(images, unreadable)


def _read(file: LabelledFile, spec: InputSpec | None) -> ScannedImage | str:
    """The image, or the reason why there is none."""
    try:
        image = read_image(file.path)
    except ImageError as error:
        return str(error).removeprefix(f"{one_line(file.path)}: ")
    height, width = image.shape[:2]
    return ScannedImage(
        file=file,
        size_wh=(width, height),
        digest=hashlib.sha256(f"{image.shape}".encode() + image.tobytes()).hexdigest(),
        thumbnail=cv2.resize(image, THUMBNAIL_WH, interpolation=cv2.INTER_AREA),
        pixels=None if spec is None else prepare(image, spec),
    )
