"""BlazeFace: the input of MediaPipe's two face detection networks, and faces from their output.

V. Bazarevsky et al., "BlazeFace: Sub-millisecond Neural Face Detection on Mobile GPUs",
arXiv:1907.05047. The numbers are those of MediaPipe's graphs, `face_detection_short_range.pbtxt`
and `face_detection_full_range.pbtxt` in `mediapipe/modules/face_detection`.
"""

import math
from dataclasses import dataclass

import numpy as np

from ..machine.opencv import cv2
from .boxes import overlaps

VALUES = 16  # num_coords: box centre x, y and size x, y, then x, y of six keypoints
SCORE_CLIP = 80.0  # score_clipping_thresh is 100, whose exponential overflows a float32
OVERLAP = 0.3  # min_suppression_threshold, as intersection over union


@dataclass(frozen=True, slots=True)
class Variant:
    """One of the two networks.

    Attributes:
        size: Side of its square input, in pixels.
        grids: (cells a side, anchors a cell) of each layer, in the order of its output.
        min_score: From this score on it may be a face, 0 to 1 (min_score_thresh).
        sure_score: From this score on it is one, on the word of this network alone. MediaPipe
            has no such second threshold: in a cartoon without people the two networks saw faces
            in lettering with scores up to 0.61 and 0.61, never at the same place, and short range
            one in a colour chart with 0.58.
    """

    size: int
    grids: tuple[tuple[int, int], ...]
    min_score: float
    sure_score: float

    @property
    def min_logit(self) -> float:
        """What the network outputs for a score a little below `min_score`."""
        score = self.min_score - 1e-3
        return math.log(score / (1 - score))

    def anchors(self) -> np.ndarray:
        """The points that the output is relative to: float32 (n, 2), x and y from 0 to 1."""
        layers = []
        for cells, per_cell in self.grids:
            centres = (np.arange(cells, dtype=np.float32) + 0.5) / cells
            x, y = np.meshgrid(centres, centres)
            layers.append(np.repeat(np.stack([x.ravel(), y.ravel()], axis=1), per_cell, axis=0))
        return np.concatenate(layers)


VARIANTS = {
    # 896 anchors; faces within 2 m.
    "short": Variant(128, ((16, 2), (8, 6)), min_score=0.5, sure_score=0.65),
    # 2304 anchors; faces within 5 m.
    "full": Variant(192, ((48, 1),), min_score=0.6, sure_score=0.7),
}


@dataclass(frozen=True, slots=True)
class LetterBox:
    """How a picture was fitted into a network's input.

    Attributes:
        scale: Input pixels per picture pixel.
        left: Black columns left of the picture in the input.
        top: Black rows above it.
    """

    scale: float
    left: int
    top: int


def letter_box(image: np.ndarray, size: int, fill: float = 1.0) -> tuple[np.ndarray, LetterBox]:
    """Fits a picture into a square, its aspect ratio kept, black around it.

    Args:
        image: uint8 (height, width, 3), BGR.
        size: Side of the square, in pixels.
        fill: Share of the square's side that the longer side of the picture takes, up to 1.

    Returns:
        float32 (1, size, size, 3), RGB, -1 to 1, and how it was fitted.
    """
    height, width = image.shape[:2]
    scale = fill * size / max(height, width)
    inner_wh = (max(1, round(width * scale)), max(1, round(height * scale)))
    # INTER_AREA averages: small faces keep their eyes when a large frame shrinks.
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    inner = cv2.resize(image, inner_wh, interpolation=method)
    left, top = (size - inner_wh[0]) // 2, (size - inner_wh[1]) // 2
    pixels = np.zeros((1, size, size, 3), np.float32)
    pixels[0, top : top + inner_wh[1], left : left + inner_wh[0]] = inner[:, :, ::-1]
    pixels /= 127.5
    pixels -= 1
    return pixels, LetterBox(scale, left, top)


def decode(
    values: np.ndarray, logits: np.ndarray, variant: Variant, anchors: np.ndarray, fit: LetterBox
) -> tuple[np.ndarray, np.ndarray]:
    """The faces in a network's output, each once.

    Args:
        values: float32 (n, 16), in input pixels relative to the anchors.
        logits: float32 (n,), of the scores.
        variant: The network.
        anchors: Its anchors, float32 (n, 2).
        fit: How the picture was fitted into its input.

    Returns:
        float32 (faces, 8, 2): upper left corner, size, and six keypoints, x and y each, in
        pixels of the picture; and float32 (faces,), their scores from 0 to 1, highest first.
    """
    # Of some thousand anchors a dozen may be faces: only of these the rest is computed.
    promising = np.flatnonzero(logits >= variant.min_logit)
    values, logits, anchors = values[promising], logits[promising], anchors[promising]
    scores = 1 / (1 + np.exp(-np.clip(logits, -SCORE_CLIP, SCORE_CLIP)))
    is_face = (scores >= variant.min_score) & (values[:, 2:4] > 0).all(axis=1)
    points = values[is_face].reshape(-1, VALUES // 2, 2)
    scores = scores[is_face]
    # The size, at index 1, is no place: it is relative to nothing.
    offset = anchors[is_face, np.newaxis] * variant.size - (fit.left, fit.top)
    points[:, [0, 2, 3, 4, 5, 6, 7]] += offset
    points /= fit.scale
    points[:, 0] -= points[:, 1] / 2
    return merge(points, scores)


def merge(points: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Non-maximum suppression, weighted: overlapping finds become their mean (paper, section 3.4).

    Dropping all but the best would let the box jump from anchor to anchor between frames.

    Args:
        points: float32 (n, 8, 2): corner, size, keypoints.
        scores: float32 (n,).

    Returns:
        Of the same form, one row a face, highest score first; its score is the highest one.
    """
    merged, best_scores = [], []
    order = np.argsort(-scores, kind="stable")
    points, scores = points[order], scores[order]
    while len(points):
        same = overlaps(points[0], points) > OVERLAP
        same[0] = True  # also where its box is empty
        merged.append(np.average(points[same], axis=0, weights=scores[same]))
        best_scores.append(scores[0])
        points, scores = points[~same], scores[~same]
    shape = (-1, VALUES // 2, 2)
    return np.array(merged, np.float32).reshape(shape), np.array(best_scores, np.float32)
