"""Views: variations of a face that are the same at every call, so that a teacher is asked once.

What a teacher says of the very picture that the student is shown is worth more than what it says of
the unchanged face (Beyer et al. 2022, Knowledge distillation: a good teacher is patient and
consistent); asking it anew in every epoch would cost more than the training.
"""

import keras
import numpy as np

from train.compact.scaling import fit_scaling, softmax
from train.compact.shares import answers_of
from train.compact.variation import vary
from train.interruption import check

ASKED_AT_ONCE = 256


def view(face: np.ndarray, index: int, number: int) -> np.ndarray:
    """One variation of a face.

    Args:
        face: uint8 (side, side), gray.
        index: The face's place in its set.
        number: Another one gives another variation.

    Returns:
        uint8 (side, side), gray.
    """
    return vary(face, np.random.default_rng([index, number]))


def said_of_views(
    teacher: keras.Model, pixels: np.ndarray, shares: np.ndarray, count: int
) -> np.ndarray:
    """What a teacher holds likely of views of faces, were the answers as frequent as the voters'.

    The logits of a view are means over it and its mirror image.

    Args:
        teacher: A compact network with the output "logits".
        pixels: uint8 (n, side, side, 1).
        shares: float32 (n, 8): what voters saw.
        count: How many views of each face.

    Returns:
        float32 (count, n, 4): probabilities of ANSWERS.
    """
    logits = np.zeros((count, len(pixels), 4), np.float32)
    for number in range(count):
        for start in range(0, len(pixels), ASKED_AT_ONCE):
            faces = pixels[start : start + ASKED_AT_ONCE, :, :, 0]
            views = np.stack([view(f, start + i, number) for i, f in enumerate(faces)])
            both = np.concatenate([views, views[:, :, ::-1]])[..., np.newaxis].astype(np.float32)
            given = np.asarray(teacher(both, training=False)["logits"])
            logits[number, start : start + len(faces)] = (
                given[: len(faces)] + given[len(faces) :]
            ) / 2
            check()
    seen = answers_of(shares)
    flat = logits.reshape(-1, 4).astype(np.float64)
    scaling = fit_scaling(flat, np.tile(seen, (count, 1)), seen.mean(axis=0))
    return softmax(scaling.of(flat)).reshape(logits.shape).astype(np.float32)
