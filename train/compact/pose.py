"""How a head may be held, and how a detector may frame it: the variation's geometry."""

import numpy as np

from edge.machine.opencv import cv2

TILTED = 0.15  # share of the faces that are turned in the picture by anything up to 45 degrees
TURNED = 0.3  # share of the faces that are seen from a side, from above or from below
CORNERS = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], float)  # of a picture, in half sides


def move(face: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Another frame around the face: mirrored (half of them), tilted, scaled, off centre, turned.

    Tilted by about 7 degrees, some by up to 45; scaled by 0.83 to 1.22, stretched by up to 7 %,
    off centre by up to 7 %; some as if the head were turned aside or bent, one side the nearer.
    What comes in from beyond the border is the border's pixels, a reflection, or one value.

    Args:
        face: uint8 (side, side), gray.
        rng: Source of the variation.

    Returns:
        uint8 (side, side), gray.
    """
    side = len(face)
    degrees = rng.uniform(-45, 45) if rng.random() < TILTED else rng.normal(0, 7)
    scale = np.exp(rng.uniform(np.log(0.83), np.log(1.22)))
    stretch = np.exp(rng.uniform(-0.07, 0.07))
    mirror = -1 if rng.random() < 0.5 else 1
    cos, sin = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    matrix = scale * np.array([[cos, -sin], [sin, cos]]) @ np.diag([mirror * stretch, 1 / stretch])
    seen = _turned(rng) if rng.random() < TURNED else CORNERS
    shift = rng.uniform(-0.07, 0.07, 2) * side
    target = seen @ matrix.T * side / 2 + side / 2 + shift
    source = (CORNERS + 1) * side / 2
    # Corners are those of the area, half a pixel before the first pixel's centre.
    before, after = ((corners - 0.5).astype(np.float32) for corners in (source, target))
    return cv2.warpPerspective(
        face,
        cv2.getPerspectiveTransform(before, after),
        (side, side),
        flags=(cv2.INTER_LINEAR, cv2.INTER_CUBIC)[rng.integers(2)],
        borderMode=(cv2.BORDER_REPLICATE, cv2.BORDER_REFLECT_101, cv2.BORDER_CONSTANT)[
            rng.integers(3)
        ],
        borderValue=int(rng.integers(256)),
    )


def _turned(rng: np.random.Generator) -> np.ndarray:
    """A picture's corners as a keystone, narrower along what is turned away; float64 (4, 2)."""
    aside, bent = rng.uniform(-0.22, 0.22, 2)
    corners = CORNERS * (1 + np.column_stack([bent * CORNERS[:, 1], aside * CORNERS[:, 0]]))
    narrower = 1 - np.abs([aside, bent]) * rng.uniform(0, 0.8, 2)
    return corners * narrower
