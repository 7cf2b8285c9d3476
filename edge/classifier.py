"""The classifier: a verified model file; a picture goes in, an answer comes out."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .errors import ModelError
from .images.preprocess import prepare
from .model.file import GOLDEN_TOLERANCE, Contract, read_model
from .model.network import Network
from .prediction import Prediction


class Classifier:
    """Holds one model ready to answer; not for use by several threads at once.

    Attributes:
        contract: What the model file says of itself.
        network: The model in its interpreter.
    """

    contract: Contract
    network: Network

    def __init__(self, model_path: Path, *, threads: int = 1, runtime: str = "auto") -> None:
        """Loads a model and checks that it answers here as it did when it was exported.

        Args:
            model_path: A file made by `make export`.
            threads: Number of CPU threads for inference.
            runtime: "auto", or the name of a runtime.

        Raises:
            ModelError: The file is damaged, not ours, or answers its golden inputs differently.
            RuntimeMissingError: No TFLite runtime works here.
        """
        content, self.contract = read_model(model_path)
        try:
            self.network = Network(content, self.contract.input, threads=threads, runtime=runtime)
        except ModelError as error:
            raise ModelError(f"{model_path}: {error}") from error
        answers = [self.network.p_happy(pixels) for pixels in self.contract.golden_inputs]
        off = float(np.abs(np.array(answers) - self.contract.golden_p_happy).max())
        if not off <= GOLDEN_TOLERANCE:
            raise ModelError(
                f"{model_path} answers its golden inputs differently here (by {off:.3f} with "
                f"{self.network.runtime}; {GOLDEN_TOLERANCE:.3f} is normal): export it again, or "
                "try the other --runtime"
            )

    def classify(self, image: np.ndarray) -> Prediction:
        """Answers for one picture, all of it; never "no_face", and p_happy is never None.

        Args:
            image: uint8 (height, width, 3), BGR, any size.
        """
        start = time.perf_counter()
        p_happy = self.p_happy(image)
        latency_ms = (time.perf_counter() - start) * 1000
        return Prediction(self.contract.label(p_happy), p_happy, latency_ms=latency_ms)

    def p_happy(self, image: np.ndarray) -> float:
        """Probability of happy, 0 to 1.

        Args:
            image: As for `classify`.
        """
        return self.network.p_happy(prepare(image, self.contract.input))


def load_first(
    model_paths: Sequence[Path], tell: Callable[[str], None], **options: Any
) -> tuple[Path, Classifier]:
    """The first model that passes its self-test here, so that a device goes on with an older one.

    Args:
        model_paths: At least one, the one to use first.
        tell: Takes a line for each model that fails while another is left.
        options: As of `Classifier`.

    Raises:
        ModelError: None does; what is wrong with the last one.
        RuntimeMissingError: No TFLite runtime works here.
    """
    *others, last = model_paths
    for number, path in enumerate(others, 1):
        try:
            return path, Classifier(path, **options)
        except ModelError as error:
            tell(f"{error}; falling back to {model_paths[number]}")
    return last, Classifier(last, **options)
