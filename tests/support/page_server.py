"""The page's own server with a loop that a test plays, and `webcam --web` in a process."""

import contextlib
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from edge.errors import ModelError
from edge.images.image_file import read_image
from edge.machine.opencv import cv2
from edge.prediction import Prediction
from edge.web.diary import Diary
from edge.web.picture import Picture
from edge.web.place import parse_place
from edge.web.question import Question
from edge.web.screen import Screen
from edge.web.server import Server
from edge.web.site import Sources
from tests.support.chain import ROOT
from tests.support.photographs import film


class PlayedLessons:
    """What a live loop does about teaching, without one: it keeps in mind what was asked for."""

    def __init__(self) -> None:
        self.revision, self.asked = 0, []

    def state(self) -> dict[str, Any]:
        return {"asked": self.asked}

    def hold(self, label: str) -> None:
        self.asked.append(f"hold {label}")

    def release(self) -> None:
        self.asked.append("release")

    def move(self, number: int, label: str) -> None:
        self.asked.append(f"move {number} {label}")

    def delete(self, number: int) -> None:
        self.asked.append(f"delete {number}")

    def keep(self, is_kept: bool) -> None:
        self.asked.append(f"keep {is_kept}")

    def forget(self) -> None:
        self.asked.append("forget")

    def teach(self) -> None:
        self.asked.append("teach")

    def back(self) -> None:
        raise ModelError("there is no model to go back to")

    def picture(self, number: int) -> bytes | None:
        return b"a picture" if number == 1 else None

    def pictures(self) -> Iterator[tuple[str, bytes]]:
        yield "happy/1.png", b"a picture"


Answer = Callable[[np.ndarray], list[Prediction]]
NOBODY = {"answers": [], "number": 0}
IMAGE = np.full((48, 64, 3), 90, np.uint8)


class Played:
    """A server of the page, and what a live loop would hold of it."""

    def __init__(
        self,
        place: str = "127.0.0.1:0",
        token: str | None = None,
        read: Callable[[], str | None] | None = None,
        seats: int = 8,
        make: Callable[[], Answer] = lambda: lambda image: [Prediction("happy", 0.9, p_sad=0.1)],
        **options: Any,
    ) -> None:
        self.screen, self.diary, self.is_well = Screen(seats), Diary(), True
        self.lessons = PlayedLessons()
        sources = Sources(
            self.screen, self.diary, {"model": "m"}, self._health, Question(make), self.lessons,
            lambda: b"played 1\n",
        )  # fmt: skip
        self.server = Server(sources, parse_place(place), read or (lambda: token), **options)

    def _health(self) -> tuple[bool, dict[str, Any]]:
        return self.is_well, {"status": "ok"}

    def show(self, number: int = 0) -> None:
        """What the loop does with a frame."""
        self.screen.show(Picture(IMAGE, None, {**NOBODY, "number": number}))

    @contextlib.contextmanager
    def playing(self) -> Iterator[None]:
        """A loop of 50 frames a second, for as long as the block lasts."""
        stop = threading.Event()

        def play() -> None:
            number = 0
            while not stop.wait(0.02):
                number += 1
                if self.screen.is_due():
                    self.show(number)

        thread = threading.Thread(target=play)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()


@contextlib.contextmanager
def played(**options: Any) -> Iterator[Played]:
    server = Played(**options)
    with server.server:
        yield server


def face_clip(path: Path, seconds: float = 2.0) -> Path:
    """A video, 10 frames a second: the astronaut, moving a little, then nobody for as long."""
    face = cv2.resize(read_image(ROOT / "docs" / "faces.jpg"), (448, 448))
    turns = range(round(10 * seconds))
    images = [np.roll(face, index % 5, axis=1) for index in turns]
    return film(path, images + [np.full_like(face, 90 + index % 5) for index in turns], 10)


EDGE = (sys.executable, "-m", "edge")


class Webcam:
    """`webcam --web` in a process of its own.

    Attributes:
        port: Of the page.
        address: Of the page, as it was said.
    """

    def __init__(
        self,
        source: object,
        web: str,
        *options: object,
        program: Sequence[str] = EDGE,
        home: Path | None = None,
    ) -> None:
        model = ["-m", "faces"] if home is None else []
        command = [*program, "webcam", source, *model, "--still"]
        command += ["--json", "--web", web, *options]
        environment = os.environ if home is None else {**os.environ, "HAPPYSAD_HOME": str(home)}
        self.process = subprocess.Popen(
            list(map(str, command)), cwd=ROOT, text=True, env=environment,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip
        assert self.process.stderr is not None
        said = self.process.stderr.readline()
        found = re.match(r"page: (https?://\S+:(\d+)/\S*)\n", said)
        assert found, said + self.process.stderr.read()
        self.address, self.port = found[1], int(found[2])

    def __enter__(self) -> "Webcam":
        return self

    def __exit__(self, *error: object) -> None:
        assert "Traceback" not in self.end()

    def end(self) -> str:
        """Ends it as a service is ended; gives what else it has said."""
        self.process.terminate()
        _, said = self.process.communicate(timeout=20)
        return said
