"""What a training prints, and what it does not."""

import logging
import sys
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from data.few import FEW, SHIPPED_START
from edge.terminal.console import ERASE
from edge.wording import counted
from tests.support.command import run_module
from train.evaluation import shares
from train.progress import TrainingProgress
from train.summary import limits, summarize


def test_a_terminal_gets_a_line_for_each_epoch_and_no_rests(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    progress = TrainingProgress()
    progress.set_params({"steps": 4})
    for epoch in range(2):
        progress.on_epoch_begin(epoch)
        progress.on_train_batch_end(1)
        progress.on_train_batch_end(3)
        progress.on_epoch_end(epoch, {"accuracy": 0.5, "loss": 0.25})
    shown = capfd.readouterr().err.split("\n")
    assert shown[0].startswith(f"{ERASE}epoch   1  1 of 4{ERASE}")
    left = [line.rsplit(ERASE, 1)[-1].rsplit("  ", 1)[0] for line in shown]
    figures = "accuracy 0.500  loss 0.250"
    assert left == [f"epoch   1  {figures}", f"epoch   2  {figures}", ""]


def test_many_models_are_asked_without_a_warning_of_tensorflow(
    caplog: pytest.LogCaptureFixture,
) -> None:
    heard: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: heard.append(record.getMessage())  # type: ignore[method-assign]
    logging.getLogger("tensorflow").addHandler(handler)
    try:
        for size in range(1, 8):
            model = keras.Sequential([keras.Input((size, size, 1)), layers.Flatten()])
            model.add(layers.Dense(1, activation="sigmoid"))
            answers = shares(model, np.zeros((3, size, size, 1), np.uint8))
            assert answers.tolist() == [[0.5]] * 3
    finally:
        logging.getLogger("tensorflow").removeHandler(handler)
    assert heard == []


def test_numbers_are_said_with_their_noun() -> None:
    assert counted(1, "epoch") == "1 epoch"
    assert counted(0, "epoch") == "0 epochs"
    assert counted(2, "class", "classes") == "2 classes"


@pytest.mark.parametrize("package", ["data", "edge", "edge model", "pi", "export.measure"])
def test_the_list_of_commands_says_what_each_does_to_the_end(package: str) -> None:
    done = run_module(*package.split(), "--help", env={"COLUMNS": "80"}, check=True)
    commands = done.stdout.split("Commands:")[1]
    assert "..." not in commands
    assert commands.rstrip().endswith(".")


def test_what_was_not_held_out_and_what_is_too_few_is_said_at_the_end() -> None:
    held_out = {"happy": 0, "sad": 4, "neutral": 0}
    metrics = {
        "answered": {"validation": {}, "test": {"sad": {"happy": 0, "sad": 4, "unsure": 0}}},
        "validation": None,
        "test": None,
        "data": {
            "images": {
                "train": {"happy": 1, "sad": 22, "neutral": 0},
                "validation": held_out,
                "test": held_out,
            }
        },
    }
    assert limits(metrics) == [
        "no happy image was held out: nothing is known of these",
        "warning: 1 happy image to train on is too few to learn from: add more, and see 'make "
        "check'",
        "if these are photographs of faces, start from the shipped model: "
        'add ARGS="--init faces" to make train',
    ]


def finished(figures: dict[str, float | None], each: int, before: Any = None) -> dict[str, Any]:
    """What metrics.json holds of a model that is unsure of all of `each` test images of a label."""
    counts = dict.fromkeys(("happy", "sad", "neutral"), each)
    unsure = {"happy": 0, "sad": 0, "neutral": 0, "unsure": each}
    return {
        "stopped_by": "the end of the schedule",
        "epochs": 2,
        "kept_epoch": 2,
        "answered": {"validation": {}, "test": dict.fromkeys(counts, unsure)},
        "validation": None,
        "test": {"images": 3 * each, **figures},
        "before": before,
        "thresholds": {"happy": 0.4, "sad": 0.4, "neutral": 0.4},
        "data": {"images": dict.fromkeys(("train", "test", "validation"), counts), "notes": []},
    }


UNSURE = {
    **dict.fromkeys(
        ("happy_found", "sad_found", "neutral_found", "neutral_called_happy", "neutral_called_sad"),
        0.0,
    ),
    "right": None,
    "unsure": 1.0,
}


def test_a_model_that_answers_nothing_is_said_to_with_what_does_better() -> None:
    text = summarize(finished(UNSURE, 12))
    assert "right when answered -\n" in text
    assert text.endswith(
        f"warning: it answered none of 36 test images: all are unsure\n{SHIPPED_START}"
    )
    assert limits(finished(UNSURE, 200))[1:] == [SHIPPED_START]
    good = {**UNSURE, "right": 0.95, "unsure": 0.0}
    assert limits(finished(good, FEW // 3)) == []  # in three parts
    assert limits(finished(good, FEW // 3 - 1)) == [SHIPPED_START]


def test_fine_tuning_is_not_recommended_to_who_did_it() -> None:
    tuned = finished(UNSURE, 12, {"thresholds": {}, "validation": None, "test": UNSURE})
    text = summarize(tuned)
    assert text.endswith("none of 36 test images: all are unsure")
    assert "right - -> -" in text
