"""The loop: the newest frame, its answers, what has changed, to everybody who wants to know."""

import time
from collections.abc import Callable, Sequence

import numpy as np

from ..camera.feed import Feed
from .answerer import Answerer
from .changes import NO_CAMERA, Scene
from .moment import Moment
from .pace import Pace
from .pulse import Pulse
from .stopping import Stop
from .tracks import GRACE_S

WAIT_S = 0.1  # for a frame; then signals, keys and the camera's silence are looked at
# After so long in trouble nobody knows who is there; a camera opened again at once is back sooner.
GONE_S = 1.0

Taker = Callable[[Moment], None]


def run_live(
    feed: Feed,
    answerer: Answerer,
    takers: Sequence[Taker],
    *,
    stop: Stop,
    pace: Pace,
    pulse: Pulse,
    tell: Callable[[str], None],
    turn: Callable[[np.ndarray], np.ndarray],
    idle: Callable[[], None] = lambda: None,
    duration_s: float | None = None,
) -> None:
    """Runs until the end is asked for, the video ends, or the time is over.

    Args:
        feed: Where the frames come from.
        answerer: What answers for a frame.
        takers: Called with every moment, in order.
        stop: Asks for the end.
        pace: Says when the next frame is due.
        pulse: Is told of every answered frame.
        tell: Takes a line for the user: faults of the camera.
        turn: Turns a frame as the user wants it.
        idle: Called at least every WAIT_S while no frame is answered.
        duration_s: The time, in seconds of the stream.
    """
    scene = Scene(0.0 if feed.is_video else GRACE_S)
    began_s = last_s = time.monotonic()
    time_s = 0.0
    while not stop.event.is_set():
        frame = None
        if pace.wait_s > 0:
            stop.event.wait(min(pace.wait_s, WAIT_S))
            feed.watch()
        else:
            frame = feed.next(WAIT_S)
        for news in feed.troubles.news():
            tell(news)
        now_s = time.monotonic()
        if frame is not None:
            last_s, time_s = now_s, frame.time_s
            began_s = frame.taken_s - frame.time_s
            frame = frame.with_image(turn(frame.image))
            answers = answerer.answer(frame.image, time_s)
            answered_s = time.monotonic()
            latency_ms, age_ms = (answered_s - now_s) * 1000, (answered_s - frame.taken_s) * 1000
            pulse.add(answered_s, latency_ms, age_ms)
            _give(Moment(time_s, frame, answers, scene.changes(answers, time_s)), takers)
            pace.answered(feed)
        elif feed.ended:
            return
        else:
            if not feed.is_video:
                time_s = now_s - began_s
            if feed.troubles.is_down and now_s - last_s >= GONE_S:
                answerer.forget()
                _give(Moment(time_s, None, (NO_CAMERA,), scene.no_camera()), takers)
            idle()
        if duration_s is not None and time_s >= duration_s:
            return


def _give(moment: Moment, takers: Sequence[Taker]) -> None:
    for take in takers:
        take(moment)
