"""What boxes share, and what of them is in the picture."""

import numpy as np
import pytest

from edge.faces.boxes import clipped, overlap, overlap_of_smaller, overlaps, share_outside

UNIT = (0.0, 0.0, 10.0, 10.0)


@pytest.mark.parametrize(
    ("other", "union", "smaller"),
    [
        (UNIT, 1.0, 1.0),
        ((5.0, 0.0, 10.0, 10.0), 50 / 150, 0.5),
        ((2.0, 2.0, 5.0, 4.0), 20 / 100, 1.0),
        ((10.0, 0.0, 10.0, 10.0), 0.0, 0.0),  # side by side
        ((0.0, 0.0, 0.0, 0.0), 0.0, 0.0),
    ],
)
def test_two_boxes_share_the_same_whichever_comes_first(
    other: tuple[float, float, float, float], union: float, smaller: float
) -> None:
    for one, two in ((UNIT, other), (other, UNIT)):
        assert overlap(one, two) == pytest.approx(union)
        assert overlap_of_smaller(one, two) == pytest.approx(smaller)


def test_many_boxes_at_once_share_what_each_shares_alone() -> None:
    rng = np.random.default_rng(0)
    boxes = rng.uniform(0.1, 20, (50, 4))
    together = overlaps(boxes[0].reshape(2, 2), boxes.reshape(-1, 2, 2))
    alone = [overlap(tuple(boxes[0]), tuple(box)) for box in boxes]
    assert together == pytest.approx(alone)
    assert 0 < min(share for share in alone if share) < max(alone[1:]) < 1


def test_what_lies_beyond_the_border_is_outside() -> None:
    assert share_outside((0, 0, 640, 480), (640, 480)) == 0
    assert share_outside((-10, 0, 20, 20), (640, 480)) == 0.5
    assert share_outside((630, 470, 20, 20), (640, 480)) == 0.75
    assert share_outside((700, 0, 20, 20), (640, 480)) == 1


def test_the_visible_part_is_in_whole_pixels_of_the_picture() -> None:
    assert clipped((1.4, 2.6, 10.0, 10.0), (640, 480)) == (1, 3, 10, 10)
    assert clipped((-5.0, 470.2, 20.0, 20.0), (640, 480)) == (0, 470, 15, 10)
    assert clipped((-50.0, 0.0, 20.0, 20.0), (640, 480)) == (0, 0, 0, 20)
