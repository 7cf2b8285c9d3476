"""Faces to sort: which are kept, once each, and in the layout that teaching reads."""

from pathlib import Path

import numpy as np
import pytest

from edge.camera.feed import CapturedFrame
from edge.errors import OutputError
from edge.faces.detector import FaceDetector
from edge.images.image_file import read_image
from edge.live.answerer import Answerer, FrameAnswerer
from edge.live.keeping import Keeping
from edge.live.moment import Change, Moment
from edge.live.outputs.doubtful import Doubtful
from edge.machine.opencv import cv2
from edge.prediction import Box, Prediction
from tests.support.command import edge
from tests.support.patience import until
from tests.support.photographs import photograph

NOBODY: Answerer = FrameAnswerer.__new__(FrameAnswerer)  # of which is asked only who is new
KEEP = Keeping(pause_s=0.0)


@pytest.fixture(scope="module")
def frame() -> tuple[np.ndarray, Box]:
    """The astronaut, and the box of her face."""
    image = read_image(photograph("astronaut.png"))
    (face,) = FaceDetector("auto").detect(image)
    x, y, width, height = (round(side) for side in face.box)
    return image, (x, y, width, height)


def unsure(image: np.ndarray, box: Box, time_s: float = 0.0, **fields: object) -> Moment:
    answer = Prediction("unsure", 0.45, box=box, track_id=1)
    return Moment(time_s, CapturedFrame(image, 0, time_s, 0.0), (answer,))


def saved(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_a_doubtful_face_is_kept_once_wherever_it_was_sorted_to(
    frame: tuple[np.ndarray, Box], tmp_path: Path
) -> None:
    image, box = frame
    with Doubtful(tmp_path, KEEP, NOBODY) as doubtful:
        for time_s in (0.0, 1.0, 2.0):
            doubtful.take(unsure(image, box, time_s))
    (path,) = saved(tmp_path)
    assert path.parent == tmp_path / "unsorted"
    assert path.name.endswith("-unsure.jpg")
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert sorted(place.name for place in tmp_path.iterdir()) == [
        "happy", "neutral", "sad", "unsorted",
    ]  # fmt: skip
    sorted_to = path.rename(tmp_path / "happy" / "mine.jpg")
    (tmp_path / "sad" / "broken.jpg").write_bytes(b"no picture")
    with Doubtful(tmp_path, KEEP, NOBODY) as doubtful:
        doubtful.take(unsure(image, box))
        mirrored = np.ascontiguousarray(image[:, ::-1])
        x, y, width, height = box
        doubtful.take(unsure(mirrored, (image.shape[1] - x - width, y, width, height), 1.0))
    assert len(saved(tmp_path / "unsorted")) == 1
    # The face is found again in what was cut out, where it was in the frame.
    (face,) = FaceDetector("auto").detect(read_image(sorted_to))
    assert face.box[2] == pytest.approx(box[2], rel=0.1)


def test_the_end_of_a_run_without_any_waits_for_none_that_is_there(tmp_path: Path) -> None:
    doubtful = Doubtful(tmp_path, KEEP, NOBODY)
    (tmp_path / "unsorted").mkdir()
    for number in range(20):
        cv2.imwrite(str(tmp_path / "unsorted" / f"{number}.png"), np.full((40, 40, 3), number))
    doubtful._ends = True  # as of a finish() that comes while they are looked at
    with doubtful:
        pass
    assert doubtful._known == []
    with Doubtful(tmp_path, KEEP, NOBODY) as doubtful:
        until(lambda: len(doubtful._known) == 20)


def test_what_is_not_doubtful_is_not_kept(frame: tuple[np.ndarray, Box], tmp_path: Path) -> None:
    image, box = frame
    here = CapturedFrame(image, 0, 0.0, 0.0)
    happy = Prediction("happy", 0.9, box=box, track_id=1)
    too_dark = Prediction("unsure", None, box=box, reason="too_dark", track_id=1)
    with Doubtful(tmp_path, KEEP, NOBODY) as doubtful:
        for answer, previous in ((happy, None), (happy, "unsure"), (too_dark, "happy")):
            doubtful.take(Moment(0.0, here, (answer,), (Change(answer, previous, 1),)))
        doubtful.take(Moment(0.0, here, (happy,)))
    assert saved(tmp_path) == []
    with Doubtful(tmp_path, KEEP, NOBODY) as doubtful:
        doubtful.take(Moment(0.0, here, (happy,), (Change(happy, "sad", 1),)))
    (path,) = saved(tmp_path)
    assert path.name.endswith("-happy.jpg")


def test_others_are_blurred_and_pauses_are_kept(
    frame: tuple[np.ndarray, Box], tmp_path: Path
) -> None:
    image, (x, y, width, height) = frame
    beside = Prediction("happy", 0.9, box=(x + width, y, width, height), track_id=2)
    noise = np.random.default_rng(0).integers(0, 256, image.shape, np.uint8)
    with Doubtful(tmp_path, Keeping(blur="others", pause_s=5.0), NOBODY) as doubtful:
        for time_s in (0.0, 4.9):
            seen = unsure(noise, (x, y, width, height), time_s)
            both = Moment(time_s, seen.frame, (*seen.answers, beside))
            doubtful.take(both)
            noise = cv2.flip(noise, 0)
    (path,) = saved(tmp_path)
    shown = read_image(path).astype(int)
    shown = shown[len(shown) // 3 : -len(shown) // 3]  # the height of the faces
    left, right = shown[:, : shown.shape[1] // 3], shown[:, -width // 2 :]
    assert np.abs(np.diff(left, axis=1)).mean() > 5 * np.abs(np.diff(right, axis=1)).mean()


def test_a_run_makes_the_folders_to_sort_into(smile: Path, tmp_path: Path) -> None:
    done = edge("webcam", smile, "-m", "faces", "--keep-doubtful", tmp_path / "review")
    assert done.returncode == 0, done.stderr
    assert len(list((tmp_path / "review").iterdir())) == 4
    unsorted = tmp_path / "review" / "unsorted"
    count = len(list(unsorted.iterdir()))
    faces = "doubtful face" if count == 1 else "doubtful faces"
    assert done.stderr.splitlines()[-1] == f"saved: {count} {faces} in {unsorted}"
    (tmp_path / "file").touch()
    with (
        pytest.raises(OutputError, match=r"^cannot write to .*/unsorted: .*/file is not a folder$"),
        Doubtful(tmp_path / "file", KEEP, NOBODY),
    ):
        pass
