"""The least time that a model can take on this core, by the core's measured limits.

`python -m bench.floor PROBE ROUNDS PYTHON RUNTIMES MODEL ...`, with a comma between runtimes.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.child import measured
from export.operators import Layer, read_layers


@dataclass(frozen=True, slots=True)
class Limits:
    """One core's rates, with one runtime.

    Attributes:
        runtime: The TFLite runtime.
        int8_rate: int8 multiply-adds a second.
        read_rate: Bytes a second, from memory.
        read_rates: Bytes a second by how many bytes are read again and again.
    """

    runtime: str
    int8_rate: float
    read_rate: float
    read_rates: dict[int, float]

    def floor_ms(self, layers: Sequence[Layer]) -> float:
        """The least time for an int8 model: each layer waits for its sums or for its weights."""
        rate = self.read_rates[weight_bytes(layers)]
        times = (
            max(layer.multiply_adds / self.int8_rate, layer.weight_bytes / rate) for layer in layers
        )
        return 1000 * sum(times)


@dataclass(frozen=True, slots=True)
class Floors:
    """The least times of some models.

    Attributes:
        limits: Of this core, one for each runtime.
        floor_ms: By the int8 model's file, then by runtime.
    """

    limits: list[Limits]
    floor_ms: dict[str, dict[str, float]]


def measure_floors(
    models: Sequence[Path], probe: Path, runtimes: Sequence[str], rounds: int, python: Path
) -> Floors:
    """Measures this core with each runtime.

    Args:
        models: int8 files.
        probe: The model of `bench.probe`.
        runtimes: TFLite runtimes that work in `python`.
        rounds: As for `edge.benchmark.spread.take_turns`.
        python: The device's Python.

    Raises:
        ChildError: A measurement failed.
    """
    layers = {str(path): read_layers(path.read_bytes()) for path in models}
    work = sum(layer.multiply_adds for layer in read_layers(probe.read_bytes()))
    sizes = [str(weight_bytes(each)) for each in layers.values()]
    limits = []
    for runtime in runtimes:
        found, _ = measured("bench.limits", str(probe), runtime, str(rounds), *sizes, python=python)
        rates = {int(size): float(rate) for size, rate in found["read_rates"]}
        limits.append(Limits(runtime, work / found["probe_s"], rates[max(rates)], rates))
    return Floors(
        limits,
        {
            path: {each.runtime: each.floor_ms(of_model) for each in limits}
            for path, of_model in layers.items()
        },
    )


def floor_of(floors: Mapping[str, Any], timing: Mapping[str, Any]) -> float | None:
    """The least time for what `benchmark` has timed, in milliseconds.

    Args:
        floors: `asdict` of `Floors`.
        timing: One of the timings of `benchmark --json`.

    Returns:
        None for float models, and for more than one thread.
    """
    if timing["threads"] > 1:
        return None
    return floors["floor_ms"].get(timing["path"], {}).get(timing["runtime"])


def weight_bytes(layers: Sequence[Layer]) -> int:
    """Of all layers together."""
    return sum(layer.weight_bytes for layer in layers)


if __name__ == "__main__":
    probe, rounds, python, runtimes, *models = sys.argv[1:]
    found = measure_floors(
        [Path(name) for name in models], Path(probe), runtimes.split(","), int(rounds), Path(python)
    )
    print(json.dumps(asdict(found)))
