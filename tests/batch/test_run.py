"""Real schedulers, workers and clients; killed in the middle, the rows are those of one machine.

`BATCH_KILLS=20` kills each of them so often; without it once, and no picture kills anybody.
"""

import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from distributed import Client

from batch.classification import classify_archive
from batch.cluster import ClusterError
from batch.results import Results
from batch.source import Source
from tests.support.archives import batch, job_of, rows_of
from tests.support.chain import ROOT
from tests.support.command import start_module
from tests.support.dask_cluster import DaskCluster, kill
from tests.support.patience import until

Row = dict[str, Any]
KILLS = range(int(os.environ.get("BATCH_KILLS", "1")))


def run(pictures: Path, out: Path, cluster: DaskCluster) -> str:
    """The command's work in this process, a picture a shard."""
    source = Source(str(pictures))
    return classify_archive(source, job_of(source), Results(str(out)), 1, cluster.address, 1)


def parts(out: Path) -> list[Path]:
    return list(out.glob("[0-9]*.parquet"))


def in_the_middle(out: Path) -> None:
    until(lambda: len(parts(out)) >= 2, f"two files in {out}")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskCluster]:
    with DaskCluster(tmp_path_factory.mktemp("cluster")) as cluster:
        yield cluster


def test_two_processes_of_this_machine_answer_as_one(
    pictures: Path, expected: list[Row], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    options = ("--workers", 2, "--shard", 5, "-m", "faces")
    done = batch("classify", pictures, "--out", out, *options)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{out}\n"
    said = done.stderr.splitlines()
    assert said[0] == f"listing {pictures}"
    assert said[1].startswith("dashboard: http://127.0.0.1:")
    assert said[2].startswith("14 pictures in ")
    assert said[2].endswith(" a second; 3 could not be read: see the report")
    assert len(said) == 3
    assert rows_of(out) == expected


@pytest.mark.parametrize("time", KILLS)
def test_a_worker_is_killed(
    pictures: Path, expected: list[Row], tmp_path: Path, cluster: DaskCluster, time: int
) -> None:
    out = tmp_path / "out"
    client = threading.Thread(target=run, args=(pictures, out, cluster))
    client.start()
    in_the_middle(out)
    kill(cluster.workers[-1])
    cluster.start_worker()
    client.join()
    assert rows_of(out) == expected


@pytest.mark.parametrize("time", KILLS)
def test_the_scheduler_is_killed(
    pictures: Path, expected: list[Row], tmp_path: Path, cluster: DaskCluster, time: int
) -> None:
    out = tmp_path / "out"
    killer = threading.Thread(target=lambda: (in_the_middle(out), kill(cluster.scheduler)))
    killer.start()
    with pytest.raises(ClusterError) as raised:
        run(pictures, out, cluster)
    killer.join()
    assert str(raised.value) == (
        "the scheduler is gone: start it and its workers again, then run the same command; "
        "finished shards stay"
    )
    cluster.start()
    run(pictures, out, cluster)
    assert rows_of(out) == expected


@pytest.mark.parametrize("time", KILLS)
def test_the_client_is_killed(
    pictures: Path, expected: list[Row], tmp_path: Path, cluster: DaskCluster, time: int
) -> None:
    out = tmp_path / "out"
    words = ("--out", out, "--cluster", cluster.address, "--shard", 1, "-m", "faces")
    with start_module("batch", "classify", pictures, *words, stderr=subprocess.DEVNULL) as client:
        in_the_middle(out)
        kill(client)
    before = {path: path.stat().st_mtime_ns for path in parts(out)}
    run(pictures, out, cluster)
    assert {path: path.stat().st_mtime_ns for path in parts(out)}.items() >= before.items()
    assert rows_of(out) == expected
    assert not [path for path in out.iterdir() if path.name.startswith(".")]


def test_a_worker_with_another_model_is_refused(
    pictures: Path,
    expected: list[Row],
    tmp_path: Path,
    cluster: DaskCluster,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A worker of another checkout, whose code is not quite the same."""
    other, out = tmp_path / "other", tmp_path / "out"
    for name in ("edge", "batch"):
        shutil.copytree(ROOT / name, other / name, ignore=shutil.ignore_patterns("__pycache__"))
    code = other / "edge" / "labels.py"
    code.write_text(code.read_text() + "# changed\n")
    cluster.start_worker(other)
    with Client(cluster.address) as client:
        client.wait_for_workers(2)
    run(pictures, out, cluster)
    assert rows_of(out) == expected
    refused = [line for line in capsys.readouterr().err.splitlines() if "refused" in line]
    assert len(refused) == 1
    assert re.fullmatch(
        r"refused tcp://127.0.0.1:\d+: has happysad [\d.]+\+\w+, not [\d.]+\+\w+", refused[0]
    )
    kill(cluster.workers.pop(-2))
    with pytest.raises(ClusterError, match="no worker is left that may work: see what was refused"):
        run(pictures, tmp_path / "none", cluster)


BOMB = """
import os
import batch.pictures

def reader(read_image):
    def read(path, *rest):
        return os._exit(1) if path.name == "bomb.jpg" else read_image(path, *rest)
    return read

if batch.pictures.read_image.__name__ == "read_image":  # a preload runs twice
    batch.pictures.read_image = reader(batch.pictures.read_image)
"""


@pytest.mark.skipif("BATCH_KILLS" not in os.environ, reason="15 s; BATCH_KILLS is not set")
def test_a_picture_that_ends_its_worker_is_a_row_and_no_other_is_blamed(
    pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(
        "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES", "0"
    )  # 3 take 4 times as long
    for number in range(3):
        shutil.copy(pictures / "a" / "0.jpg", tmp_path / f"{number}.jpg")
    shutil.copy(pictures / "a" / "0.jpg", tmp_path / "bomb.jpg")
    (tmp_path / "bomb.py").write_text(BOMB)
    options = ("--nworkers", "1", "--preload", str(tmp_path / "bomb.py"))
    with DaskCluster(tmp_path, *options) as cluster:
        source = Source(str(tmp_path))
        results = Results(str(tmp_path / "out"))
        classify_archive(source, job_of(source), results, 10, cluster.address, 1)
    errors = {row["path"]: row["error"] for row in rows_of(tmp_path / "out", tmp_path)}
    sound = dict.fromkeys(("0.jpg", "1.jpg", "2.jpg"))
    assert errors == sound | {"bomb.jpg": "the process that read it was ended"}
