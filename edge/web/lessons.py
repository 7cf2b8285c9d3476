"""What the page may do about teaching: a few buttons, pictures by their numbers, an archive."""

import asyncio
import zipfile
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, Protocol

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ..errors import HappySadError, one_line
from .screen import Screen
from .stream import Stream

FOLDER = "my-faces"  # in the archive
MOST_DIGITS = 9  # of a picture's number
ZIP_TIME = (1980, 1, 1, 0, 0, 0)  # the first that a zip file knows; when is in the names


class Lessons(Protocol):
    """The live loop's side: collects pictures, teaches with them, and lets the result answer.

    `revision` is another number whenever `state` gives something else. A HappySadError says in a
    line what does not go.
    """

    revision: int

    def state(self) -> dict[str, Any]:
        """All that there is to show, as JSON has it."""

    def hold(self, label: str) -> None:
        """Collects pictures of this label for a moment."""

    def release(self) -> None:
        """Collects no more."""

    def move(self, number: int, label: str) -> None:
        """Gives a picture another label."""

    def delete(self, number: int) -> None:
        """Deletes a picture."""

    def keep(self, is_kept: bool) -> None:
        """Whether the pictures outlive the program."""

    def forget(self) -> None:
        """Deletes all pictures."""

    def teach(self) -> None:
        """Begins a lesson."""

    def back(self) -> None:
        """Answers with the model before."""

    def picture(self, number: int) -> bytes | None:
        """The PNG file of a picture; None where it is gone."""

    def pictures(self) -> Iterator[tuple[str, bytes]]:
        """All pictures, each with its place in a folder as training reads it."""


class LessonPages:
    """Answers at the addresses of teaching."""

    def __init__(self, lessons: Lessons, screen: Screen) -> None:
        self._lessons, self._screen = lessons, screen

    def routes(self) -> list[Route]:
        """The addresses. What changes something is a POST, so that no link can do it."""
        lessons = self._lessons
        pictures = "/lessons/pictures/{number}"

        def label_of(request: Request) -> str:
            return str(request.path_params["label"])

        changes: dict[str, Callable[[Request], None]] = {
            "/lessons/hold/{label}": lambda request: lessons.hold(label_of(request)),
            "/lessons/release": lambda request: lessons.release(),
            f"{pictures}/move/{{label}}": lambda request: lessons.move(
                _number(request), label_of(request)
            ),
            f"{pictures}/delete": lambda request: lessons.delete(_number(request)),
            "/lessons/keep": lambda request: lessons.keep(True),
            "/lessons/keep-not": lambda request: lessons.keep(False),
            "/lessons/forget": lambda request: lessons.forget(),
            "/lessons/teach": lambda request: lessons.teach(),
            "/lessons/back": lambda request: lessons.back(),
        }
        return [
            Route("/lessons", self._state),
            Route("/lessons/pictures.zip", self._archive),
            Route(f"{pictures}.png", self._picture),
            *(Route(path, self._change(do), methods=["POST"]) for path, do in changes.items()),
        ]

    async def _state(self, request: Request) -> Response:
        return JSONResponse(await asyncio.to_thread(self._lessons.state))

    def _change(self, do: Callable[[Request], None]) -> Callable[[Request], Any]:
        """What answers where something is changed: with all that there is to show then."""

        def done(request: Request) -> dict[str, Any]:
            do(request)
            return self._lessons.state()

        async def change(request: Request) -> Response:
            try:
                return JSONResponse(await asyncio.to_thread(done, request))
            except HappySadError as error:
                raise HTTPException(409, one_line(error)) from error

        return change

    async def _picture(self, request: Request) -> Response:
        number = _number(request)
        content = await asyncio.to_thread(self._lessons.picture, number)
        if content is None:
            raise HTTPException(404, "this picture is gone")
        return Response(content, media_type="image/png")

    async def _archive(self, request: Request) -> Response:
        async def parts() -> AsyncIterator[bytes]:
            made = zipped(self._lessons.pictures())
            while (part := await asyncio.to_thread(next, made, None)) is not None:
                yield part

        name = f'attachment; filename="{FOLDER}.zip"'
        headers = {"content-disposition": name}
        return Stream(self._screen.seat(), parts(), "application/zip", headers)


def _number(request: Request) -> int:
    """That of a picture; of something else there is no page."""
    number = str(request.path_params["number"])
    if not (number.isascii() and number.isdigit() and len(number) <= MOST_DIGITS):
        raise HTTPException(404)
    return int(number)


class _Pipe:
    """What a zip file is written to; it goes on at once."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, part: bytes) -> int:
        self._parts.append(bytes(part))
        return len(part)

    def flush(self) -> None:
        pass

    def close(self) -> None:
        pass

    def taken(self) -> bytes:
        whole, self._parts = b"".join(self._parts), []
        return whole


def zipped(files: Iterator[tuple[str, bytes]]) -> Iterator[bytes]:
    """A zip file, a picture at a time: no more than one is in memory."""
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_STORED) as archive:
        for place, content in files:
            archive.writestr(zipfile.ZipInfo(f"{FOLDER}/{place}", ZIP_TIME), content)
            yield pipe.taken()
    yield pipe.taken()
