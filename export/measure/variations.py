"""Ways to make a picture of a face worse: blurred, dark, tilted, small, half covered.

Lengths are in 48ths of the side, which are pixels for a model of 48x48.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from edge.machine.opencv import cv2

SIDE = 48  # pixels of a side that lengths are given in, FER2013's
# FER2013's eyes and mouths lie here: (rows, columns), from and to as shares of the sides.
EYES, MOUTH = ((0.25, 0.48), (0.0, 1.0)), ((0.62, 0.9), (0.0, 1.0))
LEFT, RIGHT = ((0.0, 1.0), (0.12, 0.42)), ((0.0, 1.0), (0.58, 0.88))

Bar = tuple[tuple[float, float], tuple[float, float]]
Change = Callable[[np.ndarray, Any, np.random.Generator], np.ndarray]


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
    """Badly cropped: turned counter-clockwise, enlarged, moved by a share of the side.

    What comes in from beyond the border is the border's pixels, as in `edge.faces.crop`.
    """
    height, width = image.shape[:2]
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), degrees, zoom)
    matrix[:, 2] += np.multiply(shift_xy, (width, height))
    return cv2.warpAffine(
        image, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )


def turned(image: np.ndarray, share: float) -> np.ndarray:
    """Looking aside: the further half narrower and lower by up to a share, as in perspective."""
    height, width = image.shape[:2]
    inset = share * np.array([[0.0, 0.0], [width, height / 2], [width, -height / 2], [0.0, 0.0]])
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]]) - 0.5
    target = corners + inset * [-1, 1]
    matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), target.astype(np.float32))
    return cv2.warpPerspective(image, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)


def underexposed(image: np.ndarray, gain: float, rng: np.random.Generator) -> np.ndarray:
    """A dark room: less light, the sensor's noise in it, and the camera's amplification of both."""
    dark = image * np.float32(gain)
    shot = rng.normal(0, 1, (*image.shape[:2], 1)) * np.sqrt(1 + 0.15 * dark)
    dark = dark + shot
    return _clipped((dark - dark.min()) / max(float(np.ptp(dark)), 20) * 200)


def equalised(image: np.ndarray) -> np.ndarray:
    """The contrast that histogram equalisation gives."""
    gray = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    return cv2.cvtColor(cv2.equalizeHist(gray), cv2.COLOR_GRAY2BGR)


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
        "rotation",
        "{}°",
        lambda image, by, _: moved(image, degrees=by),
        (5, 10, 20, 30, 45),
        (1, -1),
    ),
    Series("turned aside", "{}", lambda image, by, _: turned(image, by), (0.1, 0.2)),
    Series("dark room", "x {}", underexposed, (0.25, 0.12)),
    Series("equalised", "{}", lambda image, *_: equalised(image), ("histogram",)),
    Series("off-centre", "{} %", off_centre, (5, 10, 15)),
    Series("zoom", "x {}", lambda image, zoom, _: moved(image, zoom=zoom), (0.8, 0.9, 1.1, 1.25)),
    Series("size", "{} px", lambda image, side, _: shrunk(image, side), (32, 24, 16, 12)),
    Series("JPEG", "quality {}", lambda image, quality, _: jpeg(image, quality), (50, 30, 10)),
    Series("covered", "{}", partly_covered, ("eyes", "mouth", "one side")),
)
