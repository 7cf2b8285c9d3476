"""A benchmark as text for people."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from edge.benchmark.inference import Timing
from edge.benchmark.machine import Machine
from edge.benchmark.run import Benchmark
from edge.benchmark.start import Start
from edge.benchmark.steps import PARTS, Steps
from edge.errors import one_line


def text(done: Benchmark) -> str:
    """All of it: the machine, a table for each part."""
    lines = [*_machine(done), "", *_inference(done), ""]
    lines += _steps(done.steps) if done.steps else [f"the whole step: {done.detector}"]
    return "\n".join(one_line(line) for line in [*lines, "", *_start(done.start)])


def _machine(done: Benchmark) -> Iterator[str]:
    machine = done.machine
    versions = {**machine.versions, **{k: v or "?" for k, v in done.inference.versions.items()}}
    yield f"{machine.cpu}, {machine.cores} cores ({' '.join(machine.features) or 'no SIMD known'})"
    yield f"{machine.system}; {', '.join(f'{name} {v}' for name, v in versions.items())}"
    yield f"before: {_state(machine)}; after: {_state(done.machine_after)}"


def _state(machine: Machine) -> str:
    told = [f"load {machine.load}"]
    if machine.megahertz:
        told.append(f"{machine.megahertz:.0f} MHz")
    if machine.governor:
        told.append(f"governor {machine.governor}")
    if machine.temperature_c is not None:
        told.append(f"{machine.temperature_c:.0f} C")
    return ", ".join([*told, *machine.throttled])


def _inference(done: Benchmark) -> Iterator[str]:
    found = done.inference
    rows: list[tuple[str, ...]] = [("inference", "input", "weights", "runtime", "threads",
             "ms", "10-90 %", "floor", "ratio")]  # fmt: skip
    rows += [_timing(timing) for timing in found.timings]
    yield from aligned(rows, left=4)
    for limits in found.limits:
        yield (
            f"one core with {limits.runtime}: {limits.int8_rate / 1e9:.1f} billion int8 "
            f"multiply-adds a second; memory is read at {limits.read_rate / 1e9:.1f} GB/s"
        )
    for runtime, path in found.suited.items():
        yield f"fastest with {runtime}: {path}"
    yield from (f"not measured: {failure}" for failure in found.failures)


def _timing(timing: Timing) -> tuple[str, ...]:
    time = timing.time
    return (
        f"{timing.name} {Path(timing.path).name}",
        timing.input,
        timing.quantization,
        timing.runtime,
        str(timing.threads),
        f"{time.median_ms:.3f}",
        f"{time.low_ms:.3f}-{time.high_ms:.3f}",
        f"{timing.floor_ms:.3f}" if timing.floor_ms else "",
        f"{timing.ratio:.2f}" if timing.ratio else "",
    )


def _steps(steps: Sequence[Steps]) -> Iterator[str]:
    rows: list[tuple[str, ...]] = [
        ("whole step, 640x480", "ms", "10-90 %", "mean", *PARTS, "one look")
    ]
    for step in steps:
        parts = (f"{step.parts_ms[part]:.2f}" for part in PARTS)
        whole = step.whole
        rows.append(
            (
                f"{step.scene}, {step.faces} followed",
                f"{whole.median_ms:.2f}",
                f"{whole.low_ms:.2f}-{whole.high_ms:.2f}",
                f"{step.mean_ms:.2f}",
                *parts,
                f"{step.look_ms:.2f}",
            )
        )
    yield from aligned(rows, left=1)


def _start(start: Start) -> Iterator[str]:
    first, help_ = start.first_answer, start.help
    yield (
        f"start       {first.median_ms:.0f} ms to the first answer ({first.low_ms:.0f}-"
        f"{first.high_ms:.0f}), {help_.median_ms:.0f} ms for --help"
    )
    if start.resident_mb and start.peak_mb:
        yield f"memory      {start.resident_mb:.0f} MB while live, {start.peak_mb:.0f} at most"
    largest = ", ".join(f"{name} {size:.0f}" for name, size in [*start.packages_mb.items()][:5])
    yield f"installed   {start.installed_mb:.0f} MB ({largest})"


def aligned(rows: Sequence[Sequence[str]], left: int) -> Iterator[str]:
    """Rows as lines with their columns under each other.

    Args:
        rows: Of equal length.
        left: So many columns begin at their left edge; the others, numbers, end at their right.
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [
            cell.ljust(width) if place < left else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()
