"""What a model file says about itself: labels, input, crop, decision band, metrics, golden answers.

A model file is a TFLite FlatBuffer with a zip archive appended, the layout of TFLite metadata
(https://ai.google.dev/edge/litert/conversion/tensorflow/metadata): any TFLite runtime reads
the front, any unzip the back. The archive holds `labels.txt`, `contract.json`, `golden.npz`.
"""

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from ..errors import ModelError
from ..images.preprocess import InputSpec
from ..labels import ANSWERS, CLASSES, LOGITS
from ..machine.checksum import sha256_hex
from .decision import Band, Thresholds

# How weights are stored and what the runtime computes with: int8 is full-integer and the smallest;
# float16 stores half precision and computes in float32.
Quantization = Literal["int8", "float16", "float32"]
LABELS_NAME, CONTRACT_NAME, GOLDEN_NAME = "labels.txt", "contract.json", "golden.npz"
OUTPUTS = {1: CLASSES, 2: LOGITS}  # by schema: models with two answers, and with three
MAX_BYTES = 200_000_000  # more than ten times the largest model of this project
# Between ai-edge-litert and tflite-runtime, on x86-64 and on ARM, answers to 124 inputs differed by
# at most 4 steps of the output (of 256); a damaged kernel is off by far more.
GOLDEN_TOLERANCE = 8


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
        golden_inputs: uint8 (n, height, width, channels).
        golden_scores: float64 (n, 1 or 4): what the exported file's scores for them were.
    """

    name: str
    quantization: str
    input: InputSpec
    crop: str
    face_crop: tuple[float, float] | None
    decision: Band | Thresholds
    operators: tuple[str, ...]
    details: Mapping[str, Any]
    golden_inputs: np.ndarray
    golden_scores: np.ndarray

    @property
    def band(self) -> tuple[float, float] | None:
        """(low, high) of a model with two answers; None of one with three."""
        decision = self.decision
        return (decision.low, decision.high) if isinstance(decision, Band) else None


def read_model(model_path: Path) -> tuple[bytes, Contract]:
    """The file's bytes and its contract, after its checksums were found right.

    Args:
        model_path: A file made by `make export`.

    Raises:
        ModelError: Not there, not a TFLite file, not made by this project, truncated, damaged,
            or of a newer contract than this version reads.
    """
    content = _read(model_path)
    if content[4:8] != b"TFL3":  # TFLite's FlatBuffer file identifier
        raise ModelError(f"{model_path} is not a TFLite model: give a file made by 'make export'")
    try:
        details, files, flatbuffer_size = _read_archive(content)
        if sha256_hex(content[:flatbuffer_size]) != details["flatbuffer_sha256"]:
            raise ModelError(f"{model_path} is damaged (checksum): copy or export it again")
        if details["schema"] not in OUTPUTS:
            raise ModelError(
                f"{model_path} has contract version {details['schema']}, this runner reads up to "
                f"{max(OUTPUTS)}: install the version of happysad that exported it"
            )
        return content, _parse(details, files)
    except (zipfile.BadZipFile, FileNotFoundError) as error:
        raise ModelError(
            f"{model_path} carries no readable contract ({error}): it is truncated, damaged, or "
            "not made by this project; copy or export it again"
        ) from error
    except (ValueError, KeyError, TypeError, EOFError, OSError, NotImplementedError) as error:
        raise ModelError(
            f"{model_path} is damaged (contract: {error}): copy or export it again"
        ) from error


def _read(path: Path) -> bytes:
    """The bytes of a regular file of credible size."""
    try:
        if path.is_dir():
            raise ModelError(f"{path} is a folder: give a .tflite file made by 'make export'")
        if path.exists() and not path.is_file():
            raise ModelError(f"{path} is not a regular file: give one made by 'make export'")
        if path.stat().st_size > MAX_BYTES:
            raise ModelError(f"{path} is larger than {MAX_BYTES // 10**6} MB: not one of ours")
        return path.read_bytes()
    except FileNotFoundError:
        raise ModelError(f"no model at {path}: run 'make export' first") from None
    except OSError as error:
        raise ModelError(f"cannot read {path}: {error.strerror}") from error


def _read_archive(content: bytes) -> tuple[dict[str, Any], dict[str, bytes], int]:
    """contract.json, the other files, and where the FlatBuffer ends; zipfile checks each CRC."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = set(archive.namelist())
        for name in (LABELS_NAME, CONTRACT_NAME, GOLDEN_NAME):
            if name not in names:
                raise FileNotFoundError(f"no {name} inside")
        files = {name: archive.read(name) for name in names}
        flatbuffer_size = min(entry.header_offset for entry in archive.infolist())
    return json.loads(files[CONTRACT_NAME]), files, flatbuffer_size


def _parse(details: dict[str, Any], files: dict[str, bytes]) -> Contract:
    """Checks every field that the runner relies on."""
    labels, expected = tuple(files[LABELS_NAME].decode().split()), OUTPUTS[details["schema"]]
    if labels != expected:
        raise ValueError(f"labels {labels}, expected {expected}")
    if details["crop"] not in ("frame", "face"):
        raise ValueError(f"crop {details['crop']!r}, expected 'frame' or 'face'")
    face = details.get("face")
    face_crop = None if face is None else (float(face["margin"]), float(face["shift"]))
    if face_crop and not (0.5 <= face_crop[0] <= 5 and -1 <= face_crop[1] <= 1):
        raise ValueError(f"face crop {face}")
    size = details["input"]
    spec = InputSpec(int(size["width"]), int(size["height"]), int(size["channels"]))
    with np.load(io.BytesIO(files[GOLDEN_NAME]), allow_pickle=False) as golden:
        inputs = golden["inputs"]
        scores = golden["scores"] if "scores" in golden else golden["p_happy"][:, np.newaxis]
    if inputs.shape[1:] != (spec.height, spec.width, spec.channels) or len(inputs) != len(scores):
        raise ValueError(f"golden inputs of shape {inputs.shape}")
    if scores.shape[1:] != ((1,) if details["schema"] == 1 else (len(LOGITS),)):
        raise ValueError(f"golden scores of shape {scores.shape}")
    return Contract(
        name=str(details["name"]),
        quantization=str(details["quantization"]),
        input=spec,
        crop=details["crop"],
        face_crop=face_crop,
        decision=decision_of(details),
        operators=tuple(details["operators"]),
        details=details,
        golden_inputs=inputs,
        golden_scores=scores,
    )


def decision_of(details: Mapping[str, Any]) -> Band | Thresholds:
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
    return Thresholds(**edges)
