"""Decodes every image of a dataset once, and keeps the little of it that the rest needs."""

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from data.folder import LabelledFile
from data.thumbnails import Thumbnails, thumbnail
from data.tones import Tones, tones
from edge.errors import ImageError, one_line
from edge.images.image_file import read_image
from edge.images.preprocess import InputSpec, prepare

BATCH = 256  # files handed to the threads at once, so that 100,000 of them do not queue up


@dataclass(frozen=True, slots=True, eq=False)
class ScannedImage:
    """What is kept of one readable image.

    Attributes:
        file: Where it is, its label and part.
        size_wh: Width and height of the original, in pixels.
        digest: SHA-256 of the decoded pixels and their shape, hexadecimal: the same for a PNG and
            its copy as BMP.
        tones: What its levels look like.
    """

    file: LabelledFile
    size_wh: tuple[int, int]
    digest: str
    tones: Tones


@dataclass(frozen=True, slots=True, eq=False)
class Scan:
    """All images of a dataset, in the order of its files.

    Attributes:
        images: The readable ones.
        unreadable: The others, each with the reason.
        pixels: uint8 (n, height, width, channels): the readable ones as the model's input; without
            a spec height and width are 0.
    """

    images: list[ScannedImage]
    unreadable: list[tuple[LabelledFile, str]]
    pixels: np.ndarray


def scan(
    files: Sequence[LabelledFile],
    spec: InputSpec | None = None,
    progress: Callable[[], None] | None = None,
    thumbnails: Thumbnails | None = None,
) -> Scan:
    """Reads images in parallel (OpenCV works outside Python's lock); a bad one stops nothing.

    Args:
        files: From `data.folder.list_files`.
        spec: The model's input, to keep each image in that form too.
        progress: Called after each file.
        thumbnails: Where to put those of the readable images; none yet.

    Raises:
        OutputError: The disk is full of thumbnails.
    """
    images: list[ScannedImage] = []
    unreadable: list[tuple[LabelledFile, str]] = []
    shape = (spec.height, spec.width, spec.channels) if spec else (0, 0, 0)
    pixels = np.empty((len(files), *shape), np.uint8)  # takes memory only as it is filled
    with ThreadPoolExecutor() as pool:
        for start in range(0, len(files), BATCH):
            batch = files[start : start + BATCH]
            of_batch: list[np.ndarray] = []
            for file, result in zip(batch, pool.map(lambda f: _read(f, spec), batch), strict=True):
                if isinstance(result, str):
                    unreadable.append((file, result))
                else:
                    image, small, prepared = result
                    if prepared is not None:
                        pixels[len(images)] = prepared
                    images.append(image)
                    of_batch.append(small)
                if progress:
                    progress()
            if thumbnails:
                thumbnails.append(of_batch)
    return Scan(images, unreadable, pixels[: len(images)])


def _read(
    file: LabelledFile, spec: InputSpec | None
) -> tuple[ScannedImage, np.ndarray, np.ndarray | None] | str:
    """The image, its thumbnail and the model's input; or the reason why there are none."""
    try:
        image = read_image(file.path)
    except ImageError as error:
        return str(error).removeprefix(f"{one_line(file.path)}: ")
    height, width = image.shape[:2]
    digest = hashlib.sha256(f"{image.shape}".encode() + image.tobytes()).hexdigest()
    prepared = prepare(image, spec) if spec else None
    scanned = ScannedImage(file, (width, height), digest, tones(image))
    return scanned, thumbnail(image), prepared
