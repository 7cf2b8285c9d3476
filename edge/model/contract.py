"""What a model file says about itself: labels, input, crop, decision, metrics, golden answers."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from ..images.preprocess import InputSpec
from ..labels import ANSWERS, CLASSES, LOGITS
from .archive import CONTRACT_NAME, GOLDEN_NAME, LABELS_NAME, read_golden
from .decision import Band, Decision, Thresholds
from .fields import check_fields

# How weights are stored and what the runtime computes with: int8 is full-integer and the smallest;
# float16 stores half precision and computes in float32.
Quantization = Literal["int8", "float16", "float32"]
# By schema: models with two answers; with three; with a lead too; asked of both sides too; and 5
# and 6, whose input is stretched, with two answers and with three.
OUTPUTS = {1: CLASSES, 2: LOGITS, 3: LOGITS, 4: LOGITS, 5: CLASSES, 6: LOGITS}
MAX_SIDE = 1024  # pixels of an input; networks of up to 512 can be trained
MAX_NAME = 200  # characters; a run is a folder, whose name has at most 255 bytes


@dataclass(frozen=True, slots=True)
class Contract:
    """What the runner must know to feed a model and to read its answer.

    Attributes:
        name: The training run that the model comes from.
        quantization: "int8", "float16" or "float32": how weights are stored and computed with.
        input: Size and channels of the input picture; values are 0 to 255.
        crop: "frame": the picture is the face. "face": a detector finds the face first.
        face_crop: (margin, shift) of the crops of faces that the model was trained for, as
            `edge.faces.crop` takes them; None where the file leaves them to the runner.
        decision: How its scores become an answer, of two or of three.
        operators: TFLite operators with their versions, such as "CONV_2D 3".
        details: The whole `contract.json`: metrics, data fingerprint, versions.
        golden_inputs: uint8 (n, height, width, channels), n from 1 to 8.
        golden_scores: float64 (n, 1 or 4): what the exported file's scores for them were.
    """

    name: str
    quantization: str
    input: InputSpec
    crop: str
    face_crop: tuple[float, float] | None
    decision: Decision
    operators: tuple[str, ...]
    details: Mapping[str, Any]
    golden_inputs: np.ndarray
    golden_scores: np.ndarray

    @property
    def band(self) -> tuple[float, float] | None:
        """(low, high) of a model with two answers; None of one with three."""
        decision = self.decision
        return (decision.low, decision.high) if isinstance(decision, Band) else None


def parse_contract(details: dict[str, Any], files: Mapping[str, bytes]) -> Contract:
    """Checks every field that the runner relies on.

    Raises:
        Exception: ValueError and others: what is wrong with a field.
    """
    check_fields(details)
    labels, expected = tuple(files[LABELS_NAME].decode().split()), OUTPUTS[details["schema"]]
    if labels != expected:
        raise ValueError(f"labels {labels}, expected {expected}")
    if details["crop"] not in ("frame", "face"):
        raise ValueError(f"crop {details['crop']!r}, expected 'frame' or 'face'")
    if len(details["name"]) > MAX_NAME:
        raise ValueError(f"a name of {len(details['name'])} characters")
    face = details.get("face")
    face_crop = None if face is None else (float(face["margin"]), float(face["shift"]))
    if face_crop and not (0.5 <= face_crop[0] <= 5 and -1 <= face_crop[1] <= 1):
        raise ValueError(f"face crop {face}")
    size = details["input"]
    stretched = size.get("stretched", False)
    if not isinstance(stretched, bool) or (stretched and size["channels"] != 1):
        raise ValueError(f"stretched {stretched!r} with {size['channels']} channels")
    spec = InputSpec(size["width"], size["height"], size["channels"], stretched)
    sides_are_right = all(1 <= side <= MAX_SIDE for side in (spec.width, spec.height))
    if not sides_are_right or spec.channels not in (1, 3):
        raise ValueError(f"an input of {spec.width}x{spec.height} and {spec.channels} channels")
    shape = (spec.height, spec.width, spec.channels)
    inputs, scores = read_golden(files[GOLDEN_NAME], shape)
    decision = decision_of(details)
    count = 1 if isinstance(decision, Band) else len(LOGITS)
    if scores.shape[1:] != (count,) or (count == 1) != (expected == CLASSES):
        raise ValueError(f"golden scores of shape {scores.shape}")
    return Contract(
        name=details["name"],
        quantization=details["quantization"],
        input=spec,
        crop=details["crop"],
        face_crop=face_crop,
        decision=decision,
        operators=tuple(details["operators"]),
        details=details,
        golden_inputs=inputs,
        golden_scores=scores,
    )


def read_details(files: Mapping[str, bytes]) -> dict[str, Any]:
    """What `contract.json` holds.

    Raises:
        ValueError: It is no JSON object; RecursionError, where it is one inside another too often.
    """
    details = json.loads(files[CONTRACT_NAME], parse_constant=_no_number)
    if not isinstance(details, dict):
        raise ValueError(f"{CONTRACT_NAME} holds no object")
    return details


def decision_of(details: Mapping[str, Any]) -> Decision:
    """The operating point in a contract, or in a run's metrics.json.

    Raises:
        KeyError: There is none.
        ValueError: It is out of range.
    """
    if "thresholds" not in details:
        low, high = (float(edge) for edge in details["decision_band"])
        if not 0 <= low <= high <= 1:
            raise ValueError(f"decision band {low} to {high}")
        return Band(low, high)
    edges = {name: float(details["thresholds"][name]) for name in ANSWERS}
    if not all(0 < edge < 1 for edge in edges.values()):
        raise ValueError(f"thresholds {edges}")
    lead = float(details.get("lead", 0.0))
    if not 0 <= lead < Thresholds.hysteresis:
        raise ValueError(f"a lead of {lead}")
    mirrored = details.get("mirrored", False)
    if not isinstance(mirrored, bool):
        raise ValueError(f"mirrored {mirrored!r}")
    return Thresholds(**edges, lead=lead, mirrored=mirrored)


def _no_number(name: str) -> None:
    raise ValueError(f"{name} in {CONTRACT_NAME}")
