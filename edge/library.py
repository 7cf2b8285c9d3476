"""The library: `happysad.load` for pictures, `happysad.watch` for cameras and videos."""

import logging
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np

from .arguments import Picture, check_band, check_choice, check_number, pixels_of, text
from .classifier import Classifier
from .errors import HappySadError
from .face_classifier import picture_classifier
from .faces.files import Crop, Range
from .live.moment import Moment
from .live.settings import Detector, Flip, Settings
from .live.watch import Watch
from .model.choice import candidates
from .model.contract import Contract
from .model.runtime import Runtime
from .prediction import Prediction
from .why.explainer import Explainer
from .why.explanation import Explanation

log = logging.getLogger("happysad")


class Faces:
    """A model that answers for the faces in pictures; what `load` returns.

    Call it with a picture. A context manager, which closes it. Not for use by several threads at
    once: load one for each.

    Attributes:
        contract: What the model file says of itself, such as its name and its metrics.
    """

    contract: Contract

    def __init__(
        self,
        contract: Contract,
        classify: Callable[[np.ndarray], list[Prediction]],
        explainer: Callable[[], Explainer],
    ) -> None:
        """Takes what the model file says of itself, what answers for pixels, and what explains."""
        self.contract = contract
        self._classify: Callable[[np.ndarray], list[Prediction]] | None = classify
        self._new_explainer = explainer
        self._explainer: Explainer | None = None

    def __call__(self, picture: Picture) -> list[Prediction]:
        """Answers for every face in a picture.

        Args:
            picture: The path of an image file; the bytes of one (PNG, JPEG, WebP, GIF, BMP, TIFF,
                AVIF, HEIC); or pixels, uint8 (height, width, 3) in BGR order as OpenCV has them,
                or (height, width) in gray.

        Returns:
            An answer for each face, the largest first; a single "no_face" where there is none. Of
            a model that takes all of the picture, one answer without a box.

        Raises:
            HappySadError: The file cannot be read or decoded, or the model is closed.
            TypeError: What was given is no path, no bytes, and no uint8 array of such a shape.
        """
        return self._opened()(pixels_of(picture))

    def explain(self, picture: Picture) -> list[Explanation]:
        """What made the answers: two maps for every face that the model was asked about.

        Args:
            picture: As for a call.

        Returns:
            The largest face first. Faces that are not judged (too small, turned away, ...) have no
            explanation; of a model that takes all of the picture there is one.

        Raises:
            HappySadError: As of a call; or the network does not end in an average over places and
                one int8 layer, as the shipped model and those of `--model compact` do.
            TypeError: As of a call.
        """
        self._opened()
        if self._explainer is None:
            self._explainer = self._new_explainer()
        return self._explainer.explain(pixels_of(picture))

    def _opened(self) -> Callable[[np.ndarray], list[Prediction]]:
        if self._classify is None:
            raise HappySadError(f"the model {self.contract.name} is closed: load it again")
        return self._classify

    def close(self) -> None:
        """Releases the model; a second time does nothing."""
        self._classify = self._explainer = None

    def __enter__(self) -> "Faces":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def load(
    model: str | os.PathLike[str] = "faces",
    *,
    threads: int = 1,
    runtime: Runtime = "auto",
    detector: Range = "auto",
    crop: Crop | None = None,
    band: tuple[float, float] | None = None,
) -> Faces:
    """Loads a model, verifies it, and makes it ready to answer.

    Args:
        model: The path of a `.tflite` made by `make export`, or a name that `happysad model list`
            shows; "faces" is the shipped one.
        threads: CPU threads for inference.
        runtime: The TFLite runtime: "auto", "ai-edge-litert" or "tflite-runtime".
        detector: How far away faces are looked for: "short" (2 m), "full" (5 m, slower) or
            "auto", as needed.
        crop: "face" answers for each face, "frame" for the whole picture; None for what the model
            was made for.
        band: (low, high) in place of the model's limits: happy from a p_happy of `high` on, sad
            from a p_sad of 1 - `low` on, neutral from the mean of the two on; None for its own.

    Raises:
        HappySadError: There is no such model, it is damaged, no runtime works here, or an argument
            is none of its choices.
        TypeError: An argument is of the wrong type.
    """
    check_choice("runtime", runtime, Runtime)
    check_choice("detector", detector, Range)
    check_choice("crop", crop, Crop, or_none=True)
    check_number("threads", threads, 1)
    check_band(band)
    path = candidates(Path(text("model", model)))[0]
    options: dict[str, Any] = {"threads": threads, "runtime": runtime}
    classifier = Classifier(path, **options, band=band)
    return Faces(
        classifier.contract,
        picture_classifier(classifier, crop, detector, **options),
        partial(Explainer, classifier, crop, detector, **options),
    )


