"""How a whole run went, drawn when it ends."""

import logging
import time
from pathlib import Path

from ...errors import one_line
from ...history.chart import draw_chart
from ...history.course import FIRST_BIN_S, Course
from ...machine.opencv import cv2
from ...machine.output_file import write_bytes
from ...prediction import Prediction
from ..moment import Moment
from .output import Output

log = logging.getLogger("happysad")

MAX_LAST_S = 1.0  # that the last answer is taken to hold


class Timeline(Output):
    """Draws how a run went as a PNG when it ends, however it ends.

    Attributes:
        course: What is known so far.
    """

    course: Course

    def __init__(self, path: Path, band: tuple[float, float] | None = (0.5, 0.5)) -> None:
        """Begins without a moment.

        Args:
            path: The file to write, a .png.
            band: Decision band of a model with two answers; None of one with three.
        """
        self.course = Course(band)
        self._path = path
        self._latest_s: float | None = None
        self._step_s = FIRST_BIN_S
        self._state = ""
        self._largest: Prediction | None = None  # the last answer, where there was a frame

    def __enter__(self) -> "Timeline":
        """Notes the date and time."""
        self.course.began = time.time()
        return self

    def take(self, moment: Moment) -> None:
        """Adds a moment."""
        course = self.course
        if self._latest_s is not None:
            # A stream's clock may jump back; the run does not.
            self._step_s = max(0.0, moment.time_s - self._latest_s)
            self._hold(self._step_s)
        self._latest_s = moment.time_s
        for change in moment.changes:
            course.mark(change.answer.label)
        before = self._state
        if moment.frame is None:
            self._state, self._largest = "no_camera", None
            if before not in ("no_camera", ""):
                course.mark("no_camera")
        else:
            self._largest = moment.answers[0]
            self._state = self._largest.label

    def _hold(self, seconds: float) -> None:
        """The last answer held for so long."""
        self.course.hold(self._state, seconds, self._largest or Prediction("no_face"))

    def __exit__(self, *error: object) -> None:
        """Draws and writes the chart.

        Raises:
            OutputError: It cannot be written.
        """
        if self._latest_s is not None:
            # Nobody knows how long the last answer held: as long as the one before.
            self._hold(min(self._step_s, MAX_LAST_S))
            self._latest_s = None
        _, encoded = cv2.imencode(".png", draw_chart(self.course))
        write_bytes(self._path, encoded.tobytes())
        log.info("drawn: %s", one_line(self._path))
