"""`python -m edge classify` on a terminal shows how far a long run is."""

import os
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest

from edge.images.frames import count_images
from edge.images.listing import list_files
from edge.machine.opencv import cv2
from edge.terminal.console import ERASE
from edge.terminal.progress import progress_line
from tests.support.command import start_module
from tests.support.photographs import film
from tests.support.terminal import drawn_on


@pytest.fixture(scope="module")
def album(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A picture in two files, an empty file and a video of three frames."""
    folder = tmp_path_factory.mktemp("album")
    gray = np.full((48, 48, 3), 128, np.uint8)
    assert cv2.imwrite(str(folder / "00.jpg"), gray)
    assert cv2.imwrite(str(folder / "01.png"), gray)
    (folder / "19.jpg").touch()
    film(folder / "27.avi", [np.zeros((48, 64, 3), np.uint8)] * 3)
    return folder


def on_terminal(arguments: list[str], stdout_too: bool = False, names: str = "") -> str:
    """All that a terminal of 60 columns on stderr is sent."""
    controller, terminal = os.openpty()
    os.set_blocking(controller, True)
    subprocess.run(["stty", "cols", "60"], stdin=terminal, check=True)
    process = start_module(
        "edge", "classify", "-m", "faces", "--crop", "frame", *arguments, stdin=subprocess.PIPE,
        stdout=terminal if stdout_too else subprocess.DEVNULL, stderr=terminal,
    )  # fmt: skip
    os.close(terminal)
    assert process.stdin is not None
    process.stdin.write(names)
    process.stdin.close()
    shown = drawn_on(controller)
    process.wait()
    return shown


def test_a_terminal_shows_how_far_it_is_while_results_go_elsewhere(album: Path) -> None:
    arguments = [str(album / name) for name in ["00.jpg"] * 30 + ["19.jpg"] + ["01.png"] * 9]
    shown = on_terminal(arguments)
    progress = re.compile(re.escape(ERASE) + r"\d+/40  [\d.]+ images/s  \d+:\d\d:\d\d left")
    assert progress.match(shown)
    skipped, summary = progress.sub("", shown).replace(ERASE, "").splitlines()
    assert skipped == f"skipped: {album}/19.jpg: empty file"
    assert "1 unreadable" in summary
    assert shown.endswith(f"{ERASE}{summary}\r\n") or shown.endswith(f"{skipped}\r\n{summary}\r\n")


def test_without_a_total_only_what_is_done_is_shown(album: Path) -> None:
    for shown in (
        on_terminal(["-"], names=f"{album / '00.jpg'}\n" * 5),
        on_terminal([str(album / "27.avi"), str(album / "00.jpg")]),
    ):
        assert re.match(r"\r\x1b\[K1  [\d.]+ images/s\r\x1b\[K", shown)


def test_results_on_the_terminal_leave_no_room_for_progress(album: Path) -> None:
    shown = on_terminal([str(album / "00.jpg")] * 5, stdout_too=True)
    assert "\x1b" not in shown
    assert len(shown.splitlines()) == 6


def test_the_progress_line() -> None:
    assert progress_line(1200, 100_000, 1.5) == "1200/100000  800 images/s  0:02:04 left"
    assert progress_line(3, 30_000, 6.0) == "3/30000  0.5 images/s  16:39:54 left"
    assert progress_line(12, None, 3.0) == "12  4.0 images/s"
    assert progress_line(1, 1, 0.0) == "1/1  1000000 images/s  0:00:00 left"


def test_a_total_is_known_without_videos_and_stdin(album: Path) -> None:
    files = list(list_files([str(album / "*.jpg"), "gone.png"]))
    assert count_images(files) == len(files) == 3
    assert count_images([*files, "a.MP4"]) is None
    assert count_images(iter(files)) is None
