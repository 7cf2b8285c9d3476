"""The annotated video of a run."""

import contextlib
import logging
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from ...camera.feed import Feed
from ...images.annotate import video_file
from ...machine.opencv import cv2
from ..moment import Moment
from ..pulse import Pulse
from .output import Output
from .view import draw_view

DEFAULT_FPS = 15.0  # of a camera that does not say its own
MAX_FPS = 30.0
LONGEST_GAP_S = 2.0  # a longer one is not filled: the camera was gone
SPARE_BYTES = 200_000_000  # that stay free on the disk
LOOK_EVERY_S = 5.0  # at the disk

log = logging.getLogger("happysad")


class Recording(Output):
    """Writes what was seen, at the speed at which it was seen."""

    def __init__(self, path: Path, feed: Feed, pulse: Pulse, mirror: bool) -> None:
        """Writes nothing before the first frame.

        Args:
            path: The video to make, MP4 or AVI.
            feed: Where the frames come from.
            pulse: For the view.
            mirror: Whether the view is mirrored.
        """
        self._video = contextlib.ExitStack()
        self._path, self._feed, self._pulse = path, feed, pulse
        self._mirror = mirror
        self._write: Callable[[np.ndarray], None] | None = None
        self._size_wh = (0, 0)
        self._fps = DEFAULT_FPS
        self._next_s = 0.0  # time in the stream of the next frame of the video
        self._is_full = False
        self._looked_s = 0.0

    def __exit__(self, *error: object) -> None:
        """Completes the video, also where the run ended in an error: what was seen was seen."""
        self._video.close()

    def take(self, moment: Moment) -> None:
        """Adds a frame as often as the time that it stands for asks.

        Raises:
            OutputError: The video cannot be written.
        """
        if moment.frame is None or self._is_full:
            return
        view = draw_view(moment.frame.image, moment.answers, self._pulse, self._mirror)
        if self._write is None:
            self._size_wh = (view.shape[1], view.shape[0])
            fps = self._feed.fps or DEFAULT_FPS
            self._fps = fps if self._feed.is_video else min(fps, MAX_FPS)
            self._write = self._video.enter_context(
                video_file(self._path, self._fps, self._size_wh)
            )
            self._next_s = moment.time_s
        if (view.shape[1], view.shape[0]) != self._size_wh:  # the camera came back with another
            view = cv2.resize(view, self._size_wh, interpolation=cv2.INTER_AREA)
        if self._feed.is_video:
            self._write(view)
        elif moment.time_s - self._next_s > LONGEST_GAP_S:
            self._next_s = moment.time_s
        while not self._feed.is_video and self._next_s <= moment.time_s:
            self._write(view)
            self._next_s += 1 / self._fps
        self._mind_disk()

    def _mind_disk(self) -> None:
        if time.monotonic() - self._looked_s < LOOK_EVERY_S:
            return
        self._looked_s = time.monotonic()
        if shutil.disk_usage(self._path.resolve().parent).free < SPARE_BYTES:
            self._is_full = True
            self._video.close()
            log.warning("the disk is nearly full: %s ends here, the rest goes on", self._path)
