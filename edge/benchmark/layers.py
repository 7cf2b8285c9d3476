"""The layers of a TFLite file that multiply, read from its FlatBuffer without any runtime.

Of the schema (tensorflow/lite/schema/schema.fbs) only what says how much each layer has to do.
"""

import math
import struct
from dataclasses import dataclass

# BuiltinOperator and TensorType of the schema.
CONV_2D, DEPTHWISE_CONV_2D, FULLY_CONNECTED = 3, 4, 9
BYTES = {0: 4, 1: 2, 2: 4, 3: 1, 9: 1}  # float32, float16, int32, uint8, int8
# Places of fields in their tables.
MODEL_CODES, MODEL_GRAPHS = 1, 2
GRAPH_TENSORS, GRAPH_OPERATORS = 0, 3
CODE_OLD, CODE_NEW = 0, 3
OPERATOR_CODE, OPERATOR_INPUTS, OPERATOR_OUTPUTS = 0, 1, 2
TENSOR_SHAPE, TENSOR_TYPE = 0, 1


@dataclass(frozen=True, slots=True)
class Layer:
    """One convolution or dense layer.

    Attributes:
        multiply_adds: For one picture.
        weight_bytes: What it must read of its weights.
    """

    multiply_adds: int
    weight_bytes: int


def read_layers(model: bytes) -> list[Layer]:
    """The layers in their order.

    Args:
        model: A verified TFLite file with one subgraph.
    """
    root = _Table(model, struct.unpack_from("<I", model)[0])
    codes = [max(code.number(CODE_OLD, "b"), code.number(CODE_NEW, "i"))
             for code in root.tables(MODEL_CODES)]  # fmt: skip
    graph = root.tables(MODEL_GRAPHS)[0]
    tensors = graph.tables(GRAPH_TENSORS)
    layers = []
    for operator in graph.tables(GRAPH_OPERATORS):
        kind = codes[operator.number(OPERATOR_CODE, "I")]
        if kind not in (CONV_2D, DEPTHWISE_CONV_2D, FULLY_CONNECTED):
            continue
        weights = tensors[operator.numbers(OPERATOR_INPUTS)[1]]
        output = tensors[operator.numbers(OPERATOR_OUTPUTS)[0]].numbers(TENSOR_SHAPE)
        shape = weights.numbers(TENSOR_SHAPE)
        # A filter sums up all channels of its window, of a depthwise convolution only one.
        summed = shape[1:3] if kind == DEPTHWISE_CONV_2D else shape[1:]
        size = BYTES.get(weights.number(TENSOR_TYPE, "b"), 4)
        layers.append(Layer(math.prod(output) * math.prod(summed), math.prod(shape) * size))
    return layers


class _Table:
    """A table of a FlatBuffer."""

    def __init__(self, data: bytes, place: int) -> None:
        self._data, self._place = data, place
        self._fields = place - struct.unpack_from("<i", data, place)[0]
        self._size = struct.unpack_from("<H", data, self._fields)[0]

    def _find(self, field: int) -> int | None:
        """Where a field is; None where it has its default."""
        entry = 4 + 2 * field
        if entry >= self._size:
            return None
        offset = struct.unpack_from("<H", self._data, self._fields + entry)[0]
        return self._place + offset if offset else None

    def _follow(self, place: int) -> int:
        return int(place + struct.unpack_from("<I", self._data, place)[0])

    def number(self, field: int, kind: str) -> int:
        """A number, of a kind that `struct` names; 0 by default."""
        place = self._find(field)
        return 0 if place is None else int(struct.unpack_from(f"<{kind}", self._data, place)[0])

    def numbers(self, field: int) -> tuple[int, ...]:
        """A vector of int32."""
        place = self._find(field)
        if place is None:
            return ()
        start = self._follow(place)
        count = struct.unpack_from("<I", self._data, start)[0]
        return struct.unpack_from(f"<{count}i", self._data, start + 4)

    def tables(self, field: int) -> list["_Table"]:
        """A vector of tables."""
        place = self._find(field)
        if place is None:
            return []
        start = self._follow(place)
        count = struct.unpack_from("<I", self._data, start)[0]
        entries = (start + 4 + 4 * index for index in range(count))
        return [_Table(self._data, self._follow(entry)) for entry in entries]
