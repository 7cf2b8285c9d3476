"""Drawn faces as a model's input: where a file or a comparison must do without photographs."""

import numpy as np

from data import CLASSES
from data.drawing import draw_face
from edge.images.preprocess import InputSpec, prepare


def drawn_faces(spec: InputSpec, count: int, seed: int) -> np.ndarray:
    """Happy and sad faces in turn, as uint8 (count, height, width, channels).

    Args:
        spec: What the model takes.
        count: At least 1.
        seed: Another one draws other faces.
    """
    rng = np.random.default_rng(seed)
    faces = [draw_face(CLASSES[index % 2], rng) for index in range(count)]
    return np.stack([prepare(face, spec) for face in faces])
