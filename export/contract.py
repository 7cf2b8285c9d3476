"""What goes into a model file's contract.json: what it takes and answers, and how well."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import keras
import numpy as np

from data import Part
from data.answers import AnyFigures, as_json
from edge.classifier import Classifier
from edge.faces.crop import MARGIN, SHIFT
from edge.images.preprocess import InputSpec
from edge.model.contract import Quantization, decision_of
from edge.model.decision import Band, Thresholds
from export.comparison import compare
from export.operators import Composition

NOT_CARRIED = ("accuracy_low", "accuracy_high")  # of the figures, by a model file


def described(
    name: str,
    quantization: Quantization,
    spec: InputSpec,
    composition: Composition,
    config: dict[str, Any],
    metrics: dict[str, Any],
) -> dict[str, Any]:
    """What goes into contract.json, except for the figures of `measured`.

    Args:
        name: Of the run.
        quantization: How weights are stored.
        spec: The model's input.
        composition: What the file is made of.
        config: The run's config.json.
        metrics: Its metrics.json.
    """
    size = {"width": spec.width, "height": spec.height, "channels": spec.channels}
    if spec.stretched:
        size["stretched"] = True
    decision = decision_of(metrics)
    return {
        "schema": _schema(decision, spec),
        "name": name,
        "quantization": quantization,
        "input": {**size, "range": [0, 255]},
        "crop": config["settings"]["crop"],
        "face": {"margin": MARGIN, "shift": SHIFT},
        **as_json(decision),
        "operators": composition.operators,
        "multiply_adds": composition.multiply_adds,
        "oldest_runtime": f"TensorFlow Lite {composition.oldest_runtime}",
        "metrics": {},
        "metrics_part": None,
        "calibration": metrics.get("calibration"),
        "doubtful_labels": metrics.get("doubtful_labels"),
        "data": {"fingerprint": config["data_fingerprint"], **metrics["data"]},
        "versions": config["versions"],
    }


def _schema(decision: Band | Thresholds, spec: InputSpec) -> int:
    """The oldest form of the contract that can say it: devices go on reading older files."""
    if isinstance(decision, Band):
        return 5 if spec.stretched else 1
    if spec.stretched:
        return 6
    return 4 if decision.mirrored else 3 if decision.lead else 2


def measured(model: keras.Model, classifier: Classifier, parts: Sequence[Part]) -> dict[str, Any]:
    """The figures that the file carries: of the last part that has all classes.

    Validation images chose the kept epoch and the operating point: they are the test's where there
    is a test, and the file says which they are.
    """
    found: dict[str, Any] = {}
    decision = classifier.contract.decision
    for part in parts:
        faces = part.of(*decision.answers) if isinstance(decision, Band) else part
        if not set(decision.answers) <= set(faces.labels.tolist()):
            continue
        found_on = compare(model, classifier, faces.pixels, faces.labels)
        found = {
            "metrics_part": part.name,
            "metrics": {
                "keras": _figures(found_on.keras),
                classifier.contract.quantization: _figures(found_on.exported),
            },
            "bands": [asdict(cost) for cost in found_on.bands],
        }
        if isinstance(decision, Band):
            found["neutral_unsure"] = _share_unsure(classifier, part.of("neutral").pixels)
    return found


def _figures(figures: AnyFigures | None) -> dict[str, float]:
    if figures is None:
        return {}
    return {
        name: round(value, 4)
        for name, value in asdict(figures).items()
        if name not in NOT_CARRIED and value is not None
    }


def _share_unsure(classifier: Classifier, pixels: np.ndarray) -> float | None:
    """Share of images that fall inside the decision band, 0 to 1; None without images."""
    if not len(pixels):
        return None
    label = classifier.contract.decision.label
    answers = [label(classifier.network.scores(image)) for image in pixels]
    return round(answers.count("unsure") / len(answers), 4)
