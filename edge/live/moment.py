"""What is known at one moment: the frame, the steady answers for it, and what has changed."""

from dataclasses import dataclass

from edge.camera.captured import CapturedFrame

Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class SteadyAnswer:
    """The answer for one followed face, smoothed over time.

    Attributes:
        track_id: Number of the face, from 1, the same as long as it is followed; None where no
            face is followed ("no_face", or the whole picture is the face).
        label: "happy", "sad", "unsure" or "no_face".
        p_happy: Smoothed probability of happy, 0 to 1; None where the model was not asked.
        latency_ms: From the start of the work on the frame to this answer, in milliseconds.
        box: (x, y, width, height) of the face in pixels; None for all of the picture.
        reason: Why a face is not judged ("too_small", "cut_off", "too_dark", "too_blurred"), or
            "no_camera" where "no_face" is said because no frames come; else None.
    """

    track_id: int | None
    label: str
    p_happy: float | None
    latency_ms: float
    box: Box | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """A label that became another.

    Attributes:
        answer: The new answer. "no_face" with a track_id: this face has left, others are there;
            without one: nobody is left.
        previous: The label before; None for a face seen for the first time.
        faces: Number of faces that are followed now.
    """

    answer: SteadyAnswer
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
    answers: tuple[SteadyAnswer, ...]
    changes: tuple[Change, ...]
