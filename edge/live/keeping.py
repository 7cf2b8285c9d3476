"""What the user lets the live runner keep: nothing, unless an option asks for it."""

from dataclasses import dataclass, field
from pathlib import Path

from ..gallery.gallery import Caps
from ..gallery.sight import Blur

EVENTS = ("happy", "sad", "neutral", "unsure", "change")  # "change": any, also to nobody


@dataclass(frozen=True, slots=True)
class Wish:
    """A picture that is wanted of a change.

    Attributes:
        event: One of EVENTS: the new answer.
        folder: Where it goes.
    """

    event: str
    folder: Path


@dataclass(frozen=True, slots=True)
class Keeping:
    """The options of the command `webcam` that keep something.

    Attributes:
        history: The history to write to; None for none.
        history_days: What is older is forgotten.
        photos: Stills that are wanted.
        clips: Videos that are wanted.
        doubtful: Folder for faces to sort; None for none.
        before_s: Seconds of a clip before the change.
        after_s: And after it.
        pause_s: Seconds between two photos, or clips, of one wish, and between two doubtful faces.
        caps: What each folder may hold.
        blur: The faces that are made unrecognizable.
    """

    history: Path | None = None
    history_days: float = 90.0
    photos: tuple[Wish, ...] = ()
    clips: tuple[Wish, ...] = ()
    doubtful: Path | None = None
    before_s: float = 5.0
    after_s: float = 5.0
    pause_s: float = 10.0
    caps: Caps = field(default_factory=Caps)
    blur: Blur = "none"