def watch(
    source: int | str | os.PathLike[str] = "auto",
    *,
    model: str | os.PathLike[str] = "faces",
    width: int = 640,
    height: int = 480,
    fps: float | None = None,
    rotate: Literal[0, 90, 180, 270] = 0,
    flip: Flip | None = None,
    detector: Detector | None = None,
    loop: bool = False,
    max_fps: float | None = None,
    wait: bool = False,
    still: bool = False,
    insecure: bool = False,
    other_hosts: bool = False,
    threads: int = 1,
    runtime: Runtime = "auto",
    band: tuple[float, float] | None = None,
) -> Iterator[Moment]:
    """Watches a camera, a video or a stream, moment by moment.

    The names are those of the options of `happysad webcam`. The model is loaded at once, the
    source is opened with the first moment, and leaving the loop closes it. A camera that fails is
    opened again until it is back; meanwhile moments come with the answer "no_face" and the reason
    "no_camera", and `news` says what has happened. Of a camera always the newest frame is
    answered, of a video every frame.

    Args:
        source: A camera's number or path, a video's path, an http or rtsp address, "picamera2",
            "rpicam-vid"; "auto" takes the first camera that works.
        model: As for `load`.
        width: Asked of the camera, in pixels.
        height: Asked of the camera, in pixels.
        fps: Frames per second asked of the camera; None for its own. Of the address of a snapshot,
            how often a second it is asked for; None for twice.
        rotate: Degrees by which the picture is turned, clockwise.
        flip: "horizontal" or "vertical", after rotating.
        detector: As for `load`; "none" where the whole picture is the face; None for what the
            model was made for.
        loop: Play a video again and again, at its own speed; numbers and times of frames go on.
        max_fps: Frames per second to answer, at most.
        wait: Wait for a camera that is not there at the start.
        still: A picture that never changes is no fault, as of a test source.
        insecure: Do not check the certificate of an https or rtsps address.
        other_hosts: A redirect or playlist may lead to other servers than the one named.
        threads: CPU threads for inference.
        runtime: As for `load`.
        band: As for `load`.

    Yields:
        A moment for each frame that is answered.

    Raises:
        HappySadError: The model or the source cannot be used, or an argument is out of range.
        TypeError: An argument is of the wrong type.
    """
    check_choice("runtime", runtime, Runtime)
    check_choice("rotate", rotate, Literal[0, 90, 180, 270])
    check_choice("flip", flip, Flip, or_none=True)
    check_choice("detector", detector, Detector, or_none=True)
    for name, number, least in (
        ("threads", threads, 1), ("width", width, 16), ("height", height, 16), ("fps", fps, 0.1),
        ("max_fps", max_fps, 0.01),
    ):  # fmt: skip
        if number is not None:
            check_number(name, number, least)
    check_band(band)
    is_number = isinstance(source, int) and not isinstance(source, bool)
    settings = Settings(
        source=str(source) if is_number else text("source", source),
        model=Path(text("model", model)), width=width,
        height=height, fps=fps, rotate=str(rotate), flip=flip, detector=detector,  # type: ignore
        loop=loop, max_fps=max_fps, wait=wait, still=still, insecure=insecure,
        other_hosts=other_hosts, threads=threads, runtime=runtime, band=band,
    )  # fmt: skip
    return _moments(Watch(settings, threading.Event()))


def _moments(watch: Watch) -> Iterator[Moment]:
    """The moments with answers; the news of those without come with the next."""
    news: tuple[str, ...] = ()
    with watch:
        for moment in watch:
            news += moment.news
            for line in moment.news:
                log.warning(line)
            if not moment.is_idle:
                yield replace(moment, news=news)
                news = ()
