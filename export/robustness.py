"""What a model's answers are worth on worse pictures: blurred, dark, tilted, small, half covered.

The faces fill their pictures and go to the model as they are, without a detector, so that the
figures are the model's own. Every picture is made worse at the model's own size, as the last step
before it is fed; lengths are in 48ths of the side, which are pixels for a model of 48x48.
"""

import math
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from data.folder import CLASSES, LabelledFile
from data.scores import score
from edge.classifier import Classifier
from edge.image_file import read_image
from edge.opencv import cv2
from edge.output_file import replacing
from edge.preprocess import InputSpec, prepare

COLUMNS = 4  # charts side by side
SIDE = 48  # pixels of a side that lengths are given in, FER2013's
# FER2013's eyes and mouths lie here: (rows, columns), from and to as shares of the sides.
EYES, MOUTH = ((0.25, 0.48), (0.0, 1.0)), ((0.62, 0.9), (0.0, 1.0))
LEFT, RIGHT = ((0.0, 1.0), (0.12, 0.42)), ((0.0, 1.0), (0.58, 0.88))

Bar = tuple[tuple[float, float], tuple[float, float]]
Change = Callable[[np.ndarray, Any, np.random.Generator], np.ndarray]


@dataclass(frozen=True, slots=True)
class Result:
    """How the model does under one condition.

    Attributes:
        condition: What was done to the pictures, such as "size".
        level: How much of it, such as "24 px".
        images: How many answers the figures are of.
        balanced_accuracy: Mean of the two recalls when every picture is answered, 0 to 1.
        auc: Probability that a happy face scores higher than a sad one, 0 to 1.
        answered: Share of the pictures outside the decision band, 0 to 1.
        right_when_answered: Share of right answers among these; None if there are none.
    """

    condition: str
    level: str
    images: int
    balanced_accuracy: float
    auc: float
    answered: float
    right_when_answered: float | None


@dataclass(frozen=True, slots=True)
class Series:
    """One way to make a picture worse, little by little.

    Attributes:
        condition: As in `Result`.
        form: Makes the `Result`'s level of a level.
        change: From uint8 (height, width, 3) BGR, a level and a source of chance to the same.
        levels: From mild to severe, or in their own order.
        signs: With two, each picture is answered twice, for the level and for its opposite.
    """

    condition: str
    form: str
    change: Change
    levels: tuple[Any, ...]
    signs: tuple[int, ...] = (1,)


def blur(image: np.ndarray, sigma: float) -> np.ndarray:
    """Out of focus: a Gaussian, sigma in 48ths of the side."""
    return cv2.GaussianBlur(image, (0, 0), sigma * image.shape[1] / SIDE)


def lit(image: np.ndarray, gain: float = 1.0, offset: float = 0.0) -> np.ndarray:
    """Darker or brighter: every value times gain, plus offset, what is beyond 255 lost."""
    return _clipped(image * np.float32(gain) + np.float32(offset))


def contrast(image: np.ndarray, gain: float) -> np.ndarray:
    """Paler: every value's distance from the mean times gain."""
    mean = image.mean(dtype=np.float64)
    return _clipped((image - mean) * gain + mean)


def noise(image: np.ndarray, sigma: float, rng: np.random.Generator) -> np.ndarray:
    """A dark room's grain: Gaussian noise, the same in B, G and R, so that gray keeps all of it."""
    return _clipped(image + rng.normal(0, sigma, (*image.shape[:2], 1)))


def moved(
    image: np.ndarray, degrees: float = 0, zoom: float = 1, shift_xy: Sequence[float] = (0, 0)
) -> np.ndarray:
    """Cropped wrongly: turned counter-clockwise, enlarged, moved by a share of the side.

    What comes in from beyond the border is the border's pixels, as in `edge.face_crop`.
    """
    height, width = image.shape[:2]
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), degrees, zoom)
    matrix[:, 2] += np.multiply(shift_xy, (width, height))
    return cv2.warpAffine(
        image, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )


