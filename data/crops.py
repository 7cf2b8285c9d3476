"""Photographs become training pictures: the largest face of each, cropped as on the device."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from data.errors import DatasetError
from data.folder import LabelledFile, list_files
from data.new_folder import new_folder
from edge.errors import ImageError, one_line
from edge.faces.crop import crop_face
from edge.faces.detector import FaceDetector
from edge.faces.quality import refusal
from edge.images.image_file import read_image
from edge.machine.opencv import cv2
from edge.machine.output_file import write_bytes

MAX_SIDE = 192  # pixels; 4 times the side of the faces model's input, as on the device


@dataclass(frozen=True, slots=True)
class Crops:
    """What `crop_faces` did.

    Attributes:
        written: The crops.
        skipped: Photographs without one, each with the reason.
    """

    written: list[Path]
    skipped: list[tuple[Path, str]]


def crop_faces(directory: Path, out: Path, progress: Callable[[], None] | None = None) -> Crops:
    """Writes the largest face of every photograph in a folder of labelled ones.

    The folders are kept: `sad/anna.jpg` becomes `sad/anna.png` in `out`. A photograph without a
    face, or whose largest face the device would refuse to judge, is skipped.

    Args:
        directory: As for `data.folder.list_folder`.
        out: The folder to write to; empty, or not there yet.
        progress: Called after each photograph.

    Raises:
        DatasetError: `directory` is not as expected, or `out` holds something.
        ModelError: The face detector is missing.
        OutputError: A crop cannot be written.
    """
    files = list_files(directory)
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise DatasetError(f"{out} is there already: name a new folder")
    detector = FaceDetector()
    with new_folder(out) as temporary:
        done = _crop_all(files, directory, temporary, detector, progress)
    if not done.written:
        out.rmdir()
    return Crops([out / path.relative_to(temporary) for path in done.written], done.skipped)


def _crop_all(
    files: Sequence[LabelledFile],
    directory: Path,
    out: Path,
    detector: FaceDetector,
    progress: Callable[[], None] | None,
) -> Crops:
    done = Crops([], [])
    for file in files:
        try:
            image = read_image(file.path)
            faces = detector.detect(image)
            crop = crop_face(image, faces[0], max_side=MAX_SIDE) if faces else None
            reason = "no face" if crop is None else refusal(image, faces[0], crop)
        except ImageError as error:
            crop, reason = None, str(error).removeprefix(f"{one_line(file.path)}: ")
        if crop is None or reason:
            done.skipped.append((file.path, (reason or "no face").replace("_", " ")))
        else:
            target = _free(out / file.path.relative_to(directory).with_suffix(".png"))
            write_bytes(target, cv2.imencode(".png", crop)[1].tobytes())
            done.written.append(target)
        if progress:
            progress()
    return done


def _free(path: Path) -> Path:
    """The path, or one beside it if a picture with another suffix has taken it."""
    number, free = 2, path
    while free.exists():
        free, number = path.with_stem(f"{path.stem}-{number}"), number + 1
    return free
