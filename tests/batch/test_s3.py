"""An object store in place of folders, on either end."""

import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edge import HappySadError
from tests.support import object_store
from tests.support.archives import answered, rows_of
from tests.support.object_store import SECRET

Row = dict[str, Any]


@pytest.fixture(scope="module")
def bucket(pictures: Path) -> Iterator[Any]:
    """A bucket "archive" with the pictures."""
    with object_store.bucket("archive") as files:
        for path in pictures.rglob("*.*"):
            if "\n" not in path.name:  # which this server does not take
                files.put(str(path), f"archive/pictures/{path.relative_to(pictures)}")
        yield files


def test_pictures_and_results_on_s3_are_as_in_folders(
    pictures: Path, expected: list[Row], bucket: Any
) -> None:
    begun = answered("s3://archive/pictures", "s3://archive/out")
    assert begun.shard_counts == [5, 5, 3]
    there = [row for row in expected if "\n" not in row["path"]]
    wanted = [row | {"path": row["path"].removeprefix(f"{pictures}/")} for row in there]
    assert rows_of("s3://archive/out", "s3://archive/pictures") == wanted
    assert answered("s3://archive/pictures", "s3://archive/out") == begun
    stored = [bucket.cat_file(path) for path in bucket.find("archive/out")]
    assert len(stored) == 7
    assert not any(SECRET.encode() in content for content in stored)


def test_a_tar_on_s3_is_read_where_its_pictures_are(
    pictures: Path, expected: list[Row], bucket: Any, tmp_path: Path
) -> None:
    with tarfile.open(tmp_path / "all.tar", "w") as archive:
        archive.add(pictures, "")
    bucket.put(str(tmp_path / "all.tar"), "archive/all.tar")
    answered("s3://archive/all.tar", tmp_path / "out")
    assert [row["label"] for row in rows_of(tmp_path / "out")] == [row["label"] for row in expected]


@pytest.mark.parametrize(
    ("source", "out", "message"),
    [
        ("s3://archive/nothing", "out", "s3://archive/nothing: no such file"),
        ("s3://nobucket/x", "out", "s3://nobucket/x: no such file"),
        ("s3://archive/pictures", "ftp://me:secret@h/out",
         "ftp://***@h/out: results go to a folder or an object store (abfs, abfss, az, gcs, gs, "
         "s3, s3a)"),
    ],
)  # fmt: skip
def test_what_is_not_there_is_one_line(
    bucket: Any, tmp_path: Path, source: str, out: str, message: str
) -> None:
    with pytest.raises(HappySadError) as raised:
        answered(source, out if "://" in out else tmp_path / out)
    assert str(raised.value) == message


def test_a_run_says_where_it_is_from_without_a_password(bucket: Any, tmp_path: Path) -> None:
    answered("s3://archive/pictures/a", tmp_path / "out")
    described = json.loads((tmp_path / "out" / "_run.json").read_text())
    assert described["source"] == "s3://archive/pictures/a"
    assert sum(described["shard_counts"]) == 8
