"""An explanation: two maps of one answer."""

from dataclasses import dataclass

import numpy as np

from ..prediction import Prediction


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """What made the answer for one picture or one face, in two ways.

    Both maps are in logits: the label's logit, less the mean of all labels' logits. The two answer
    different questions, and agree only in part.

    Attributes:
        prediction: The answer.
        label: What the maps are about: the answer's label; of "unsure" the likeliest, which may
            be "other".
        pixels: What the model saw, uint8 (height, width, channels), RGB or gray.
        score: The label's logit, less the mean of all. Above 0 it is likelier than the rest.
        activation: float64 (rows, columns): what the network counted for the label (above 0) or
            against it at each place. Its sum and a constant of the model are the score, exactly;
            but a place is rough, as the network sees far around each.
        occlusion: float64 (6, 6): by how much the score falls when that part of the picture is
            hidden behind gray; below 0 where it rises.
    """

    prediction: Prediction
    label: str
    pixels: np.ndarray
    score: float
    activation: np.ndarray
    occlusion: np.ndarray
