"""A video that comes from the network, as PyAV decodes it."""

import contextlib
import threading
import time
from collections.abc import Iterator
from typing import Protocol

import numpy as np

from ..errors import CameraError, FrameError, StreamEnd, VideoError
from ..video.frame import VideoFrame
from ..video.reader import Video
from .network_errors import decoder_problem

MAX_BUFFERED = 250  # frames of a stream that are dropped when it has just been opened,
IN_TIME = 0.5  # as long as they come faster than this share of their own time
NEARLY_ALL = 0.9  # of a video that ends; its length may be an estimate


class Reader(Protocol):
    """What reads for the decoder, and remembers why it could not.

    Attributes:
        error: The reason; None while there is none.
    """

    error: CameraError | None

    def close(self) -> None:
        """Closes its connections."""


class VideoStream:
    """An open video of the network; attributes and methods as of `Source`.

    Attributes:
        is_video: Whether it has an end: a file on a server, which is played at its own speed.
    """

    def __init__(
        self,
        video: Video,
        name: str,
        stop: threading.Event,
        readers: tuple[Reader, ...] = (),
        *,
        has_end: bool = False,
    ) -> None:
        """Takes an opened video, and of a live one what is newest.

        Args:
            video: Closed with this.
            name: What the user knows it by.
            stop: Ends the waiting for a frame's time when it is set.
            readers: What reads for it; closed with this.
            has_end: Whether it is known to end, as a file on a server.

        Raises:
            CameraError: No frame can be had; the reason alone.
        """
        self.name, self.fps = name, video.fps
        self.is_video = has_end or video.duration_s is not None
        self._video, self._stop, self._readers = video, stop, readers
        self._frame: VideoFrame | None = None
        self._began_s = time.monotonic()
        self._pending: VideoFrame | None = self._next()
        self._began_s = time.monotonic()
        if not self.is_video:
            self._skip_buffered()

    def grab(self) -> float:
        """Waits for the next frame; as of `Source`.

        Raises:
            StreamEnd: It was a video, and this was all of it.
            CameraError: As of `Source`.
        """
        frame, self._pending = self._pending or self._next(), None
        if self.is_video:
            self._stop.wait(max(0.0, self._began_s + frame.time_s - time.monotonic()))
        self._frame = frame
        return time.monotonic()

    def retrieve(self) -> np.ndarray:
        """Converts the frame grabbed last; as of `Source`."""
        assert self._frame is not None
        try:
            return self._frame.image()
        except VideoError as error:
            raise FrameError(f"gives {error}") from error

    def close(self) -> None:
        """Closes the connection."""
        self._video.close()
        for reader in self._readers:
            reader.close()

    def _skip_buffered(self) -> None:
        """Drops what was buffered while it was opened: a second and more of RTSP."""
        assert self._pending
        first_s = self._pending.time_s
        for _ in range(MAX_BUFFERED):
            newer = self._pending = self._next()
            if time.monotonic() - self._began_s >= IN_TIME * (newer.time_s - first_s):
                break

    def _next(self) -> VideoFrame:
        with explained(*self._readers):
            try:
                return next(self._video)
            except StopIteration:
                pass
        if self._video.count == 0:
            raise CameraError("no frame of it can be decoded")
        played_s = self._frame.time_s if self._frame else 0.0
        if self.is_video and played_s >= NEARLY_ALL * (self._video.duration_s or 0.0) - 1:
            raise StreamEnd("has come to its end")
        raise CameraError("the stream has ended")


@contextlib.contextmanager
def explained(*readers: Reader) -> Iterator[None]:
    """Raises what the decoder finds as a CameraError, with the reason of what read for it."""
    try:
        yield
    except (VideoError, OSError) as error:
        failed = next((reader.error for reader in readers if reader.error), None)
        raise failed or CameraError(decoder_problem(error)) from error
