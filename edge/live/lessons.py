"""Teaching the model of a live loop: pictures are collected, learned from, and answered with."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..errors import HappySadError, one_line
from ..model.store import stores
from ..teach.album import Album
from ..teach.classroom import Classroom, Report
from ..teach.collector import Collector
from ..teach.enough import missing
from ..teach.moments import moment_of
from ..teach.sentence import edges_sentence, sentence
from .moment import Moment
from .outputs.output import Output
from .switch import Switch
from .watch import Watch

STEP = 0.05  # of the progress that is told


class Lessons(Output):
    """What the page and the window can do about teaching; for use by several threads.

    Attributes:
        revision: Another number whenever `state` gives something else.
        result: What came of the last lesson: a `Report`, or why there is none; None before it.
        share: Of a lesson that is done; None while there is none.
    """

    revision: int
    result: Report | str | None
    share: float | None

    def __init__(self, watch: Watch, named: Path | None, cap: int) -> None:
        """Takes up the pictures that were kept.

        Args:
            watch: The loop.
            named: The model that the user has named.
            cap: How many bytes the pictures may have.
        """
        store = stores()[0]
        self.revision, self.result, self.share = 0, None, None
        self._watch = watch
        self._switch = Switch(watch, store, named)
        self._album = Album(store.folder, cap)
        self._collector = Collector(self._album, self._change)
        self._classroom = Classroom()
        self._guard = threading.Lock()  # of the revision
        self._lesson = threading.Lock()  # one at a time
        self._thread: threading.Thread | None = None
        self._counted: tuple[Any, dict[str, tuple[int, int]]] = (None, {})

    def take(self, moment: Moment) -> None:
        """Collects the largest face, while a button is held and a picture is due."""
        label = self._collector.wanted()
        if label is None:
            return
        answer, crop = moment.answers[0], None
        if moment.frame is not None and answer.p_happy is not None:
            crop = self._watch.answerer.crop(moment.frame.image, answer)
        self._collector.give(crop, label, answer.reason)

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that the model knows."""
        return self._watch.classifier.contract.decision.answers

    @property
    def counts(self) -> dict[str, tuple[int, int]]:
        """How many pictures there are of each label, and of how many moments."""
        known_at = self.revision, self.labels
        if self._counted[0] != known_at:  # the window asks with every frame
            entries = self._album.entries
            counts = {}
            for label in self.labels:
                names = [entry.name for entry in entries if entry.label == label]
                counts[label] = len(names), len({moment_of(Path(name)) for name in names})
            self._counted = known_at, counts
        return self._counted[1]

    @property
    def held(self) -> str | None:
        """The label that is being collected."""
        return self._collector.held

    @property
    def said(self) -> str:
        """What came of the last picture; as of `Collector`."""
        return self._collector.said

    def hold(self, label: str) -> None:
        """Collects pictures of this label for a moment."""
        if label in self.labels:
            self._collector.hold(label)

    def release(self) -> None:
        """Collects no more."""
        self._collector.release()

    def move(self, number: int, label: str) -> None:
        """Gives a picture another label; HappySadError if that fails."""
        self._album.move(number, label)
        self._change()

    def delete(self, number: int) -> None:
        """Deletes a picture; HappySadError if that fails."""
        self._album.delete(number)
        self._change()

    def keep(self, is_kept: bool) -> None:
        """Whether the pictures outlive the program; HappySadError if that fails."""
        with self._no_lesson():  # which reads the folder
            self._album.keep(is_kept)
        self._change()

    def forget(self) -> None:
        """Deletes all pictures, and what was said of them; HappySadError if that fails."""
        self._end_lesson()
        self._album.forget()
        self.result = None
        self._change()

    def picture(self, number: int) -> bytes | None:
        """The PNG file of a picture; None where it is gone."""
        return self._album.content(number)

    def pictures(self) -> Iterator[tuple[str, bytes]]:
        """All pictures, each with its place in a folder as training reads it."""
        for entry in self._album.entries:
            content = self._album.content(entry.number)
            if content is not None:
                yield entry.place, content

    def teach(self) -> None:
        """Begins a lesson, unless one goes on; what comes of it is `result`."""
        if not self._lesson.acquire(blocking=False):
            return
        self._classroom, self.share = Classroom(), 0.0
        self._change()
        self._thread = threading.Thread(target=self._teach, name="teach", daemon=True)
        self._thread.start()

    def back(self) -> None:
        """Answers with the model before; HappySadError if that fails."""
        with self._no_lesson():
            self._switch.back()
        self._change()

    def state(self) -> dict[str, Any]:
        """All that there is to show, as JSON has it."""
        counts = self.counts
        before, after = self._switch.before, self._switch.next_start
        return {
            "revision": self.revision,
            "labels": list(self.labels),
            "counts": counts,
            "missing": missing(counts),
            "held": self.held,
            "said": self.said,
            "pictures": [
                {"number": entry.number, "label": entry.label} for entry in self._album.entries
            ],
            "size": self._album.size,
            "cap": self._album.cap,
            "kept": self._album.is_kept,
            "share": self.share,
            "result": self._result(),
            "model": self._switch.now.stem,
            "before": before and before.stem,
            "next_start": after and after.stem,
        }

    def finish(self) -> None:
        """Begins to end."""
        self._classroom.end()

    def __exit__(self, *error: object) -> None:
        """Forgets what is not kept."""
        self._end_lesson()
        self._collector.close()
        self._album.close()

    @contextmanager
    def _no_lesson(self) -> Iterator[None]:
        """Keeps lessons away while the block lasts; HappySadError where one goes on."""
        if not self._lesson.acquire(blocking=False):
            raise HappySadError("a lesson goes on: try again in a moment")
        try:
            yield
        finally:
            self._lesson.release()

    def _end_lesson(self) -> None:
        self._classroom.end()
        if self._thread is not None:
            self._thread.join()

    def _teach(self) -> None:
        try:
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
            self._change()
            self._lesson.release()

    def _told(self, share: float) -> None:
        if self.share is not None and share >= self.share + STEP:
            self.share = share
            self._change()

    def _result(self) -> dict[str, Any] | None:
        """The last lesson's; pictures by their numbers."""
        if not isinstance(self.result, Report):
            return None if self.result is None else {"error": self.result}
        report, numbers = self.result, {e.place: e.number for e in self._album.entries}

        def score(given: Any) -> dict[str, Any]:
            wrong = [numbers[place] for place in given["wrong"] if place in numbers]
            right = report.pictures - len(given["wrong"])
            return {**given, "wrong": wrong, "count": right}

        return {
            "pictures": report.pictures, "moments": report.moments,
            "edges": edges_sentence(report.edges),
            "before": score(report.before), "after": score(report.after),
            "taken": report.content is not None, "seconds": report.seconds,
            "sentence": sentence(report),
        }  # fmt: skip

    def _change(self) -> None:
        with self._guard:
            self.revision += 1
