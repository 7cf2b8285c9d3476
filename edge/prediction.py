"""What is answered: for one picture, for a face in it, or for a face followed over time."""

from dataclasses import dataclass, field

SCHEMA_VERSION = 2  # of answers in JSON

Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Prediction:
    """The answer for one picture or one face.

    Attributes:
        label: "happy", "sad", "neutral" where the model knows it, "unsure" where none of them is
            likely enough, two are too close or the face cannot be judged (`reason`), or "no_face"
            where a face was looked for in vain.
        p_happy: Probability of happy, 0 to 1; None where the model was not asked. Of a followed
            face it is smoothed over time, as the other two are.
        p_sad: Probability of sad; 1 - p_happy of a model with two answers.
        p_neutral: Probability of neutral; None of a model with two answers. What is left of the
            three is the probability of any other expression.
        box: (x, y, width, height) of the face in pixels of the picture; None for all of it.
        reason: Why a face is "unsure" without a p_happy: "too_small", "cut_off", "turned_away",
            "too_dark" or "too_blurred"; "no_camera" where "no_face" is answered because no frames
            come; else None.
        track_id: Number of a followed face, from 1, the same as long as it is followed; None
            where no face is followed.
        is_held: Whether a followed face keeps this label for a moment, although another, or none,
            is what the newest frames say; not in JSON.
        latency_ms: What the answer took, in milliseconds: preprocessing and inference, for a face
            also its share of the time that finding faces took, and for a followed one all since
            the work on the frame began.
    """

    label: str
    p_happy: float | None = None
    p_sad: float | None = field(default=None, kw_only=True)
    p_neutral: float | None = field(default=None, kw_only=True)
    box: Box | None = None
    reason: str | None = None
    track_id: int | None = None
    is_held: bool = field(default=False, kw_only=True)
    latency_ms: float = 0.0

    @property
    def probabilities(self) -> dict[str, float | None]:
        """The three probabilities by their names, as JSON has them."""
        return {"p_happy": self.p_happy, "p_sad": self.p_sad, "p_neutral": self.p_neutral}

    @property
    def p_shown(self) -> float | None:
        """The probability of the label, which stands beside it.

        None where it would contradict the label: of "unsure", and while a label is held.
        """
        return None if self.is_held else self.probabilities.get(f"p_{self.label}")
