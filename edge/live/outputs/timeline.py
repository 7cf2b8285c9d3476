"""How a whole run went, drawn when it ends."""

import time
from pathlib import Path

from ...history.chart import save_chart
from ...history.course import FIRST_BIN_S, Course
from ...prediction import Prediction
from ..moment import Moment
from .output import Output

MAX_LAST_S = 1.0  # that the last answer is taken to hold


class Timeline(Output):
    """Draws how a run went as a PNG when it ends, however it ends.

    Attributes:
        course: What is known so far.
    """

    def __init__(self, path: Path, band: tuple[float, float] | None = (0.5, 0.5)) -> None:
        """Begins without a moment."""
        self.course = Course(band)
        self._path = path
        self._latest_s: float | None = None
        self._step_s = FIRST_BIN_S
        self._last = Prediction("no_face", reason="no_camera")

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
            course.hold(self._last, self._step_s)
        self._latest_s = moment.time_s
        for change in moment.changes:
            course.mark(change.answer.label)
        before, self._last = self._last, moment.answers[0]
        if moment.frame is None and before.reason != "no_camera":
            course.mark("no_camera")

    def __exit__(self, *error: object) -> None:
        """Draws and writes the chart.

        Raises:
            OutputError: It cannot be written.
        """
        if self._latest_s is not None:
            # Nobody knows how long the last answer held: as long as the one before.
            self.course.hold(self._last, min(self._step_s, MAX_LAST_S))
            self._latest_s = None
        save_chart(self._path, self.course)
