"""How long the tests of cameras wait: for a fault to be noticed, and for something to happen."""

import time
from collections.abc import Callable
from typing import Any

from edge.camera.camera_feed import CameraFeed
from edge.camera.faults import Patience

# A hundredth of the real ones, so that a thousand faults take seconds.
QUICK = Patience(
    stall_s=0.05, slow_s=0.1, bad_s=0.02, frozen_s=0.04, first_pause_s=0.001, longest_pause_s=0.01,
    reopen_frozen_s=0.05, stuck_s=0.3,
)  # fmt: skip


def wait_until(feed: CameraFeed, happens: Callable[[], bool], seconds: float = 30.0) -> list[str]:
    """Asks for frames, as the loop does, until something happens; gives what was said."""
    said: list[str] = []
    end_s = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < end_s, f"did not happen; said: {said}"
        feed.next(0.01)
        said += feed.troubles.news()
    return said + feed.troubles.news()


def until(
    happens: Callable[[], object], what: str = "it", seconds: float = 120.0, tick_s: float = 0.01
) -> Any:
    """Waits until something happens on another thread or in another process, and gives it.

    Args:
        happens: Asked again and again; what counts as true is given back.
        what: Named where it does not happen.
        seconds: How long that is waited for: enough on a busy machine.
        tick_s: Between two questions.
    """
    end_s = time.monotonic() + seconds
    while not (found := happens()):
        assert time.monotonic() < end_s, f"not within {seconds:.0f} s: {what}"
        time.sleep(tick_s)
    return found
