"""A benchmark as text for people."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..errors import one_line
from .steps import PARTS

Figures = Mapping[str, Any]
Row = tuple[str, ...]


def benchmark_text(done: Figures) -> str:
    """The whole benchmark: the machine, then a table for each part.

    Args:
        done: `asdict` of a `Benchmark`, or what `benchmark --json` printed.
    """
    lines = [*_machine(done), "", *_inference(done["inference"]), ""]
    lines += _steps(done["steps"]) if done["steps"] else [f"the whole step: {done['detector']}"]
    return "\n".join(one_line(line) for line in [*lines, "", *_start(done["start"])])


def _machine(done: Figures) -> Iterator[str]:
    machine = done["machine"]
    versions = {**machine["versions"], **done["inference"]["versions"]}
    features = " ".join(machine["features"])
    yield f"{machine['cpu']}, {machine['cores']} cores ({features or 'no known SIMD'})"
    named = ", ".join(f"{name} {version or '?'}" for name, version in versions.items())
    yield f"{machine['system']}; {named}"
    yield f"before: {_state(machine)}; after: {_state(done['machine_after'])}"


def _state(machine: Figures) -> str:
    parts = [f"load {machine['load']}"]
    if machine["megahertz"]:
        parts.append(f"{machine['megahertz']:.0f} MHz")
    parts.append(f"governor {machine['governor'] or 'unknown'}")
    if machine["temperature_c"] is None:
        parts.append("temperature unknown")
    else:
        parts.append(f"{machine['temperature_c']:.0f} C")
    return ", ".join([*parts, *machine["throttled"]])


def _inference(found: Figures) -> Iterator[str]:
    rows: list[Row] = [
        ("inference", "input", "quantization", "runtime", "threads", "ms", "10-90 %")
    ]
    rows += [_timing(timing) for timing in found["timings"]]
    yield from aligned(rows, left=4)
    inputs = {timing["path"]: timing["input"] for timing in found["timings"]}
    for runtime, paths in found["suited"].items():
        named = (f"{Path(path).name} ({inputs[path]})" for path in paths)
        yield f"fastest with {runtime}: {', '.join(named)}"
    yield from (f"not measured: {failure}" for failure in found["failures"])


def _timing(timing: Figures) -> Row:
    time = timing["time"]
    return (
        Path(timing["path"]).name,
        timing["input"],
        timing["quantization"],
        timing["runtime"],
        str(timing["threads"]),
        f"{time['median_ms']:.3f}",
        spread_text(time),
    )


def _steps(steps: Sequence[Figures]) -> Iterator[str]:
    rows: list[Row] = [
        ("whole step, 640x480", "ms", "10-90 %", "mean", *PARTS, "one look"),
    ]
    for step in steps:
        rows.append(
            (
                f"{step['scene']}, {step['faces']} followed",
                f"{step['whole']['median_ms']:.2f}",
                spread_text(step["whole"], 2),
                f"{step['mean_ms']:.2f}",
                *(f"{step['parts_ms'][part]:.2f}" for part in PARTS),
                f"{step['look_ms']:.2f}",
            )
        )
    yield from aligned(rows, left=1)
    yield (
        "(parts: what a frame costs in the mean; a look, by the detector, comes ten times a second "
        "while nobody is there, three times otherwise; drawing only with --show or --record)"
    )


def _start(start: Figures) -> Iterator[str]:
    first, help_ = start["first_answer"], start["help"]
    yield (
        f"start       {first['median_ms']:.0f} ms to the first answer ({spread_text(first, 0)}), "
        f"{help_['median_ms']:.0f} ms for --help"
    )
    if start["resident_mb"]:
        resident, peak = start["resident_mb"], start["peak_mb"]
        yield f"memory      {resident:.0f} MB while live, {peak:.0f} at most"


def spread_text(time: Figures, digits: int = 3) -> str:
    """The 10th to the 90th percentile of a `Spread`, in milliseconds."""
    return f"{time['low_ms']:.{digits}f}-{time['high_ms']:.{digits}f}"


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
