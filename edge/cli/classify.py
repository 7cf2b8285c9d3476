"""The command `classify`."""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import ImageError, NotFoundError, one_line
from ..machine.quiet import claim_stderr
from ..model.choice import announced
from ..wording import band_text, counted
from .options import (
    BandOption,
    CropOption,
    ModelOption,
    RangeOption,
    RuntimeOption,
    ThreadsOption,
)
from .stdin import arguments

if TYPE_CHECKING:
    import numpy as np

    from ..images.frame import Frame
    from ..images.listing import Listed
    from ..prediction import Prediction
    from ..terminal.console import Console
    from ..terminal.report import Summary


def classify(
    paths: Annotated[
        list[str],
        typer.Argument(
            help="Images, videos, folders, globs; '-': names, or one picture, from stdin."
        ),
    ],
    model: ModelOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    save: Annotated[
        Path | None, typer.Option(help="Folder for copies with the answers: NAME-answer.png, .mp4.")
    ] = None,
    why: Annotated[
        Path | None,
        typer.Option(help="Folder for pictures of what made each answer: NAME-why.png."),
    ] = None,
    crop: CropOption = None,
    detector: RangeOption = "auto",
    band: BandOption = None,
    threads: ThreadsOption = 1,
    runtime: RuntimeOption = "auto",
) -> None:
    """Answers happy, sad, neutral or unsure for each face or picture, a line each; or no_face.

    Beside unsure stands -, and at the end of its line why: which answers are too close, that none
    is likely enough, or what hinders a look at the face.

    With --json each line is an object with the keys schema_version, path, frame (number in a
    video, or null), time_s (in a video, or null), box ([x, y, width, height] of the face in
    pixels, or null for the whole picture), label, p_happy, p_sad and p_neutral (0 to 1, or null
    where the model was not asked; p_neutral also where it does not know neutral faces), latency_ms,
    reason (why a face was not judged: too_small, cut_off, turned_away, too_dark, too_blurred; or
    null) and band (of --band, or null).
    Files that cannot be used are named on stderr, the rest goes on, and the exit code is 1.
    """
    from ..classifier import hesitation, load_first
    from ..face_classifier import picture_classifier
    from ..images.annotate import AnnotatedCopies
    from ..images.listing import list_files
    from ..terminal.console import Console
    from ..terminal.report import Summary, json_line, text_line
    from ..why.explainer import Explainer
    from ..why.sheet import Sheets

    claim_stderr()  # where C libraries are kept quiet on other threads, we are not
    options: dict[str, Any] = {"threads": threads, "runtime": runtime}
    summary = Summary()
    copies: dict[str, AnnotatedCopies | Sheets] = {}  # by what is counted where one fails
    interrupted = ""
    try:
        with Console(live=not sys.stdout.isatty()) as console, ExitStack() as stack:
            if save:
                copies["not saved"] = stack.enter_context(AnnotatedCopies(save))
            path, judge = load_first(announced(model), **options, band=band)
            why_unsure = partial(hesitation, judge.contract.decision)
            line = partial(json_line, band=band) if as_json else partial(text_line, why=why_unsure)
            answers = picture_classifier(judge, crop, detector, **options)
            if why:
                copies["not explained"] = Sheets(why, Explainer(judge, crop, detector, **options))
            if band:
                console.tell(
                    f"{band_text(band)} in place of that of the model {judge.contract.name}"
                )
            # All are listed before the first is read, except names on stdin, which may still come.
            files: Iterable[Listed] = list_files(arguments(paths), summary.ignore)
            files = files if "-" in paths else list(files)
            for frame, predictions in _answered(files, answers, summary, console):
                for prediction in predictions:
                    print(line(frame, prediction), flush=True)
                for trouble, one in copies.items():
                    try:
                        one.add(frame, predictions)
                    except ImageError as error:  # none can be made of this one; the rest goes on
                        summary.troubles[trouble] += 1
                        console.tell(f"no copy: {error}")
    except KeyboardInterrupt:
        if not summary.answered:
            raise
        done = " and ".join(counted(count, what) for what, count in summary.answered.items())
        interrupted = f"interrupted after {done}: "
    for one in copies.values():
        if len(one.names):  # of a video in hand nothing is left
            print(f"written to: {one_line(one.names.directory)}", file=sys.stderr)
    used = (judge.contract.name, one_line(path), judge.network.runtime, band_text(band))
    print(interrupted + summary.line(", ".join(filter(None, used))), file=sys.stderr)
    if interrupted:
        raise typer.Exit(130)
    if summary.troubles:
        raise typer.Exit(1)


def _answered(
    files: Iterable["Listed"],
    classify: Callable[["np.ndarray"], list["Prediction"]],
    summary: "Summary",
    console: "Console",
) -> Iterator[tuple["Frame", list["Prediction"]]]:
    """Every picture with its answers, counted; what cannot be used is named and left out."""
    from ..images.frames import count_images, read_frames
    from ..terminal.progress import Progress

    progress = Progress(console, count_images(files))

    def skip(error: ImageError) -> None:
        summary.troubles["not found" if isinstance(error, NotFoundError) else "unreadable"] += 1
        console.tell(f"skipped: {error}")
        progress.step()

    for frame in read_frames(files, on_unreadable=skip):
        predictions = classify(frame.image)
        yield frame, predictions
        summary.add(frame, predictions)
        progress.step()
