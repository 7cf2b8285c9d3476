"""The pictures of a run: how it learned, what it confuses, what it got wrong."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from data import CLASSES, Part
from data.contact_sheet import write_contact_sheet
from edge.machine.output_file import replacing

SHEET_SIZE = 40  # pictures on a sheet


def plot_history(path: Path, history: Mapping[str, Sequence[float]], best_epoch: int = 0) -> None:
    """Draws accuracy and loss over the epochs, for training and, if there, validation images.

    Args:
        path: The PNG to make.
        history: As Keras's `History.history`: "accuracy", "loss", "val_accuracy", "val_loss".
        best_epoch: Marked with a line if not 0; its weights are the ones that were kept.

    Raises:
        OutputError: The file cannot be written.
    """
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    accuracy, loss = figure.subplots(1, 2)
    for axes, name in ((accuracy, "accuracy"), (loss, "loss")):
        _plot_epochs(axes, name, history, best_epoch)
    accuracy.set_ylim(top=1.005)
    loss.set_ylim(bottom=0)
    _save(figure, path)


def plot_samples(path: Path, part: Part) -> None:
    """Draws training images with their labels, happy and sad in turn.

    Raises:
        OutputError: The file cannot be written.
    """
    part = part.of(*CLASSES)
    classes = [np.flatnonzero(part.labels == label)[: SHEET_SIZE // 2] for label in CLASSES]
    chosen = [index for pair in zip(*classes, strict=False) for index in pair]
    pictures = [(part.pixels[index], part.labels[index], "black") for index in chosen]
    title = f"{len(chosen)} of {len(part.pixels)} training images as the model sees them"
    write_contact_sheet(path, title, pictures)


def plot_answers(run: Path, part: Part, p_happy: np.ndarray) -> None:
    """Draws `confusion.png` and `mistakes.png`, the wrong answers, the most certain first.

    Args:
        run: The folder to write to.
        part: Happy and sad images that were not trained on; without any, both pictures say so.
        p_happy: float (n,): the model's answers, 0 to 1.

    Raises:
        OutputError: A file cannot be written.
    """
    says_sad = p_happy < 0.5
    counts = np.zeros((2, 2), int)
    np.add.at(counts, (part.is_sad.astype(int), says_sad.astype(int)), 1)
    of = f"{len(p_happy)} {part.name} images" if len(p_happy) else "no images were held out"
    _plot_confusion(run / "confusion.png", of, counts)
    wrong = np.flatnonzero(says_sad != part.is_sad)
    wrong = wrong[np.argsort(-np.abs(p_happy[wrong] - 0.5))]
    pictures = [
        (
            part.pixels[index],
            f"is {part.labels[index]}, p(happy) {p_happy[index]:.2f}",
            "crimson",
        )
        for index in wrong[:SHEET_SIZE]
    ]
    write_contact_sheet(run / "mistakes.png", f"{len(wrong)} wrong answers on {of}", pictures)


def _plot_confusion(path: Path, title: str, counts: np.ndarray) -> None:
    """Draws a confusion matrix.

    Args:
        path: The PNG to make.
        title: One line above it.
        counts: int (2, 2): rows are the true classes, columns the answers, happy first.
    """
    figure = Figure(figsize=(4.2, 4), layout="constrained")
    axes = figure.subplots()
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for row, column in np.ndindex(2, 2):
        axes.text(
            column,
            row,
            f"{counts[row, column]}\n{shares[row, column]:.0%}",
            ha="center",
            va="center",
            color="white" if shares[row, column] > 0.5 else "black",
        )
    axes.set_xticks([0, 1], CLASSES)
    axes.set_yticks([0, 1], CLASSES)
    axes.set(title=title, xlabel="answer", ylabel="truth")
    _save(figure, path)


def _plot_epochs(
    axes: Axes, name: str, history: Mapping[str, Sequence[float]], best_epoch: int
) -> None:
    for key, label in ((name, "training"), (f"val_{name}", "validation")):
        if key in history:
            epochs = range(1, len(history[key]) + 1)
            axes.plot(epochs, history[key], marker="o", markersize=3, label=label)
    if best_epoch:
        axes.axvline(best_epoch, color="gray", linestyle=":", label="kept")
    axes.set(title=name, xlabel="epoch")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(alpha=0.3)
    axes.legend()


def _save(figure: Figure, path: Path) -> None:
    with replacing(path) as temporary:
        figure.savefig(temporary, dpi=110)
