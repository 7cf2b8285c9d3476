"""What one core can do at best: `python -m bench.limits PROBE RUNTIME ROUNDS BYTES ...`.

No kernel is asked to reach the number on the processor's data sheet. The int8 rate is the one that
the same runtime reaches on a convolution that suits it (`bench.probe`). The read rate is that of
numpy's maximum over as many bytes as a model has weights, again and again, so that what fits a
cache is read from there. It runs in the device's environment, which has no TensorFlow.
"""

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from edge.benchmark.spread import take_turns
from edge.model.runtime import build_interpreter

LARGE_BYTES = 64_000_000  # more than the caches of any board, and of most computers


def measure_limits(probe: bytes, runtime: str, rounds: int, sizes: Sequence[int]) -> dict[str, Any]:
    """Measures this core with one runtime.

    Args:
        probe: The model of `bench.probe`.
        runtime: The TFLite runtime.
        rounds: As for `take_turns`.
        sizes: Bytes of weights to measure the read rate for.

    Returns:
        "probe_s", the time of one run of the probe, and "read_rates", a list of (bytes, bytes a
        second), that of LARGE_BYTES last.

    Raises:
        RuntimeMissingError: The runtime does not work here.
    """
    _, interpreter = build_interpreter(probe, 1, runtime)
    work: dict[int, Callable[[], object]] = {0: interpreter.invoke}
    work |= {
        size: np.ones(max(size // 8, 1), np.int64).max for size in sorted({*sizes, LARGE_BYTES})
    }
    # The best times count: a limit is no limit while others hold the core.
    best_s = {size: spread.low_ms / 1000 for size, spread in take_turns(work, rounds).items()}
    probe_s = best_s.pop(0)
    return {"probe_s": probe_s, "read_rates": [(size, size / best_s[size]) for size in best_s]}


if __name__ == "__main__":
    path, runtime, rounds, *sizes = sys.argv[1:]
    found = measure_limits(Path(path).read_bytes(), runtime, int(rounds), [int(n) for n in sizes])
    print(json.dumps(found))
