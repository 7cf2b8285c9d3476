"""Teaching beside a loop: what is collected, and what goes on while a lesson does."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.errors import HappySadError
from edge.live.lessons import Lessons
from edge.live.outputs.lesson_line import lesson_line, obey
from edge.live.settings import Settings
from edge.live.watch import Watch
from edge.model.choice import SHIPPED_MODEL
from tests.support.expressions import expressive_clip, keep_pictures
from tests.support.patience import until

MB = 1_000_000


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return expressive_clip(tmp_path_factory.mktemp("clip") / "clip.mp4")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HAPPYSAD_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def watch(clip: Path) -> Iterator[Watch]:
    with Watch(Settings(str(clip), SHIPPED_MODEL), threading.Event()) as opened:
        yield opened


def test_the_largest_face_is_collected_while_a_button_is_held(home: Path, watch: Watch) -> None:
    with Lessons(watch, None, 200 * MB) as lessons:
        assert lesson_line(lessons) == ""
        for moment in watch:
            lessons.take(moment)  # nothing is held
        assert lessons.counts == {"happy": (0, 0), "sad": (0, 0), "neutral": (0, 0)}
        obey(lessons, "k")  # there is nothing to keep

        def one_is_taken() -> bool:
            obey(lessons, "s")
            lessons.take(moment)
            return lessons.counts["sad"] == (1, 1)

        until(one_is_taken)
        lessons.release()
        (shown,) = lessons.state()["pictures"]
        assert shown["label"] == "sad"
        assert lessons.picture(shown["number"])
        assert lesson_line(lessons) == (
            "happy 0, sad 1, neutral 0; missing: 10 pictures of happy and 9 pictures of sad; "
            "k keeps them"
        )
        lessons.hold("angry")
        assert lessons.collector.held is None
        lessons.teach()
        until(lambda: lessons.pupil.share is None, seconds=180)
        assert "has too few pictures to learn from: 10 pictures of happy" in lesson_line(lessons)
    assert [path.name for path in (home / "models").iterdir()] == []


def test_while_a_lesson_goes_on_nothing_is_kept_and_no_model_changes(
    home: Path, watch: Watch
) -> None:
    keep_pictures(home, 24)
    with Lessons(watch, None, 200 * MB) as lessons:
        lessons.teach()
        for do in (lambda: lessons.keep(False), lessons.back):
            with pytest.raises(HappySadError, match="^a lesson goes on: try again in a moment$"):
                do()
        obey(lessons, "k")
        assert lessons.pupil.result == "a lesson goes on: try again in a moment"
        lessons.teach()  # the one that goes on
        lessons.forget()  # ends it
        assert lessons.pupil.share is None
        state = lessons.state()
        assert (state["pictures"], state["result"], state["kept"]) == ([], None, False)
        assert [path.name for path in (home / "models").iterdir()] == []


def test_the_end_of_the_program_is_the_end_of_a_lesson(home: Path, watch: Watch) -> None:
    keep_pictures(home, 24)
    with Lessons(watch, None, 200 * MB) as lessons:
        lessons.teach()
        until(lambda: lessons.pupil.share, seconds=180)
        lessons.finish()
    assert lessons.pupil.result == "teaching broke off with code -9"
    assert [path.name for path in (home / "models").iterdir()] == ["pictures"]
    assert watch.model_path == SHIPPED_MODEL
