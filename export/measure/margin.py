"""How much around a found face the model should see: its answers against the crop's margin.

Every picture is placed in a scene (`export.measure.scenes`), the device's detector looks for it
once, and the face found is cropped in every way that is compared. The best crop is the one that
gives back what the model was trained on.
"""

import zlib
from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np

from data import CLASSES, LabelledFile
from data.errors import DatasetError
from data.scores import auc, score
from edge.classifier import Classifier
from edge.faces.crop import MARGIN, SHIFT, Square, crop_face
from edge.faces.detector import Face, FaceDetector
from edge.images.image_file import read_image
from edge.model.decision import Probabilities, probabilities
from export.measure.margin_report import CropScores, Geometry, MarginReport
from export.measure.scenes import SIDES, place

MARGINS = tuple(round(0.9 + 0.1 * step, 1) for step in range(10))  # 0.9 to 1.8
SHIFTS = tuple(round(-0.2 + 0.05 * step, 2) for step in range(6))  # -0.20 to 0.05
# A box of another size is of something else: from the 10th to the 90th percentile of 378 FER2013
# faces, the picture's side is 1.03 to 1.59 times the box's.
LIKELY_RATIO = (0.5, 2.5)
SIZES = 4  # groups of faces by size, each of the same number of doublings


def measure(
    classifier: Classifier,
    detector: FaceDetector,
    files: Sequence[LabelledFile],
    seed: int = 0,
    progress: Callable[[], None] | None = None,
) -> MarginReport:
    """Searches every picture's scene, and classifies the face found in every way to crop it.

    Args:
        classifier: The model.
        detector: What finds the faces.
        files: Faces that fill their pictures, happy and sad ones, and neutral ones for a model that
            knows these; others are passed over.
        seed: Another one gives every picture another scene.
        progress: Called after each file.

    Raises:
        DatasetError: No face of one of the classes was found.
        ImageError: A file cannot be read.
    """
    used = classifier.contract.face_crop or (MARGIN, SHIFT)
    spec = classifier.contract.input
    max_side = 4 * max(spec.width, spec.height)  # as in edge.face_classifier
    crops = [(margin, used[1]) for margin in MARGINS]
    crops += [(margin, shift) for margin in MARGINS for shift in SHIFTS]
    squares: list[Square] = []
    faces: list[Face | None] = []
    elsewhere = 0
    shares: list[list[Probabilities]] = []
    answers = classifier.contract.decision.answers
    files = [file for file in files if file.label in answers]
    for file in files:
        picture = read_image(file.path)
        # By content: a picture's scene is the same whatever other pictures there are.
        scene = place(picture, np.random.default_rng([seed, zlib.crc32(picture.tobytes())]))
        seen = detector.detect(scene.image)
        face = _nearest(seen, scene.square)
        squares.append(scene.square)
        faces.append(face)
        elsewhere += len(seen) - (face is not None)
        if face:
            cut = [crop_face(scene.image, face, *crop, max_side) for crop in crops]
            shares.append([probabilities(classifier.scores(each)) for each in (picture, *cut)])
        if progress:
            progress()
    labels = [file.label for file in files]
    found = [label for label, face in zip(labels, faces, strict=True) if face]
    if not set(CLASSES) <= set(found):
        raise DatasetError(
            f"the detector found {found.count('happy')} happy and {found.count('sad')} sad faces "
            f"in scenes made of {len(files)} pictures: give more, each a face from border to border"
        )
    whole, *cut_out = zip(*shares, strict=True)
    by_crop = {
        crop: _scores(*crop, given, found) for crop, given in zip(crops, cut_out, strict=True)
    }
    margins = [by_crop[margin, used[1]] for margin in MARGINS]
    best_margin = MARGINS[best(margins)]
    shifts = [by_crop[best_margin, shift] for shift in SHIFTS]
    return MarginReport(
        scenes={label: labels.count(label) for label in answers},
        found={label: found.count(label) for label in answers},
        found_by_side=_found_by_side(squares, faces),
        elsewhere=elsewhere,
        geometry=_geometry(squares, faces),
        used=used,
        whole=_scores(None, None, whole, found),
        margins=margins,
        best_margin=best_margin,
        shifts=shifts,
        best_shift=SHIFTS[best(shifts)],
    )


def best(row: Sequence[CropScores]) -> int:
    """Which of a row of crops to take: the one that is judged best, smoothed.

    Each is averaged with its two neighbours, itself counting twice; at an end it takes the place
    of the neighbour it lacks. So a few faces that happen to flip at one margin decide nothing.
    Of equals it is the first, which shows least of what is no face.
    """
    judged = np.array([each.judged for each in row])
    padded = np.pad(judged, 1, mode="edge")
    return int(np.argmax(padded[:-2] + 2 * judged + padded[2:]))


def _scores(
    margin: float | None,
    shift: float | None,
    given: Sequence[Probabilities],
    labels: Sequence[str],
) -> CropScores:
    true = np.array(labels)
    # Of a model with two answers p_neutral is None, and no label is neutral: nan asks nothing.
    happy, sad, neutral = np.array(given, float).T
    of_two = np.isin(true, CLASSES)
    likelier = (happy / np.maximum(happy + sad, 1e-9))[of_two]
    scores = score(likelier, true[of_two] == "sad", (0.5, 0.5))
    assert scores is not None  # both classes are there
    of = {"happy": happy, "sad": sad, "neutral": neutral}
    p_right = float(np.mean([of[label][true == label].mean() for label in set(labels)]))
    at_rest = true == "neutral"
    sadder = sad / np.maximum(neutral, 1e-9)
    sad_neutral = auc(sadder[true == "sad"], sadder[at_rest]) if at_rest.any() else None
    return CropScores(margin, shift, scores.balanced_accuracy, scores.auc, p_right, sad_neutral)


def _place(face: Face, square: Square) -> np.ndarray:
    """Where the centre of a face's box lies in a square: (across, down), 0 to 1 inside."""
    x, y, width, height = face.box
    upper_left, upper_right, _, lower_left = square.corners()
    offset = np.array([x + width / 2, y + height / 2]) - upper_left
    along = np.stack([upper_right - upper_left, lower_left - upper_left])
    return along @ offset / square.side**2


def _nearest(faces: Sequence[Face], square: Square) -> Face | None:
    """Of the faces seen in a scene the one that is there, if it is among them."""

    def off(face: Face) -> float:
        return float(np.abs(_place(face, square) - 0.5).max())

    low, high = LIKELY_RATIO
    likely = [face for face in faces if low <= square.side / face.side <= high and off(face) <= 0.5]
    return min(likely, key=off, default=None)


def _geometry(squares: Sequence[Square], faces: Sequence[Face | None]) -> Geometry:
    pairs = [(square, face) for square, face in zip(squares, faces, strict=True) if face]
    across, down = np.array([_place(face, square) for square, face in pairs]).T
    ratio = np.array([square.side / face.side for square, face in pairs])
    percentiles = np.percentile([ratio, across, down], (10, 50, 90), axis=1).T.tolist()
    return Geometry(*map(tuple, percentiles))


def _found_by_side(
    squares: Sequence[Square], faces: Sequence[Face | None]
) -> list[tuple[int, int, float]]:
    """(from, to, share found) of the faces of similar size, the smallest first."""
    borders = np.geomspace(*SIDES, SIZES + 1).round().astype(int).tolist()
    shares = []
    for low, high in pairwise(borders):
        group = [bool(f) for s, f in zip(squares, faces, strict=True) if low <= s.side <= high]
        if group:
            shares.append((low, high, sum(group) / len(group)))
    return shares
