"""Accuracy and loss over the epochs, as a drawing in the page."""

import math
from collections.abc import Mapping, Sequence

from edge.wording import counted

WIDTH, HEIGHT = 440, 250
LEFT, RIGHT, TOP, BOTTOM = 44, 12, 34, 38  # what is left free around the drawing
STEPS = 5  # lines of the grid, about


def curve(name: str, history: Mapping[str, Sequence[float]], kept_epoch: int) -> str:
    """One figure over the epochs as SVG: of training and, if there, of validation images.

    Args:
        name: "accuracy" or "loss".
        history: Figures by name, one an epoch, as Keras's `History.history`.
        kept_epoch: Marked with a line if not 0.
    """
    lines = {"training": history[name]}
    if f"val_{name}" in history:
        lines["validation"] = history[f"val_{name}"]
    epochs = len(history[name])
    values = [value for line in lines.values() for value in line if math.isfinite(value)]
    low = 0.0 if name == "loss" else min([*values, 0.9])
    high = max([*values, low + 1e-3]) if name == "loss" else 1.0
    step = _step((high - low) / STEPS)
    low, high = step * math.floor(low / step + 1e-9), step * math.ceil(high / step - 1e-9)
    high = max(high, low + step)

    def x(epoch: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (epoch - 1) / max(epochs - 1, 1)

    def y(value: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (high - value) / (high - low)

    parts = [f'<text x="{LEFT}" y="16">{name}</text>']
    for number in range(round((high - low) / step) + 1):
        value = low + number * step
        parts.append(
            f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(value):.1f}" '
            f'y2="{y(value):.1f}"/><text x="{LEFT - 6}" y="{y(value) + 4:.1f}" '
            f'text-anchor="end">{value:g}</text>'
        )
    every = max(1, math.ceil(epochs / 10))
    for epoch in range(every if every > 1 else 1, epochs + 1, every):
        parts.append(
            f'<text x="{x(epoch):.1f}" y="{HEIGHT - 20}" text-anchor="middle">{epoch}</text>'
        )
    if kept_epoch:
        at = x(kept_epoch)
        parts.append(
            f'<line class="kept" x1="{at:.1f}" x2="{at:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>'
        )
    for number, (label, line) in enumerate(lines.items()):
        points = [
            (x(e), y(min(max(v, low), high))) for e, v in enumerate(line, 1) if math.isfinite(v)
        ]
        joined = " ".join(f"{a:.1f},{b:.1f}" for a, b in points)
        parts.append(f'<polyline class="{label}" points="{joined}"/>')
        if epochs <= 40:
            parts += [
                f'<circle class="{label}" cx="{a:.1f}" cy="{b:.1f}" r="2.5"/>' for a, b in points
            ]
        parts.append(
            f'<text class="{label}" x="{WIDTH - RIGHT - 76 * (len(lines) - 1 - number)}" y="16" '
            f'text-anchor="end">{label}</text>'
        )
    label = f"{name} over {counted(epochs, 'epoch')}"
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{label}">{"".join(parts)}'
        f'<text x="{WIDTH - RIGHT}" y="{HEIGHT - 3}" text-anchor="end">epoch</text></svg>'
    )


def _step(rough: float) -> float:
    """The next of 1, 2 and 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(max(rough, 1e-6)))
    return next(power * times for times in (1, 2, 5, 10) if power * times >= rough - 1e-12)
