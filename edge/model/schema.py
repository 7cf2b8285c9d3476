"""The tables of a TFLite model, as far as our exporter writes them.

With the numbers of their fields they are those of TensorFlow's `lite/schema/schema.fbs`, version 3c
(TensorFlow Authors, Apache-2.0). Fields that our exporter never writes are left out: custom
operators, variables, sparse and dynamic shapes, data outside the FlatBuffer, ...
"""

from .flatbuffer import Schema

CODE: Schema = {0: ("deprecated_code", "b"), 2: ("version", "i"), 3: ("code", "i")}
QUANTIZATION: Schema = {2: ("scale", "[f]"), 3: ("zero_point", "[q]"), 6: ("axis", "i")}
TENSOR: Schema = {
    0: ("shape", "[i]"), 1: ("type", "b"), 2: ("buffer", "I"), 3: ("name", "string"),
    4: ("quantization", QUANTIZATION), 8: ("has_rank", "?"),
}  # fmt: skip
OPERATOR: Schema = {
    0: ("code", "I"), 1: ("inputs", "[i]"), 2: ("outputs", "[i]"), 3: ("options_type", "B"),
    4: ("options", "table"),
}  # fmt: skip
SUBGRAPH: Schema = {
    0: ("tensors", [TENSOR]), 1: ("inputs", "[i]"), 2: ("outputs", "[i]"),
    3: ("operators", [OPERATOR]), 4: ("name", "string"),
}  # fmt: skip
ENDS: Schema = {0: ("name", "string"), 1: ("tensor", "I")}
SIGNATURE: Schema = {
    0: ("inputs", [ENDS]), 1: ("outputs", [ENDS]), 2: ("key", "string"), 4: ("subgraph", "I"),
}  # fmt: skip
MODEL: Schema = {
    0: ("version", "I"), 1: ("codes", [CODE]), 2: ("subgraphs", [SUBGRAPH]),
    3: ("description", "string"), 4: ("buffers", [{0: ("data", "[B]")}]),
    6: ("metadata", [{0: ("name", "string"), 1: ("buffer", "I")}]),
    7: ("signatures", [SIGNATURE]),
}  # fmt: skip
# By operator: the number of its kind of options, and these. Those left out have their default.
OPTIONS: dict[str, tuple[int, Schema]] = {
    "CONV_2D": (1, {
        0: ("padding", "b"), 1: ("stride_x", "i"), 2: ("stride_y", "i"), 3: ("activation", "b"),
        4: ("dilation_x", "i"), 5: ("dilation_y", "i"),
    }),
    "MAX_POOL_2D": (5, {
        0: ("padding", "b"), 1: ("stride_x", "i"), 2: ("stride_y", "i"), 3: ("width", "i"),
        4: ("height", "i"), 5: ("activation", "b"),
    }),
    "FULLY_CONNECTED": (8, {0: ("activation", "b")}),
    "ADD": (11, {0: ("activation", "b"), 1: ("power_of_two_scale", "?")}),
    "MEAN": (27, {0: ("keep_dimensions", "?")}),
}  # fmt: skip
OPERATORS = {
    0: "ADD", 3: "CONV_2D", 6: "DEQUANTIZE", 9: "FULLY_CONNECTED", 14: "LOGISTIC",
    17: "MAX_POOL_2D", 22: "RESHAPE", 40: "MEAN", 114: "QUANTIZE",
}  # fmt: skip
TYPES = {0: "float32", 1: "float16", 2: "int32", 3: "uint8", 9: "int8"}
SCHEMA_VERSION = 3
NOTES = {  # metadata; no runtime and no part of the device reads more than their names
    "min_runtime_version", "CONVERSION_METADATA", "TFLITE_METADATA", "reduced_precision_support",
}  # fmt: skip
