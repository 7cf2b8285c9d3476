"""The datasets' command line: `python -m data`."""

import json
import signal
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from data.check import check as check_folder
from data.check_text import check_text
from data.crops import crop_faces as crop_photographs
from data.drawing import draw_set
from data.folder import DRAWN_PER_CLASS, PartName, list_files
from data.importer.csv_rows import CSV_EXPRESSIONS
from data.importer.importer import import_fer2013 as import_set
from data.importer.report import import_text
from data.labels import CLASSES, LABELS
from data.progress import progress_bar
from data.survey import survey
from edge.cli.command_list import commands
from edge.cli.exits import run
from edge.errors import one_line
from edge.wording import counted

app = commands(help="Draws, checks and splits folders of happy and sad faces.")

DATA = Path(__file__).resolve().parent
IMPORTED = DATA / "fer2013"

Directory = Annotated[
    Path,
    typer.Argument(
        metavar="DIR",
        help="Holds happy and sad, or train (and validation, test) with those inside.",
        show_default="the project's data folder",
    ),
]


@app.command()
def draw(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Gets happy and sad inside.")],
    per_class: Annotated[
        int, typer.Option(min=1, max=1_000_000, help="Faces of each.")
    ] = DRAWN_PER_CLASS,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Another one draws others.")] = 0,
) -> None:
    """Draws cartoon faces into DIR/happy and DIR/sad."""
    with progress_bar(2 * per_class, "drawing") as step:
        paths = draw_set(directory, per_class, seed, step)
    print(f"{counted(len(paths), 'face')} drawn in {one_line(directory)}")


@app.command()
def check(
    directory: Directory = DATA,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Says what is in a folder and what is wrong with it; exit code 1 if training makes no sense.

    With --json, the keys are those of `Report` in data/check.py, and stay so: directory, files,
    sizes, ignored, unused_folders, unreadable, copies, contradictory, near_contradictory,
    in_two_parts, altered, equalised_copies, lookalikes, imbalance, images, groups, problems and
    warnings.
    """
    report = check_folder(directory, progress_bar)
    print(json.dumps(asdict(report)) if as_json else one_line_each(check_text(report)))
    if report.problems:
        raise typer.Exit(1)


@app.command()
def split(
    directory: Directory = DATA,
    part: Annotated[PartName | None, typer.Option(help="Only this one.")] = None,
) -> None:
    """Prints path, label and part of every image, with tabs between; `cut -f1` gives the paths.

    So `python -m data split DIR --part test | cut -f1 | python -m edge classify -` runs a model on
    images that it was not trained on. (Not the shipped model on the folder it was trained on: its
    training, --model faces, takes no test out of the train folder where there is none.)
    """
    found = survey(list_files(directory), progress_bar=progress_bar)
    for file, reason in found.scan.unreadable:
        print(f"skipped: {one_line(file.path)}: {one_line(reason)}", file=sys.stderr)
    for note in found.split.notes:
        print(f"note: {note}", file=sys.stderr)
    for image, place in zip(found.scan.images, found.split.parts, strict=True):
        if place and part in (None, place):
            print(one_line(image.file.path), image.file.label, place, sep="\t")


@app.command()
def crop_faces(
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", help="Photographs: holds happy and sad.")
    ],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Gets happy and sad inside.")],
) -> None:
    """Crops the largest face of each photograph, as the device does, to train on.

    So `python -m data crop-faces photos crops`, then `python -m train --init faces --data crops`.
    """
    with progress_bar(len(list_files(directory)), "cropping") as step:
        done = crop_photographs(directory, out, step)
    for path, reason in done.skipped:
        print(f"skipped: {one_line(path)}: {one_line(reason)}", file=sys.stderr)
    labels = [path.relative_to(out).parts for path in done.written]
    counts = ", ".join(f"{sum(label in p for p in labels)} {label}" for label in CLASSES)
    faces = counted(len(labels), "face")
    print(f"{faces} cropped to {one_line(out)} ({counts}), {len(done.skipped)} skipped")


def _expressions(text: str) -> str:
    """The names without blanks and repetitions, once it is sure that they will do."""
    names = dict.fromkeys(name.strip() for name in text.split(","))
    if unknown := [name for name in names if name not in CSV_EXPRESSIONS]:
        raise typer.BadParameter(f"{unknown[0]!r} is none of {', '.join(CSV_EXPRESSIONS)}")
    if missing := [label for label in CLASSES if label not in names]:
        raise typer.BadParameter(f"{' and '.join(missing)} must be among them")
    return ",".join(names)


@app.command()
def import_fer2013(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="PATH...", help="CSV, folder, or .tar.gz or .zip archive."),
    ],
    out: Annotated[
        Path, typer.Option(help="Folder to make.", show_default="data/fer2013")
    ] = IMPORTED,
    expressions: Annotated[
        str, typer.Option(callback=_expressions, help="Which to write, happy and sad among them.")
    ] = ",".join(LABELS),
    votes: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="FER+'s votes: fer2013new.csv, or by the files' names."),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace an earlier import.")
    ] = False,
) -> None:
    """Imports the faces of FER2013: OUT gets train, validation and test, for `train --data OUT`.

    A PATH is fer2013.csv or icml_face_data.csv, a folder of images such as train/happy/1.jpg (or
    Training/Happy, val/anger, fer2013/test/sad), or an archive of either; several make one set.
    The parts are the set's own (Training, PublicTest, PrivateTest); where an image's name begins
    with one of these, it counts and not the folder. Left out are identical images with different
    labels, and those that are also in a part held out for later. OUT/import.json lists them.
    With --votes, OUT/votes.csv gets what ten people saw in each face (FER+, Barsoum et al. 2016),
    and what most of them took for no face is left out too.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends as Ctrl-C does
    with progress_bar(100, "importing") as step:
        report = import_set(paths, out, expressions.split(","), overwrite, step, votes)
    for left_out in report.unreadable:
        what = one_line(f"{left_out.source}: {left_out.picture}: {left_out.reason}")
        print(f"skipped: {what}", file=sys.stderr)
    for note in report.notes:
        print(f"note: {note}", file=sys.stderr)
    print(f"{import_text(report)}\nin {one_line(out)}")


def one_line_each(text: str) -> str:
    """The lines of a text, with other control characters, which a file name may hold, escaped."""
    return "\n".join(one_line(line) for line in text.split("\n"))


def main() -> None:
    """Runs the command line."""
    run(app)