def shrunk(image: np.ndarray, side: int) -> np.ndarray:
    """Far away: made so many pixels large, as the area's mean, and enlarged again."""
    small = cv2.resize(image, (side, side), interpolation=cv2.INTER_AREA)
    return cv2.resize(small, image.shape[1::-1], interpolation=cv2.INTER_LINEAR)


def jpeg(image: np.ndarray, quality: int) -> np.ndarray:
    """Compressed: what JPEG of a quality, 0 to 100, leaves."""
    _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR))


def covered(image: np.ndarray, bar: Bar) -> np.ndarray:
    """Partly hidden: a bar in the picture's mean colour, of the darkness that the face has."""
    (top, bottom), (left, right) = np.multiply(bar, [[image.shape[0]], [image.shape[1]]])
    image = image.copy()
    image[round(top) : round(bottom), round(left) : round(right)] = image.mean(axis=(0, 1)).round()
    return image


def _clipped(values: np.ndarray) -> np.ndarray:
    return np.clip(values, 0, 255).round().astype(np.uint8)


def off_centre(image: np.ndarray, percent: float, rng: np.random.Generator) -> np.ndarray:
    """Moved by a percentage of the side, in a direction drawn at random."""
    towards = rng.uniform(0, 2 * math.pi)
    share = percent / 100
    return moved(image, shift_xy=(share * math.cos(towards), share * math.sin(towards)))


def partly_covered(image: np.ndarray, what: str, rng: np.random.Generator) -> np.ndarray:
    """Eyes, mouth, or the left or the right of both, by chance, behind a bar."""
    bar = {"eyes": EYES, "mouth": MOUTH, "one side": (LEFT, RIGHT)[rng.integers(2)]}[what]
    return covered(image, bar)


SERIES = (
    Series("unchanged", "{}", lambda image, _, rng: image, ("",)),
    Series("blur (sigma)", "{} px", lambda image, sigma, _: blur(image, sigma), (0.5, 1, 1.5, 2)),
    Series("darkness", "x {}", lambda image, gain, _: lit(image, gain), (0.5, 0.25, 0.12)),
    Series("brightness", "+{}", lambda image, offset, _: lit(image, offset=offset), (40, 80)),
    Series("contrast", "x {}", lambda image, gain, _: contrast(image, gain), (0.5, 0.25)),
    Series("noise (sigma)", "{}", noise, (5, 10, 20, 30)),
    Series(
        "rotation", "{}°", lambda image, by, _: moved(image, degrees=by), (5, 10, 20, 30), (1, -1)
    ),
    Series("off-centre", "{} %", off_centre, (5, 10, 15)),
    Series("zoom", "x {}", lambda image, zoom, _: moved(image, zoom=zoom), (0.8, 0.9, 1.1, 1.25)),
    Series("size", "{} px", lambda image, side, _: shrunk(image, side), (32, 24, 16, 12)),
    Series("JPEG", "quality {}", lambda image, quality, _: jpeg(image, quality), (50, 30, 10)),
    Series("covered", "{}", partly_covered, ("eyes", "mouth", "one side")),
)


def measure(
    classifier: Classifier,
    files: Sequence[LabelledFile],
    seed: int = 0,
    progress: Callable[[], None] | None = None,
) -> list[Result]:
    """Answers every picture under every condition; the unchanged ones come first.

    Args:
        classifier: The model.
        files: Faces that fill their pictures, happy and sad ones; others are passed over.
        seed: Another one draws other noise, directions and sides.
        progress: Called after each file.

    Raises:
        ImageError: A file cannot be read.
    """
    spec = classifier.contract.input
    trials = [(series, level) for series in SERIES for level in series.levels]
    answers: list[list[float]] = [[] for _ in trials]
    files = [file for file in files if file.label in CLASSES]
    for file in files:
        pixels = prepare(read_image(file.path), InputSpec(spec.width, spec.height, 3))
        picture = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
        for index, (series, level) in enumerate(trials):
            # By content: a picture's noise is the same whatever other pictures there are.
            rng = np.random.default_rng([seed, index, zlib.crc32(picture.tobytes())])
            for sign in series.signs:
                changed = series.change(picture, level if sign > 0 else -level, rng)
                answers[index].append(classifier.p_happy(changed))
        if progress:
            progress()
    is_sad = np.array([file.label == "sad" for file in files])
    return [
        _result(series, level, np.array(p_happy), is_sad, classifier.contract.band)
        for (series, level), p_happy in zip(trials, answers, strict=True)
    ]


