"""The command line of export: `python -m export`."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from data import CLASSES, DatasetError
from data.few import advice
from edge.cli.command_list import one_command
from edge.cli.exits import run as run_command
from edge.machine.pip import check_extra
from edge.machine.quiet import quiet_stderr
from edge.model.choice import candidates, newest_export
from edge.model.contract import Contract, Quantization
from edge.model.contract_text import contract_doubt, operators_text
from edge.model.file import read_model
from edge.model.run import RUNS
from export.run_choice import announcement, run_folder

if TYPE_CHECKING:
    from export.exporter import Export
    from export.onnx_file import OnnxFile

app = one_command()

SHOWN = (  # of the figures: those of two answers, and of three
    "accuracy", "recall_happy", "recall_sad", "happy_found", "sad_found", "neutral_found",
    "neutral_called_sad", "right", "auc", "auc_sad_neutral",
)  # fmt: skip
DRAWN_FACES = 48  # that an ONNX file is compared on where a run's images are not there


@app.command()
def export(
    run: Annotated[
        str | None,
        typer.Argument(
            help="Name or folder of a run; for ONNX also a .tflite, or 'faces', the shipped.",
            show_default="the newest",
        ),
    ] = None,
    quantization: Annotated[
        Quantization, typer.Option(help="How the file stores its weights and computes.")
    ] = "int8",
    file_format: Annotated[
        Literal["tflite", "onnx"],
        typer.Option("--format", help="onnx: also a file for ONNX Runtime, made of the .tflite."),
    ] = "tflite",
    allow_drop: Annotated[
        bool, typer.Option("--allow-drop", help="Write it even if a class is recognised worse.")
    ] = False,
    answers: Annotated[
        bool, typer.Option("--answers", help="Then classify the test images and show the answers.")
    ] = False,
    runs: Annotated[Path, typer.Option(help="Folder of all runs.", show_default="runs")] = RUNS,
) -> None:
    """Converts a trained run to runs/RUN/model.tflite and shows what that cost.

    Other quantizations have a file of their own: model-float16.tflite, model-float32.tflite.

    The device's own classifier runs the file on images that were not trained on, beside the Keras
    model. If the recall of a class falls by more than 2 points, nothing is written.

    With --format onnx there is runs/RUN/model.onnx as well, if it answers as the .tflite does. Of
    an exported file, or of the shipped model, it is NAME.onnx in the current folder.
    """
    check_extra("train")
    if file_format == "onnx" and (model_path := _model_file(runs, run)):
        _export_file(model_path)
        return
    folder = run_folder(runs, run)
    print(announcement(runs, folder, is_named=run is not None), file=sys.stderr)
    with quiet_stderr:  # TensorFlow takes seconds, and prints about itself
        from export.exporter import export_run
    done = export_run(folder, quantization, allow_drop=allow_drop, onnx=file_format == "onnx")
    print(_export_text(done))
    _warn(folder, read_model(done.path)[1])
    if newest_export() == done.path:
        print(
            "classify and webcam now answer with it where no model is named; the shipped model: "
            "--model faces (in make: MODEL=faces)", file=sys.stderr,
        )  # fmt: skip
    if answers:
        _show_answers(folder, done.path)


def _warn(run: Path, contract: Contract) -> None:
    """Says on stderr how little the model may be worth, and what to do about it."""
    doubted = contract_doubt(contract)
    if doubted:
        print(f"warning: {doubted}", file=sys.stderr)
    settings = json.loads((run / "config.json").read_text())["settings"]
    said = advice(contract.details["data"]["images"], doubted=bool(doubted))
    if said and not settings.get("init"):
        print(said, file=sys.stderr)


def _model_file(runs: Path, name: str | None) -> Path | None:
    """The exported file that is named where no run is."""
    if name is None or (runs / name).is_dir() or Path(name).is_dir():
        return None
    path = candidates(Path(name))[0]
    return path if path.is_file() else None


def _export_file(model_path: Path) -> None:
    """Writes the ONNX file of an exported one and prints how they compare."""
    from edge.classifier import Classifier

    classifier = Classifier(model_path)
    print(f"exporting {model_path}", file=sys.stderr)
    with quiet_stderr:
        from export.drawn import drawn_faces
        from export.onnx_file import write_onnx
    path = Path(f"{model_path.stem}.onnx")
    faces = drawn_faces(classifier.contract.input, DRAWN_FACES, seed=1)
    done = write_onnx(path, classifier, faces)
    print("\n".join(_onnx_lines(path, done, f"{DRAWN_FACES} drawn faces")))


def _export_text(done: "Export") -> str:
    """What was exported and how well it does, a line each."""
    parts, compared = done.composition, done.comparison
    lines = [
        f"model       {done.path}",
        f"size        {done.model_bytes / 1e6:.2f} MB {done.quantization}, "
        f"{done.keras_bytes / 1e6:.2f} MB as Keras weights",
        f"input       {parts.input}",
        f"output      {parts.output}",
        f"int8        {parts.int8_share:.1%} of the weights' bytes",
        f"operators   {operators_text(parts.operators)}",
        f"work        {parts.multiply_adds / 1e6:.1f} million multiply-adds a picture",
        f"runs on     TensorFlow Lite {parts.oldest_runtime} and later (operator versions)",
        f"compared    on {done.compared_on}, with {done.runtime}",
    ]
    if compared.keras and compared.exported:
        lines.append(f"            {'':18}{'Keras':>8}{done.quantization:>10}")
        for name in SHOWN:
            if not hasattr(compared.keras, name):  # of a model with more or fewer answers
                continue
            before, after = (
                "-" if (value := getattr(figures, name)) is None else f"{value:.3f}"
                for figures in (compared.keras, compared.exported)
            )
            lines.append(f"            {name:18}{before:>8}{after:>10}")
    lines += [
        f"agreement   {compared.agreement:.1%} of the answers, p(happy) differs by at most "
        f"{compared.largest_difference:.3f}",
        f"time        {compared.median_ms:.2f} ms an image (median, 1 thread)",
    ]
    if done.onnx:
        path = done.path.with_name(done.onnx.name)
        lines += ["", *_onnx_lines(path, done.onnx, done.compared_on)]
    return "\n".join(lines)


def _onnx_lines(path: Path, done: "OnnxFile", compared_on: str) -> list[str]:
    """What is in an ONNX file, and how it compares with the device, a line each."""
    return [
        f"model       {path}",
        f"size        {done.size / 1e6:.2f} MB, ONNX operators of version {done.opset}",
        f"compared    with the .tflite on {compared_on}, with {done.runtime}",
        f"agreement   {done.agreement:.1%} of the answers, a score differs by at most "
        f"{done.largest_difference:g} of the device's steps",
        f"time        {done.median_ms:.2f} ms an image (median, 1 thread)",
    ]


def _show_answers(run: Path, model_path: Path) -> None:
    """Prints answers to the run's test images and draws them."""
    from data import read_listing
    from export.answers import answer, draw, table_text

    files = [
        file
        for file in read_listing(run / "images.csv")
        if file.part == "test" and file.label in CLASSES
    ]
    if not files:
        raise DatasetError(f"{run} has no test images: too few images that do not look alike")
    answers = answer(model_path, files)
    sheet = run / "answers.png"
    draw(sheet, answers)
    print(f"\n{table_text(answers, model_path)}\nsheet       {sheet}")


def main() -> None:
    """Runs the command line."""
    run_command(app)
