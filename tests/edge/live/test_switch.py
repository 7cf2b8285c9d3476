"""Another model while the loop runs: at once, whole, and one step back."""

import subprocess
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from edge.errors import ModelError
from edge.live.settings import Settings
from edge.live.switch import Switch
from edge.live.watch import Watch
from edge.machine.opencv import cv2
from edge.model.choice import SHIPPED_MODEL, candidates
from edge.model.decision import Band
from edge.model.store import ModelStore, stores
from edge.teach.classroom import Classroom
from edge.teach.report import Report, facts, sentence
from tests.support.environments import LITERT, TFLITE, environment
from tests.support.expressions import crops, expressive_clip, keep_pictures, with_mouth


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return expressive_clip(tmp_path_factory.mktemp("clip") / "clip.mp4")


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """What comes of teaching that faces which look happy to the model are not."""
    home = tmp_path_factory.mktemp("home")
    keep_pictures(home, 24)
    shares: list[float] = []
    folder = home / "models" / "pictures"
    found = Classroom().teach(SHIPPED_MODEL.read_bytes(), folder, shares.append)
    assert shares == sorted(shares)
    assert shares[0] == 0 < shares[-1] < 1
    return found


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelStore]:
    monkeypatch.setenv("HAPPYSAD_HOME", str(tmp_path))
    return stores()[0]


def test_pictures_that_the_model_gets_wrong_teach_it(report: Report) -> None:
    assert report.content is not None
    assert report.pictures == 72
    assert 15 <= report.moments <= 36  # two of them may be nearly the same
    assert report.after["right"] > report.before["right"] + 0.2
    assert len(report.after["wrong"]) < len(report.before["wrong"])
    assert report.before["wrong"][0].startswith("sad/20261128-1200")
    for score in (report.before, report.after):
        told = [place.split("/")[0] for place in score["wrong"]]
        assert all(one != other for one, other in zip(told, score["said"], strict=True))
    right = [72 - len(score["wrong"]) for score in (report.before, report.after)]
    assert sentence(report) == (
        f"I have learned something! Of your 72 pictures I knew {right[0]} before, and now I know "
        f"{right[1]}."
    )


def test_of_a_picture_that_is_gone_its_answer_is_not_told_either(report: Report) -> None:
    places, said = report.before["wrong"], report.before["said"]
    assert "happy" in said
    numbers = {place: number for number, place in enumerate(places) if number % 2}
    shown = facts(report, numbers)["before"]
    assert shown["wrong"] == list(numbers.values())
    assert shown["said"] == said[1::2]
    assert shown["count"] == report.pictures - len(places)


def test_a_lesson_can_be_ended_before_and_while_it_goes_on(tmp_path: Path) -> None:
    keep_pictures(tmp_path, 12)
    folder, content = tmp_path / "models" / "pictures", SHIPPED_MODEL.read_bytes()
    early, late = Classroom(), Classroom()
    early.end()
    for room, told in ((early, lambda share: None), (late, lambda share: late.end())):
        with pytest.raises(ModelError, match="^teaching broke off"):
            room.teach(content, folder, told)


def test_what_cannot_be_taught_is_said_in_a_line(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=f"^no folder {tmp_path}/none: give one that holds"):
        Classroom().teach(SHIPPED_MODEL.read_bytes(), tmp_path / "none", lambda share: None)


def test_the_loop_changes_over_between_two_moments_and_back(
    report: Report, clip: Path, store: ModelStore
) -> None:
    assert report.content
    labels: dict[str, set[str]] = {}
    with Watch(Settings(str(clip)), threading.Event()) as watch:
        switch = Switch(watch, store, None)
        assert switch.before is None
        picture = with_mouth("sad")
        for number, moment in enumerate(watch):
            # Each answer is one model's alone: the one that answered since the last moment.
            p_sad = watch.second()(picture)[0].p_sad
            labels.setdefault(watch.model_path.stem, set()).add(f"{p_sad:.3f}")
            if number == 5:
                taught = switch.take(report.content)
                assert watch.model_path == SHIPPED_MODEL  # until the moment is over
            if number == 6:
                assert moment.news == (f"model: {taught.stem} answers from now on",)
                assert watch.model_path == taught == switch.now == switch.next_start
                assert {answer.track_id for answer in moment.answers} == {1}  # who is still known
                assert switch.before == SHIPPED_MODEL
            if number == 15:
                switch.back()
            if number == 16:
                assert (watch.model_path, switch.before) == (SHIPPED_MODEL, taught)
                assert candidates(None)[0] == SHIPPED_MODEL
                switch.back()
    assert watch.model_path == candidates(None)[0] == taught
    assert {name: len(seen) for name, seen in labels.items()} == {"faces": 1, taught.stem: 1}
    again = Switch(watch, store, None)  # as after another start
    assert again.before == SHIPPED_MODEL
    assert Switch(watch, store, Path("faces")).next_start == SHIPPED_MODEL


