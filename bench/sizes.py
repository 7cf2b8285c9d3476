"""The faces model in its sizes, beside other people's models: `python -m bench.sizes RUN ...`."""

if __name__ == "__main__":  # before the rest loads, so that Ctrl-C is no traceback there either
    from edge.cli.exits import start

    start("bench.sizes", extra="train")

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from matplotlib.figure import Figure

from bench.chart import COLOURS
from bench.child import ROOT
from bench.others import OtherModel, fetch
from data import ANSWERS, LabelledFile, RunError, read_listing
from data.three_answers import Figures, choose_thresholds, figures
from edge.benchmark.machine import look
from edge.benchmark.spread import take_turns
from edge.classifier import Classifier
from edge.cli.command_list import one_command
from edge.cli.exits import run as run_command
from edge.images.image_file import read_image
from edge.machine.output_file import check_folder, replacing, write_bytes
from edge.model.decision import softmax
from export.measure.pictures import clear_of_run

app = one_command()

PART = "validation"
Shares = Callable[[np.ndarray], tuple[float, ...]]


@dataclass(frozen=True, slots=True)
class Size:
    """One model.

    Attributes:
        name: Of the run, or of the other people's model.
        megabytes: Of its file; None of other people's.
        mega_macs: Million multiply-adds of one side of a face; None of other people's.
        median_ms: From a face's picture to its probabilities, one thread.
        figures: At the operating point that `data.three_answers.choose_thresholds` finds for it.
    """

    name: str
    megabytes: float | None
    mega_macs: float | None
    median_ms: float
    figures: Figures


@app.command()
def sizes(
    runs: Annotated[list[Path], typer.Argument(help="Folders of exported runs.")],
    others: Annotated[
        bool, typer.Option("--others", help="Fetch and measure other people's models: 3 MB.")
    ] = False,
    rounds: Annotated[int, typer.Option(min=1, help="How often all is timed, in turns.")] = 7,
    out: Annotated[Path, typer.Option(help="Folder for the files.", show_default="docs")] = (
        ROOT / "docs"
    ),
) -> None:
    """Measures models of several sizes on the same faces: how good and how fast they are.

    The faces are the first run's validation images that voters agree on. Writes OUT/sizes.json and
    OUT/sizes.png, and prints a table.
    """
    for run in runs:
        if not (run / "model.tflite").is_file():
            raise RunError(f"no {run / 'model.tflite'}: run 'make train' and 'make export' first")
    check_folder(out)
    found = measure(
        {run.name: Classifier(run / "model.tflite") for run in runs},
        clear_of_run(read_listing(runs[0] / "images.csv"), PART),
        rounds,
        ROOT / "runs" / "bench" if others else None,
    )
    print(table_text(found))
    content: dict[str, Any] = {"machine": asdict(look()), "sizes": [asdict(one) for one in found]}
    write_bytes(out / "sizes.json", (json.dumps(content, indent=1) + "\n").encode())
    draw(out / "sizes.png", found)


def measure(
    classifiers: dict[str, Classifier], files: list[LabelledFile], rounds: int, kept: Path | None
) -> list[Size]:
    """Answers every picture with every model.

    Args:
        classifiers: Ours, by name.
        files: Pictures of faces, all of each.
        rounds: As for `take_turns`.
        kept: Folder for other people's models, which are measured too; None leaves them out.

    Raises:
        RunError: There are no pictures of one of the answers.
    """
    if missing := sorted(set(ANSWERS) - {file.label for file in files}):
        raise RunError(f"there are no faces that are clearly {' or '.join(missing)} to measure on")
    models: dict[str, Shares] = {name: partial(_ours, one) for name, one in classifiers.items()}
    for name, other in (fetch(kept) if kept else {}).items():
        models[name] = partial(_theirs, other)
    images = [read_image(file.path) for file in files]
    labels = np.array([file.label for file in files])
    times = take_turns({name: partial(model, images[0]) for name, model in models.items()}, rounds)
    found = []
    for name, model in models.items():
        shares = np.array([model(image) for image in images])
        measured = figures(shares, labels, choose_thresholds(shares, labels))
        assert measured  # there are faces of all answers
        content = classifiers[name].content if name in classifiers else None
        macs = classifiers[name].contract.details["multiply_adds"] if content else None
        found.append(
            Size(
                name,
                len(content) / 1e6 if content else None,
                macs / 1e6 if macs else None,
                times[name].median_ms,
                measured,
            )
        )
    return found


def _ours(classifier: Classifier, image: np.ndarray) -> tuple[float, ...]:
    return softmax(classifier.scores(image))


def _theirs(other: OtherModel, image: np.ndarray) -> tuple[float, ...]:
    return other.shares(other.published.prepare(image))


def table_text(found: list[Size]) -> str:
    """A Markdown table, a row for each."""
    rows = [
        f"| {one.name} | {_number(one.megabytes, '.2f')} | {_number(one.mega_macs, '.1f')} "
        f"| {one.median_ms:.2f} | {one.figures.auc:.4f} | {one.figures.auc_sad_neutral:.4f} "
        f"| {one.figures.sad_found:.1%} | {_number(one.figures.right, '.1%')} |"
        for one in found
    ]
    titles = (
        "model", "MB", "million multiply-adds", "ms a face", "happy from sad, AUC",
        "sad from neutral, AUC", "sad found", "right when answered",
    )  # fmt: skip
    return "\n".join([f"| {' | '.join(titles)} |", "|---|" + "---:|" * 7, *rows])


def _number(value: float | None, form: str) -> str:
    return "" if value is None else format(value, form)


def draw(path: Path, found: list[Size]) -> None:
    """Draws how good the models are against the time that they take.

    Raises:
        OutputError: The file cannot be written.
    """
    figure = Figure(figsize=(11, 4.6), layout="constrained")
    panels = figure.subplots(1, 2)
    for axes, title, value in (
        (panels[0], "sad from neutral, AUC", lambda one: one.figures.auc_sad_neutral),
        (panels[1], "happy from sad, AUC", lambda one: one.figures.auc),
    ):
        ours = [one for one in found if one.mega_macs is not None]
        ours.sort(key=lambda one: one.median_ms)
        axes.plot(
            [one.median_ms for one in ours], [value(one) for one in ours], color="lightgray",
            zorder=0,
        )  # fmt: skip
        for one in found:
            is_ours = one in ours
            colour = COLOURS[0] if is_ours else COLOURS[1]
            axes.plot(one.median_ms, value(one), "o", color=colour, markersize=8)
            work = f"\n{one.mega_macs:.0f} M multiply-adds" if one.mega_macs else ""
            # To the sides of the line's ends, above what is between them, below all others.
            aside = is_ours and one in (ours[0], ours[-1])
            side = 0 if not aside else -1 if one is ours[0] else 1
            axes.annotate(
                one.name + work, (one.median_ms, value(one)), textcoords="offset points",
                xytext=(10 * side, 0 if aside else 9 if is_ours else -9), fontsize=9,
                ha={-1: "right", 0: "center", 1: "left"}[side],
                va="center" if aside else "bottom" if is_ours else "top",
            )  # fmt: skip
        axes.set(xscale="log", xlabel="ms a face, one thread", title=title)
        axes.margins(x=0.6, y=0.2)
        axes.xaxis.set_major_formatter("{x:g}")
        axes.grid(alpha=0.3)
    figure.suptitle("Validation faces that six in ten people agree on; int8, through the device")
    with replacing(path) as temporary:
        figure.savefig(temporary, dpi=110)


def main() -> None:
    """Runs the command line."""
    run_command(app)
