"""Seconds before and after a change, as a video: --clip."""

import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from ...gallery.blur import blurred
from ...gallery.ring import Ring, Still, hidden
from ...gallery.sight import Sight
from ...machine.opencv import cv2
from ...video.pyav import pyav
from ...video.writer import video_file
from ..answerer import Answerer
from ..keeping import Keeping
from ..moment import Moment
from .errands import Errands
from .occasions import Occasion, Occasions, galleries, saved, sight, trim
from .output import Output

FPS = 10.0  # of a clip, at most; each costs a JPEG there and back, and H.264
LONGEST_SIDE = 1280  # pixels of a clip, at most
QUALITY = [cv2.IMWRITE_JPEG_QUALITY, 85]
LONGEST_WAIT_S = 1.0  # for the encoder, where frames come as fast as they are taken
EARLY_S = 0.2 / FPS  # that a frame may come before its beat
MAX_RAW = 4  # frames that wait to be encoded


@dataclass(frozen=True, slots=True)
class _Cut:
    """A clip that is waited for, until its last second is over."""

    occasion: Occasion
    start_s: float
    end_s: float
    now: float


class Clips(Output):
    """Keeps the last seconds as JPEG on a thread of its own, and makes videos on another."""

    def __init__(self, keep: Keeping, answerer: Answerer, is_video: bool) -> None:
        """Makes nothing yet.

        Args:
            keep: What is wanted, and its caps.
            answerer: Knows where faces are.
            is_video: Whether frames come as fast as they are taken, so that none is left out.

        Raises:
            OutputError: A folder cannot be written to.
            RuntimeMissingError: Videos cannot be written here.
        """
        self._keep, self._answerer = keep, answerer
        self._wait_s = LONGEST_WAIT_S if is_video else 0.0
        self._occasions = Occasions(keep.clips, keep.pause_s)
        self._galleries = galleries(keep.clips, keep.caps)
        pyav()
        self._ring = Ring(keep.before_s + keep.after_s + 1)
        self._jobs: queue.Queue[Callable[[], None] | None] = queue.Queue()
        self._room = threading.Semaphore(MAX_RAW)
        self._cuts: list[_Cut] = []
        self._last_s = self._due_s = float("-inf")
        self._ends = False
        self._encoder = threading.Thread(target=self._encode, name="clip frames", daemon=True)

    def __enter__(self) -> "Clips":
        """Begins to keep the last seconds."""
        self._errands = Errands("clips", 2, partial(trim, self._galleries.values()))
        self._encoder.start()
        return self

    def take(self, moment: Moment) -> None:
        """Keeps a frame, and cuts the clips whose time is over."""
        if moment.frame is not None:
            self._keep_frame(moment, moment.frame.image)
        for occasion in self._occasions.of(moment):
            at_s, keep = moment.time_s, self._keep
            cut = _Cut(occasion, at_s - keep.before_s, at_s + keep.after_s, time.time())
            self._cuts.append(cut)
        self._cut(moment.time_s)

    def _keep_frame(self, moment: Moment, image: np.ndarray) -> None:
        """Hands over a frame if one is due, by a beat of its own: 10 of 15 a second, not 7.5."""
        time_s = moment.time_s
        if time_s < self._last_s:  # a stream's clock jumped back
            self._cut(float("inf"))
            self._due_s = float("-inf")
        self._last_s = time_s
        if time_s >= self._due_s - EARLY_S and self._room.acquire(timeout=self._wait_s):
            self._due_s = max(self._due_s, time_s - EARLY_S) + 1 / FPS
            self._jobs.put(partial(self._add, image, time_s, sight(moment, self._answerer)))

    def _cut(self, time_s: float) -> None:
        """Lets the clips be made that end before a time."""
        for cut in [cut for cut in self._cuts if cut.end_s <= time_s]:
            self._cuts.remove(cut)
            self._jobs.put(partial(self._hand_over, cut))

    def _encode(self) -> None:
        """Does what is queued, in order: a clip has all frames that came before its end."""
        while job := self._jobs.get():
            job()

    def _add(self, image: np.ndarray, time_s: float, seen: Sight) -> None:
        try:
            factor = min(1.0, LONGEST_SIDE / max(image.shape[:2]))
            if factor < 1:
                image = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
                seen = seen.scaled(factor)
            _, encoded = cv2.imencode(".jpg", image, QUALITY)
        except (cv2.error, MemoryError):  # no memory: a clip without this frame, not a run's end
            return
        finally:
            self._room.release()
        self._ring.add(Still(time_s, encoded.tobytes(), seen))

    def _hand_over(self, cut: _Cut) -> None:
        stills = self._ring.between(cut.start_s, cut.end_s)
        if stills:
            gallery, label = self._galleries[cut.occasion.folder], cut.occasion.change.answer.label
            write = partial(self._write, stills, cut.occasion.face)
            self._errands.give(partial(gallery.add, cut.now, label, ".mp4", write))

    def _write(self, stills: list[Still], face: int | None, path: Path) -> None:
        height, width = stills[0].image().shape[:2]
        size_wh = (width, height)
        with video_file(path, FPS, size_wh, mode=0o600, is_quick=True) as film:
            for index, still in enumerate(stills):
                image = still.image()
                boxes = hidden(stills[index:], self._keep.blur, face)
                image = blurred(image, boxes) if boxes else image
                if image.shape[1::-1] != size_wh:  # the camera came back with another
                    image = cv2.resize(image, size_wh, interpolation=cv2.INTER_AREA)
                film.write(image, still.time_s)

    def finish(self) -> None:
        """Begins to end: clips that are waited for end here."""
        if not self._ends:
            self._ends = True
            self._cut(float("inf"))
            self._jobs.put(self._errands.finish)
            self._jobs.put(None)

    def saved(self) -> str:
        """As of `Output`."""
        self._encoder.join()
        self._errands.close()
        return saved(self._galleries.values(), "clip")

    def shortfall(self) -> str:
        """As of `Output`."""
        self._encoder.join()
        return self._errands.shortfall()

    def __exit__(self, *error: object) -> None:
        """Waits for the last one."""
        self.finish()
        self._encoder.join()
        self._errands.close()
