"""`python -m data`: reports, exit codes, and what goes to which stream."""

import json
import os
import re
import shutil
import subprocess
from dataclasses import asdict, fields
from pathlib import Path

import numpy as np
import pytest

from data.check import Report, Sizes, check
from data.check_text import check_text
from data.drawing import draw_set
from edge.machine.opencv import cv2
from edge.terminal.console import ERASE
from tests.support.command import full_disk, run_module
from tests.support.terminal import drawn_on


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    directory = tmp_path_factory.mktemp("drawn")
    draw_set(directory, per_class=14)
    return directory


@pytest.fixture
def folder(drawn, tmp_path):
    return shutil.copytree(drawn, tmp_path / "faces")


def in_parts(folder):
    """Moves the faces into train, and copies of some of them into validation."""
    for label in ("happy", "sad"):
        shutil.move(folder / label, folder / "train" / label)
        held_out = folder / "validation" / label
        held_out.mkdir(parents=True)
        for number in (12, 13, 14):
            name = f"drawn-{number:04d}.png"
            shutil.move(folder / "train" / label / name, held_out / name)


def run(*arguments, stderr=subprocess.PIPE, **options):
    return run_module("data", *arguments, stdout=subprocess.PIPE, stderr=stderr, **options)


def test_a_good_folder_has_no_problems_and_no_warnings(folder):
    before = {path: path.read_bytes() for path in folder.rglob("*.png")}
    report = check(folder)
    assert (report.problems, report.warnings) == ([], [])
    assert check_text(report).splitlines()[-3:] == [
        "few pictures: 14 happy, 14 sad; a few hundred of each are a good start",
        "if these are photographs of faces, start from the shipped model: "
        'add ARGS="--init faces" to make train',
        "no problems found",
    ]
    assert report.files == {"happy": 14, "sad": 14, "neutral": 0}
    assert report.sizes == Sizes([150, 150], [150, 150], [150, 150], tiny=0)
    assert report.lookalikes["happy"] == {"groups": 14, "largest": 1}
    assert report.imbalance == 1.0
    assert {path: path.read_bytes() for path in folder.rglob("*.png")} == before


def test_what_the_checkouts_own_folders_hold_is_no_news(folder):
    (folder / "sad" / ".gitkeep").touch()
    report = check(folder)
    assert report.ignored == [str(folder / "sad" / ".gitkeep")]
    assert "ignored" not in check_text(report)


def test_unreadable_files_are_named_with_the_reason(folder):
    (folder / "sad" / "x.png").write_bytes(b"")
    (folder / "sad" / "notes.txt").touch()
    report = check(folder)
    assert f"  ignored: {folder / 'sad' / 'notes.txt'}" in check_text(report).splitlines()
    assert report.unreadable == [[str(folder / "sad" / "x.png"), "empty file"]]
    assert report.ignored == [str(folder / "sad" / "notes.txt")]
    assert (report.problems, report.warnings) == ([], ["1 file cannot be read"])
    assert check_text(report).splitlines()[-1] == "no problems found; 1 warning above"


def test_identical_images_with_different_labels_are_a_problem(folder):
    shutil.copy(folder / "sad" / "drawn-0001.png", folder / "happy" / "copy.png")
    report = check(folder)
    assert report.problems == ["1 set of identical images with different labels"]
    assert report.contradictory == [
        [str(folder / "happy" / "copy.png"), str(folder / "sad" / "drawn-0001.png")]
    ]
    assert report.copies == []


def test_nearly_identical_images_with_different_labels_are_a_warning(folder):
    image = cv2.imread(str(folder / "sad" / "drawn-0001.png"))
    cv2.imwrite(str(folder / "happy" / "darker.png"), (image * 0.9).astype(np.uint8))
    report = check(folder)
    assert report.problems == []
    assert report.warnings == ["1 pair of nearly identical images with different labels"]
    assert len(report.near_contradictory) == 1


