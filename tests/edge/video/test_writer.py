"""Videos that are written: for browsers and phones, each frame at its time; whole or not there."""

import contextlib
import resource
import signal
from pathlib import Path

import numpy as np
import pytest

from edge.errors import OutputError
from edge.video.reader import Video
from edge.video.writer import video_file
from tests.support.videos import SIZE_WH, number_of, picture


def read(path: Path) -> tuple[str, list[tuple[float, np.ndarray]]]:
    with Video(path) as video:
        return video.codec, [(frame.time_s, frame.image()) for frame in video]


@pytest.mark.parametrize(("name", "codec"), [("run.mp4", "h264"), ("run.avi", "mpeg4")])
def test_each_frame_stands_at_its_time_and_an_outage_stays_in_it(
    name: str, codec: str, tmp_path: Path
) -> None:
    times_s = [100.0, 100.05, 100.1, 109.4, 109.45]
    with video_file(tmp_path / name, 20.0, SIZE_WH) as film:
        for number, time_s in enumerate(times_s):
            film.write(picture(number), time_s)
    written_by, frames = read(tmp_path / name)
    assert written_by == codec
    assert [time_s for time_s, _ in frames] == pytest.approx([t - 100 for t in times_s], abs=0.001)
    assert [number_of(image) for _, image in frames] == [0, 1, 2, 3, 4]


def test_frames_without_a_time_follow_at_the_rate(tmp_path: Path) -> None:
    with video_file(tmp_path / "run.mp4", 29.97, SIZE_WH) as film:
        for number in range(60):
            film.write(picture(number))
    _, frames = read(tmp_path / "run.mp4")
    assert [time_s for time_s, _ in frames] == pytest.approx(np.arange(60) / 29.97, abs=0.001)


def test_a_frame_that_comes_at_once_with_another_is_left_out(tmp_path: Path) -> None:
    with video_file(tmp_path / "run.mp4", 10.0, SIZE_WH) as film:
        for number, time_s in enumerate([0.0, 0.1, 0.1, 0.05, 0.2]):
            film.write(picture(number), time_s)
    assert [number_of(image) for _, image in read(tmp_path / "run.mp4")[1]] == [0, 1, 4]


@pytest.mark.parametrize("size_wh", [(97, 63), (96, 1), (2, 2), (1, 1)])
def test_a_side_may_be_odd(size_wh: tuple[int, int], tmp_path: Path) -> None:
    with video_file(tmp_path / "run.mp4", 10.0, size_wh) as film:
        for _ in range(3):
            film.write(np.full((size_wh[1], size_wh[0], 3), 200, np.uint8))
    _, frames = read(tmp_path / "run.mp4")
    assert len(frames) == 3
    width, height = (side + side % 2 for side in size_wh)
    for _, image in frames:
        assert image.shape == (height, width, 3)
        assert np.abs(image.astype(int) - 200).max() < 6


def test_a_video_that_fails_on_its_way_is_not_there(tmp_path: Path) -> None:
    def fail() -> None:
        with video_file(tmp_path / "run.mp4", 10.0, SIZE_WH) as film:
            film.write(picture(0))
            raise RuntimeError("as when its maker fails")

    with pytest.raises(RuntimeError, match="^as when its maker fails$"):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "run.mp4").mkdir()
    with (
        pytest.raises(OutputError, match=r"^cannot write .*run\.mp4: Is a directory$"),
        video_file(tmp_path / "run.mp4", 10.0, SIZE_WH) as film,
    ):
        film.write(picture(0))


def test_a_full_disk_is_an_error_and_leaves_nothing(tmp_path: Path) -> None:
    def write_much() -> None:
        opened = contextlib.ExitStack()  # as a recording has it: `write` fails outside of the block
        film = opened.enter_context(video_file(tmp_path / "run.mp4", 10.0, (320, 240)))
        with opened:
            for number in range(40):
                film.write(np.random.default_rng(number).integers(0, 256, (240, 320, 3), np.uint8))

    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(OutputError, match=r"^cannot write .*run\.mp4: File too large$"):
            write_much()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    assert list(tmp_path.iterdir()) == []
