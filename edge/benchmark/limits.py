"""What one core can do at best, measured, and how long each model must take by that.

No kernel is asked to reach the number on the processor's data sheet. The int8 rate is the one that
the same runtime reaches on a convolution that suits it: 3x3, 64 channels to 64, 32x32 pixels, whose
weights (37 KB) and pixels (64 KB) stay near the core. The read rate is that of numpy's maximum over
as many bytes as a model has weights, again and again, so that what fits a cache is read from there.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..model.runtime import build_interpreter
from .layers import Layer, read_layers
from .spread import take_turns

# Made by bench/probe.py with TensorFlow's own converter; random weights.
PROBE = Path(__file__).resolve().parent / "probe.tflite"
LARGE_BYTES = 64_000_000  # more than the caches of any board, and of most computers


@dataclass(frozen=True, slots=True)
class Limits:
    """One core's rates, with one runtime.

    Attributes:
        runtime: The TFLite runtime.
        int8_rate: int8 multiply-adds a second.
        read_rate: Bytes a second, from memory.
        read_rates: Bytes a second where so many bytes are read again and again.
    """

    runtime: str
    int8_rate: float
    read_rate: float
    read_rates: dict[int, float]

    def floor_ms(self, layers: Sequence[Layer]) -> float:
        """The least time for an int8 model: each layer waits for its sums or for its weights.

        Args:
            layers: Of the model.
        """
        rate = self.read_rates[weight_bytes(layers)]
        times = (
            max(layer.multiply_adds / self.int8_rate, layer.weight_bytes / rate) for layer in layers
        )
        return 1000 * sum(times)


def weight_bytes(layers: Sequence[Layer]) -> int:
    """Of all layers together."""
    return sum(layer.weight_bytes for layer in layers)


def measure_limits(models: Sequence[Sequence[Layer]], runtime: str, rounds: int) -> Limits:
    """Measures this core.

    Args:
        models: The layers of each model that a floor is wanted for.
        runtime: The TFLite runtime, or "auto".
        rounds: As for `take_turns`.

    Raises:
        RuntimeMissingError: The runtime does not work here.
    """
    content = PROBE.read_bytes()
    name, interpreter = build_interpreter(content, 1, runtime)
    sizes = sorted({LARGE_BYTES, *map(weight_bytes, models)})
    work: dict[Any, Callable[[], object]] = {"int8": interpreter.invoke}
    work |= {size: np.ones(max(size // 8, 1), np.int64).max for size in sizes}
    # The best times count: a limit is no limit while others hold the core.
    best_s = {name: spread.low_ms / 1000 for name, spread in take_turns(work, rounds).items()}
    return Limits(
        name,
        sum(layer.multiply_adds for layer in read_layers(content)) / best_s["int8"],
        LARGE_BYTES / best_s[LARGE_BYTES],
        {size: size / best_s[size] for size in sizes},
    )
