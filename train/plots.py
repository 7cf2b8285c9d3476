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


def plot_answers(run: Path, part: Part, shares: np.ndarray, answers: Sequence[str]) -> None:
    """Draws `confusion.png` and `mistakes.png`, the wrong answers, the most certain first.

    Args:
        run: The folder to write to.
        part: Images with these labels that were not trained on; without any, both pictures say so.
        shares: float (n, 1), p_happy, or (n, 4), of `answers` and of all else.
        answers: What is answered, the likeliest of these: happy and sad, or neutral too.

    Raises:
        OutputError: A file cannot be written.
    """
    known = np.column_stack([shares, 1 - shares]) if shares.shape[1] == 1 else shares[:, :3]
    given = known.argmax(axis=1)
    true = np.array([answers.index(label) for label in part.labels], int)
    counts = np.zeros((len(answers), len(answers)), int)
    np.add.at(counts, (true, given), 1)
    of = f"{len(true)} {part.name} images" if len(true) else "no images were held out"
    _plot_confusion(run / "confusion.png", of, counts, answers)
    wrong = np.flatnonzero(given != true)
    wrong = wrong[np.argsort(-known[wrong].max(axis=1, initial=0))]
    pictures = [
        (
            part.pixels[index],
            f"is {part.labels[index]}, p({answers[given[index]]}) {known[index].max():.2f}",
            "crimson",
        )
        for index in wrong[:SHEET_SIZE]
    ]
    write_contact_sheet(run / "mistakes.png", f"{len(wrong)} wrong answers on {of}", pictures)


def _plot_confusion(path: Path, title: str, counts: np.ndarray, answers: Sequence[str]) -> None:
    """Draws a confusion matrix.

    Args:
        path: The PNG to make.
        title: One line above it.
        counts: int (k, k): rows are the true labels, columns the answers.
        answers: Their names.
    """
    figure = Figure(
        figsize=(2 + 1.1 * len(answers), 1.8 + 1.1 * len(answers)), layout="constrained"
    )
    axes = figure.subplots()
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for row, column in np.ndindex(counts.shape):
        axes.text(
            column,
            row,
            f"{counts[row, column]}\n{shares[row, column]:.0%}",
            ha="center",
            va="center",
            color="white" if shares[row, column] > 0.5 else "black",
        )
    axes.set_xticks(range(len(answers)), answers)
    axes.set_yticks(range(len(answers)), answers)
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
