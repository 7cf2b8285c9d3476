"""Takes pictures of a face while somebody holds a button, a few a second."""

import queue
import threading
import time
from collections.abc import Callable

import numpy as np

from ..errors import HappySadError
from .album import Album
from .moments import Moments

PER_S = 4.0  # pictures, at most
HELD_S = 0.7  # after a sign that the button is held; a browser that is gone gives none


class Collector:
    """Puts pictures into an album, on a thread of its own.

    `wanted` and `give` are for the loop's thread, `hold` for any.

    Attributes:
        said: What came of the last picture: "taken", "alike", or why there was none.
    """

    def __init__(
        self,
        album: Album,
        changed: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._album, self._changed, self._clock = album, changed, clock
        self._moments = Moments()
        self._label, self._until_s, self._last_s = "", 0.0, 0.0
        self._crops: queue.Queue[tuple[np.ndarray, str] | None] = queue.Queue(maxsize=2)
        self._thread: threading.Thread | None = None
        self.said = ""

    def hold(self, label: str) -> None:
        """Takes pictures of this label for a moment."""
        self._label, self._until_s = label, self._clock() + HELD_S

    def release(self) -> None:
        """Takes no more pictures."""
        self._until_s = 0.0

    @property
    def held(self) -> str | None:
        """The label that is held; None where none is."""
        return self._label if self._clock() < self._until_s else None

    def wanted(self) -> str | None:
        """The label of which a picture is due; None where none is."""
        is_due = self._clock() - self._last_s >= 1 / PER_S and not self._crops.full()
        return self.held if is_due else None

    def give(self, crop: np.ndarray | None, label: str, reason: str | None) -> None:
        """Takes a picture, or is told why there is none.

        Args:
            crop: uint8 (height, width, 3), BGR; nobody may change it later.
            label: As `wanted` gave it.
            reason: Why there is none: as of `Prediction`, or "no_face".
        """
        self._last_s = self._clock()
        if crop is None:
            self._say(reason or "no_face")
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="collector", daemon=True)
            self._thread.start()
        self._crops.put((crop, label))

    def close(self) -> None:
        """Ends the thread, when the last pictures are in the album."""
        if self._thread is not None:
            self._crops.put(None)
            self._thread.join()
            self._thread = None

    def _work(self) -> None:
        while (given := self._crops.get()) is not None:
            crop, label = given
            try:
                is_new = self._album.add(crop, label, self._moments.now(label))
            except HappySadError as error:
                self._say(str(error))
            else:
                self._say("taken" if is_new else "alike")

    def _say(self, said: str) -> None:
        self.said = said
        self._changed()
