"""The pictures of a run: how it learned, what it confuses, what it got wrong."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from data import ANSWERS, Part
from data.contact_sheet import write_contact_sheet
from edge.errors import one_line
from edge.machine.output_file import replacing
from edge.wording import counted
from train.report.faces import Answered, mistakes
from train.report.matrix import kind, opacity

SHEET_SIZE = 40  # pictures on a sheet
COLOURS = {"right": (0, 114, 178), "wrong": (194, 84, 0), "unsure": (120, 120, 125)}  # as page.css
NAME_LENGTH = 22  # letters of a file's name that fit below a picture


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
    """Draws training images with their labels, happy, sad and, if there, neutral in turn.

    Raises:
        OutputError: The file cannot be written.
    """
    part = part.of(*ANSWERS)
    found = [np.flatnonzero(part.labels == label) for label in ANSWERS if label in part.labels]
    each = SHEET_SIZE // max(len(found), 1)
    chosen = [index for turn in zip(*(f[:each] for f in found), strict=False) for index in turn]
    pictures = [(part.pixels[index], str(part.labels[index]), "black") for index in chosen]
    title = f"{len(chosen)} of {counted(len(part.pixels), 'training image')} as the model sees them"
    write_contact_sheet(path, title, pictures)


def plot_answers(
    run: Path, part: str, images: Sequence[Answered], counts: Mapping[str, Mapping[str, int]]
) -> None:
    """Draws `confusion.png` and, if there are any, the wrong answers, the surest first.

    These are `mistakes.png`.

    Args:
        run: The folder to write to.
        part: Its name.
        images: Of the part, which was not trained on; without any, the picture says so.
        counts: As `Tally.counts` of the part.

    Raises:
        OutputError: A file cannot be written.
    """
    of = counted(len(images), f"{part} image") if images else "no images were held out"
    _plot_confusion(run / "confusion.png", of, counts)
    wrong = mistakes(images)
    if not wrong:
        return
    pictures = [
        (
            image.pixels,
            f"{short_name(image.path.name)}\nis {image.label}, p({image.answer}) {image.p:.2f}",
            "crimson",
        )
        for image in wrong[:SHEET_SIZE]
    ]
    title = f"{counted(len(wrong), 'wrong answer')} on {of}"
    write_contact_sheet(run / "mistakes.png", title, pictures)


def short_name(name: str) -> str:
    """A file's name in at most NAME_LENGTH letters, its end kept, where copies differ."""
    name = one_line(name)
    half = NAME_LENGTH // 2 - 1
    return name if len(name) <= NAME_LENGTH else f"{name[:half]}..{name[-half:]}"


def _plot_confusion(path: Path, title: str, counts: Mapping[str, Mapping[str, int]]) -> None:
    """Draws a confusion matrix in the colours of the report's.

    Rows are the true labels, columns the answers, "unsure" the last.

    Args:
        path: The PNG to make.
        title: One line above it.
        counts: As `Tally.counts`.
    """
    answers = list(next(iter(counts.values()), {}))
    figure = Figure(
        figsize=(2.4 + 1.1 * max(len(answers), 1), 1.8 + 1.0 * max(len(counts), 1)),
        layout="constrained",
    )
    axes = figure.subplots()
    matrix = np.array([list(row.values()) for row in counts.values()], int)
    matrix = matrix.reshape(len(counts), len(answers))
    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    if matrix.size:
        colours = [
            [
                (*COLOURS[kind(label, answer)], 255 * opacity(share))
                for answer, share in zip(answers, row, strict=True)
            ]
            for label, row in zip(counts, shares, strict=True)
        ]
        axes.imshow(np.divide(colours, 255))
    for row, column in np.ndindex(matrix.shape):
        axes.text(
            column,
            row,
            f"{matrix[row, column]}\n{shares[row, column]:.0%}",
            ha="center",
            va="center",
        )
    axes.set_xticks(range(len(answers)), answers)
    axes.set_yticks(range(len(counts)), list(counts))
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
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8, min_n_ticks=1))
    axes.grid(alpha=0.3)
    axes.legend()


def _save(figure: Figure, path: Path) -> None:
    with replacing(path) as temporary:
        figure.savefig(temporary, dpi=110)
