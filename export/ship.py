"""Makes a run the shipped model: `python -m export.ship RUN --data FOLDER`."""

import datetime
import platform
import shutil
import sys
from pathlib import Path
from typing import Annotated

import typer

from data import list_files
from data.errors import DatasetError
from edge.command import run as run_command
from edge.output_file import replacing, write_bytes
from edge.quiet import quiet_stderr

app = typer.Typer(pretty_exceptions_enable=False, add_completion=False, rich_markup_mode=None)

ROOT = Path(__file__).resolve().parent.parent
MODEL, CARD = ROOT / "edge" / "models" / "faces.tflite", ROOT / "edge" / "models" / "faces.md"
WEIGHTS = ROOT / "train" / "faces.keras"
PART = "validation"


@app.command()
def ship(
    run: Annotated[Path, typer.Argument(help="Folder of an exported run.")],
    data: Annotated[Path, typer.Option(help="What it was trained on.", show_default=False)],
) -> None:
    """Copies a run's model to edge/models, its weights to train, and writes the model card."""
    with quiet_stderr:  # TensorFlow takes seconds, and prints about itself
        import keras

        from export.card import answers_of_file, answers_of_keras, card
        from export.robustness import measure, table
    from edge.classifier import Classifier

    model_path, weights_path = run / "model.tflite", run / "model.keras"
    for path in (model_path, weights_path):
        if not path.is_file():
            raise DatasetError(f"no {path}: run 'make train' and 'make export' first")
    files = [file for file in list_files(data) if file.part == PART]
    if {"happy", "sad"} - {file.label for file in files}:
        raise DatasetError(f"{data} has no happy and sad images in a {PART} folder")
    classifier = Classifier(model_path)
    model = keras.models.load_model(weights_path, compile=False)
    text = card(
        classifier.contract.details,
        answers_of_keras(model, classifier, files),
        answers_of_file(classifier, files),
        model_bytes=model_path.stat().st_size,
        parameters=model.count_params(),
        robustness=table(measure(classifier, files)),
        surroundings={
            "part": PART,
            "machine": f"{_processor()}, 1 thread",
            "runtime": classifier.network.runtime,
            "date": datetime.date.today().isoformat(),
        },
    )
    for source, target in ((model_path, MODEL), (weights_path, WEIGHTS)):
        with replacing(target) as temporary:
            shutil.copyfile(source, temporary)
    write_bytes(CARD, text.encode())
    print(f"shipped: {MODEL}\nweights: {WEIGHTS}\ncard:    {CARD}", file=sys.stderr)  # noqa: T201


def _processor() -> str:
    """The processor's name where the system tells, else its kind."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    named = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.machine()


def main() -> None:
    """Runs the command line."""
    run_command(app)


if __name__ == "__main__":
    main()
