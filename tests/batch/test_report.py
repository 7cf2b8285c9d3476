"""What a report says of a run, and the sheet of its faces."""

import re
import shutil
from pathlib import Path

import pytest

from batch.classification import classify_archive
from batch.cli import report
from batch.report import MOST_ERRORS
from batch.results import Results
from batch.source import Source
from edge import HappySadError
from edge.images.image_file import read_image
from tests.support.archives import answered, job_of

SAID = """\
source      PICTURES
shards      3 of 3
pictures    14 of 14, 3 unreadable
model
speed       4.7 pictures a second and thread: 20% reading, 70% answering, 10.0% else

answers
         6  50.0%  happy
         2  16.7%  neutral
         2  16.7%  unsure
         1   8.3%  sad
         1   8.3%  no_face

errors
         1  33.3%  truncated JPEG: PICTURES/b/cut off.jpg
         1  33.3%  empty file: PICTURES/b/empty.jpg
         1  33.3%  not an image (starts with 'no picture'): PICTURES/b/text.jpg

      happy    neutral    no_face        sad     unsure unreadable  folder
          3          2          1          1          1          0  PICTURES/a
          2          0          0          0          0          3  PICTURES/b
          0          0          0          0          1          0  PICTURES/b/c
          1          0          0          0          0          0  PICTURES/b/d é
"""  # with seconds that the run's helper makes up


def test_a_report_counts_labels_folders_and_errors_and_draws_a_sheet(
    pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answered(pictures, tmp_path / "out")
    capsys.readouterr()
    report(str(tmp_path / "out"), tmp_path / "sheet.png")
    said = capsys.readouterr().out.replace(str(pictures), "PICTURES")
    said = re.sub("model  .*", "model", said).replace(str(tmp_path), "OUT")
    assert said == f"{SAID}sheet       OUT/sheet.png\n"
    # Rows of six under what they are: happy, neutral, sad, and the doubtful ones.
    assert read_image(tmp_path / "sheet.png").shape == (4 * (32 + 240), 6 * 240, 3)


def test_errors_that_differ_in_each_file_are_not_all_listed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "p").mkdir()
    for number in range(MOST_ERRORS + 2):
        (tmp_path / "p" / f"{number}.jpg").write_text(f"{number} is none")
    answered(tmp_path / "p", tmp_path / "out")
    capsys.readouterr()
    report(str(tmp_path / "out"))
    said = capsys.readouterr().out
    assert said.count("not an image (starts with") == MOST_ERRORS
    assert "\nand 2 errors more\n" in said


def test_a_run_that_is_gone_on_with_names_the_pictures_that_came_later(
    pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    there, out = shutil.copytree(pictures, tmp_path / "p"), tmp_path / "out"
    answered(there, out)
    for name in ("0.jpg", "b/0.jpg", "z.jpg"):
        shutil.copy(pictures / "a" / "0.jpg", there / name)
    (there / "a" / "0.jpg").unlink()  # what is gone is no news
    source = Source(str(there))
    capsys.readouterr()
    classify_archive(source, job_of(source), Results(str(out)), 5, None, 1)
    assert capsys.readouterr().err == (
        f"0 of 3 shards left\n3 pictures came after the manifest was made, such as {there}/0.jpg: "
        "not answered; --out with another folder takes all\n"
    )


def test_of_a_run_that_is_not_done_it_says_how_far_it_is(
    pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    answered(pictures, out)
    (out / "000001.parquet").unlink()
    report(str(out))
    assert "shards      2 of 3\npictures    9 of 14, " in capsys.readouterr().out
    for path in out.glob("*.parquet"):
        path.unlink()
    with pytest.raises(HappySadError, match="out: no shard is done yet"):
        report(str(out))


def test_a_folder_of_something_else_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(HappySadError) as raised:
        report(str(tmp_path))
    assert str(raised.value) == f"cannot read {tmp_path}/_run.json: no such file"


def test_results_of_another_run_are_not_mixed(pictures: Path, tmp_path: Path) -> None:
    (tmp_path / "pictures").symlink_to(pictures)
    source, results = Source(str(tmp_path / "pictures")), Results(str(tmp_path / "out"))
    answered(source.address, tmp_path / "out")
    remedy = "go on with that, or name another folder with --out"
    with pytest.raises(HappySadError) as raised:
        answered(pictures / "a", tmp_path / "out")
    holds = f"{tmp_path}/out: holds answers for {tmp_path}/pictures: {remedy}"
    assert str(raised.value) == holds
    with pytest.raises(HappySadError, match=f"out: was begun without --crop: {remedy}$"):
        classify_archive(source, job_of(source, crop="frame"), results, 5, None, 1)
    with pytest.raises(HappySadError, match="out: was begun with --detector auto: "):
        classify_archive(source, job_of(source, detector="short"), results, 5, None, 1)
