"""Training, validation and test: which image goes where, decided by what the images show."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from data.folder import PARTS
from data.labels import ANSWERS
from data.scan import ScannedImage
from edge.wording import counted

# Shares of the images of a class; a class with two groups of look-alikes does without validation.
HELD_OUT = {"test": 0.15, "validation": 0.15}
MOST_GROUPS = 3  # a part held out takes a third of the groups at most, if one is most of the class

CONTRADICTORY = "identical images with different labels"
HELD_OUT_TOO = "identical to an image held out for later"
LOOKS_TRAINED_ON = "looks like a training image"

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

    Of each label, test and then validation get 15 % of the images, to within one group. Which
    groups these are is decided by what the images show: the hash of a group's smallest digest is
    its rank, and those of the highest ranks are held out. So names and order do not matter, and a
    new file changes the part of three groups at most. Test gets a group if there are two,
    validation if there are three. What folders named train, validation and test say is kept; a part
    that they lack for a label is taken out of its train images in the same way.

    Left out are identical images with different labels, and, where folders name the parts, an
    image that is also in a part held out longer (test, then validation, then train). Where the
    parts are to stay as they are, images held out that look like training images are left out too.

    Args:
        images: From `data.scan.scan`.
        groups: From `data.lookalikes.group_lookalikes`.
        seed: Another one gives another split.
        fill_parts: False leaves a part empty that the folders lack, where they name any parts.
    """
    reasons = why_left_out([(im.digest, im.file.label, im.file.part) for im in images])
    parts = [None if reason else im.file.part for im, reason in zip(images, reasons, strict=True)]
    kept = [i for i, reason in enumerate(reasons) if not reason]
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
        sizes = {group: len(digests) for group, digests in movable.items()}
        placed = _place(numbers, sizes, missing)
        for i in mine:
            if images[i].file.part in (None, "train"):
                parts[i] = placed[int(groups[i])]
    if not fill:
        trained_on = {int(groups[i]) for i in kept if parts[i] == "train"}
        for i in kept:
            if parts[i] != "train" and int(groups[i]) in trained_on:
                parts[i], reasons[i] = None, LOOKS_TRAINED_ON
    counts = Counter(filter(None, reasons))
    of_groups = {(p, im.file.label, int(g)) for p, im, g in zip(parts, images, groups, strict=True)}
    return Split(
        parts=parts,
        left_out=dict(sorted(counts.items())),
        images=_count(labels, ((p, im.file.label) for p, im in zip(parts, images, strict=True))),
        groups=(count := _count(labels, ((part, label) for part, label, _ in of_groups))),
        notes=[
            *_notes_on_folders(images, groups, parts, counts, fill=fill),
            *(_notes_on_classes(count) if fill else []),
        ],
    )


def why_left_out(images: Sequence[tuple[str, str, str | None]]) -> list[str | None]:
    """Why each image is left out: CONTRADICTORY, HELD_OUT_TOO, or None where it is not.

    Args:
        images: Digest, label and part of each, where None counts as train.
    """
    labels: dict[str, set[str]] = defaultdict(set)
    held_longest: dict[str, int] = defaultdict(int)
    for digest, label, part in images:
        labels[digest].add(label)
        held_longest[digest] = max(held_longest[digest], PARTS.index(part or "train"))
    return [
        CONTRADICTORY
        if len(labels[digest]) > 1
        else HELD_OUT_TOO
        if PARTS.index(part or "train") < held_longest[digest]
        else None
        for digest, _, part in images
    ]


def identical(images: Iterable[ScannedImage]) -> list[list[ScannedImage]]:
    """Sets of two or more images with the same pixels, in order of appearance."""
    by_digest: dict[str, list[ScannedImage]] = defaultdict(list)
    for image in images:
        by_digest[image.digest].append(image)
    return [same for same in by_digest.values() if len(same) > 1]


def labels_differ(images: Iterable[ScannedImage]) -> bool:
    """Whether they do not all have the same label."""
    return len({image.file.label for image in images}) > 1


def _number(digest: str, seed: int) -> float:
    """Uniform in 0 to 1."""
    return int(hashlib.sha256(f"{seed} {digest}".encode()).hexdigest()[:13], 16) / 16**13


def _place(
    numbers: dict[int, float], sizes: dict[int, int], missing: Sequence[str]
) -> dict[int, str]:
    """The part of each group of one label, where the `missing` parts are taken out of train.

    Args:
        numbers: Of each group; those with the highest are held out.
        sizes: Images of each group.
        missing: The parts to fill.
    """
    rest = sorted(numbers, key=lambda group: -numbers[group])
    placed = dict.fromkeys(rest, "train")
    for part in HELD_OUT:
        if part not in missing or len(rest) < 2:  # the last group is trained on
            continue
        chosen: list[int] = []
        most = len(numbers) // MOST_GROUPS
        off = HELD_OUT[part] * sum(sizes.values())  # images that the part still lacks
        for group in rest:
            if sizes[group] <= off and len(chosen) < most:
                chosen.append(group)
                off -= sizes[group]
        # What is too large for the rest may still come nearer to it, and one group there must be.
        smallest = min(set(rest) - set(chosen), key=lambda group: (sizes[group], -numbers[group]))
        if not chosen or (len(chosen) < most and abs(off - sizes[smallest]) < off):
            chosen.append(smallest)
        placed |= dict.fromkeys(chosen, part)
        rest = [group for group in rest if group not in chosen]
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
                f"{counted(alike, f'{part} image')} {'looks' if alike == 1 else 'look'} like train "
                f"images: the {part} score is flattered"
            )
    return notes


def _notes_on_classes(groups: Counts) -> list[str]:
    """Notes where there are too few groups to fill the parts, so that there is no real test."""
    notes = []
    for label in ANSWERS:
        count = sum(groups[part][label] for part in PARTS)
        empty = [part for part in PARTS[1:] if groups[part][label] == 0]
        if count and empty:
            many = "all look alike" if count == 1 else f"are {count} groups of look-alikes"
            notes.append(f"no {label} images in {' or '.join(empty)}: the {label} images {many}")
    return notes
