"""The picture of explanations: each face, what was counted on it, and what hiding it costs."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ..errors import ImageError, one_line
from ..images.annotate import FONT, p_text
from ..images.copy_names import CopyNames
from ..images.frame import Frame
from ..machine.opencv import cv2
from ..machine.output_file import write_bytes
from ..prediction import Prediction
from ..terminal.report import face_text
from .explainer import Explainer
from .explanation import Explanation

ENDING = "-why"
SIDE = 288  # pixels of a panel
STRIP = 30  # pixels of a line of text
GAP = 6  # pixels between panels
APART = 40  # pixels between a face's row and the next one
# B, G, R: vermilion and sky blue (M. Okabe, K. Ito, "Color Universal Design", 2008), which are none
# of the labels' colours.
FOR, AGAINST = (0, 94, 213), (233, 180, 86)
STRONGEST = 0.75  # of the colour at the place that counts most


class Sheets:
    """Writes a sheet for each picture into a folder: photo-why.png.

    Attributes:
        names: Those that the sheets got.
    """

    def __init__(self, directory: Path, explainer: Explainer) -> None:
        """Takes the folder, which is made with the first sheet, and what explains.

        Raises:
            OutputError: Nothing can be written there.
        """
        self.names, self._explainer = CopyNames(directory, ENDING), explainer

    def add(self, frame: Frame, predictions: Sequence[Prediction]) -> None:
        """Writes the sheet of a picture; none where no face was judged.

        Raises:
            ImageError: It is a video, or no sheet can be made.
            OutputError: The sheet cannot be written.
        """
        if frame.video is not None:
            if frame.video.index == 0:
                raise ImageError(f"{one_line(frame.path)} is a video: --why explains pictures")
            return
        if all(prediction.p_happy is None for prediction in predictions):
            return
        try:
            explanations = self._explainer.explain(frame.image)
            _, encoded = cv2.imencode(".png", sheet(explanations))
        except cv2.error as error:
            raise ImageError(f"{one_line(frame.path)}: {error.err}") from error
        with self.names.of(frame.path, ".png") as target:
            write_bytes(target, encoded.tobytes())


def sheet(explanations: Sequence[Explanation]) -> np.ndarray:
    """A row for each explanation: what the model saw, activation, occlusion; above them, where.

    Returns:
        uint8 (height, width, 3), BGR.
    """
    first, *others = [_row(each) for each in explanations]
    between = np.full((APART, *first.shape[1:]), 255, np.uint8)
    return np.vstack([first, *(part for row in others for part in (between, row))])


def _row(explanation: Explanation) -> np.ndarray:
    prediction, label = explanation.prediction, explanation.label
    channels = explanation.pixels.shape[2]
    code = cv2.COLOR_GRAY2BGR if channels == 1 else cv2.COLOR_RGB2BGR
    seen = cv2.cvtColor(explanation.pixels, code)
    face = cv2.resize(seen, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
    panels = (
        (f"{prediction.label} {p_text(prediction)}".rstrip(), face),
        (f"counted for {label}", _heated(face, explanation.activation, cv2.INTER_CUBIC)),
        ("missed when hidden", _heated(face, explanation.occlusion, cv2.INTER_NEAREST)),
    )
    above = STRIP if prediction.box is None else 2 * STRIP
    canvas = np.full((above + SIDE + STRIP, 3 * SIDE + 2 * GAP, 3), 255, np.uint8)
    if prediction.box is not None:
        _write(canvas, face_text(prediction.box), GAP, STRIP - 9)
    for number, (text, picture) in enumerate(panels):
        left = number * (SIDE + GAP)
        canvas[above : above + SIDE, left : left + SIDE] = picture
        _write(canvas, text, left + GAP, above - 9)
    below = above + SIDE + 21
    for number, (text, colour) in enumerate((("for", FOR), ("against", AGAINST))):
        left = GAP + number * SIDE // 2
        cv2.rectangle(canvas, (left, below - 12), (left + 12, below), colour, cv2.FILLED)
        _write(canvas, f"{text} {label}", left + 18, below)
    for number, values in enumerate((explanation.activation, explanation.occlusion), 1):
        text = f"strongest {np.abs(values).max():.2f} of {explanation.score:.2f} logits"
        _write(canvas, text, number * (SIDE + GAP) + GAP, below)
    return canvas


def _heated(face: np.ndarray, values: np.ndarray, method: int) -> np.ndarray:
    """The face in gray, coloured by what each place counts."""
    gray = cv2.cvtColor(cv2.cvtColor(face, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    strengths = values / max(float(np.abs(values).max()), 1e-9)
    field = np.clip(cv2.resize(strengths, (SIDE, SIDE), interpolation=method), -1, 1)
    share = STRONGEST * np.abs(field)[:, :, np.newaxis]
    colour = np.where(field[:, :, np.newaxis] > 0, np.array(FOR), np.array(AGAINST))
    return (gray * (1 - share) + colour * share).round().astype(np.uint8)


def _write(canvas: np.ndarray, text: str, left: int, bottom: int) -> None:
    cv2.putText(canvas, text, (left, bottom), FONT, 0.55, (0, 0, 0), 1, cv2.LINE_AA)
