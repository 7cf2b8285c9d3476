"""Datasets: images on disk become labelled uint8 arrays and splits.

What is public is imported when it is first used: a command that only begins to load can be ended
with Ctrl-C, and `--help` needs no OpenCV.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from data.dataset import Dataset, load_dataset
    from data.errors import DatasetError, RunError
    from data.folder import PARTS, LabelledFile, default_directory, list_files
    from data.labels import ANSWERS, CLASSES, LABELS
    from data.listing import load_listing, read_listing, write_listing
    from data.part import Part

__all__ = [
    "ANSWERS",
    "CLASSES",
    "LABELS",
    "PARTS",
    "Dataset",
    "DatasetError",
    "LabelledFile",
    "Part",
    "RunError",
    "default_directory",
    "list_files",
    "load_dataset",
    "load_listing",
    "read_listing",
    "write_listing",
]

_HOMES = {
    "dataset": ("Dataset", "load_dataset"),
    "errors": ("DatasetError", "RunError"),
    "folder": ("PARTS", "LabelledFile", "default_directory", "list_files"),
    "labels": ("ANSWERS", "CLASSES", "LABELS"),
    "listing": ("load_listing", "read_listing", "write_listing"),
    "part": ("Part",),
}


def __getattr__(name: str) -> Any:
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"data.{home}"), name)
    raise AttributeError(f"module 'data' has no attribute {name!r}")
