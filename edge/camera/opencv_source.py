"""Cameras and network streams as OpenCV reads them."""

import os
import sys
import time
from collections.abc import Sequence

import numpy as np

from ..errors import CameraError, FrameError, StreamEnd
from ..machine.opencv import cv2
from .address import Address
from .source import Wanted
from .v4l2 import list_devices, why_not

# Without these, a server that accepts and then says nothing holds the thread for 30 s.
TIMEOUT_MS = 3000
# OpenCV would take the first form that a device offers, which may be one that it misreads:
# version 4.11 makes frames of shape (1, 921600) of BGR3.
RAW, COMPRESSED = ("YUYV", "UYVY", "NV12", "YU12"), ("MJPG", "JPEG")
MAX_RAW_PIXELS = 640 * 480  # more of it at 30 frames a second is too much for USB 2
MAX_BUFFERED = 100  # frames of a stream that are dropped when it has just been opened,
AT_ONCE_S = 0.005  # as long as each comes sooner than this after it was asked for
NEARLY_ALL = 0.9  # of a video's frames; containers estimate their number
DEFAULT_FPS = 25.0  # of a video that does not say
# A time stamp of the driver that is older, or further ahead, is of another clock.
MAX_AGE_S, FUTURE_S = 5.0, 0.1


class OpenCVSource:
    """An open `cv2.VideoCapture`; attributes and methods as of `Source`."""

    def __init__(self, capture: cv2.VideoCapture, name: str, has_clock: bool) -> None:
        """Takes an opened capture.

        Args:
            capture: To read from; closed with this.
            name: What the user knows it by.
            has_clock: Whether it stamps frames with the time they were taken.
        """
        self.name = name
        fps = capture.get(cv2.CAP_PROP_FPS)
        self.fps = fps if 0 < fps <= 1000 else None
        self._capture, self._has_clock = capture, has_clock
        # A server may have a whole video for us, which comes as fast as the network is: it is
        # played at its own speed. A live stream has no number of frames, or a negative one.
        self._frames = 0 if has_clock else max(0, int(capture.get(cv2.CAP_PROP_FRAME_COUNT)))
        self._grabbed, self._began_s = 0, time.monotonic()

    @property
    def is_video(self) -> bool:
        """Whether the stream has an end."""
        return self._frames > 0

    def grab(self) -> float:
        """Waits for the next frame; as of `Source`.

        Raises:
            StreamEnd: It was a video, and this was all of it.
            CameraError: As of `Source`.
        """
        if not self._capture.grab():
            if self._grabbed >= NEARLY_ALL * self._frames > 0:
                raise StreamEnd("has come to its end")
            raise CameraError("gives no more frames")
        self._grabbed += 1
        if self.is_video:
            due_s = self._began_s + self._grabbed / (self.fps or DEFAULT_FPS)
            time.sleep(max(0.0, due_s - time.monotonic()))
        now_s = time.monotonic()
        if self._has_clock:
            stamp_s = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
            if -FUTURE_S < now_s - stamp_s < MAX_AGE_S:
                return min(stamp_s, now_s)
        return now_s

    def retrieve(self) -> np.ndarray:
        """Decodes the frame grabbed last; as of `Source`."""
        try:
            ok, image = self._capture.retrieve()
        except cv2.error as error:
            raise FrameError(f"gives frames that OpenCV cannot decode ({error.err})") from error
        if not ok or image is None:
            raise FrameError("gives frames that cannot be decoded")
        return cv2.cvtColor(image, cv2.COLOR_GRAY2BGR) if _is_gray(image) else image

    def close(self) -> None:
        """Releases the device."""
        self._capture.release()


def _is_gray(image: np.ndarray) -> bool:
    return image.ndim == 2 or (image.ndim == 3 and image.shape[2] == 1)


def open_device(address: Address, wanted: Wanted) -> OpenCVSource:
    """A camera of the system.

    Args:
        address: Of kind "device".
        wanted: The picture to ask for.

    Raises:
        CameraError: It cannot be opened, with the reason as far as it can be found out.
    """
    path = address.place
    if sys.platform == "linux":
        capture = cv2.VideoCapture(path, cv2.CAP_V4L2)
    else:  # there cameras have numbers only
        capture = cv2.VideoCapture(int(path.removeprefix("/dev/video")))
    if not capture.isOpened():
        raise CameraError(f"{address.name} cannot be opened: {why_not(path)}")
    if fourcc := _best_form(path, wanted):
        capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*fourcc))
    capture.set(cv2.CAP_PROP_FRAME_WIDTH, wanted.width)
    capture.set(cv2.CAP_PROP_FRAME_HEIGHT, wanted.height)
    if wanted.fps:
        capture.set(cv2.CAP_PROP_FPS, wanted.fps)
    if not capture.grab():
        capture.release()
        raise CameraError(f"{address.name} opens, but gives no frame: {why_not(path)}")
    return OpenCVSource(capture, address.name, has_clock=True)


def _best_form(path: str, wanted: Wanted) -> str | None:
    """The pixel format to ask a device for; None where it offers none that is known here."""
    offered = {
        form.fourcc
        for device in list_devices()
        if os.path.realpath(path) == os.path.realpath(device.path)
        for form in device.formats
    }
    forms: Sequence[str] = (*RAW, *COMPRESSED)
    if wanted.width * wanted.height > MAX_RAW_PIXELS:
        forms = (*COMPRESSED, *RAW)
    return next((form for form in forms if form in offered), None)


def open_video_stream(address: Address) -> OpenCVSource:
    """A video stream of the network.

    Args:
        address: Of kind "stream".

    Raises:
        CameraError: It cannot be opened; the reason alone.
    """
    timeouts = [
        cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, TIMEOUT_MS, cv2.CAP_PROP_READ_TIMEOUT_MSEC, TIMEOUT_MS,
    ]  # fmt: skip
    capture = cv2.VideoCapture(address.place, cv2.CAP_FFMPEG, timeouts)
    if not capture.isOpened():
        raise CameraError("is the server running, and the address right?")
    source = OpenCVSource(capture, address.name, has_clock=False)
    # Opening has buffered frames, a second of them with RTSP: those come at once, a new one does
    # not.
    try:
        for _ in range(0 if source.is_video else MAX_BUFFERED):
            asked_s = time.monotonic()
            if source.grab() - asked_s > AT_ONCE_S:
                break
    except CameraError as error:
        source.close()
        raise CameraError("it has ended at once") from error
    return source
