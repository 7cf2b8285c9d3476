"""Photos and clips of a run: what is on them, when there are none, and what a full disk costs."""

import json
import logging
import os
import resource
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import typer

from edge.camera.feed import CapturedFrame
from edge.cli.keeping import faces_to_blur, wishes
from edge.errors import OutputError
from edge.gallery.gallery import NAME, Caps, Gallery
from edge.images.image_file import read_image
from edge.live.answerer import Answerer, FrameAnswerer
from edge.live.keeping import Keeping, Wish
from edge.live.moment import Change, Moment
from edge.live.outputs.clips import Clips
from edge.live.outputs.errands import Errands
from edge.live.outputs.occasions import Occasions
from edge.live.outputs.photos import Photos
from edge.machine.output_file import check_folder
from edge.prediction import Prediction
from edge.video.reader import Video
from tests.support.chain import ROOT, Chain
from tests.support.command import edge, full_disk
from tests.support.kills import kill_pictures
from tests.support.patience import until
from tests.support.photographs import film

NOBODY: Answerer = FrameAnswerer.__new__(FrameAnswerer)  # of which is asked only who is new


def moment(time_s: float, label: str = "", side: int = 64) -> Moment:
    """A frame of noise, in which a face has become this."""
    image = np.random.default_rng(int(time_s * 30)).integers(0, 256, (side, side, 3), np.uint8)
    answer = Prediction(label or "neutral", 0.5, box=(8, 8, 20, 20), track_id=1)
    changes = (Change(answer, "neutral", 1),) if label else ()
    return Moment(time_s, CapturedFrame(image, 0, time_s, 0.0), (answer,), changes)


def files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.exists() else []


def test_nothing_is_written_by_default(smile: Path, tmp_path: Path) -> None:
    done = edge("webcam", smile, "-m", "faces", cwd=tmp_path, env={"PYTHONPATH": str(ROOT)})
    assert (done.returncode, files(tmp_path)) == (0, []), done.stderr


def test_a_smile_is_a_photo_and_a_clip_of_before_and_after(smile: Path, tmp_path: Path) -> None:
    photos, clips = tmp_path / "photos", tmp_path / "clips"
    done = edge(
        "webcam", smile, "-m", "faces", "--json", "--photo", f"happy:{photos}",
        "--photo", f"sad:{tmp_path / 'none'}", "--clip", f"happy:{clips}",
        "--clip-before", 0.5, "--clip-after", 0.4,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    happy = next(answer for answer in answers if answer["label"] == "happy")
    (photo,), (clip,) = files(photos), files(clips)
    assert NAME.fullmatch(photo.name)
    assert photo.name.endswith("-happy.jpg")
    assert clip.name.endswith("-happy.mp4")
    assert not (tmp_path / "none").exists()
    assert done.stderr.splitlines()[-1] == (
        f"saved: 1 photo in {photos}, 0 photos in {tmp_path / 'none'}, 1 clip in {clips}"
    )
    with Video(smile) as video:
        frames = [(frame.time_s, frame.image()) for frame in video]
    shown = next(image for time_s, image in frames if time_s >= happy["time_s"] - 1e-6)
    assert np.abs(read_image(photo).astype(int) - shown).mean() < 3
    with Video(clip) as video:
        taken = [(frame.time_s, frame.image()) for frame in video]
    start_s = happy["time_s"] - 0.5
    inside = [image for time_s, image in frames if time_s >= start_s - 1e-6]
    assert np.abs(taken[0][1].astype(int) - inside[0]).mean() < 12
    assert taken[-1][0] == pytest.approx(0.9, abs=0.1)
    assert len(taken) == pytest.approx(0.9 * 10, abs=2)


@pytest.mark.parametrize("option", ["--blur-others", "--blur"])
def test_faces_are_blurred_but_the_one_that_was_the_reason(
    group: Path, tmp_path: Path, option: str
) -> None:
    picture = read_image(group)
    path, photos = film(tmp_path / "group.mp4", [picture] * 6), tmp_path / "photos"
    done = edge("webcam", path, "-m", "faces", "--json", "--photo", f"happy:{photos}", option)
    assert done.returncode == 0, done.stderr
    changes = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(changes) == 5
    (photo,) = files(photos)
    shown = read_image(photo).astype(int)

    def difference(x: int, y: int, width: int, height: int) -> float:
        here = slice(y, y + height), slice(x, x + width)
        return float(np.abs(shown[here] - picture[here]).mean())

    reason, *others = [difference(*change["box"]) for change in changes]
    assert changes[0]["label"] == "happy"
    assert min(others) > 15
    assert (reason < 8) == (option == "--blur-others")


def test_a_pause_follows_each_picture_of_a_wish() -> None:
    wishes = (Wish("happy", Path("a")), Wish("change", Path("b")))
    occasions = Occasions(wishes, pause_s=10.0)
    found = [
        (at_s, str(occasion.folder))
        for at_s, label in [(0, "sad"), (5, "happy"), (11, "sad"), (14, "happy"), (15, "happy"),
                            (20, "sad"), (3, "happy")]
        for occasion in occasions.of(moment(at_s, label))
    ]  # fmt: skip
    # At 3 the clock was set back: that is no pause.
    assert found == [(0, "b"), (5, "a"), (11, "b"), (15, "a"), (3, "a"), (3, "b")]
    gone = Prediction("no_face", reason="no_camera")
    assert list(occasions.of(Moment(99.0, None, (gone,), (Change(gone, "happy", 0),)))) == []


def test_the_caps_are_minded_also_while_nothing_comes(tmp_path: Path) -> None:
    gallery = Gallery(tmp_path, Caps(days=1.0))
    old = tmp_path / "happysad-20200101-000000-000-happy.jpg"
    errands = Errands("photos", 4, gallery.trim, tidy_every_s=0.001)
    old.touch()
    os.utime(old, (0, 0))
    until(lambda: not old.exists())
    errands.close()


def test_an_error_of_the_system_is_one_line_and_ends_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "happysad")
    errands = Errands("photos", 4, lambda: None)
    done: list[str] = []
    errands.give(lambda: done.append((tmp_path / "gone").read_text()))
    errands.give(lambda: done.append("next"))
    errands.close()
    assert done == ["next"]
    assert caplog.messages == [
        f"photos: {tmp_path}/gone: No such file or directory; the rest goes on",
        "photos are written again",
    ]