def test_copies_with_the_same_label_are_listed_without_a_warning(folder):
    shutil.copy(folder / "sad" / "drawn-0001.png", folder / "sad" / "copy.png")
    report = check(folder)
    assert len(report.copies) == 1
    assert report.lookalikes["sad"] == {"groups": 14, "largest": 2}
    assert (report.problems, report.warnings) == ([], [])


def test_an_image_in_two_parts_is_a_problem(folder):
    in_parts(folder)
    assert check(folder).problems == []
    shutil.copy(folder / "validation/sad/drawn-0012.png", folder / "train/sad/again.png")
    report = check(folder)
    assert report.problems == ["1 set of identical images in two parts"]
    assert len(report.in_two_parts) == 1
    assert "left out: 1 x identical to an image held out for later" in report.warnings


def test_too_few_readable_images_are_a_problem(folder):
    for number in range(1, 6):
        (folder / "sad" / f"drawn-{number:04d}.png").write_bytes(b"")
    assert check(folder).problems == ["sad: 9 readable images, at least 10 are needed"]
    for path in (folder / "sad").iterdir():
        path.write_bytes(b"")
    report = check(folder)
    assert report.problems == ["sad: 0 readable images, at least 10 are needed"]
    assert report.imbalance is None


@pytest.mark.parametrize(("copies", "kind"), [(30, "warnings"), (130, "problems")])
def test_imbalance_is_a_warning_from_3_to_1_and_a_problem_from_10_to_1(folder, copies, kind):
    for number in range(copies):
        cv2.imwrite(str(folder / "happy" / f"{number}.png"), np.full((64, 64, 3), number, np.uint8))
    ratio = (14 + copies) / 14
    sentence = f"one class has {ratio:.1f} times the images of the other"
    assert sentence in getattr(check(folder), kind)


def test_tiny_images_and_folders_of_other_labels_are_warnings(folder):
    image = cv2.imread(str(folder / "sad" / "drawn-0001.png"))
    cv2.imwrite(str(folder / "sad" / "drawn-0001.png"), cv2.resize(image, (47, 60)))
    shutil.copytree(folder / "sad", folder / "angry")
    report = check(folder)
    assert report.warnings == [
        "1 image with a side below 48 pixels",
        "1 folder with other labels left unused",
    ]
    assert report.unused_folders == [str(folder / "angry")]


def test_a_class_of_look_alikes_is_a_warning(folder):
    first, *others = sorted((folder / "sad").iterdir())
    for path in others:
        shutil.copy(first, path)
    assert check(folder).warnings == [
        "no sad images in validation or test: the sad images all look alike"
    ]


def test_the_text_names_some_findings_and_counts_the_rest(folder):
    for number in range(7):
        (folder / "sad" / f"x{number}.png").write_bytes(b"")
    text = check_text(check(folder), limit=2)
    assert len(re.findall(r"unreadable: .*x\d\.png, empty file", text)) == 2
    assert "  unreadable: and 5 more (all with --json)" in text


def test_check_prints_json_with_every_field_and_exits_1_on_problems(folder):
    done = run("check", folder, "--json")
    report = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (0, "")
    assert list(report) == [field.name for field in fields(Report)]
    assert report == asdict(check(folder))
    shutil.copy(folder / "sad" / "drawn-0001.png", folder / "happy" / "copy.png")
    assert run("check", folder).returncode == 1


def test_a_disk_without_room_for_thumbnails_is_one_line_on_stderr(folder):
    for command in ("check", "split"):
        done = run_module("data", command, folder, **full_disk(4096))
        assert done.stderr == (
            "error: cannot write thumbnails to a temporary file (File too large): make room, or "
            "name another folder with TMPDIR\n"
        )
        assert (done.returncode, done.stdout) == (1, "")


def test_nothing_is_left_of_the_thumbnails(folder, tmp_path):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    assert run("check", folder, env=os.environ | {"TMPDIR": str(temporary)}).returncode == 0
    assert list(temporary.iterdir()) == []


