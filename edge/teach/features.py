"""What a network makes of a picture before its last layer."""

import numpy as np

from ..images.preprocess import InputSpec
from ..model.head import features_model
from ..model.runtime import build_interpreter


class Features:
    """Holds an interpreter; not for use by several threads at once."""

    def __init__(self, content: bytes, spec: InputSpec, runtime: str = "auto") -> None:
        """Builds the interpreter.

        Args:
            content: Of a model file that was found sound.
            spec: What the model takes.
            runtime: "auto", or the name of a runtime.

        Raises:
            ModelError: The model cannot be taught, or no runtime can run it.
        """
        _, self._interpreter = build_interpreter(features_model(content), 1, runtime)
        self._input = self._interpreter.get_input_details()[0]["index"]
        output = self._interpreter.get_output_details()[0]
        self._output, (self._scale, self._zero_point) = output["index"], output["quantization"]
        self._count = int(np.prod(output["shape"]))

    def of(self, pixels: np.ndarray) -> np.ndarray:
        """float64 (n, features), of uint8 (n, height, width, channels) as `prepare` makes them."""
        rows = np.empty((len(pixels), self._count))
        for row, picture in zip(rows, pixels, strict=True):
            self._interpreter.set_tensor(self._input, picture[np.newaxis])
            self._interpreter.invoke()
            row[:] = self._interpreter.get_tensor(self._output).ravel()
        return (rows - self._zero_point) * self._scale
