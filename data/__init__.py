"""Datasets: images on disk become labelled uint8 arrays and splits."""

from data.dataset import Dataset, Part, load_dataset
from data.errors import DatasetError, RunError
from data.folder import PARTS, LabelledFile, default_directory, list_files
from data.labels import ANSWERS, CLASSES, LABELS
from data.listing import load_listing, read_listing, write_listing

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
