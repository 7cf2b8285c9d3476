"""The live loop: frames in, moments out."""

import threading
import time
from collections.abc import Callable, Iterator

import numpy as np

from ..camera.feed import CapturedFrame, Feed
from .answerer import Answerer
from .changes import NO_CAMERA, Changes
from .moment import Moment
from .pace import Pace
from .tracks import GRACE_S

WAIT_S = 0.1  # for a frame; then whoever iterates may look at keys, signals and the time
# After so long in trouble nobody knows who is there; a camera opened again at once is back sooner.
GONE_S = 1.0


def moments(
    feed: Feed,
    answerer: Answerer,
    pace: Pace,
    turn: Callable[[np.ndarray], np.ndarray],
    stop: threading.Event,
) -> Iterator[Moment]:
    """What happens before a camera or in a video, until it ends or is told to.

    Yields:
        A moment for each frame that is answered. While the camera gives none for longer than
        GONE_S, moments with the answer "no_face" and the reason "no_camera". And at least every
        WAIT_S one without answers (`is_idle`).
    """
    changes = Changes(0.0 if feed.is_video else GRACE_S)
    began_s = last_s = time.monotonic()
    time_s = 0.0
    while not stop.is_set():
        frame = None
        if pace.wait_s > 0:
            stop.wait(min(pace.wait_s, WAIT_S))
            feed.watch()
        else:
            frame = feed.next(WAIT_S)
        now_s = time.monotonic()
        news = (*feed.troubles.news(), *pace.news())
        if frame is not None:
            last_s, time_s = now_s, frame.time_s
            began_s = frame.taken_s - frame.time_s
            yield _answered(frame.with_image(turn(frame.image)), answerer, changes, news)
            pace.answered(feed)
            continue
        if not feed.is_video:
            time_s = now_s - began_s
        if feed.ended:
            if news:
                yield Moment(time_s, None, (), news=news)
            return
        if feed.troubles.is_down and now_s - last_s >= GONE_S:
            answerer.forget()
            yield Moment(time_s, None, (NO_CAMERA,), changes.no_camera(), news)
        else:
            yield Moment(time_s, None, (), news=news)


def _answered(
    frame: CapturedFrame, answerer: Answerer, changes: Changes, news: tuple[str, ...]
) -> Moment:
    answers = answerer.answer(frame.image, frame.time_s)
    age_ms = (time.monotonic() - frame.taken_s) * 1000
    changed = changes.update(answers, frame.time_s)
    return Moment(frame.time_s, frame, answers, changed, news, age_ms, answerer.has_worked)