def test_a_terminal_shows_the_reading_and_the_comparing_and_keeps_nothing_of_it(folder):
    controller, terminal = os.openpty()
    done = run("check", folder, stderr=terminal)
    os.close(terminal)
    shown = drawn_on(controller)
    assert done.returncode == 0
    assert shown.startswith(f"{ERASE}reading  1 of ")
    assert f"{ERASE}comparing  1 of 3" in shown
    assert shown.endswith(ERASE)
    assert "\n" not in shown


def test_a_folder_that_is_no_dataset_is_one_line_on_stderr(tmp_path):
    for command in ("check", "split"):
        done = run(command, tmp_path / "none")
        expected = f"expected {tmp_path}/none/happy and {tmp_path}/none/sad"
        assert done.stderr == f"error: {tmp_path}/none does not exist: {expected}\n"
        assert (done.returncode, done.stdout) == (1, "")


def test_wrong_usage_exits_2(tmp_path):
    assert run("split", tmp_path, "--part", "exam").returncode == 2
    assert run("draw", tmp_path, "--per-class", "0").returncode == 2


def test_draw_writes_faces_and_says_how_many(tmp_path):
    done = run("draw", tmp_path, "--per-class", 2)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"4 faces drawn in {tmp_path}\n"
    assert len(list(tmp_path.rglob("*.png"))) == 4


def test_split_prints_path_label_and_part_and_can_print_one_part(folder):
    (folder / "sad" / "x.png").write_bytes(b"")
    rows = [line.split("\t") for line in run("split", folder).stdout.splitlines()]
    assert len(rows) == 28
    assert all(Path(path).parent.name == label for path, label, _ in rows)
    done = run("split", folder, "--part", "test")
    assert done.stderr == f"skipped: {folder}/sad/x.png: empty file\n"
    assert [line.split("\t") for line in done.stdout.splitlines()] == [
        row for row in rows if row[2] == "test"
    ]


def photographs(folder, change):
    """Soft-toned pictures, changed; the same ones for every change."""
    rng = np.random.default_rng(0)
    for number in range(24):
        coarse = rng.normal(120, 45, (5, 5)).clip(5, 250).astype(np.uint8)
        picture = cv2.resize(coarse, (64, 64), interpolation=cv2.INTER_CUBIC)
        path = folder / ("happy", "sad")[number % 2] / f"{number:02d}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(path), change(picture))
    return folder


def brightened(picture):
    return np.clip(picture * 1.5, 0, 255).astype(np.uint8)


def test_a_set_that_was_altered_is_noticed(tmp_path):
    plain = check(photographs(tmp_path / "plain", lambda picture: picture))
    assert plain.altered["equalised"] <= 2
    assert plain.altered["clipped"] <= 4
    assert plain.warnings == []
    equalised = check(photographs(tmp_path / "equalised", cv2.equalizeHist))
    assert equalised.altered["equalised"] == 24
    assert equalised.warnings == [
        "24 of 24 images look equalised: every level is used alike; get them as they were taken"
    ]
    clipped = check(photographs(tmp_path / "clipped", brightened))
    (warning,) = clipped.warnings
    assert re.fullmatch(r"\d+ of 24 images look clipped: many of their pixels are .*", warning)


def test_a_plain_background_is_not_taken_for_clipping(tmp_path):
    def on_white(picture):
        return cv2.copyMakeBorder(picture, 9, 9, 9, 9, cv2.BORDER_CONSTANT, value=255)

    report = check(photographs(tmp_path / "white", on_white))
    assert report.altered["clipped"] <= 4
    assert report.warnings == []


def test_copies_with_an_equalised_histogram_are_found(tmp_path):
    folder = photographs(tmp_path / "set", lambda picture: picture)
    original = folder / "happy" / "00.jpg"
    dark = cv2.LUT(cv2.imread(str(original), 0), (np.arange(256) ** 2 / 255).astype(np.uint8))
    cv2.imwrite(str(folder / "happy" / "copy.png"), cv2.equalizeHist(dark))
    report = check(folder)
    assert report.equalised_copies == [[str(original), str(folder / "happy" / "copy.png")]]
    assert "1 set of images that look alike once equalised" in report.warnings
    assert report.copies == []
    assert f"alike once equalised: {original}, " in check_text(report)
