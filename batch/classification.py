"""From a source to results: listed, examined, answered, counted."""

import time

from batch.begun import NAME, begin
from batch.cluster import connected
from batch.crew import Crew
from batch.job import Job
from batch.manifest import came_later
from batch.pins import pins_of
from batch.results import Results
from batch.run import Run, failure
from batch.source import Source
from edge.errors import one_line
from edge.terminal.console import Console
from edge.wording import counted


def classify_archive(
    source: Source,
    job: Job,
    results: Results,
    shard_pictures: int,
    cluster: str | None,
    workers: int,
) -> str:
    """Has every picture answered whose shard is not there yet.

    Args:
        source: The pictures.
        job: How they are answered.
        results: Where the answers go.
        shard_pictures: How many a shard has, in a new run.
        cluster: The address of a scheduler; None for processes of this machine.
        workers: How many of these.

    Returns:
        Where the results are.

    Raises:
        HappySadError: What the user can fix: the source, the results, the cluster, the model.
    """
    with Console(live=True) as console:
        _, content = job.load()
        pins = pins_of(content)
        is_new = NAME not in results.names()
        begun = begin(source, job, pins, shard_pictures, results, console)
        missing = begun.missing(results)
        if len(missing) < len(begun.shard_counts):
            console.tell(f"{len(missing)} of {counted(len(begun.shard_counts), 'shard')} left")
        if missing:
            pictures = sum(begun.shard_counts[number] for number in missing)
            with connected(cluster, workers) as client:
                if client.dashboard_link:
                    console.tell(f"dashboard: {client.dashboard_link}")
                run = Run(
                    client, Crew(client, job, pins, console), results, {"pins": pins}, console
                )
                began_s = time.monotonic()
                run.work(missing, job, pictures)
                elapsed_s = time.monotonic() - began_s
            if run.failed:
                raise failure(run.failed)
            unread = (
                f"; {run.unreadable} could not be read: see the report" if run.unreadable else ""
            )
            console.tell(
                f"{counted(pictures, 'picture')} in {elapsed_s:.0f} s, {pictures / elapsed_s:.1f} "
                f"a second{unread}"
            )
        if not is_new:
            _tell_later(source, len(begun.shard_counts), results, console)
    return results.shown


def _tell_later(source: Source, shards: int, results: Results, console: Console) -> None:
    """Says which pictures a run that is gone on with will pass over."""
    if source.is_archive or source.address == "-":  # written once; names that were read once
        return
    names = came_later(source.entries(), shards, results)
    if first := next(names, None):
        count = 1 + sum(1 for _ in names)
        console.tell(
            f"{counted(count, 'picture')} came after the manifest was made, such as "
            f"{one_line(first)}: not answered; --out with another folder takes all"
        )
