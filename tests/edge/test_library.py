"""The library: `import happysad` is light, and answers as the command line does."""

import json
import re
import threading
from pathlib import Path

import numpy as np
import pytest

import edge as happysad
from edge.images.image_file import read_image
from edge.machine.opencv import cv2
from edge.prediction import Prediction
from tests.support.chain import ROOT, Chain
from tests.support.command import edge, run_program
from tests.support.photographs import film

FACE = ROOT / "docs" / "faces.jpg"  # NASA's photograph: a smile


@pytest.fixture(scope="module")
def faces() -> happysad.Faces:
    return happysad.load()


@pytest.fixture
def video(tmp_path: Path) -> Path:
    """Twelve frames of the photograph."""
    return film(tmp_path / "smile.avi", [read_image(FACE)] * 12, 10)


def in_a_new_interpreter(program: str, folder: Path) -> str:
    return run_program(program, cwd=folder, check=True).stdout


def test_importing_it_loads_neither_numpy_nor_opencv_nor_typer(tmp_path: Path) -> None:
    program = (
        "import sys, happysad; happysad.HappySadError, happysad.Prediction\n"
        "print({'numpy', 'cv2', 'typer', 'ai_edge_litert'} & set(sys.modules), happysad.__all__)"
    )
    assert in_a_new_interpreter(program, tmp_path).startswith("set() ['Change', 'Explanation',")


def test_every_public_name_is_there() -> None:
    assert all(getattr(happysad, name) for name in happysad.__all__)
    assert set(happysad.__all__) <= set(dir(happysad))
    with pytest.raises(AttributeError, match="has no attribute 'sadness'"):
        _ = happysad.sadness


def test_an_edge_beside_the_users_script_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "edge.py").write_text("raise SystemExit('the wrong edge')\n")
    program = f"import happysad; print(happysad.load()({str(FACE)!r})[0].label)"
    assert in_a_new_interpreter(program, tmp_path) == "happy\n"


def test_a_path_its_bytes_and_its_pixels_get_the_same_answer(faces: happysad.Faces) -> None:
    (answer,) = faces(FACE)
    assert (answer.label, answer.reason, answer.track_id) == ("happy", None, None)
    assert answer.p_happy is not None
    assert answer.p_happy > 0.9
    image = read_image(FACE)
    for picture in (str(FACE), FACE.read_bytes(), image, image[::-1, ::-1][::-1, ::-1]):
        (same,) = faces(picture)
        assert (same.label, same.p_happy, same.box) == (answer.label, answer.p_happy, answer.box)
    assert faces(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY))[0].label == "happy"


def test_the_answers_are_those_of_the_command_line(faces: happysad.Faces) -> None:
    done = edge("classify", "--json", "-m", "faces", FACE, check=True)
    told = json.loads(done.stdout)
    (answer,) = faces(FACE)
    assert answer.p_happy is not None
    assert (told["label"], told["p_happy"]) == (answer.label, round(answer.p_happy, 4))
    assert tuple(told["box"]) == answer.box


@pytest.mark.parametrize(
    ("picture", "kind", "message"),
    [
        ("no.jpg", happysad.HappySadError, "no.jpg: no such file"),
        (b"GIF?", happysad.HappySadError, "not an image (starts with 'GIF?')"),
        ("film.mp4", happysad.HappySadError, "film.mp4: is a video: use happysad.watch for it"),
        (7, TypeError, "expected a path, bytes or a uint8 array, got int"),
        (np.zeros((9, 9, 3)), TypeError, "got float64 of shape (9, 9, 3)"),
        (np.zeros((9, 9, 5), np.uint8), TypeError, "got shape (9, 9, 5)"),
        (np.zeros((9, 9, 4), np.uint8), TypeError, "got shape (9, 9, 4)"),
        (np.zeros((0, 9, 3), np.uint8), TypeError, "got shape (0, 9, 3)"),
    ],
)
def test_what_is_no_picture_is_refused_in_one_line(
    faces: happysad.Faces, picture: object, kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=re.escape(message) + "$"):
        faces(picture)  # type: ignore[arg-type]


