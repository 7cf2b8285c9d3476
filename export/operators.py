"""What a TFLite FlatBuffer is made of: operators, number types, the oldest runtime for it."""

import math
from dataclasses import dataclass

from tensorflow.lite.python import schema_py_generated as schema

OPERATOR_NAMES = {
    code: name for name, code in vars(schema.BuiltinOperator).items() if not name.startswith("_")
}
TYPE_NAMES = {
    code: name.lower() for name, code in vars(schema.TensorType).items() if not name.startswith("_")
}


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
    # Codes above 127 do not fit the older one-byte field; the larger of the two is the code.
    operators = {
        f"{OPERATOR_NAMES[max(code.builtinCode, code.deprecatedBuiltinCode)]} {code.version}"
        for code in model.operatorCodes
    }
    weight_bytes: dict[str, int] = {}
    for tensor in graph.tensors:
        data = model.buffers[tensor.buffer].data
        if data is not None:
            kind = TYPE_NAMES[tensor.type]
            weight_bytes[kind] = weight_bytes.get(kind, 0) + len(data)
    notes = {entry.name.decode(): model.buffers[entry.buffer].data for entry in model.metadata}
    return Composition(
        operators=tuple(sorted(operators)),
        input=_describe(graph.tensors[graph.inputs[0]]),
        output=_describe(graph.tensors[graph.outputs[0]]),
        int8_share=weight_bytes.get("int8", 0) / sum(weight_bytes.values()),
        multiply_adds=sum(_multiply_adds(graph, operator, model) for operator in graph.operators),
        oldest_runtime=bytes(notes["min_runtime_version"]).rstrip(b"\0").decode(),
    )


def _multiply_adds(
    graph: schema.SubGraphT, operator: schema.OperatorT, model: schema.ModelT
) -> int:
    """Of one operator, 0 unless it is a convolution or a dense layer."""
    code = model.operatorCodes[operator.opcodeIndex]
    name = OPERATOR_NAMES[max(code.builtinCode, code.deprecatedBuiltinCode)]
    if name not in ("CONV_2D", "FULLY_CONNECTED"):
        return 0
    weights = graph.tensors[operator.inputs[1]].shape  # filters first, then what each one sums up
    outputs = graph.tensors[operator.outputs[0]].shape
    return int(math.prod(outputs) * math.prod(weights[1:]))  # the schema gives numpy integers


def _describe(tensor: schema.TensorT) -> str:
    kind = TYPE_NAMES[tensor.type]
    quantization = tensor.quantization
    if quantization is None or quantization.scale is None:
        return kind
    return f"{kind}, scale {quantization.scale[0]:.6g}, zero point {quantization.zeroPoint[0]}"
