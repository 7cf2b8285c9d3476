"""Imports FER2013 into the folders that training reads, without copies across the parts."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from data.errors import DatasetError
from data.folder import PARTS
from data.importer.csv_rows import CSV_EXPRESSIONS
from data.importer.folder import REPORT, Found, FoundPicture, new_folder, refuse
from data.importer.pictures import Picture, read_pictures
from data.importer.report import OTHER, UNREADABLE, ImportReport, report_on
from data.importer.source import open_source
from data.labels import CLASSES
from data.scan import BATCH, scan
from data.split import CONTRADICTORY, HELD_OUT_TOO

READING = 0.7  # of the time; the rest is decoding


def import_fer2013(
    paths: Sequence[Path],
    out: Path,
    expressions: Sequence[str] = CSV_EXPRESSIONS,
    overwrite: bool = False,
    progress: Callable[[], None] | None = None,
) -> ImportReport:
    """Writes OUT/{train,validation,test}/{happy,sad,...}/NAME and OUT/import.json.

    The set's own parts are kept. Left out are images with the same pixels but different labels,
    and those that are also in a part held out longer (test, then validation, then train). All
    seven expressions count in this, whichever are asked for. Copies inside a part stay.

    Args:
        paths: Each a CSV, a folder of images or an archive.
        out: The folder to make.
        expressions: Which of the seven to write; happy and sad among them.
        overwrite: Replace an earlier import.
        progress: Called a hundred times, after each hundredth of the work.

    Raises:
        DatasetError: A source is missing, damaged or not FER2013, no happy or no sad image is
            left, or something else is at `out`.
        OutputError: The folder cannot be written.
    """
    out = out.resolve()
    refuse(out, paths, overwrite)
    reach = _hundredths(progress)
    sha256 = _sha256(paths)
    with new_folder(out) as temporary:
        found = Found(temporary)
        for number, path in enumerate(paths):
            for picture, share in _read(path):
                found.add(path, picture)
                reach(READING * (number + share) / len(paths))
        _decode(found.pictures, reach)
        _judge(found.pictures, expressions)
        _require_both_classes(found.pictures, paths)
        found.remove_left_out()
        report = report_on(found, sha256, expressions)
        (temporary / REPORT).write_text(json.dumps(asdict(report), indent=1) + "\n")
    reach(1)
    return report


def _sha256(paths: Sequence[Path]) -> dict[Path, str]:
    """Of each source, all different."""
    known: dict[str, Path] = {}
    for path in paths:
        with open_source(path) as source:
            digest = source.sha256()
        if digest in known:
            raise DatasetError(f"{known[digest]} and {path} are the same: name one of them")
        known[digest] = path
    return {path: digest for digest, path in known.items()}


def _read(path: Path) -> Iterator[tuple[Picture, float]]:
    """Each picture of a source, with the share of the source that is read by then."""
    with open_source(path) as source:
        for picture in read_pictures(source):
            yield picture, source.share


def _decode(pictures: Sequence[FoundPicture], reach: Callable[[float], None]) -> None:
    """Fills in the digests, or the reason why there is none."""
    written = {picture.file.path: picture for picture in pictures if not picture.problem}
    files = [picture.file for picture in written.values()]
    for start in range(0, len(files), BATCH):
        scanned = scan(files[start : start + BATCH])
        for image in scanned.images:
            written[image.file.path].digest = image.digest
        for file, problem in scanned.unreadable:
            written[file.path].problem = problem
        reach(READING + (1 - READING) * start / len(files))


def _judge(pictures: Sequence[FoundPicture], expressions: Sequence[str]) -> None:
    """Says of each picture why it is left out, if it is."""
    labels: dict[str, set[str]] = defaultdict(set)
    held_longest: dict[str, int] = defaultdict(int)
    for picture in pictures:
        labels[picture.digest].add(picture.expression)
        rank = PARTS.index(picture.part)
        held_longest[picture.digest] = max(held_longest[picture.digest], rank)
    for picture in pictures:
        if picture.expression not in expressions:
            picture.reason = OTHER
        elif picture.problem:
            picture.reason = UNREADABLE
        elif len(labels[picture.digest]) > 1:
            picture.reason = CONTRADICTORY
        elif PARTS.index(picture.part) < held_longest[picture.digest]:
            picture.reason = HELD_OUT_TOO


def _require_both_classes(pictures: Sequence[FoundPicture], paths: Sequence[Path]) -> None:
    for label in CLASSES:
        mine = [picture for picture in pictures if picture.expression == label]
        if all(picture.reason for picture in mine):
            names = " and ".join(map(str, paths))
            if not mine:
                raise DatasetError(
                    f"no {label} image in {names}: expected folders such as train/{label}, or a "
                    f"CSV with rows of emotion {CSV_EXPRESSIONS.index(label)}"
                )
            reasons = Counter(picture.reason for picture in mine)
            counts = ", ".join(f"{count} {reason}" for reason, count in sorted(reasons.items()))
            raise DatasetError(f"no {label} image left of {names}: {counts}: get it anew")


def _hundredths(progress: Callable[[], None] | None) -> Callable[[float], None]:
    """Gives what is told the share of the work done, and calls `progress` for each hundredth."""
    told = 0

    def reach(share: float) -> None:
        nonlocal told
        while progress and told < int(100 * share):
            told += 1
            progress()

    return reach
