"""The live line: what is seen now, how fast, and how the machine is doing."""

import itertools

from ...machine.board import Board, Health
from ...prediction import Prediction
from ...terminal.console import Console
from ...wording import band_text
from ..moment import Moment
from ..pulse import Pulse
from .output import Output

HEALTH_EVERY = 8  # drawings, 2 s


class StatusLine(Output):
    """Draws the live line, some times a second."""

    def __init__(
        self, console: Console, pulse: Pulse, board: Board, band: tuple[float, float] | None = None
    ) -> None:
        self._console, self._pulse, self._board = console, pulse, board
        self._band = band_text(band)
        self._drawn = 0
        self._health = board.health()

    def take(self, moment: Moment) -> None:
        """Draws it, unless it was drawn just now."""
        if not self._console.is_due():
            return
        if self._drawn % HEALTH_EVERY == 0:
            self._health = self._board.health()
        self._drawn += 1
        text = status_text(moment, self._pulse, self._health)
        self._console.status("  ".join(filter(None, (text, self._band))))


def status_text(moment: Moment, pulse: Pulse, health: Health) -> str:
    """The line."""
    first = moment.answers[0]
    parts = [f"{first.label.replace('_', ' '):7}"]
    if first.p_happy is not None:
        shown = "" if first.p_shown is None else f"{first.p_shown:.2f}"
        parts[0] += f" {shown:4} [{bar_text(first)}]"
    elif first.reason:
        parts[0] += f" ({first.reason.replace('_', ' ')})"
    if len(moment.answers) > 1:
        parts.append(f"{len(moment.answers)} faces")
    if moment.frame is not None:
        parts.append(f"{pulse.fps:.1f} fps")
        parts.append(f"{pulse.latency_ms(50):.1f} ms (p95 {pulse.latency_ms(95):.1f})")
        parts.append(f"age {pulse.age_ms:.0f} ms")
    if health.temperature_c is not None:
        parts.append(f"{health.temperature_c:.0f} C")
    return "  ".join([*parts, *health.throttled])


def bar_text(answer: Prediction) -> str:
    """Ten characters: # for p_happy, = for p_neutral, - for p_sad, blanks for the rest."""
    shares = (answer.p_happy, answer.p_neutral, answer.p_sad)
    edges = [round(10 * edge) for edge in itertools.accumulate(share or 0.0 for share in shares)]
    counts = [edge - before for before, edge in zip([0, *edges], edges, strict=False)]
    bar = "".join(sign * count for sign, count in zip("#=-", counts, strict=True))
    return f"{bar:10}"
