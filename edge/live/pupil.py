"""The model's side of teaching: one lesson at a time, beside the loop."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ..errors import HappySadError, one_line
from ..teach.album import Album
from ..teach.classroom import Classroom
from ..teach.report import Report, facts
from .switch import Switch
from .watch import Watch

STEP = 0.05  # of the progress that is told


class Pupil:
    """Learns from an album, and answers with what it has learned; for use by several threads.

    Attributes:
        result: What came of the last lesson: a `Report`, or why there is none; None before it.
        share: Of a lesson that is done; None while there is none.
    """

    def __init__(
        self, watch: Watch, switch: Switch, album: Album, changed: Callable[[], None]
    ) -> None:
        self.result: Report | str | None = None
        self.share: float | None = None
        self._watch, self._switch, self._album, self._changed = watch, switch, album, changed
        self._classroom = Classroom()
        self._lesson = threading.Lock()  # one at a time
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """Begins a lesson, unless one goes on."""
        if not self._lesson.acquire(blocking=False):
            return
        self._classroom, self.share = Classroom(), 0.0
        self._changed()
        self._thread = threading.Thread(target=self._learn, name="teach", daemon=True)
        self._thread.start()

    def say(self, what: str | None) -> None:
        """Puts something in the place of the last result."""
        self.result = what
        self._changed()

    def hurry(self) -> None:
        """Begins to end a lesson that goes on."""
        self._classroom.end()

    def end(self) -> None:
        """Ends a lesson that goes on."""
        self.hurry()
        if self._thread is not None:
            self._thread.join()

    @contextmanager
    def free(self) -> Iterator[None]:
        """Keeps lessons away while the block lasts; HappySadError where one goes on."""
        if not self._lesson.acquire(blocking=False):
            raise HappySadError("a lesson goes on: try again in a moment")
        try:
            yield
        finally:
            self._lesson.release()

    def facts(self) -> dict[str, Any] | None:
        """What came of the last lesson, as JSON has it; pictures by their numbers."""
        result = self.result
        if not isinstance(result, Report):
            return None if result is None else {"error": result}
        return facts(result, {entry.place: entry.number for entry in self._album.entries})

    def _learn(self) -> None:
        try:
            self._switch.check()
            if self._album.folder is None:
                raise HappySadError("there are no pictures yet")
            content = self._watch.classifier.content
            report = self._classroom.teach(content, self._album.folder, self._told)
            if report.content is not None:
                self._switch.take(report.content)
            self.result = report
        except HappySadError as error:
            self.result = one_line(error)
        finally:
            self.share = None
            self._changed()
            self._lesson.release()

    def _told(self, share: float) -> None:
        if self.share is not None and share >= self.share + STEP:
            self.share = share
            self._changed()
