"""A camera that sends pictures over HTTP: one body without an end, or one picture a request."""

import threading
import time
from http.client import HTTPException, HTTPResponse

import numpy as np

from ...errors import CameraError, FrameError, ImageError
from ...images.image_file import decode_image
from ...images.image_header import read_header
from ...machine.opencv import cv2
from ..limits import SILENT_S, check_size
from ..rhythm import Rhythm
from .client import NOT_MODIFIED
from .opening import Answer
from .parts import Picture, Pictures

CHUNK = 1 << 16
POLLED_FPS = 2.0  # of a snapshot address, where the user asks for no other rate
NOTICED_S = 3.0  # a fast stream that is silent for so long is opened again


class HttpPictures:
    """Pictures as a server sends them; attributes and methods as of `Source`.

    A body that ends after one picture is a snapshot, which is asked for again and again.
    """

    def __init__(self, answer: Answer, name: str, fps: float | None, stop: threading.Event) -> None:
        """Waits for the first picture; the answer's connection is closed with this.

        Raises:
            CameraError: None comes.
        """
        polled_fps = fps or POLLED_FPS
        self.name = name
        self.fps = None if answer.response.length is None else polled_fps
        self._client, self._stop = answer.client, stop
        self._interval_s = 1 / polled_fps
        self._rhythm = Rhythm(NOTICED_S, SILENT_S)
        self._asked_s = answer.asked_s
        self._begin_body(answer.response, answer.began)
        try:
            self._picture = self._next()
        except CameraError:
            self.close()
            raise
        self._is_first = True

    def grab(self) -> float:
        """Waits for the next picture; as of `Source`."""
        if self._is_first:
            self._is_first = False
        else:
            self._picture = self._next()
        return time.monotonic()

    def retrieve(self) -> np.ndarray:
        """Decodes it; as of `Source`."""
        data = self._picture.data
        if not self._picture.is_whole:
            raise FrameError("gives truncated pictures")
        header = read_header(data)
        if header.size_wh:
            check_size(*header.size_wh)
        if header.damage:
            raise FrameError(f"gives pictures that are damaged ({header.damage})")
        if header.format != "jpeg":
            try:
                return decode_image(data)
            except ImageError as error:
                raise FrameError(f"gives pictures that cannot be decoded ({error})") from error
        # Directly: `decode_image` drops what other threads print to stderr meanwhile.
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
        if image is None:
            raise FrameError("gives damaged JPEGs")
        return image

    def close(self) -> None:
        """Closes the connection."""
        self._client.close()

    def _begin_body(self, response: HTTPResponse, began: bytes = b"") -> None:
        self._response, self._pictures, self._count = response, Pictures(), 0
        self._pictures.feed(began)

    def _next(self) -> Picture:
        """The next picture, from this body or, of a snapshot, from the next."""
        waits_since_s = self._asked_s if self._count == 0 else time.monotonic()
        while True:
            if picture := self._pictures.take():
                break
            if chunk := self._read(waits_since_s + self._rhythm.patience_s):
                self._pictures.feed(chunk)
            elif picture := self._pictures.rest():
                break
            elif self._count == 0:
                raise CameraError("its answer has no picture in it")
            elif self._count > 1:
                raise CameraError("the stream has ended")
            elif self._ask_again():
                waits_since_s = time.monotonic()
            else:
                return self._picture
        self._count += 1
        self._rhythm.beat(time.monotonic())
        return picture

    def _read(self, deadline_s: float) -> bytes:
        """The next bytes of the body; none at its end."""
        self._client.wait_until(deadline_s)
        try:
            chunk = self._response.read1(CHUNK)
            if not chunk:
                self._response.close()  # or the connection could not be used again
            return chunk
        except TimeoutError as error:
            raise CameraError(
                "gives no picture any more" if self._count else "it gives no picture"
            ) from error
        except (HTTPException, OSError, ValueError) as error:
            raise CameraError("the connection broke off") from error

    def _ask_again(self) -> bool:
        """Asks for the next snapshot when it is due; False where it is the same as the last."""
        headers = {
            ours: tag
            for ours, theirs in (
                ("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified"),
            )
            if (tag := self._response.headers.get(theirs))
        }  # fmt: skip
        self._stop.wait(max(0.0, self._asked_s + self._interval_s - time.monotonic()))
        self._asked_s = time.monotonic()
        response = self._client.get(headers, self._asked_s + SILENT_S)
        if response.status == NOT_MODIFIED:
            response.read()
            return False
        self._begin_body(response)
        return True
