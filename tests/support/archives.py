"""`python -m batch` as its users run it, and the rows that it leaves."""

import os
import subprocess
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from batch.begun import Begun, begin
from batch.job import Job
from batch.manifest import read_shard
from batch.pins import pins_of
from batch.results import Results, file_name
from batch.rows import parquet
from batch.source import Source
from batch.worker import answer
from edge import HappySadError, load
from edge.terminal.console import Console
from tests.support.command import run_module

Row = dict[str, Any]


def batch(*arguments: object, **options: Any) -> subprocess.CompletedProcess[str]:
    return run_module("batch", *arguments, **options)


def job_of(source: Source, **settings: Any) -> Job:
    """As the command makes it, with the shipped model."""
    given: dict[str, Any] = {"model": "faces", "crop": None, "detector": "auto"} | settings
    where = {"directory": str(Path.cwd()), "root": source.root, "is_archive": source.is_archive}
    return Job(**given, threads=1, runtime="auto", **where)


def answered(address: object, out: object, shard: int = 5) -> Begun:
    """A whole run in this process, without Dask's."""
    source, results = Source(str(address)), Results(str(out))
    job = job_of(source)
    pins = pins_of(job.load()[1])
    with Console(live=False) as console:
        begun = begin(source, job, pins, shard, results, console)
    for number in begun.missing(results):
        answers = answer(job, "", read_shard(number, results))
        assert not answers.trouble, answers.trouble
        seconds = {"decoding_s": 0.2, "answering_s": 0.7, "all_s": 1.0}
        results.put(file_name(number), parquet([answers.table], {"pins": pins, **seconds}))
    return begun


def rows_of(out: object, cut: object = "") -> list[Row]:
    """All rows of all files, in order, with a part cut off the front of each path."""
    found: list[Row] = []
    results = Results(str(out))
    for name in results.names():
        if name.endswith(".parquet"):
            found += pq.read_table(BytesIO(results.get(name))).to_pylist()
    for row in found:
        assert len(row.pop("model")) == 64
        row["path"] = row["path"].removeprefix(f"{cut}{os.sep}" if cut else "")
    return sorted(found, key=_place)


def answers_of(paths: Iterable[Path]) -> list[Row]:
    """What the library answers for pictures, one after the other: as rows without the model."""
    found: list[Row] = []
    faces = load("faces")
    nothing = dict.fromkeys(("face", "box", "label", "p_happy", "p_sad", "p_neutral", "reason"))
    for path in paths:
        try:
            answers = faces(path)
        except HappySadError as error:
            reason = str(error).rpartition(".jpg: ")[2]
            found.append(nothing | {"path": str(path), "error": reason})
            continue
        for number, given in enumerate(answers, 1):
            box = list(given.box) if given.box else None
            found.append(
                nothing | given.probabilities
                | {"path": str(path), "face": number if box else None, "label": given.label,
                   "box": box, "reason": given.reason, "error": None}
            )  # fmt: skip
    return sorted(found, key=_place)


def _place(row: Row) -> tuple[str, int]:
    return row["path"], row["face"] or 0