def test_what_comes_before_the_first_work_is_done_is_left_out_in_silence(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING, "happysad")
    go_on, has_begun = threading.Event(), threading.Event()
    errands = Errands("photos", 1, has_begun.set, first=lambda: assert_set(go_on))
    assert [errands.give(lambda: None) for _ in range(3)] == [True, False, False]
    go_on.set()
    assert has_begun.wait(30)
    errands.close()
    assert caplog.messages == []


def assert_set(event: threading.Event) -> None:
    assert event.wait(30)


def test_a_clip_at_the_end_of_a_run_has_what_there_was(tmp_path: Path) -> None:
    keep = Keeping(clips=(Wish("happy", tmp_path),), before_s=1.0, after_s=30.0)
    with Clips(keep, NOBODY, is_video=True) as clips:
        for number in range(30):
            clips.take(moment(number / 15, "happy" if number == 20 else ""))
    (path,) = files(tmp_path)
    assert path.stat().st_mode & 0o777 == 0o600
    with Video(path) as video:
        assert len(list(video)) == 16  # two of each three: 10 a second of 15


def test_a_frame_that_cannot_be_encoded_is_left_out_of_a_clip(tmp_path: Path) -> None:
    keep = Keeping(clips=(Wish("happy", tmp_path),), before_s=1.0, after_s=1.0)
    with Clips(keep, NOBODY, is_video=True) as clips:
        for number in range(10):  # more than may wait
            image = np.zeros((64, 64, 2 if number < 6 else 3), np.uint8)
            seen = moment(number / 10, "happy" if number == 8 else "")
            clips.take(replace(seen, frame=CapturedFrame(image, 0, seen.time_s, 0.0)))
    (path,) = files(tmp_path)
    with Video(path) as video:
        assert len(list(video)) == 4


def test_a_full_disk_is_said_once_and_leaves_nothing_half(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "photos"
    caplog.set_level(logging.WARNING, "happysad")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    keep = Keeping(photos=(Wish("happy", folder),), pause_s=0.0)
    with Photos(keep, NOBODY) as photos:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, hard))
        try:
            photos.take(moment(0, "happy"))
            until(lambda: len(caplog.messages) == 1)
            photos.take(moment(1, "happy"))
            photos.take(moment(2, "happy", side=16))  # which has room
            until(lambda: len(caplog.messages) == 2)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert photos.shortfall() == "photos: 2 not written"
    (path,) = files(folder)
    assert read_image(path).shape == (16, 16, 3)
    assert path.stat().st_mode & 0o777 == 0o600
    first, second = caplog.messages
    assert first.startswith(f"cannot write {folder}/happysad-")
    assert first.endswith("-happy.jpg: File too large; the rest goes on")
    assert second == "photos are written again"


