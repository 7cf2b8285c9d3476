"""Answers for a picture that a program sends: `POST /classify`."""

import asyncio
import io
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import numpy as np
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from ..errors import HappySadError, ImageError, one_line
from ..images.image_file import MAX_FILE_MB, decode_image
from ..machine.memory import picture_bytes
from ..prediction import Prediction
from ..terminal.report import answer_object

ARRIVAL_S = 60.0  # for all of a picture to come
TURN_S = 10.0  # to wait for the one before


class Question:
    """Answers for one picture at a time, so that many at once do not fill the memory."""

    def __init__(
        self,
        make: Callable[[], Callable[[np.ndarray], list[Prediction]]],
        band: tuple[float, float] | None = None,
    ) -> None:
        """Loads nothing before the first picture.

        Args:
            make: Loads a model of its own, since that of the live loop is busy, if need be, and
                gives what answers for a picture, uint8 (height, width, 3), BGR.
            band: Limits in place of the model's; None for its own.
        """
        self._make, self._band = make, band
        self._turn = asyncio.Lock()
        # The file is in memory beside what is decoded of it.
        self._most_bytes = min(MAX_FILE_MB * 1_000_000, picture_bytes() // 4)

    async def ask(
        self, headers: Mapping[str, str], body: AsyncIterator[bytes]
    ) -> list[dict[str, Any]]:
        """The answers, as `classify --json` gives them.

        Raises:
            HTTPException: It is too large or too slow, no image, others are before it, or the model
                cannot be loaded once more.
        """
        length = headers.get("content-length", "0")
        if length.isdigit() and int(length) > self._most_bytes:
            raise self._too_large()
        try:
            await asyncio.wait_for(self._turn.acquire(), TURN_S)
        except asyncio.TimeoutError:
            raise HTTPException(503, "busy with another picture", {"retry-after": "1"}) from None
        try:
            data = await asyncio.wait_for(self._whole(body), ARRIVAL_S)
            return await asyncio.to_thread(self._answers, data)
        except asyncio.TimeoutError:
            raise HTTPException(408, f"did not come within {ARRIVAL_S:.0f} s") from None
        except ClientDisconnect:
            raise HTTPException(400, "the picture broke off") from None
        except ImageError as error:
            raise HTTPException(422, one_line(error)) from error
        except HappySadError as error:
            raise HTTPException(503, one_line(error)) from error
        finally:
            self._turn.release()

    def _answers(self, data: bytes) -> list[dict[str, Any]]:
        if not data:
            raise ImageError("empty: send the content of an image file")
        image = decode_image(data)
        answers = self._make()(image)
        return [answer_object(None, None, None, answer, self._band) for answer in answers]

    async def _whole(self, body: AsyncIterator[bytes]) -> bytes:
        data = io.BytesIO()  # its value is no copy
        async for part in body:
            if data.tell() + len(part) > self._most_bytes:
                raise self._too_large()
            data.write(part)
        return data.getvalue()

    def _too_large(self) -> HTTPException:
        return HTTPException(413, f"more than the cap of {self._most_bytes // 1_000_000} MB")
