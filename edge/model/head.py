"""The last layer of a model: read from its file, put back in place, or left out.

A network is its features, the numbers before the last fully connected layer, and that layer, the
head. Teaching changes the head alone. Its numbers stand in the file in a known place and size, so
that another head takes the place of the old one, and the rest of the file stays as it is.
"""

from dataclasses import dataclass

import numpy as np

from ..errors import ModelError
from .archive import read_archive
from .flatbuffer import FlatBuffer
from .graph import Graph, Operator, Tensor, read_graph
from .schema import MODEL

ROOM = 1.25  # of the range that the scores may have, as a multiple of what was seen


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """A fully connected layer.

    Attributes:
        weights: float64 (outputs, features).
        bias: float64 (outputs,).
    """

    weights: np.ndarray
    bias: np.ndarray

    def outputs(self, features: np.ndarray) -> np.ndarray:
        """float64 (n, outputs), of features (n, features)."""
        return features @ self.weights.T + self.bias


def read_head(content: bytes) -> Head:
    """The head of a model file that was found sound.

    Raises:
        ModelError: It has none that can be taught: only int8 models have.
    """
    _, graph, dense = _opened(content)
    _, weights, bias = (graph.tensors[number] for number in dense.inputs)
    return Head(
        _numbers(weights, np.int8).reshape(weights.shape) * weights.scale[:, np.newaxis],
        _numbers(bias, np.int32) * bias.scale.astype(float),
    )


def features_model(content: bytes) -> bytes:
    """A model that gives the features in place of the scores; it is no model file.

    Raises:
        ModelError: As of `read_head`.
    """
    changed, _, dense = _opened(content)
    return _giving(changed, dense.inputs[0])


def map_model(content: bytes) -> bytes:
    """A model that gives the map of which the features are the average; it is no model file.

    Raises:
        ModelError: As of `read_head`, or the features are no average over places.
    """
    changed, graph, dense = _opened(content)
    before = [operator for operator in graph.operators if operator.output == dense.inputs[0]]
    if not before or before[0].name != "MEAN":
        raise ModelError("this model's last layer does not follow an average over places")
    return _giving(changed, before[0].inputs[0])


def with_head(content: bytes, head: Head, outputs: np.ndarray) -> bytes:
    """The FlatBuffer of a model file, with another head.

    Args:
        content: Of the model file.
        head: Of the same shape.
        outputs: float64 (n, outputs): examples of what it gives, for the range of its output.

    Raises:
        ModelError: As of `read_head`.
    """
    changed, graph, dense = _opened(content)
    features, weights, bias = (graph.tensors[number] for number in dense.inputs)
    scales = np.maximum(np.abs(head.weights).max(axis=1), 1e-6) / 127
    weights.scale[:] = scales
    bias.scale[:] = scales * features.scale[0]
    _numbers(weights, np.int8)[:] = _rounded(head.weights / scales[:, np.newaxis], np.int8).ravel()
    _numbers(bias, np.int32)[:] = _rounded(head.bias / bias.scale, np.int32)
    low, high = min(0.0, ROOM * outputs.min()), max(0.0, ROOM * outputs.max())
    scale = max((high - low) / 255, 1e-6)
    zero_point = round(-128 - low / scale)
    following = [operator for operator in graph.operators if operator.inputs[0] == dense.output]
    _set_range(graph.tensors[dense.output], scale, zero_point)
    if following and following[0].name == "QUANTIZE":
        _set_range(graph.tensors[following[0].output], scale, zero_point + 128)
    return bytes(changed)


def _opened(content: bytes) -> tuple[bytearray, Graph, Operator]:
    """A copy of the FlatBuffer, the graph in it with the copy's arrays, and the last layer."""
    _, size = read_archive(content)
    copy = bytearray(content[:size])
    graph = read_graph(copy, size)  # type: ignore[arg-type]
    dense = [operator for operator in graph.operators if operator.name == "FULLY_CONNECTED"]
    if not dense or graph.tensors[dense[-1].inputs[1]].type != "int8":
        raise ModelError("this model cannot be taught here: only int8 models can")
    return copy, graph, dense[-1]


def _giving(changed: bytearray, tensor: int) -> bytes:
    """The FlatBuffer with another tensor as its output."""
    file = FlatBuffer(changed, len(changed))  # type: ignore[arg-type]
    file.root(MODEL)["subgraphs"][0]["outputs"][0] = tensor
    return bytes(changed)


def _numbers(tensor: Tensor, kind: type) -> np.ndarray:
    assert tensor.data is not None
    return tensor.data.view(kind)


def _rounded(values: np.ndarray, kind: type) -> np.ndarray:
    limits = np.iinfo(kind)
    return np.clip(np.rint(values), limits.min, limits.max).astype(kind)


def _set_range(tensor: Tensor, scale: float, zero_point: int) -> None:
    tensor.scale[:] = scale
    tensor.zero_point[:] = zero_point
