"""What an import of FER2013 has done: the numbers, the names, the table."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from data.folder import PARTS
from data.importer.ferplus import Ferplus
from data.importer.folder import Found, FoundPicture
from data.importer.pictures import PART_SIZES
from data.split import CONTRADICTORY, HELD_OUT_TOO, Counts
from edge.errors import one_line
from edge.wording import counted

UNREADABLE, OTHER = "cannot be read", "other expressions"
NO_FACE = "no face to most voters"
DROPPED = (HELD_OUT_TOO, CONTRADICTORY, NO_FACE)


@dataclass(frozen=True, slots=True)
class SourceReport:
    """What was imported.

    Attributes:
        name: Name of the file or folder.
        sha256: From `data.importer.source.checksum`.
        pictures: How many of a known part and expression it holds, or has votes for.
    """

    name: str
    sha256: str
    pictures: int


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A picture that was not written.

    Attributes:
        source: The name of its source.
        picture: Its name in an archive or folder, or its line in a CSV.
        part: "train", "validation" or "test".
        expression: Its label.
        reason: Why.
    """

    source: str
    picture: str
    part: str
    expression: str
    reason: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """An import. `asdict` of it is the import.json beside the images.

    Attributes:
        sources: What was read.
        expressions: What was asked for.
        read: Pictures by part, of all expressions.
        images: Images written, by part and expression.
        copies: How many images written to each part show the same as an earlier one in it.
        left_out: Pictures that were not written, by reason and part; with `images` they make up
            `read`.
        dropped: The ones that had to go: held out for later, with different labels, or no faces.
        unreadable: The ones that cannot be decoded.
        notes: What somebody who trains on the images should know, a sentence each.
    """

    sources: list[SourceReport]
    expressions: list[str]
    read: dict[str, int]
    images: Counts
    copies: dict[str, int]
    left_out: Counts
    dropped: list[LeftOut]
    unreadable: list[LeftOut]
    notes: list[str]


def report_on(
    found: Found, sha256: dict[Path, str], expressions: Sequence[str], ferplus: Ferplus | None
) -> ImportReport:
    """Counts what was found, once it is known what is left out.

    Args:
        found: The pictures, with their digests and reasons.
        sha256: Checksum of each source, the votes' file included.
        expressions: What was asked for.
        ferplus: The votes, if there are any.
    """
    reasons = [HELD_OUT_TOO, CONTRADICTORY, UNREADABLE, OTHER, *([NO_FACE] if ferplus else [])]
    count = Counter(picture.source for picture in found.pictures)
    if ferplus:
        count[ferplus.path] = ferplus.matched
    read = Counter(picture.part for picture in found.pictures)
    counts = Counter((p.part, p.reason or p.expression) for p in found.pictures)
    kept = [picture for picture in found.pictures if not picture.reason]
    written = Counter(picture.part for picture in kept)
    different = Counter(part for part, _ in {(p.part, p.digest) for p in kept})
    return ImportReport(
        sources=[SourceReport(p.name, digest, count[p]) for p, digest in sha256.items()],
        expressions=list(expressions),
        read={part: read[part] for part in PARTS},
        images={part: {e: counts[part, e] for e in expressions} for part in PARTS},
        copies={part: written[part] - different[part] for part in PARTS},
        left_out={reason: {part: counts[part, reason] for part in PARTS} for reason in reasons},
        dropped=[_left_out(p) for p in found.pictures if p.reason in DROPPED],
        unreadable=[_left_out(p) for p in found.pictures if p.reason == UNREADABLE],
        notes=[*_notes(found, read), *(_notes_on_votes(kept, ferplus) if ferplus else [])],
    )


def import_text(report: ImportReport) -> str:
    """The numbers as a table, the parts side by side."""
    parts = [part for part in PARTS if report.read[part]]
    rows = [(e, [report.images[part][e] for part in parts]) for e in report.expressions]
    rows.append(("written", [sum(report.images[part].values()) for part in parts]))
    rows.append(("copies among these", [report.copies[part] for part in parts]))
    rows += [(f"left out: {r}", [n[part] for part in parts]) for r, n in report.left_out.items()]
    rows.append(("read", [report.read[part] for part in parts]))
    width = max(len(name) for name, _ in rows)
    lines = [" " * width + "".join(f"{part:>12}" for part in parts)]
    lines += [f"{name:{width}}" + "".join(f"{n:12}" for n in numbers) for name, numbers in rows]
    return "\n".join(lines)


def _left_out(picture: FoundPicture) -> LeftOut:
    return LeftOut(
        source=picture.source.name,
        picture=picture.origin,
        part=picture.part,
        expression=picture.expression,
        reason=picture.problem or picture.reason or "",
    )


def _notes(found: Found, read: Counter[str]) -> list[str]:
    notes = [
        f"{counted(read[part], f'{part} picture')}, the whole set has {whole}"
        for part, whole in PART_SIZES.items()
        if read[part] not in (0, whole)
    ]
    if not read["train"]:
        notes.append("no train pictures, and without them no training: import that part as well")
    notes += [
        f"{counted(count, 'picture')} of {folder} moved to {part}, as the names say"
        for (folder, part), count in sorted(found.moved.items())
    ]
    if found.unplaced:
        first = one_line(found.unplaced[0])
        notes.append(
            f"{counted(len(found.unplaced), 'picture')} passed over, in no folder of a part and an "
            f"expression, the first: {first}"
        )
    return notes


def _notes_on_votes(kept: Sequence[FoundPicture], ferplus: Ferplus) -> list[str]:
    without = sum(picture.votes is None for picture in kept)
    return [f"{without} of the images have no votes in {ferplus.path.name}"] if without else []
