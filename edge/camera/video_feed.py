"""The frames of a video in order, as fast as they are asked for."""

import time
from pathlib import Path

from ..images.frame import Frame
from ..images.video_file import read_video
from .faults import Troubles
from .feed import CapturedFrame


class VideoFeed:
    """A video file: every frame, in order, none dropped; attributes as of `Feed`."""

    is_video = True
    is_beyond_help = False

    def __init__(self, path: Path, loop: bool = False) -> None:
        """Opens the video and decodes its first frame.

        Args:
            path: Of the video.
            loop: Whether it begins again at its end; numbers and times of frames go on.

        Raises:
            ImageError: It cannot be decoded.
        """
        self.name, self.captured, self.ended = str(path), 0, False
        self.troubles = Troubles(self.name)
        self._path, self._loop = path, loop
        self._began_s = 0.0  # when the present round did, by the times of frames
        self._last_s = 0.0  # of the last frame
        self._frames = read_video(path)
        self._first: Frame | None = next(self._frames)
        assert self._first.video
        self.fps: float | None = self._first.video.fps

    def watch(self) -> None:
        """Nothing goes wrong with a video between two frames."""

    def next(self, timeout_s: float) -> CapturedFrame | None:
        """The next frame; None at the end.

        Raises:
            ImageError: The video ends too early, or is gone where it is to begin again.
        """
        frame = self._first or next(self._frames, None)
        self._first = None
        if frame is None and self._loop:
            assert self.fps
            self._began_s = self._last_s + 1 / self.fps
            self._frames = read_video(self._path)
            frame = next(self._frames)
        if frame is None or frame.video is None:
            self.ended = True
            return None
        self._last_s = self._began_s + frame.video.time_s
        self.captured += 1
        return CapturedFrame(frame.image, self.captured - 1, self._last_s, time.monotonic())
