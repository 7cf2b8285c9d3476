"""Images decoded before they are asked for: the same answers, in the same order, told once."""

from pathlib import Path

import numpy as np
import pytest

from edge.errors import ImageError
from edge.images import read_ahead
from edge.images.frames import read_frames
from edge.images.image_file import read_image
from edge.images.read_ahead import MAX_BYTES_AHEAD, SMALL_FILE, ReadAhead, kept_ahead
from edge.machine.opencv import cv2
from tests.support.command import edge

# Noise, which no format makes small; the first takes far longer to decode than what follows it.
SIDES = (1500, 150, 16, 700, 400, 16, 150, 200)


@pytest.fixture(scope="module")
def album(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Large and small files by turns, some of them damaged."""
    folder = tmp_path_factory.mktemp("album")
    rng = np.random.default_rng(0)
    paths = []
    for number, side in enumerate(SIDES * 3):
        path = folder / f"{number:02}.png"
        assert cv2.imwrite(str(path), rng.integers(0, 256, (side, side, 3), np.uint8))
        if number % 5 == 3:
            path.write_bytes(path.read_bytes()[: -path.stat().st_size // 3])
        paths.append(path)
    assert {path.stat().st_size > SMALL_FILE for path in paths} == {True, False}
    return paths


def is_damaged(path: Path) -> bool:
    return int(path.stem) % 5 == 3


@pytest.fixture
def four_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_ahead, "cores", lambda: 4)


@pytest.mark.usefixtures("four_cores")
def test_pictures_and_what_is_wrong_come_in_the_order_of_the_files(album: list[Path]) -> None:
    told: list[str] = []

    def tell(error: ImageError) -> None:
        told.append(str(error))

    for frame in read_frames(list(map(str, album)), tell):
        assert np.array_equal(frame.image, read_image(frame.path))
        told.append(str(frame.path))
    assert [Path(line.split(":")[0]) for line in told] == album
    for path, line in zip(album, told, strict=True):
        assert line == (f"{path}: truncated PNG" if is_damaged(path) else str(path))


@pytest.mark.usefixtures("four_cores")
def test_no_more_files_are_begun_than_the_depth_says() -> None:
    begun = []

    def items() -> object:
        for number in range(10):
            begun.append(number)
            yield number

    depth = ReadAhead().depth
    assert depth == read_ahead.MAX_AHEAD
    for number in kept_ahead(items(), depth):  # type: ignore[arg-type]
        assert len(begun) == min(10, number + 1 + depth)


def test_a_name_on_stdin_is_answered_before_the_next_one_comes(album: list[Path]) -> None:
    asked: list[Path] = []

    def names() -> object:
        for path in (album[0], album[4]):
            asked.append(path)
            yield str(path)

    frames = read_frames(names(), pytest.fail)  # type: ignore[arg-type]
    assert next(frames).path == album[0]
    assert asked == [album[0]]
    assert next(frames).path == album[4]


@pytest.mark.usefixtures("four_cores")
def test_a_very_large_picture_is_not_decoded_beside_others(tmp_path: Path) -> None:
    path = tmp_path / "scan.png"
    page = np.full((5001, 4000), 255, np.uint8)
    page[::50, ::3] = 0
    assert 5 * page.size >= MAX_BYTES_AHEAD
    assert cv2.imwrite(str(path), page)
    assert path.stat().st_size > SMALL_FILE
    assert read_ahead._try_to_read(path) is None
    (frame,) = read_frames([str(path)], pytest.fail)
    assert frame.image.shape == (5001, 4000, 3)


def test_no_line_on_stderr_is_lost_while_decoders_are_kept_quiet(tmp_path: Path) -> None:
    files = []
    large = np.random.default_rng(0).integers(0, 256, (2000, 2000, 3), np.uint8)
    for number in range(4):
        files += [tmp_path / f"{number} bad.png", tmp_path / f"{number} large.png"]
        files[-2].write_bytes(b"no picture")
        assert cv2.imwrite(str(files[-1]), large)
    done = edge("classify", "--crop", "frame", *files)
    *told, summary = done.stderr.splitlines()
    reason = "not an image (starts with 'no picture')"
    assert told == [f"skipped: {path}: {reason}" for path in files[::2]]
    assert "4 unreadable" in summary
