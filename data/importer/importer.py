"""Imports FER2013 into the folders that training reads, without copies across the parts."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

from data.errors import DatasetError
from data.importer.csv_rows import CSV_EXPRESSIONS
from data.importer.ferplus import Ferplus, is_no_face
from data.importer.folder import REPORT, Found, FoundPicture, refuse
from data.importer.pictures import read_pictures
from data.importer.report import NO_FACE, OTHER, UNREADABLE, ImportReport, report_on
from data.importer.source import checksum, unpack
from data.labels import CLASSES
from data.new_folder import new_folder
from data.scan import BATCH, scan
from data.split import why_left_out
from data.votes import write_votes

READING = 0.7  # of the time; the rest is decoding


def import_fer2013(
    paths: Sequence[Path],
    out: Path,
    expressions: Sequence[str] = CSV_EXPRESSIONS,
    overwrite: bool = False,
    progress: Callable[[], None] | None = None,
    votes: Path | None = None,
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
        votes: FER+'s fer2013new.csv, or its votes by the names of image files. They are written
            to OUT/votes.csv; what most voters took for no face is left out.

    Raises:
        DatasetError: A source is missing, damaged or not FER2013, no happy or no sad image is
            left, or something else is at `out`.
        OutputError: The folder cannot be written.
    """
    out = out.resolve()
    refuse(out, paths, overwrite)
    reach = _hundredths(progress)
    sha256 = _sha256([*paths, votes] if votes else paths)
    ferplus = Ferplus(votes) if votes else None
    with new_folder(out) as temporary:
        found = Found(temporary)
        for number, path in enumerate(paths):
            with TemporaryDirectory(dir=temporary) as scratch:
                is_archive = not path.is_dir() and unpack(path, Path(scratch))
                for picture, share in read_pictures(path, Path(scratch) if is_archive else path):
                    found.add(path, picture, ferplus.of(path, picture) if ferplus else None)
                    reach(READING * (number + share) / len(paths))
        if ferplus:
            ferplus.check_end()
        _decode(found.pictures, reach)
        _judge(found.pictures, expressions)
        _require_both_classes(found.pictures, paths)
        found.remove_left_out()
        report = report_on(found, sha256, expressions, ferplus)
        if ferplus:
            kept = (p for p in found.pictures if not p.reason)
            write_votes(temporary, {p.file.path: p.votes for p in kept if p.votes is not None})
        (temporary / REPORT).write_text(json.dumps(asdict(report), indent=1) + "\n")
    reach(1)
    return report


def _sha256(paths: Sequence[Path]) -> dict[Path, str]:
    """Of each source, all different."""
    known: dict[str, Path] = {}
    for path in paths:
        digest = checksum(path)
        if digest in known:
            raise DatasetError(f"{known[digest]} and {path} are the same: name one of them")
        known[digest] = path
    return {path: digest for digest, path in known.items()}


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
    reasons = why_left_out([(p.digest, p.expression, p.part) for p in pictures])
    for picture, reason in zip(pictures, reasons, strict=True):
        picture.reason = reason
        if picture.expression not in expressions:
            picture.reason = OTHER
        elif picture.problem:
            picture.reason = UNREADABLE
        elif picture.votes is not None and is_no_face(picture.votes):
            picture.reason = NO_FACE


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
