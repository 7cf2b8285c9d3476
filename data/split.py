"""Training, validation and test: which image goes where, decided by what the images show."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from data.folder import PARTS
from data.labels import ANSWERS
from data.scan import ScannedImage

# Where a group's number, uniform in 0 to 1, puts it: 70 % train, 15 % validation, 15 % test.
INTERVALS = {"train": (0.0, 0.7), "validation": (0.7, 0.85), "test": (0.85, 1.0)}
BY_NEED = ("train", "test", "validation")  # a class with two groups does without validation

CONTRADICTORY = "identical images with different labels"
HELD_OUT_TOO = "identical to an image held out for later"

Counts = dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """The part of every image.

    Attributes:
        parts: For each image "train", "validation", "test", or None if it is left out.
        left_out: How many images are left out, by reason.
        images: Images by part and label.
        groups: Groups of look-alikes by part and label.
        notes: What somebody who reads the score should know, a sentence each.
    """

    parts: list[str | None]
    left_out: dict[str, int]
    images: Counts
    groups: Counts
    notes: list[str]


def split(
    images: Sequence[ScannedImage], groups: np.ndarray, seed: int = 0, *, fill_parts: bool = True
) -> Split:
    """Gives every image a part; look-alikes with the same label stay together.

    A group goes where the hash of its smallest digest puts it, so that new files move none of the
    old, unless they look like them. After that, of each label, the
    fewest groups move that give train one, then test (from two groups on), then validation (from
    three on). What folders named train, validation and test say is kept; a part they lack for a
    label is taken out of its train images in the same way.

    Left out are identical images with different labels, and, where folders name the parts, an
    image that is also in a part held out longer (test, then validation, then train).

    Args:
        images: From `data.scan.scan`.
        groups: From `data.lookalikes.group_lookalikes`.
        seed: Another one gives another split.
        fill_parts: False leaves a part empty that the folders lack, where they name any parts.
    """
    reasons = _left_out(images)
    parts = [None if i in reasons else image.file.part for i, image in enumerate(images)]
    kept = [i for i in range(len(images)) if i not in reasons]
    fill = fill_parts or not any(image.file.part for image in images)
    labels = (*ANSWERS, *sorted({image.file.label for image in images} - set(ANSWERS)))
    for label in labels:
        mine = [i for i in kept if images[i].file.label == label]
        given = {images[i].file.part for i in mine}
        missing = [part for part in PARTS[1:] if fill and part not in given]
        movable: dict[int, list[str]] = defaultdict(list)  # digests by group
        for i in mine:
            if images[i].file.part in (None, "train"):
                movable[int(groups[i])].append(images[i].digest)
        numbers = {group: _number(min(digests), seed) for group, digests in movable.items()}
        placed = _place(numbers, missing)
        for i in mine:
            if images[i].file.part in (None, "train"):
                parts[i] = placed[int(groups[i])]
    left_out = Counter(reasons.values())
    of_groups = {(p, im.file.label, int(g)) for p, im, g in zip(parts, images, groups, strict=True)}
    return Split(
        parts=parts,
        left_out=dict(sorted(left_out.items())),
        images=_count(labels, ((p, im.file.label) for p, im in zip(parts, images, strict=True))),
        groups=(count := _count(labels, ((part, label) for part, label, _ in of_groups))),
        notes=[
            *_notes_on_folders(images, groups, parts, left_out, fill=fill),
            *(_notes_on_classes(count) if fill else []),
        ],
    )


def identical(images: Iterable[ScannedImage]) -> list[list[ScannedImage]]:
    """Sets of two or more images with the same pixels, in order of appearance."""
    by_digest: dict[str, list[ScannedImage]] = defaultdict(list)
    for image in images:
        by_digest[image.digest].append(image)
    return [same for same in by_digest.values() if len(same) > 1]


def labels_differ(images: Iterable[ScannedImage]) -> bool:
    """Whether they do not all have the same label."""
    return len({image.file.label for image in images}) > 1


def _left_out(images: Sequence[ScannedImage]) -> dict[int, str]:
    """The reason for each index that is left out."""
    clashing = {same[0].digest for same in identical(images) if labels_differ(same)}
    held_longest: dict[str, int] = defaultdict(int)
    for image in images:
        rank = PARTS.index(image.file.part or "train")
        held_longest[image.digest] = max(held_longest[image.digest], rank)
    reasons = {}
    for i, image in enumerate(images):
        if image.digest in clashing:
            reasons[i] = CONTRADICTORY
        elif PARTS.index(image.file.part or "train") < held_longest[image.digest]:
            reasons[i] = HELD_OUT_TOO
    return reasons


def _number(digest: str, seed: int) -> float:
    """Uniform in 0 to 1."""
    return int(hashlib.sha256(f"{seed} {digest}".encode()).hexdigest()[:13], 16) / 16**13


def _place(numbers: dict[int, float], missing: Sequence[str]) -> dict[int, str]:
    """The part of each group of one label, where train and the `missing` parts are to be filled."""
    placed = {}
    for group, number in numbers.items():
        part = next(part for part, (_, high) in INTERVALS.items() if number < high)
        placed[group] = part if part in missing else "train"
    needed = [part for part in BY_NEED if part == "train" or part in missing][: len(numbers)]
    for part in needed:
        count = Counter(placed.values())
        if count[part] == 0:
            low, high = INTERVALS[part]
            spare = [g for g, p in placed.items() if count[p] > (p in needed)]
            nearest = min(spare, key=lambda g: max(low - numbers[g], numbers[g] - high))
            placed[nearest] = part
    return placed


def _count(labels: Sequence[str], keys: Iterable[tuple[str | None, str]]) -> Counts:
    counts = Counter(keys)
    return {part: {label: counts[part, label] for label in labels} for part in PARTS}


def _notes_on_folders(
    images: Sequence[ScannedImage],
    groups: np.ndarray,
    parts: Sequence[str | None],
    left_out: Counter[str],
    *,
    fill: bool,
) -> list[str]:
    notes = [f"left out: {count} x {reason}" for reason, count in sorted(left_out.items())]
    given = {image.file.part for image in images if image.file.part}
    if given and fill:
        notes += [
            f"no {part} folder: its images are taken out of train"
            for part in PARTS[1:]
            if part not in given
        ]
    in_train = {int(g) for g, part in zip(groups, parts, strict=True) if part == "train"}
    for part in PARTS[1:]:
        alike = sum(p == part and int(g) in in_train for g, p in zip(groups, parts, strict=True))
        if alike:
            notes.append(
                f"{alike} {part} images look like train images: the {part} score is flattered"
            )
    return notes


def _notes_on_classes(groups: Counts) -> list[str]:
    """Where look-alikes are too few to fill the parts; nobody shall take that for a test."""
    notes = []
    for label in ANSWERS:
        count = sum(groups[part][label] for part in PARTS)
        empty = [part for part in PARTS[1:] if groups[part][label] == 0]
        if count and empty:
            many = "all look alike" if count == 1 else f"are {count} groups of look-alikes"
            notes.append(f"no {label} images in {' or '.join(empty)}: the {label} images {many}")
    return notes
