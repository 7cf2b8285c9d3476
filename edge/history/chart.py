"""The picture of a run: p_happy over time, the shares of the answers, and the totals."""

import logging
from pathlib import Path

import numpy as np

from ..errors import one_line
from ..images.annotate import COLOURS, FONT, Colour
from ..machine.opencv import cv2
from ..machine.output_file import write_bytes
from ..wording import counted, percent
from .axis import time_said, time_ticks
from .course import MAX_MARKS, STATES, Course
from .spans import LEFT, RIGHT, Span, column, watched_spans

WIDTH, HEIGHT = 1200, 500  # pixels
TOP, BOTTOM = 112, 352  # of the plot of p_happy
STRIP_TOP, STRIP_BOTTOM = 366, 416  # of the shares

# B, G, R. The gray of a face that is not judged, and what is lighter and darker.
STATE_COLOURS: dict[str, Colour] = COLOURS | {
    "no_face": (222, 222, 222),
    "no_camera": (45, 45, 45),
}
WHITE, INK, PALE_INK, GRID = (255, 255, 255), (50, 50, 50), (110, 110, 110), (225, 225, 225)
HAPPY_GROUND, SAD_GROUND = (236, 247, 255), (255, 246, 238)  # amber and blue, very pale
BAND = (205, 205, 205)

log = logging.getLogger("happysad")


def save_chart(path: Path, course: Course) -> None:
    """Draws a run into a PNG file, and says where that is.

    Raises:
        OutputError: It cannot be written.
    """
    _, encoded = cv2.imencode(".png", draw_chart(course))
    write_bytes(path, encoded.tobytes())
    log.info("drawn: %s", one_line(path))


