"""Folders of labelled images: both layouts, what is passed over, and what is refused."""

import os
import re

import pytest

import data.folder
from data.errors import DatasetError
from data.folder import DRAWN_PER_CLASS, default_directory, list_files, list_folder
from edge.images.image_file import SUFFIXES


def put(root, *names):
    """Empty files; listing goes by names."""
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()


def listed(root):
    return [(str(f.path.relative_to(root)), f.label, f.part) for f in list_files(root)]


def refuses(message):
    return pytest.raises(DatasetError, match=f"^{re.escape(message)}$")


def test_class_folders_are_read_recursively_and_sorted_by_path(tmp_path):
    put(tmp_path, "sad/b.PNG", "happy/deep/er/a.jpg", "neutral/n.webp", "happy/c.bmp")
    assert listed(tmp_path) == [
        ("happy/c.bmp", "happy", None),
        ("happy/deep/er/a.jpg", "happy", None),
        ("neutral/n.webp", "neutral", None),
        ("sad/b.PNG", "sad", None),
    ]


@pytest.mark.parametrize("name", ["validation", "val", "valid", "Validation"])
def test_part_folders_name_the_part(tmp_path, name):
    put(tmp_path, "Train/Happy/a.png", "Train/SAD/b.png", f"{name}/happy/c.png", "test/sad/d.png")
    assert {row[1:] for row in listed(tmp_path)} == {
        ("happy", "train"),
        ("sad", "train"),
        ("happy", "validation"),
        ("sad", "test"),
    }


def test_what_is_no_image_by_its_name_is_ignored_and_told(tmp_path):
    put(tmp_path, "happy/a.png", "sad/b.png", "happy/.hidden.png", "sad/.gitkeep")
    put(tmp_path, "sad/Thumbs.db", "sad/notes.txt", "happy/.cache/x.png", "angry/c.png")
    listing = list_folder(tmp_path)
    assert [f.path.name for f in listing.files] == ["a.png", "b.png"]
    assert [p.name for p in listing.ignored] == [
        ".hidden.png",
        ".gitkeep",
        "Thumbs.db",
        "notes.txt",
    ]
    assert [p.name for p in listing.unused_folders] == ["angry"]


def test_folders_and_broken_links_with_image_names_are_listed(tmp_path):
    put(tmp_path, "happy/a.png", "sad/folder.png/inside.png")
    (tmp_path / "sad" / "link.png").symlink_to(tmp_path / "nowhere.png")
    names = ["happy/a.png", "sad/folder.png", "sad/link.png"]
    assert [name for name, *_ in listed(tmp_path)] == names


def test_a_link_that_leads_back_is_followed_once(tmp_path):
    put(tmp_path, "happy/a.png", "sad/b.png")
    (tmp_path / "sad" / "again").symlink_to(tmp_path / "sad", target_is_directory=True)
    assert len(list_files(tmp_path)) == 2


def test_empty_class_folders_do_not_clash_with_part_folders(tmp_path):
    put(tmp_path, "happy/.gitkeep", "sad/.gitkeep", "train/happy/a.png", "train/sad/b.png")
    assert [part for *_, part in listed(tmp_path)] == ["train", "train"]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (
            ["x/a.png", "y/b", *(f"{n}.txt" for n in range(6))],
            "no happy or sad folder in {0}: it holds x/ (1 image), y/ (0 images), 0.txt, 1.txt, "
            "2.txt, 3.txt and 2 more; expected {0}/happy and {0}/sad",
        ),
        (
            ["smile/a.png", "smile/b.png", "frown/c.jpg"],
            "no happy or sad folder in {0}: it holds frown/ (1 image), smile/ (2 images); "
            "rename smile to happy and frown to sad",
        ),
        (
            ["Happy/a.png", "unhappy people/c.jpg"],
            "no folder at {0}/sad: it holds Happy/ (1 image), unhappy people/ (1 image); "
            "rename unhappy people to sad",
        ),
        (
            ["train/joy/a.png", "train/sadness/b.png"],
            "no happy or sad folder in {0}/train: it holds joy/ (1 image), sadness/ (1 image); "
            "rename joy to happy and sadness to sad",
        ),
        (
            ["train/happy/a.png", "train/sad/b.png", "val/smiling/c.png", "val/crying/d.png"],
            "no happy or sad folder in {0}/val: it holds crying/ (1 image), smiling/ (1 image); "
            "rename smiling to happy and crying to sad",
        ),
        (
            ["faces/happy/a.png", "faces/sad/b.png"],
            "no happy or sad folder in {0}: it holds faces/ (2 images); "
            "happy and sad are in {0}/faces: name {0}/faces",
        ),
        (
            ["archive/data/train/Happy/a.png", "archive/data/train/Sad/b.png"],
            "no happy or sad folder in {0}: it holds archive/ (2 images); "
            "happy and sad are in {0}/archive/data/train: name {0}/archive/data",
        ),
        (
            ["subject01.happy.gif", "subject01.sad.gif", "subject02.happy.gif"],
            "no happy or sad folder in {0}: it holds subject01.happy.gif, subject01.sad.gif, "
            "subject02.happy.gif; put the 2 like subject01.happy.gif into {0}/happy and the 1 like "
            "subject01.sad.gif into {0}/sad",
        ),
        (
            ["happy/.gitkeep", "sad/a.png"],
            "no images in {0}/happy: it holds nothing; names of images end in one of "
            + ", ".join(sorted(SUFFIXES)),
        ),
        (
            ["train/happy/a.png", "train/sad/b.txt"],
            "no images in {0}/train/sad: it holds b.txt; names of images end in one of "
            + ", ".join(sorted(SUFFIXES)),
        ),
        (
            ["val/happy/a.png", "test/sad/b.png"],
            "{0} has test and val but no train folder: expected {0}/train/happy and {0}/train/sad",
        ),
        (
            ["happy/a.png", "sad/b.png", "train/happy/c.png"],
            "{0} holds images both in class folders and in train: keep one of the layouts",
        ),
    ],
)
def test_a_folder_that_is_no_dataset_is_refused_with_what_is_expected(tmp_path, names, message):
    put(tmp_path, *names)
    with refuses(message.format(tmp_path)):
        list_files(tmp_path)


