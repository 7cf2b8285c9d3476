"""A Dask cluster of real processes on loopback, each of which can be killed."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.support.chain import ROOT
from tests.support.patience import until


class DaskCluster:
    """A scheduler and its workers; a context manager that ends them."""

    def __init__(self, folder: Path, *options: str) -> None:
        """Starts both; the options are the workers' own, which have no nanny otherwise."""
        self._options = options or ("--no-nanny",)
        self._file, self._log = folder / "scheduler.json", (folder / "dask.log").open("a")
        self.workers: list[subprocess.Popen[str]] = []
        self.start()

    def start(self) -> None:
        """A new scheduler, and a worker for it."""
        self._file.unlink(missing_ok=True)
        self.scheduler = self._start(
            "scheduler", "--port", "0", "--host", "127.0.0.1", "--scheduler-file", self._file
        )
        until(self._is_written, "the scheduler's file")
        self.address = json.loads(self._file.read_text())["address"]
        self.start_worker()

    def start_worker(self, root: Path = ROOT) -> None:
        """Another worker, with one thread, of a checkout."""
        options = (*self._options, "--nthreads", "1", "--death-timeout", "30")
        self.workers.append(self._start("worker", self.address, *options, root=root))

    def __enter__(self) -> "DaskCluster":
        return self

    def __exit__(self, *_: object) -> None:
        for process in (*self.workers, self.scheduler):
            kill(process)
        self._log.close()

    def _start(self, *words: object, root: Path = ROOT) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "dask", *map(str, words), "--no-dashboard"],
            cwd=root, stdout=self._log, stderr=self._log, text=True,
            env=os.environ | {"PYTHONPATH": ""},
        )  # fmt: skip

    def _is_written(self) -> bool:
        assert self.scheduler.poll() is None
        return self._file.exists() and self._file.read_text().endswith("}")


def kill(process: subprocess.Popen[str]) -> None:
    """As the kernel does where memory runs out: at once."""
    if process.poll() is None:
        process.send_signal(signal.SIGKILL)
    process.wait()
