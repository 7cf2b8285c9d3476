"""Datasets: images on disk become labelled uint8 arrays and splits."""

from data.dataset import Dataset, Part, load_dataset
from data.errors import DatasetError
from data.folder import CLASSES, LabelledFile, default_directory, list_files
from data.listing import load_listing, read_listing, write_listing

__all__ = [
    "CLASSES",
    "Dataset",
    "DatasetError",
    "LabelledFile",
    "Part",
    "default_directory",
    "list_files",
    "load_dataset",
    "load_listing",
    "read_listing",
    "write_listing",
]