def _result(
    series: Series, level: object, p_happy: np.ndarray, is_sad: np.ndarray,
    band: tuple[float, float],
) -> Result:  # fmt: skip
    scores = score(p_happy, np.repeat(is_sad, len(series.signs)), band)
    assert scores is not None  # both classes are there
    return Result(
        condition=series.condition,
        level=series.form.format(level),
        images=scores.images,
        balanced_accuracy=scores.balanced_accuracy,
        auc=scores.auc,
        answered=1 - scores.unsure,
        right_when_answered=scores.accuracy_decided,
    )


def table(results: Sequence[Result]) -> str:
    """The results as a Markdown table, a row for each."""
    lines = [
        "| Pictures | Balanced accuracy | AUC | Answered | Right when answered |",
        "|---|---:|---:|---:|---:|",
    ]
    for each in results:
        right = each.right_when_answered
        name = f"{each.condition}, {each.level}" if each.level else each.condition
        lines.append(
            f"| {name} | {each.balanced_accuracy:.1%} | {each.auc:.3f} | {each.answered:.1%} | "
            f"{'-' if right is None else f'{right:.1%}'} |"
        )
    return "\n".join(lines)


def plot(path: Path, results: Sequence[Result]) -> None:
    """Draws one small chart a condition: how far accuracy falls, and whether the model notices.

    Args:
        path: The PNG to make.
        results: From `measure`, the unchanged pictures first.

    Raises:
        OutputError: The file cannot be written.
    """
    from matplotlib.figure import Figure  # takes 0.4 s to import; not every command draws
    from matplotlib.ticker import PercentFormatter

    unchanged, *worse = results
    conditions = list(dict.fromkeys(each.condition for each in worse))
    rows = -(-len(conditions) // COLUMNS)
    figure = Figure(figsize=(11, 2.5 * rows), layout="constrained")
    panels = figure.subplots(rows, COLUMNS, sharey=True, squeeze=False).ravel()
    for axes in panels:
        axes.axis("off")
    for axes, condition in zip(panels, conditions, strict=False):
        shown = [each for each in worse if each.condition == condition]
        levels = [each.level for each in shown]
        accuracy = [each.balanced_accuracy for each in shown]
        axes.axis("on")
        axes.axhline(0.5, color="gray", linestyle=":", label="guessing", zorder=0)
        axes.bar(levels, accuracy, width=0.65, color="tab:blue", label="balanced accuracy")
        for place, value in enumerate(accuracy):
            axes.text(place, 0.03, f"{value:.0%}", ha="center", color="white", fontsize=9)
        name = f"accuracy, unchanged ({unchanged.balanced_accuracy:.0%})"
        axes.axhline(unchanged.balanced_accuracy, color="tab:blue", linestyle="--", label=name)
        answered = [each.answered for each in shown]
        name = f"answered (unchanged {unchanged.answered:.0%})"
        axes.plot(levels, answered, "o", color="tab:orange", label=name)
        middle = (len(shown) - 1) / 2
        axes.set(title=condition, ylim=(0, 1.05), xlim=(middle - 2, middle + 2))
        axes.yaxis.set_major_formatter(PercentFormatter(1))
        axes.tick_params(labelsize=8)
    handles, names = panels[0].get_legend_handles_labels()
    panels[-1].legend(handles, names, loc="center", fontsize=9)
    figure.suptitle("Faces made worse, and what the device's classifier makes of them")
    with replacing(path) as temporary:
        figure.savefig(temporary, dpi=110)
