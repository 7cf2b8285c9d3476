"""Says what is wrong with a folder of images before anybody trains on it. Changes nothing."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from data.folder import list_folder
from data.labels import ANSWERS, CLASSES
from data.progress import ProgressBar, no_progress_bar
from data.scan import ScannedImage
from data.split import Counts, identical, labels_differ
from data.survey import Survey, survey
from edge.wording import counted

MIN_IMAGES = 10  # of a class; with fewer, no held-out score means anything
TINY_PX = 48  # the side of FER2013's faces; a mouth has few pixels below
MAX_RATIO, POOR_RATIO = 10.0, 3.0
ALTERED = {  # from which share of the images on a set is suspected, and of what
    "equalised": (0.5, "every level is used alike"),
    "clipped": (0.4, "many of their pixels are black or white"),
}


@dataclass(frozen=True, slots=True)
class Sizes:
    """How large the images are, in pixels.

    Attributes:
        min: [width, height] of the one with the smallest area.
        median: [width, height] of the one in the middle.
        max: [width, height] of the one with the largest area.
        tiny: How many have a side below TINY_PX.
    """

    min: list[int]
    median: list[int]
    max: list[int]
    tiny: int


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found. `asdict` of it is the JSON of `data check --json`, and stays so.

    Attributes:
        directory: The folder.
        files: Image files by label, readable or not.
        sizes: Sizes of the readable images; None if there are none.
        ignored: Files whose names are not those of images.
        unused_folders: Folders with images of other labels.
        unreadable: [path, reason] of the files that cannot be decoded.
        copies: Sets of paths with identical pixels and the same label.
        contradictory: Sets of paths with identical pixels and different labels.
        near_contradictory: Pairs of paths, nearly identical, with different labels.
        in_two_parts: Sets of paths with identical pixels in different part folders.
        altered: How many readable images look "equalised" and "clipped", by their histograms.
        equalised_copies: Sets of paths with the same label that look alike only once histograms
            are equalised, one path for each group of look-alikes.
        lookalikes: By label, "groups" of look-alikes and images in the "largest" of them.
        imbalance: Images of the larger class to one of the smaller; None if a class has none.
        images: Images by part and label, as training would split them.
        groups: Groups of look-alikes in the same way.
        problems: Sentences; with one of them training makes no sense.
        warnings: Sentences; with them it does, but somebody should look.
    """

    directory: str
    files: dict[str, int]
    sizes: Sizes | None
    ignored: list[str]
    unused_folders: list[str]
    unreadable: list[list[str]]
    copies: list[list[str]]
    contradictory: list[list[str]]
    near_contradictory: list[list[str]]
    in_two_parts: list[list[str]]
    altered: dict[str, int]
    equalised_copies: list[list[str]]
    lookalikes: dict[str, dict[str, int]]
    imbalance: float | None
    images: Counts
    groups: Counts
    problems: list[str]
    warnings: list[str]


def check(directory: Path, progress_bar: ProgressBar = no_progress_bar) -> Report:
    """Reads every image of a folder and reports on it.

    Args:
        directory: As for `data.folder.list_folder`.
        progress_bar: `data.progress.progress_bar`, to show how far it is.

    Raises:
        DatasetError: The folder is not as expected, or has no files for a class.
        OutputError: There is no room for temporary files.
    """
    folder = list_folder(directory)
    found = survey(folder.files, thorough=True, progress_bar=progress_bar)
    images, unreadable, division = found.scan.images, found.scan.unreadable, found.split
    same = identical(images)
    clashes = [s for s in same if labels_differ(s)]
    two_parts = [s for s in same if len({image.file.part for image in s}) > 1]
    near = [[images[one], images[other]] for one, other in found.clashing]
    usable = Counter(image.file.label for image in images)
    fewer, more = sorted(usable[label] for label in CLASSES)
    sizes = _sizes(images)

    problems = [
        f"{label}: {counted(usable[label], 'readable image')}, at least {MIN_IMAGES} are needed"
        for label in CLASSES
        if usable[label] < MIN_IMAGES
    ]
    problems += _sentences(
        (len(clashes), "set", "of identical images with different labels"),
        (len(two_parts), "set", "of identical images in two parts"),
    )
    warnings = _sentences(
        (len(unreadable), "file", "cannot be read"),
        (len(near), "pair", "of nearly identical images with different labels"),
        (sizes.tiny if sizes else 0, "image", f"with a side below {TINY_PX} pixels"),
        (len(folder.unused_folders), "folder", "with other labels left unused"),
    )
    altered = {
        "equalised": sum(image.tones.is_even for image in images),
        "clipped": sum(image.tones.is_clipped for image in images),
    }
    copies = _equalised_copies(images, found)
    warnings += [
        f"{altered[name]} of {len(images)} images look {name}: {cause}; get them as they were taken"
        for name, (share, cause) in ALTERED.items()
        if len(images) >= MIN_IMAGES and altered[name] >= share * len(images)
    ]
    warnings += _sentences((len(copies), "set", "of images that look alike once equalised"))
    if fewer and more / fewer > POOR_RATIO:
        is_worst = more / fewer > MAX_RATIO
        (problems if is_worst else warnings).append(
            f"one class has {more / fewer:.1f} times the images of the other"
        )
    return Report(
        directory=str(directory),
        files={label: sum(f.label == label for f in folder.files) for label in ANSWERS},
        sizes=sizes,
        ignored=[str(path) for path in folder.ignored],
        unused_folders=[str(path) for path in folder.unused_folders],
        unreadable=[[str(file.path), reason] for file, reason in unreadable],
        copies=_paths(s for s in same if s not in clashes),
        contradictory=_paths(clashes),
        near_contradictory=_paths(near),
        in_two_parts=_paths(two_parts),
        altered=altered,
        equalised_copies=_paths(copies),
        lookalikes=_lookalikes(images, found.groups),
        imbalance=round(more / fewer, 2) if fewer else None,
        images=division.images,
        groups=division.groups,
        problems=problems,
        warnings=[*warnings, *division.notes],
    )


def _sentences(*found: tuple[int, str, str]) -> list[str]:
    return [f"{counted(count, thing)} {text}" for count, thing, text in found if count]


def _paths(sets: Iterable[Sequence[ScannedImage]]) -> list[list[str]]:
    return [[str(image.file.path) for image in same] for same in sets]


def _equalised_copies(images: Sequence[ScannedImage], found: Survey) -> list[list[ScannedImage]]:
    """Of the groups that only equalising joins, one image for each group that it joins."""
    joined: dict[int, dict[int, ScannedImage]] = defaultdict(dict)
    for image, group, wider in zip(
        images, found.groups.tolist(), found.equalised.tolist(), strict=True
    ):
        joined[wider].setdefault(group, image)
    return [list(groups.values()) for groups in joined.values() if len(groups) > 1]


def _sizes(images: Sequence[ScannedImage]) -> Sizes | None:
    if not images:
        return None
    by_area = sorted((image.size_wh for image in images), key=lambda wh: (wh[0] * wh[1], wh))
    middle = by_area[(len(by_area) - 1) // 2]
    tiny = sum(min(size_wh) < TINY_PX for size_wh in by_area)
    return Sizes(list(by_area[0]), list(middle), list(by_area[-1]), tiny)


def _lookalikes(images: Sequence[ScannedImage], groups: np.ndarray) -> dict[str, dict[str, int]]:
    found = {}
    for label in ANSWERS:
        mine = Counter(
            g for g, im in zip(groups.tolist(), images, strict=True) if im.file.label == label
        )
        found[label] = {"groups": len(mine), "largest": max(mine.values(), default=0)}
    return found
