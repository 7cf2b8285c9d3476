"""Makes a run the shipped model: `python -m export.measure.ship RUN`."""

if __name__ == "__main__":  # before the rest loads, so that Ctrl-C is no traceback there either
    from edge.cli.exits import start

    start("export.measure.ship", extra="train")

import datetime
import json
import platform
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from data import ANSWERS, LabelledFile, RunError, read_listing
from edge.cli.command_list import one_command
from edge.cli.exits import run as run_command
from edge.machine.output_file import replacing, write_bytes
from edge.machine.quiet import quiet_stderr
from edge.model.choice import SHIPPED_MODEL
from export.measure.pictures import clear_of_run, dataset_of

app = one_command()

ROOT = Path(__file__).resolve().parent.parent.parent
CARD = SHIPPED_MODEL.with_suffix(".md")
WEIGHTS = ROOT / "train" / "faces.keras"
PART = "validation"


@app.command()
def ship(
    run: Annotated[Path, typer.Argument(help="Folder of an exported run.")],
) -> None:
    """Copies a run's model to edge/models, its weights to train, and writes the model card."""
    with quiet_stderr:  # TensorFlow takes seconds, and prints about itself
        import keras

        from export.measure.card import card, file_predictions, keras_predictions
        from export.measure.robustness import measure, table_text
    from edge.classifier import Classifier
    from edge.model.decision import Thresholds

    model_path, weights_path = run / "model.tflite", run / "model.keras"
    for path in (model_path, weights_path):
        if not path.is_file():
            raise RunError(f"no {path}: run 'make train' and 'make export' first")
    classifier = Classifier(model_path)
    contract = classifier.contract
    decision = contract.decision
    if (
        contract.crop != "face"
        or not contract.details.get("calibration")
        or not isinstance(decision, Thresholds)
    ):
        raise RunError(f"{run} was not trained with --model faces: train and export it so")
    listed = read_listing(run / "images.csv")
    files = clear_of_run(listed, PART)
    if missing := sorted(set(ANSWERS) - {file.label for file in files}):
        raise RunError(f"{run} has no {PART} images that are clearly {' or '.join(missing)}")
    model = keras.models.load_model(weights_path, compile=False)
    before = None
    if SHIPPED_MODEL.is_file() and SHIPPED_MODEL.read_bytes() != model_path.read_bytes():
        old = Classifier(SHIPPED_MODEL)
        if isinstance(old.contract.decision, Thresholds):
            before = file_predictions(old, files), old.contract.decision
    text = card(
        contract.details,
        decision,
        _import_report(listed),
        keras_predictions(model, classifier, files),
        file_predictions(classifier, files),
        before,
        model_bytes=model_path.stat().st_size,
        parameters=model.count_params(),
        robustness=table_text(measure(classifier, files)),
        surroundings={
            "part": PART,
            "machine": f"{_processor()}, 1 thread",
            "runtime": classifier.network.runtime,
            "date": datetime.date.today().isoformat(),
        },
    )
    # The model comes last: until then the old one is in use, whatever ends this half-way.
    write_bytes(CARD, text.encode())
    for source, target in ((weights_path, WEIGHTS), (model_path, SHIPPED_MODEL)):
        with replacing(target) as temporary:
            shutil.copyfile(source, temporary)
    print(f"shipped: {SHIPPED_MODEL}\nweights: {WEIGHTS}\ncard:    {CARD}", file=sys.stderr)  # noqa: T201


def _import_report(listed: Sequence[LabelledFile]) -> dict[str, Any]:
    """What the import left out, which the run's own list cannot know; {} without an import."""
    report = dataset_of(listed[0]) / "import.json"
    return json.loads(report.read_text()) if report.is_file() else {}


def _processor() -> str:
    """The processor's name where the system names it, else its kind."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    named = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.machine()


def main() -> None:
    """Runs the command line."""
    run_command(app)
