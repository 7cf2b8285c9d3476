"""Pictures with their labels, as the model sees them; and which of them look alike."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..classifier import Classifier
from ..errors import ImageError, ModelError
from ..face_classifier import FaceClassifier
from ..images.image_file import SUFFIXES, read_image
from ..images.preprocess import prepare
from ..machine.opencv import cv2

# Correlation of two thumbnails from which on they show one moment. Of the 2.3 million pairs of 2155
# FER2013 faces 10 are above; in a film of a person who begins to smile all neighbouring frames are
# (0.97 and more).
ALIKE = 0.95
THUMBNAIL = 16  # pixels a side
LEAST, LEAST_GROUPS = 10, 5  # pictures of a label, and groups of look-alikes that they are in


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """What there is to learn from.

    Attributes:
        pixels: uint8 (n, height, width, channels), as `prepare` makes them.
        labels: int64 (n,): places in the model's answers.
        groups: int64 (n,): pictures that look alike have one number.
        paths: Of the files, in the same order.
        left_out: Why how many others are not among them.
    """

    pixels: np.ndarray
    labels: np.ndarray
    groups: np.ndarray
    paths: tuple[Path, ...]
    left_out: Counter[str]


def read_examples(folder: Path, classifier: Classifier, finder: FaceClassifier | None) -> Examples:
    """The pictures in the folders `happy`, `sad` and, where the model knows it, `neutral`.

    Args:
        folder: That holds them, in the form that `make train` reads.
        classifier: The model that is to be taught.
        finder: Cuts the largest face out of each; None where each picture is a face.

    Raises:
        ModelError: There are too few, or the folder is not there.
    """
    if not folder.is_dir():
        raise ModelError(f"no folder {folder}: give one that holds happy and sad")
    spec, answers = classifier.contract.input, classifier.contract.decision.answers
    pixels, labels, paths = [], [], []
    left_out: Counter[str] = Counter()
    for label, path in _files(folder, answers):
        try:
            crop, reason = _face(read_image(path), finder)
        except ImageError:
            crop, reason = None, "unreadable"
        if crop is None:
            left_out[reason or "no_face"] += 1
            continue
        pixels.append(prepare(crop, spec))
        labels.append(label)
        paths.append(path)
    found = np.array(labels, int)
    groups = group_alike(pixels, found)
    _check_enough(folder, answers, found, groups, left_out)
    return Examples(np.array(pixels), found, groups, tuple(paths), left_out)


def group_alike(pixels: list[np.ndarray], labels: np.ndarray) -> np.ndarray:
    """Numbers the groups of pictures that look alike, directly or through others between them.

    Args:
        pixels: uint8 (height, width, channels) each.
        labels: int64 (n,): pictures of two labels are never alike.
    """
    if not pixels:
        return np.zeros(0, int)
    small = np.array([_thumbnail(picture) for picture in pixels])
    alike = (small @ small.T >= ALIKE) & (labels[:, np.newaxis] == labels)
    groups = np.arange(len(pixels))
    for number in range(len(pixels)):
        joined = np.unique(groups[alike[number]])
        groups[np.isin(groups, joined)] = joined[0]
    return np.unique(groups, return_inverse=True)[1].astype(int)


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


def _thumbnail(pixels: np.ndarray) -> np.ndarray:
    """float32 (THUMBNAIL ** 2,), of mean 0 and length 1: products of two are correlations."""
    gray = pixels[:, :, 0] if pixels.shape[2] == 1 else cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    side = (THUMBNAIL, THUMBNAIL)
    small = cv2.resize(gray, side, interpolation=cv2.INTER_AREA).astype(np.float32).ravel()
    small -= small.mean()
    return small / max(float(np.linalg.norm(small)), 1e-6)


def _check_enough(
    folder: Path, answers: tuple[str, ...], labels: np.ndarray, groups: np.ndarray,
    left_out: Counter[str],
) -> None:  # fmt: skip
    counts = {name: int((labels == label).sum()) for label, name in enumerate(answers)}
    kinds = {name: len(np.unique(groups[labels == label])) for label, name in enumerate(answers)}
    used = [name for name in answers if counts[name]]
    missing = [
        f"{name} has {counts[name]} in {kinds[name]}"
        for name in answers
        if (name in ("happy", "sad") or counts[name])
        and (counts[name] < LEAST or kinds[name] < LEAST_GROUPS)
    ]
    if missing or len(used) < 2:
        others = "".join(f"; {count} {reason}" for reason, count in sorted(left_out.items()))
        raise ModelError(
            f"{folder} has too few pictures to learn from: {', '.join(missing)} groups of "
            f"look-alikes{others}; each label needs {LEAST} pictures in {LEAST_GROUPS} groups: "
            "another light, another day, with and without glasses"
        )
