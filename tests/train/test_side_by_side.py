"""Trainings on a cluster: what travels, and what is refused; that they train is a proof."""

import io
import tarfile
from pathlib import Path

import pytest

from tests.support.command import run_module
from train.packed import pack, unpack
from train.side_by_side.crew import tasks_of
from train.side_by_side.task import Task, train


def test_files_arrive_where_they_were(tmp_path: Path) -> None:
    for name in ("faces/checkpoint/a", "faces/b", "teachers/c/d", "faces/checkpoint/.half"):
        path = tmp_path / "here" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    packed = pack(tmp_path / "here", "faces/checkpoint", "teachers", "none")
    (tmp_path / "there" / "teachers").mkdir(parents=True)
    (tmp_path / "there" / "teachers" / "mine").touch()
    unpack(packed, tmp_path / "there")
    there = tmp_path / "there"
    found = sorted(str(path.relative_to(there)) for path in there.rglob("*") if path.is_file())
    assert found == ["faces/checkpoint/a", "teachers/c/d", "teachers/mine"]
    assert (there / "teachers/c/d").read_text() == "teachers/c/d"


def test_files_from_elsewhere_stay_within_the_folder(tmp_path: Path) -> None:
    packed = io.BytesIO()  # whatever a worker sends
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name in ("../evil", str(tmp_path / "evil"), "good"):
            archive.addfile(tarfile.TarInfo(name))
    (tmp_path / "runs").mkdir()
    unpack(packed.getvalue(), tmp_path / "runs")
    found = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert found == [tmp_path / "runs" / "good"]


def test_every_size_is_trained_with_every_seed_under_a_name_of_its_own(tmp_path: Path) -> None:
    tasks = tasks_of(("faces-small", "faces", "faces"), (0, 7), tmp_path, None)
    names = [task.name for task in tasks]
    assert names == ["faces-small", "faces", "faces-small-seed7", "faces-seed7"]


def test_a_worker_without_the_images_says_so() -> None:
    outcome = train(Task("faces", 0, "/nowhere/fer2013", None, 1))
    assert outcome.said == "does not see /nowhere/fer2013"
    assert outcome.run is None


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("compact",), "compact is none of faces-small, faces, faces-large"),
        (("faces", "--seeds", "1,x"), "'1,x' are no numbers with commas between"),
    ],
)
def test_what_is_not_trained_on_a_cluster_is_wrong_usage(
    words: tuple[str, ...], message: str
) -> None:
    given = ("--cluster", "tcp://127.0.0.1:1", "--data", ".", *words)
    done = run_module("train.side_by_side", *given, env={"COLUMNS": "200"})
    assert done.returncode == 2
    assert message in done.stderr


def test_a_cluster_that_is_not_there_is_one_line() -> None:
    done = run_module(
        "train.side_by_side", "faces", "--data", ".", "--cluster", "tcp://127.0.0.1:1",
        env={"DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "1s"},
    )  # fmt: skip
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("error: no scheduler at tcp://127.0.0.1:1 (")
