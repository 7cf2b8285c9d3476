"""Videos of every kind: each frame once, in order, upright, at its time, and never a stale one."""

import gc
from pathlib import Path

import av
import numpy as np
import pytest

from edge.errors import VideoError
from edge.video.reader import Video
from tests.support.command import run_program
from tests.support.videos import MATRICES, number_of, picture, shown, with_matrix, write

INTERLACED = {"flags": "+ildct+ilme"}
# Codec, suffix, and what `write` is told; H.264 also as pairs of fields.
KINDS = {
    "H.264 in MP4": ("libx264", ".mp4", {}),
    "H.264 in Matroska": ("libx264", ".mkv", {}),
    "H.264 in FLV": ("libx264", ".flv", {}),
    "H.264 in MPEG-TS": ("libx264", ".ts", {}),
    "H.264, interlaced": ("libx264", ".mp4", {"options": {**INTERLACED, "x264-params": "tff=1"}}),
    "H.264, interlaced, in MPEG-TS": (
        "libx264", ".ts", {"options": {**INTERLACED, "x264-params": "tff=1"}},
    ),
    "MPEG-2, interlaced": ("mpeg2video", ".mpg", {"options": {**INTERLACED, "b": "2M"}, "fps": 25}),
    "DV, interlaced": (
        "dvvideo", ".dv", {"size_wh": (720, 576), "fps": 25, "form": "dv", "frames": 4},
    ),
    "DV in AVI": ("dvvideo", ".avi", {"size_wh": (720, 576), "fps": 25, "frames": 4}),
    "HEVC": ("libx265", ".mp4", {"options": {"x265-params": "log-level=none"}}),
    "VP8": ("libvpx", ".webm", {}),
    "VP9": ("libvpx-vp9", ".webm", {}),
    "AV1": ("libsvtav1", ".mp4", {"options": {"preset": "12"}}),
    "MPEG-4 with B frames in AVI": ("mpeg4", ".avi", {"options": {"bf": "2"}}),
    "MPEG-2 with B frames": ("mpeg2video", ".mpg", {"options": {"bf": "2"}, "fps": 25}),
    "Motion JPEG": ("mjpeg", ".avi", {"pixel_format": "yuvj420p"}),
    "WMV": ("wmv2", ".wmv", {}),
    "H.263 in 3GP": ("h263", ".3gp", {"size_wh": (128, 96), "options": {"b": "2M"}}),
    "Flash": ("flv", ".flv", {}),
    "variable frame rate": ("libx264", ".mkv", {"times": [0, 1, 2, 9, 10, 30, 61, 62]}),
    "variable frame rate in AVI": ("mpeg4", ".avi", {"times": [0, 1, 2, 9, 10, 30, 61, 62]}),
    "sound that goes on": ("mpeg4", ".mkv", {"sound_s": 4.0}),
    "a start at 100 s": ("mpeg4", ".mkv", {"times": range(1000, 1012)}),
    "fragments": (
        "libx264", ".mp4", {"container_options": {"movflags": "frag_every_frame+empty_moov"}},
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_every_frame_comes_once_and_in_order_at_its_time(kind: str, tmp_path: Path) -> None:
    codec, suffix, settings = KINDS[kind]
    path = write(tmp_path / f"film{suffix}", codec, **settings)
    times = settings.get("times") or range(settings.get("frames", 12))
    fps = settings.get("fps", 10)
    with Video(path) as video:
        assert video.size_wh == settings.get("size_wh", (96, 64))
        frames = [(frame.time_s, frame.image()) for frame in video]
    assert [number_of(image) for _, image in frames] == list(range(len(times)))
    expected = [(time - times[0]) / fps for time in times]
    assert [time_s for time_s, _ in frames] == pytest.approx(expected, abs=0.001)
    assert (video.count, video.damaged) == (len(times), 0)
    for number, (_, image) in enumerate(frames):
        difference = np.abs(image.astype(int) - picture(number, video.size_wh))
        assert difference.mean() < 12, "the pictures are those that were filmed"


@pytest.mark.parametrize("name", MATRICES)
def test_a_frame_is_shown_as_the_display_matrix_asks(name: str, tmp_path: Path) -> None:
    film = write(tmp_path / "film.mp4", "libx264", frames=2, options={"qp": "1"})
    path = with_matrix(film, tmp_path / "turned.mp4", MATRICES[name])
    with Video(path) as video:
        images = [frame.image() for frame in video]
    assert len(images) == 2
    for number, image in enumerate(images):
        expected = shown(picture(number), MATRICES[name])
        assert image.shape == expected.shape
        assert np.abs(image.astype(int) - expected).mean() < 3


def test_a_damaged_frame_is_left_out_and_so_is_what_was_made_of_it(tmp_path: Path) -> None:
    film = write(tmp_path / "film.mp4", "libx264", frames=30, options={"g": "10", "bf": "0"})
    data = bytearray(film.read_bytes())
    at = data.index(b"mdat") + len(data) // 4
    data[at : at + 60] = bytes(60)
    film.write_bytes(data)
    with Video(film) as video:
        given = [(number_of(image), image) for image in (frame.image() for frame in video)]
    assert video.damaged > 0
    assert 0 < len(given) < 30
    for number, image in given:
        assert np.abs(image.astype(int) - picture(number)).mean() < 12


@pytest.mark.parametrize("codec", ["mpeg4", "mpeg2video", "libx264"])
def test_a_video_that_begins_between_two_key_frames_gives_none_before_the_first(
    codec: str, tmp_path: Path
) -> None:
    whole = write(tmp_path / "film.ts", codec, frames=40, fps=25, options={"g": "10", "bf": "0"})
    data = whole.read_bytes()
    whole.write_bytes(data[len(data) // 8 // 188 * 188 :])
    with Video(whole) as video:
        images = [frame.image() for frame in video]
    assert 20 <= len(images) <= 39
    first = number_of(images[0])
    assert first in (0, 10)  # what is before the key frame says nothing
    for number, image in enumerate(images, first):
        assert np.abs(image.astype(int) - picture(number)).mean() < 12


def test_a_video_too_large_is_refused_before_a_frame_is_decoded(tmp_path: Path) -> None:
    film = write(tmp_path / "film.mp4", "libx264", frames=1)
    with pytest.raises(
        VideoError, match=r"^frames of 96x64 pixels, more than the 0 million that are r"
    ):
        Video(film, max_pixels=6000)


def test_what_is_no_video_is_refused_with_the_cause(tmp_path: Path) -> None:
    text = tmp_path / "notes.mp4"
    text.write_text("no film\n")
    with pytest.raises(VideoError, match=r"^not a video that is read here \("):
        Video(text)


def test_a_song_is_no_video(tmp_path: Path) -> None:
    song = tmp_path / "song.mkv"
    with av.open(str(song), "w") as container:
        sound = container.add_stream("mp2", rate=44100, layout="mono")
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 1152), np.int16), "s16", "mono")
        silence.sample_rate, silence.pts = 44100, 0
        container.mux(sound.encode(silence))
        container.mux(sound.encode())
    with pytest.raises(VideoError, match=r"^no video in it$"):
        Video(song)


def test_a_playlist_opens_no_other_file(tmp_path: Path) -> None:
    film = write(tmp_path / "film.ts", "mpeg4", form="mpegts")
    for name, text in {
        "list.m3u8": f"#EXTM3U\n#EXTINF:1,\n{film.name}\n#EXT-X-ENDLIST\n",
        "list.mp4": f"ffconcat version 1.0\nfile {film.name}\n",
    }.items():
        (tmp_path / name).write_text(text)
        with pytest.raises(VideoError):
            Video(tmp_path / name)


def test_no_frame_outlives_its_use(tmp_path: Path) -> None:
    """Without the garbage collector, which would come after hundreds of frames."""
    path = write(tmp_path / "a.mp4", frames=30)
    gc.collect()
    gc.disable()
    try:
        for frame in Video(path):
            frame.image()
        kept = [type(each) for each in gc.get_objects()].count(av.VideoFrame)
    finally:
        gc.enable()
    assert kept <= 3


def test_only_a_video_loads_pyav() -> None:
    program = (
        "import sys, edge, edge.images.frames, edge.cli.main, edge.live.watch\n"
        "print('av' in sys.modules)"
    )
    done = run_program(program, check=True)
    assert done.stdout == "False\n"
