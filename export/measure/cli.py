"""Measurements of a model on pictures that it was not trained on: `python -m export.measure`."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from data.answers import as_json
from data.progress import progress_bar
from data.scan import ScannedImage
from edge.classifier import Classifier
from edge.cli.command_list import commands
from edge.cli.exits import run as run_command
from edge.face_classifier import FaceClassifier
from edge.faces.detector import FaceDetector
from edge.machine.output_file import check_folder, write_bytes
from edge.machine.pip import check_extra
from edge.model.choice import SHIPPED_MODEL
from export.measure import clips, margin_report, robustness
from export.measure import margin as crop_margin
from export.measure.pictures import chosen

app = commands(help="Measures a model on labelled face pictures that it was not trained on.")

PROJECT = Path(__file__).resolve().parent.parent.parent
DOCS = PROJECT / "docs"


Directory = Annotated[
    Path,
    typer.Argument(
        metavar="DIR",
        help="Holds train, validation and test with happy, sad and neutral inside, or these alone, "
        "which are measured whole. Each picture is a face from border to border. With FER+'s "
        "votes beside them, it is the faces that voters agree on.",
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
    images = chosen(directory, part, limit, seed, classifier.contract.decision.answers)
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
    images = chosen(directory, part, limit, seed, classifier.contract.decision.answers)
    files = [image.file for image in images]
    with progress_bar(len(files), "measuring") as step:
        results = robustness.measure(classifier, files, seed, step)
    print(robustness.table_text(results))
    rows = {"results": [asdict(result) for result in results]}
    _write(out / "robustness.json", classifier, images, seed, rows)
    robustness.plot(out / "robustness.png", results)


@app.command("clips")
def measure_clips(
    directory: Directory,
    model: Model = SHIPPED_MODEL,
    part: Part = "validation",
    limit: Limit = None,
    seed: Seed = 0,
    out: Out = DOCS,
) -> None:
    """Measures what a live loop says of faces that move.

    Writes OUT/clips.json and clips.png, and prints a table. Each picture is made into a clip of a
    moving head in a made-up scene, which is answered as a video is.
    """
    _check_output(out)
    classifier = Classifier(model)
    images = chosen(directory, part, limit, seed, classifier.contract.decision.answers)
    faces = FaceClassifier(classifier, FaceDetector())
    files = [image.file for image in images]
    with progress_bar(len(files), "measuring") as step:
        found = clips.measure(faces, files, seed, step)
    print(clips.table_text(found))
    rows = {"clips": [asdict(each) for each in found]}
    _write(out / "clips.json", classifier, images, seed, rows)
    clips.plot(out / "clips.png", found)


def _check_output(out: Path) -> None:
    """Finds out before anything is measured whether it can be drawn and written."""
    check_extra("train", "matplotlib")
    check_folder(out)


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
        "pictures": {label: labels.count(label) for label in dict.fromkeys(labels)},
        "pictures_sha256": hashlib.sha256(digests.encode()).hexdigest(),
        "seed": seed,
        **figures,
    }
    rounded = json.loads(json.dumps(content), parse_float=lambda text: round(float(text), 4))
    write_bytes(path, (json.dumps(rounded, indent=1) + "\n").encode())


def main() -> None:
    """Runs the command line."""
    run_command(app)
