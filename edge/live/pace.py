"""How many frames a second are answered: what the user allows, and what the machine bears."""

import time
from collections.abc import Callable

from ..camera.feed import Feed
from ..machine.board import Board

HOT_C, COOL_C = 80.0, 75.0  # the Pi's firmware slows the CPU from 80 degrees on
LOOK_EVERY_S = 2.0  # at the board's health
STEP_S = 10.0  # between two changes of the rate, so that one shows its effect
SLOWEST_FPS = 1.0
SLOW_AFTER_S = 10.0
SLOW_SHARE = 0.7  # of the camera's frames; answering fewer for long is said once


class Pace:
    """When the next frame is due.

    Attributes:
        limit_fps: Frames per second at most; None without a limit.
    """

    def __init__(
        self,
        max_fps: float | None,
        board: Board,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begins at the rate that the user allows.

        Args:
            max_fps: Frames per second at most; None for all that come.
            board: What the machine tells of its health.
            clock: In seconds.
        """
        self.limit_fps = self._max_fps = max_fps
        self._board, self._clock = board, clock
        self._news: list[str] = []
        self._due_s = self._looked_s = self._stepped_s = clock()
        self._answered = self._captured = 0  # since the last look
        self._natural_fps = 0.0
        self._slow_s: float | None = 0.0  # for how long it has been; None when that was said

    @property
    def wait_s(self) -> float:
        """How long until the next frame is due, in seconds; 0 or less when it is."""
        return self._due_s - self._clock()

    def news(self) -> list[str]:
        """Lines for the user since the last call."""
        news, self._news = self._news, []
        return news

    def answered(self, feed: Feed) -> None:
        """Counts an answered frame, and looks now and then whether the rate is right."""
        self._answered += 1
        now_s = self._clock()
        if self.limit_fps:
            self._due_s = max(self._due_s + 1 / self.limit_fps, now_s)
        span_s = now_s - self._looked_s
        if span_s < LOOK_EVERY_S:
            return
        self._looked_s = now_s
        rate, camera_rate = self._answered / span_s, (feed.captured - self._captured) / span_s
        self._answered, self._captured = 0, feed.captured
        self._mind_heat(now_s, rate)
        if span_s < 2 * LOOK_EVERY_S:  # else the camera was gone
            self._mind_slowness(span_s, rate, camera_rate)

    def _mind_slowness(self, span_s: float, rate: float, camera_rate: float) -> None:
        """Says once when the machine cannot keep up with the camera."""
        if self.limit_fps or self._slow_s is None:
            return
        self._slow_s = self._slow_s + span_s if rate < SLOW_SHARE * camera_rate else 0.0
        if self._slow_s >= SLOW_AFTER_S:
            self._slow_s = None
            self._news.append(
                f"slow: {rate:.1f} of the camera's {camera_rate:.1f} frames a second are "
                "answered, always the newest; more --threads or --detector short may help"
            )

    def _mind_heat(self, now_s: float, rate: float) -> None:
        """Halves the rate while the machine is too hot or short of power, and doubles it after."""
        if now_s - self._stepped_s < STEP_S:
            return
        health = self._board.health()
        hot = health.temperature_c is not None and health.temperature_c >= HOT_C
        cool = health.temperature_c is None or health.temperature_c <= COOL_C
        reasons = [f"{health.temperature_c:.0f} C"] if hot else []
        reasons += health.throttled
        if reasons:
            slower = max(SLOWEST_FPS, rate / 2)
            if slower < rate:
                self._natural_fps = self._natural_fps or rate
                self.limit_fps, self._stepped_s = slower, now_s
                self._news.append(
                    f"slowed down to {slower:.1f} frames a second: {', '.join(reasons)}"
                )
        elif self._natural_fps and cool and self.limit_fps:
            self._stepped_s = now_s
            self.limit_fps *= 2
            if self.limit_fps >= self._natural_fps:
                self.limit_fps, self._natural_fps = self._max_fps, 0.0
                self._news.append("full rate again: the machine has recovered")
