"""The newest picture and the newest lines, handed from the live loop to all who look."""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Coroutine, Iterator, Sequence
from typing import Any, TypeVar

from .picture import Picture

T = TypeVar("T")
PICTURES_PER_S = 15.0  # at most; more costs the answers time, and a person sees no difference
LINES = 100  # that wait for a listener; of a slower one the oldest are dropped


class Full(Exception):
    """Every seat is taken."""


class Listener:
    """One who gets lines."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines: deque[str] = deque(lines, maxlen=LINES)


class Screen:
    """What the loop puts in on one side, and the server takes out on the other.

    `is_due`, `show`, `is_heard` and `say` are for the loop's thread, the rest for the server's.
    Nothing is kept but the newest, so that it does not matter how slow somebody is who looks.

    Attributes:
        seats: How many may look at a time.
        taken: How many do.
        newest: The newest picture; None when nobody looks.
        now: The lines that hold now, which somebody who begins to listen gets first.
        farewell: What is said at the end to those who look; empty where there is nothing to say.
    """

    def __init__(self, seats: int) -> None:
        self.seats, self.taken, self.farewell = seats, 0, ""
        self.newest: Picture | None = None
        self.now: Sequence[str] = ()
        self._number = 0  # of the newest picture
        self._shown_s = 0.0
        self._listeners: set[Listener] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._change, self._end = asyncio.Event(), asyncio.Event()
        self._encoding = asyncio.Lock()  # so that two who ask for one picture share it
        self.is_closed = False

    @property
    def full(self) -> str:
        """What is said to those who find no seat."""
        return f"{self.seats} are looking already, and more would slow the answers: try again later"

    def open(self) -> None:
        """Begins to hand over; for the server's thread, in its event loop."""
        self._loop = asyncio.get_running_loop()

    def close(self, farewell: str = "") -> None:
        """Wakes everybody for the last time; the first farewell counts; for any thread."""
        self.farewell = self.farewell or farewell
        self.is_closed = True
        self._wake()

    def is_due(self) -> bool:
        """Whether somebody waits for a picture, and the last one is not from just now."""
        return self.taken > 0 and time.monotonic() - self._shown_s >= 1 / PICTURES_PER_S

    def show(self, picture: Picture) -> None:
        """Puts a picture in place of the last one."""
        self._shown_s = time.monotonic()
        self.newest = picture
        self._number += 1
        self._wake()

    @property
    def is_heard(self) -> bool:
        """Whether somebody listens to lines."""
        return bool(self._listeners)

    def say(self, lines: Sequence[str]) -> None:
        """Hands out lines to those who listen."""
        for listener in tuple(self._listeners):
            listener.lines.extend(lines)
        if lines:
            self._wake()

    @contextlib.contextmanager
    def seat(self) -> Iterator[None]:
        """A place to look from, for as long as the block lasts.

        Raises:
            Full: There is none.
        """
        if self.taken >= self.seats:
            raise Full(self)
        if not self.taken:  # the loop may have shown one after the last viewer had gone
            self.newest = None
        self.taken += 1
        try:
            yield
        finally:
            self.taken -= 1
            if not self.taken:
                self.newest = None

    @contextlib.contextmanager
    def listening(self) -> Iterator[Listener]:
        """Lines from now on, for as long as the block lasts."""
        listener = Listener(self.now)
        self._listeners.add(listener)
        try:
            yield listener
        finally:
            self._listeners.remove(listener)

    async def next(self, number: int, seconds: float) -> int:
        """Waits for a newer picture, and gives its number; the same one after so many seconds."""
        end_s = time.monotonic() + seconds
        while self._number == number or self.newest is None:
            if self.is_closed or not await self.changed(end_s - time.monotonic()):
                return number
        return self._number

    async def changed(self, seconds: float) -> bool:
        """Whether something new came within so many seconds."""
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._change.wait(), max(0.0, seconds))
            return not self.is_closed
        return False

    async def unless_ended(self, wanted: Coroutine[Any, Any, T], seconds: float) -> T | None:
        """What is waited for; None where it is closed first.

        Raises:
            TimeoutError: Of asyncio: neither comes within so many seconds.
        """
        tasks = asyncio.ensure_future(wanted), asyncio.ensure_future(self._end.wait())
        try:
            await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            if tasks[0].done():
                return tasks[0].result()
            if tasks[1].done():
                return None
            raise asyncio.TimeoutError
        finally:
            for task in tasks:
                task.cancel()

    async def emptied(self, seconds: float) -> None:
        """Waits until nobody looks any more, but no longer than so many seconds."""
        end_s = time.monotonic() + seconds
        while self.taken and time.monotonic() < end_s:
            await asyncio.sleep(0.01)

    async def encoded(self, picture: Picture) -> tuple[str, bytes | None]:
        """The facts and the JPEG of a picture; all who look share them."""
        async with self._encoding:
            return await asyncio.to_thread(lambda: (picture.text(), picture.jpeg()))

    async def explained(self, picture: Picture) -> str:
        """What made the answer of a picture; all who ask share it."""
        async with self._encoding:
            return await asyncio.to_thread(picture.why)

    def _wake(self) -> None:
        with contextlib.suppress(RuntimeError):  # the server has ended
            if self._loop:
                self._loop.call_soon_threadsafe(self._ring)

    def _ring(self) -> None:
        if self.is_closed:
            self._end.set()
        self._change.set()
        self._change = asyncio.Event()
