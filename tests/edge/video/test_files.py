"""Video files as `classify` reads them: whole ones to the last frame, others with their reason."""

from pathlib import Path

import pytest

from edge.errors import ImageError
from edge.images.frame import Frame
from edge.images.frames import read_frames
from edge.images.video_file import read_video
from tests.support.videos import number_of, write

FAST = {"container_options": {"movflags": "faststart"}}
FRAGMENTS = {"container_options": {"movflags": "frag_every_frame+empty_moov"}}
WHOLE = {
    "an index in front": (".mp4", FAST),
    "an index at the end": (".mp4", {}),
    "fragments": (".mp4", FRAGMENTS),
    "Matroska": (".mkv", {}),
    "Matroska, live": (".mkv", {"container_options": {"live": "1"}}),
    "WebM, variable frame rate": (".mkv", {"times": [0, 1, 2, 9, 10, 30, 61, 62, 63, 64, 65, 99]}),
    "AVI": (".avi", {}),
    "AVI, variable frame rate": (".avi", {"times": [0, 1, 2, 9, 10, 30, 61, 62, 63, 64, 65, 99]}),
    "sound that goes on": (".mkv", {"sound_s": 4.0}),
    "MPEG-TS": (".ts", {}),
    "WMV": (".wmv", {}),
}


@pytest.mark.parametrize("kind", WHOLE)
def test_a_whole_video_gives_all_its_frames(kind: str, tmp_path: Path) -> None:
    suffix, settings = WHOLE[kind]
    path = write(tmp_path / f"film{suffix}", "mpeg4", **settings)
    frames = list(read_video(path))
    assert [frame.video.index for frame in frames if frame.video] == list(range(12))


@pytest.mark.parametrize("kind", sorted(set(WHOLE) - {"an index at the end", "Matroska, live"}))
def test_a_truncated_video_gives_what_it_has_and_says_so(kind: str, tmp_path: Path) -> None:
    suffix, settings = WHOLE[kind]
    path = write(tmp_path / f"film{suffix}", "mpeg4", **settings)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 3 // 4 + 1])
    images: list[Frame] = []
    with pytest.raises(ImageError) as caught:
        images.extend(read_video(path))
    reason = str(caught.value).removeprefix(f"{path}: ")
    assert reason in (
        "cut off before its first frame: truncated",
        f"ends after {len(images)} frame{'' if len(images) == 1 else 's'}: truncated",
    )


@pytest.mark.parametrize("suffix", [".mjpeg", ".mjpg"])
def test_jpegs_one_after_the_other_are_a_video(suffix: str, tmp_path: Path) -> None:
    path = write(tmp_path / f"a{suffix}", "mjpeg", form="mjpeg", pixel_format="yuvj420p")
    frames = list(read_frames([str(path)], pytest.fail))
    assert [number_of(frame.image) for frame in frames] == list(range(12))


def test_a_video_that_ends_before_its_index_is_truncated(tmp_path: Path) -> None:
    path = write(tmp_path / "film.mp4", "mpeg4")
    path.write_bytes(path.read_bytes()[:900])
    with pytest.raises(ImageError) as caught:
        list(read_video(path))
    assert str(caught.value) == f"{path}: cut off before its first frame: truncated"


@pytest.mark.parametrize(
    ("name", "reason"),
    [("none.mp4", "no such video file"), ("x\0.mp4", "no such video file")],
)
def test_a_video_that_is_not_there_is_named(name: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=rf"\.mp4: {reason}$"):
        list(read_video(tmp_path / name))


@pytest.mark.parametrize("name", ["file:x.mp4", "http:x.mp4", "100%d.mp4", b"\xff.mp4"])
def test_a_name_is_a_local_path_whatever_it_looks_like(name: str | bytes, tmp_path: Path) -> None:
    import os

    film = write(tmp_path / "film.mp4", "mpeg4")
    path = tmp_path / os.fsdecode(name)
    film.rename(path)
    assert len(list(read_video(path))) == 12
