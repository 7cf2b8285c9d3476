"""What has changed from one frame to the next: who came, who left, whose label is another."""

from ..prediction import Prediction
from .moment import Change
from .tracks import GRACE_S

NO_CAMERA = Prediction("no_face", reason="no_camera")


class Changes:
    """Remembers the label of every face in view."""

    def __init__(self, early_s: float = GRACE_S) -> None:
        """Begins with nothing known.

        Args:
            early_s: For so long after frames begin nobody is said to be there: the first ones of
                a camera are often too dark, and a face in them has yet to be found.
        """
        self._early_s = early_s
        self._labels: dict[int | None, str] = {}  # by track; empty when nobody is there
        self._empty: Prediction | None = None  # how that has been said, if it has
        self._began_s: float | None = None

    def update(self, answers: tuple[Prediction, ...], time_s: float) -> tuple[Change, ...]:
        """What the answers for the next frame change."""
        if self._began_s is None:
            self._began_s = time_s
        faces = {answer.track_id: answer for answer in answers if answer.label != "no_face"}
        if not faces:
            # When frames begin a face has yet to be found; after that the tracks have waited.
            is_early = time_s - self._began_s < self._early_s and not self._labels
            return () if is_early else self._nobody(answers[0])
        left = [
            Change(Prediction("no_face", track_id=track), label, len(faces))
            for track, label in self._labels.items()
            if track not in faces
        ]
        new = [
            Change(answer, self._labels.get(track), len(faces))
            for track, answer in faces.items()
            if answer.label != self._labels.get(track)
        ]
        self._labels = {track: answer.label for track, answer in faces.items()}
        self._empty = None
        return (*left, *new)

    def no_camera(self) -> tuple[Change, ...]:
        """What changes when no frames come: whoever was there may have left."""
        self._began_s = None
        return self._nobody(NO_CAMERA)

    def _nobody(self, answer: Prediction) -> tuple[Change, ...]:
        if self._empty is not None and self._empty.reason == answer.reason:
            return ()
        before = "no_face" if self._empty else None
        previous = next(iter(self._labels.values()), before)
        self._labels, self._empty = {}, answer
        return (Change(answer, previous, 0),)
