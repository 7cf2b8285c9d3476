"""What the user lets the live runner keep: nothing, unless an option asks for it."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Keeping:
    """The options of the command `webcam` that keep something.

    Attributes:
        history: The history to write to; None for none.
        history_days: What is older is forgotten.
    """

    history: Path | None = None
    history_days: float = 90.0
