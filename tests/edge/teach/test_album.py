"""The pictures that somebody shows: kept only if it is said, few, in the layout of training."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from data.folder import list_files
from edge.errors import OutputError
from edge.images.image_file import decode_image, read_image
from edge.machine.opencv import cv2
from edge.teach.album import Album
from edge.teach.collector import HELD_S, PER_S, Collector
from edge.teach.moments import APART_S, Moments, moment_of
from tests.support.chain import ROOT
from tests.support.clock import Clock
from tests.support.command import run_program

MB = 1_000_000


def picture(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 255, (64, 64, 3), np.uint8)


@pytest.fixture
def album(tmp_path: Path) -> Album:
    made = Album(tmp_path / "models", MB)
    for seed, label in enumerate(("happy", "happy", "sad", "neutral")):
        assert made.add(picture(seed), label, "20261129-120000")
    return made


def leftovers(home: Path) -> list[str]:
    return [path.name for path in (home / "models").iterdir()]


def test_pictures_are_files_as_training_reads_them_which_nobody_else_may_see(
    album: Album, tmp_path: Path
) -> None:
    assert album.folder is not None
    assert album.folder.parent == tmp_path / "models"
    assert album.folder.stat().st_mode & 0o777 == 0o700
    files = list_files(album.folder)
    assert [file.label for file in files] == ["happy", "happy", "neutral", "sad"]
    assert [moment_of(file.path) for file in files] == ["20261129-120000"] * 4
    assert all(file.path.stat().st_mode & 0o777 == 0o600 for file in files)
    assert (read_image(files[0].path) == picture(0)).all()
    assert album.content(1) == files[0].path.read_bytes()


def test_large_pictures_are_made_smaller(album: Album) -> None:
    frame = cv2.resize(picture(7), (1280, 720))
    assert album.add(frame, "sad", "20261129-120000")
    content = album.content(5)
    assert content is not None
    assert decode_image(content).shape == (169, 300, 3)


def test_a_near_copy_is_left_out_but_not_of_another_label(album: Album) -> None:
    brighter = (picture(0) * 0.9 + 9).astype(np.uint8)
    assert not album.add(brighter, "happy", "20261129-120100")
    assert album.add(brighter, "sad", "20261129-120100")
    album.delete(1)
    assert album.add(brighter, "happy", "20261129-120100")


def test_pictures_are_moved_and_deleted_by_their_numbers_and_what_is_gone_is_no_matter(
    album: Album,
) -> None:
    album.move(1, "sad")
    album.delete(2)
    for number, label in ((2, "sad"), (99, "sad"), (3, "angry"), (3, "../happy")):
        album.move(number, label)
    album.delete(99)
    assert album.content(2) is None
    assert [(entry.number, entry.label) for entry in album.entries] == [
        (1, "sad"), (3, "sad"), (4, "neutral"),
    ]  # fmt: skip
    assert album.folder is not None
    assert [file.label for file in list_files_of(album.folder)] == ["neutral", "sad", "sad"]


def list_files_of(folder: Path) -> list:
    """Also where one of the two classes is empty, which training refuses."""
    (folder / "happy" / "1.png").touch()
    found = [file for file in list_files(folder) if file.path.name != "1.png"]
    (folder / "happy" / "1.png").unlink()
    return found


def test_what_is_not_kept_is_gone_at_the_end(album: Album, tmp_path: Path) -> None:
    album.close()
    assert leftovers(tmp_path) == []


def test_what_is_kept_is_there_again_and_may_still_be_not_kept(
    album: Album, tmp_path: Path
) -> None:
    album.keep(True)
    album.close()
    assert leftovers(tmp_path) == ["pictures"]
    again = Album(tmp_path / "models", MB)
    assert again.is_kept
    assert [entry.label for entry in again.entries] == ["happy", "happy", "sad", "neutral"]
    assert again.add(picture(9), "sad", "20261129-130000")
    assert len({entry.number for entry in again.entries}) == 5
    again.keep(False)
    assert "pictures" not in leftovers(tmp_path)
    assert again.content(1) is not None
    again.close()
    assert leftovers(tmp_path) == []


def test_one_word_forgets_all_also_that_they_were_kept(album: Album, tmp_path: Path) -> None:
    album.keep(True)
    album.forget()
    assert leftovers(tmp_path) == []
    assert (album.entries, album.size, album.is_kept) == ([], 0, False)
    assert album.add(picture(0), "happy", "20261129-120000")
    album.close()
    assert leftovers(tmp_path) == []


def test_there_are_no_more_than_the_cap(tmp_path: Path) -> None:
    album = Album(tmp_path, MB)
    large = np.random.default_rng(0).integers(0, 255, (20, 150, 150, 3), np.uint8)
    with pytest.raises(OutputError, match="^the pictures fill their 1 MB$"):
        _ = [album.add(crop, "sad", "20261129-120000") for crop in large]
    assert 0.8 * MB < album.size <= MB


def test_a_second_program_has_its_own_and_takes_none_away(album: Album, tmp_path: Path) -> None:
    album.keep(True)
    program = (
        "import sys\nfrom pathlib import Path\nimport numpy as np\n"
        "from edge.errors import OutputError\nfrom edge.teach.album import Album\n"
        "album = Album(Path(sys.argv[1]), 10**6)\n"
        "print(len(album.entries))\n"
        "album.add(np.eye(64, dtype=np.uint8)[:, :, None].repeat(3, 2), 'sad', '20261129-120000')\n"
        "try:\n    album.keep(True)\nexcept OutputError as error:\n    print(error)\n"
        "album.close()\n"
    )
    done = run_program(program, tmp_path / "models", check=True)
    kept = tmp_path / "models" / "pictures"
    assert done.stdout == (
        f"0\n{kept} is there already: another program keeps it, or it has other files: move them "
        "away\n"
    )
    assert leftovers(tmp_path) == ["pictures"]
    assert len(list(kept.rglob("*.png"))) == 4


def test_what_a_killed_program_has_left_is_gone_at_the_next_start(tmp_path: Path) -> None:
    program = (
        "import sys, time\nfrom pathlib import Path\nimport numpy as np\n"
        "from edge.teach.album import Album\n"
        "album = Album(Path(sys.argv[1]), 10**6)\n"
        "album.add(np.eye(64, dtype=np.uint8)[:, :, None].repeat(3, 2), 'sad', '20261129-120000')\n"
        "print('there', flush=True)\ntime.sleep(60)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / "models")],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "there\n"
    Album(tmp_path / "models", MB)
    assert len(leftovers(tmp_path)) == 1  # it still runs
    process.send_signal(signal.SIGKILL)
    process.communicate()
    Album(tmp_path / "models", MB)
    assert leftovers(tmp_path) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_said_in_a_line(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match=f"^cannot change {tmp_path}/models/pictures: Permission"):
        Album(tmp_path / "models", MB).add(picture(0), "sad", "20261129-120000")


def test_a_place_that_is_no_folder_is_said_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "models").touch()
    with pytest.raises(OutputError, match=f"^cannot change {tmp_path}/models/pictures: "):
        Album(tmp_path / "models", MB).add(picture(0), "sad", "20261129-120000")


def test_a_moment_ends_when_no_picture_of_its_label_comes_for_some_seconds() -> None:
    clock = Clock()
    moments = Moments(clock)
    first = moments.now("happy")
    assert moment_of(Path(f"{first}-0007.png")) == first
    for _ in range(5):
        clock.now_s += APART_S - 0.1
        assert moments.now("happy") == first
    assert moment_of(Path("holiday.png")) is None


def test_pictures_are_taken_only_while_a_button_is_held_and_a_few_a_second(
    album: Album,
) -> None:
    changes: list[str] = []
    clock = Clock()
    collector = Collector(album, lambda: changes.append(collector.said), clock)
    assert collector.wanted() is None
    collector.hold("sad")
    assert collector.wanted() == collector.held == "sad"
    collector.give(picture(20), "sad", None)
    assert collector.wanted() is None  # just now there was one
    collector.give(None, "sad", "too_dark")
    collector.give(None, "sad", None)
    collector.release()
    assert collector.held is None
    collector.give(picture(20), "sad", None)  # was under way
    collector.close()
    assert sorted(changes) == ["alike", "no_face", "taken", "too_dark"]
    assert len(album.entries) == 5
    assert HELD_S < 1 < PER_S
    clock.now_s += 1 / PER_S
    collector.hold("happy")
    assert collector.wanted() == "happy"
    clock.now_s += HELD_S  # nobody says that it is held any more
    assert collector.held is None


def test_files_that_are_not_ours_outlive_forgetting(tmp_path: Path) -> None:
    album = Album(tmp_path, 10**6)
    assert album.add(picture(1), "sad", "20261129-120000")
    album.keep(True)
    kept = album.folder
    assert kept
    (kept / "happy").mkdir(exist_ok=True)
    own, hers = kept / "notes.txt", kept / "happy" / "IMG_1.jpg"
    own.write_text("mine")
    hers.write_bytes(b"hers")
    with pytest.raises(OutputError, match="is no file of this program's: move it away first"):
        album.keep(False)
    album.forget()
    assert sorted(path for path in kept.rglob("*") if path.is_file()) == [hers, own]
    assert album.add(picture(2), "sad", "20261129-120000")
    with pytest.raises(OutputError, match="it has other files: move them away"):
        album.keep(True)
    album.close()
    assert [path.name for path in tmp_path.iterdir()] == [kept.name]
