"""The device's command line: `python -m edge`, installed as `happysad`."""

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from edge.annotate import AnnotatedCopies
from edge.classifier import Classifier, Prediction
from edge.command import run
from edge.contract import describe, read_model
from edge.errors import ImageError, ModelError, one_line
from edge.frames import Frame, read_frames

app = typer.Typer(
    help="Tells happy faces from sad ones.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)

EDGE = Path(__file__).resolve().parent


class Crop(str, Enum):
    """What of a picture the model sees."""

    frame = "frame"
    face = "face"


class Runtime(str, Enum):
    """The TFLite runtimes that a user can ask for."""

    auto = "auto"
    litert = "ai-edge-litert"
    tflite = "tflite-runtime"


ModelOption = Annotated[
    Path | None,
    typer.Option("--model", "-m", help="A .tflite of 'make export'.", show_default="the newest"),
]


@app.command()
def classify(
    paths: Annotated[
        list[str],
        typer.Argument(help="Images, videos, folders, globs; '-' reads names from stdin."),
    ],
    model: ModelOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    save: Annotated[
        Path | None, typer.Option(help="Folder for copies with the answer written below.")
    ] = None,
    crop: Annotated[
        Crop | None, typer.Option(help="Overrides what the model file says it sees.")
    ] = None,
    threads: Annotated[int, typer.Option(min=1, help="CPU threads for inference.")] = 1,
    runtime: Annotated[Runtime, typer.Option(help="TFLite runtime.")] = Runtime.auto,
) -> None:
    """Answers for each picture: happy, sad or unsure, one line each.

    With --json each line is an object with the keys path, frame (number in a video, or null),
    time_s (in a video, or null), box ([x, y, width, height] of the face, or null for the whole
    picture), label, p_happy (0 to 1) and latency_ms. Files that cannot be used are named on
    stderr, the rest goes on, and the exit code is 1.
    """
    classifier = Classifier(model or _newest_model(), threads=threads, runtime=runtime.value)
    if (crop.value if crop else classifier.contract.crop) == "face":
        raise ModelError("this version has no face detector: crop the faces, use --crop frame")
    tally: Counter[str] = Counter()

    def skip(error: ImageError) -> None:
        tally["unreadable"] += 1
        print(f"skipped: {one_line(error)}", file=sys.stderr)

    latency_ms = 0.0
    with AnnotatedCopies(save) if save else nullcontext() as copies:
        for frame in read_frames(_arguments(paths), on_unreadable=skip):
            prediction = classifier.classify(frame.image)
            print(_json(frame, prediction) if as_json else _text(frame, prediction), flush=True)
            if copies:
                copies.add(frame, prediction)
            tally[prediction.label] += 1
            latency_ms += prediction.latency_ms
    _summarise(tally, latency_ms, classifier)
    if tally["unreadable"]:
        raise typer.Exit(1)


@app.command()
def info(
    model: Annotated[
        Path | None, typer.Argument(help="A .tflite of 'make export'.", show_default="the newest")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The contract as JSON.")] = False,
) -> None:
    """Shows what a model file says of itself: contract, metrics, operators."""
    model_path = model or _newest_model()
    content, contract = read_model(model_path)
    if as_json:
        print(json.dumps(dict(contract.details), indent=2))
        return
    print(f"{model_path}  {len(content) / 1e6:.2f} MB")
    print(describe(contract))


def _newest_model() -> Path:
    """The model exported last in the checkout that this package is in."""
    models = EDGE.parent.glob("runs/*/model.tflite")
    newest = max(models, key=lambda path: path.stat().st_mtime, default=None)
    if newest is None:
        raise ModelError("no model yet: run 'make train' and 'make export', or name one (--model)")
    return newest


def _arguments(paths: Iterable[str]) -> Iterator[str]:
    """The paths, with '-' replaced by the names on stdin, one a line."""
    for path in paths:
        if path == "-":
            yield from filter(None, (line.rstrip("\r\n") for line in sys.stdin))
        else:
            yield path


def _json(frame: Frame, prediction: Prediction) -> str:
    position = frame.video
    return json.dumps(
        {
            "path": str(frame.path),
            "frame": position.index if position else None,
            "time_s": round(position.time_s, 3) if position else None,
            "box": None,
            "label": prediction.label,
            "p_happy": round(prediction.p_happy, 4),
            "latency_ms": round(prediction.latency_ms, 3),
        }
    )


def _text(frame: Frame, prediction: Prediction) -> str:
    place = f"  {frame.video.time_s:.2f} s, frame {frame.video.index}" if frame.video else ""
    return f"{prediction.label:6}  {prediction.p_happy:.3f}  {one_line(frame.path)}{place}"


def _summarise(tally: Counter[str], latency_ms: float, classifier: Classifier) -> None:
    """One line on stderr: what was answered how often, with which model, how fast."""
    answered = tally.total() - tally["unreadable"]
    counts = ", ".join(f"{tally[label]} {label}" for label in sorted(tally))
    speed = f", {latency_ms / answered:.1f} ms each" if answered else ""
    print(
        f"{counts}{speed} ({classifier.contract.name}, {classifier.network.runtime})",
        file=sys.stderr,
    )


def main() -> None:
    """Runs the command line; the `happysad` script."""
    run(app)
