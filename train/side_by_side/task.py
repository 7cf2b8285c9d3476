"""What runs on a worker: `python -m train` in a process of its own, with the worker's threads."""

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from edge.errors import one_line
from train.packed import pack, unpack
from train.runs import TEACHERS
from train.settings import ModelName

ROOT = Path(__file__).resolve().parent.parent.parent
THREADS = ("TF_NUM_INTRAOP_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")
STATE = "checkpoint/state.json"
# When the worker is killed, what it has started ends as well.
WITH_US = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []


@dataclass(frozen=True, slots=True)
class Task:
    """A training of the faces model.

    Attributes:
        model: Its size.
        seed: Of all that is random.
        data: The folder of images, by the same name on every worker.
        epochs: Of the student; None for the usual number.
        threads: How many it may use.
    """

    model: ModelName
    seed: int
    data: str
    epochs: int | None
    threads: int

    @property
    def name(self) -> str:
        """The run's: that of the model, with the seed if it is another than usual."""
        return f"{self.model}-seed{self.seed}" if self.seed else self.model


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a training has come to.

    Attributes:
        said: Its summary, or what went wrong.
        run: The run's folder, packed; None where it went wrong.
        teachers: Those of its seed, packed.
    """

    said: str
    run: bytes | None = field(default=None, repr=False)
    teachers: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class _Place:
    """A training of this worker.

    Attributes:
        runs: Its folder of all runs.
        said: What it has written to stderr.
        process: Its own.
    """

    runs: Path
    said: Path
    process: "subprocess.Popen[str]"

    @property
    def last_line(self) -> str:
        """What it has said last."""
        lines = self.said.read_text(errors="replace").splitlines()
        return lines[-1].strip() if lines else ""


_places: dict[str, _Place] = {}  # by the names of the trainings


def train(task: Task, files: bytes = b"") -> Outcome:
    """Trains to the end.

    Args:
        task: What.
        files: What there is of it to go on from: its checkpoint and the teachers, packed.
    """
    if not Path(task.data).is_dir():
        return Outcome(f"does not see {one_line(task.data)}")
    with tempfile.TemporaryDirectory(prefix="happysad-") as folder:
        runs, said = Path(folder) / "runs", Path(folder) / "said"
        if files:
            unpack(files, runs)
        with said.open("wb") as err:
            process = subprocess.Popen(
                [*WITH_US, sys.executable, "-m", "train", *_words(task, runs)],
                cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=err, text=True,
                env=os.environ | dict.fromkeys(THREADS, str(task.threads)),
            )  # fmt: skip
        place = _places[task.name] = _Place(runs, said, process)
        try:
            out, _ = process.communicate()
            if process.returncode:
                return Outcome(place.last_line or f"it ended with code {process.returncode}")
            return Outcome(out, pack(runs / task.name, "."), pack(runs, TEACHERS))
        finally:
            del _places[task.name]


def state(name: str, known: str) -> tuple[str, bytes] | None:
    """How far a training of this worker is: the last line that it said, and its files.

    Args:
        name: Of the training.
        known: The line that is known; with the same one nothing is given.
    """
    place = _places.get(name)
    if place is None or (line := place.last_line) == known:
        return None
    return line, pack(place.runs, f"{name}/checkpoint", TEACHERS)


def stop(name: str) -> None:
    """Ends a training of this worker."""
    if place := _places.get(name):
        place.process.kill()


def _words(task: Task, runs: Path) -> list[str]:
    if (runs / task.name / STATE).exists():
        return ["--resume", "--name", task.name, "--runs", str(runs)]
    words = ["--model", task.model, "--data", task.data, "--seed", str(task.seed)]
    words += ["--epochs", str(task.epochs)] if task.epochs else []
    return [*words, "--name", task.name, "--overwrite", "--runs", str(runs)]
