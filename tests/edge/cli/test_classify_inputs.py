"""What `classify` takes: piped pictures, folders with other files, odd suffixes, copies of all."""

import io
import json
import subprocess
from pathlib import Path

import numpy as np
import pytest

from edge.cli.stdin import arguments
from edge.errors import ImageError
from edge.images.annotate import ENDING, AnnotatedCopies
from edge.images.frame import Frame
from edge.images.frames import read_frames
from edge.images.image_file import SUFFIXES
from edge.images.listing import list_files
from edge.machine.opencv import cv2
from edge.prediction import Prediction
from edge.video.known import SUFFIXES as VIDEO_SUFFIXES
from tests.support.command import edge
from tests.support.image_forms import GOOD
from tests.support.videos import write

FRAME = ("-m", "faces", "--crop", "frame")
PNG = GOOD["rgb.png"].content


def read(*arguments: str | bytes) -> tuple[list[Frame], list[str]]:
    """The frames of what is named, and what was said."""
    told: list[ImageError] = []
    frames = list(read_frames(list(list_files(arguments)), told.append))
    return frames, [str(error) for error in told]


def classify_piped(content: bytes, *options: str) -> subprocess.CompletedProcess[bytes]:
    return edge("classify", *FRAME, *options, "-", input=content, text=False)


def test_a_picture_on_stdin_is_answered(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(PNG)
    named = edge("classify", "--json", *FRAME, tmp_path / "a.png")
    piped = classify_piped(PNG, "--json")
    assert piped.returncode == 0, piped.stderr
    answer, same = json.loads(piped.stdout), json.loads(named.stdout)
    assert answer["path"] == "-"
    assert answer["p_happy"] == same["p_happy"]


class Dribble(io.RawIOBase):
    """A pipe whose writer flushes after every fourth byte, as its reader sees it."""

    def __init__(self, content: bytes) -> None:
        self.left = content

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        part, self.left = self.left[:4], self.left[4:]
        buffer[: len(part)] = part
        return len(part)


def test_what_dribbles_into_stdin_is_a_picture_or_a_list_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names = b"a.png\nb\r\n\nc"
    for content, expected in ((PNG, [PNG]), (names, ["a.png", "b", "c"]), (b"", [])):
        pipe = io.BufferedReader(Dribble(content))
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(pipe))
        assert list(arguments(["-"])) == expected


def test_a_name_on_stdin_is_answered_before_there_is_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pipe = Dribble(b"abc\nb.png\n")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BufferedReader(pipe)))
    assert next(iter(arguments(["-"]))) == "abc"
    assert pipe.left == b"b.png\n"


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (
            b"a.png\0b.png\0",
            "skipped: a.png\\x00b.png\\x00: a NUL in a name: write one name a line",
        ),
        (
            b"\0\0\0\x1cftypisom\0\0\2\0",
            "skipped: -: neither a picture nor a list of names (starts with "
            "'\\x00\\x00\\x00\\x1cftypisom'); a video is read from a file",
        ),
        (b"gone-\xff.png\n", "skipped: gone-\\udcff.png: no such file"),
        (PNG[:40], "skipped: -: truncated PNG"),
    ],
)
def test_what_else_is_on_stdin_is_a_clear_line(content: bytes, line: str) -> None:
    done = classify_piped(content)
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.decode().splitlines()[0] == line


def test_files_that_a_folder_leaves_out_are_counted_at_the_end(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(PNG)
    for name in ("notes.txt", "Thumbs.db", "sub/list.csv", ".hidden"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    done = edge("classify", *FRAME, tmp_path)
    assert done.returncode == 0
    assert done.stderr.splitlines()[-1].endswith("; 3 other files ignored")


def test_a_folder_of_other_files_says_what_it_holds(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    (error,) = list_files([str(tmp_path)])
    assert str(error) == f"{tmp_path}: no image or video there (only 1 file of other kinds)"


def test_an_address_is_no_file_and_keeps_both_its_slashes() -> None:
    (error,) = list_files(["https://camera.example/a.jpg"])
    assert str(error) == (
        "https://camera.example/a.jpg: an address: download it, or watch it with 'webcam'"
    )


def test_every_suffix_that_is_read_is_found_in_folders_in_either_case(tmp_path: Path) -> None:
    known = SUFFIXES | VIDEO_SUFFIXES
    assert {".jfif", ".mpo", ".pjpeg", ".heic", ".avif", ".3gp", ".wmv", ".flv", ".ts"} <= known
    for suffix in known:
        (tmp_path / f"a{suffix}").touch()
        (tmp_path / f"B{suffix.upper()}").touch()
    assert len(list(list_files([str(tmp_path)]))) == 2 * len(known)


@pytest.mark.parametrize("name", ["film", "film.jpg.bak", "film.dat"])
def test_content_decides_where_no_suffix_does(name: str, tmp_path: Path) -> None:
    film, photo = tmp_path / name, tmp_path / f"photo-{name}"
    write(tmp_path / "film.mp4", "mpeg4", frames=3).rename(film)
    photo.write_bytes(PNG)
    frames, told = read(str(film), str(photo))
    assert told == []
    assert [frame.video is None for frame in frames] == [False, False, False, True]


def test_a_picture_named_as_a_video_is_a_picture(tmp_path: Path) -> None:
    (tmp_path / "photo.mp4").write_bytes(PNG)
    (frame,), told = read(str(tmp_path / "photo.mp4"))
    assert (frame.video, told) == (None, [])


def test_what_is_neither_says_so(tmp_path: Path) -> None:
    (tmp_path / "notes").write_bytes(b"dear diary, today I was happy and then sad")
    frames, told = read(str(tmp_path / "notes"))
    assert frames == []
    assert told == [f"{tmp_path / 'notes'}: not an image or video (starts with 'dear diary, ')"]


NO_FACE, WHOLE = Prediction("no_face"), Prediction("happy", 0.9, p_sad=0.1)


@pytest.mark.parametrize("size_hw", [(1, 5000), (5000, 1), (1, 1), (2, 3)])
@pytest.mark.parametrize("answer", [NO_FACE, WHOLE])
def test_a_picture_of_one_pixel_has_a_copy_too(
    size_hw: tuple[int, int], answer: Prediction, tmp_path: Path
) -> None:
    with AnnotatedCopies(tmp_path) as copies:
        copies.add(Frame(Path("thin.png"), None, np.zeros((*size_hw, 3), np.uint8)), [answer])
    assert cv2.imread(str(tmp_path / f"thin{ENDING}.png")) is not None


def test_a_copy_of_the_longest_name_is_shorter_and_the_next_has_a_number(tmp_path: Path) -> None:
    image = np.zeros((20, 20, 3), np.uint8)
    names = ["x" * 250, "x" * 251, "\u00fc" * 125]
    with AnnotatedCopies(tmp_path) as copies:
        for name in names:
            copies.add(Frame(Path(f"{name}.png"), None, image), [WHOLE])
    written = sorted(path.name for path in tmp_path.iterdir())
    assert written == sorted([
        f"{'x' * 200}{ENDING}.png", f"{'x' * 200}{ENDING}-2.png", f"{chr(252) * 100}{ENDING}.png",
    ])  # fmt: skip