def test_a_closed_model_says_so() -> None:
    with happysad.load() as faces:
        assert faces(FACE)[0].label == "happy"
    with pytest.raises(happysad.HappySadError, match="the model faces is closed: load it again"):
        faces(FACE)
    faces.close()


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        ({"model": "nobody"}, happysad.HappySadError, "no model at nobody"),
        ({"model": None}, TypeError, "model: expected a path or a name, got NoneType"),
        ({"threads": 0}, happysad.HappySadError, "threads: expected 1 or more, got 0"),
        ({"threads": 2.0}, TypeError, "threads: expected a whole number, got float"),
        ({"runtime": "tf"}, happysad.HappySadError, "runtime: expected one of 'auto', "),
        ({"crop": "eyes"}, happysad.HappySadError, "crop: expected one of 'face', 'frame', got"),
        ({"band": 0.5}, TypeError, "band: expected two numbers or None, got float"),
        ({"band": (0.2, "1")}, TypeError, "band: expected a number, got str"),
        ({"band": (0.8, 0.2)}, happysad.HappySadError, "the lower first, got (0.8, 0.2)"),
    ],
)
def test_a_wrong_option_says_what_was_expected_and_what_came(
    options: dict[str, object], kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=re.escape(message)):
        happysad.load(**options)  # type: ignore[arg-type]


def test_a_band_takes_the_place_of_the_models_limits_for_pictures_and_videos(video: Path) -> None:
    (strict,) = happysad.load(band=(0.0, 1.0))(FACE)
    assert (strict.label, strict.reason) == ("unsure", None)
    assert strict.p_happy == happysad.load()(FACE)[0].p_happy
    seen = [moment.answers[0].label for moment in happysad.watch(video, band=(0.0, 1.0))]
    assert seen == ["unsure"] * 12


def test_a_model_of_ones_own_answers_for_the_whole_picture(chain: Chain) -> None:
    faces = happysad.load(chain.model_path)
    (answer,) = faces(chain.test_files[0].path)
    assert answer.box is None
    assert answer.p_happy is not None


def test_a_video_is_watched_frame_by_frame(video: Path) -> None:
    seen = list(happysad.watch(video))
    assert [moment.frame.index for moment in seen if moment.frame] == list(range(12))
    assert seen[0].changes[0].answer.label == "happy"
    assert all(isinstance(answer, Prediction) for moment in seen for answer in moment.answers)
    assert [moment.answers[0].track_id for moment in seen] == [1] * 12


def test_a_real_smile_changes_once(smile: Path) -> None:
    changes = [change for moment in happysad.watch(smile) for change in moment.changes]
    assert changes[-1].answer.label == "happy"
    assert len(changes) <= 3


def test_a_video_that_is_looped_begins_again(video: Path) -> None:
    once = len(list(happysad.watch(video)))
    moments = happysad.watch(video, loop=True)
    for _ in range(once):
        last = next(moments)
    assert next(moments).time_s > last.time_s
    moments.close()  # type: ignore[attr-defined]


def test_leaving_the_loop_closes_the_source(video: Path) -> None:
    before = threading.active_count()
    for moment in happysad.watch(str(video)):
        assert moment.faces == 1
        break
    assert threading.active_count() == before


@pytest.mark.parametrize(
    ("source", "kind", "message"),
    [
        (2.5, TypeError, "source: expected a path or a name, got float"),
        ("no.mp4", happysad.HappySadError, "no.mp4: no such video file"),
        (FACE, happysad.HappySadError, "faces.jpg"),
    ],
)
def test_a_source_that_is_none_is_refused_at_once(
    source: object, kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=re.escape(message)):
        happysad.watch(source)  # type: ignore[arg-type]


def test_a_camera_that_is_not_there_is_an_error_of_the_first_moment() -> None:
    moments = happysad.watch(97)
    with pytest.raises(happysad.HappySadError, match="/dev/video97 cannot be opened"):
        next(moments)


def test_the_picture_is_turned_as_asked(video: Path) -> None:
    (moment, *_) = happysad.watch(video, rotate=90, detector="none")
    assert moment.frame is not None
    height, width = read_image(FACE).shape[:2]
    assert moment.frame.image.shape[:2] == (width, height)
