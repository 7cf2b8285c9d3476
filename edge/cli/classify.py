"""The command `classify`."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import closing, nullcontext
from pathlib import Path
from typing import Annotated, Literal

import typer

from ..errors import ImageError, one_line
from ..faces.files import Range
from ..machine.quiet import claim_stderr
from ..model.choice import candidates
from .options import ModelOption, RuntimeOption, ThreadsOption


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
    """Answers happy, sad, neutral or unsure for each face or picture, a line each; or no_face.

    With --json each line is an object with the keys schema_version, path, frame (number in a
    video, or null), time_s (in a video, or null), box ([x, y, width, height] of the face in
    pixels, or null for the whole picture), label, p_happy, p_sad and p_neutral (0 to 1, or null
    where the model was not asked; p_neutral also where it does not know neutral faces), latency_ms
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
    path, classifier = load_first(candidates(model), _warn, threads=threads, runtime=runtime)
    faces = None
    if (crop or classifier.contract.crop) == "face":
        finder = FaceDetector(detector, threads=threads, runtime=runtime)
        faces = FaceClassifier(classifier, finder)
    line, summary = json_line if as_json else text_line, Summary()
    # All are listed before the first is read, except names on stdin, which may still come.
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
                print(line(frame, prediction), flush=True)
                summary.add(prediction)
            if copies:
                copies.add(frame, predictions)
            progress.step()
    name, used = classifier.contract.name, classifier.network.runtime
    print(summary.line(f"{name}, {one_line(path)}, {used}"), file=sys.stderr)
    if summary.unreadable:
        raise typer.Exit(1)


def _warn(line: str) -> None:
    print(one_line(line), file=sys.stderr)


def _arguments(paths: Iterable[str]) -> Iterator[str]:
    """The paths, with '-' replaced by the names on stdin, one a line."""
    for path in paths:
        if path == "-":
            yield from filter(None, (line.rstrip("\r\n") for line in sys.stdin or ()))
        else:
            yield path
