"""What a task costs Dask's client and scheduler, measured in a process that is both.

python -m bench.scheduling TASKS NAMES
"""

import json
import sys
import time

from distributed import Client, as_completed

from batch.cluster import connected
from batch.entry import Entry

AT_ONCE = 4  # as `batch.run` has it: two for each of two workers


def cost(client: Client, tasks: int, entries: list[Entry]) -> float:
    """Processor seconds of this process for each task that is given names and does nothing."""
    began_s = time.process_time()
    left = tasks - AT_ONCE
    running = as_completed([client.submit(len, entries, pure=False) for _ in range(AT_ONCE)])
    for done in running:
        done.result()
        if left:
            left -= 1
            running.add(client.submit(len, entries, pure=False))
    return (time.process_time() - began_s) / tasks


def main() -> None:
    """Prints the cost as JSON."""
    tasks, names = map(int, sys.argv[1:])
    entries = [Entry(f"/archive/2026/folder-{n // 1000:05}/{n:08}.jpg") for n in range(names)]
    with connected(None, 2) as client:
        cost(client, AT_ONCE, entries)
        print(json.dumps({"task_cpu_s": cost(client, tasks, entries)}))


if __name__ == "__main__":
    main()
