"""What a TFLite FlatBuffer is made of: operators, number types, the oldest runtime for it."""

import math
from dataclasses import dataclass

import numpy as np
from tensorflow.lite.python import schema_py_generated as schema

OPERATOR_NAMES = {
    code: name for name, code in vars(schema.BuiltinOperator).items() if not name.startswith("_")
}
TYPE_NAMES = {
    code: name.lower() for name, code in vars(schema.TensorType).items() if not name.startswith("_")
}


# Layers with weights.
CONVOLUTION, DEPTHWISE, DENSE = "CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED"


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
        flatbuffer: From the converter of TensorFlow 2.21; it holds one subgraph.
    """
    model = schema.ModelT.InitFromPackedBuf(flatbuffer, 0)
    graph = model.subgraphs[0]
    operators = {f"{_name(code)} {code.version}" for code in model.operatorCodes}
    weight_bytes: dict[str, int] = {}
    for tensor in graph.tensors:
        data = model.buffers[tensor.buffer].data
        if data is not None:
            kind = TYPE_NAMES[tensor.type]
            weight_bytes[kind] = weight_bytes.get(kind, 0) + len(data)
    notes = {entry.name.decode(): model.buffers[entry.buffer].data for entry in model.metadata}
    return Composition(
        operators=tuple(sorted(operators)),
        input=_tensor_text(graph.tensors[graph.inputs[0]]),
        output=_tensor_text(graph.tensors[graph.outputs[0]]),
        int8_share=weight_bytes.get("int8", 0) / sum(weight_bytes.values()),
        multiply_adds=sum(layer.multiply_adds for layer in read_layers(flatbuffer)),
        oldest_runtime=bytes(notes["min_runtime_version"]).rstrip(b"\0").decode(),
    )


def read_layers(flatbuffer: bytes) -> list[Layer]:
    """The convolutions and dense layers of a TFLite model, in their order.

    Args:
        flatbuffer: With one subgraph.
    """
    model = schema.ModelT.InitFromPackedBuf(flatbuffer, 0)
    graph = model.subgraphs[0]
    layers = []
    for operator in graph.operators:
        name = _name(model.operatorCodes[operator.opcodeIndex])
        if name not in (CONVOLUTION, DEPTHWISE, DENSE):
            continue
        weights = graph.tensors[operator.inputs[1]]
        shape = weights.shape.tolist()
        outputs = graph.tensors[operator.outputs[0]].shape.tolist()
        # A filter sums up all channels of its window, of a depthwise convolution only one.
        summed = shape[1:3] if name == DEPTHWISE else shape[1:]
        size = np.dtype(TYPE_NAMES[weights.type]).itemsize
        layers.append(Layer(math.prod(outputs) * math.prod(summed), math.prod(shape) * size))
    return layers


def _name(code: schema.OperatorCodeT) -> str:
    """Of an operator; codes above 127 do not fit the older field, so the larger one is the code."""
    return OPERATOR_NAMES[max(code.builtinCode, code.deprecatedBuiltinCode)]


def _tensor_text(tensor: schema.TensorT) -> str:
    kind = TYPE_NAMES[tensor.type]
    quantization = tensor.quantization
    if quantization is None or quantization.scale is None:
        return kind
    return f"{kind}, scale {quantization.scale[0]:.6g}, zero point {quantization.zeroPoint[0]}"
