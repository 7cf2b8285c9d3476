"""Faces that the model was not sure of, for a person to sort: --keep-doubtful."""

import time
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import numpy as np

from ...errors import ImageError, OutputError
from ...gallery.blur import blurred
from ...gallery.cutout import cutout, inner
from ...gallery.gallery import Gallery
from ...images.image_file import is_image_name, read_image
from ...labels import ANSWERS
from ...machine.kernel_file import entries
from ...machine.opencv import cv2
from ...machine.output_file import check_folder
from ...prediction import Box, Prediction
from ...teach.alike import NEAR, thumbnail
from ..answerer import Answerer
from ..keeping import Keeping
from ..moment import Moment
from .errands import Errands
from .occasions import saved, sight
from .output import Output
from .photos import QUALITY, write_jpeg

UNSORTED = "unsorted"
MIN_SIDE = 16  # pixels of a picture
MAX_KNOWN = 2000  # pictures that a new one is compared with; 2 MB


class Doubtful(Output):
    """Saves faces that are unsure, or whose answer has changed, unless one like it is there.

    They go into a folder `unsorted`, beside folders with the names of the answers, into which a
    person sorts them: what `teach` and training read.
    """

    def __init__(self, folder: Path, keep: Keeping, answerer: Answerer) -> None:
        """Makes nothing yet."""
        self._folder, self._keep, self._answerer = folder, keep, answerer
        self._gallery = Gallery(folder / UNSORTED, keep.caps)
        self._known: list[np.ndarray] = []
        self._is_asked = self._ends = False
        self._last_s: dict[str, float] = {}

    def __enter__(self) -> "Doubtful":
        """Makes the folders, and begins to wait for doubtful faces.

        Raises:
            OutputError: They cannot be made.
        """
        check_folder(self._folder / UNSORTED)
        for name in (UNSORTED, *ANSWERS):
            place = self._folder / name
            try:
                if not self._folder.exists():
                    self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                place.mkdir(mode=0o700, exist_ok=True)
            except OSError as error:
                raise OutputError(f"cannot make {place}: {error.strerror}") from error
        self._errands = Errands("doubtful faces", 4, self._gallery.trim, first=self._remember)
        return self

    def take(self, moment: Moment) -> None:
        """Hands over the doubtful faces of a moment."""
        if moment.frame is None:
            return
        for kind, answer in _doubtful(moment):
            last_s = self._last_s.get(kind, float("-inf"))
            if not 0 <= moment.time_s - last_s < self._keep.pause_s:
                self._last_s[kind] = moment.time_s
                hidden = sight(moment, self._answerer).hidden(self._keep.blur, answer.track_id)
                image = moment.frame.image
                self._is_asked = True
                self._errands.give(partial(self._save, image, answer, hidden, time.time()))

    def _save(
        self, image: np.ndarray, answer: Prediction, hidden: list[Box], time_s: float
    ) -> None:
        picture = cutout(blurred(image, hidden) if hidden else image, answer.box)
        if min(picture.shape[:2]) < MIN_SIDE:
            return
        small = thumbnail(inner(picture))
        if self._known and float((np.array(self._known) @ small).max()) >= NEAR:
            return
        _, encoded = cv2.imencode(".jpg", picture, QUALITY)
        self._gallery.add(time_s, answer.label, ".jpg", partial(write_jpeg, encoded=encoded))
        self._known = [*self._known[1 - MAX_KNOWN :], small]

    def _remember(self) -> None:
        """Looks at the newest pictures that are there, unless it ends before a face."""
        found = []
        for name in (UNSORTED, *ANSWERS):
            for path in entries(self._folder / name):
                with suppress(OSError):  # it is being sorted at this moment
                    if is_image_name(path) and path.is_file():
                        found.append((path.stat().st_mtime, path))
        for _, path in sorted(found)[-MAX_KNOWN:]:
            if self._ends and not self._is_asked:
                return
            try:
                self._known.append(thumbnail(inner(read_image(path))))
            except (ImageError, cv2.error):  # somebody else's, or of a few pixels
                continue

    def finish(self) -> None:
        """Begins to end."""
        self._ends = True
        self._errands.finish()

    def saved(self) -> str:
        """As of `Output`."""
        self._errands.close()
        return saved([self._gallery], "doubtful face")

    def shortfall(self) -> str:
        """As of `Output`."""
        return self._errands.shortfall()

    def __exit__(self, *error: object) -> None:
        """Waits for the last one."""
        self._errands.close()


def _doubtful(moment: Moment) -> Iterator[tuple[str, Prediction]]:
    """The faces that the model was asked about and is not sure of, each with why."""
    for change in moment.changes:
        is_other = change.previous in ANSWERS and change.answer.label in ANSWERS
        if is_other and change.answer.p_happy is not None:
            yield "changed", change.answer
    for answer in moment.answers:
        if answer.label == "unsure" and answer.p_happy is not None:
            yield "unsure", answer
