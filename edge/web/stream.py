"""An answer without an end, to one who may be slow, or gone."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import AbstractContextManager

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

STALLED_S = 30.0  # without taking anything; then whoever it was loses the seat


class Stream(Response):
    """Sends part after part for as long as somebody takes them."""

    def __init__(
        self,
        seat: AbstractContextManager[None],
        parts: AsyncIterator[bytes],
        kind: str,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Begins with nothing sent.

        Args:
            seat: Held while it lasts; raises `Full` where there is none.
            parts: What to send.
            kind: The media type.
            headers: Others, their names in small letters.
        """
        self._seat, self._parts = seat, parts
        self.status_code, self.background = 200, None
        self.raw_headers = [(b"content-type", kind.encode()), (b"x-accel-buffering", b"no")]
        self.raw_headers += [(k.encode(), v.encode()) for k, v in (headers or {}).items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers; returns when the other side is gone, stalled, or the parts have an end."""
        with self._seat:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            gone = asyncio.ensure_future(_gone(receive))
            feeding = asyncio.ensure_future(self._feed(send))
            try:
                await asyncio.wait({gone, feeding}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in (gone, feeding):
                    task.cancel()
                    with contextlib.suppress(asyncio.CancelledError, asyncio.TimeoutError):
                        await task
                if isinstance(self._parts, AsyncGenerator):
                    await self._parts.aclose()

    async def _feed(self, send: Send) -> None:
        async for part in self._parts:
            message = {"type": "http.response.body", "body": part, "more_body": True}
            await asyncio.wait_for(send(message), STALLED_S)
        await send({"type": "http.response.body", "body": b""})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
