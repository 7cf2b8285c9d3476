"""Trainings on a cluster: one at a time on each worker, their files collected as they come."""

import shutil
import time
from collections import deque
from collections.abc import Iterable
from concurrent.futures import CancelledError
from dataclasses import dataclass, replace
from pathlib import Path

from distributed import Client, Future, KilledWorker
from distributed.comm import CommClosedError

from batch.cluster import ClusterError, is_there
from data.new_folder import new_folder
from edge.errors import HappySadError, one_line
from edge.terminal.console import Console
from edge.wording import counted
from train.packed import pack, unpack
from train.runs import TEACHERS
from train.settings import FACES, ModelName
from train.side_by_side.task import Outcome, Task, state, stop, train

COLLECT_S = 60.0  # between two collections of the files
TICK_S = 0.5
PATIENCE_S = 60.0  # without a worker
ATTEMPTS = 3  # of a training whose worker dies
CONNECTION = (CommClosedError, ConnectionError, TimeoutError, CancelledError)  # to the scheduler


@dataclass(slots=True)
class _Running:
    """A task on a worker."""

    task: Task
    worker: str
    began_s: float
    line: str = ""


class Trainings:
    """Trains networks side by side; of those of one seed the smallest first, with the teacher."""

    def __init__(self, client: Client, runs: Path, console: Console) -> None:
        """Prepares.

        Args:
            client: Of the cluster.
            runs: The folder of all runs, which gets the files.
            console: Where news are said.
        """
        self._client, self._runs, self._console = client, runs, console
        self._running: dict[Future, _Running] = {}
        self._ready: deque[Task] = deque()
        self._later: dict[int, list[Task]] = {}
        self._killed: dict[str, int] = {}

    def train(self, tasks: Iterable[Task]) -> None:
        """Trains all of them.

        Raises:
            HappySadError: One failed, or its worker died three times.
            ClusterError: The scheduler is gone, or there is no worker.
            OutputError: The files cannot be written.
        """
        for task in sorted(tasks, key=lambda task: FACES.index(task.model)):
            self._later.setdefault(task.seed, []).append(task)
        self._ready.extend(own.pop(0) for own in self._later.values())
        try:
            self._train()
        except HappySadError:
            raise
        except Exception as error:
            if is_there(self._client) and not isinstance(error, CONNECTION):
                raise
            raise ClusterError(
                "the scheduler is gone: start it and its workers again, then run the same command"
            ) from error
        finally:
            for each in self._running.values() if is_there(self._client) else ():
                self._client.run(stop, each.task.name, workers=[each.worker], on_error="ignore")

    def _train(self) -> None:
        collected_s = seen_s = time.monotonic()
        while self._ready or self._running:
            if not is_there(self._client):
                raise ConnectionError
            there = self._client.scheduler_info(n_workers=-1)["workers"]
            seen_s = time.monotonic() if there else seen_s
            if time.monotonic() - seen_s > PATIENCE_S:
                raise ClusterError("no worker: start one with 'python -m dask worker'")
            for future, each in list(self._running.items()):
                if future.done():
                    self._end(future)
                elif each.worker not in there:
                    self._lose(future)
            busy = {each.worker for each in self._running.values()}
            for worker in sorted(there.keys() - busy):
                if self._ready:
                    self._start(self._ready.popleft(), worker, there[worker]["nthreads"])
            if time.monotonic() - collected_s > COLLECT_S:
                self._collect()
                collected_s = time.monotonic()
            time.sleep(TICK_S)

    def _start(self, task: Task, worker: str, threads: int) -> None:
        # What there is to go on from; not a run of the same name that is done.
        files = pack(self._runs, f"{task.name}/checkpoint", TEACHERS)
        sent = self._client.scatter([files], workers=[worker], hash=False)[0]
        task = replace(task, threads=threads)
        future = self._client.submit(train, task, sent, workers=[worker], pure=False)
        self._running[future] = _Running(task, worker, time.monotonic())
        self._console.tell(f"{task.name}: begun on {worker} with {counted(threads, 'thread')}")

    def _end(self, future: Future) -> None:
        """Takes what a training has come to."""
        ended = self._running[future]
        name = ended.task.name
        try:
            outcome: Outcome = future.result()
        except (KilledWorker, CancelledError):  # what was sent to a worker is gone with it
            if not is_there(self._client):
                raise
            self._lose(future)
            return
        except Exception as error:
            if future.status != "error":  # not the training's own
                raise
            said = one_line(error) or type(error).__name__
            raise HappySadError(f"{name} on {ended.worker}: {said}") from error
        del self._running[future]
        if outcome.run is None:
            raise HappySadError(f"{name} on {ended.worker}: {outcome.said}")
        with new_folder(self._runs / name) as folder:
            unpack(outcome.run, folder)
        self._take(outcome.teachers)
        elapsed_s = time.monotonic() - ended.began_s
        self._console.tell(f"{name}: done in {elapsed_s:.0f} s\n{outcome.said.rstrip()}")
        # The largest first: the others fill up what is left of the time.
        self._ready.extend(reversed(self._later.pop(ended.task.seed, [])))

    def _lose(self, future: Future) -> None:
        """Has another worker go on with what a dead one has begun."""
        lost = self._running.pop(future)
        future.cancel(force=True)
        name = lost.task.name
        self._killed[name] = self._killed.get(name, 0) + 1
        if self._killed[name] == ATTEMPTS:
            raise HappySadError(f"{name}: its worker died {ATTEMPTS} times")
        self._console.tell(f"{name}: {lost.worker} is gone, another goes on")
        self._ready.append(lost.task)

    def _take(self, files: bytes) -> None:
        """Keeps what a worker has sent; of a teacher that is done no checkpoint."""
        unpack(files, self._runs)
        for done in (self._runs / TEACHERS).glob("*.keras"):
            shutil.rmtree(done.with_suffix(""), ignore_errors=True)

    def _collect(self) -> None:
        """Fetches what there is of each training, for another worker to go on from."""
        for each in self._running.values():
            told = self._client.run(
                state, each.task.name, each.line, workers=[each.worker], on_error="ignore"
            )
            if found := told.get(each.worker):
                each.line, files = found
                self._take(files)
                self._console.tell(f"{each.task.name}: {each.line}")


def tasks_of(
    sizes: Iterable[ModelName], seeds: Iterable[int], data: Path, epochs: int | None
) -> list[Task]:
    """Every size with every seed."""
    return [
        Task(size, seed, str(data.resolve()), epochs, threads=1)
        for seed in dict.fromkeys(seeds)
        for size in dict.fromkeys(sizes)
    ]