def test_a_run_that_could_not_write_its_photos_says_how_many_and_fails(
    smile: Path, tmp_path: Path
) -> None:
    photos = f"happy:{tmp_path / 'photos'}"
    done = edge("webcam", smile, "-m", "faces", "--photo", photos, **full_disk(512))
    assert done.returncode == 1, done.stderr
    assert done.stderr.splitlines()[-3:] == [
        "faults: none", f"saved: 0 photos in {tmp_path / 'photos'}", "photos: 1 not written"
    ]  # fmt: skip


def test_what_cannot_be_meant_is_wrong_usage() -> None:
    expected = "one of happy, sad, neutral, unsure, change, a colon and a folder"
    for text in ("happy", "glad:x", "happy:"):
        with pytest.raises(typer.BadParameter) as caught:
            wishes("--photo", [text])
        assert caught.value.message == f"--photo {text}: give {expected}"
    assert wishes("--clip", ["sad:a:b"]) == (Wish("sad", Path("a:b")),)
    with pytest.raises(typer.BadParameter) as caught:
        faces_to_blur(False, True, Path("x"))
    nothing = "--blur leaves nothing to sort of --keep-doubtful: --blur-others"
    assert caught.value.message == nothing


def test_a_folder_whose_name_is_too_long_is_refused_at_the_start(tmp_path: Path) -> None:
    place = tmp_path / "new" / ("ä" * 128)
    with pytest.raises(OutputError) as caught:
        Clips(Keeping(clips=(Wish("happy", place),)), NOBODY, is_video=True)
    assert str(caught.value) == f"cannot write to {place}: File name too long"
    Photos(Keeping(photos=(Wish("happy", tmp_path / ("ä" * 127)),)), NOBODY)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("option", ["--photo", "--clip", "--keep-doubtful"])
def test_a_place_where_nothing_can_be_made_is_refused_at_the_start(
    smile: Path, option: str
) -> None:
    words = "/proc/x" if option == "--keep-doubtful" else "happy:/proc/x"
    place = "/proc/x/unsorted" if option == "--keep-doubtful" else "/proc/x"
    done = edge("webcam", smile, "-m", "faces", option, words)
    reasons = [  # of root, and of anybody else
        "nothing can be made in /proc (No such file or directory)",
        "/proc may not be written to by this user",
    ]
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr in [f"error: cannot write to {place}: {reason}\n" for reason in reasons]


def test_looking_whether_a_folder_can_be_written_to_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_folder(tmp_path)
    check_folder(tmp_path / "new" / "folder")
    monkeypatch.chdir(tmp_path)
    check_folder(Path())
    assert files(tmp_path) == []


def test_a_folder_that_is_a_file_and_a_model_of_whole_pictures_are_said(
    smile: Path, tmp_path: Path, chain: Chain
) -> None:
    place = tmp_path / "file"
    place.touch()
    with pytest.raises(OutputError, match=f"^cannot write to {place}: {place} is not a folder$"):
        Photos(Keeping(photos=(Wish("happy", place),)), NOBODY)
    done = edge(
        "webcam", smile, "-m", chain.model_path, "--photo", f"happy:{tmp_path}", "--blur-others"
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "error: --blur-others and --blur: this model takes all of the picture for the face: leave "
        "them out, or choose a model of faces\n"
    )


def test_a_run_that_is_killed_leaves_whole_pictures_only(tmp_path: Path) -> None:
    kill_pictures(tmp_path, 3)


def test_what_takes_too_long_at_the_end_is_counted_as_not_written() -> None:
    held, has_begun = threading.Event(), threading.Event()
    errands = Errands("photos", 5, tidy=lambda: None, last_s=0.1)
    for job in (has_begun.set, held.wait, lambda: None, lambda: None):
        errands.give(job)
    has_begun.wait()
    until(lambda: errands._done == 1)
    assert errands.shortfall() == "photos: 3 not written"
    held.set()
