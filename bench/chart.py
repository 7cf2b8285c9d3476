"""A run as a picture: inference, the whole step, training."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter

from bench.floor import floor_of
from edge.benchmark.steps import PARTS
from edge.machine.output_file import replacing

# Okabe and Ito 2008: told apart by people with red-green colour blindness too.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#999999")
FLOOR = "#222222"


def draw(path: Path, run: Mapping[str, Any]) -> None:
    """Draws the chart.

    Args:
        path: The PNG to make.
        run: From `bench.run.run`.

    Raises:
        OutputError: The file cannot be written.
    """
    figure = Figure(figsize=(12, 8.5), layout="constrained")
    grid = figure.add_gridspec(2, 2, height_ratios=(1.3, 1))
    _inference(figure.add_subplot(grid[0, 0]), run)
    _compared(figure.add_subplot(grid[0, 1]), run)
    _steps(figure.add_subplot(grid[1, 0]), run["device"]["steps"])
    _training(figure.add_subplot(grid[1, 1]), run["training"]["exercise"])
    machine = run["machine"]
    figure.suptitle(f"{machine['cpu']}, {machine['cores']} cores, {machine['system']}", fontsize=11)
    with replacing(path) as temporary:
        figure.savefig(temporary, dpi=110)


def _bars(
    axes: Axes, names: Sequence[str], values: Sequence[float], spreads: np.ndarray, colour: str
) -> None:
    places = np.arange(len(names))[::-1]
    axes.barh(places, values, color=colour, height=0.7)
    axes.errorbar(values, places, xerr=spreads, fmt="none", ecolor=FLOOR, elinewidth=0.8)
    for place, value in zip(places, values, strict=True):
        axes.annotate(f" {value:.3g}", (value, place), va="bottom", fontsize=7)
    axes.set_yticks(places, names, fontsize=8)
    axes.spines[["top", "right"]].set_visible(False)


def _inference(axes: Axes, run: Mapping[str, Any]) -> None:
    """Every file with one thread in each runtime; Keras; and the floors as short lines."""
    timings = [t for t in run["device"]["inference"]["timings"] if t["threads"] == 1]
    rows = [
        (
            f"{t['input']} {t['quantization']}, {t['runtime']}",
            t["time"],
            floor_of(run["floors"], t),
        )
        for t in timings
    ]
    rows += [
        (f"150x150x3, {name}", time, None)
        for name, time in run["keras"].items()
        if name.startswith("Keras")
    ]
    rows.sort(key=lambda row: (row[0].split("x")[0], row[1]["median_ms"]))
    names, times, floors = zip(*rows, strict=True)
    values = [time["median_ms"] for time in times]
    _bars(axes, names, values, _errors(times), COLOURS[0])
    for place, floor in zip(range(len(rows) - 1, -1, -1), floors, strict=True):
        if floor:
            axes.plot([floor] * 2, [place - 0.45, place + 0.45], color=FLOOR, lw=2)
    _in_decades(axes)
    axes.set(title="one picture, 1 thread (line: this core's floor)", xlabel="ms")


def _compared(axes: Axes, run: Mapping[str, Any]) -> None:
    """Models on the same pictures: time, and accuracy where it is known."""
    compared = run["compared"]
    names = []
    for one in compared:
        scores = one["scores"]
        names.append(one["name"] + (f"\n{scores['balanced_accuracy']:.1%}" if scores else ""))
    times = [one["time"] for one in compared]
    _bars(axes, names, [time["median_ms"] for time in times], _errors(times), COLOURS[2])
    _in_decades(axes)
    axes.set(title="models, and their balanced accuracy", xlabel="ms a face")


def _steps(axes: Axes, steps: Sequence[Mapping[str, Any]]) -> None:
    """What a frame costs in the mean, part on part."""
    names = [step["scene"] for step in steps]
    places, left = np.arange(len(names))[::-1], np.zeros(len(names))
    for part, colour in zip(PARTS, COLOURS, strict=True):
        values = np.array([step["parts_ms"][part] for step in steps])
        axes.barh(places, values, left=left, color=colour, height=0.6, label=part)
        left += values
    axes.set_yticks(places, names, fontsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    axes.set(title="a frame of 640x480, mean of all frames", xlabel="ms")
    if steps:
        axes.legend(  # below: beside the bars is no room for it
            loc="upper center", bbox_to_anchor=(0.5, -0.16),
            fontsize=7, ncols=7, frameon=False, columnspacing=1,
        )  # fmt: skip


def _training(axes: Axes, trainings: Sequence[Mapping[str, Any]]) -> None:
    """From the start of the process to 99.9 %, a dot for each seed."""
    for place, one in enumerate(reversed(trainings)):
        axes.barh(place, np.median(one["seconds"]), color=COLOURS[4], height=0.5)
        axes.plot(one["seconds"], [place] * len(one["seconds"]), "o", color=FLOOR, ms=4)
    axes.set_yticks(range(len(trainings)), [one["who"] for one in reversed(trainings)])
    axes.spines[["top", "right"]].set_visible(False)
    axes.set(title=f"the exercise's network, start to 99.9 %\n{trainings[0]['data']}", xlabel="s")


def _in_decades(axes: Axes) -> None:
    """A logarithmic axis with plain numbers, few enough to have room on a decade and on three."""
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5), numticks=12))
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_formatter(NullFormatter())


def _errors(times: Sequence[Mapping[str, float]]) -> np.ndarray:
    """From the median to the 10th and 90th percentile, as `errorbar` takes it: (2, n)."""
    low = [time["median_ms"] - time["low_ms"] for time in times]
    high = [time["high_ms"] - time["median_ms"] for time in times]
    return np.array([low, high])
