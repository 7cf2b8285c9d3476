"""A Dask cluster: one of this machine's processes, or one that runs already."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import dask
from distributed import Client, LocalCluster

from edge.errors import HappySadError, one_line
from edge.masking import masked

CONNECT_S = 10
# A task that has lost so many workers is given back, and halved until the picture that ends them
# is alone; with Dask's own 3 that takes four times as long.
ALLOWED_FAILURES = 0


class ClusterError(HappySadError):
    """A cluster that cannot be reached, or is gone."""


@contextmanager
def connected(address: str | None, workers: int) -> Iterator[Client]:
    """A client of a cluster; one of this machine's processes ends with the block.

    Certificates for `tls://` are taken where Dask looks for them: its files of settings, and
    DASK_DISTRIBUTED__COMM__TLS__...

    Args:
        address: Of a scheduler; None for processes of this machine.
        workers: How many processes then; each with one thread.

    Raises:
        ClusterError: There is no scheduler.
    """
    # What Dask has to say are tracebacks; what matters comes back as an exception or a state.
    for name in ("distributed", "tornado", "asyncio"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    settings = {
        "distributed.comm.timeouts.connect": f"{CONNECT_S} s",
        "distributed.scheduler.allowed-failures": ALLOWED_FAILURES,
        "distributed.logging.distributed": "critical",
    }
    with dask.config.set(settings):
        if address is None:
            with (
                LocalCluster(
                    n_workers=workers, threads_per_worker=1, memory_limit=0,
                    dashboard_address="127.0.0.1:0", silence_logs=logging.CRITICAL + 1,
                ) as cluster,
                Client(cluster) as client,
            ):  # fmt: skip
                yield client
            return
        try:
            client = Client(address, timeout=CONNECT_S)
        except Exception as error:  # each transport has errors of its own
            raise ClusterError(
                f"no scheduler at {masked(address)} ({one_line(error)[:200]}): start one with "
                "'python -m dask scheduler'"
            ) from error
        try:
            yield client
        finally:
            client.close(timeout=1)


def is_there(client: Client) -> bool:
    """Whether the client still has its scheduler."""
    return bool(client.status == "running")
