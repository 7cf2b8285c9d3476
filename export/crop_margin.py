"""How much around a found face the model should see: its answers against the crop's margin.

Every picture is placed in a scene (`export.scenes`), the device's detector looks for it once, and
the face found is cropped in every way that is compared. The best crop is the one that gives back
what the model was trained on.
"""

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from data.errors import DatasetError
from data.folder import CLASSES, LabelledFile
from data.scores import score
from edge.classifier import Classifier
from edge.face_crop import MARGIN, SHIFT, Square, crop_face
from edge.face_detector import Face, FaceDetector
from edge.image_file import read_image
from edge.output_file import replacing
from export.scenes import SIDES, place

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MARGINS = tuple(round(0.9 + 0.1 * step, 1) for step in range(10))  # 0.9 to 1.8
SHIFTS = tuple(round(-0.2 + 0.05 * step, 2) for step in range(6))  # -0.20 to 0.05
# A box of another size is of something else: from the 10th to the 90th percentile of 378 FER2013
# faces, the picture's side is 1.03 to 1.59 times the box's.
LIKELY_RATIO = (0.5, 2.5)
LINES = {"balanced_accuracy": ("balanced accuracy", "tab:blue"), "auc": ("AUC", "tab:orange")}
SIZES = 4  # groups of faces by size, each of the same number of doublings


@dataclass(frozen=True, slots=True)
class Answers:
    """How good the model's answers are to the same faces, all cut out in one way.

    Attributes:
        margin: As `edge.face_crop.crop_face` takes it; None for the pictures as they are.
        shift: The same.
        balanced_accuracy: Mean of the two classes' recalls, 0 to 1.
        auc: Probability that a happy face scores higher than a sad one, 0 to 1.
        p_right: Mean probability given to the true class, 0 to 1, both classes weighted alike.
    """

    margin: float | None
    shift: float | None
    balanced_accuracy: float
    auc: float
    p_right: float


