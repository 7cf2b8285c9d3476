"""A survey of image files: what they show, which of them look alike, and in which part each is."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

import numpy as np

from data.folder import LabelledFile
from data.lookalikes import clashing_pairs, count_steps, group_lookalikes
from data.progress import ProgressBar, no_progress_bar
from data.scan import Scan, scan
from data.split import Split, split
from data.thumbnails import Thumbnails
from edge.images.preprocess import InputSpec


@dataclass(frozen=True, slots=True, eq=False)
class Survey:
    """What is known of a set of files once all of them have been read.

    Attributes:
        scan: The readable images and the files that are none.
        groups: int64 (n,): the group of look-alikes of each image.
        equalised: int64 (n,): the same once all histograms are equalised, if `thorough`.
        clashing: Pairs of indices: nearly identical images with different labels, if `thorough`.
        split: The part of each image.
    """

    scan: Scan
    groups: np.ndarray
    equalised: np.ndarray
    clashing: list[tuple[int, int]]
    split: Split


def survey(
    files: Sequence[LabelledFile],
    spec: InputSpec | None = None,
    *,
    fill_parts: bool = True,
    thorough: bool = False,
    progress_bar: ProgressBar = no_progress_bar,
) -> Survey:
    """Reads, compares and splits image files.

    Args:
        files: From `data.folder.list_files`.
        spec: The model's input, to keep the images in that form too.
        fill_parts: As for `data.split.split`.
        thorough: Whether to look for mistakes too, which takes twice as long again.
        progress_bar: `data.progress.progress_bar`, to show how far it is.

    Raises:
        OutputError: There is no room for temporary files.
    """
    with closing(Thumbnails(len(files))) as thumbnails:
        with progress_bar(len(files), "reading") as step:
            scanned = scan(files, spec, step, thumbnails)
        images = scanned.images
        with progress_bar(count_steps(images) * (3 if thorough else 1), "comparing") as step:
            groups = equalised = group_lookalikes(images, thumbnails, step)
            clashing = []
            if thorough:
                clashing = clashing_pairs(images, thumbnails, step)
                with closing(thumbnails.equalised()) as others:
                    equalised = group_lookalikes(images, others, step)
    division = split(images, groups, fill_parts=fill_parts)
    return Survey(scanned, groups, equalised, clashing, division)
