"""The original exercise, step by step: look at the images, train, show the history.

Run it with `python happy_or_sad.py [FOLDER]`; FOLDER holds `happy` and `sad`. Pictures open in
windows where there is a display; without one they become PNG files in `runs/happy_or_sad/`.
"""

if __name__ == "__main__":  # before the rest loads, so that Ctrl-C is no traceback there either
    from edge.cli.exits import start

    start("happy_or_sad", extra="train")

from pathlib import Path
from typing import Annotated

import matplotlib.pyplot as plt
import typer
from matplotlib.figure import Figure

from data import CLASSES, default_directory
from edge.cli.command_list import one_command
from edge.cli.exits import run
from edge.images.image_file import read_image
from edge.machine.output_file import replacing
from edge.model.run import RUNS
from edge.wording import counted
from train import image_generator, myCallback, train_happy_sad_model
from train.progress import TrainingProgress

PICTURES = RUNS / "happy_or_sad"


def show(figure: Figure, name: str) -> None:
    """Opens a window, or writes a PNG where matplotlib found no display."""
    if plt.get_backend().lower() != "agg":
        figure.show()
        return
    path = PICTURES / f"{name}.png"
    with replacing(path) as temporary:
        figure.savefig(temporary, dpi=110)
    print(f"picture: {path}")


def exercise(
    directory: Annotated[
        Path | None, typer.Argument(help="Folder with happy/ and sad/.", show_default="data")
    ] = None,
) -> None:
    """Runs the exercise's steps on the images in a folder."""
    directory = directory or default_directory()
    print(f"images in {directory}")

    images = image_generator(directory)
    samples = {
        label: next(
            Path(name)
            for name, is_sad in zip(images.filenames, images.labels, strict=True)
            if is_sad == images.class_indices[label]
        )
        for label in CLASSES
    }
    figure, axes = plt.subplots(1, 2, figsize=(6, 3.3), layout="constrained")
    for label, plot in zip(CLASSES, axes, strict=True):
        print(f"sample {label} image: {samples[label]}")
        plot.imshow(read_image(samples[label])[:, :, ::-1])  # matplotlib wants R, G, B
        plot.set_title(label)
        plot.axis("off")
    show(figure, "samples")

    pixels = read_image(samples["happy"])[:, :, ::-1]
    print(f"the happy one as an array, R, G, B:\n{pixels}")
    print(f"shape: {pixels.shape}")
    print(f"largest pixel value: {pixels.max()}")

    count = counted(images.samples, "training image")
    print(f"{count}; the others are held out, pictures that look alike together")
    history = train_happy_sad_model(images, callbacks=[myCallback(0.999), TrainingProgress()])
    epochs = counted(len(history.epoch), "epoch")
    print(f"accuracy {history.history['accuracy'][-1]:.4f} after {epochs}")
    held_out = image_generator(directory, part="test", shuffle=False)
    if held_out.samples:
        _, accuracy = history.model.evaluate(held_out, verbose=0)
        print(f"accuracy {accuracy:.4f} on {held_out.samples} images that were not trained on")

    figure, axes = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
    for name, plot in zip(("accuracy", "loss"), axes, strict=True):
        plot.plot(range(1, len(history.epoch) + 1), history.history[name], marker="o")
        plot.set(title=f"training {name}", xlabel="epoch")
    show(figure, "history")
    plt.show()


def main() -> None:
    """Runs the command line."""
    app = one_command()
    app.command()(exercise)
    run(app)
