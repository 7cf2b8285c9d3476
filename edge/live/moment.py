"""What is known at one moment: the frame, the answers for it, and what has changed."""

from dataclasses import dataclass

from ..camera.feed import CapturedFrame
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
    """All there is to say about one frame, or about there being none.

    Attributes:
        time_s: Seconds since the start; in a video, the frame's place there.
        frame: The frame, turned as the user asked; None while the camera gives none.
        answers: One for each face, the largest first; a single "no_face" where there is none.
            Empty while there is nothing to answer (`is_idle`).
        changes: What is different from the moment before.
        news: Lines for the user: faults of the camera and their end, a rate that was lowered.
        age_ms: From taking the frame to its answers, in milliseconds; 0 without a frame.
        has_worked: Whether its frame was looked at, as of `FaceAnswerer`.
    """

    time_s: float
    frame: CapturedFrame | None
    answers: tuple[Prediction, ...]
    changes: tuple[Change, ...] = ()
    news: tuple[str, ...] = ()
    age_ms: float = 0.0
    has_worked: bool = True

    @property
    def is_idle(self) -> bool:
        """Whether there is nothing to answer: no frame was due, or none came yet."""
        return not self.answers

    @property
    def latency_ms(self) -> float | None:
        """What the work on the frame took, in milliseconds; None without a frame, or without work.

        In an empty room most frames are without: they would be the median.
        """
        is_work = self.frame and self.answers and self.has_worked
        return self.answers[-1].latency_ms if is_work else None

    @property
    def faces(self) -> int:
        """Number of faces in view."""
        return sum(answer.label != "no_face" for answer in self.answers)
