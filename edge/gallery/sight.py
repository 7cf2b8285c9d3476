"""Whose faces are in a frame, and which of them are to be blurred."""

from dataclasses import dataclass
from typing import Literal

from ..prediction import Box

# "others": all faces but the one that was the reason.
Blur = Literal["none", "others", "all"]


@dataclass(frozen=True, slots=True)
class Sight:
    """The faces in a frame.

    Attributes:
        faces: The number by which each is followed, or None of one that was seen just now, and its
            (x, y, width, height) in pixels.
    """

    faces: tuple[tuple[int | None, Box], ...]

    def hidden(self, blur: Blur, reason: int | None) -> list[Box]:
        """The boxes of the faces that are to be blurred.

        Args:
            blur: Which.
            reason: Number of the face that was the reason; None where none was.
        """
        if blur == "none":
            return []
        return [
            box for number, box in self.faces if blur == "all" or number is None or number != reason
        ]

    def scaled(self, factor: float) -> "Sight":
        """The same in a frame of another size."""
        return Sight(tuple((number, _scaled(box, factor)) for number, box in self.faces))


def _scaled(box: Box, factor: float) -> Box:
    x, y, width, height = (round(side * factor) for side in box)
    return x, y, width, height
