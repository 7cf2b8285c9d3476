"""Answers of the live runner as lines: for people, and as JSON for programs."""

import errno
import json
import time
from datetime import datetime

from ...camera.feed import Feed
from ...errors import one_line
from ...prediction import Prediction
from ...terminal.console import Console
from ...terminal.report import answer_object
from ..moment import Moment
from ..settings import Settings
from .output import Output


class Lines(Output):
    """Says what has changed, or every answer for every frame."""

    def __init__(self, console: Console, feed: Feed, settings: Settings) -> None:
        self._console, self._feed = console, feed
        self._line = self._json if settings.as_json else self._text
        self._every_frame, self._band = settings.every_frame, settings.band

    def take(self, moment: Moment) -> None:
        """Says what there is to say of a moment; BrokenPipeError where nobody reads it any more."""
        self.idle()
        for answer, faces in told(moment, self._every_frame):
            self._console.say(self._line(moment, answer, faces))

    def idle(self) -> None:
        """A BrokenPipeError where nobody reads the lines; hours may pass before the next."""
        if self._console.reader_is_gone():
            raise BrokenPipeError(errno.EPIPE, "nobody reads stdout")

    def _json(self, moment: Moment, answer: Prediction, faces: int) -> str:
        return json_line(self._feed.name, moment, answer, faces, self._band)

    def _text(self, moment: Moment, answer: Prediction, faces: int) -> str:
        shown = "-" if answer.p_shown is None else f"{answer.p_shown:.2f}"
        line = f"{clock(moment.time_s)}  {answer.label:7}  {shown:4}"
        if answer.track_id is not None:
            line += f"  face {answer.track_id}"
        if answer.label == "no_face" and faces:
            line += " has left"
        if answer.box:
            x, y, width, height = answer.box
            line += f"  {width}x{height} at {x},{y}"
        if answer.reason:
            line += f"  {answer.reason.replace('_', ' ')}"
        return one_line(line.rstrip())


def told(moment: Moment, every_frame: bool) -> list[tuple[Prediction, int]]:
    """The answers of a moment that there is a line for, each with the number of faces."""
    if every_frame and moment.frame is not None:
        # A face that has just left is among the changes alone.
        return [(answer, moment.faces) for answer in moment.answers]
    return [(change.answer, change.faces) for change in moment.changes]


def json_line(
    name: str,
    moment: Moment,
    answer: Prediction,
    faces: int,
    band: tuple[float, float] | None,
) -> str:
    """One answer with all that is known about it, as a JSON object."""
    frame = moment.frame
    age_ms = (time.monotonic() - frame.taken_s) * 1000 if frame else None
    index = frame.index if frame else None
    return json.dumps(
        {
            **answer_object(name, index, moment.time_s, answer, band),
            "track_id": answer.track_id,
            "faces": faces,
            "age_ms": None if age_ms is None else round(age_ms, 3),
            "wall_time": datetime.now().astimezone().isoformat(timespec="milliseconds"),
        }
    )


def clock(time_s: float) -> str:
    """Time since the start as hours, minutes, seconds and tenths: "0:01:23.4"."""
    tenths = round(time_s * 10)
    seconds, tenth = divmod(tenths, 10)
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}.{tenth}"
