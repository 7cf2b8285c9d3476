"""The classifier: a verified model file; a picture goes in, an answer comes out."""

import logging
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from .errors import ModelError
from .images.preprocess import prepare
from .model.decision import Decision, Probabilities, Scores, probabilities
from .model.file import GOLDEN_TOLERANCE, check_model, read_content
from .model.network import Network
from .prediction import Prediction

log = logging.getLogger("happysad")


class Classifier:
    """Holds one model ready to answer; not for use by several threads at once.

    Attributes:
        content: The bytes of the model file.
        contract: What they say of the model.
        network: The model in its interpreter.
    """

    def __init__(
        self,
        model_path: Path,
        *,
        content: bytes | None = None,
        threads: int = 1,
        runtime: str = "auto",
        band: tuple[float, float] | None = None,
    ) -> None:
        """Loads a model and checks that it answers here as it did when it was exported.

        Args:
            model_path: A file made by `make export`.
            content: Its bytes, where they have been read already; then it is not read again.
            threads: Number of CPU threads for inference.
            runtime: "auto", or the name of a runtime.
            band: Limits that take the place of the file's, as of `Band.with_band`.

        Raises:
            ModelError: The file is damaged, not ours, or answers its golden inputs differently.
            RuntimeMissingError: No TFLite runtime works here.
        """
        self.content = read_content(model_path) if content is None else content
        self.contract = check_model(self.content, model_path)
        if band:
            decision = self.contract.decision.with_band(*band)
            self.contract = replace(self.contract, decision=decision)
        try:
            self.network = Network(self.content, threads=threads, runtime=runtime)
        except ModelError as error:
            raise ModelError(f"{model_path}: {error}") from error
        scores = np.array([self.network.scores(pixels) for pixels in self.contract.golden_inputs])
        if scores.shape != self.contract.golden_scores.shape:
            raise ModelError(f"{model_path} is damaged (answers of another shape): export it again")
        off = float(np.abs(scores - self.contract.golden_scores).max() / self.network.step)
        if not off <= GOLDEN_TOLERANCE:
            raise ModelError(
                f"{model_path} answers its golden inputs differently here (by {off:.0f} steps with "
                f"{self.network.runtime}; {GOLDEN_TOLERANCE} are normal): export it again, or "
                "try the other --runtime"
            )

    def classify(self, image: np.ndarray) -> Prediction:
        """Answers for one picture, all of it; never "no_face", and p_happy is never None.

        Args:
            image: uint8 (height, width, 3), BGR, any size.
        """
        start = time.perf_counter()
        scores = self.scores(image)
        latency_ms = (time.perf_counter() - start) * 1000
        return answer(scores, self.contract.decision.label(scores), latency_ms=latency_ms)

    def scores(self, image: np.ndarray, glance: int | None = None) -> Scores:
        """The model's scores for one picture, as `Contract.decision` takes them.

        Args:
            image: As for `classify`.
            glance: The number of a frame of which one side is enough, for half the work: where a
                model is asked of both, the odd ones are mirrored. None for all there is.
        """
        pixels = prepare(image, self.contract.input)
        if glance is None:
            return self.scores_of(pixels)
        is_turned = self.contract.decision.mirrored and glance % 2 == 1
        return self.network.scores(pixels[:, ::-1] if is_turned else pixels)

    def scores_of(self, pixels: np.ndarray) -> Scores:
        """The same for prepared pixels: a mean over both sides, if the model is one of `mirrored`.

        What a network says of a picture and of its mirror image differs by chance: the mean of the
        two is right more often than either.

        Args:
            pixels: uint8 (height, width, channels) as `prepare` makes them.
        """
        scores = self.network.scores(pixels)
        if not self.contract.decision.mirrored:
            return scores
        mirrored = self.network.scores(pixels[:, ::-1])
        return tuple((one + other) / 2 for one, other in zip(scores, mirrored, strict=True))

    def p_happy(self, image: np.ndarray) -> float:
        """Probability of happy, 0 to 1."""
        return probabilities(self.scores(image)).p_happy


def answer(scores: Scores, label: str, **fields: Any) -> Prediction:
    """A prediction with the probabilities that scores say."""
    return Prediction(label, **probabilities(scores)._asdict(), **fields)


def rivals_of(decision: Decision, given: Prediction) -> tuple[str, str] | None:
    """The two answers that make a face "unsure", as of `Band.rivals`; None of other faces."""
    if given.label != "unsure" or given.p_happy is None or given.p_sad is None:
        return None
    return decision.rivals(Probabilities(given.p_happy, given.p_sad, given.p_neutral))


def hesitation(decision: Decision, given: Prediction) -> str:
    """Why a face that could be judged is "unsure", for the end of its line; empty for others.

    "happy and neutral too close", or "none likely enough".
    """
    if given.label != "unsure" or given.p_happy is None:
        return ""
    rivals = rivals_of(decision, given)
    return f"{' and '.join(rivals)} too close" if rivals else "none likely enough"


def load_first(model_paths: Sequence[Path], **options: Any) -> tuple[Path, Classifier]:
    """The first model that passes its self-test here, so that a device goes on with an older one.

    A model that fails while another is left is logged as a warning.

    Raises:
        ModelError: None does; what is wrong with the last one.
        RuntimeMissingError: No TFLite runtime works here.
    """
    *others, last = model_paths
    for number, path in enumerate(others, 1):
        try:
            return path, Classifier(path, **options)
        except ModelError as error:
            log.warning("%s; falling back to %s", error, model_paths[number])
    return last, Classifier(last, **options)
