"""Processes that train one network together, as hosts do; each with an address of its own."""

import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.support.chain import ROOT
from tests.support.dask_cluster import kill
from tests.support.patience import until

START_S = 600.0  # for TensorFlow to make its graphs on a busy machine
# What `python -m train` does on a host that is not the chief, and what its weights are then.
HELPER = """
import sys
from pathlib import Path
import train
from train.hosts.given import given_hosts
from train.hosts.joined import join
from train.run import help_run
model = help_run(join(given_hosts(sys.argv[1], int(sys.argv[2]))), Path(sys.argv[3]))
model.save(sys.argv[4])
print("saved", flush=True)
import os
os._exit(0)
"""


def free_addresses(count: int) -> list[str]:
    """Ports of loopback that nobody listens on just now."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    found = [f"127.0.0.1:{each.getsockname()[1]}" for each in sockets]
    for each in sockets:
        each.close()
    return found


class Host:
    """One of the processes; a context manager that ends it."""

    def __init__(
        self, words: Sequence[object], folder: Path, name: str, prefix: Sequence[str] = ()
    ) -> None:
        """Starts it.

        Args:
            words: What follows `python`.
            folder: For what it says.
            name: Of the files for that.
            prefix: What stands before `python`.
        """
        self._out, self._err = folder / f"{name}.out", folder / f"{name}.err"
        with self._out.open("w") as out, self._err.open("w") as err:
            self.process = subprocess.Popen(
                [*prefix, sys.executable, *map(str, words)], cwd=ROOT, stdout=out, stderr=err
            )

    def __enter__(self) -> "Host":
        return self

    def __exit__(self, *_: object) -> None:
        kill(self.process)

    @property
    def said(self) -> str:
        """What it has written to stderr."""
        return self._err.read_text()

    @property
    def printed(self) -> str:
        """What it has written to stdout."""
        return self._out.read_text()

    def until_said(self, words: str) -> None:
        """Waits until it has written something to stderr."""
        until(lambda: words in self.said or self.process.poll() is not None, words, START_S)
        assert words in self.said, self.said

    def ended(self) -> int:
        """Its exit code, when it has ended."""
        return self.process.wait(2 * START_S)


def chief(
    addresses: Sequence[str], folder: Path, *words: object, prefix: Sequence[str] = ()
) -> Host:
    """Starts `python -m train` as the first of hosts; it writes its run into a folder."""
    given = ("--hosts", ",".join(addresses), "--index", 0, "--runs", folder / "runs")
    return Host(["-m", "train", *given, *words], folder, "chief", prefix)


def helper(addresses: Sequence[str], folder: Path, data: Path, prefix: Sequence[str] = ()) -> Host:
    """Starts the second of hosts, as the command does."""
    given = ("--hosts", ",".join(addresses), "--index", 1, "--data", data)
    return Host(["-m", "train", *given], folder, "helper", prefix)


def telling_helper(addresses: Sequence[str], folder: Path, data: Path) -> Host:
    """The second of hosts, which leaves its weights in `helper.keras`, as no real one does."""
    words = ["-c", HELPER, ",".join(addresses), 1, data, folder / "helper.keras"]
    return Host(words, folder, "helper")
