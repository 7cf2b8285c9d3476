"""Cameras of the system as OpenCV reads them."""

import os
import sys
import time
from collections.abc import Sequence

import numpy as np

from ..errors import CameraError, FrameError
from ..machine.opencv import cv2
from .address import Address
from .refusal import why_not
from .source import Wanted
from .v4l2 import list_devices

# OpenCV would take the first form that a device offers, which may be one that it misreads:
# version 4.11 makes frames of shape (1, 921600) of BGR3.
RAW, COMPRESSED = ("YUYV", "UYVY", "NV12", "YU12"), ("MJPG", "JPEG")
MAX_RAW_PIXELS = 640 * 480  # more of it at 30 frames a second is too much for USB 2
# A time stamp of the driver that is older, or further ahead, is of another clock.
MAX_AGE_S, FUTURE_S = 5.0, 0.1


class OpenCVSource:
    """An open `cv2.VideoCapture`; attributes and methods as of `Source`."""

    def __init__(self, capture: cv2.VideoCapture, name: str) -> None:
        """Takes an opened capture, which is closed with this."""
        self.name = name
        fps = capture.get(cv2.CAP_PROP_FPS)
        self.fps = fps if 0 < fps <= 1000 else None
        self._capture = capture

    def grab(self) -> float:
        """Waits for the next frame; as of `Source`."""
        if not self._capture.grab():
            raise CameraError("gives no more frames")
        now_s = time.monotonic()
        stamp_s = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
        return min(stamp_s, now_s) if -FUTURE_S < now_s - stamp_s < MAX_AGE_S else now_s

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
    return OpenCVSource(capture, address.name)


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
