"""What a TFLite FlatBuffer is made of: operators, number types, the oldest runtime for it."""

import math
from collections import Counter
from dataclasses import dataclass

import numpy as np

from edge.model.flatbuffer import FlatBuffer
from edge.model.graph import Tensor, read_graph
from edge.model.schema import MODEL

LAYERS = ("CONV_2D", "FULLY_CONNECTED")  # those with weights


@dataclass(frozen=True, slots=True)
class Layer:
    """One convolution or dense layer.

    Attributes:
        multiply_adds: For one picture.
        weight_bytes: What it must read of its weights.
    """

    multiply_adds: int
    weight_bytes: int


@dataclass(frozen=True, slots=True)
class Composition:
    """What a runtime must be able to do for a model.

    Attributes:
        operators: Name and version of each kind of operator, such as "CONV_2D 3", sorted.
        input: Number type, scale and zero point of the input, such as "uint8, scale 1, zero 0".
        output: The same of the output.
        int8_share: Share of the stored weights, in bytes, that are int8, from 0 to 1.
        multiply_adds: Of all convolutions and dense layers, for one picture.
        oldest_runtime: First TensorFlow Lite release with all these operator versions, as the
            converter noted it in the file.
    """

    operators: tuple[str, ...]
    input: str
    output: str
    int8_share: float
    multiply_adds: int
    oldest_runtime: str


def read_composition(flatbuffer: bytes) -> Composition:
    """Reads what a TFLite model is made of.

    Args:
        flatbuffer: From the converter of TensorFlow 2.21.
    """
    graph = read_graph(flatbuffer, len(flatbuffer))
    weight_bytes: Counter[str] = Counter()
    for tensor in graph.tensors:
        weight_bytes[tensor.type] += 0 if tensor.data is None else len(tensor.data)
    model = FlatBuffer(flatbuffer, len(flatbuffer)).root(MODEL)
    notes = {note["name"]: model["buffers"][note["buffer"]]["data"] for note in model["metadata"]}
    return Composition(
        operators=tuple(sorted({f"{each.name} {each.version}" for each in graph.operators})),
        input=_tensor_text(graph.tensors[graph.input]),
        output=_tensor_text(graph.tensors[graph.output]),
        int8_share=weight_bytes["int8"] / weight_bytes.total(),
        multiply_adds=sum(layer.multiply_adds for layer in read_layers(flatbuffer)),
        oldest_runtime=notes["min_runtime_version"].tobytes().rstrip(b"\0").decode(),
    )


def read_layers(flatbuffer: bytes) -> list[Layer]:
    """The convolutions and dense layers of a TFLite model, in their order.

    Args:
        flatbuffer: With one subgraph, of operators that our exporter writes.
    """
    graph = read_graph(flatbuffer, len(flatbuffer))
    layers = []
    for operator in graph.operators:
        if operator.name in LAYERS:
            weights, outputs = (graph.tensors[n] for n in (operator.inputs[1], operator.output))
            # Each output sums up all of the weights' shape but their first side.
            sums = outputs.size * math.prod(weights.shape[1:])
            layers.append(Layer(sums, weights.size * np.dtype(weights.type).itemsize))
    return layers


def _tensor_text(tensor: Tensor) -> str:
    if not len(tensor.scale):
        return tensor.type
    return f"{tensor.type}, scale {tensor.scale[0]:.6g}, zero point {tensor.zero_point[0]}"
