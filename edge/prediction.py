"""What is answered: for one picture, for a face in it, or for a face followed over time."""

from dataclasses import dataclass

Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Prediction:
    """The answer for one picture or one face.

    Attributes:
        label: "happy", "sad", "unsure", or "no_face" where a face was looked for in vain.
        p_happy: Probability of happy, 0 to 1; None where the model was not asked. Of a followed
            face it is smoothed over time.
        box: (x, y, width, height) of the face in pixels of the picture; None for all of it.
        reason: Why a face is "unsure" without a p_happy: "too_small", "cut_off", "too_dark" or
            "too_blurred"; "no_camera" where "no_face" is answered because no frames come; else
            None.
        track_id: Number of a followed face, from 1, the same as long as it is followed; None
            where no face is followed.
        latency_ms: What the answer took, in milliseconds: preprocessing and inference, for a face
            also its share of the time that finding faces took, and for a followed one all since
            the work on the frame began.
    """

    label: str
    p_happy: float | None = None
    box: Box | None = None
    reason: str | None = None
    track_id: int | None = None
    latency_ms: float = 0.0
