"""Where in a chart's width something was: times, and the stretches that were watched."""

import itertools

import numpy as np

from .course import Course

LEFT, RIGHT = 60, 1160  # pixels, of both plots

Span = tuple[int, int]  # from a column to the one after the last


def column(course: Course, seconds: float) -> int:
    """Where a time since the beginning is, in pixels."""
    return round(LEFT + (RIGHT - LEFT) * seconds / course.seconds)


def watched_spans(course: Course) -> list[Span]:
    """As much of each bin as was watched, at least one column.

    It is known for how long, not when in the bin: that is taken to be its beginning; its end, where
    nothing was watched before it but something after; and where neither was, from the first mark in
    it on. Of a bin with several runs, or with one that went on from before and another that began,
    that is wrong by up to the length of the bin.
    """
    watched_s = [0.0, *(sum(part.lasted_s.values()) for part in course.bins), 0.0]
    narrowed = []
    for number, (left, right) in enumerate(_bin_spans(course)):
        before_s, seconds, after_s = watched_s[number : number + 3]
        start_s = number * course.bin_s
        whole_s = min(course.bin_s, course.seconds - start_s)
        width = max(1, round((right - left) * min(1, seconds / whole_s)))
        begin = left
        if after_s and not before_s:
            begin = right - width
        elif not before_s:
            marks = (at for at, _ in course.marks if start_s <= at < start_s + whole_s)
            begin = min(column(course, min(marks, default=start_s)), right - width)
        narrowed.append((begin, begin + width))
    return narrowed


def _bin_spans(course: Course) -> list[Span]:
    """Where each bin is, from left to right; at least one column wide."""
    edges = np.arange(len(course.bins) + 1) * course.bin_s / course.seconds
    pixels = np.round(LEFT + (RIGHT - LEFT) * np.minimum(edges, 1)).astype(int).tolist()
    spans = []
    for left, right in itertools.pairwise(pixels):
        left = min(left, RIGHT - 1)
        spans.append((left, max(right, left + 1)))
    return spans