@dataclass(frozen=True, slots=True)
class Geometry:
    """Where the detector's boxes lie in the faces' own pictures: 10th, 50th, 90th percentile.

    Attributes:
        ratio: Side of the picture, as a multiple of the longer side of the box.
        across: Of the box's centre, from the picture's left border (0) to its right one (1).
        down: Of the box's centre, from the picture's upper border (0) to its lower one (1).
    """

    ratio: tuple[float, ...]
    across: tuple[float, ...]
    down: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class MarginReport:
    """What was measured.

    Attributes:
        scenes: How many of each class.
        found: In how many of them the face was found; all figures are of these.
        found_by_side: (from, to, share): of the faces so many pixels large, the share found.
        elsewhere: Faces seen where there is none.
        geometry: Boxes against pictures.
        used: (margin, shift) that the model runs with now.
        whole: The pictures as they are, without a scene: what a crop can reach.
        margins: One for each of MARGINS, with the shift that the model runs with.
        best_margin: Of these.
        shifts: One for each of SHIFTS, with the best margin.
        best_shift: Of these.
    """

    scenes: dict[str, int]
    found: dict[str, int]
    found_by_side: list[tuple[int, int, float]]
    elsewhere: int
    geometry: Geometry
    used: tuple[float, float]
    whole: Answers
    margins: list[Answers]
    best_margin: float
    shifts: list[Answers]
    best_shift: float


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
        files: Faces that fill their pictures, happy and sad ones; others are passed over.
        seed: Another one gives every picture another scene.
        progress: Called after each file.

    Raises:
        DatasetError: No face of one of the classes was found.
        ImageError: A file cannot be read.
    """
    used = classifier.contract.face_crop or (MARGIN, SHIFT)
    crops = [(margin, used[1]) for margin in MARGINS]
    crops += [(margin, shift) for margin in MARGINS for shift in SHIFTS]
    squares: list[Square] = []
    faces: list[Face | None] = []
    elsewhere, p_happy = 0, []
    files = [file for file in files if file.label in CLASSES]
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
            cut = [crop_face(scene.image, face, margin, shift) for margin, shift in crops]
            p_happy.append([classifier.p_happy(each) for each in (picture, *cut)])
        if progress:
            progress()
    labels = [file.label for file in files]
    found = [label for label, face in zip(labels, faces, strict=True) if face]
    if len(set(found)) < 2:
        raise DatasetError(
            f"the detector found {found.count('happy')} happy and {found.count('sad')} sad faces "
            f"in scenes made of {len(files)} pictures: give more, each a face from border to border"
        )
    columns, is_sad = np.array(p_happy).T, np.array(found) == "sad"
    whole = _answers(None, None, columns[0], is_sad)
    by_crop = {
        crop: _answers(*crop, answers, is_sad)
        for crop, answers in zip(crops, columns[1:], strict=True)
    }
    margins = [by_crop[margin, used[1]] for margin in MARGINS]
    best_margin = MARGINS[best(margins)]
    shifts = [by_crop[best_margin, shift] for shift in SHIFTS]
    return MarginReport(
        scenes={label: labels.count(label) for label in CLASSES},
        found={label: found.count(label) for label in CLASSES},
        found_by_side=_found_by_side(squares, faces),
        elsewhere=elsewhere,
        geometry=_geometry(squares, faces),
        used=used,
        whole=whole,
        margins=margins,
        best_margin=best_margin,
        shifts=shifts,
        best_shift=SHIFTS[best(shifts)],
    )


def best(row: Sequence[Answers]) -> int:
    """Which of a row of crops to take: the one with the highest balanced accuracy, smoothed.

    Each is averaged with its two neighbours, itself counting twice; at an end it takes the place
    of the neighbour it lacks. So a few faces that happen to flip at one margin decide nothing.
    Of equals it is the first, which shows least of what is no face.
    """
    accuracy = np.array([each.balanced_accuracy for each in row])
    padded = np.pad(accuracy, 1, mode="edge")
    return int(np.argmax(padded[:-2] + 2 * accuracy + padded[2:]))


def table(report: MarginReport) -> str:
    """The report in Markdown: what was found, where, and how every crop does."""
    geometry = report.geometry
    found, scenes = sum(report.found.values()), sum(report.scenes.values())
    sizes = ", ".join(
        f"{share:.0%} of those of {low} to {high} px" for low, high, share in report.found_by_side
    )
    lines = [
        f"{found} of {scenes} faces found ({sizes}); {report.elsewhere} seen where none is.",
        "",
        "| Box in the picture | 10th percentile | median | 90th |",
        "|---|---:|---:|---:|",
        _row("side of the picture / side of the box", geometry.ratio),
        _row("centre of the box, across", geometry.across),
        _row("centre of the box, down", geometry.down),
        "",
        "| Margin | Shift | Balanced accuracy | AUC | P(right) |",
        "|---:|---:|---:|---:|---:|",
        _line("whole", "picture", report.whole),
        *(_line(f"{each.margin}", f"{each.shift:+.2f}", each) for each in report.margins),
        *(_line(f"{each.margin}", f"{each.shift:+.2f}", each) for each in report.shifts),
        "",
        f"Best: margin {report.best_margin}, then shift {report.best_shift:+.2f}; the model runs "
        "with margin {:g}, shift {:+g}.".format(*report.used),
    ]
    return "\n".join(lines)


def plot(path: Path, report: MarginReport) -> None:
    """Draws balanced accuracy and AUC against margin and against shift.

    Args:
        path: The PNG to make.
        report: What was measured.

    Raises:
        OutputError: The file cannot be written.
    """
    from matplotlib.figure import Figure  # takes 0.4 s to import; not every command draws

    figure = Figure(figsize=(9, 3.8), layout="constrained")
    by_margin, by_shift = figure.subplots(1, 2, sharey=True)
    _plot_row(by_margin, "margin", report.margins, report.best_margin, report.used[0])
    _plot_row(by_shift, "shift", report.shifts, report.best_shift, report.used[1])
    by_margin.set_xlabel("margin: side of the crop / side of the box")
    by_shift.set_xlabel(f"shift / side of the crop, with margin {report.best_margin}")
    for name, (_, colour) in LINES.items():
        for axes in (by_margin, by_shift):
            axes.axhline(getattr(report.whole, name), color=colour, linestyle=":")
    by_margin.legend(fontsize=8)
    by_shift.legend(fontsize=8)
    figure.suptitle(
        f"{sum(report.found.values())} faces found in made-up scenes and cropped; "
        "dotted: their pictures as they are",
        fontsize=11,
    )
    with replacing(path) as temporary:
        figure.savefig(temporary, dpi=110)


def _plot_row(axes: "Axes", crop: str, row: Sequence[Answers], chosen: float, used: float) -> None:
    places = [getattr(each, crop) for each in row]
    for name, (label, colour) in LINES.items():
        values = [getattr(each, name) for each in row]
        axes.plot(places, values, marker="o", markersize=4, color=colour, label=label)
    axes.axvline(chosen, color="gray", label=f"best: {chosen:g}")
    axes.axvline(used, color="gray", linestyle="--", label=f"in use: {used:g}")
    axes.grid(alpha=0.3)


def _row(name: str, values: Sequence[float]) -> str:
    return f"| {name} | " + " | ".join(f"{value:.2f}" for value in values) + " |"


def _line(margin: str, shift: str, each: Answers) -> str:
    figures = (each.balanced_accuracy, each.auc, each.p_right)
    return f"| {margin} | {shift} | " + " | ".join(f"{figure:.3f}" for figure in figures) + " |"


def _answers(
    margin: float | None, shift: float | None, p_happy: np.ndarray, is_sad: np.ndarray
) -> Answers:
    scores = score(p_happy, is_sad, (0.5, 0.5))
    assert scores is not None  # both classes are there
    p_right = (p_happy[~is_sad].mean() + 1 - p_happy[is_sad].mean()) / 2
    return Answers(margin, shift, scores.balanced_accuracy, scores.auc, float(p_right))


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
