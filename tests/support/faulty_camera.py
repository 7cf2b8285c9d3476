"""A camera whose faults a test chooses: a real `Source` for the real capture thread and loop."""

import threading
import time

import numpy as np

from edge.camera.camera_feed import CameraFeed
from edge.errors import CameraError, FrameError


class FaultyCamera:
    """What is plugged in, or not; `open` gives sources that share its state.

    Attributes:
        fault: What is wrong now: None, "unplugged", "no frame" (grab fails), "stalled" (grab
            blocks until another fault is set), "frozen", "shape", "size", "corrupt".
        interval_s: Between two frames.
        opened: How often it was opened.
        is_open: How many sources are open now.
    """

    def __init__(self, pictures: list[np.ndarray], interval_s: float = 0.0) -> None:
        self.fault: str | None = None
        self.interval_s = interval_s
        self.opened = self.is_open = self.grabbed = 0
        self._pictures = pictures
        self._noise = np.random.default_rng(0)
        self._lock = threading.Lock()
        self.last = self.picture()

    def open(self) -> "FaultySource":
        if self.fault == "unplugged":
            raise CameraError("faulty camera cannot be opened: it is not plugged in")
        with self._lock:
            self.opened += 1
            self.is_open += 1
        return FaultySource(self)

    def picture(self) -> np.ndarray:
        """The next picture with a little noise, as every camera has."""
        image = self._pictures[self.grabbed % len(self._pictures)].copy()
        image[::7, 0] = self._noise.integers(0, 256, image[::7, 0].shape, np.uint8)
        return image


class FaultySource:
    name = "faulty camera"
    fps: float | None = 30.0

    def __init__(self, camera: FaultyCamera) -> None:
        self._camera = camera
        self._is_open = True

    def grab(self) -> float:
        camera = self._camera
        if camera.interval_s:
            time.sleep(camera.interval_s)
        while camera.fault == "stalled":
            time.sleep(0.001)
        if camera.fault in ("unplugged", "no frame"):
            raise CameraError("gives no more frames")
        camera.grabbed += 1
        return time.monotonic()

    def retrieve(self) -> np.ndarray:
        fault = self._camera.fault
        if fault == "frozen":
            return self._camera.last.copy()
        if fault == "corrupt":
            raise FrameError("gives frames that cannot be decoded")
        if fault == "shape":
            return np.zeros((1, 921600), np.uint8)
        image = self._camera.last = self._camera.picture()
        return np.ascontiguousarray(image[::2, ::2]) if fault == "size" else image

    def close(self) -> None:
        with self._camera._lock:
            self._camera.is_open -= self._is_open
        self._is_open = False


def idle_feed() -> CameraFeed:
    """One that is never opened, whose frames a test counts."""
    return CameraFeed(FaultyCamera([np.zeros((48, 64, 3), np.uint8)]).open, "camera")
