"""The annotated video of a run."""

import contextlib
import logging
import time
from pathlib import Path

from ...camera.feed import Feed
from ...machine.disk import is_nearly_full
from ...machine.opencv import cv2
from ...video.writer import VideoWriter, video_file
from ..moment import Moment
from ..pulse import Pulse
from .output import Output
from .view import draw_view

DEFAULT_FPS = 15.0  # of a camera that does not say its own
MAX_FPS = 30.0
LOOK_EVERY_S = 5.0  # at the disk

log = logging.getLogger("happysad")


class Recording(Output):
    """Writes what was seen, at the speed at which it was seen."""

    def __init__(self, path: Path, feed: Feed, pulse: Pulse, mirror: bool) -> None:
        """Writes nothing before the first frame."""
        self._video = contextlib.ExitStack()
        self._path, self._feed, self._pulse = path, feed, pulse
        self._mirror = mirror
        self._film: VideoWriter | None = None
        self._size_wh = (0, 0)
        self._is_full = False
        self._looked_s = 0.0

    def __exit__(self, *error: object) -> None:
        """Completes the video, also where the run ended in an error: what was seen was seen."""
        self._video.close()

    def finish(self) -> None:
        """Completes the video, and says where it is."""
        self._video.close()
        if self._film and not self._is_full:
            log.info("recorded %s", self._path)

    def take(self, moment: Moment) -> None:
        """Adds the frame at its time: while a camera is gone, its last picture stays.

        Raises:
            OutputError: The video cannot be written.
        """
        if moment.frame is None or self._is_full:
            return
        view = draw_view(moment.frame.image, moment.answers, self._pulse, self._mirror)
        if self._film is None:
            self._size_wh = (view.shape[1], view.shape[0])
            fps = self._feed.fps or DEFAULT_FPS
            fps = fps if self._feed.is_video else min(fps, MAX_FPS)
            self._film = self._video.enter_context(video_file(self._path, fps, self._size_wh))
        if (view.shape[1], view.shape[0]) != self._size_wh:  # the camera came back with another
            view = cv2.resize(view, self._size_wh, interpolation=cv2.INTER_AREA)
        self._film.write(view, moment.time_s)
        self._mind_disk()

    def _mind_disk(self) -> None:
        if time.monotonic() - self._looked_s < LOOK_EVERY_S:
            return
        self._looked_s = time.monotonic()
        if is_nearly_full(self._path.absolute().parent):
            self._is_full = True
            self._video.close()
            log.warning("the disk is nearly full: %s ends here, the rest goes on", self._path)
