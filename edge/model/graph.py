"""The graph in a TFLite model: its tensors and operators, and nothing that ours do not have."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .flatbuffer import FlatBuffer
from .schema import MODEL, NOTES, OPERATORS, OPTIONS, SCHEMA_VERSION, TYPES


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor, whose data has the size of its shape and type.

    Attributes:
        shape: One to four dimensions, each at least 1.
        type: A value of TYPES.
        scale: float32 (n,), positive; empty where it is not quantized.
        zero_point: int64 (n,).
        axis: Of the shape, that the scales belong to; 0 for a single one.
        data: uint8, of a constant; None of what is computed.
    """

    shape: tuple[int, ...]
    type: str
    scale: np.ndarray
    zero_point: np.ndarray
    axis: int
    data: np.ndarray | None

    @property
    def size(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)

    @property
    def numbers(self) -> list[int]:
        """The first elements of an int32 constant, at most eight."""
        return [] if self.data is None else self.data[:32].view("<i4").tolist()


@dataclass(frozen=True, slots=True)
class Operator:
    """One step of the graph.

    Attributes:
        name: A value of OPERATORS.
        version: Of the operator.
        inputs: Numbers of tensors; -1 for one that is left out.
        output: Number of a tensor.
        options: By the names in OPTIONS; those with their default value are missing.
    """

    name: str
    version: int
    inputs: tuple[int, ...]
    output: int
    options: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Graph:
    """One input, one output, and the operators between them, in their order."""

    tensors: Sequence[Tensor]
    operators: Sequence[Operator]
    input: int
    output: int


def read_graph(content: bytes, size: int) -> Graph:
    """Reads the graph of a TFLite model, whose FlatBuffer is so long; all its tensors exist.

    Raises:
        ValueError: It is not sound, or not as our exporter writes it.
    """
    file = FlatBuffer(content, size)
    model = file.root(MODEL)
    buffers = [buffer.get("data") for buffer in model["buffers"]]
    need(model["version"] == SCHEMA_VERSION, f"schema version {model['version']}")
    need(len(model["subgraphs"]) == 1, f"{len(model['subgraphs'])} subgraphs")
    for note in model.get("metadata", ()):
        need(note["name"] in NOTES, f"metadata {note['name']}")
        number = note.get("buffer", 0)
        is_there = number < len(buffers) and buffers[number] is not None
        need(is_there, f"metadata {note['name']} is not there")
    (subgraph,) = model["subgraphs"]
    tensors = [_tensor(fields, buffers) for fields in subgraph["tensors"]]
    ends = [number for name in ("inputs", "outputs") for number in subgraph[name].tolist()]
    need(len(ends) == 2 and all(0 <= end < len(tensors) for end in ends), f"ends {ends}")
    signatures = model.get("signatures", ())
    need(len(signatures) <= 1, f"{len(signatures)} signatures")
    for signature in signatures:
        named = [*signature["inputs"], *signature["outputs"]]
        numbers = [end.get("tensor", 0) for end in named]
        need(numbers == ends and not signature.get("subgraph", 0), f"signature {numbers}")
        # A runtime reads these names, and not whether they are there.
        need(
            "key" in signature and all("name" in end for end in named), "a signature without names"
        )
    kinds = [_kind(code) for code in model["codes"]]
    operators = [_operator(file, fields, kinds, len(tensors)) for fields in subgraph["operators"]]
    return Graph(tensors, operators, *ends)


def need(holds: bool, otherwise: str) -> None:
    """Raises ValueError, with what is wrong, where something does not hold."""
    if not holds:
        raise ValueError(otherwise)


def _tensor(fields: Mapping[str, Any], buffers: Sequence[np.ndarray | None]) -> Tensor:
    shape = tuple(fields["shape"].tolist())
    need(1 <= len(shape) <= 4 and all(side >= 1 for side in shape), f"a tensor of shape {shape}")
    kind = TYPES.get(fields.get("type", 0))
    need(kind is not None, f"a tensor of type {fields.get('type')}")
    need(0 < fields.get("buffer", 0) < len(buffers), f"buffer {fields.get('buffer')}")
    quantization = fields.get("quantization", {})
    tensor = Tensor(
        shape,
        str(kind),
        scale=quantization.get("scale", np.zeros(0, np.float32)),
        zero_point=quantization.get("zero_point", np.zeros(0, np.int64)),
        axis=quantization.get("axis", 0),
        data=buffers[fields["buffer"]],
    )
    if tensor.data is not None:
        needed = tensor.size * np.dtype(tensor.type).itemsize
        need(len(tensor.data) == needed, f"{len(tensor.data)} bytes for a tensor of {needed}")
    need(len(tensor.scale) == len(tensor.zero_point), "scales without zero points")
    if len(tensor.scale):
        per_axis = tensor.axis < len(shape) and len(tensor.scale) == shape[tensor.axis]
        need(tensor.axis >= 0 and (per_axis or len(tensor.scale) == 1), f"scales for {shape}")
        # Smallest normal number and more: what is below, or no number, ends some kernels.
        sound = (tensor.scale >= np.finfo(np.float32).tiny) & (tensor.scale < np.inf)
        need(bool(sound.all()), "a scale that is none")
    return tensor


def _kind(code: Mapping[str, Any]) -> tuple[str, int]:
    """Name and version of a kind of operator."""
    number = code.get("code", 0)
    # Older runtimes read the other field; codes below 128 are in both.
    is_known = number in OPERATORS and code.get("deprecated_code", 0) == number
    need(is_known, f"an operator with code {number}")
    return OPERATORS[number], code.get("version", 1)


def _operator(
    file: FlatBuffer, fields: Mapping[str, Any], kinds: Sequence[tuple[str, int]], tensors: int
) -> Operator:
    need(fields.get("code", 0) < len(kinds), f"operator {fields.get('code')}")
    name, version = kinds[fields.get("code", 0)]
    options_type, schema = OPTIONS.get(name, (0, {}))
    need(fields.get("options_type", 0) == options_type, f"{name} with options of another operator")
    inputs, outputs = fields["inputs"].tolist(), fields["outputs"].tolist()
    need(
        len(inputs) <= 3 and all(-1 <= number < tensors for number in inputs)
        and len(outputs) == 1 and 0 <= outputs[0] < tensors,
        f"{name} from {inputs[:4]} to {outputs[:4]}",
    )  # fmt: skip
    options = file.table(fields["options"], schema) if options_type else {}
    return Operator(name, version, tuple(inputs), outputs[0], options)
