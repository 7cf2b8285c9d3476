"""Whether fine-tuning helped: by right, wrong and unsure answers, with the AUC as the guard."""

import numpy as np
import pytest

from data.answers import given
from data.tally import Tally, tally
from edge.model.decision import Band, Thresholds
from train.compact.verdict import Seen, judge


def seen(happy: tuple[int, int, int], sad: tuple[int, int, int], auc: float = 0.9) -> Seen:
    """Of each class so many answered happy, sad and unsure."""
    names = ("happy", "sad", "unsure")
    rows = {
        "happy": dict(zip(names, happy, strict=True)),
        "sad": dict(zip(names, sad, strict=True)),
    }
    points = (
        [point] * count
        for right, wrong, unsure in (happy, (sad[1], sad[0], sad[2]))
        for point, count in ((1, right), (0, unsure), (-1, wrong))
    )
    return Seen(Tally(rows), auc, np.concatenate([*points]).astype(int))


@pytest.mark.parametrize(
    ("before", "after", "helped"),
    [
        # Half was unsure and now nothing is: that is what the user sees.
        (seen((15, 0, 15), (0, 15, 15)), seen((30, 0, 0), (0, 30, 0)), True),
        (seen((15, 0, 15), (0, 15, 15)), seen((27, 3, 0), (3, 27, 0)), True),
        # Answers that are wrong are worse than none.
        (seen((20, 0, 10), (0, 20, 10)), seen((22, 8, 0), (8, 22, 0)), False),
        # One class for the other is no gain.
        (seen((20, 10, 0), (0, 30, 0)), seen((30, 0, 0), (20, 10, 0)), False),
        # The AUC guards, but for one pair of few images or a hundredth of many.
        (seen((20, 0, 10), (0, 20, 10), 0.95), seen((30, 0, 0), (0, 30, 0), 0.9), False),
        (seen((20, 0, 10), (0, 20, 10), 0.95), seen((30, 0, 0), (0, 30, 0), 0.94), True),
        (seen((2, 0, 2), (0, 4, 0), 1.0), seen((4, 0, 0), (0, 4, 0), 15 / 16), True),
        # A model that is more often wrong than right is of no use, whatever the other is.
        (seen((0, 3, 1), (3, 0, 1)), seen((2, 2, 0), (4, 0, 0)), False),
        # At a tie the AUC decides; without any difference the original stays.
        (seen((4, 0, 0), (0, 4, 0), 0.8), seen((4, 0, 0), (0, 4, 0), 0.9), True),
        (seen((4, 0, 0), (0, 4, 0)), seen((4, 0, 0), (0, 4, 0)), False),
    ],
)
def test_more_right_and_fewer_wrong_answers_are_a_help(
    before: Seen, after: Seen, helped: bool
) -> None:
    assert judge(before, after)[0] == helped


def test_the_verdict_is_a_line_that_decides_and_one_of_the_answers() -> None:
    _, text = judge(seen((2, 0, 2), (0, 4, 0)), seen((3, 0, 1), (1, 3, 0)))
    assert text == (
        "right less wrong answers (mean of the classes) are 62.5% after fine-tuning, 75.0% before\n"
        "of 8 validation images the fine-tuned model answers 6 right, 1 wrong and 1 unsure, the "
        "original 6, 0 and 2; 1 answer became better and 1 worse, which may be chance"
    )
    worse = judge(seen((2, 0, 2), (0, 4, 0)), seen((4, 0, 0), (0, 4, 0), 0.5))
    assert worse == (
        False,
        "right less wrong answers (mean of the classes) are 100.0% after fine-tuning, 75.0% before"
        ", but the fine-tuned model tells happy from sad less well\n"
        "of 8 validation images the fine-tuned model answers 8 right, 0 wrong and 0 unsure, the "
        "original 6, 0 and 2; 2 answers became better and 0 worse, which may be chance",
    )
    assert judge(None, None)[1].startswith("there are no validation images of both classes")


@pytest.mark.parametrize(("more", "may_be_chance"), [(0, False), (1, True), (5, True), (6, False)])
def test_a_change_that_may_be_chance_is_said_to_be(more: int, may_be_chance: bool) -> None:
    # Six of six better: 2 / 2^6 = 0.031; five of five: 0.0625.
    _, text = judge(seen((6, 0, 6), (0, 12, 0)), seen((6 + more, 0, 6 - more), (0, 12, 0)))
    assert text.endswith("which may be chance") == may_be_chance


def test_the_sign_test_is_exact_with_thousands_of_changes() -> None:
    # Of 2,000 changes 956 for the worse have a two-sided p of 0.0517, 955 one of 0.0465.
    start = seen((0, 0, 2000), (0, 2000, 0))
    for worse, may_be_chance in ((956, True), (955, False)):
        helped, text = judge(start, seen((2000 - worse, worse, 0), (0, 2000, 0)))
        assert helped
        assert ("which may be chance" in text) == may_be_chance


def test_where_more_answers_became_worse_than_better_a_model_that_is_kept_says_so() -> None:
    # The small class decides: the mean of the classes is 0.9 instead of 0.5.
    before = seen((100, 0, 0), (0, 0, 8))
    after = seen((80, 0, 20), (0, 8, 0))
    helped, text = judge(before, after)
    assert helped
    assert "are 90.0% after fine-tuning, 50.0% before\n" in text
    assert text.endswith("; 8 answers became better and 20 worse")
    refused, text = judge(after, before)
    assert not refused
    assert "are 50.0% after fine-tuning, 90.0% before\n" in text
    assert text.endswith("; 20 answers became better and 8 worse")


def test_where_the_auc_alone_decides_no_answer_is_said_to_have_changed() -> None:
    worse, better = (seen((4, 0, 0), (0, 4, 0), auc) for auc in (0.8, 0.9))
    assert judge(worse, better)[1].endswith(
        "8, 0 and 0; no answer changed, but it tells happy from sad better"
    )
    assert judge(better, better)[1].endswith("8, 0 and 0; no answer changed")
    refused = judge(better, worse)[1]
    assert "100.0% before, but the fine-tuned model tells happy from sad less well\n" in refused
    assert refused.endswith("8, 0 and 0; no answer changed")


def test_answers_are_counted_as_the_device_gives_them() -> None:
    labels = np.array(["happy", "happy", "sad", "neutral", "angry"])
    two = np.array([[0.9], [0.5], [0.1], [0.55], [0.9]])
    band = Band(0.4, 0.6)
    assert given(two, band).tolist() == [band.label((p,)) for (p,) in two.tolist()]
    counted = tally(two, labels, band)
    assert counted.counts == {
        "happy": {"happy": 1, "sad": 0, "unsure": 1},
        "sad": {"happy": 0, "sad": 1, "unsure": 0},
        "neutral": {"happy": 0, "sad": 0, "unsure": 1},
    }
    assert (counted.images, counted.right, counted.wrong, counted.unsure) == (4, 2, 0, 2)
    assert counted.worth == pytest.approx((0.5 + 1 + 0) / 3)
    three = np.array([[0.8, 0.1, 0.05, 0.05], [0.1, 0.2, 0.6, 0.1]])
    counts = tally(three, np.array(["happy", "sad"]), Thresholds(0.5, 0.5, 0.5)).counts
    assert counts["sad"] == {"happy": 0, "sad": 0, "neutral": 1, "unsure": 0}
