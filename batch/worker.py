"""What runs on a worker: examining it, and answering for the pictures of a task."""

import threading
import time
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
from distributed import get_worker

from batch.address import filesystem, is_local
from batch.entry import Entry
from batch.job import Job
from batch.pictures import decoded
from batch.pins import Pins, pins_of
from batch.rows import Row, rows, table
from edge.errors import HappySadError, one_line
from edge.library import Faces
from edge.machine.checksum import sha256_hex
from edge.machine.opencv import cv2
from edge.masking import masked
from edge.prediction import Prediction

TOPIC = "happysad"  # of the events that say how far a task is
EVENT_S = 1.0

_loaded = threading.local()  # a model is not for several threads at once


@dataclass(frozen=True, slots=True)
class Answers:
    """What a task comes back with.

    Attributes:
        table: The rows, by `rows.SCHEMA`.
        decoding_s: How long reading and decoding took.
        answering_s: How long the model and the face detector took.
        all_s: How long all of the task took.
        trouble: Why there are no rows: the source could not be reached; else None.
    """

    table: pa.Table
    decoding_s: float = 0.0
    answering_s: float = 0.0
    all_s: float = 0.0
    trouble: str | None = None


def examine(job: Job) -> tuple[Pins, str | None]:
    """What answers would depend on here, and what is in the way, such as a folder not mounted."""
    try:
        _, content = job.load()
    except HappySadError as error:
        return {}, one_line(error)
    if job.root is not None and not _sees(job.place(job.root)):
        shown = job.root if is_local(job.root) else masked(job.root)
        return {}, f"does not see {one_line(shown)}"
    return pins_of(content), None


def answer(job: Job, name: str, entries: list[Entry]) -> Answers:
    """Answers for the pictures of a task; an error of theirs is a row.

    Nothing is raised that a user can cause: Dask would log it with the arguments, and so what an
    address holds of passwords.

    Args:
        job: What is done.
        name: Of the task, in its progress.
        entries: The pictures.
    """
    began_s = time.monotonic()
    try:
        faces, model = _model(job)
        found: list[Row] = []
        answering_s, told_s = 0.0, began_s
        reading_s = -time.monotonic()
        for count, (entry, picture) in enumerate(decoded(entries, job)):
            reading_s += (now_s := time.monotonic())
            answers: list[Prediction] | str
            answers = picture if isinstance(picture, str) else faces(picture)
            found += rows(entry, answers, model)
            answering_s += (then_s := time.monotonic()) - now_s
            if then_s - told_s >= EVENT_S:
                told_s = then_s
                _tell(name, count + 1)
            reading_s -= time.monotonic()
        reading_s += time.monotonic()
    except HappySadError as error:  # a SourceError, or a model that is gone meanwhile
        return Answers(table([]), trouble=str(error))
    done = table(found)
    return Answers(done, reading_s, answering_s, time.monotonic() - began_s)


def _model(job: Job) -> tuple[Faces, str]:
    kept = getattr(_loaded, "kept", None)
    if kept is None or kept[0] != job:
        cv2.setNumThreads(job.threads)  # each core has a worker; more threads would take turns
        faces, content = job.load()
        _loaded.kept = kept = job, faces, sha256_hex(content)
    return kept[1], kept[2]


def _sees(root: str) -> bool:
    try:
        if is_local(root):
            return Path(root).exists()
        files, path = filesystem(root)
        return bool(files.exists(path))
    except Exception:  # each file system has errors of its own
        return False


def _tell(name: str, done: int) -> None:
    try:
        get_worker().log_event(TOPIC, {"task": name, "done": done})
    except ValueError:  # not on a worker
        return
