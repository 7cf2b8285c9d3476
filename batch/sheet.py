"""A sheet of the faces that the model is most certain about, and most doubtful."""

import heapq
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from batch.begun import read_run
from batch.job import Job
from batch.manifest import read_shard
from batch.pictures import decoded
from batch.report import tables
from batch.results import Results
from batch.rows import shown
from batch.source import Source
from edge.errors import HappySadError, OutputError
from edge.images.annotate import FONT, annotate
from edge.machine.opencv import cv2
from edge.machine.output_file import replacing
from edge.prediction import Prediction

ACROSS = 6  # faces in a row of the sheet; a row for each label, the last for doubt
SIDE = 240  # pixels of each
CAPTION = 32  # pixels above each row
DOUBT = "doubtful"
Chosen = tuple[float, str, int, dict[str, Any]]  # how much so, the path, the shard, the row


def draw_sheet(results: Results, path: Path) -> None:
    """Draws it; the pictures are read again from where they were.

    Args:
        results: Of a run.
        path: The picture to write, .png or .jpg.

    Raises:
        HappySadError: No face was judged, or the pictures are not there any more.
        OutputError: The sheet cannot be written.
    """
    chosen = _chosen(results)
    if not chosen:
        raise HappySadError(f"{results.shown}: no face was judged, so that there is no sheet")
    source = Source(read_run(results).source)
    job = Job(None, None, "auto", 1, "auto", "", source.root, source.is_archive)
    order = [*sorted(chosen.keys() - {DOUBT}), DOUBT]
    rows = [
        part
        for name in order
        for part in (_caption(name), np.hstack([*_tiles(chosen[name], results, job)]))
    ]
    with replacing(path) as temporary:
        try:
            written = cv2.imwrite(str(temporary), np.vstack(rows))
        except cv2.error as error:
            raise OutputError(f"cannot write {path}: name it .png or .jpg") from error
        if not written:
            raise OutputError(f"cannot write {path}")


def _chosen(results: Results) -> dict[str, list[Chosen]]:
    best: defaultdict[str, list[Chosen]] = defaultdict(list)
    for number, read, _ in tables(read_run(results), results):
        for row in read.filter(read["p_happy"].is_valid()).to_pylist():
            certain = max(row[name] or 0.0 for name in ("p_happy", "p_sad", "p_neutral"))
            face: Chosen = (certain, f"{row['path']} {row['face']}", number, row)
            best[row["label"]].append(face)
            best[DOUBT].append((-certain, *face[1:]))
        best.update({name: heapq.nlargest(ACROSS, faces) for name, faces in best.items()})
    best.pop("unsure", None)  # those are the doubtful ones
    return best


def _caption(name: str) -> np.ndarray:
    """What the faces below it are; uint8 (CAPTION, ACROSS * SIDE, 3)."""
    strip = np.full((CAPTION, ACROSS * SIDE, 3), 255, np.uint8)
    text = "the most doubtful" if name == DOUBT else f"the most certain: {name}"
    place = (CAPTION // 4, CAPTION * 3 // 4)
    return cv2.putText(strip, text, place, FONT, 0.7, (0, 0, 0), 1, cv2.LINE_AA)


def _tiles(faces: list[Chosen], results: Results, job: Job) -> list[np.ndarray]:
    tiles = []
    for _, _, shard, row in faces:
        entry = next(e for e in read_shard(shard, results) if shown(e) == row["path"])
        _, image = next(iter(decoded([entry], job)))
        if isinstance(image, str):
            raise HappySadError(f"{entry.name}: {image}")
        tiles.append(_tile(image, row))
    blank = np.full((SIDE, SIDE, 3), 255, np.uint8)
    return [*tiles, *[blank] * (ACROSS - len(tiles))]


def _tile(image: np.ndarray, row: dict[str, Any]) -> np.ndarray:
    """One face with its answer, and as much around it again."""
    box = row["box"]
    if box:
        x, y, width, height = box
        left, top = max(0, x - width // 2), max(0, y - height // 2)
        image = image[top : y + height + height // 2, left : x + width + width // 2]
        box = (x - left, y - top, width, height)
    names = ("p_happy", "p_sad", "p_neutral")
    answer = Prediction(row["label"], box=box, **{name: row[name] for name in names})
    drawn = annotate(image, [answer])
    scale = SIDE / max(drawn.shape[:2])
    size_wh = [max(1, round(side * scale)) for side in drawn.shape[1::-1]]
    small = cv2.resize(drawn, size_wh, interpolation=cv2.INTER_AREA)
    tile = np.full((SIDE, SIDE, 3), 255, np.uint8)
    tile[: small.shape[0], : small.shape[1]] = small
    return tile
