"""What our exporter's operators make of their inputs: the output's shape, and how much work it is.

TensorFlow Lite's kernels compute with what a file says, and some never look whether a filter has as
many channels as its picture.
"""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from .graph import Operator, Tensor, need

SAME, VALID = 0, 1  # padding


class Result(NamedTuple):
    """What an operator makes.

    Attributes:
        shape: Of its output.
        work: Multiply-adds, or elements that it reads.
    """

    shape: tuple[int, ...]
    work: int


class Rule(NamedTuple):
    """What is true of an operator.

    Attributes:
        inputs: What each must be: "picture" for what is computed, or one of "weights", "bias",
            "halves" (weights as float16) and "numbers", which are constant.
        versions: Of the operator, for float32 and for int8; 0 for none.
        result: What it makes; raises ValueError where its inputs do not go together.
    """

    inputs: tuple[str, ...]
    versions: tuple[int, int]
    result: Callable[[Operator, Sequence[Tensor]], Result]


def _convolved(operator: Operator, inputs: Sequence[Tensor]) -> Result:
    picture, weights, bias = inputs
    need(
        len(picture.shape) == 4 and len(weights.shape) == 4, "a convolution of other than pictures"
    )
    filters, *window, channels = weights.shape
    need(picture.shape[3] == channels, f"{channels} channels for {picture.shape}")
    need(bias.shape == (filters,), f"a bias of shape {bias.shape} for {filters} filters")
    dilation = operator.options.get("dilation_x", 1), operator.options.get("dilation_y", 1)
    need(dilation == (1, 1), f"dilation {dilation}")
    shape = (*_slid(operator, picture, window), filters)
    return Result(shape, math.prod(shape) * math.prod(weights.shape[1:]))


def _pooled(operator: Operator, inputs: Sequence[Tensor]) -> Result:
    (picture,) = inputs
    need(len(picture.shape) == 4, "pooling of other than pictures")
    window = operator.options.get("height", 0), operator.options.get("width", 0)
    shape = (*_slid(operator, picture, window), picture.shape[3])
    return Result(shape, math.prod(shape) * math.prod(window))


def _slid(operator: Operator, picture: Tensor, window: Sequence[int]) -> tuple[int, int, int]:
    """Batch, height and width after a window was moved over a picture."""
    options = operator.options
    strides = options.get("stride_y", 0), options.get("stride_x", 0)
    padding = options.get("padding", SAME)
    need(padding in (SAME, VALID), f"padding {padding}")
    sides = []
    for side, length, stride in zip(picture.shape[1:3], window, strides, strict=True):
        need(stride in (1, 2) and 1 <= length <= 16, f"a window of {length}, moved by {stride}")
        need(length <= side, f"a window of {length} for {picture.shape}")
        sides.append(-(-(side if padding == SAME else side - length + 1) // stride))
    return picture.shape[0], sides[0], sides[1]


def _dense(operator: Operator, inputs: Sequence[Tensor]) -> Result:
    picture, weights, *bias = inputs
    need(len(weights.shape) == 2, f"dense weights of shape {weights.shape}")
    units, width = weights.shape
    need(picture.shape == (1, width), f"{picture.shape} for dense weights of {weights.shape}")
    need(all(one.shape == (units,) for one in bias), f"a bias for other than {units} units")
    return Result((1, units), units * width)


def _added(operator: Operator, inputs: Sequence[Tensor]) -> Result:
    one, other = inputs
    need(one.shape == other.shape, f"{one.shape} and {other.shape}")
    return Result(one.shape, one.size)


def _averaged(operator: Operator, inputs: Sequence[Tensor]) -> Result:
    picture, axes = inputs
    over = axes.numbers if axes.shape == (2,) else axes.shape
    need(len(picture.shape) == 4 and over == [1, 2], f"a mean over {over}")
    need(not operator.options.get("keep_dimensions"), "a mean that keeps dimensions")
    return Result((1, picture.shape[3]), picture.size)


def _reshaped(operator: Operator, inputs: Sequence[Tensor]) -> Result:
    picture, wanted = inputs
    shape = (1, picture.size)
    is_list = wanted.shape == (2,)
    is_right = is_list and wanted.numbers in ([1, picture.size], [-1, picture.size])
    need(is_right, f"shape {wanted.numbers}")
    return Result(shape, picture.size)


def _same(operator: Operator, inputs: Sequence[Tensor]) -> Result:
    return Result(inputs[0].shape, inputs[0].size)


RULES = {
    "ADD": Rule(("picture", "picture"), (1, 2), _added),
    "CONV_2D": Rule(("picture", "weights", "bias"), (1, 3), _convolved),
    "DEQUANTIZE": Rule(("halves",), (3, 0), _same),
    "FULLY_CONNECTED": Rule(("picture", "weights", "bias"), (1, 4), _dense),
    "LOGISTIC": Rule(("picture",), (1, 2), _same),
    "MAX_POOL_2D": Rule(("picture",), (1, 2), _pooled),
    "MEAN": Rule(("picture", "numbers"), (1, 2), _averaged),
    "QUANTIZE": Rule(("picture",), (0, 1), _same),
    "RESHAPE": Rule(("picture", "numbers"), (1, 1), _reshaped),
}
