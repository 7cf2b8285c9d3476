"""A window that shows the frames with their answers, and takes a few keys."""

import contextlib
import logging
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from ...errors import OutputError
from ...machine.opencv import cv2
from ...machine.output_file import write_bytes
from ..lessons import Lessons
from ..moment import Moment
from ..pulse import Pulse
from .lesson_line import lesson_line, obey
from .output import Output
from .view import draw_no_camera, draw_view, draw_words

TITLE = "happysad"
MAX_WINDOW_WH = (1280, 720)  # pixels, at first; larger frames would not fit on many screens
BLANK_HW = (480, 640)  # pixels, before the first frame

log = logging.getLogger("happysad")


class Window(Output):
    """Shows what `draw_view` makes of each moment; for the main thread only.

    The keys q and Esc, and closing the window, stop the runner; p saves what is seen. While they
    are held, h, s and n take pictures to teach with; t teaches, and k keeps the pictures. Whether a
    window can be shown at all has to be asked before: `window_problem`.
    """

    def __init__(
        self,
        pulse: Pulse,
        mirror: bool,
        stop: Callable[[], None],
        snapshots: Path = Path(),
        lessons: Lessons | None = None,
    ) -> None:
        """Opens nothing yet: the window comes with the first moment. `stop` ends the run."""
        self._pulse, self._lessons = pulse, lessons
        self._mirror = mirror
        self._stop = stop
        self._snapshots = snapshots
        self._view: np.ndarray | None = None  # of the last frame
        self._shown: np.ndarray | None = None  # with or without a frame
        self._is_open = False
        self._was_visible = False
        self._is_closed = False  # by the user

    def take(self, moment: Moment) -> None:
        """Shows a moment and does what a key asks for."""
        if self._is_closed:
            return
        if moment.frame is not None:
            view = draw_view(moment.frame.image, moment.answers, self._pulse, self._mirror)
        elif self._view is not None:
            view = draw_no_camera(self._view)
        else:
            view = draw_no_camera(np.zeros((*BLANK_HW, 3), np.uint8))
        if self._lessons is not None:
            draw_words(view, lesson_line(self._lessons))
        self._show(view, moment.frame is not None)
        self._shown = view
        self.idle()

    def idle(self) -> None:
        """Does what a key asks for."""
        if self._is_closed or self._shown is None:
            return
        code = cv2.waitKey(1)  # milliseconds; also where the window redraws itself
        key = chr(code & 0xFF).lower() if code >= 0 else ""
        if key in ("q", "\x1b"):
            self._stop()
        elif key == "p":
            self._save(self._shown)
        elif key and self._lessons is not None:
            obey(self._lessons, key)
        self._notice_closing()

    def _show(self, view: np.ndarray, is_frame: bool) -> None:
        """Puts a picture into the window, which gets the size of the first, and the first frame."""
        if not self._is_open:
            cv2.namedWindow(TITLE, cv2.WINDOW_NORMAL | cv2.WINDOW_KEEPRATIO | cv2.WINDOW_GUI_NORMAL)
        if not self._is_open or (is_frame and self._view is None):
            height, width = view.shape[:2]
            factor = min(1.0, MAX_WINDOW_WH[0] / width, MAX_WINDOW_WH[1] / height)
            cv2.resizeWindow(TITLE, round(width * factor), round(height * factor))
        self._is_open = True
        if is_frame:
            self._view = view
        cv2.imshow(TITLE, view)

    def _notice_closing(self) -> None:
        """Stops once the window has gone; showing another picture would open it again."""
        visible = 0.0
        with contextlib.suppress(cv2.error):  # Qt's, where there is no window any more
            visible = cv2.getWindowProperty(TITLE, cv2.WND_PROP_VISIBLE)
        # GTK answers -1 for any window (OpenCV issue 25346): only the step from 1 tells.
        if visible >= 1:
            self._was_visible = True
        elif self._was_visible:
            self._is_closed = True
            self._stop()

    def _save(self, view: np.ndarray) -> None:
        """Writes a PNG under a name that nothing has yet."""
        name = f"snapshot-{time.strftime('%Y%m%d-%H%M%S')}"
        path, number = self._snapshots / f"{name}.png", 2
        while path.exists():
            path, number = self._snapshots / f"{name}-{number}.png", number + 1
        _, encoded = cv2.imencode(".png", view)
        try:
            write_bytes(path, encoded.tobytes())
        except OutputError as error:  # no reason to end a run
            log.warning("%s", error)
        else:
            log.info("saved %s", path)

    def __exit__(self, *error: object) -> None:
        """Closes the window."""
        if self._is_open and not self._is_closed:
            with contextlib.suppress(cv2.error):  # closed just now
                cv2.destroyWindow(TITLE)
                cv2.waitKey(1)  # without it GTK leaves the window standing
