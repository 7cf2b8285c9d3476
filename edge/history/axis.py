"""The time axis of a chart: which time that is, where it has labels, and which."""

from datetime import datetime, timedelta

from ..wording import UNITS, duration
from .course import Course

# How many of which unit. The first is used that gives few enough ticks.
STEPS = [
    *((count, "s") for count in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30)),
    *((count, "min") for count in (1, 2, 5, 10, 20)),
    *((count, "h") for count in (0.5, 1, 2, 3, 6)),
    *((count, "d") for count in (0.5, 1, 2, 5, 10, 20, 50, 100)),
]
MAX_TICKS = 10


def time_said(course: Course) -> str:
    """Which time it is: "45 s from 2026-11-24 20:26:13", or "2026-11-24 20:26 to 20:28"."""
    begin = datetime.fromtimestamp(course.began)
    if not course.is_dated:
        return f"{duration(course.seconds)} from {begin:%Y-%m-%d %H:%M:%S}"
    end = datetime.fromtimestamp(course.began + course.seconds)
    is_one_day = begin.date() == end.date()
    return f"{begin:%Y-%m-%d %H:%M} to {end:{'%H:%M' if is_one_day else '%Y-%m-%d %H:%M'}}"


def time_ticks(course: Course) -> list[tuple[float, str]]:
    """Where the time axis has a label, in seconds since the course began, and the label.

    Of one that is dated they are at round times of the day, with the date at midnight.
    """
    seconds = course.seconds
    steps = [step for step in STEPS if not (course.is_dated and step[1] == "s")]  # of minutes
    count, unit = next(
        (step for step in steps if seconds / step[0] / UNITS[step[1]] <= MAX_TICKS), STEPS[-1]
    )
    step_s = count * UNITS[unit]
    if course.is_dated:
        return _dated_ticks(course, step_s)
    return [
        (number * step_s, f"{number * count:g} {unit}" if number else "0")
        for number in range(int(seconds / step_s + 1e-9) + 1)
    ]


def _dated_ticks(course: Course, step_s: float) -> list[tuple[float, str]]:
    """Round times of this machine's clock, which may be put forward or back in between."""
    at = datetime.fromtimestamp(course.began).replace(hour=0, minute=0, second=0, microsecond=0)
    ticks: list[tuple[float, str]] = []
    while (after_s := at.timestamp() - course.began) <= course.seconds:
        if after_s >= 0 and not (ticks and after_s <= ticks[-1][0]):  # the clock may leave it out
            shown = datetime.fromtimestamp(at.timestamp())
            is_day = step_s >= UNITS["d"] or (shown.hour, shown.minute) == (0, 0)
            ticks.append((after_s, shown.strftime("%d %b" if is_day else "%H:%M")))
        at += timedelta(seconds=step_s)
    return ticks
