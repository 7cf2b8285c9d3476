"""The network in its interpreter: prepared pixels go in, scores come out."""

import numpy as np

from .decision import Scores, probabilities
from .runtime import build_interpreter


class Network:
    """Holds an interpreter; not for use by several threads at once.

    Attributes:
        runtime: The TFLite runtime in use, such as "ai-edge-litert".
    """

    def __init__(self, model: bytes, *, threads: int = 1, runtime: str = "auto") -> None:
        """Builds the interpreter.

        Args:
            model: A TFLite model that was verified, or has just been exported: with one picture
                in, and for `scores` one sigmoid, P(sad), or the logits of LOGITS out.
            threads: Number of CPU threads.
            runtime: "auto", or the name of a runtime.

        Raises:
            ModelError: No runtime can run it.
            RuntimeMissingError: No TFLite runtime works here.
        """
        self.runtime, self._interpreter = build_interpreter(model, threads, runtime)
        self._input = self._interpreter.get_input_details()[0]
        self._output = self._interpreter.get_output_details()[0]

    def output(self, pixels: np.ndarray) -> np.ndarray:
        """float64, of whatever shape the output has for one picture.

        Args:
            pixels: uint8 (height, width, channels) as `prepare` makes it.
        """
        # Float models take the same 0..255 values as float32; the model scales them itself.
        self._interpreter.set_tensor(
            self._input["index"], pixels[np.newaxis].astype(self._input["dtype"], copy=False)
        )
        self._interpreter.invoke()
        values = self._interpreter.get_tensor(self._output["index"])[0].astype(float)
        scale, zero_point = self._output["quantization"]
        return (values - zero_point) * scale if scale else values  # 0.0: it is a float already

    def scores(self, pixels: np.ndarray) -> Scores:
        """(p_happy,) of a model with two answers, four logits of one with three; as of `output`."""
        values = self.output(pixels).tolist()
        return (1.0 - values[0],) if len(values) == 1 else tuple(values)

    @property
    def step(self) -> float:
        """The smallest difference between two scores; 1/256 of a float model."""
        return self._output["quantization"][0] or 1 / 256

    def p_happy(self, pixels: np.ndarray) -> float:
        """Probability of happy, 0 to 1; pixels as for `scores`."""
        return probabilities(self.scores(pixels)).p_happy
