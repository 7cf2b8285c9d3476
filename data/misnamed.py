"""A folder that is no dataset: what it holds, and which names would make one of it."""

import os
import re
from collections import deque
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from data.labels import CLASSES
from edge.images.image_file import SUFFIXES, is_image_name
from edge.wording import counted

# Words in the names of folders and files that stand for a label.
WORDS = {
    "happy": r"happ[yi]\w*|smil\w*|laugh\w*|joy(ful)?|glad|cheerful",
    "sad": r"sad(ness|faces?)?|unhapp[yi]\w*|frown\w*|cry(ing)?|sorrow(ful)?|upset",
}
SHOWN = 6  # entries of a folder that are listed
COUNTED = 1000  # files that are looked at; a folder may be the whole disk
DEEP = 3  # levels that are searched for a dataset further down
KINDS = {b"GIF8": ".gif", b"\xff\xd8\xff": ".jpg", b"\x89PNG": ".png", b"BM": ".bmp"}


def found_instead(root: Path) -> str:
    """What lies in a folder without `happy` or `sad`, and what to do, as the end of a sentence.

    Args:
        root: Where they were expected.
    """
    entries = list(islice(_entries(root), COUNTED))
    advice = _renamed(root, entries) or _elsewhere(root) or _sorted_files(root, entries)
    expected = " and ".join(str(root / label) for label in CLASSES)
    return f"{_held(entries)}; {advice or f'expected {expected}'}"


def no_images(folder: Path) -> str:
    """What lies in a folder in which no name is an image's, as the end of a sentence."""
    entries = list(islice(_entries(folder), COUNTED))
    found = (_ending(path) for path in entries if not _is_folder(path))
    ending = next(filter(None, found), None)
    endings = ", ".join(sorted(SUFFIXES))
    advice = f"add {ending} to the names" if ending else f"names of images end in one of {endings}"
    return f"{_held(entries)}; {advice}"


def label_meant(name: str) -> str | None:
    """The label that a name speaks of, "sad" for frowning_01.jpg; None where it is none or both."""
    words = re.findall(r"[a-z]+", name.lower())
    if {"not", "no", "non"} & set(words):
        return None
    meant = [label for label in CLASSES if any(re.fullmatch(WORDS[label], w) for w in words)]
    return meant[0] if len(meant) == 1 else None


def _renamed(root: Path, entries: list[Path]) -> str | None:
    """Folders that should have other names; None unless it is clear of both labels."""
    folders = [path for path in entries if _is_folder(path)]
    present = {path.name.lower() for path in folders}
    chosen = {}
    for label in CLASSES:
        if label not in present:
            meant = [path.name for path in folders if label_meant(path.name) == label]
            if len(meant) != 1:
                return None
            chosen[meant[0]] = label
    pairs = (f"{name} to {label}" for name, label in chosen.items())
    return f"rename {' and '.join(pairs)}"


def _elsewhere(root: Path) -> str | None:
    """The dataset above or further down, if there is one."""
    if root.name.lower() in CLASSES or label_meant(root.name):
        beside = {path.name.lower() for path in root.resolve().parent.iterdir()}
        if set(CLASSES) <= beside:
            return f"name the folder above it, {root.resolve().parent}"
    waiting = deque([(root, 0)])
    for folder, depth in islice(_popped(waiting), COUNTED):
        inside = [path for path in islice(_entries(folder), COUNTED) if _is_folder(path)]
        if depth and set(CLASSES) <= {path.name.lower() for path in inside}:
            is_part = folder.name.lower() == "train"
            return f"happy and sad are in {folder}: name {folder.parent if is_part else folder}"
        if depth < DEEP:
            waiting.extend((path, depth + 1) for path in inside)
    return None


def _sorted_files(root: Path, entries: list[Path]) -> str | None:
    """Which files to put where, if their names say it."""
    files = [path for path in entries if not _is_folder(path)]
    named = {
        label: [path for path in files if label_meant(path.name) == label] for label in CLASSES
    }
    if not all(named.values()):
        return None
    moves = " and ".join(
        f"the {len(paths)} like {paths[0].name} into {root / label}"
        for label, paths in named.items()
    )
    ending = _ending(named["happy"][0])
    return f"put {moves}{f', with {ending} added to their names' if ending else ''}"


def _ending(path: Path) -> str | None:
    """What an image's name lacks to be one; None where it has it, or the file is no image."""
    if is_image_name(path):
        return None
    try:
        with path.open("rb") as file:
            begin = file.read(4)
    except OSError:
        return None
    return next((ending for start, ending in KINDS.items() if begin.startswith(start)), None)


def _held(entries: list[Path]) -> str:
    more = f" and {len(entries) - SHOWN} more" if len(entries) > SHOWN else ""
    return f"it holds {', '.join(map(_described, entries[:SHOWN])) or 'nothing'}{more}"


def _described(path: Path) -> str:
    """A file's name; of a folder, how many images are in it too."""
    if not _is_folder(path):
        return path.name
    names = list(islice((name for *_, names in os.walk(path) for name in names), COUNTED))
    count = sum(is_image_name(Path(name)) for name in names)
    more = "at least " if len(names) == COUNTED else ""
    return f"{path.name}/ ({more}{counted(count, 'image')})"


def _entries(folder: Path) -> Iterator[Path]:
    """Folders, then files, by name, without hidden ones; none of a folder that may not be read."""
    try:
        seen = [path for path in folder.iterdir() if path.name[0] != "."]
    except OSError:
        return
    yield from sorted(seen, key=lambda path: (not _is_folder(path), path.name))


def _popped(waiting: deque[tuple[Path, int]]) -> Iterator[tuple[Path, int]]:
    while waiting:
        yield waiting.popleft()


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # what may not be looked at
        return False
