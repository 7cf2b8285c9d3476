"""A history as text: a table of its days and hours, and lines of CSV for other programs."""

import csv
import io
from collections import deque
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby

from ..errors import one_line
from ..wording import percent
from .course import STATES, Bin
from .reading import History, Minute

SEEN = STATES[:-1]  # all but no_camera
COLUMNS = {
    "answers": ("time", "source", "face", "label", "previous", "p_happy", "p_sad", "p_neutral",
                "faces", "reason"),
    "minutes": ("time", *STATES, "mean_p_happy", "changes"),
    "faults": ("time", "source", "text"),
}  # fmt: skip


WIDTH = 10
FAULTS = 5  # that are shown, the last ones


def table_lines(minutes: Iterable[Minute], has_neutral: bool) -> Iterator[str]:
    """The table: each day in the time of this machine, and below it the hours that were watched."""
    states = [state for state in SEEN if has_neutral or state != "neutral"]
    heads = ["watched", *(state.replace("_", " ") for state in states), "no camera", "changes"]
    yield _row("", heads)
    for day, of_day in groupby(minutes, lambda minute: _local(minute.start_s).date()):
        hours = [
            _total(f"  {hour:02}:00", of_hour)
            for hour, of_hour in groupby(of_day, lambda minute: _local(minute.start_s).hour)
        ]
        for name, held, changes in [_sum(day.isoformat(), hours), *hours]:
            watched_s = sum(held.lasted_s[state] for state in SEEN)
            lost_s = held.lasted_s["no_camera"]
            shares = [_share(held.lasted_s[state], watched_s) for state in states]
            lost = _clock(lost_s) if lost_s else "-"
            yield _row(name, [_clock(watched_s), *shares, lost, f"{changes}"])


def fault_lines(faults: Iterable[tuple[str, float, str]]) -> Iterator[str]:
    """How many lines about faults there are, and the last of them."""
    count, last = 0, deque[tuple[float, str]](maxlen=FAULTS)
    for count, (_, time_s, text) in enumerate(faults, 1):  # noqa: B007
        last.append((time_s, text))
    yield f"faults: {count or 'none'}{', the last ones:' if count > FAULTS else ''}"
    for time_s, text in last:
        yield f"  {_local(time_s):%Y-%m-%d %H:%M:%S}  {one_line(text)}"


def csv_lines(history: History, what: str) -> Iterator[str]:
    """Lines of CSV, the first of which names the columns; times as ISO 8601 has them."""
    yield _line(COLUMNS[what])
    if what == "minutes":
        for minute in history.minutes():
            held = minute.held
            lasted = (round(held.lasted_s[state], 3) for state in STATES)
            mean = round(held.p_sum / held.p_s, 4) if held.p_s else None
            yield _line([_time(minute.start_s), *lasted, mean, minute.changes])
        return
    for source, time_s, *facts in history.answers() if what == "answers" else history.faults():
        yield _line([_time(time_s), source, *facts])


_Total = tuple[str, Bin, int]  # its name, what held, and the number of changes


def _total(name: str, minutes: Iterable[Minute]) -> _Total:
    return _sum(name, [("", minute.held, minute.changes) for minute in minutes])


def _sum(name: str, totals: Iterable[_Total]) -> _Total:
    held, count = Bin(), 0
    for _, part, changes in totals:
        held.merge(part)
        count += changes
    return name, held, count


def _row(name: str, cells: Iterable[str]) -> str:
    return f"{name:<{WIDTH + 1}}" + "".join(f"{cell:>{WIDTH}}" for cell in cells)


def _share(part_s: float, whole_s: float) -> str:
    return percent(part_s, whole_s) if part_s else "-"


def _clock(seconds: float) -> str:
    minutes, left = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{left:02}"


def _local(time_s: float) -> datetime:
    return datetime.fromtimestamp(time_s)


def _time(time_s: float) -> str:
    return _local(time_s).astimezone().isoformat(timespec="milliseconds")


def _line(cells: Iterable[object]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(cells)
    return text.getvalue()
