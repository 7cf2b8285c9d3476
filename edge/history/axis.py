"""The time axis of a chart: where it has labels, and which."""

import time

from ..wording import UNITS
from .course import Course

# How many of which unit. The first is used that gives few enough ticks.
STEPS = [
    *((count, "s") for count in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30)),
    *((count, "min") for count in (1, 2, 5, 10, 20)),
    *((count, "h") for count in (0.5, 1, 2, 3, 6)),
    *((count, "d") for count in (0.5, 1, 2, 5, 10, 20, 50, 100)),
]
MAX_TICKS = 10


def time_ticks(course: Course) -> list[tuple[float, str]]:
    """Where the time axis has a label, in seconds since the course began, and the label.

    Of one that is dated they are at round times of the day, with the date at midnight.
    """
    seconds = course.seconds
    steps = [step for step in STEPS if not (course.is_dated and step[1] == "s")]  # of minutes
    count, unit = next(
        (step for step in steps if seconds / step[0] / UNITS[step[1]] <= MAX_TICKS), STEPS[-1]
    )
    step_s, first_s = count * UNITS[unit], 0.0
    if course.is_dated:
        began = time.localtime(course.began)
        first_s = -(3600 * began.tm_hour + 60 * began.tm_min + began.tm_sec) % step_s
    ticks = []
    for number in range(int((seconds - first_s) / step_s + 1e-9) + 1):
        label = f"{number * count:g} {unit}" if number else "0"
        if course.is_dated:
            at = time.localtime(course.began + first_s + number * step_s)
            is_day = step_s >= UNITS["d"] or (at.tm_hour, at.tm_min) == (0, 0)
            label = time.strftime("%d %b" if is_day else "%H:%M", at)
        ticks.append((first_s + number * step_s, label))
    return ticks
