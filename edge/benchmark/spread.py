"""Times of work done again and again: what is compared takes turns, so that all meet the noise."""

import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

Key = TypeVar("Key", bound=Hashable)

TURN_MS = 30.0  # how long a piece of work is repeated in its turn
MIN_CALLS, MAX_CALLS = 3, 200  # in a turn


@dataclass(frozen=True, slots=True)
class Spread:
    """Many times of one piece of work, in milliseconds.

    Attributes:
        median_ms: In the middle.
        low_ms: 10th percentile: hardly disturbed.
        high_ms: 90th percentile.
        count: How many times were taken.
    """

    median_ms: float
    low_ms: float
    high_ms: float
    count: int


def spread(times_ms: np.ndarray) -> Spread:
    """The spread of some times, float (n,), n > 0."""
    low, median, high = np.percentile(times_ms, (10, 50, 90)).tolist()
    return Spread(median, low, high, len(times_ms))


def take_turns(work: Mapping[Key, Callable[[], object]], rounds: int) -> dict[Key, Spread]:
    """Times several pieces of work, each a little in every round.

    A machine that heats up, or has others to serve, is slower for a while: one piece after the
    other would show that as a difference between them.
    """
    calls = {}
    for name, call in work.items():
        call()  # what is only paid once
        calls[name] = min(max(round(TURN_MS / max(_time_ms(call), 1e-3)), MIN_CALLS), MAX_CALLS)
    times: dict[Key, list[float]] = {name: [] for name in work}
    for _ in range(rounds):
        for name, call in work.items():
            times[name] += [_time_ms(call) for _ in range(calls[name])]
    return {name: spread(np.array(taken)) for name, taken in times.items()}


def _time_ms(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return (time.perf_counter() - start) * 1000
