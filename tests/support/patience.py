"""How long the tests of cameras wait: for a fault to be noticed, and for something to happen."""

import time
from collections.abc import Callable

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


def wait_for(happens: Callable[[], bool], seconds: float = 30.0) -> None:
    """Waits until something happens on another thread or in another process."""
    end_s = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < end_s, "did not happen"
        time.sleep(0.002)
