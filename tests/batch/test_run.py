"""Real schedulers, workers and clients; killed in the middle, the rows are those of one machine.

`BATCH_KILLS=20` kills each of them so often; without it once.
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
from tests.support.archives import batch, command, job_of, rows_of
from tests.support.chain import ROOT
from tests.support.dask_cluster import DaskCluster, kill, until

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
    words = ("--cluster", cluster.address, "--shard", 1, "-m", "faces")
    with subprocess.Popen(
        command("classify", pictures, "--out", out, *words), cwd=ROOT, stderr=subprocess.DEVNULL
    ) as client:
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
