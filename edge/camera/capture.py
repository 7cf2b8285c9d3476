"""The thread that reads a camera, and the slot in which it leaves the newest frame."""

import threading
import time
from collections.abc import Callable

import numpy as np

from ..errors import CameraError, FrameError, StreamEnd
from .faults import Patience, StillCheck, Troubles, check_picture
from .feed import CapturedFrame
from .rhythm import Rhythm
from .source import Source

STEADY_S = 10.0  # after so long without trouble the pauses begin small again
LONGEST_REOPEN_S = 60.0  # of a camera whose picture is frozen
CHECK_EVERY_S = 0.5  # at a frame, also while nobody asks for one


class Slot:
    """What a feed shares with the thread that reads its camera.

    Attributes:
        name: What the user knows the camera by.
        fps: Frames per second that it says it gives; None where it does not say.
        captured: Frames that came until now.
        ended: Whether the stream was a video that is over.
        troubles: What went wrong.
        began_s: The start of the stream, on the clock of `time.monotonic`, as the others.
        alive_s: When the last frame came.
        rhythm: How often they come.
        wanted: Set while somebody waits for a frame.
        changed: Guards and announces the three below.
        newest: The frame for who waits.
        first_attempt: How the first opening went: the source, or the error; None before.
        bug: An exception of the thread that is no fault of the camera.
    """

    def __init__(self, name: str, patience: Patience) -> None:
        self.rhythm = Rhythm(patience.stall_s, patience.slow_s)
        self.name = name
        self.fps: float | None = None
        self.captured = 0
        self.ended = False
        self.troubles = Troubles(name)
        self.began_s = self.alive_s = 0.0
        self.wanted = threading.Event()
        self.changed = threading.Condition()
        self.newest: CapturedFrame | None = None
        self.first_attempt: Source | Exception | None = None
        self.bug: Exception | None = None

    def note_attempt(self, result: Source | Exception) -> None:
        """Tells who waits for it how the first attempt went."""
        with self.changed:
            self.first_attempt = self.first_attempt or result
            self.changed.notify_all()


class Capture(threading.Thread):
    """Opens a camera, reads it, and opens it again after a fault, until it is given up.

    Attributes:
        given_up: Set when nobody waits for it any more; it ends at the next chance.
        called_s: When it last called into a driver, on the clock of `time.monotonic`.
    """

    def __init__(
        self,
        open_source: Callable[[], Source],
        slot: Slot,
        patience: Patience,
        *,
        wait: bool,
        allow_still: bool,
        stop: threading.Event,
    ) -> None:
        """Nothing is opened before it is started; the arguments are those of `CameraFeed`."""
        super().__init__(name="capture", daemon=True)
        self.given_up = threading.Event()
        self.called_s = time.monotonic()
        self._open_source, self._slot, self._patience = open_source, slot, patience
        self._wait, self._allow_still, self._ending = wait, allow_still, stop
        self._still = StillCheck(patience)
        self._reopen_frozen_s = patience.reopen_frozen_s

    def run(self) -> None:
        """The thread's work."""
        pauses = self._patience.pauses()
        while not (self.given_up.is_set() or self._slot.ended):
            opened_s = self.called_s = time.monotonic()
            try:
                self._read()
            except Exception as error:  # of this code itself: the loop is to end with it
                with self._slot.changed:
                    self._slot.bug = self._slot.first_attempt = error
                    self._slot.changed.notify_all()
                return
            if time.monotonic() - opened_s > STEADY_S:
                pauses = self._patience.pauses()
            pause_s = next(pauses)
            self.called_s = time.monotonic() + pause_s
            self.given_up.wait(pause_s)

    @property
    def _is_over(self) -> bool:
        """Whether an end of the stream is no fault: a source's reads end when the run is to end."""
        return self.given_up.is_set() or self._ending.is_set()

    def _read(self) -> None:
        """Opens the camera and reads it until it fails."""
        slot = self._slot
        try:
            source = self._open_source()
        except CameraError as error:
            if (slot.first_attempt or self._wait) and not self._is_over:
                slot.troubles.begin("open", str(error))
            slot.note_attempt(error)
            return
        try:
            slot.name, slot.fps = source.name, source.fps
            slot.troubles.name = source.name
            slot.note_attempt(source)
            self._stream(source)
        except StreamEnd:
            slot.ended = True
        except CameraError as error:
            if not self._is_over:
                slot.troubles.begin("lost", str(error))
        finally:
            self.called_s = time.monotonic()
            source.close()

    def _stream(self, source: Source) -> None:
        """Reads the camera until it is given up or ends, which is a CameraError."""
        slot, opened_s = self._slot, time.monotonic()
        checked_s = 0.0
        shape: tuple[int, ...] | None = None
        bad_since_s: float | None = None
        while not self.given_up.is_set():
            taken_s = source.grab()
            if self.given_up.is_set():  # it was stuck, and another has taken its place
                return
            slot.alive_s = self.called_s = time.monotonic()
            slot.rhythm.beat(slot.alive_s)
            slot.captured += 1
            is_wanted = slot.wanted.is_set()
            if not is_wanted and slot.alive_s - checked_s < CHECK_EVERY_S:
                continue
            checked_s = slot.alive_s
            try:
                image = source.retrieve()
                check_picture(image)
            except FrameError as error:
                slot.troubles.count_bad_frame()
                bad_since_s = bad_since_s or slot.alive_s
                if slot.alive_s - bad_since_s > self._patience.bad_s:
                    slot.troubles.begin("bad frames", str(error), bad_since_s)
                    raise CameraError(str(error)) from error
                continue
            bad_since_s = None
            if shape and shape != image.shape:
                sizes = f"{shape[1]}x{shape[0]} to {image.shape[1]}x{image.shape[0]}"
                raise CameraError(f"its picture has changed from {sizes}")
            shape = image.shape
            if self._is_frozen(image, taken_s, opened_s):
                continue
            slot.troubles.end()
            if is_wanted:
                self._hand_over(image, taken_s)

    def _hand_over(self, image: np.ndarray, taken_s: float) -> None:
        """Gives a frame to who waits for it."""
        slot = self._slot
        with slot.changed:
            if self.given_up.is_set():
                return
            time_s = max(0.0, taken_s - slot.began_s)
            slot.newest = CapturedFrame(image, slot.captured - 1, time_s, taken_s)
            slot.wanted.clear()
            slot.changed.notify_all()

    def _is_frozen(self, image: np.ndarray, taken_s: float, opened_s: float) -> bool:
        """Whether the picture is the same as for some time; a CameraError when that lasts."""
        same_s = self._still.frozen_s(image, taken_s)
        if self._allow_still or same_s is None:
            self._reopen_frozen_s = self._patience.reopen_frozen_s
            return False
        what = f"the picture has not changed for {same_s:.1f} s (covered lens? --still allows it)"
        self._slot.troubles.begin("frozen", what, taken_s - same_s)
        if time.monotonic() - opened_s > self._reopen_frozen_s:
            self._reopen_frozen_s = min(2 * self._reopen_frozen_s, LONGEST_REOPEN_S)
            raise CameraError(what)
        return True
