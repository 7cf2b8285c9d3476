"""The newest frame of a camera that may fail at any time."""

import threading
import time
from collections.abc import Callable

from ..errors import CameraError
from .capture import Capture, Slot
from .faults import Patience
from .feed import CapturedFrame
from .source import Source

MAX_STUCK = 3  # threads left behind in a driver; a fourth would not fare better
WAIT_S = 0.1  # between two looks whether the user still waits for the opening
EXIT_S = 0.5  # how long a thread in a driver is waited for at the end
PATIENCE = Patience()


class CameraFeed(Slot):
    """Grabs on a thread of its own and keeps no frame: who asks gets the next one that comes.

    So no answer is about an old frame, and a frame that nobody has time for costs little: of the
    system's cameras and rpicam-vid it is not decoded. A fault is noticed, told once, and dealt
    with by opening the camera again and again. Attributes as of `Feed`; a camera never ends, but a
    video that a server plays does.
    """

    is_video = False

    def __init__(
        self,
        open_source: Callable[[], Source],
        name: str,
        *,
        wait: bool = False,
        allow_still: bool = False,
        stop: threading.Event | None = None,
        patience: Patience = PATIENCE,
    ) -> None:
        """Nothing is opened before the `with` block.

        Args:
            open_source: Opens the camera, or raises a CameraError; called again after a fault.
            name: What the user calls it.
            wait: Whether a camera that is not there at the start is waited for.
            allow_still: Whether the very same picture for ever is no fault, as of a test source.
            stop: Set when the user does not want to wait for the opening any longer.
            patience: With faults.
        """
        super().__init__(name, patience)
        self.is_beyond_help = False
        self._stop, self._patience, self._wait = stop or threading.Event(), patience, wait
        self._new_capture = lambda: Capture(
            open_source, self, patience, wait=wait, allow_still=allow_still, stop=self._stop
        )
        self._capture = self._new_capture()
        self._left_behind: list[Capture] = []
        self._close_by_s = 0.0

    def __enter__(self) -> "CameraFeed":
        """Opens the camera.

        Raises:
            CameraError: It cannot be opened, and is not to be waited for.
        """
        self._capture.start()
        if not self._wait:
            self._await_opening()
        self.alive_s = self.began_s = time.monotonic()
        return self

    def _await_opening(self) -> None:
        """Waits for the end of the first attempt, or the user's."""
        end_s = time.monotonic() + self._patience.stuck_s
        with self.changed:
            while not (self.first_attempt or self._stop.is_set()):
                if time.monotonic() > end_s:
                    self.first_attempt = CameraError(
                        f"{self.name}: no answer for {self._patience.stuck_s:.0f} s: unplug it and "
                        "plug it in again, or restart the machine"
                    )
                self.changed.wait(WAIT_S)
        if isinstance(self.first_attempt, Exception) and not self._stop.is_set():
            self.close()
            raise self.first_attempt

    def __exit__(self, *error: object) -> None:
        """Closes the camera."""
        self.close()

    def give_up(self) -> None:
        """Lets the thread end; returns at once."""
        if not self._capture.given_up.is_set():
            self._capture.given_up.set()
            self._close_by_s = time.monotonic() + EXIT_S

    def close(self) -> None:
        """Ends the thread; one that is stuck in a driver is left to itself after EXIT_S."""
        self.give_up()
        self._capture.join(max(0.0, self._close_by_s - time.monotonic()))

    @property
    def is_stuck(self) -> bool:
        """Whether a thread is still in a driver's call that does not return."""
        return any(capture.is_alive() for capture in (self._capture, *self._left_behind))

    def next(self, timeout_s: float) -> CapturedFrame | None:
        """The next frame that the camera takes, or None if none comes within the time."""
        with self.changed:
            self.newest = None  # one that came after the last call gave up is old by now
            self.wanted.set()
            self.changed.wait_for(lambda: self.newest or self.bug, timeout_s)
            frame, self.newest = self.newest, None
        if self.bug:
            raise self.bug
        if frame is None:
            self.watch()
        return frame

    def watch(self) -> None:
        """Notices a camera that is silent, and a driver that does not come back."""
        now_s = time.monotonic()
        silent_s = now_s - self.alive_s
        if silent_s > self.rhythm.patience_s:
            self.troubles.begin("stalled", f"no frame for {silent_s:.1f} s", self.alive_s)
        self._left_behind = [capture for capture in self._left_behind if capture.is_alive()]
        is_stuck = now_s - self._capture.called_s > self._patience.stuck_s
        self.is_beyond_help = is_stuck and len(self._left_behind) >= MAX_STUCK
        if is_stuck and not self.is_beyond_help:
            self._capture.given_up.set()
            self._left_behind.append(self._capture)
            self._capture = self._new_capture()
            self._capture.start()
