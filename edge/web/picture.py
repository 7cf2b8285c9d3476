"""What the page shows of one moment: the picture, what the model sees of it, the answers."""

import base64
import json
from collections.abc import Callable
from typing import Any

import numpy as np

from ..machine.opencv import cv2

LONGEST_SIDE = 1280  # pixels; more than a page shows
QUALITY = 80  # of JPEG; 640x480 pixels of a room are 40 to 60 KB


class Picture:
    """One moment, encoded when somebody asks and at most once; its methods are for one thread.

    Attributes:
        image: uint8 (height, width, 3), BGR; None while there is no camera.
    """

    def __init__(
        self,
        image: np.ndarray | None,
        crop: np.ndarray | None,
        facts: dict[str, Any],
        explain: Callable[[], dict[str, Any]] = dict,
    ) -> None:
        """Encodes nothing yet.

        Args:
            image: As of the attribute.
            crop: What the model was given, uint8 (height, width, 1 or 3), gray or RGB; None where
                it was given nothing.
            facts: What else there is to show, as JSON has it.
            explain: Gives what made the answer for the crop, as of `Overlay.of`; nothing where
                there is none.
        """
        self.image, self._crop, self._facts, self._explain = image, crop, facts, explain
        self._why: str | None = None
        self._jpeg: bytes | None = None
        self._text: str | None = None

    def jpeg(self) -> bytes | None:
        """The picture as a JPEG file; None while there is no camera."""
        if self._jpeg is None and self.image is not None:
            image = self.image
            factor = LONGEST_SIDE / max(image.shape[:2])
            if factor < 1:
                size_wh = (round(image.shape[1] * factor), round(image.shape[0] * factor))
                image = cv2.resize(image, size_wh, interpolation=cv2.INTER_AREA)
            _, encoded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
            self._jpeg = encoded.tobytes()
        return self._jpeg

    def text(self) -> str:
        """The facts as JSON, with the picture's size and the crop in it."""
        if self._text is None:
            size = None if self.image is None else self.image.shape[1::-1]
            crop = None if self._crop is None else _data_url(self._crop)
            self._text = json.dumps(
                {"kind": "picture", "size": size, "crop": crop, **self._facts}, allow_nan=False
            )
        return self._text

    def why(self) -> str:
        """What made the answer, as JSON."""
        if self._why is None:
            self._why = json.dumps({"kind": "why", **self._explain()}, allow_nan=False)
        return self._why


def _data_url(crop: np.ndarray) -> str:
    pixels = crop if crop.shape[2] == 1 else cv2.cvtColor(crop, cv2.COLOR_RGB2BGR)
    _, encoded = cv2.imencode(".png", pixels)
    return f"data:image/png;base64,{base64.b64encode(encoded.tobytes()).decode()}"
