"""The workers of a cluster that may work on a run: those that would answer as this machine does."""

import time

from distributed import Client

from batch.cluster import ClusterError, is_there
from batch.job import Job
from batch.pins import Pins, difference
from batch.worker import examine
from edge.terminal.console import Console
from edge.wording import counted

LOOK_S = 1.0
PATIENCE_S = 60.0  # without a worker; one that died is started again within seconds


class Crew:
    """Examines each worker once, also one that comes later.

    Attributes:
        members: The addresses of those that may work and are there.
        threads: How many tasks they run at once.
    """

    members: frozenset[str] = frozenset()
    threads = 0

    def __init__(self, client: Client, job: Job, pins: Pins, console: Console) -> None:
        """Knows nobody yet; `muster` looks.

        Args:
            client: Of the cluster.
            job: What is to be done.
            pins: What answers depend on, which must be the same there.
            console: Where refusals are said.
        """
        self._client, self._job, self._pins, self._console = client, job, pins, console
        self._is_right: dict[str, bool] = {}
        self._seen_s = self._looked_s = time.monotonic()

    def muster(self) -> None:
        """Looks who is there.

        Raises:
            ClusterError: Nobody that may work, for a while; or the scheduler is gone.
        """
        now_s = time.monotonic()
        if self.members and now_s - self._looked_s < LOOK_S:
            return
        self._looked_s = now_s
        there = self._client.scheduler_info(n_workers=-1)["workers"]
        for address in there.keys() - self._is_right.keys():
            self._examine(address)
        members = [address for address in there if self._is_right.get(address)]
        self.members = frozenset(members)
        self.threads = sum(there[address]["nthreads"] for address in members)
        if members:
            self._seen_s = now_s
        elif there and not any(map(self._is_right.get, there)):
            raise ClusterError("no worker is left that may work: see what was refused above")
        elif now_s - self._seen_s > PATIENCE_S:
            raise ClusterError(
                f"no worker for {counted(round(PATIENCE_S), 'second')}: start one with 'python -m "
                "dask worker', then run the same command again"
            )

    def recount(self) -> None:
        """Has the next `muster` look again, as somebody has died: nobody is a member until then."""
        self.members, self.threads = frozenset(), 0

    def _examine(self, address: str) -> None:
        try:
            answers = self._client.run(examine, self._job, workers=[address], on_error="return")
        except Exception:  # it or the scheduler is gone meanwhile
            if not is_there(self._client):
                raise
            return
        found = answers.get(address)
        if not isinstance(found, tuple):  # it could not even run that, or has died of it
            self._is_right[address] = False
            self._console.tell(f"refused {address}: cannot run this program ({found!r:.200})")
            return
        pins, trouble = found
        trouble = trouble or difference(pins, self._pins)
        self._is_right[address] = trouble is None
        if trouble:
            self._console.tell(f"refused {address}: {trouble}")
