"""Stills of the moment: --photo."""

import time
from functools import partial
from pathlib import Path

import numpy as np

from ...gallery.blur import blurred
from ...machine.opencv import cv2
from ...machine.output_file import write_bytes
from ...prediction import Box
from ..answerer import Answerer
from ..keeping import Keeping
from ..moment import Moment
from .errands import Errands
from .occasions import Occasion, Occasions, galleries, saved, sight, trim
from .output import Output

QUALITY = [cv2.IMWRITE_JPEG_QUALITY, 92]


class Photos(Output):
    """Saves the frame as the model saw it, without any drawing on it."""

    def __init__(self, keep: Keeping, answerer: Answerer) -> None:
        """Makes nothing yet.

        Args:
            keep: What is wanted, and its caps.
            answerer: Knows where faces are.

        Raises:
            OutputError: A folder cannot be written to.
        """
        self._keep, self._answerer = keep, answerer
        self._occasions = Occasions(keep.photos, keep.pause_s)
        self._galleries = galleries(keep.photos, keep.caps)

    def __enter__(self) -> "Photos":
        """Begins to wait for something to save."""
        self._errands = Errands("photos", 4, partial(trim, self._galleries.values()))
        return self

    def take(self, moment: Moment) -> None:
        """Hands over what is to be saved of a moment."""
        for occasion in self._occasions.of(moment):
            assert moment.frame
            boxes = sight(moment, self._answerer).hidden(self._keep.blur, occasion.face)
            self._save(occasion, moment.frame.image, boxes)

    def _save(self, occasion: Occasion, image: np.ndarray, boxes: list[Box]) -> None:
        now, label = time.time(), occasion.change.answer.label
        gallery = self._galleries[occasion.folder]

        def save() -> None:
            shown = blurred(image, boxes) if boxes else image
            _, encoded = cv2.imencode(".jpg", shown, QUALITY)
            gallery.add(now, label, ".jpg", partial(write_jpeg, encoded=encoded))

        self._errands.give(save)

    def finish(self) -> None:
        """Begins to end."""
        self._errands.finish()

    def saved(self) -> str:
        """As of `Output`."""
        self._errands.close()
        return saved(self._galleries.values(), "photo")

    def shortfall(self) -> str:
        """As of `Output`."""
        return self._errands.shortfall()

    def __exit__(self, *error: object) -> None:
        """Waits for the last one."""
        self._errands.close()


def write_jpeg(path: Path, encoded: np.ndarray) -> None:
    """Writes a picture for its owner alone, whole or not at all.

    Args:
        path: Where to.
        encoded: uint8 (n,), the content.

    Raises:
        OutputError: It cannot be written.
    """
    write_bytes(path, encoded.tobytes(), mode=0o600)
