"""The same model as an ONNX file: made from the .tflite, and written only if it answers alike."""

import importlib
import json
import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from edge import __version__
from edge.classifier import Classifier
from edge.errors import HappySadError
from edge.machine.output_file import write_bytes
from edge.machine.pip import pip_command
from edge.machine.temporary import scratch_folder
from edge.model.contract import OUTPUTS
from edge.model.decision import Scores
from edge.model.file import GOLDEN_TOLERANCE
from export.convert import quiet_output

if TYPE_CHECKING:
    import onnx

OPSET = 18  # the newest that tf2onnx 1.17 writes; ONNX Runtime reads it since 1.14
INPUT = "image"
PACKAGES = ("tf2onnx", "onnx", "onnxruntime")


class OnnxError(HappySadError):
    """The ONNX file cannot be made, or does not answer as the device does."""


@dataclass(frozen=True, slots=True)
class OnnxFile:
    """An ONNX file, and how it compares with the .tflite that it was made from.

    Attributes:
        name: Of the file.
        size: In bytes.
        opset: Version of ONNX's operators.
        runtime: What it was compared with, such as "onnxruntime 1.32.0".
        images: How many it was compared on.
        agreement: Share of them with the same answer, from 0 to 1.
        largest_difference: Of a score, in the smallest steps that the device's scores have.
        median_ms: An answer to one image, of both sides if the model is asked so, in milliseconds.
    """

    name: str
    size: int
    opset: int
    runtime: str
    images: int
    agreement: float
    largest_difference: float
    median_ms: float


def write_onnx(path: Path, classifier: Classifier, pixels: np.ndarray) -> OnnxFile:
    """Converts a model file, compares the two on images, and writes the ONNX file.

    It takes what the .tflite takes, uint8 (1, height, width, channels) called "image", and gives
    float32 (1, 1), "p_sad", or (1, 4), "logits". Its metadata has the entries "labels", one a line
    in the order of the outputs (of "p_sad": happy, sad), and "contract", the .tflite's
    contract.json.

    Args:
        path: The file to make or replace.
        classifier: The model file, as the device runs it.
        pixels: uint8 (n, height, width, channels), n > 0: what to compare on.

    Raises:
        OnnxError: A package is missing, or a score differs by more than GOLDEN_TOLERANCE steps.
        OutputError: It cannot be written.
    """
    for package in PACKAGES:
        try:
            importlib.import_module(package)
        except ModuleNotFoundError as error:
            raise OnnxError(
                f"nothing written: {error.name} is not installed, which ONNX files are made with: "
                f"{pip_command('-e', '.[onnx]')}"
            ) from None
    import onnxruntime

    content = _finished(_converted(classifier.content), classifier).SerializeToString()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    label, step = classifier.contract.decision.label, classifier.network.step
    differences, times_ms, same = [], [], 0
    for image in pixels:
        start = time.perf_counter()
        given = scores(session, image, mirrored=classifier.contract.decision.mirrored)
        times_ms.append((time.perf_counter() - start) * 1000)
        expected = classifier.scores_of(image)
        differences.append(np.abs(np.subtract(given, expected)).max() / step)
        same += label(given) == label(expected)
    report = OnnxFile(
        name=path.name,
        size=len(content),
        opset=OPSET,
        runtime=f"onnxruntime {onnxruntime.__version__}",
        images=len(pixels),
        agreement=same / len(pixels),
        largest_difference=round(float(max(differences)), 3),
        median_ms=float(np.median(times_ms)),
    )
    if not report.largest_difference <= GOLDEN_TOLERANCE:
        raise OnnxError(
            f"nothing written: with {report.runtime} the ONNX file's scores differ from the "
            f"device's by {report.largest_difference:.0f} steps ({GOLDEN_TOLERANCE} are normal)"
        )
    write_bytes(path, content)
    return report


def scores(session: Any, pixels: np.ndarray, *, mirrored: bool) -> Scores:
    """What `Classifier.scores_of` gives, from an ONNX Runtime session.

    Args:
        session: Of a file that `write_onnx` made.
        pixels: uint8 (height, width, channels), as `prepare` makes it.
        mirrored: Whether the model is asked of the mirror image as well: the mean of both.
    """
    kind = np.uint8 if session.get_inputs()[0].type == "tensor(uint8)" else np.float32
    sides = (pixels, pixels[:, ::-1]) if mirrored else (pixels,)
    outputs = [session.run(None, {INPUT: side[np.newaxis].astype(kind)})[0][0] for side in sides]
    values = np.mean(outputs, axis=0, dtype=float).tolist()
    return (1.0 - values[0],) if len(values) == 1 else tuple(values)


def _converted(content: bytes) -> "onnx.ModelProto":
    """What tf2onnx makes of a .tflite: its own numbers between QuantizeLinear and its inverse."""
    import tf2onnx

    with scratch_folder() as folder, quiet_output(), warnings.catch_warnings():
        # tf2onnx computes the shapes of constants with TensorFlow's own interpreter.
        warnings.filterwarnings("ignore", r"\s*Warning: tf.lite.Interpreter is deprecated")
        file = folder / "model.tflite"
        file.write_bytes(content)
        model, _ = tf2onnx.convert.from_tflite(str(file), opset=OPSET)
    return model


def _finished(model: "onnx.ModelProto", classifier: Classifier) -> "onnx.ModelProto":
    """With names that can be typed, a float output, and what the model file says of itself."""
    import onnx

    graph, contract = model.graph, classifier.contract
    taken, given = graph.input[0], graph.output[0]
    output = "p_sad" if len(OUTPUTS[contract.details["schema"]]) == 2 else "logits"
    names = {taken.name: INPUT, given.name: output}
    last = graph.node[-1]
    if last.op_type == "QuantizeLinear":  # the device makes floats of its uint8; so does the file
        names = {taken.name: INPUT, last.input[0]: output}
        graph.node.remove(last)
    used = {name for node in graph.node for name in node.input}
    for constant in [one for one in graph.initializer if one.name not in used]:
        graph.initializer.remove(constant)
    for node in graph.node:
        for ends in (node.input, node.output):
            ends[:] = [names.get(name, name) for name in ends]
    taken.name, given.name = INPUT, output
    given.type.tensor_type.elem_type = onnx.TensorProto.FLOAT
    graph.name, model.producer_name = contract.name, "happysad"
    model.producer_version = __version__
    labels = "\n".join(OUTPUTS[contract.details["schema"]])
    contract_json = json.dumps(contract.details, indent=1)
    onnx.helper.set_model_props(model, {"labels": labels, "contract": contract_json})
    onnx.checker.check_model(model, full_check=True)
    return model
