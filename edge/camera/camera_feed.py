"""The newest frame of a camera that may fail at any time."""

import threading
import time
from collections.abc import Callable
from types import TracebackType

import numpy as np

from ..errors import CameraError, FrameError, StreamEnd
from .faults import Patience, StillCheck, Troubles, check_picture
from .feed import CapturedFrame
from .source import Source

MAX_STUCK = 3  # threads left behind in a driver; a fourth would not fare better
STEADY_S = 10.0  # after so long without trouble the pauses begin small again
LONGEST_REOPEN_S = 60.0  # of a camera whose picture is frozen
WAIT_S = 0.1  # between two looks whether the user still waits for the opening
CHECK_EVERY_S = 0.5  # at a frame, also while nobody asks for one
EXIT_S = 0.5  # how long a thread in a driver is waited for at the end
PATIENCE = Patience()


class CameraFeed:
    """Grabs on a thread of its own and keeps no frame: who asks gets the next one that comes.

    So no answer is about an old frame, and a frame that nobody has time for costs little: of the
    system's cameras and rpicam-vid it is not decoded.
    A fault is noticed, said once, and mended by opening the camera again and again. Attributes as
    of `Feed`; a camera never ends, but a video that a server plays does.
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
        self._stop = stop or threading.Event()
        self.name, self.captured, self.ended = name, 0, False
        self.fps: float | None = None
        self.troubles = Troubles(name)
        self._open_source, self._patience = open_source, patience
        self._wait, self._allow_still = wait, allow_still
        self._still = StillCheck()
        self._condition = threading.Condition()
        self._wanted = threading.Event()
        self._newest: CapturedFrame | None = None
        self._began_s = self._close_by_s = 0.0
        self._alive_s = 0.0
        self._first_attempt: Source | Exception | None = None
        self._bug: Exception | None = None
        self._left_behind: list[_Capture] = []
        self.is_beyond_help = False
        self._capture = _Capture(self._run)

    def __enter__(self) -> "CameraFeed":
        """Opens the camera.

        Raises:
            CameraError: It cannot be opened, and is not to be waited for.
        """
        self._capture.start()
        if not self._wait:
            self._await_opening()
        self._alive_s = self._began_s = time.monotonic()
        return self

    def _await_opening(self) -> None:
        """Waits for the end of the first attempt, or the user's."""
        end_s = time.monotonic() + self._patience.stuck_s
        with self._condition:
            while not (self._first_attempt or self._stop.is_set()):
                if time.monotonic() > end_s:
                    self._first_attempt = CameraError(
                        f"{self.name}: no answer for {self._patience.stuck_s:.0f} s: unplug it and "
                        "plug it in again, or restart the machine"
                    )
                self._condition.wait(WAIT_S)
        if isinstance(self._first_attempt, Exception):
            self.close()
            raise self._first_attempt

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
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
        """Whether a thread is left that a driver does not give back."""
        return any(capture.is_alive() for capture in (self._capture, *self._left_behind))

    def next(self, timeout_s: float) -> CapturedFrame | None:
        """The next frame that the camera takes, or None if none comes within the time."""
        with self._condition:
            self._newest = None  # one that came after the last call gave up is old by now
            self._wanted.set()
            self._condition.wait_for(lambda: self._newest or self._bug, timeout_s)
            frame, self._newest = self._newest, None
        if self._bug:
            raise self._bug
        if frame is None:
            self.watch()
        return frame

    def watch(self) -> None:
        """Notices a camera that is silent, and a driver that does not come back."""
        now_s = time.monotonic()
        silent_s = now_s - self._alive_s
        if silent_s > self._patience.stall_s:
            self.troubles.begin("stalled", f"no frame for {silent_s:.1f} s", self._alive_s)
        self._left_behind = [capture for capture in self._left_behind if capture.is_alive()]
        is_stuck = now_s - self._capture.called_s > self._patience.stuck_s
        self.is_beyond_help = is_stuck and len(self._left_behind) >= MAX_STUCK
        if is_stuck and not self.is_beyond_help:
            self._capture.given_up.set()
            self._left_behind.append(self._capture)
            self._capture = _Capture(self._run)
            self._capture.start()

    def _run(self, capture: "_Capture") -> None:
        """The thread: opens the camera, reads it, and opens it again, until it is given up."""
        pauses = self._patience.pauses()
        self._reopen_frozen_s = self._patience.reopen_frozen_s
        while not (capture.given_up.is_set() or self.ended):
            opened_s = capture.called_s = time.monotonic()
            try:
                self._read(capture)
            except Exception as error:  # of the capture code itself: the loop is to end with it
                with self._condition:
                    self._bug = self._first_attempt = error
                    self._condition.notify_all()
                return
            if time.monotonic() - opened_s > STEADY_S:
                pauses = self._patience.pauses()
            pause_s = next(pauses)
            capture.called_s = time.monotonic() + pause_s
            capture.given_up.wait(pause_s)

    def _read(self, capture: "_Capture") -> None:
        """Opens the camera and reads it until it fails."""
        try:
            source = self._open_source()
        except CameraError as error:
            if (self._first_attempt or self._wait) and not capture.given_up.is_set():
                self.troubles.begin("open", str(error))
            self._note_attempt(error)
            return
        try:
            self.name, self.fps = source.name, source.fps
            self.troubles.name = source.name
            self._note_attempt(source)
            self._stream(source, capture)
        except StreamEnd:
            self.ended = True
        except CameraError as error:
            if not capture.given_up.is_set():
                self.troubles.begin("lost", str(error))
        finally:
            capture.called_s = time.monotonic()
            source.close()

    def _note_attempt(self, result: Source | CameraError) -> None:
        """Lets `__enter__` know how the first attempt went."""
        with self._condition:
            self._first_attempt = self._first_attempt or result
            self._condition.notify_all()

    def _stream(self, source: Source, capture: "_Capture") -> None:
        """Reads the camera until it is given up or ends, which is a CameraError."""
        opened_s = time.monotonic()
        checked_s = 0.0
        shape: tuple[int, ...] | None = None
        bad_since_s: float | None = None
        while not capture.given_up.is_set():
            taken_s = source.grab()
            if capture.given_up.is_set():  # it was stuck, and another has taken its place
                return
            self._alive_s = capture.called_s = time.monotonic()
            self.captured += 1
            is_wanted = self._wanted.is_set()
            if not is_wanted and self._alive_s - checked_s < CHECK_EVERY_S:
                continue
            checked_s = self._alive_s
            try:
                image = source.retrieve()
                check_picture(image)
            except FrameError as error:
                self.troubles.count_bad_frame()
                bad_since_s = bad_since_s or self._alive_s
                if self._alive_s - bad_since_s > self._patience.bad_s:
                    self.troubles.begin("bad frames", str(error), bad_since_s)
                    raise CameraError(str(error)) from error
                continue
            bad_since_s = None
            if shape and shape != image.shape:
                sizes = f"{shape[1]}x{shape[0]} to {image.shape[1]}x{image.shape[0]}"
                raise CameraError(f"its picture has changed from {sizes}")
            shape = image.shape
            if self._is_frozen(image, taken_s, opened_s):
                continue
            self.troubles.end()
            if not is_wanted:
                continue
            with self._condition:
                if capture.given_up.is_set():
                    return
                time_s = max(0.0, taken_s - self._began_s)
                self._newest = CapturedFrame(image, self.captured - 1, time_s, taken_s)
                self._wanted.clear()
                self._condition.notify_all()

    def _is_frozen(self, image: np.ndarray, taken_s: float, opened_s: float) -> bool:
        """Whether the picture is the same as for some time; a CameraError when that lasts."""
        same_s = self._still.same_s(image, taken_s)
        if self._allow_still or same_s < self._patience.frozen_s:
            self._reopen_frozen_s = self._patience.reopen_frozen_s
            return False
        what = f"the picture has not changed for {same_s:.1f} s (covered lens? --still allows it)"
        self.troubles.begin("frozen", what, taken_s - same_s)
        if time.monotonic() - opened_s > self._reopen_frozen_s:
            self._reopen_frozen_s = min(2 * self._reopen_frozen_s, LONGEST_REOPEN_S)
            raise CameraError(what)
        return True


class _Capture(threading.Thread):
    """A thread that reads the camera.

    Attributes:
        given_up: Set when nobody waits for it any more; it ends at the next chance.
        called_s: When it last called into a driver, on the clock of `time.monotonic`.
    """

    def __init__(self, work: Callable[["_Capture"], None]) -> None:
        super().__init__(name="capture", daemon=True)
        self.given_up = threading.Event()
        self.called_s = time.monotonic()
        self._work = work

    def run(self) -> None:
        self._work(self)
