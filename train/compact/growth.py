"""A teacher grown from the student: the same network with every channel twice."""

import keras
import numpy as np

NOISE = 0.25  # of the weights' size: twins with the same weights would stay the same


def grown(weights: list[np.ndarray], heads: int, rng: np.random.Generator) -> list[np.ndarray]:
    """The weights of a network twice as wide that answers alike (Net2Net, Chen et al. 2016).

    Every channel has a twin, and what follows takes half of each. Without the noise, which parts
    the twins, the answers would be the same to the last digits.

    Args:
        weights: As `Model.get_weights` gives those of a compact network.
        heads: Dense layers at its end, each a kernel and a bias.
        rng: Source of the noise.
    """
    trunk, ends = weights[: -2 * heads], weights[-2 * heads :]
    wider: list[np.ndarray] = []
    for number, values in enumerate(trunk):
        twins: np.ndarray = values.repeat(2, axis=-1)
        if values.ndim == 4:
            if number:  # the picture that comes in has one channel still
                twins = twins.repeat(2, axis=2) / 2
            twins = twins * (1 + NOISE * rng.standard_normal(twins.shape))
        wider.append(twins.astype(np.float32))
    for values in ends:
        wider.append(values.repeat(2, axis=0) / 2 if values.ndim == 2 else values)
    return wider


def grow(student: keras.Model, teacher: keras.Model, seed: int) -> None:
    """Gives a network of twice the channels the student's weights.

    Args:
        student: A compact network with named outputs.
        teacher: The same, with twice the filters in every layer.
        seed: Of the noise.
    """
    rng = np.random.default_rng(seed)
    teacher.set_weights(grown(student.get_weights(), len(student.output), rng))
