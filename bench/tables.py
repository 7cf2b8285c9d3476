"""A run as text for people; the device's part has tables of its own."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bench.floor import floor_of
from edge.benchmark.tables import aligned, spread_text

Row = Sequence[str]


def bench_text(run: Mapping[str, Any]) -> str:
    """What the device's tables do not show: Keras, other models, training, export."""
    timings = run["device"]["inference"]["timings"]
    parts = [
        _floors(run["floors"], timings),
        _keras(run["keras"]),
        _compared(run["compared"]),
    ]
    for name, trainings in run["training"].items():
        parts.append(_training(name, trainings))
    lines = ["\n".join(aligned(list(rows), left=1)) for rows in parts]
    exports = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in run["export_s"].items())
    lines.insert(1, "\n".join(_limits(run["floors"])))
    return "\n\n".join([*lines, f"export, with its proof  {exports}"])


def _floors(floors: Mapping[str, Any], timings: Sequence[Mapping[str, Any]]) -> Iterator[Row]:
    yield "one picture, 1 thread", "runtime", "ms", "this core's floor", "ratio"
    for timing in timings:
        if floor_ms := floor_of(floors, timing):
            median_ms = timing["time"]["median_ms"]
            yield (
                Path(timing["path"]).name,
                timing["runtime"],
                f"{median_ms:.3f}",
                f"{floor_ms:.3f}",
                f"{median_ms / floor_ms:.2f}",
            )


def _limits(floors: Mapping[str, Any]) -> Iterator[str]:
    for limits in floors["limits"]:
        yield (
            f"one core with {limits['runtime']}: {limits['int8_rate'] / 1e9:.1f} billion int8 "
            f"multiply-adds a second; memory is read at {limits['read_rate'] / 1e9:.1f} GB/s"
        )


def _keras(times: Mapping[str, Any]) -> Iterator[Row]:
    yield "the exercise's network, one picture, 1 thread", "ms", "10-90 %"
    for name, time in times.items():
        yield name, f"{time['median_ms']:.2f}", spread_text(time, 2)


def _compared(compared: Sequence[Mapping[str, Any]]) -> Iterator[Row]:
    yield "one face, 1 thread", "prepare ms", "infer ms", "balanced accuracy", "AUC", "pictures"
    for one in compared:
        scores = one["scores"]
        yield (
            one["name"],
            f"{one['prepare']['median_ms']:.3f}",
            f"{one['time']['median_ms']:.3f}",
            f"{scores['balanced_accuracy']:.1%}" if scores else "-",
            f"{scores['auc']:.3f}" if scores else "-",
            f"{scores['images']}" if scores else "-",
        )


def _training(name: str, trainings: Sequence[Mapping[str, Any]]) -> Iterator[Row]:
    first = trainings[0]
    side = first["side"]
    title = f"training, {name}: {first['images']} pictures of {side}x{side} ({first['data']})"
    yield (
        title,
        "batch",
        "s from start",
        "epochs",
        "first epoch s",
        "epoch s",
        "pictures/s",
    )
    for one in trainings:
        yield (
            one["who"],
            str(one["batch_size"]),
            f"{np.median(one['seconds']):.1f}",
            "/".join(map(str, one["epochs"])),
            f"{one['first_epoch_s']:.2f}",
            f"{one['epoch_s']:.3f}",
            f"{one['images_per_s']:.0f}",
        )
