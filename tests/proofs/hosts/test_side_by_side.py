"""Trainings of the faces model on two workers of a cluster, one of which is killed."""

import json
import threading
from pathlib import Path

import numpy as np
import pytest
from distributed import Client

from data import LABELS
from edge.machine.opencv import cv2
from edge.terminal.console import Console
from tests.proofs.budget import BUDGET, NoTime
from tests.support.dask_cluster import DaskCluster, kill
from tests.support.patience import until
from train.settings import ModelName
from train.side_by_side import crew
from train.side_by_side.crew import Trainings, tasks_of

NEED_S = 300.0  # of the budget
HANGS_S = 3600.0  # longer than any machine takes for two students
SIZES: tuple[ModelName, ...] = ("faces-small", "faces")


@pytest.fixture
def faces(tmp_path: Path) -> Path:
    """Pictures of noise, ten of each expression to train on and three to measure on."""
    rng = np.random.default_rng(0)
    for part, count in (("train", 10), ("validation", 3)):
        for label in LABELS:
            (tmp_path / "noise" / part / label).mkdir(parents=True)
            for number in range(count):
                path = tmp_path / "noise" / part / label / f"{number}.png"
                assert cv2.imwrite(str(path), rng.integers(0, 256, (48, 48), np.uint8))
    return tmp_path / "noise"


def test_what_a_killed_worker_has_trained_another_goes_on_with(
    faces: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if BUDGET.left_s < NEED_S:
        raise NoTime("trainings on a cluster")
    monkeypatch.setattr(crew, "COLLECT_S", 1.0)
    runs = tmp_path / "runs"
    tasks = [*tasks_of(SIZES, (0,), faces, epochs=1), *tasks_of(SIZES[:1], (1,), faces, epochs=1)]
    with DaskCluster(tmp_path) as cluster, Client(cluster.address) as client:
        cluster.start_worker()
        client.wait_for_workers(2)

        def kill_one() -> None:
            students = (runs / "teachers").glob
            until(lambda: len(list(students("student-*.keras"))) == 2, "two students", HANGS_S)
            kill(cluster.workers.pop())

        killer = threading.Thread(target=kill_one)
        killer.start()
        with Console(live=False) as console:
            Trainings(client, runs, console).train(tasks)
        killer.join()
    said = capsys.readouterr().err
    assert said.count("is gone, another goes on") == 1
    names = ["faces", "faces-small", "faces-small-seed1"]
    assert sorted(path.name for path in runs.iterdir()) == [*names, "teachers"]
    for name in names:
        metrics = json.loads((runs / name / "metrics.json").read_text())
        assert len(metrics["history"]["loss"]) == metrics["epochs"] > 20
        assert not (runs / name / "checkpoint").exists()
    teachers = sorted(path.name.split("-")[0] for path in (runs / "teachers").iterdir())
    assert teachers == ["said", "said", "student", "student", "teacher", "teacher"]
