"""A run as its results describe it: begun once, and gone on with until every shard is there."""

import json
from dataclasses import asdict, dataclass
from typing import Any

from batch.job import Job
from batch.manifest import write_manifest
from batch.pins import Pins, difference
from batch.results import Results, file_name
from batch.source import Source
from edge.errors import HappySadError, OutputError
from edge.prediction import SCHEMA_VERSION
from edge.terminal.console import Console
from edge.wording import counted

NAME = "_run.json"


@dataclass(frozen=True, slots=True)
class Begun:
    """What a run is about; written when its manifest is whole.

    Attributes:
        source: Where the pictures are, without passwords.
        settings: What decides about answers, of the job.
        pins: What answers depend on.
        shard_counts: How many pictures each shard has.
        ignored: Files of other kinds that were passed over.
    """

    source: str
    settings: dict[str, Any]
    pins: Pins
    shard_counts: list[int]
    ignored: int

    @property
    def pictures(self) -> int:
        """How many there are."""
        return sum(self.shard_counts)

    def missing(self, results: Results) -> list[int]:
        """The shards whose files are not there."""
        there = results.names()
        return [n for n in range(len(self.shard_counts)) if file_name(n) not in there]


def begin(
    source: Source, job: Job, pins: Pins, shard_pictures: int, results: Results, console: Console
) -> Begun:
    """Begins a run, or finds the one that these results are of.

    Args:
        source: Listed only where there is no run yet.
        job: What is done with the pictures.
        pins: What answers depend on, here.
        shard_pictures: How many a shard has, in a new run.
        results: Where the manifest goes.
        console: Where news are said.

    Raises:
        HappySadError: There is no picture, or the results are of another run.
    """
    settings = {key: getattr(job, key) for key in ("crop", "detector")}
    if NAME in results.names():
        begun = read_run(results)
        mine = Begun(source.shown, settings, pins, begun.shard_counts, begun.ignored)
        _check_same(begun, mine, results)
        return begun
    console.tell(f"listing {source.shown}")
    counts = write_manifest(source.entries(), shard_pictures, results)
    if not counts:
        held = f" (only {counted(source.ignored, 'file')} of other kinds)" if source.ignored else ""
        raise HappySadError(f"{source.shown}: no pictures there{held}")
    begun = Begun(source.shown, settings, pins, counts, source.ignored)
    described = {"schema_version": SCHEMA_VERSION, **asdict(begun)}
    results.put(NAME, json.dumps(described, indent=1).encode() + b"\n")
    return begun


def read_run(results: Results) -> Begun:
    """The run that results are of.

    Raises:
        OutputError: They are of none.
    """
    try:
        described = json.loads(results.get(NAME))
        del described["schema_version"]
        return Begun(**described)
    except (ValueError, KeyError, TypeError) as error:
        raise OutputError(f"{results.shown}/{NAME}: not written by this program") from error


def _check_same(begun: Begun, mine: Begun, results: Results) -> None:
    remedy = "go on with that, or name another folder with --out"
    if begun.source != mine.source:
        raise HappySadError(f"{results.shown}: holds answers for {begun.source}: {remedy}")
    for key, value in begun.settings.items():
        if mine.settings.get(key) != value:
            with_it = f"without --{key}" if value is None else f"with --{key} {value}"
            raise HappySadError(f"{results.shown}: was begun {with_it}: {remedy}")
    if different := difference(begun.pins, mine.pins):
        raise HappySadError(f"{results.shown}: {different}: {remedy}")
