"""Pictures with their labels, as the model sees them; and which of them are one moment."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..classifier import Classifier
from ..errors import ImageError, ModelError
from ..face_classifier import FaceClassifier
from ..images.image_file import SUFFIXES, read_image
from ..images.preprocess import prepare
from .alike import group_alike
from .enough import ADVICE, MOMENTS, PICTURES, listed, missing
from .moments import moment_of


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """What there is to learn from.

    Attributes:
        pixels: uint8 (n, height, width, channels), as `prepare` makes them.
        labels: int64 (n,): places in the model's answers.
        groups: int64 (n,): pictures of one moment, or that look alike, have one number.
        paths: Of the files, in the same order.
        left_out: Why how many others are not among them.
    """

    pixels: np.ndarray
    labels: np.ndarray
    groups: np.ndarray
    paths: tuple[Path, ...]
    left_out: Counter[str]

    def counts(self, answers: Sequence[str]) -> dict[str, tuple[int, int]]:
        """How many pictures there are of each label, and of how many groups."""
        return {
            name: (int((self.labels == label).sum()), len(set(self.groups[self.labels == label])))
            for label, name in enumerate(answers)
        }


def read_examples(
    folder: Path,
    classifier: Classifier,
    finder: FaceClassifier | None,
    progress: Callable[[float], None] = lambda share: None,
) -> Examples:
    """The pictures in the folders `happy`, `sad` and, where the model knows it, `neutral`.

    Args:
        folder: That holds them, in the form that `make train` reads.
        classifier: The model that is to be taught.
        finder: Cuts the largest face out of each; None where each picture is a face, as those of
            an album are in any case.
        progress: Called now and then with the share that is done.

    Raises:
        ModelError: There are too few, or the folder is not there.
    """
    if not folder.is_dir():
        raise ModelError(f"no folder {folder}: give one that holds happy and sad")
    spec, answers = classifier.contract.input, classifier.contract.decision.answers
    if not any((folder / name).is_dir() for name in answers):
        raise ModelError(f"{folder} has no folders {listed(answers)}: sort the pictures into them")
    pixels, labels, paths = [], [], []
    left_out: Counter[str] = Counter()
    files = list(_files(folder, answers))
    for number, (label, path) in enumerate(files):
        progress(number / len(files))
        try:
            crop, reason = _face(read_image(path), None if moment_of(path) else finder)
        except ImageError:
            crop, reason = None, "unreadable"
        if crop is None:
            left_out[reason or "no_face"] += 1
            continue
        pixels.append(prepare(crop, spec))
        labels.append(label)
        paths.append(path)
    found = np.array(labels, int)
    groups = group_alike(pixels, found, [moment_of(path) for path in paths])
    examples = Examples(np.array(pixels), found, groups, tuple(paths), left_out)
    _check_enough(folder, examples, answers)
    return examples


def unseen(examples: Examples, answers: tuple[str, ...]) -> list[str]:
    """The answers of a model of which there is no picture."""
    return [name for label, name in enumerate(answers) if label not in examples.labels]


def _files(folder: Path, answers: tuple[str, ...]) -> Iterator[tuple[int, Path]]:
    for label, name in enumerate(answers):
        for path in sorted((folder / name).rglob("*")):
            if path.suffix.lower() in SUFFIXES and path.is_file():
                yield label, path


def _face(image: np.ndarray, finder: FaceClassifier | None) -> tuple[np.ndarray | None, str | None]:
    """The crop to look at, or None and why there is none."""
    if finder is None:
        return image, None
    faces = finder.detector.detect(image)
    if not faces:
        return None, "no_face"
    return finder.crop(image, faces[0])


def _check_enough(folder: Path, examples: Examples, answers: tuple[str, ...]) -> None:
    lacks = missing(examples.counts(answers))
    if lacks:
        reasons = sorted(examples.left_out.items())
        others = ", ".join(f"{n} {why.replace('_', ' ')}" for why, n in reasons)
        raise ModelError(
            f"{folder} has too few pictures to learn from: {listed(lacks)} are missing"
            f"{f' ({others} left out)' if others else ''}; each label needs {PICTURES} pictures "
            f"of {MOMENTS} moments that do not look alike: {ADVICE}"
        )
