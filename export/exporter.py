"""From a run folder to its model file and the report of how well it came through."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from data import Part, RunError, load_listing
from edge import __version__
from edge.classifier import Classifier
from edge.errors import HappySadError
from edge.images.preprocess import InputSpec
from edge.machine.output_file import replacing, write_bytes
from edge.model.archive import LABELS_NAME
from edge.model.contract import Quantization, decision_of
from edge.model.decision import Band, Thresholds
from edge.model.network import Network
from export.comparison import MAX_RECALL_DROP, Comparison, compare
from export.contract import described, measured
from export.convert import calibration_images, convert
from export.drawn import drawn_faces
from export.metadata import build_metadata
from export.model_file import ARCHIVE_FILES, append_archive, insert_metadata
from export.onnx_file import OnnxFile, write_onnx
from export.operators import Composition, read_composition

GOLDEN_FACES = 4


class RecallDropError(HappySadError):
    """The exported file recognises a class clearly worse than the Keras model does."""


@dataclass(frozen=True, slots=True)
class Export:
    """What was exported.

    Attributes:
        path: The model file.
        quantization: How its weights are stored: "int8", "float16" or "float32".
        keras_bytes: Size of `model.keras`, without the optimizer's state.
        model_bytes: Size of the model file.
        composition: Operators and number types.
        runtime: The TFLite runtime that the comparison was made with.
        compared_on: Which images it was made on.
        comparison: The model file against the Keras model.
        onnx: The ONNX file beside it, if one was asked for.
    """

    path: Path
    quantization: str
    keras_bytes: int
    model_bytes: int
    composition: Composition
    runtime: str
    compared_on: str
    comparison: Comparison
    onnx: OnnxFile | None


def export_run(
    run: Path, quantization: Quantization, *, allow_drop: bool = False, onnx: bool = False
) -> Export:
    """Converts a run's model, proves it on the device's own code, and writes it.

    Written are `model.tflite` and `export.json` of int8, of others `model-float16.tflite` and so
    on; what an earlier export left there stays if this one fails.

    Args:
        run: A folder made by `make train`.
        quantization: How weights are stored and computed with.
        allow_drop: Write the file even if a class is recognised clearly worse.
        onnx: Write `model.onnx` as well, the same model for ONNX Runtime.

    Raises:
        RunError: The folder holds no trained model.
        DatasetError: Its images are gone.
        RecallDropError: The recall of a class fell by more than MAX_RECALL_DROP.
        OnnxError: The ONNX file cannot be made, or does not answer as the .tflite does.
        OutputError: The files cannot be written.
    """
    config, metrics, model = _read_run(run)
    height, width, channels = model.input_shape[1:]
    spec = InputSpec(width, height, channels, config.get("stretched", False))
    crops = config.get("crops")  # of photographs, with the votes on them
    directory = run / crops if crops else Path(config["settings"]["data"])
    train, validation, test = load_listing(
        run / "images.csv", spec, config["data_fingerprint"], directory
    )
    decision = decision_of(metrics)
    if isinstance(decision, Thresholds):  # they were chosen on the faces that voters agree on
        validation, test = validation.clear(), test.clear()
    calibration = calibration_images(_calibrating(train, decision), config["settings"]["seed"])
    metadata = build_metadata(
        name=run.name,
        description="Tells happy faces from sad ones.",
        answers=decision.answers,
        version=__version__,
        spec=spec,
        labels_file=LABELS_NAME,
        other_files=ARCHIVE_FILES,
    )
    flatbuffer = insert_metadata(convert(model, quantization, calibration), metadata)
    composition = read_composition(flatbuffer)
    # Drawn, not the user's images: a model file may be passed on, photos may not.
    golden_inputs = drawn_faces(spec, GOLDEN_FACES, seed=0)
    network = Network(flatbuffer)
    golden = golden_inputs, np.array([network.scores(pixels) for pixels in golden_inputs])
    contract = described(run.name, quantization, spec, composition, config, metrics)
    held_out, pixels, labels = _comparison_images(train, validation, test, decision)
    kind = "held-out images (validation and test)" if held_out else "training images"
    compared_on = f"{len(pixels)} {kind}"
    ending = "" if quantization == "int8" else f"-{quantization}"
    path = run / f"model{ending}.tflite"
    with replacing(path) as temporary:
        temporary.write_bytes(append_archive(flatbuffer, contract, *golden))
        classifier = Classifier(temporary)
        comparison = compare(model, classifier, pixels, labels)
        if not allow_drop:
            _check_recall(comparison, compared_on)
        contract |= measured(model, classifier, (validation, test))
        temporary.write_bytes(append_archive(flatbuffer, contract, *golden))
        twin_path = path.with_suffix(".onnx")
        twin = write_onnx(twin_path, Classifier(temporary), pixels) if onnx else None
    report = Export(
        path=path,
        quantization=quantization,
        keras_bytes=sum(weight.nbytes for weight in model.get_weights()),
        model_bytes=path.stat().st_size,
        composition=composition,
        runtime=classifier.network.runtime,
        compared_on=compared_on,
        comparison=comparison,
        onnx=twin,
    )
    content = {**asdict(report), "path": report.path.name}
    write_bytes(run / f"export{ending}.json", (json.dumps(content, indent=2) + "\n").encode())
    return report


def _read_run(run: Path) -> tuple[dict[str, Any], dict[str, Any], keras.Model]:
    try:
        config = json.loads((run / "config.json").read_text())
        metrics = json.loads((run / "metrics.json").read_text())
        return config, metrics, keras.models.load_model(run / "model.keras", compile=False)
    except (OSError, ValueError) as error:
        raise RunError(f"{run} holds no trained model: run 'make train' first") from error


def _calibrating(train: Part, decision: Band | Thresholds) -> list[np.ndarray]:
    """Training images by class; of a model with three answers also those of other expressions."""
    classes = [train.of(label).pixels for label in decision.answers]
    if isinstance(decision, Thresholds):
        classes.append(train.where(~np.isin(train.labels, decision.answers)).pixels)
    return [pixels for pixels in classes if len(pixels)]


def _comparison_images(
    train: Part, validation: Part, test: Part, decision: Band | Thresholds
) -> tuple[bool, np.ndarray, np.ndarray]:
    """Whether images were held out, the images to compare on, and their labels.

    Validation and test images together, because more images measure the loss more finely; the
    training images where no other are there, which serves for the agreement of two models.
    """
    known = [part.of(*decision.answers) for part in (train, validation, test)]
    held_out = [part for part in known[1:] if len(part.pixels)]
    parts = held_out or known[:1]
    pixels = np.concatenate([part.pixels for part in parts])
    return bool(held_out), pixels, np.concatenate([part.labels for part in parts])


def _check_recall(comparison: Comparison, compared_on: str) -> None:
    images = comparison.by_label
    for label, drop in comparison.recall_drops().items():
        if drop > MAX_RECALL_DROP + 1e-9:  # exactly 2 points are allowed
            raise RecallDropError(
                f"nothing written: the recall of {label} faces fell by {drop * 100:.1f} points, "
                f"more than {MAX_RECALL_DROP * 100:.0f} ({drop * images[label]:.0f} of "
                f"{images[label]} among {compared_on}); try --quantization float16, or accept it "
                "with --allow-drop"
            )
