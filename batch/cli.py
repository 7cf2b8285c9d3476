"""The command line for archives: `python -m batch`."""

import os
from pathlib import Path
from typing import Annotated

import typer

from edge.cli.command_list import commands
from edge.cli.exits import run as run_command
from edge.cli.options import (
    MAX_THREADS,
    CropOption,
    ModelOption,
    RangeOption,
    RuntimeOption,
    ThreadsOption,
)
from edge.machine.cores import cores
from edge.machine.pip import check_extra
from edge.machine.quiet import claim_stderr

app = commands(help="Classifies archives of pictures on several processes or machines.")


@app.command()
def classify(
    source: Annotated[
        str,
        typer.Argument(
            help="A folder, glob, list of names ('-': from stdin), tar, zip, or an address of one "
            "(s3://, gs://, sftp://, http://)."
        ),
    ],
    out: Annotated[str, typer.Option(help="Folder for the results, or an address as s3://.")],
    cluster: Annotated[
        str | None, typer.Option(help="A Dask scheduler: tcp://host:8786, or tls://.")
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            min=1, max=MAX_THREADS, help="Processes of this machine.", show_default="its cores"
        ),
    ] = None,
    shard: Annotated[
        int, typer.Option(min=1, max=1_000_000, help="Pictures in a file of the results.")
    ] = 10_000,
    model: ModelOption = None,
    crop: CropOption = None,
    detector: RangeOption = "auto",
    threads: ThreadsOption = 1,
    runtime: RuntimeOption = "auto",
) -> None:
    """Answers for each picture of an archive, in Parquet files; the same command again goes on.

    Each file has the columns of 'happysad classify --json' (without those of videos, and the
    latency), the number of the face, an error where a picture could not be read, and the
    fingerprint of the model. See docs/cluster.md.
    """
    check_extra("batch")
    from batch.classification import classify_archive
    from batch.job import Job
    from batch.results import Results
    from batch.source import Source

    if cluster and workers:
        raise typer.BadParameter("--workers is for this machine, without --cluster")
    claim_stderr()
    found = Source(source)
    named = str(model.absolute() if model.is_file() else model) if model else None
    directory = os.getcwd()  # noqa: PTH109
    job = Job(named, crop, detector, threads, runtime, directory, found.root, found.is_archive)
    print(classify_archive(found, job, Results(out), shard, cluster, workers or cores()))


@app.command()
def report(
    results: Annotated[str, typer.Argument(help="What --out of 'classify' named.")],
    sheet: Annotated[
        Path | None,
        typer.Option(help="A picture of the most certain and most doubtful faces, .png or .jpg."),
    ] = None,
) -> None:
    """Says what results hold: labels, folders, errors, speed; also of a run that is not done."""
    check_extra("batch")
    from batch.report import report_text
    from batch.results import Results
    from batch.sheet import draw_sheet

    there = Results(results)
    print(report_text(there))
    if sheet:
        draw_sheet(there, sheet)
        print(f"sheet       {sheet}")


def main() -> None:
    """Runs the command line."""
    run_command(app)