def test_images_without_an_ending_are_told_which_one_and_where_they_belong(tmp_path):
    names = [
        f"subject01.{look}" for look in ("happy", "normal", "sad")
    ]  # as the Yale faces have it
    put(tmp_path, *names)
    for name in names:
        (tmp_path / name).write_bytes(b"GIF89a")
    with refuses(
        f"no happy or sad folder in {tmp_path}: it holds subject01.happy, subject01.normal, "
        f"subject01.sad; put the 1 like subject01.happy into {tmp_path}/happy and the 1 like "
        f"subject01.sad into {tmp_path}/sad, with .gif added to their names"
    ):
        list_files(tmp_path)
    for name in names:
        put(tmp_path, f"{name.split('.')[1]}/x")
        (tmp_path / name).rename(tmp_path / name.split(".")[1] / name)
        (tmp_path / name.split(".")[1] / "x").unlink()
    with refuses(f"no images in {tmp_path}/happy: it holds subject01.happy; add .gif to the names"):
        list_files(tmp_path)


def test_one_of_the_class_folders_is_told_to_name_the_folder_above(tmp_path):
    put(tmp_path, "happy/a.png", "sad/b.png")
    message = f"no happy or sad folder in {tmp_path}/happy: it holds a.png; "
    with refuses(f"{message}name the folder above it, {tmp_path}"):
        list_files(tmp_path / "happy")


def test_what_may_not_be_looked_at_does_not_hide_the_advice(tmp_path):
    put(tmp_path, "smile/a.png", "frown/b.png")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(DatasetError, match="rename smile to happy and frown to sad$"):
        list_files(tmp_path)


def test_a_missing_folder_and_a_file_are_refused(tmp_path):
    put(tmp_path, "file")
    for name, problem in [("none", "does not exist"), ("file", "is not a folder")]:
        path = tmp_path / name
        with refuses(f"{path} {problem}: expected {path}/happy and {path}/sad"):
            list_files(path)


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A copy of the data package's place, so that no test writes into the checkout."""
    monkeypatch.setattr(data.folder, "__file__", str(tmp_path / "folder.py"))
    put(tmp_path, "happy/.gitkeep", "sad/.gitkeep")
    return tmp_path


def test_the_users_own_images_come_first(package):
    put(package, "happy/a.png", "sad/b.png")
    assert default_directory() == package
    assert not (package / "drawn").exists()


def test_one_empty_folder_of_the_two_is_refused(package):
    put(package, "sad/b.png")
    message = (
        f"{package}/sad holds images and {package}/happy none: add some there, "
        "or empty sad to use drawn faces"
    )
    with refuses(message):
        default_directory()


def test_without_images_faces_are_drawn_once_and_again_if_some_are_missing(package, monkeypatch):
    monkeypatch.setattr(data.folder, "DRAWN_PER_CLASS", 3)
    drawn = package / "drawn"
    assert default_directory() == drawn
    files = [file.path for file in list_files(drawn)]
    assert len(files) == 6
    times = [path.stat().st_mtime_ns for path in files]
    assert default_directory() == drawn
    assert [path.stat().st_mtime_ns for path in files] == times
    (drawn / "sad" / "drawn-0003.png").unlink()
    default_directory()
    assert [file.path for file in list_files(drawn)] == files
    assert min(path.stat().st_mtime_ns for path in files) > max(times)
    assert os.listdir(package / "happy") == [".gitkeep"]  # noqa: PTH208
    assert DRAWN_PER_CLASS == 160