def test_a_model_with_other_answers_is_for_another_start(clip: Path) -> None:
    watch = Watch(Settings(str(clip), SHIPPED_MODEL), threading.Event())
    other = watch.load(SHIPPED_MODEL, SHIPPED_MODEL.read_bytes())
    decision = Band(0.4, 0.6)
    other.contract = replace(other.contract, decision=decision)
    refused = "^other answers happy, sad, this run happy, sad, neutral: start again with it$"
    with pytest.raises(ModelError, match=refused):
        watch.use(Path("other"), other)


# Two threads hand over models as fast as they can; each answer must be that of one of them.
CHANGES = """
import sys, threading
from pathlib import Path
from happysad.images.image_file import read_image
from happysad.live.settings import Settings
from happysad.live.watch import Watch
from happysad.model.choice import SHIPPED_MODEL
from happysad.teach.classroom import Classroom

clip, folder, picture = map(Path, sys.argv[1:])
shipped = SHIPPED_MODEL.read_bytes()
report = Classroom().teach(shipped, folder, lambda share: None)
image = read_image(picture)
with Watch(Settings(str(clip), SHIPPED_MODEL, detector="none"), threading.Event()) as watch:
    contents = {"a": shipped, "b": report.content}
    loaded = {name: watch.load(Path(name), content) for name, content in contents.items()}
    expected = {name: model.classify(image).p_sad for name, model in loaded.items()}
    done = threading.Event()
    def change(name):
        while not done.wait(0.001):
            watch.use(Path(name), loaded[name])
    threads = [threading.Thread(target=change, args=name) for name in loaded]
    for thread in threads:
        thread.start()
    answered, right = set(), []
    while len(right) < 100 or len(answered) < 2:
        watch._take_up()
        if watch.model_path.name in expected:
            answered.add(watch.model_path.name)
            p_sad = watch.answerer.answer(image, 0.0)[0].p_sad
            right.append(abs(p_sad - expected[watch.model_path.name]) < 0.03)
    done.set()
    for thread in threads:
        thread.join()
print(watch.classifier.network.runtime, all(right), expected["b"] > expected["a"] + 0.1)
"""


@pytest.mark.parametrize(
    ("needs", "remove", "runtime"),
    [(LITERT, "", "ai-edge-litert"), (TFLITE, "ai-edge-litert", "tflite-runtime")],
)
def test_with_either_runtime_models_are_taught_and_change_at_any_time_without_mixing(
    needs: tuple[str, ...], remove: str, runtime: str, clip: Path, tmp_path: Path
) -> None:
    keep_pictures(tmp_path, 24)
    picture = tmp_path / "sad.png"
    cv2.imwrite(str(picture), next(crops("sad", 1, seed=9)))
    interpreter = environment(*needs, remove=remove)
    done = subprocess.run(
        [str(interpreter), "-c", CHANGES, str(clip), str(tmp_path / "models" / "pictures"),
         str(picture)],
        cwd=tmp_path, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == f"{runtime} True True"


def test_a_model_for_other_pictures_waits_for_the_next_start(clip: Path, tmp_path: Path) -> None:
    settings = Settings(str(clip), SHIPPED_MODEL)
    with Watch(settings, threading.Event()) as watch:
        classifier = watch.load(SHIPPED_MODEL, SHIPPED_MODEL.read_bytes())
        object.__setattr__(classifier.contract, "crop", "frame")
        with pytest.raises(ModelError, match="^x is no model for crop face: start again with it"):
            watch.use(Path("x"), classifier)
