"""Measurements of a model on pictures that it was not trained on: `python -m export.measure`."""

import hashlib
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from data.answers import as_json
from data.errors import DatasetError
from data.folder import PARTS, list_files
from data.labels import CLASSES
from data.progress import progress_bar
from data.scan import ScannedImage, scan
from edge.classifier import Classifier
from edge.cli.command_list import commands
from edge.cli.exits import run as run_command
from edge.errors import one_line
from edge.faces.detector import FaceDetector
from edge.machine.output_file import check_folder, write_bytes
from edge.machine.pip import check_extra
from edge.model.choice import SHIPPED_MODEL
from export.measure import margin as crop_margin
from export.measure import margin_report, robustness

app = commands(help="Measures a model on labelled face pictures that it was not trained on.")

PROJECT = Path(__file__).resolve().parent.parent.parent
DOCS = PROJECT / "docs"


Directory = Annotated[
    Path,
    typer.Argument(
        metavar="DIR",
        help="Holds train, validation and test with happy and sad inside, or these two alone, "
        "which are measured whole. Each picture is a face from border to border.",
    ),
]
Model = Annotated[Path, typer.Option(help="A .tflite file.", show_default="the shipped model")]
Part = Annotated[Literal["train", "validation", "test"], typer.Option(help="Which pictures.")]
Limit = Annotated[
    int | None, typer.Option(min=1, help="At most so many of each class.", show_default="all")
]
Seed = Annotated[
    int, typer.Option(min=0, help="Another one draws other variations (and pictures).")
]
Out = Annotated[Path, typer.Option(help="Folder for the files.", show_default="docs")]


@app.command()
def margin(
    directory: Directory,
    model: Model = SHIPPED_MODEL,
    part: Part = "validation",
    limit: Limit = None,
    seed: Seed = 0,
    out: Out = DOCS,
) -> None:
    """Measures how wide the device should crop a face.

    Writes OUT/margin.json and margin.png, and prints a table. Each picture is placed in a made-up
    scene, found there by the device's detector, and cropped with several margins and shifts.
    """
    _check_output(out)
    classifier, detector = Classifier(model), FaceDetector()
    images = _chosen(directory, part, limit, seed)
    files = [image.file for image in images]
    with progress_bar(len(files), "measuring") as step:
        report = crop_margin.measure(classifier, detector, files, seed, step)
    print(margin_report.table_text(report))
    _write(out / "margin.json", classifier, images, seed, asdict(report))
    margin_report.plot(out / "margin.png", report)


@app.command("robustness")
def measure_robustness(
    directory: Directory,
    model: Model = SHIPPED_MODEL,
    part: Part = "validation",
    limit: Limit = None,
    seed: Seed = 0,
    out: Out = DOCS,
) -> None:
    """Measures what worse pictures cost.

    Writes OUT/robustness.json and robustness.png, and prints a table. The pictures are blurred,
    darkened, turned, made small and so on, and go to the model whole.
    """
    _check_output(out)
    classifier = Classifier(model)
    images = _chosen(directory, part, limit, seed)
    files = [image.file for image in images]
    with progress_bar(len(files), "measuring") as step:
        results = robustness.measure(classifier, files, seed, step)
    print(robustness.table_text(results))
    rows = {"results": [asdict(result) for result in results]}
    _write(out / "robustness.json", classifier, images, seed, rows)
    robustness.plot(out / "robustness.png", results)


def _check_output(out: Path) -> None:
    """Finds out before anything is measured whether it can be drawn and written."""
    check_extra("train", "matplotlib")
    check_folder(out)


def _chosen(directory: Path, part: str, limit: int | None, seed: int) -> list[ScannedImage]:
    """The readable happy and sad images of a part, at most so many of each, chosen by content.

    Raises:
        DatasetError: There are none of a class.
    """
    files = list_files(directory, CLASSES)
    parts = {file.part for file in files}
    if parts == {None}:
        print(
            f"note: {one_line(directory)} is not divided into {', '.join(PARTS)}: all of it is "
            "measured, which says little if the model was trained on some of it",
            file=sys.stderr,
        )
    else:
        files = [file for file in files if file.part == part]
    with progress_bar(len(files), "reading") as step:
        scanned = scan(files, progress=step)
    for file, reason in scanned.unreadable:
        print(f"skipped: {one_line(file.path)}: {one_line(reason)}", file=sys.stderr)
    ranked = sorted(scanned.images, key=lambda image: _draw(image, seed))
    chosen = []
    for label in CLASSES:
        of_label = [image for image in ranked if image.file.label == label][:limit]
        if not of_label:
            where = directory if parts == {None} else directory / part
            there = ", ".join(sorted(name for name in parts if name))
            hint = f"choose another --part ({there})" if there else "add some"
            raise DatasetError(f"no readable images of {label} faces in {where}: {hint}")
        chosen += of_label
    return chosen


def _draw(image: ScannedImage, seed: int) -> str:
    """What an image is ranked by: chance, but the same for the same pixels and seed."""
    return hashlib.sha256(f"{seed} {image.digest}".encode()).hexdigest()


def _write(
    path: Path,
    classifier: Classifier,
    images: Sequence[ScannedImage],
    seed: int,
    figures: dict[str, Any],
) -> None:
    """All figures as JSON, with what they are of."""
    contract = classifier.contract
    digests = "".join(sorted(image.digest for image in images))
    labels = [image.file.label for image in images]
    content = {
        "model": contract.name,
        "quantization": contract.quantization,
        **as_json(contract.decision),
        "part": images[0].file.part,
        "pictures": {label: labels.count(label) for label in CLASSES},
        "pictures_sha256": hashlib.sha256(digests.encode()).hexdigest(),
        "seed": seed,
        **figures,
    }
    rounded = json.loads(json.dumps(content), parse_float=lambda text: round(float(text), 4))
    write_bytes(path, (json.dumps(rounded, indent=1) + "\n").encode())


def main() -> None:
    """Runs the command line."""
    run_command(app)