def draw_chart(course: Course) -> np.ndarray:
    """Draws a run.

    Args:
        course: What is known of it; without any moment there is nothing but a line that says so.

    Returns:
        uint8 (HEIGHT, WIDTH, 3), BGR.
    """
    canvas = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    if course.seconds <= 0:
        _text(canvas, "no frames came", (WIDTH // 2, HEIGHT // 2), 0.8, PALE_INK, 0.5)
        return canvas
    _draw_totals(canvas, course)
    _draw_grounds(canvas, course)
    spans = watched_spans(course)
    _draw_probability(canvas, course, spans)
    _draw_shares(canvas, course, spans)
    marks = course.marks if len(course.marks) <= MAX_MARKS else []
    for seconds, state in marks:
        _draw_mark(canvas, (column(course, seconds), TOP - 3), state)
    _draw_legend(canvas, course.band is None, bool(marks))
    return canvas


def _draw_totals(canvas: np.ndarray, course: Course) -> None:
    """The headline: how much of the time each answer took, in its colour; and when that was."""
    x = LEFT
    held_s = {state: sum(part.lasted_s[state] for part in course.bins) for state in STATES}
    for state, seconds in held_s.items():
        if state == "neutral" and course.band:
            continue
        cv2.rectangle(canvas, (x, 28), (x + 16, 44), STATE_COLOURS[state], cv2.FILLED)
        text = f"{percent(seconds, sum(held_s.values()))} {state.replace('_', ' ')}"
        x += 26 + _text(canvas, text, (x + 26, 43), 0.7, INK) + 34
    told = [time_said(course)]
    told += [counted(course.changes, "change")] if course.changes else []
    losses = counted(course.losses, "loss of the camera", "losses of the camera")
    line = ", ".join([*told, losses] if course.losses else told)
    _text(canvas, line, (LEFT, 76), 0.5, PALE_INK)


def _draw_grounds(canvas: np.ndarray, course: Course) -> None:
    """The grounds of happy and sad, with the decision band between them; axes and labels."""
    if course.band:
        low, high = (round(BOTTOM - (BOTTOM - TOP) * edge) for edge in course.band)
        canvas[TOP:high, LEFT:RIGHT] = HAPPY_GROUND
        canvas[low:BOTTOM, LEFT:RIGHT] = SAD_GROUND
    for p_happy in (0, 0.25, 0.5, 0.75, 1):
        y = round(BOTTOM - (BOTTOM - TOP) * p_happy)
        canvas[y, LEFT:RIGHT] = GRID
        _text(canvas, f"{p_happy:g}", (LEFT - 8, y + 5), 0.42, PALE_INK, 1)
    for seconds, label in time_ticks(course):
        x = column(course, seconds)
        canvas[TOP:BOTTOM, min(x, RIGHT - 1)] = GRID
        canvas[STRIP_BOTTOM : STRIP_BOTTOM + 5, min(x, RIGHT - 1)] = PALE_INK
        _text(canvas, label, (x, STRIP_BOTTOM + 22), 0.42, PALE_INK, 0.5)


def _draw_probability(canvas: np.ndarray, course: Course, spans: list[Span]) -> None:
    """The band from the lowest to the highest p_happy of each bin, and the line of the means.

    Of a model with three answers, the lines of its three probabilities in their colours.
    """
    if course.band is None:
        for label in ("neutral", "sad"):
            sums = (getattr(part, f"{label}_sum") for part in course.bins)
            means = [
                total / part.p_s if part.p_s else None
                for total, part in zip(sums, course.bins, strict=True)
            ]
            _draw_line(canvas, means, spans, COLOURS[label])
    for part, (left, right) in zip(course.bins, spans, strict=True):
        if part.p_s > 0 and course.band is not None:
            high, low = (
                round(BOTTOM - (BOTTOM - TOP) * p_happy) for p_happy in (part.p_max, part.p_min)
            )
            canvas[high : low + 1, left:right] = BAND
    means = [part.p_sum / part.p_s if part.p_s else None for part in course.bins]
    _draw_line(canvas, means, spans, INK if course.band else COLOURS["happy"])


def _draw_line(
    canvas: np.ndarray, means: list[float | None], spans: list[Span], colour: Colour
) -> None:
    """A line through the means of the bins; broken where there is none, or nothing was watched."""
    lines: list[list[tuple[float, float]]] = []
    end = float("-inf")
    for mean, (left, right) in zip(means, spans, strict=True):
        if mean is not None:
            y = BOTTOM - (BOTTOM - TOP) * mean
            if left > end + 1:  # a column is lost to rounding
                lines.append([(left, y)])
            lines[-1] += [((left + right) / 2, y), (right, y)]
        end = right if mean is not None else float("-inf")
    for line in lines:
        # The end of a bin matters for the last one only: between two the line goes on to the next.
        points = np.array([line[0], *line[1:-1:2], line[-1]])
        shift = 4  # fixed point, sixteenths of a pixel
        fixed = np.round(points * 2**shift).astype(np.int32)
        cv2.polylines(canvas, [fixed], False, colour, 2, cv2.LINE_AA, shift)


def _draw_shares(canvas: np.ndarray, course: Course, spans: list[Span]) -> None:
    """Each bin's shares of the answers, stacked from the top in the order of the headline.

    Nothing is drawn of one in which nothing was watched.
    """
    for part, (left, right) in zip(course.bins, spans, strict=True):
        lasted_s = [part.lasted_s[state] for state in STATES]
        edges = np.cumsum([0, *lasted_s]) / max(sum(lasted_s), 1e-9)
        rows = np.round(STRIP_TOP + (STRIP_BOTTOM - STRIP_TOP) * edges).astype(int)
        for state, top, bottom in zip(STATES, rows, rows[1:], strict=False):
            canvas[top:bottom, left:right] = STATE_COLOURS[state]


def _draw_mark(canvas: np.ndarray, tip: tuple[int, int], state: str) -> None:
    """A small triangle that points down."""
    x, y = tip
    corners = np.array([(x, y), (x - 5, y - 9), (x + 5, y - 9)])
    cv2.fillConvexPoly(canvas, corners, STATE_COLOURS[state], cv2.LINE_AA)
    cv2.polylines(canvas, [corners], True, PALE_INK, 1, cv2.LINE_AA)


def _draw_legend(canvas: np.ndarray, has_three: bool, has_marks: bool) -> None:
    """What the lines, the band, the strip and the marks are."""
    x, y = LEFT, HEIGHT - 24
    lines = [("mean p_happy of the largest face", INK)]
    if has_three:
        names = ("happy", "neutral", "sad")
        lines = [(f"p_{name}", COLOURS[name]) for name in names]
        lines[-1] = ("p_sad (means, largest face)", COLOURS["sad"])
    for text, colour in lines:
        cv2.line(canvas, (x, y - 5), (x + 24, y - 5), colour, 2, cv2.LINE_AA)
        x += 32 + _text(canvas, text, (x + 32, y), 0.45, INK) + 30
    if not has_three:
        canvas[y - 11 : y + 1, x : x + 24] = BAND
        x += 32 + _text(canvas, "lowest to highest", (x + 32, y), 0.45, INK) + 30
    faces = ("happy", "neutral", "sad", "unsure") if has_three else ("happy", "sad", "unsure")
    for number, state in enumerate(faces):
        top, bottom = (y - 11 + 12 * edge // len(faces) for edge in (number, number + 1))
        canvas[top:bottom, x : x + 24] = STATE_COLOURS[state]
    x += 32 + _text(canvas, "shares of time", (x + 32, y), 0.45, INK) + 30
    if has_marks:
        _draw_mark(canvas, (x + 6, y), "happy")
        _text(canvas, "a change, in the colour of the new answer", (x + 20, y), 0.45, INK)


def _text(
    canvas: np.ndarray,
    text: str,
    place: tuple[int, int],
    scale: float,
    colour: Colour,
    align: float = 0,
) -> int:
    """Writes a line; `align` is 0 for left, 0.5 for centred, 1 for right. Gives its width."""
    (width, _), _ = cv2.getTextSize(text, FONT, scale, 1)
    start = (round(place[0] - align * width), place[1])
    cv2.putText(canvas, text, start, FONT, scale, colour, 1, cv2.LINE_AA)
    return width
