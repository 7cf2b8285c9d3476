"""The addresses of the page, and what answers at each."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from ..errors import RuntimeMissingError
from .diary import Diary
from .lessons import LessonPages, Lessons
from .question import Question
from .screen import Full, Screen
from .stream import STALLED_S, Stream

FILES = {"/": "page.html"} | {f"/{name}": name for name in (
    "page.css", "page.js", "stage.js", "chart.js", "figures.js", "verdict.js", "why.js",
    "lessons.js", "album.js", "icon.svg",
)}  # fmt: skip
KINDS = {
    ".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml",
}  # fmt: skip
FIRST_S = 3.0  # for a picture, where nobody looked before
IDLE_S = 1.0  # between two messages while there is nothing new
BOUNDARY = "happysad"
ENDS, NO_TEXT, TRY_LATER = 1001, 1003, 1013  # RFC 6455 and its IANA registry


@dataclass(frozen=True, slots=True)
class Sources:
    """What the page is made from.

    Attributes:
        screen: The newest picture.
        diary: The last minutes.
        hello: What never changes: the model's name, the camera's, and so on.
        health: Whether all is well, and what is to be said about it.
        question: Answers for a picture that somebody sends.
        lessons: What the page can do about teaching.
        metrics: The text for Prometheus; a RuntimeMissingError without its package.
    """

    screen: Screen
    diary: Diary
    hello: dict[str, Any]
    health: Callable[[], tuple[bool, dict[str, Any]]]
    question: Question
    lessons: Lessons
    metrics: Callable[[], bytes]


def site(sources: Sources) -> Starlette:
    """The application."""
    pages = _Pages(sources)
    app = Starlette(
        routes=[
            *(Route(path, _file(name)) for path, name in FILES.items()),
            Route("/healthz", pages.healthz),
            Route("/metrics", pages.metrics),
            Route("/snapshot.jpg", pages.snapshot),
            Route("/stream.mjpg", pages.stream),
            Route("/answers", pages.answers),
            Route("/classify", pages.classify, methods=["POST"]),
            WebSocketRoute("/live", pages.live),
            *LessonPages(sources.lessons, sources.screen).routes(),
        ],
        exception_handlers={HTTPException: _one_line, Full: _full},
    )
    app.router.redirect_slashes = False
    return app


class _Pages:
    def __init__(self, sources: Sources) -> None:
        self._sources, self._screen = sources, sources.screen

    async def healthz(self, request: Request) -> Response:
        is_well, facts = self._sources.health()
        return JSONResponse(facts, 200 if is_well else 503)

    def metrics(self, request: Request) -> Response:
        """On a thread of starlette's, since loading the package takes a moment."""
        try:
            text = self._sources.metrics()
        except RuntimeMissingError as error:
            raise HTTPException(501, str(error)) from error
        return Response(text, media_type="text/plain; version=0.0.4")

    async def snapshot(self, request: Request) -> Response:
        with self._screen.seat():
            async for jpeg in self._jpegs(FIRST_S):
                return Response(jpeg, media_type="image/jpeg")
        raise HTTPException(503, "no camera gives pictures now")

    async def stream(self, request: Request) -> Response:
        async def parts() -> AsyncIterator[bytes]:
            async for jpeg in self._jpegs():
                head = f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}"
                yield f"{head}\r\n\r\n".encode() + jpeg + b"\r\n"

        kind = f"multipart/x-mixed-replace; boundary={BOUNDARY}"
        return Stream(self._screen.seat(), parts(), kind)

    async def answers(self, request: Request) -> Response:
        async def events() -> AsyncIterator[bytes]:
            with self._screen.listening() as listener:
                while not self._screen.is_closed:
                    while listener.lines:
                        yield f"data: {listener.lines.popleft()}\n\n".encode()
                    if not await self._screen.changed(10 * IDLE_S) and not self._screen.is_closed:
                        yield b": still here\n\n"

        return Stream(self._screen.seat(), events(), "text/event-stream")

    async def classify(self, request: Request) -> Response:
        return JSONResponse(await self._sources.question.ask(request.headers, request.stream()))

    async def live(self, socket: WebSocket) -> None:
        """Sends picture after picture, each when the one before has been shown."""
        await socket.accept()
        try:
            with self._screen.seat():
                code = await self._show(socket)
            await socket.close(code, self._screen.farewell)
        except Full:
            await socket.close(TRY_LATER, self._screen.full)
        except WebSocketDisconnect:
            pass
        except asyncio.TimeoutError:  # neither shown nor gone
            await socket.close(TRY_LATER, "nothing was shown")

    async def _show(self, socket: WebSocket) -> int:
        """Goes on until the program ends, or is told what is no text; gives the close code."""
        await socket.send_text(json.dumps({"kind": "hello", **self._sources.hello}))
        number = entry = 0
        asks_why = False
        revision = self._sources.lessons.revision
        while not self._screen.is_closed:
            number_before, number = number, await self._screen.next(number, IDLE_S)
            entry, entries = self._sources.diary.since(entry)
            if entries:
                await socket.send_text(json.dumps({"kind": "diary", "entries": entries}))
            if self._sources.lessons.revision != revision:
                revision = self._sources.lessons.revision
                await socket.send_text('{"kind": "lessons"}')
            picture = self._screen.newest
            if picture is None or number == number_before:
                await socket.send_text('{"kind": "nothing"}')
            else:
                if asks_why:
                    await socket.send_text(await self._screen.explained(picture))
                text, jpeg = await self._screen.encoded(picture)
                await socket.send_text(text)
                if jpeg:
                    await socket.send_bytes(jpeg)
            shown = await self._screen.unless_ended(socket.receive(), STALLED_S)
            if shown is None:
                break
            if shown["type"] == "websocket.disconnect":
                raise WebSocketDisconnect(shown["code"])
            if shown.get("text") is None:
                return NO_TEXT
            asks_why = shown["text"] == "why"
        return ENDS

    async def _jpegs(self, seconds: float | None = None) -> AsyncIterator[bytes]:
        """Pictures as they come; only the first, and only within a time, where one is given."""
        number, end_s = 0, time.monotonic() + (seconds or 0.0)
        while not self._screen.is_closed and (seconds is None or time.monotonic() < end_s):
            before, number = number, await self._screen.next(number, IDLE_S)
            picture = self._screen.newest
            if picture is not None and number != before:
                _, jpeg = await self._screen.encoded(picture)
                if jpeg:
                    yield jpeg


def _file(name: str) -> Callable[[Request], Response]:
    """Answers with a file of this folder, which is read once, at the start."""
    path = Path(__file__).parent / name
    content, kind = path.read_bytes(), KINDS[path.suffix]

    async def answer(request: Request) -> Response:
        return Response(content, media_type=kind)

    return answer  # type: ignore[return-value]


async def _one_line(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return PlainTextResponse(f"{error.detail}\n", error.status_code, error.headers)


async def _full(request: Request, error: Exception) -> Response:
    screen: Screen = error.args[0]
    return PlainTextResponse(f"{screen.full}\n", 503, {"retry-after": "10"})
