"""A source that is watched: the model, the camera or video, and the loop put together."""

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ..camera.address import parse_address
from ..camera.camera_feed import CameraFeed
from ..camera.feed import Feed
from ..camera.finder import opener
from ..camera.source import Trust, Wanted
from ..camera.turn import turner
from ..camera.video_feed import VideoFeed
from ..classifier import Classifier, load_first
from ..errors import CameraError, ModelError
from ..face_classifier import FaceClassifier, picture_classifier
from ..faces.detector import FaceDetector
from ..faces.files import Crop
from ..machine.board import Board
from ..machine.opencv import cv2
from ..model.choice import announced
from ..prediction import Prediction
from .answerer import Answerer, FaceAnswerer, FrameAnswerer
from .loop import moments
from .moment import Moment
from .pace import Pace
from .settings import Detector, Settings

log = logging.getLogger("happysad")


class Watch:
    """Gives the moments of a camera, video or stream; a context manager that closes it.

    Attributes:
        model_path: The file of the model that answers.
        classifier: That model.
        answerer: Answers for the frames with it.
        board: What the machine tells of its health.
        pace: Says when the next frame is due.
        feed: Where the frames come from; there once the `with` block has begun.
    """

    def __init__(self, settings: Settings, stop: threading.Event) -> None:
        """Loads the model; opens nothing yet.

        Raises:
            HappySadError: There is no such kind of source, or the model cannot be used.
        """
        self._settings, self._stop = settings, stop
        self._address = parse_address(settings.source)
        if settings.loop and self._address.kind != "video":
            raise CameraError(f"--loop is for a video file: {self._address.name} is none")
        if settings.insecure:
            log.warning(
                "%s: its certificate is not checked (--insecure): somebody between may read along "
                "and change the pictures", self._address.name,
            )  # fmt: skip
        cv2.setNumThreads(settings.threads)  # more of OpenCV's would take from the interpreter's
        self.model_path, self.classifier = load_first(
            announced(settings.model), **self._options, band=settings.band
        )
        self.answerer = self._make_answerer()
        self.board = Board()
        self._open = ExitStack()
        self._next: deque[tuple[Path, Classifier]] = deque(maxlen=1)  # to be taken up
        self._second: tuple[Classifier, Callable[[np.ndarray], list[Prediction]]] | None = None

    def __enter__(self) -> "Watch":
        """Opens the source.

        Raises:
            HappySadError: It cannot be opened.
        """
        settings, address = self._settings, self._address
        if address.kind == "video":
            self.feed: Feed = VideoFeed(Path(address.place), settings.loop)
        else:
            camera = CameraFeed(
                opener(
                    address,
                    Wanted(settings.width, settings.height, settings.fps),
                    Trust(settings.insecure, settings.other_hosts),
                    self._stop,
                ),
                address.name,
                wait=settings.wait,
                allow_still=settings.still,
                stop=self._stop,
            )
            self.feed = self._open.enter_context(camera)
        max_fps = settings.max_fps
        if (settings.show or settings.web or settings.loop) and self.feed.is_video:
            max_fps = max_fps or self.feed.fps  # people look at it, or it never ends
        self.pace = Pace(max_fps, self.board)
        return self

    def __iter__(self) -> Iterator[Moment]:
        """The moments; as of `moments`."""
        turn = turner(int(self._settings.rotate), self._settings.flip)
        news: tuple[str, ...] = ()
        for moment in moments(self.feed, self.answerer, self.pace, turn, self._stop):
            yield replace(moment, news=(*news, *moment.news)) if news else moment
            news = self._take_up()

    def load(self, path: Path, content: bytes) -> Classifier:
        """A model as it is loaded here, for `use`; for any thread.

        Raises:
            HappySadError: It cannot be used.
        """
        return Classifier(path, content=content, **self._options, band=self._settings.band)

    def use(self, path: Path, classifier: Classifier) -> None:
        """Lets another model answer, from the next moment on; for any thread.

        Raises:
            ModelError: It looks at other parts of a picture than the present one, or has other
                answers.
        """
        now, new = self.classifier.contract, classifier.contract
        if new.crop != now.crop:
            raise ModelError(f"{path} is no model for crop {now.crop}: start again with it")
        if new.decision.answers != now.decision.answers:  # which all outputs count by
            raise ModelError(
                f"{path} answers {', '.join(new.decision.answers)}, this run "
                f"{', '.join(now.decision.answers)}: start again with it"
            )
        self._next.append((path, classifier))

    def _take_up(self) -> tuple[str, ...]:
        """Between two moments: takes a model into use that was handed over, and says so."""
        if not self._next:
            return ()
        self.model_path, self.classifier = self._next.pop()
        self.answerer.use(self.classifier)
        return (f"model: {self.model_path.stem} answers from now on",)

    def finish(self) -> None:
        """Begins to close the source, without waiting."""
        if isinstance(self.feed, CameraFeed):
            self.feed.give_up()

    def second(self) -> Callable[[np.ndarray], list[Prediction]]:
        """The model that answers now and its detector once more, for single pictures.

        The model is the one that was loaded, whatever its file holds by now. Made anew where it is
        another than at the last call; for one other thread.

        Raises:
            HappySadError: They cannot be loaded once more.
        """
        model = self.classifier
        if self._second is None or self._second[0] is not model:
            crop: Crop = "frame" if self._detector == "none" else "face"
            finder = "auto" if self._detector == "none" else self._detector
            loaded = self.load(self.model_path, model.content)
            self._second = model, picture_classifier(loaded, crop, finder, **self._options)
        return self._second[1]

    @property
    def is_stuck(self) -> bool:
        """Whether a driver keeps a thread: Python would wait for it at its end, or crash."""
        return isinstance(self.feed, CameraFeed) and self.feed.is_stuck

    def __exit__(self, *error: object) -> None:
        """Closes the source."""
        self._stop.set()  # whoever waits for the network waits no longer
        self._open.close()

    def _make_answerer(self) -> Answerer:
        """What answers for a frame: for the faces in it, or for all of it."""
        classifier = self.classifier
        if self._detector == "none":
            return FrameAnswerer(classifier)
        finder = FaceDetector(self._detector, **self._options)
        return FaceAnswerer(FaceClassifier(classifier, finder), self._address.kind != "video")

    @property
    def _options(self) -> dict[str, Any]:
        """What every interpreter is made with."""
        return {"threads": self._settings.threads, "runtime": self._settings.runtime}

    @property
    def _detector(self) -> Detector:
        """How faces are looked for: as the user said, else as the model wants it."""
        wanted: Detector = "auto" if self.classifier.contract.crop == "face" else "none"
        return self._settings.detector or wanted
