"""A pen that draws cartoon faces, its colours and its shapes."""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from edge.machine.opencv import cv2

Item = TypeVar("Item")
Points = np.ndarray  # float (n, 2): x, y in face units
Colour = np.ndarray  # float (3,): blue, green, red, 0 to 255

SUBPIXEL_BITS = 4  # OpenCV takes points as integers with this many bits after the point
ANGLES = np.linspace(0, 2 * np.pi, 40, endpoint=False)
CIRCLE = np.stack([np.cos(ANGLES), np.sin(ANGLES)], axis=1)  # right, down, left, up
SPAN = np.linspace(-1, 1, 13)
SAG = 1 - SPAN**2


def bgr(rgb_hex: str) -> Colour:
    """The colour of a web notation such as "ffd93b"."""
    return np.array([int(rgb_hex[i : i + 2], 16) for i in (4, 2, 0)], float)


def palette(rgb_hexes: str) -> list[Colour]:
    """The colours of several such notations, parted by spaces."""
    return [bgr(rgb_hex) for rgb_hex in rgb_hexes.split()]


WHITE, BLACK, RED, PINK = bgr("fdfcf8"), bgr("1d1a1c"), bgr("c8323c"), bgr("ff8f9c")


@dataclass(frozen=True, slots=True)
class Pen:
    """Draws in face units: (0, 0) is the middle of the head, y points down, the chin is near 1.

    Attributes:
        canvas: uint8 (n, n, 3) BGR, drawn on in place.
        middle: float (2,), where (0, 0) lies on the canvas, in canvas pixels.
        turn: float (2, 2), takes a row (x, y) of face units to canvas pixels.
        scale: Canvas pixels per face unit.
        colour: Colour of the lines.
        weight: Width of the lines, in face units.
    """

    canvas: np.ndarray
    middle: np.ndarray
    turn: np.ndarray
    scale: float
    colour: Colour
    weight: float

    def fill(self, points: Points, colour: Colour, outlined: bool = False) -> None:
        """Fills a polygon, with a line round it if asked."""
        pixels = [self._pixels(points)]
        cv2.fillPoly(self.canvas, pixels, colour.tolist(), cv2.LINE_AA, SUBPIXEL_BITS)
        if outlined:
            self.line(points, closed=True)

    def line(
        self, points: Points, colour: Colour | None = None, weight: float = 1, closed: bool = False
    ) -> None:
        """Draws a line through the points, `weight` times as thick as the pen."""
        ink = (self.colour if colour is None else colour).tolist()
        pixels, thickness = [self._pixels(points)], max(2, round(self.weight * weight * self.scale))
        cv2.polylines(self.canvas, pixels, closed, ink, thickness, cv2.LINE_AA, SUBPIXEL_BITS)

    def _pixels(self, points: Points) -> np.ndarray:
        pixels = points @ self.turn + self.middle
        return np.rint(pixels * 2**SUBPIXEL_BITS).astype(np.int32)


def pick(rng: np.random.Generator, items: list[Item]) -> Item:
    """One of the items, all equally likely (`Generator.choice` takes three times as long)."""
    return items[rng.integers(len(items))]


def mix(a: Colour, b: Colour, share_of_b: float | np.ndarray) -> Colour:
    """The colour between two."""
    return a + (b - a) * share_of_b


def ellipse(x: float, y: float, half_width: float, half_height: float | None = None) -> Points:
    """An ellipse, or a circle when only one radius is given."""
    return CIRCLE[::2] * (half_width, half_width if half_height is None else half_height) + (x, y)


def bow(x: float, y: float, half_width: float, sag: float) -> Points:
    """An arc from left to right through ends at height y; its middle hangs `sag` lower."""
    return np.stack([x + half_width * SPAN, y + sag * SAG], axis=1)
