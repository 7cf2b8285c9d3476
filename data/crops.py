"""Photographs become training pictures: the largest face of each, cropped as on the device."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from data.errors import DatasetError
from data.folder import LabelledFile, list_files
from data.labels import ANSWERS
from data.new_folder import new_folder
from data.votes import read_votes, votes_on, write_votes
from edge.errors import ImageError, one_line
from edge.faces.crop import crop_face, face_square
from edge.faces.detector import FaceDetector
from edge.faces.quality import refusal
from edge.images.image_file import read_image
from edge.machine.opencv import cv2
from edge.machine.output_file import write_bytes

MAX_SIDE = 192  # pixels; 4 times the side of the faces model's input, as on the device
SAMPLE = 40  # pictures that tell what a set is made of
# A larger share of a picture's shorter side is no photograph, but a crop; those that `crop_faces`
# made come to 0.9 to 1.1 when a face is looked for in them again.
CROPPED = 0.75
MIN_SIDE = 128  # pixels; the face in a smaller picture that it does not fill is none to judge


@dataclass(frozen=True, slots=True)
class Crops:
    """What `crop_faces` did.

    Attributes:
        written: The crops.
        skipped: Photographs without one, each with the reason.
    """

    written: list[Path]
    skipped: list[tuple[Path, str]]


def are_photographs(files: Sequence[LabelledFile]) -> bool:
    """Whether in a quarter of the pictures or more a face fills only a part, for a device to crop.

    Args:
        files: From `data.folder.list_files`; up to SAMPLE of them are looked at.

    Raises:
        ModelError: The face detector is missing.
    """
    chosen = np.linspace(0, len(files) - 1, min(len(files), SAMPLE)).astype(int)
    images = [image for image in (_readable(files[index].path) for index in chosen) if image.size]
    large = [image for image in images if min(image.shape[:2]) >= MIN_SIDE]
    if not large:
        return False
    detector = FaceDetector()
    found = sum(_face_share(image, detector) < CROPPED for image in large)
    return found * 4 >= len(images)


def crop_faces(
    directory: Path,
    out: Path,
    progress: Callable[[], None] | None = None,
    labels: Sequence[str] = ANSWERS,
) -> Crops:
    """Writes the largest face of every photograph in a folder of labelled ones.

    The folders are kept: `sad/anna.jpg` becomes `sad/anna.png` in `out`. A photograph without a
    face, or whose largest face the device would refuse to judge, is skipped. Where votes lie beside
    the folders, the crops keep those on their photographs.

    Args:
        directory: As for `data.folder.list_folder`.
        out: The folder to write to; empty, or not there yet.
        progress: Called after each photograph.
        labels: The folders that are read, happy and sad among them.

    Raises:
        DatasetError: `directory` or its votes are not as expected, or `out` holds something.
        ModelError: The face detector is missing.
        OutputError: A crop cannot be written.
    """
    files = list_files(directory, labels)
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise DatasetError(f"{out} is there already: name a new folder")
    detector, known = FaceDetector(), read_votes(directory)
    with new_folder(out) as temporary:
        cut, skipped = _crop_all(files, directory, temporary, detector, progress)
        votes = votes_on(list(cut.values()), directory, known)
        if votes.any():
            voted = zip(cut, votes, strict=True)
            write_votes(temporary, {path: counts for path, counts in voted if counts.any()})
    if not cut:
        out.rmdir()
    return Crops([out / path.relative_to(temporary) for path in cut], skipped)


def _crop_all(
    files: Sequence[LabelledFile],
    directory: Path,
    out: Path,
    detector: FaceDetector,
    progress: Callable[[], None] | None,
) -> tuple[dict[Path, Path], list[tuple[Path, str]]]:
    """The photograph of each crop that was written, and those that were skipped."""
    cut: dict[Path, Path] = {}
    skipped = []
    for file in files:
        try:
            image = read_image(file.path)
            faces = detector.detect(image)
            crop = crop_face(image, faces[0], max_side=MAX_SIDE) if faces else None
            reason = "no face" if crop is None else refusal(image, faces[0], crop)
        except ImageError as error:
            crop, reason = None, str(error).removeprefix(f"{one_line(file.path)}: ")
        if crop is None or reason:
            skipped.append((file.path, (reason or "no face").replace("_", " ")))
        else:
            target = _free(out / file.path.relative_to(directory).with_suffix(".png"))
            write_bytes(target, cv2.imencode(".png", crop)[1].tobytes())
            cut[target] = file.path
        if progress:
            progress()
    return cut, skipped


def _readable(path: Path) -> np.ndarray:
    """The picture, or an empty one."""
    try:
        return read_image(path)
    except ImageError:
        return np.zeros((0, 0, 3), np.uint8)


def _face_share(image: np.ndarray, detector: FaceDetector) -> float:
    """Side of the largest face's crop, of the picture's shorter side; 1 where there is no face."""
    faces = detector.detect(image)
    return face_square(faces[0]).side / min(image.shape[:2]) if faces else 1.0


def _free(path: Path) -> Path:
    """The path, or one beside it if a picture with another suffix has taken it."""
    number, free = 2, path
    while free.exists():
        free, number = path.with_stem(f"{path.stem}-{number}"), number + 1
    return free
