"""How fast an archive is classified by one and by two workers, and what many would take."""

import logging
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from batch.begun import read_run
from batch.report import tables
from batch.results import Results
from bench.child import ROOT, ChildError, measured
from data.drawing import draw_set
from edge.benchmark.machine import look
from edge.benchmark.tables import aligned

log = logging.getLogger("happysad")

WORKERS = (1, 2)
SHARDS = 8  # of the pictures that are there; so that two workers end together
DRAWN = 1000  # of happy and of sad faces, where no pictures are named
TASKS, NAMES = 100, 10_000  # of which the cost of a task is measured
# What is estimated.
MANY, MACHINES, CORES = 100_000_000, 10, 4


@dataclass(frozen=True, slots=True)
class Run:
    """A folder classified once.

    Attributes:
        workers: Processes, each with one thread.
        pictures: How many there are.
        pictures_per_s: Of all workers, while they work: without their start.
        picture_s: Of a worker's time for each picture.
        other: Share of that time that is neither reading and decoding nor answering.
    """

    workers: int
    pictures: int
    pictures_per_s: float
    picture_s: float
    other: float


def measure_archive(pictures: Path | None, folder: Path, rounds: int) -> dict[str, Any]:
    """Runs `python -m batch classify` with one and two workers in turns; the rest is reckoned.

    Args:
        pictures: What to classify; drawn faces if there is none.
        folder: Gets all that is made.
        rounds: Of both.

    Raises:
        ChildError: A run failed.
    """
    machine = look()
    if pictures is None:
        pictures = folder / "drawn"
        shutil.rmtree(pictures, ignore_errors=True)
        draw_set(pictures, per_class=DRAWN)
    runs = []
    for number in range(rounds):
        for workers in WORKERS:
            log.info(f"round {number + 1} of {rounds} with {workers} at once")
            runs.append(_classified(pictures, folder / "results", workers))
    log.info("what a task costs")
    task, _ = measured("bench.scheduling", str(TASKS), str(NAMES))
    picture_s = median(run.picture_s for run in runs if run.workers == 1)
    return {
        "machine": asdict(machine),
        "machine_after": asdict(look()),
        "pictures": str(pictures),
        "runs": [asdict(run) for run in runs],
        **task,
        "estimate": estimate(picture_s, task["task_cpu_s"]),
    }


def estimate(picture_s: float, task_cpu_s: float) -> dict[str, float]:
    """What many pictures take on many machines, and how many cores a scheduler can feed.

    Args:
        picture_s: Of a core, for a picture.
        task_cpu_s: Of client and scheduler, for a task of `NAMES` pictures.
    """
    core_s = MANY * picture_s
    return {
        "core_hours": core_s / 3600,
        "hours": core_s / (MACHINES * CORES) / 3600,
        "scheduler_minutes": MANY / NAMES * task_cpu_s / 60,
        "most_cores": NAMES * picture_s / task_cpu_s,
    }


def _classified(pictures: Path, out: Path, workers: int) -> Run:
    shutil.rmtree(out, ignore_errors=True)
    count = sum(1 for path in pictures.rglob("*") if path.suffix in (".png", ".jpg"))
    words = ("--workers", str(workers), "--shard", str(-(-count // SHARDS)), "-m", "faces")
    done = subprocess.run(
        [sys.executable, "-m", "batch", "classify", str(pictures), "--out", str(out), *words],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    told = re.search(r"(\d+) pictures? in \d+ s, ([\d.]+) a second", done.stderr)
    if done.returncode or not told:
        raise ChildError(f"python -m batch failed: {(done.stderr.splitlines() or ['?'])[-1]}")
    results = Results(str(out))
    details = [each for _, _, each in tables(read_run(results), results)]
    all_s = sum(each["all_s"] for each in details)
    of_use_s = sum(each["decoding_s"] + each["answering_s"] for each in details)
    number = int(told[1])
    return Run(workers, number, float(told[2]), all_s / number, 1 - of_use_s / all_s)


def archive_text(measured: Mapping[str, Any]) -> str:
    """What `measure_archive` gives, for people."""
    lines = aligned(list(_rows(measured["runs"])), left=1)
    speeds = [_median(measured["runs"], workers, "pictures_per_s") for workers in WORKERS]
    found = measured["estimate"]
    return "\n".join(
        [
            *lines,
            f"two workers do {speeds[1] / speeds[0]:.2f} times what one does",
            f"a task with {NAMES:,} names costs client and scheduler "
            f"{1000 * measured['task_cpu_s']:.1f} ms of processor time",
            "",
            f"reckoned: {MANY:,} such pictures take {found['core_hours']:.0f} hours of a core, "
            f"{found['hours']:.1f} hours of {MACHINES} machines with {CORES} cores, and "
            f"{found['scheduler_minutes']:.1f} minutes of the scheduler,",
            f"which could feed {found['most_cores']:,.0f} cores",
        ]
    )


def _rows(runs: list[dict[str, Any]]) -> Iterator[tuple[str, ...]]:
    yield "workers", "pictures a second", "ms of a worker each", "neither reading nor answering"
    for workers in WORKERS:
        yield (
            str(workers),
            f"{_median(runs, workers, 'pictures_per_s'):.1f}",
            f"{1000 * _median(runs, workers, 'picture_s'):.2f}",
            f"{_median(runs, workers, 'other'):.1%}",
        )


def _median(runs: list[dict[str, Any]], workers: int, name: str) -> float:
    return median(run[name] for run in runs if run["workers"] == workers)
