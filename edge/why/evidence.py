"""A network's logits as sums over places: those it counted, and those it lacks when hidden.

The class-activation map is that of B. Zhou et al., "Learning Deep Features for Discriminative
Localization", CVPR 2016: where a network ends in an average over places and one dense layer, each
logit is a sum over places. Occlusion is that of M. Zeiler and R. Fergus, "Visualizing and
Understanding Convolutional Networks", ECCV 2014.
"""

from collections.abc import Sequence

import numpy as np

from ..errors import ModelError
from ..model.head import map_model, read_head
from ..model.network import Network

PATCHES = 6  # a side: 8x8 pixels of 48x48, an eye or half a mouth


class Evidence:
    """Holds an interpreter that gives the last map; not for use by several threads at once.

    Scores are logits less the mean of all logits, as a probability depends on nothing else. They
    are computed from the map, where they do not saturate as the output of the file does.
    """

    def __init__(
        self, content: bytes, labels: Sequence[str], *, mirrored: bool, runtime: str = "auto"
    ) -> None:
        """Builds the interpreter.

        Args:
            content: Of a model file that was found sound.
            labels: Of the model: of its logits, or the two of a sigmoid.
            mirrored: Whether the model is asked of a picture and of its mirror image: then the
                maps are of both, as the answer is.
            runtime: "auto", or the name of a runtime.

        Raises:
            ModelError: The network does not end in an average and one int8 layer.
        """
        try:
            twin, head = map_model(content), read_head(content)
        except ModelError as error:
            raise ModelError(
                "its answers cannot be explained: only int8 models whose last layer follows an "
                "average over places can (the shipped model, and those of --model compact)"
            ) from error
        self._mirrored = mirrored
        weights, bias = head.weights, head.bias
        if len(weights) == 1:  # a sigmoid is the softmax of these two
            weights, bias = np.vstack([-weights, weights]) / 2, np.concatenate([-bias, bias]) / 2
        self._weights = dict(zip(labels, weights - weights.mean(axis=0), strict=True))
        self._bias = dict(zip(labels, bias - bias.mean(), strict=True))
        self._network = Network(twin, runtime=runtime)

    def likeliest(self, pixels: np.ndarray) -> str:
        """The label with the highest score."""
        seen = self._map(pixels).mean(axis=(0, 1))
        return max(self._weights, key=lambda label: seen @ self._weights[label] + self._bias[label])

    def activation(self, pixels: np.ndarray, label: str) -> tuple[float, np.ndarray]:
        """A label's score, and what each place adds to it.

        Args:
            pixels: uint8 (height, width, channels) as `prepare` makes it.
            label: One of the model's.

        Returns:
            The score, and float64 (rows, columns), whose sum is the score less the label's bias.
        """
        seen = self._map(pixels)
        places = seen @ self._weights[label] / (seen.shape[0] * seen.shape[1])
        return float(places.sum() + self._bias[label]), places

    def occlusion(self, pixels: np.ndarray, label: str) -> np.ndarray:
        """By how much the label's score falls when a patch is hidden, float64 (6, 6).

        Args:
            pixels: As of `activation`. A patch takes on the picture's mean colour.
            label: As of `activation`.
        """
        whole, _ = self.activation(pixels, label)
        gray = pixels.mean(axis=(0, 1)).round().astype(np.uint8)
        rows, columns = (np.linspace(0, side, PATCHES + 1).astype(int) for side in pixels.shape[:2])
        falls = np.empty((PATCHES, PATCHES))
        for row, column in np.ndindex(falls.shape):
            hidden = pixels.copy()
            hidden[rows[row] : rows[row + 1], columns[column] : columns[column + 1]] = gray
            falls[row, column] = whole - self.activation(hidden, label)[0]
        return falls

    def _map(self, pixels: np.ndarray) -> np.ndarray:
        """float64 (rows, columns, features); of both sides their mean, the right way round."""
        seen = self._network.output(pixels)
        if not self._mirrored:
            return seen
        return (seen + self._network.output(pixels[:, ::-1])[:, ::-1]) / 2
