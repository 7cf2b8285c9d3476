"""Teaching the model of a live loop: pictures are collected, learned from, and answered with."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..model.store import stores
from ..teach.album import Album
from ..teach.collector import Collector
from ..teach.enough import missing
from ..teach.moments import moment_of
from .moment import Moment
from .outputs.output import Output
from .pupil import Pupil
from .switch import Switch
from .watch import Watch


class Lessons(Output):
    """What the page and the window can do about teaching; for use by several threads.

    Attributes:
        revision: Another number whenever `state` gives something else.
        album: The pictures.
        collector: Takes them.
        pupil: Learns, and says how far it is.
    """

    def __init__(self, watch: Watch, named: Path | None, cap: int) -> None:
        """Takes up the pictures that were kept.

        Args:
            watch: The loop.
            named: The model that the user has named.
            cap: How many bytes the pictures may have.
        """
        store = stores()[0]
        self.revision = 0
        self._watch = watch
        self._switch = Switch(watch, store, named)
        self.album = Album(store.folder, cap)
        self.collector = Collector(self.album, self._change)
        self.pupil = Pupil(watch, self._switch, self.album, self._change)
        self._guard = threading.Lock()  # of the revision
        self._counted: tuple[Any, dict[str, tuple[int, int]]] = (None, {})

    def take(self, moment: Moment) -> None:
        """Collects the largest face, while a button is held and a picture is due."""
        label = self.collector.wanted()
        if label is None:
            return
        answer, crop = moment.answers[0], None
        if moment.frame is not None and answer.p_happy is not None:
            crop = self._watch.answerer.crop(moment.frame.image, answer)
        self.collector.give(crop, label, answer.reason)

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that the model knows."""
        return self._watch.classifier.contract.decision.answers

    @property
    def counts(self) -> dict[str, tuple[int, int]]:
        """How many pictures there are of each label, and of how many moments."""
        known_at = self.revision, self.labels
        if self._counted[0] != known_at:  # the window asks with every frame
            entries = self.album.entries
            counts = {}
            for label in self.labels:
                names = [entry.name for entry in entries if entry.label == label]
                counts[label] = len(names), len({moment_of(Path(name)) for name in names})
            self._counted = known_at, counts
        return self._counted[1]

    def hold(self, label: str) -> None:
        """Collects pictures of this label for a moment."""
        if label in self.labels:
            self.collector.hold(label)

    def release(self) -> None:
        """Collects no more."""
        self.collector.release()

    def move(self, number: int, label: str) -> None:
        """Gives a picture another label; HappySadError if that fails."""
        self.album.move(number, label)
        self._change()

    def delete(self, number: int) -> None:
        """Deletes a picture; HappySadError if that fails."""
        self.album.delete(number)
        self._change()

    def keep(self, is_kept: bool) -> None:
        """Whether the pictures outlive the program; HappySadError if that fails."""
        with self.pupil.free():  # a lesson reads the folder
            self.album.keep(is_kept)
        self._change()

    def forget(self) -> None:
        """Deletes all pictures, and what was said of them; HappySadError if that fails."""
        self.pupil.end()
        self.album.forget()
        self.pupil.say(None)

    def picture(self, number: int) -> bytes | None:
        """The PNG file of a picture; None where it is gone."""
        return self.album.content(number)

    def pictures(self) -> Iterator[tuple[str, bytes]]:
        """All pictures, each with its place in a folder as training reads it."""
        for entry in self.album.entries:
            content = self.album.content(entry.number)
            if content is not None:
                yield entry.place, content

    def teach(self) -> None:
        """Begins a lesson, unless one goes on."""
        self.pupil.begin()

    def back(self) -> None:
        """Answers with the model before; HappySadError if that fails."""
        with self.pupil.free():
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
            "held": self.collector.held,
            "said": self.collector.said,
            "pictures": [
                {"number": entry.number, "label": entry.label} for entry in self.album.entries
            ],
            "size": self.album.size,
            "cap": self.album.cap,
            "kept": self.album.is_kept,
            "share": self.pupil.share,
            "result": self.pupil.facts(),
            "model": self._switch.now.stem,
            "before": before and before.stem,
            "next_start": after and after.stem,
        }

    def finish(self) -> None:
        """Begins to end."""
        self.pupil.hurry()

    def __exit__(self, *error: object) -> None:
        """Forgets what is not kept."""
        self.pupil.end()
        self.collector.close()
        self.album.close()

    def _change(self) -> None:
        with self._guard:
            self.revision += 1
