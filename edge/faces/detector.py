"""The face detector: a picture goes in, the faces in it come out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ..model.runtime import build_interpreter
from .blazeface import VARIANTS, decode, letter_box
from .boxes import Box, overlap_of_smaller
from .files import read_detector

# When "auto" asks the full range network too: it places the keypoints of small faces far better.
# Of the five faces of a group photograph, 0.11 of its width each, short range found two, 1.5
# times too large, with 0.66; faces near the camera had 0.91 to 0.97.
DOUBTFUL = 0.75  # score of the short range network
SMALL = 0.15  # side of the box, as a share of the longer side of the picture
# A picture that is a face from border to border is seen with black around it: of 300 FER2013
# photographs short range was sure of 69 % as they are, of 95 % with a quarter of their side added.
CLOSE_UP_FILL = 1 / 1.5
CLOSE_UP = 0.5  # side of the box that a face must have to be one, as a share of the shorter side
SAME = 0.5  # share of the smaller box that lies in the larger one


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """A face in a picture.

    Attributes:
        box: (x, y, width, height) in pixels of the picture, from brow to chin; may reach beyond
            the picture's border.
        keypoints: float32 (6, 2), x and y in pixels: right eye, left eye, nose tip, mouth
            centre, right ear, left ear; right and left as the person says it.
        score: How sure the detector is that it is one, 0 to 1.
    """

    box: Box
    keypoints: np.ndarray
    score: float

    @property
    def side(self) -> float:
        """The longer side of the box, in pixels."""
        return max(self.box[2:])


class FaceDetector:
    """Finds faces; not for use by several threads at once."""

    def __init__(self, range_: str = "auto", *, threads: int = 1, runtime: str = "auto") -> None:
        """Loads the network needed first.

        Args:
            range_: "short" (faces within about 2 m, the faster), "full" (within about 5 m), or
                "auto": short, and full too unless all that short finds is near and clear.
            threads: Number of CPU threads.
            runtime: "auto", or the name of a runtime.

        Raises:
            ModelError: A detector file is missing or damaged.
            RuntimeMissingError: No TFLite runtime works here.
        """
        self.range = range_
        self._threads, self._runtime = threads, runtime
        self._networks: dict[str, _Network] = {}
        self._network("short" if range_ == "auto" else range_)

    def detect(self, image: np.ndarray) -> list[Face]:
        """The faces in a picture, the largest first.

        Args:
            image: uint8 (height, width, 3), BGR, any size.
        """
        look = self.look()
        while (found := look.ask(image)) is None:
            pass
        return found

    def look(self) -> "Look":
        """A look for faces that need not see all networks with one frame."""
        return Look(self.range, self._network)

    def _network(self, range_: str) -> "_Network":
        """The network for a range, loaded when first asked for."""
        if range_ not in self._networks:
            self._networks[range_] = _Network(range_, self._threads, self._runtime)
        return self._networks[range_]


class _Network:
    """One of the two networks in its interpreter."""

    def __init__(self, range_: str, threads: int, runtime: str) -> None:
        self._variant = VARIANTS[range_]
        self._anchors = self._variant.anchors()
        _, self._interpreter = build_interpreter(read_detector(range_), threads, runtime)
        self._input = self._interpreter.get_input_details()[0]["index"]
        self._outputs = [tensor["index"] for tensor in self._interpreter.get_output_details()]

    def find(self, image: np.ndarray, fill: float = 1.0) -> list[Face]:
        """All that may be faces, by MediaPipe's threshold; `fill` is that of `letter_box`."""
        pixels, fit = letter_box(image, self._variant.size, fill)
        self._interpreter.set_tensor(self._input, pixels)
        self._interpreter.invoke()
        values, logits = (self._interpreter.get_tensor(index)[0] for index in self._outputs)
        points, scores = decode(values, logits[:, 0], self._variant, self._anchors, fit)
        faces = []
        for found, score in zip(points, scores, strict=True):
            x, y, width, height = found[:2].ravel().tolist()
            faces.append(Face((x, y, width, height), found[2:], float(score)))
        return faces


class Look:
    """One look for faces: one network after the other is asked, until the faces are clear."""

    def __init__(self, range_: str, network: Callable[[str], _Network]) -> None:
        """Begins; `network` gives the network for a range."""
        self._range, self._network = range_, network
        self._ask = self._ask_near if range_ == "auto" else self._ask_alone
        self._near: list[Face] = []

    def ask(self, image: np.ndarray) -> list[Face] | None:
        """Asks the next network.

        Args:
            image: uint8 (height, width, 3), BGR, any size: the same picture each time, or the next
                frame of a stream.

        Returns:
            The faces, the largest first; None while another network is still to be asked.
        """
        found = self._ask(image)
        return found and sorted(found, key=lambda face: face.side, reverse=True)

    def _ask_alone(self, image: np.ndarray) -> list[Face] | None:
        return self._sure(self._range, image)

    def _ask_near(self, image: np.ndarray) -> list[Face] | None:
        """What short range finds, if it sees all of that clearly."""
        self._near = self._network("short").find(image)
        if self._near and len(self._clear(image)) == len(self._near):
            return self._near
        self._ask = self._ask_far
        return None

    def _ask_far(self, image: np.ndarray) -> list[Face] | None:
        """What short range sees clearly, and what full range adds, if that is anything."""
        far = self._network("full").find(image)
        sure = VARIANTS["full"].sure_score
        agreed = [face for face in far if face.score >= sure or _among(face, self._near)]
        near_alone = [face for face in self._near if face.score >= VARIANTS["short"].sure_score]
        if found := _united(self._clear(image), agreed, near_alone):
            return found
        self._ask = self._ask_close_up
        return None

    def _ask_close_up(self, image: np.ndarray) -> list[Face] | None:
        """A face that fills the picture."""
        close_up = CLOSE_UP * min(image.shape[:2])
        faces = self._sure("short", image, CLOSE_UP_FILL)
        return [face for face in faces if face.side >= close_up]

    def _clear(self, image: np.ndarray) -> list[Face]:
        small = SMALL * max(image.shape[:2])
        return [face for face in self._near if face.score >= DOUBTFUL and face.side >= small]

    def _sure(self, range_: str, image: np.ndarray, fill: float = 1.0) -> list[Face]:
        faces = self._network(range_).find(image, fill)
        return [face for face in faces if face.score >= VARIANTS[range_].sure_score]


def _united(*groups: Sequence[Face]) -> list[Face]:
    """All faces, each once: in the first group that has it."""
    found: list[Face] = []
    for group in groups:
        found += [face for face in group if not _among(face, found)]
    return found


def _among(face: Face, others: Sequence[Face]) -> bool:
    """Whether one of the others is the same face."""
    return any(overlap_of_smaller(face.box, other.box) > SAME for other in others)
