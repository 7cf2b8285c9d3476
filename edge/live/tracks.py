"""The faces in view, each with a number that it keeps from frame to frame."""

import time
from dataclasses import dataclass

import numpy as np

from ..faces.boxes import overlap
from ..faces.detector import Face, FaceDetector, Look
from .follow import Patch, followed

# Seconds of the stream. Between two looks for faces the known ones are followed, which costs less
# than half of looking for them; a new face is seen at the next look.
LOOK_EVERY_S = 0.3
LOOK_EVERY_ALONE_S = 0.1  # while nobody is there: no more than a person notices
# What looking may take of a live camera's time while nobody is there. Where a look takes 5 ms that
# is no limit; on a tenth of a core it takes 90, and one look after the other made frames stale.
LOOK_SHARE = 0.25
# A network whose turn comes later than this after a look began sees the next frame instead, so that
# no frame waits for all of them.
PATIENCE_S = 0.01
GRACE_S = 0.7  # how long a face that is not seen keeps its number and its label,
GRACE_FRAMES = 2  # and for how many frames at least, where they are far apart
LOOKS = 2  # how often a face must be found before it counts, where looks follow each other
SAME = 0.2  # intersection over union of two boxes that are the same face


@dataclass(slots=True, eq=False)
class Track:
    """One face over time.

    Attributes:
        id: From 1, in the order in which the faces came; 0 until it has been found LOOKS times.
        face: Where it is, or was last seen.
        is_seen: Whether `face` holds for the last frame.
    """

    id: int
    face: Face
    is_seen: bool
    _patch: Patch
    _looks: int
    _seen_s: float
    _missed: int = 0


class FaceTracks:
    """Finds faces now and then, and follows them in between.

    Attributes:
        looks: How often it has looked for faces, to the end.
        has_looked: Whether it has looked at the last frame for faces, also if the look goes on.
    """

    def __init__(self, detector: FaceDetector, is_live: bool = False) -> None:
        """Begins without faces.

        Args:
            detector: What finds faces.
            is_live: Whether frames come when they come, so that looking must not take long. In a
                video it may, and the answers do not depend on the machine.
        """
        self.looks = 0
        self.has_looked = False
        self._detector = detector
        self._tracks: list[Track] = []
        self._last_id = 0
        self._looked_s: float | None = None
        self._is_live = is_live
        self._begun: Look | None = None  # and not yet at its end
        self._cost_s = 0.0  # of the last look, on the clock

    def update(self, image: np.ndarray, time_s: float) -> list[Track]:
        """The faces in the next frame of the stream, the largest first.

        Args:
            image: uint8 (height, width, 3), BGR.
            time_s: Time of the frame in its stream, in seconds.

        Returns:
            Those in view, and those out of view for less than GRACE_S.
        """
        for track in self._tracks:
            face = followed(track.face, track._patch, image) if track.is_seen else None
            track.is_seen = face is not None
            track.face = face or track.face
        self.has_looked = self._begun is not None or self._must_look(time_s)
        if self.has_looked:
            faces = self._look(image)
            if faces is not None:
                self._found(faces, image, time_s)
        for track in self._tracks:
            if track.is_seen:
                track._seen_s, track._missed = time_s, 0
                track._patch = Patch(image, track.face.box)
            else:
                track._missed += 1
        self._tracks = [track for track in self._tracks if _is_kept(track, time_s)]
        return self.known

    @property
    def known(self) -> list[Track]:
        """The faces of the last frame; as `update` gave them."""
        known = [track for track in self._tracks if track.id]
        return sorted(known, key=lambda track: track.face.side, reverse=True)

    @property
    def newcomers(self) -> list[Track]:
        """The faces of the last frame that have yet to be found again before they count."""
        return [track for track in self._tracks if not track.id]

    def forget(self) -> None:
        """Forgets all faces, as when no frames come: the next ones are new."""
        self._tracks.clear()
        self._looked_s = self._begun = None

    def _must_look(self, time_s: float) -> bool:
        # The first frame, or a clock that was set back.
        if self._looked_s is None or time_s < self._looked_s:
            return True
        if not self._tracks:
            rest_s = self._cost_s / LOOK_SHARE if self._is_live else 0.0
            return time_s - self._looked_s >= max(LOOK_EVERY_ALONE_S, rest_s)
        is_settled = all(track.is_seen and track.id for track in self._tracks)
        return not is_settled or time_s - self._looked_s >= LOOK_EVERY_S

    def _look(self, image: np.ndarray) -> list[Face] | None:
        """Looks for faces; None if the look goes on with the next frame."""
        start_s = time.perf_counter()
        if not self._begun:
            self._begun, self._cost_s = self._detector.look(), 0.0
        while (faces := self._begun.ask(image)) is None:
            if self._is_live and time.perf_counter() - start_s > PATIENCE_S:
                break
        self._cost_s += time.perf_counter() - start_s
        if faces is not None:
            self._begun = None
        return faces

    def _found(self, faces: list[Face], image: np.ndarray, time_s: float) -> None:
        """Takes in the faces of a look."""
        # What is seen after a long time, or for the first time, is taken at its word.
        is_alone = self._looked_s is None or time_s - self._looked_s > GRACE_S
        self._looked_s = time_s
        self.looks += 1
        pairs = [(overlap(track.face.box, face.box), track, face)
                 for track in self._tracks for face in faces]  # fmt: skip
        for track in self._tracks:
            track.is_seen = False
        for shared, track, face in sorted(pairs, key=lambda pair: pair[0], reverse=True):
            if shared >= SAME and not track.is_seen and face in faces:
                faces.remove(face)
                track.face, track.is_seen = face, True
                track._looks += 1
        self._tracks += [Track(0, face, True, Patch(image, face.box), 1, time_s) for face in faces]
        for track in self._tracks:
            if not track.id and (track._looks >= LOOKS or is_alone):
                self._last_id += 1
                track.id = self._last_id


def _is_kept(track: Track, time_s: float) -> bool:
    is_missed = time_s - track._seen_s >= GRACE_S and track._missed > GRACE_FRAMES
    return track.is_seen or (track.id > 0 and not is_missed)
