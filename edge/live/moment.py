"""What is known at one moment: the frame, the steady answers for it, and what has changed."""

from dataclasses import dataclass

from ..camera.captured import CapturedFrame
from ..prediction import Prediction


@dataclass(frozen=True, slots=True)
class Change:
    """A label that became another.

    Attributes:
        answer: The new answer. "no_face" with a track_id: this face has left, others are there;
            without one: nobody is left.
        previous: The label before; None for a face seen for the first time.
        faces: Number of faces that are followed now.
    """

    answer: Prediction
    previous: str | None
    faces: int


@dataclass(frozen=True, slots=True)
class Moment:
    """All there is to say about one frame.

    Attributes:
        time_s: Seconds since the start; in a video, the frame's place there.
        frame: The frame, turned as the user asked; None while the camera gives none.
        answers: One for each face, the largest first; a single "no_face" where there is none.
        changes: What is different from the moment before.
    """

    time_s: float
    frame: CapturedFrame | None
    answers: tuple[Prediction, ...]
    changes: tuple[Change, ...]
