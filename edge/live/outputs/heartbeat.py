"""Signs of life for the service manager: given for answered frames, not for a loop that turns."""

import time
from collections.abc import Callable

from ...camera.feed import Feed
from ...machine.notify import ServiceManager
from ...wording import band_text
from ..moment import Moment
from ..pace import Pace
from ..pulse import Pulse
from .output import Output

STATUS_EVERY_S = 10.0


class Heartbeat(Output):
    """Tells systemd that frames are answered, or that a camera is known to be away.

    While frames come and none is answered, and when a driver has swallowed every thread that was
    sent into it, there is no sign of life: the service is ended and started again.
    """

    def __init__(
        self,
        manager: ServiceManager,
        feed: Feed,
        pace: Pace,
        pulse: Pulse,
        clock: Callable[[], float] = time.monotonic,
        band: tuple[float, float] | None = None,
    ) -> None:
        self._manager, self._feed, self._pace, self._pulse = manager, feed, pace, pulse
        self._clock, self._band = clock, band_text(band)
        self._alive_every_s = (manager.watchdog_s or STATUS_EVERY_S) / 4
        self._alive_s = self._told_s = float("-inf")

    def __enter__(self) -> "Heartbeat":
        """Says that the model is loaded and the camera is opened, or waited for."""
        self._manager.tell("READY=1", f"STATUS=watching {self._feed.name}")
        return self

    def take(self, moment: Moment) -> None:
        """A frame was answered, or nobody could have."""
        if moment.frame is None and self._feed.is_beyond_help:
            return
        self._live()
        now_s = self._clock()
        if moment.changes or now_s - self._told_s >= STATUS_EVERY_S:
            self._told_s = now_s
            self._manager.tell(f"STATUS={self._text(moment)}")

    def idle(self) -> None:
        """Nothing is due: no frame at the pace that the user wants."""
        if self._pace.wait_s > 0:
            self._live()

    def finish(self) -> None:
        """Says that the service ends by itself."""
        self._manager.tell("STOPPING=1")

    def _live(self) -> None:
        now_s = self._clock()
        if now_s - self._alive_s >= self._alive_every_s:
            self._alive_s = now_s
            self._manager.tell("WATCHDOG=1")

    def _text(self, moment: Moment) -> str:
        first = moment.answers[0]
        if moment.frame is None:
            return f"no frames from {self._feed.name}"
        shown = "" if first.p_shown is None else f" {first.p_shown:.2f}"
        text = f"{first.label.replace('_', ' ')}{shown}, {self._pulse.fps:.1f} frames a second"
        return ", ".join(filter(None, (text, self._band)))
