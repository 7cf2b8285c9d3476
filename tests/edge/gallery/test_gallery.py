"""Folders that stay within their caps, faces that nobody recognizes, and the last seconds."""

import os
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from edge.errors import OutputError
from edge.gallery.blur import blurred
from edge.gallery.gallery import NAME, Caps, Gallery
from edge.gallery.ring import Ring, Still, hidden
from edge.gallery.sight import Sight
from edge.machine.opencv import cv2
from edge.machine.output_file import write_bytes

NOW = time.time()


def add(gallery: Gallery, size: int, time_s: float = NOW) -> None:
    gallery.add(time_s, "happy", ".jpg", partial(write_bytes, content=bytes(size)))


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def test_the_oldest_of_our_own_files_go_first_and_no_other(tmp_path: Path) -> None:
    gallery = Gallery(tmp_path, Caps(megabytes=1.0))
    others = ["holiday.jpg", "happysad-20261124-101503-123-happy (copy).jpg"]
    for name in others:
        (tmp_path / name).write_bytes(bytes(900_000))
    link = tmp_path / "happysad-20200101-000000-000-happy.jpg"
    link.symlink_to(tmp_path / "holiday.jpg")
    (tmp_path / "happysad-20200101-000000-001-happy.jpg").mkdir()
    before = set(names(tmp_path))
    for number in range(5):
        add(gallery, 400_000, NOW + number)
        for age, name in enumerate(sorted(set(names(tmp_path)) - before, reverse=True)):
            os.utime(tmp_path / name, (NOW - age, NOW - age))
    made = set(names(tmp_path)) - before
    assert set(names(tmp_path)) >= before
    stamps = [time.strftime("%H%M%S", time.localtime(NOW + number)) for number in (3, 4)]
    assert sorted(name.split("-")[2] for name in made) == stamps
    assert all(NAME.fullmatch(name) for name in made)


def test_what_is_too_old_goes_too(tmp_path: Path) -> None:
    gallery = Gallery(tmp_path, Caps(days=7.0))
    add(gallery, 10)
    (old,) = tmp_path.iterdir()
    os.utime(old, (NOW - 8 * 86400, NOW - 8 * 86400))
    add(gallery, 20)
    assert [file.stat().st_size for file in tmp_path.iterdir()] == [20]


def test_two_of_one_moment_have_names_of_their_own(tmp_path: Path) -> None:
    gallery = Gallery(tmp_path / "new" / "folder", Caps())
    for _ in range(3):
        add(gallery, 10)
    assert len(names(gallery.folder)) == 3
    assert all(NAME.fullmatch(name) for name in names(gallery.folder))


def test_what_is_too_old_goes_before_there_is_room_for_what_is_new(tmp_path: Path) -> None:
    gallery = Gallery(tmp_path / "new", Caps(days=7.0))
    add(gallery, 10)
    (old,) = gallery.folder.iterdir()
    os.utime(old, (NOW - 8 * 86400, NOW - 8 * 86400))

    def write(path: Path) -> None:
        assert names(gallery.folder) == []
        write_bytes(path, b"new", mode=0o600)

    gallery.add(NOW + 1, "happy", ".jpg", write)
    (new,) = gallery.folder.iterdir()
    assert (new.stat().st_mode & 0o777, gallery.folder.stat().st_mode & 0o777) == (0o600, 0o700)


def test_a_folder_that_cannot_be_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match=r"^cannot write to .*/file/new: Not a directory$"):
        add(Gallery(tmp_path / "file" / "new", Caps()), 10)


def test_a_blurred_face_is_a_smear_and_the_rest_is_as_it_was() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (240, 320, 3), np.uint8)
    canvas = blurred(picture, [(100, 60, 80, 80)])
    face = canvas[36:164, 76:204]
    # Between neighbours of noise there are 85 levels on average, in a smear hardly one.
    assert np.abs(np.diff(face.astype(int), axis=1)).mean() < 2
    canvas[36:164, 76:204] = picture[36:164, 76:204]
    assert np.array_equal(canvas, picture)
    assert np.array_equal(blurred(picture, [(-200, -200, 20, 20)]), picture)
    blurred(picture, [(300, 230, 80, 80), (-30, -30, 500, 500)])


def test_who_is_blurred() -> None:
    one, two, new = (0, 0, 9, 9), (10, 0, 9, 9), (20, 0, 9, 9)
    sight = Sight(((1, one), (2, two), (None, new)))
    assert sight.hidden("none", 1) == []
    assert sight.hidden("others", 1) == [two, new]
    assert sight.hidden("others", None) == [one, two, new]
    assert sight.hidden("all", 1) == [one, two, new]
    assert sight.scaled(0.5).faces[1] == (2, (5, 0, 4, 4))


def test_a_face_is_blurred_before_it_is_found() -> None:
    one, two, new = (0, 0, 9, 9), (10, 0, 9, 9), (20, 0, 9, 9)
    stills = [
        Still(0.0, b"", Sight(((1, one),))),
        Still(0.5, b"", Sight(((1, one), (None, new)))),
        Still(0.9, b"", Sight(((1, one), (2, two)))),
        Still(1.8, b"", Sight(((1, one), (3, new)))),
    ]
    assert hidden(stills, "others", 1) == [new, two]
    assert hidden(stills, "others", None) == [one, new, two]
    assert hidden(stills[2:], "others", 1) == [two, new]
    assert hidden(stills, "none", 1) == []


def test_the_ring_keeps_some_seconds_within_its_bytes() -> None:
    ring, sight = Ring(2.0, max_bytes=1000), Sight(())
    for tick in range(100):
        ring.add(Still(tick / 10, bytes(10), sight))
    assert [still.time_s for still in ring.between(0, 100)] == [
        tick / 10 for tick in range(79, 100)
    ]
    assert ring.size == 210
    assert [still.time_s for still in ring.between(9.0, 9.2)] == [9.0, 9.1, 9.2]
    ring.add(Still(10.0, bytes(900), sight))
    assert ring.size <= 1000
    ring.add(Still(3.0, bytes(10), sight))  # a clock that was set back
    assert (len(ring.between(0, 100)), ring.size) == (1, 10)
    _, encoded = cv2.imencode(".jpg", np.full((16, 16, 3), 200, np.uint8))
    assert abs(int(Still(0.0, encoded.tobytes(), sight).image().mean()) - 200) < 3
