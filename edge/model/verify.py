"""Whether a model's graph is one that our exporter writes, and sound: nothing else is run."""

from .graph import Graph, Operator, Tensor, need
from .operators import RULES, Result

# For one picture. The largest network that can be trained here, the exercise's for 512x512 pixels,
# has 8.7 million activations and needs 0.8 thousand million multiply-adds.
MAX_ACTIVATIONS, MAX_WORK = 2**24, 2**30
# From the scale of an operator's input, times its weights', to its output's: XNNPACK takes no more
# (`xnn_create_convolution2d_nhwc_qs8_qc8w`), and other kernels end the process.
MAX_RATIO = 256.0
# A curve, not a factor; its steps of 1/256 let logits reach 131 thousand.
MAX_SIGMOID_RATIO = 2.0**18
NONE, RELU = 0, 1  # activation of an operator
# Types of what an operator takes, in float and in int8 arithmetic.
TYPES = {
    "picture": ("float32", "int8"), "weights": ("float32", "int8"), "bias": ("float32", "int32"),
    "halves": ("float16", ""), "numbers": ("int32", "int32"),
}  # fmt: skip
ZERO_POINTS = {"int8": (-128, 127), "uint8": (0, 255)}
SIGMOID = (1 / 256, -128)  # scale and zero point of its output


def verify(graph: Graph, picture: tuple[int, int, int], answers: int) -> None:
    """Checks that a graph takes a picture (height, width, channels), gives the answers, is sound.

    Raises:
        ValueError: It does not, or is not as our exporter writes it.
    """
    tensors = graph.tensors
    for tensor in tensors:
        _check_quantization(tensor)
    first, last = tensors[graph.input], tensors[graph.output]
    need(first.shape == (1, *picture), f"it takes {first.shape}, not {(1, *picture)}")
    need(last.shape == (1, answers), f"it gives {last.shape}, not {(1, answers)}")
    need(first.type == last.type in ("uint8", "float32"), f"{first.type} in, {last.type} out")
    is_int8 = first.type == "uint8"
    if is_int8:  # pixels are fed as they are
        need(_affine(first) == (1.0, 0), f"its input has scale and zero point {_affine(first)}")
    fixed = {number for number, tensor in enumerate(tensors) if tensor.data is not None}
    known = fixed | {graph.input}
    need(graph.input not in fixed, "its input is a constant")
    activations, work = first.size, 0
    for operator in graph.operators:
        need(operator.output not in known, f"{operator.name} to what is there already")
        need(known.issuperset(n for n in operator.inputs if n >= 0), f"{operator.name} too early")
        work += _check(graph, operator, fixed, is_int8).work
        known.add(operator.output)
        if operator.name == "DEQUANTIZE":  # of weights
            fixed.add(operator.output)
        else:
            activations += tensors[operator.output].size
    need(len(known) == len(tensors) and graph.output not in fixed, "a tensor without a source")
    need(activations <= MAX_ACTIVATIONS and work <= MAX_WORK, "too much work for a picture")


def _check(graph: Graph, operator: Operator, fixed: set[int], is_int8: bool) -> Result:
    """What an operator makes; ValueError where it is none of ours, or does not fit its tensors."""
    name, rule = operator.name, RULES[operator.name]
    need(operator.version == rule.versions[is_int8], f"{name} of version {operator.version}")
    need(len(operator.inputs) == len(rule.inputs), f"{name} of {len(operator.inputs)} tensors")
    activation = operator.options.get("activation", NONE)
    need(activation == NONE or (activation == RELU and name != "MAX_POOL_2D"), f"{name}, then what")
    inputs = []
    for number, kind in zip(operator.inputs, rule.inputs, strict=True):
        if number < 0:
            need((name, kind) == ("FULLY_CONNECTED", "bias"), f"{name} without {kind}")
            continue
        tensor = graph.tensors[number]
        need((number in fixed) == (kind != "picture"), f"{name} of what is no {kind}")
        is_pixels = (name, tensor.type) == ("QUANTIZE", "uint8")
        is_right = is_pixels or tensor.type == TYPES[kind][is_int8]
        need(is_right, f"{name} of {kind} that is {tensor.type}")
        is_scaled = len(tensor.scale) > 0
        need(is_scaled == (is_int8 and kind != "numbers"), f"{name} of {kind} without its scales")
        inputs.append(tensor)
    output, result = graph.tensors[operator.output], rule.result(operator, inputs)
    need(output.shape == result.shape, f"{name} to {output.shape}, not {result.shape}")
    expected = TYPES["picture"][is_int8]
    if name == "QUANTIZE":
        expected = "int8" if inputs[0].type == "uint8" else "uint8"
    need(output.type == expected, f"{name} to {output.type}")
    if is_int8:
        _check_scales(name, inputs, output)
    return result


def _check_scales(name: str, inputs: list[Tensor], output: Tensor) -> None:
    """Of int8 operators: what one step of the input is in steps of the output."""
    weights = [
        float(one.scale.max()) for one in inputs[1:] if one.type == "int8" and one.data is not None
    ]
    for one in inputs:
        if one.data is None:
            ratio = float(one.scale[0]) * max(weights, default=1.0) / float(output.scale[0])
            most = MAX_SIGMOID_RATIO if name == "LOGISTIC" else MAX_RATIO
            need(ratio < most, f"{name} by {ratio:g}")
    if name in ("MAX_POOL_2D", "RESHAPE"):
        need(_affine(output) == _affine(inputs[0]), f"{name} with a scale of its own")
    if name == "LOGISTIC":
        need(_affine(output) == SIGMOID, f"{name} to scale and zero point {_affine(output)}")


def _check_quantization(tensor: Tensor) -> None:
    scales = len(tensor.scale)
    need(tensor.axis == 0, f"scales along axis {tensor.axis}")
    if tensor.type in ("float32", "float16"):
        need(not scales, f"scales of {tensor.type}")
    elif tensor.data is not None:  # weights and biases; numbers such as axes have none
        sound = not tensor.zero_point.any()
        need(sound and (scales > 0 or tensor.type == "int32"), "weights around another zero")
    else:
        need(
            scales == 1 and tensor.type in ZERO_POINTS,
            f"a computed {tensor.type} of {scales} scales",
        )
        low, high = ZERO_POINTS[tensor.type]
        need(low <= tensor.zero_point[0] <= high, f"zero point {tensor.zero_point[0]}")


def _affine(tensor: Tensor) -> tuple[float, int]:
    """Scale and zero point of what is computed."""
    return float(tensor.scale[0]), int(tensor.zero_point[0])
